"""One run: a session that answers tool calls, and what it leaves behind."""
