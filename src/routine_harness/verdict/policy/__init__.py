"""What is forbidden or too loud in every case of a folder, and the judge of one call."""
