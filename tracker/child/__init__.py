"""Hostile files are opened in a process of its own, which has limits and is told nothing; knows of no room and no door."""
