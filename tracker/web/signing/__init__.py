"""Pages of signing in and out, one-time links, and one's own account."""
