"""Sentry as its official MCP server shows it: Markdown, and a dispatcher for its other tools."""
