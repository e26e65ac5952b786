"""What the texts ask."""
