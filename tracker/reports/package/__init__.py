"""The audit package: workbook, evidence files, an index to read them by, and what proves that nothing was changed."""
