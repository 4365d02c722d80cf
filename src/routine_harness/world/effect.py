"""Effects: what a tool call does to the outside, in the words of one closed table.

An effect is kept as attempted, and with what became of it. The table (``effect_table``) maps
(connector, tool, method) to kind and normalised fields and needs no world, so that the guard,
imported transcripts and cassettes are judged by the same words.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from routine_harness.plain import Record

EffectOutcome = Literal["applied", "refused", "unchanged"]


class Effect(msgspec.Struct, frozen=True):
    """A normalised outward act.

    ``kind`` is ``noun.verb`` of ``world.kinds``; ``target`` names the record for a reader
    (``SEC-4``, ``acme/core#42``, ``#security-alerts``); ``fields`` hold normalised JSON values.
    ``outcome``: ``applied``, ``refused`` (the result was an error, or the call was not let
    through) or ``unchanged`` (an update that changes nothing). ``call`` is the number of the tool
    call in its run, from 1.
    """

    kind: str
    connector: str
    target: str = ""
    fields: Record = {}
    outcome: EffectOutcome = "applied"
    call: int = 0
    tool: str = ""

    @property
    def noun(self) -> str:
        return self.kind.partition(".")[0]
