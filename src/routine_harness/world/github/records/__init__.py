"""GitHub's records: the tables, columns and fields of its world, and how other spellings become rows."""
