"""Values to text; nothing here prints."""
