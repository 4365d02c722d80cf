"""The decision over verdicts, lint findings and evidence."""
