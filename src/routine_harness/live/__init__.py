"""The real agent in a sandbox."""
