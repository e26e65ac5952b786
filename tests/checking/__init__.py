"""The second offline check: its page, and its agreement with the first."""
