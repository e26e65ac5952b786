"""Pages of reports: what left the house, and what is about to."""
