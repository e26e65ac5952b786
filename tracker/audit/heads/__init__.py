"""Signed heads: what has left the machine, or was written down beside the database, can be held against the chains."""
