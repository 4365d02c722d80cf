"""Google Calendar as its MCP server shows it, as a declaration."""
