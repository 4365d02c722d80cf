"""What starts a routine: events, matches, limits."""
