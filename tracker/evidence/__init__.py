"""What proves it: files by digest, their versions and what they are named."""
