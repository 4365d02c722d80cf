"""GitHub's MCP server: its calls read into operations, rows written as it answers."""
