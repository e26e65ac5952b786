"""The workbench of the one who is signed in, and the search over everything in sight."""
