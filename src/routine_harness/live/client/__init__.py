"""Who works in a sandbox: the CLI of Claude Code, or a script."""
