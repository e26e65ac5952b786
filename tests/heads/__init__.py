"""Signed heads."""
