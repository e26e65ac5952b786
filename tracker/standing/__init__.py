"""How an entity stands: its tasks counted, and each obligation with what has come of it so far."""
