"""Helps people write a register file: its format as a JSON Schema, what every key means, a starter file from an official text."""
