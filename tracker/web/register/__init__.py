"""Pages of the register: obligations in a list, by document and clause, and each on its own."""
