"""A pattern → a table that decides it in one step a character: linear time by construction.

Where the guard runs only ``re`` is at hand, which may hang on a pattern that RE2 takes in its stride.
So patterns are made into deterministic automata when the guard is installed; what grows too large is
refused there. ``.`` matches a line break, as everywhere in a policy.
"""

from __future__ import annotations

from typing import Any, Final

from routine_harness.routine.automaton import Automaton, State, Unproved
from routine_harness.routine.character_sets import Alphabet
from routine_harness.routine.regex import compile_regex

MAX_STATES: Final = 3_000


def compile_automaton(pattern: str) -> dict[str, Any]:
    """The automaton of ``pattern`` over whole values, as JSON values for the guard's ``run_automaton``.

    Raises:
        ValueError: it is not RE2 syntax, or (``Unproved``) it cannot be proved.
    """
    compile_regex(pattern)
    return _determinize(Automaton(pattern, dot_matches_newline=True))


def _determinize(automaton: Automaton) -> dict[str, Any]:
    alphabet = Alphabet(automaton.sets())
    states: dict[State, int] = {automaton.start: 0}
    table: list[list[int]] = []
    accepting: list[int] = []
    queue: list[State] = list(states)
    for state in queue:
        if automaton.accepts(state):
            accepting.append(states[state])
        row: list[int] = []
        for kind in alphabet.kinds:
            before = "word" if alphabet.words[kind] else "other"
            following = frozenset(
                target
                for part in automaton.reached(state, before)
                for spans, target in automaton.eats[part]
                if alphabet.holds[spans][kind]
            )
            if not following:
                row.append(-1)
                continue
            reached = (following, before)
            if reached not in states:
                if len(states) >= MAX_STATES:
                    raise Unproved(f"it has more than {MAX_STATES} states: make it simpler")
                states[reached] = len(states)
                queue.append(reached)
            row.append(states[reached])
        table.append(row)
    rows = list(alphabet.rows())
    starts = [first for _, (first, _) in rows]
    return {"starts": starts, "ids": [kind for kind, _ in rows], "table": table, "accepting": accepting}
