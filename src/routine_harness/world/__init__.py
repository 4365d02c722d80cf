"""The outside, simulated: state, connectors, effects."""
