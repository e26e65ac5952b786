"""Exports outside the request."""
