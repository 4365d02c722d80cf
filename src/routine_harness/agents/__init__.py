"""Who executes a prompt in memory: recordings and scripts."""
