"""What is saved: routines, their files and the platform rules by date."""
