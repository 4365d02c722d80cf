"""What GitHub does: an operation is a function from a world and arguments to a world and rows."""
