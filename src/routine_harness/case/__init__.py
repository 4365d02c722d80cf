"""One test of a routine: its file, its World 0, its result."""
