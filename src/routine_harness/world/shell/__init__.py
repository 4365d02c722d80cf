"""Shell commands read for what they would do outside; see ``effects.shell_effects``."""
