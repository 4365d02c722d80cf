"""What GitHub's MCP server does to text before an agent reads it; it refuses to know whose text it is."""
