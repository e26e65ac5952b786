"""What is not given out any more: sealed and redacted disclosures, and the events of the same chain that say so."""
