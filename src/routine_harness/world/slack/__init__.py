"""Slack as its official MCP server shows it: Markdown in JSON, ids looked up by name first."""
