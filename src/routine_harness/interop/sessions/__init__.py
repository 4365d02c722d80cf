"""Sessions of Claude Code that were run elsewhere: read, and made into a recording, a case and a routine."""
