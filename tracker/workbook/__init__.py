"""Workbooks in the house style, from plain values to bytes; knows nothing of the database or of any door."""
