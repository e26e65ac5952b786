"""Official texts as people have them: read from TXT, DOCX or PDF; what the content is decides, not how the file is called."""
