"""GitHub as a world: tables, tools, operations, and the REST forms of the same operations."""
