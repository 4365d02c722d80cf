"""What is thought of a run pair: expectations, policy, noise, idempotency."""
