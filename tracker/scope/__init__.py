"""Which obligations bind which entity, and why."""
