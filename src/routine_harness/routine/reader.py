"""Reading plain values into fields while collecting every problem, with its line.

Serves all files that a user writes; knows the shape of none of them.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Final, TypeVar

from routine_harness.errors import HarnessError, Problem, SpecError
from routine_harness.plain import Json, Record
from routine_harness.predicate import Predicate, PredicateError, RegexCompiler, parse_predicate
from routine_harness.routine.regex import compile_regex
from routine_harness.routine.spec import Path, Source

Value = TypeVar("Value")

_KINDS: Final = {dict: "a mapping", list: "a list", type(None): "nothing"}


def kind_of(value: Json) -> str:
    """A value in the words of a message: ``a mapping``, ``the text 'x'``, ``the number 3``."""
    if isinstance(value, str):
        return (
            "an empty text"
            if not value.strip()
            else f"the text {value!r}"
            if len(value) <= 60
            else "a long text"
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    return _KINDS.get(type(value), f"the number {value!r}")


def flag_hint(value: Json) -> str:
    """The hint for a word that YAML 1.1 took for a flag."""
    if value in ("yes", "on", "no", "off"):
        return f"write {'true' if value in ('yes', 'on') else 'false'}; {value} is a word"
    return ""


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known word that ``word`` resembles most, or None."""
    found = difflib.get_close_matches(word, sorted(known), n=1, cutoff=cutoff)
    return found[0] if found else None


def suggestion(word: str, known: Sequence[str], what: str) -> str:
    """A hint that names the nearest known word, or all of them where they are few."""
    found = nearest(word, known)
    if found is not None:
        return f"did you mean {found}?"
    if len(known) <= 12:
        return f"{what} are {', '.join(known)}"
    return ""


class Reader:
    """Collects the problems of one document while its values are read."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []

    def problem(self, path: Path, message: str, hint: str = "") -> None:
        """Note what is wrong with the value at ``path``."""
        self.problems.append(Problem(self.source.file, self.source.line(*path), message, hint))

    def take_over(self, path: Path, error: HarnessError) -> None:
        """Note the problems of another file, which ``path`` names; one without a place is ours."""
        for problem in error.problems:
            if problem.file:
                self.problems.append(problem)
            else:
                self.problem(path, problem.message, problem.hint)

    def raise_problems(self) -> None:
        """Raise one SpecError with everything noted, if there is anything: the problems of this
        document in the order of lines, then those of files that it names."""
        own = [problem for problem in self.problems if problem.file == self.source.file]
        others = [problem for problem in self.problems if problem.file != self.source.file]
        if self.problems:
            raise SpecError(*sorted(own, key=lambda problem: problem.line), *others)

    def fields(self, value: Json, path: Path, known: Sequence[str], what: str) -> Fields:
        """The mapping at ``path``, whose keys must be among ``known``; ``what`` names it."""
        if not isinstance(value, dict):
            self.problem(path, f"expected {what} as a mapping, found {kind_of(value)}")
            return Fields(self, {}, path, what, broken=True)
        unknown = [key for key in value if key not in known]
        for key in unknown:
            self.problem((*path, key), f"{what} has no key {key!r}", suggestion(key, known, "its keys"))
        return Fields(self, value, path, what, meant={nearest(key, known) for key in unknown})

    def items(self, value: Json, path: Path, what: str, hint: str = "") -> Iterator[tuple[Json, Path]]:
        """The elements of the list at ``path`` with their paths; ``hint`` shows how to write it."""
        if not isinstance(value, list):
            self.problem(path, f"expected a list of {what}, found {kind_of(value)}", hint)
            return
        for index, element in enumerate(value):
            yield element, (*path, index)

    def predicate(self, value: Json, path: Path, compiler: RegexCompiler = compile_regex) -> Predicate | None:
        """The predicate at ``path``; None, and a problem noted, if it is malformed."""
        try:
            return parse_predicate(value, compiler)
        except PredicateError as error:
            self.problem((*path, *error.path), error.message, error.hint)
            return None


class Fields:
    """The mapping at one path; each method reads one key, notes what is wrong with it and then
    gives the default. ``meant`` are the keys that a misspelt one stands for: none of them is missing."""

    def __init__(
        self,
        reader: Reader,
        data: Record,
        path: Path,
        what: str,
        *,
        broken: bool = False,
        meant: Collection[str | None] = (),
    ) -> None:
        self.reader = reader
        self.data = data
        self.path = path
        self.what = what
        self._broken = broken
        self._meant = meant

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def at(self, key: str | int) -> Path:
        return (*self.path, key)

    def problem(self, key: str, message: str, hint: str = "") -> None:
        """Note what is wrong with the value of ``key``."""
        self.reader.problem(self.at(key), message, hint)

    def require(self, key: str, hint: str = "") -> bool:
        """Whether ``key`` is there; a problem is noted if not."""
        if key in self.data:
            return True
        if not self._broken and key not in self._meant:
            self.reader.problem(self.path, f"{self.what} needs the key {key!r}", hint)
        return False

    def text(self, key: str, default: str = "") -> str:
        return self._typed(key, str, "a text", default, "quote it")

    def optional_text(self, key: str) -> str | None:
        return self.text(key) if self.data.get(key) is not None else None

    def flag(self, key: str, default: bool = False) -> bool:
        return self._typed(key, bool, "true or false", default, flag_hint(self.data.get(key)))

    def whole(self, key: str, default: int = 0, *, least: int = 0) -> int:
        """A whole number of at least ``least``."""
        value = self._typed(key, int, "a whole number", default)
        if isinstance(value, bool) or value < least:
            self.problem(
                key, f"expected {key} to be a whole number from {least}, found {kind_of(self.data[key])}"
            )
            return default
        return value

    def number(self, key: str, default: float = 0.0) -> float:
        """A number that is not negative."""
        value = self.data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            self.problem(key, f"expected {key} to be a number from 0, found {kind_of(value)}")
            return default
        return value

    def choice(self, key: str, options: Sequence[str], default: str) -> str:
        """One of ``options``."""
        value = self.text(key, default)
        if value not in options:
            hint = suggestion(value, options, "the choices")
            self.problem(key, f"expected {key} to be one of {', '.join(options)}, found {value!r}", hint)
            return default
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; a lone text is a list of one."""
        value = self.data.get(key)
        if value is None:
            return ()
        if isinstance(value, str):
            return (value,)
        found = []
        for element, path in self.reader.items(value, self.at(key), "texts"):
            if isinstance(element, str):
                found.append(element)
            else:
                self.reader.problem(path, f"expected a text, found {kind_of(element)}", "quote it")
        return tuple(found)

    def text_map(self, key: str) -> dict[str, str]:
        """A mapping of texts; numbers and flags are taken as they are written in JSON."""
        found = {}
        for name, value in self.mapping(key).items():
            if isinstance(value, dict | list):
                self.reader.problem((*self.at(key), name), f"expected a text, found {kind_of(value)}")
            else:
                found[name] = plain_text(value)
        return found

    def mapping(self, key: str) -> Record:
        """Any mapping; absent or empty (``key:``) is an empty one."""
        value = self.data.get(key)
        if value is None:
            return {}
        return self._typed(key, dict, "a mapping", {})

    def items(self, key: str, what: str) -> Iterator[tuple[Json, Path]]:
        """The elements of the list at ``key``; absent or empty (``key:``) is an empty list."""
        value = self.data.get(key)
        return self.reader.items(value, self.at(key), what) if value is not None else iter(())

    def each(self, key: str, what: str, read: Callable[[Json, Path], Value | None]) -> tuple[Value, ...]:
        """What ``read`` makes of each element of the list at ``key``; None is left out."""
        found = (read(element, path) for element, path in self.items(key, what))
        return tuple(value for value in found if value is not None)

    def _typed(self, key: str, kind: type[Value], words: str, default: Value, hint: str = "") -> Value:
        value = self.data.get(key, default)
        if isinstance(value, kind):
            return value
        unquoted = not isinstance(value, dict | list | None)
        self.problem(key, f"expected {key} to be {words}, found {kind_of(value)}", hint if unquoted else "")
        return default


def plain_text(value: Json) -> str:
    """A number or a flag as JSON writes it; a text as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
