"""The only access to the disk; whatever is written is redacted."""
