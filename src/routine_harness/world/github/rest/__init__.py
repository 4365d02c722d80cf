"""GitHub's REST API: requests read into operations, rows written as it answers."""
