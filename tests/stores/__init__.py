"""Tests of what keeps the stores sound."""
