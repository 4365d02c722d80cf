"""What a run says of itself: what its closing message claims, and the failures that it does not mention."""
