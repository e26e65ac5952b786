"""What comes back from Excel: read, compared cell by cell with what stands now, decided, and carried out as the pages do it."""
