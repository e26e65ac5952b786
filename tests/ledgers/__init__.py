"""Tests of ledgers of the company's own."""
