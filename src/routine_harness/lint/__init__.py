"""What the files alone give away."""
