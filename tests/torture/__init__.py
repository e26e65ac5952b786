"""Long campaigns, each run as `python -m tests.torture.NAME`; the suite holds their short forms."""
