"""The tools of GitHub's MCP server by schema, and operations as calls of tools."""
