"""Notion as its MCP server shows it: pages in Markdown between tags, databases as data sources."""
