"""GitHub workflows that run an agent, as actions or as agentic Markdown: read as drafts of routines."""
