"""Copies for the worst day: made while the system is in use, put back, and tried out."""
