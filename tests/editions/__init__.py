"""Editions: what a file would do, what it then does, and that nothing is lost."""
