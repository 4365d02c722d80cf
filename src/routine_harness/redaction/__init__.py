"""What must never be written, and what is written in its place; pure (``store.redact`` writes)."""
