"""Pages for administrators: entities, people, and who is what in which entity."""
