"""Pages of tasks: the list, one task with its evidence and review, and what the officer does to many at once."""
