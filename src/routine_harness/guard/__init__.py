"""The runtime hook, self-contained."""
