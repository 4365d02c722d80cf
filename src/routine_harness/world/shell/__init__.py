"""Shell commands read for what they would do outside; see ``reading``."""
