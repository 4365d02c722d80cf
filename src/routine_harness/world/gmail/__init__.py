"""Gmail as its MCP server shows it: JSON, threads of messages, drafts and labels by id."""
