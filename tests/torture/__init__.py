"""Long campaigns: run as `python -m tests.torture.NAME`; the suite runs short forms of them."""
