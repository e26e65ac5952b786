"""Exports that were asked for: they wait, are built by a worker, can be cancelled and started again."""
