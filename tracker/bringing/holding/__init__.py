"""What the application holds of the rows that come back."""
