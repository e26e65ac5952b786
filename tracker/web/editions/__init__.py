"""Pages of registers and their editions: what is kept, what a file would change, what every edition changed."""
