"""Pages of retention: how long things are kept, legal holds, sealing, and what two people take away."""
