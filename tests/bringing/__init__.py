"""What comes back from Excel."""
