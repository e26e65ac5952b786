"""Pages of what comes back from Excel: sheets to fill in, the preview of what came back, carrying it out."""
