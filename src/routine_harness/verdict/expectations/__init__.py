"""What a case demands of one run, as values, and the judge of each."""
