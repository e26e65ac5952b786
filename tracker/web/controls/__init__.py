"""Pages of controls: what an entity adds to obligations for its three lists, one by one or many at once."""
