"""Archives through the triggers."""
