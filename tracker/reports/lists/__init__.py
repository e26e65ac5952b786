"""The three lists (三张清单), the record of reviews, and the board's page: sheets made of the same rows as the ledger."""
