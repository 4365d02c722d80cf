"""Run twice: when two records are the same matter, and what the second run does to those of the first."""
