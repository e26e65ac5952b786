"""What lets a reader check the workbook without the application: records beside the shown rows, the links of the chain, the last page."""
