"""Changing what is in force: an edition is looked at with its consequences, put in force as a whole, compared, put back."""
