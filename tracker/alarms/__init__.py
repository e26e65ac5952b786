"""Alarms: what must not wait until somebody happens to look, raised once and settled when it is well again."""
