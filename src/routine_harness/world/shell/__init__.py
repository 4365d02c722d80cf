"""Shell commands read for what they would do outside; see ``command_reading``."""
