"""Languages: sets of texts that patterns describe, and a text that is in some and not in others.

The automata of all patterns run side by side over every text at once, the shortest texts first. So
the answer is exact: the first text that fits, or the proof that there is none.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from routine_harness.routine.automaton import Automaton, State, Unproved, compile_automaton
from routine_harness.routine.character_sets import Alphabet

Language = tuple[tuple[str, bool], ...]
"""Patterns, each with whether it adds the texts that it matches whole or takes them away; the last
one that matches decides."""
Wanted = tuple[tuple[Language, bool], ...]
"""Languages, each with whether a text has to be in it."""
Allowed = Callable[[str], bool]

EVERYTHING: Final = r"(?s:.*)"
MAX_STATES: Final = 10_000
_PLAIN: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_./:#"


def find_text(wanted: Wanted, allowed: Allowed) -> str | None:
    """The shortest text of ``allowed`` characters that is in every language as ``wanted``, or None.

    Raises:
        Unproved: a pattern cannot be made into an automaton, or there are too many states.
    """
    found = _found(wanted, allowed)
    if isinstance(found, Unproved):
        raise Unproved(str(found))
    return found


@functools.lru_cache(maxsize=4096)
def _found(wanted: Wanted, allowed: Allowed) -> str | Unproved | None:
    try:
        return _Search(wanted, allowed).find()
    except Unproved as error:  # remembered like any other answer: it is the dearest
        return error


class _Search:
    """One walk through the product of all automata, breadth first."""

    def __init__(self, wanted: Wanted, allowed: Allowed) -> None:
        self._wanted = wanted
        patterns = dict.fromkeys(pattern for language, _ in wanted for pattern, _ in language)
        self._places = {pattern: place for place, pattern in enumerate(patterns)}
        automata = [compile_automaton(pattern, dot_matches_newline=False) for pattern in patterns]
        self._alphabet = Alphabet(spans for automaton in automata for spans in automaton.sets())
        self._letters = _letters(self._alphabet, allowed)
        self._runs = [_Run(automaton, self._alphabet, list(self._letters)) for automaton in automata]

    def find(self) -> str | None:
        start = tuple(run.number(run.automaton.start) for run in self._runs)
        came: dict[tuple[int, ...], tuple[tuple[int, ...], str] | None] = {start: None}
        queue = [start]
        for state in queue:
            if self._fits([run.accepting(each) for run, each in zip(self._runs, state, strict=True)]):
                return _spelled(came, state)
            rows = [run.row(each) for run, each in zip(self._runs, state, strict=True)]
            for following, letter in zip(zip(*rows, strict=True), self._letters.values(), strict=True):
                if following not in came and self._alive(following):
                    if len(came) >= MAX_STATES:
                        raise Unproved(f"together they have more than {MAX_STATES:,} states")
                    came[following] = (state, letter)
                    queue.append(following)
        return None

    def _fits(self, accepting: Sequence[bool]) -> bool:
        for language, want in self._wanted:
            answers = [adds for pattern, adds in language if accepting[self._places[pattern]]]
            if (bool(answers) and answers[-1]) is not want:
                return False
        return True

    def _alive(self, state: tuple[int, ...]) -> bool:
        """Whether each wanted language can still be entered: some pattern that adds to it lives."""
        return all(
            any(adds and state[self._places[pattern]] != _DEAD for pattern, adds in language)
            for language, want in self._wanted
            if want
        )


_DEAD: Final = 0
"""The number of the state from which no text is accepted."""


class _Run:
    """One automaton over an alphabet, its states numbered as they are met."""

    def __init__(self, automaton: Automaton, alphabet: Alphabet, kinds: Sequence[int]) -> None:
        self.automaton = automaton
        self._alphabet = alphabet
        self._kinds = kinds
        self._states: list[State] = [(frozenset(), "")]
        self._numbers: dict[State, int] = {}
        self._rows: dict[int, list[int]] = {}
        self._accepting: dict[int, bool] = {}

    def number(self, state: State) -> int:
        if not state[0]:
            return _DEAD
        if state not in self._numbers:
            self._numbers[state] = len(self._states)
            self._states.append(state)
        return self._numbers[state]

    def accepting(self, number: int) -> bool:
        if number not in self._accepting:
            self._accepting[number] = self.automaton.accepts(self._states[number])
        return self._accepting[number]

    def row(self, number: int) -> list[int]:
        """The state that each kind of character leads to."""
        if number not in self._rows:
            self._rows[number] = list(self._following(self._states[number]))
        return self._rows[number]

    def _following(self, state: State) -> Iterator[int]:
        automaton, holds = self.automaton, self._alphabet.holds
        eats = {
            word: [
                each
                for part in automaton.reached(state, "word" if word else "other")
                for each in automaton.eats[part]
            ]
            for word in (True, False)
        }
        for kind in self._kinds:
            word = self._alphabet.words[kind]
            held = frozenset(target for spans, target in eats[word] if holds[spans][kind])
            yield self.number((held, "word" if word else "other"))


def _letters(alphabet: Alphabet, allowed: Allowed) -> dict[int, str]:
    """For each kind of character the plainest that is allowed, the plainest kinds first."""
    found: dict[int, str] = {}
    rows = list(alphabet.rows())
    for letter in _PLAIN:
        if allowed(letter):
            kind = next(kind for kind, (first, last) in rows if first <= ord(letter) <= last)
            found.setdefault(kind, letter)
    for kind, (first, last) in rows:
        if kind not in found:
            codes = range(first, last + 1)
            letter = next((chr(code) for code in codes if allowed(chr(code))), "")
            if letter:
                found[kind] = letter
    return found


def _spelled(came: dict[tuple[int, ...], tuple[tuple[int, ...], str] | None], state: tuple[int, ...]) -> str:
    letters: list[str] = []
    while (step := came[state]) is not None:
        state, letter = step
        letters.append(letter)
    return "".join(reversed(letters))
