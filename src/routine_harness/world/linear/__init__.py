"""Linear as its official MCP server shows it: JSON in a text block, issues by their human keys."""
