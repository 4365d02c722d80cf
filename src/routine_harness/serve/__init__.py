"""Worlds over MCP, the model endpoint, the fire endpoint."""
