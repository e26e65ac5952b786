"""Tests of the door for people with a browser."""
