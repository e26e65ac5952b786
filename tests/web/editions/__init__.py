"""Tests of the pages of registers and editions."""
