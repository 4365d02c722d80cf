"""Recordings of cases: which are due, what they need and cost, and whether servers still fit them."""
