"""How long things are kept: retention classes and their ends, legal holds, and what two people may take away afterwards."""
