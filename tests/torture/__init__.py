"""Long forms of the campaigns, run by hand: python -m tests.torture.NAME."""
