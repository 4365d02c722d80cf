"""JQL on the rows of issues: fields, lists, ``~``, emptiness, ``AND``, ``OR``, ``NOT``, parentheses.

Field names and operators are Atlassian's documented ones. What needs more than an issue's own columns
(sprints, history, functions but ``currentUser()``) is beyond it, and is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from routine_harness.plain import Record
from routine_harness.world.simulated import Answer, Arguments, Operation
from routine_harness.world.state import World
from routine_harness.world.times import parse_instant
from routine_harness.world.tool import ToolResult
from routine_harness.world.words_in_text import said_in

KNOWN: Final = (
    "project, key, summary, description, text, status, issuetype, priority, labels, assignee, parent, "
    "duedate, created and updated with = != ~ !~ < <= > >= IN, NOT IN, IS EMPTY, joined by AND, OR, NOT, ( )"
)
ME: Final = "routine-owner"
Test = Callable[[Record], bool]

_TOKEN: Final = re.compile(
    r'\s*(?:"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\'|(!=|!~|<=|>=|[=~<>(),])|([^\s"\'=~<>!(),]+))'
)
_FIELDS: Final = {
    "project": "project", "key": "key", "issuekey": "key", "issue": "key", "id": "key", "summary": "summary",
    "description": "description", "status": "status", "issuetype": "type", "type": "type",
    "priority": "priority", "labels": "labels", "label": "labels", "assignee": "assignee",
    "parent": "parent", "duedate": "duedate", "due": "duedate", "created": "created",
    "createddate": "created", "updated": "updated", "updateddate": "updated",
}  # fmt: skip
_TIMES: Final = frozenset({"created", "updated", "duedate"})
_AGO: Final = re.compile(r"-(\d+)([mhdw])")
_SECONDS: Final = {"m": 60, "h": 3600, "d": 86400, "w": 604800}


class Beyond(Exception):  # noqa: N818 - an answer of the model's, not an error of ours
    """The query asks for what cannot be read from the rows; the text names it."""


def parse_jql(jql: str, now: int) -> Test:
    """The test that ``jql`` makes on an issue; ``now`` is what relative times count from.

    Raises:
        Beyond: it asks for more than the rows hold.
    """
    body = re.split(r"\border\s+by\b", jql, maxsplit=1, flags=re.IGNORECASE)[0]
    return _Reader(body, now).read()


class _Reader:
    def __init__(self, jql: str, now: int) -> None:
        self._tokens = _tokens(jql)
        self._at, self._now = 0, now

    def read(self) -> Test:
        if not self._tokens:
            return lambda _: True
        test = self._alternatives()
        if self._at < len(self._tokens):
            raise Beyond(self._tokens[self._at][0])
        return test

    def _alternatives(self) -> Test:
        tests = [self._conditions()]
        while self._is("OR"):
            tests.append(self._conditions())
        return tests[0] if len(tests) == 1 else lambda record: any(test(record) for test in tests)

    def _conditions(self) -> Test:
        tests = [self._condition()]
        while self._is("AND"):
            tests.append(self._condition())
        return tests[0] if len(tests) == 1 else lambda record: all(test(record) for test in tests)

    def _condition(self) -> Test:
        if self._is("NOT"):
            inner = self._condition()
            return lambda record: not inner(record)
        if self._is("("):
            test = self._alternatives()
            self._need(")")
            return test
        return self._clause()

    def _clause(self) -> Test:
        field, _ = self._next()
        name = field.lower()
        if name != "text" and name not in _FIELDS:
            raise Beyond(field)
        columns = ("summary", "description") if name == "text" else (_FIELDS[name],)
        if self._is("IS"):
            empty = not self._is("NOT")
            if self._next()[0].upper() not in ("EMPTY", "NULL"):
                raise Beyond(f"{field} IS")
            return lambda record: (record.get(columns[0]) in (None, "", [])) is empty
        negated = self._is("NOT")
        if self._is("IN"):
            return _among(columns[0], self._values(), negated=negated)
        operator, _ = self._next()
        value = self._value()
        if operator in ("~", "!~"):
            return _saying(columns, value, negated=operator == "!~")
        if operator in ("=", "!="):
            return _among(columns[0], [value], negated=operator == "!=")
        if operator not in ("<", "<=", ">", ">=") or columns[0] not in _TIMES:
            raise Beyond(f"{field} {operator}")
        return self._time(columns[0], operator, value)

    def _time(self, column: str, operator: str, value: str) -> Test:
        ago = _AGO.fullmatch(value)
        try:
            edge = (
                self._now - int(ago[1]) * _SECONDS[ago[2]] if ago else parse_instant(value.replace("/", "-"))
            )
        except ValueError:
            raise Beyond(f"{column} {operator} {value}") from None

        def test(record: Record) -> bool:
            if not record.get(column):
                return False
            at = parse_instant(record[column])
            return {"<": at < edge, "<=": at <= edge, ">": at > edge, ">=": at >= edge}[operator]

        return test

    def _values(self) -> list[str]:
        self._need("(")
        values = [self._value()]
        while self._is(","):
            values.append(self._value())
        self._need(")")
        return values

    def _value(self) -> str:
        value, quoted = self._next()
        if not quoted and self._is("("):
            self._need(")")
            if value.lower() != "currentuser":
                raise Beyond(f"{value}()")
            return ME
        return value

    def _is(self, word: str) -> bool:
        token, quoted = self._tokens[self._at] if self._at < len(self._tokens) else ("", True)
        found = not quoted and token.upper() == word
        self._at += found
        return found

    def _need(self, word: str) -> None:
        if not self._is(word):
            raise Beyond(f"a {word!r} that is missing")

    def _next(self) -> tuple[str, bool]:
        if self._at >= len(self._tokens):
            raise Beyond("a query without its end")
        self._at += 1
        return self._tokens[self._at - 1]


def _tokens(jql: str) -> list[tuple[str, bool]]:
    """Words and signs, each with whether it was quoted."""
    found, at, text = [], 0, jql.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise Beyond(text[at:].strip()[:20])
        double, single, sign, word = match.groups()
        quoted = double if double is not None else single
        found.append((re.sub(r"\\(.)", r"\1", quoted), True) if quoted is not None else (sign or word, False))
        at = match.end()
    return found


def _among(column: str, values: list[str], *, negated: bool) -> Test:
    wanted = {value.lower() for value in values}
    if wanted & {"empty", "null"}:
        raise Beyond(f"{column} = EMPTY (write IS EMPTY)")

    def test(record: Record) -> bool:
        held = record.get(column)
        if held in (None, "", []):
            return False  # JQL leaves out what is empty, also of !=
        listed = held if isinstance(held, list) else [held]
        return any(str(one).lower() in wanted for one in listed) is not negated

    return test


def _saying(columns: tuple[str, ...], value: str, *, negated: bool) -> Test:
    words = value.split()

    def test(record: Record) -> bool:
        said = "\n".join(str(record.get(name) or "") for name in columns)
        return all(said_in(said, word) for word in words) is not negated

    return test


def reading_jql(listing: Operation) -> Operation:
    """``listing``, which lists all issues, with the rows that ``jql`` selects alone."""

    def search(world: World, arguments: Arguments) -> Answer:
        asked = {name: value for name, value in arguments.items() if name != "jql"}
        try:
            test = parse_jql(arguments["jql"], world.clock)
        except Beyond as beyond:
            what = f"the JQL {arguments['jql']!r}: {beyond}"
            said = f"The simulated Jira cannot answer this: {what}."
            return Answer(world, ToolResult(said, is_error=True), incomplete=what, known=KNOWN)
        chosen = world
        for key, row in world.table("jira.issues").items():
            if not test(row):
                chosen = chosen.remove("jira.issues", key)
        return Answer(world, listing(chosen, asked).value)

    return search
