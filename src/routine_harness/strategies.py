"""Hypothesis strategies for events: valid ones, ones that fire a trigger, near misses.

Needs the extra ``[properties]``.
"""

from routine_harness.trigger.strategies import events, firing_events, near_misses

__all__ = ["events", "firing_events", "near_misses"]
