"""Carrying out what was decided, through the very actions that the pages use."""
