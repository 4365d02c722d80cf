"""Connectors by declaration: tables, and tools that create, list, get, update and delete their rows."""
