"""Reports: what leaves in Excel, and what comes back."""
