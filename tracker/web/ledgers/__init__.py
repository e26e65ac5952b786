"""Pages of ledgers: a workbook is sent, its columns are mapped on screen, and what it comes to goes the way of every register file."""
