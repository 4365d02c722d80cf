"""Jira as Atlassian's Rovo MCP server shows it, as a declaration."""
