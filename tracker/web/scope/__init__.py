"""Pages of scope: which obligations bind an entity, and why."""
