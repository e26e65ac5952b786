"""Planted defects: one-line patches, each of which some test must notice."""
