"""Pages of evidence: the library of an entity, one piece with its versions, its preview and its file."""
