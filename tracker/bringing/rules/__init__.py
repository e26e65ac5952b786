"""What each list may say: its columns, what its cells mean, and what its rows must not become."""
