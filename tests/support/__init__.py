"""What the tests of several rooms share; what one room needs stands in its own folder."""
