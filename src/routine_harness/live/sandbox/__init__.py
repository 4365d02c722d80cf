"""The place in which an agent works: its files, its processes, its clock, its limits."""
