"""Tests of the pages of obligations, scope and assignments, on the real register."""
