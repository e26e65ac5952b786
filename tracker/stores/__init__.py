"""Keeping the stores sound: all bytes read again at a modest rate, and files that no row names cleared away with care."""
