"""What an entity adds to an obligation for its own management: process, risk, post, measure; the fields of the three lists (三张清单)."""
