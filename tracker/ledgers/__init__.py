"""A company's own ledger in Excel, taken in as a register of its own: headings mapped once and remembered, nothing lost in silence."""
