"""The plan of effects: what a run would do to the outside, read like a change plan.

``+`` creates, ``~`` changes, ``-`` removes, ``=`` makes again what is there already, ``!`` is
forbidden, ``?`` cannot be decided. What was refused is listed as refused, what changed nothing as
unchanged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

import msgspec

from routine_harness.finding import Finding
from routine_harness.report.ink import PLAIN, Ink
from routine_harness.report.text import clip, one_line
from routine_harness.session.run import Run
from routine_harness.verdict.further import CONTEXT
from routine_harness.world.effect import Effect

_SIGNS: Final = {
    "created": "+", "posted": "+", "pushed": "+", "added": "+", "scheduled": "+", "submitted": "+",
    "published": "+", "uploaded": "+", "sent": "+", "started": "+", "requested": "+", "forked": "+",
    "granted": "+", "fired": "+", "starred": "+",
    "deleted": "-", "removed": "-", "revoked": "-", "dismissed": "-", "unstarred": "-", "cancelled": "-",
    "undecided": "?", "opaque": "?", "called": "?",
}  # fmt: skip
_TOTALS: Final = {
    "+": "to create", "~": "to change", "-": "to remove", "=": "duplicate", "!": "forbidden",
    "?": "undecided", "refused": "refused", "unchanged": "unchanged", "opaque": "opaque",
}  # fmt: skip
_STYLES: Final = {"!": "error", "=": "error", "?": "warning"}
_WORDS: Final = ("title", "text", "body", "name", "branch", "path", "command", "emoji", "tag", "host")
BRANCHES: Final = "github.branches"
DUPLICATE: Final = "idempotency.duplicate"


class Marks(msgspec.Struct, frozen=True):
    """What findings and the world before a run say about its effects.

    ``forbidden`` are numbers of calls; ``again`` maps the number of a call to what its record duplicates;
    ``moves`` are the pushes, as (call, repository, branch), to a branch that is there already.
    """

    forbidden: Collection[int] = ()
    again: Mapping[int, str] = {}
    moves: Collection[tuple[int, str, str]] = ()


NOTHING_MARKED: Final = Marks()


def marks_of(run: Run, findings: Iterable[Finding], placed: str = "") -> Marks:
    """The marks of ``run``; ``placed`` is the placement of the context that the run stands for."""
    mine = [finding for finding in findings if finding.data.get(CONTEXT) in (None, placed)]
    forbidden = {
        number
        for finding in mine
        if finding.fails and finding.code.startswith("policy.")
        for number in finding.calls_in(run.number)
    }
    again = {
        finding.calls[-1]: str(finding.data["same_as"])
        for finding in mine
        if finding.code == DUPLICATE and finding.run == run.number and finding.calls
    }
    return Marks(forbidden, again, frozenset(_moves(run)))


def _moves(run: Run) -> Iterator[tuple[int, str, str]]:
    """The pushes to branches that were there before the run, or that it has pushed before."""
    known = {_branch(row.get("repository"), row.get("name")) for row in run.world_before.table(BRANCHES)}
    for effect in run.applied:
        branch = _branch(effect.fields.get("repository"), effect.fields.get("branch"))
        if effect.kind == "branch.pushed" and branch in known:
            yield effect.call, *branch
        if effect.kind in ("branch.pushed", "branch.created"):
            known.add(branch)


def _branch(repository: object, name: object) -> tuple[str, str]:
    return str(repository or ""), str(name or "").removeprefix("refs/heads/")


def sign(effect: Effect, marks: Marks = NOTHING_MARKED) -> str:
    """The plan's sign for ``effect``."""
    if effect.call in marks.forbidden:
        return "!"
    plain = _SIGNS.get(effect.kind.partition(".")[2], "~")
    if effect.call in marks.again and plain == "+":
        return "="
    branch = _branch(effect.fields.get("repository"), effect.fields.get("branch"))
    return "~" if effect.kind == "branch.pushed" and (effect.call, *branch) in marks.moves else plain


def render_effect(effect: Effect, *, width: int = 80, marks: Marks = NOTHING_MARKED) -> str:
    """One line: ``+ ticket SEC-1 "SQL injection in app/db.py"``."""
    noun, _, verb = effect.kind.partition(".")
    mark = sign(effect, marks)
    words = noun.replace("_", " ")
    if mark in "~?!":
        words += f" {verb}"
    parts = [mark, words]
    # A tool without an entry in the table is known by its name alone.
    target = effect.target or (effect.tool if effect.kind == "tool.called" else "")
    if target:
        parts.append(target)
    if mark == "=":
        parts.append(f"(same as {marks.again[effect.call]})")
    said = next((effect.fields[field] for field in _WORDS if effect.fields.get(field)), "")
    if said and str(said) != target:
        parts.append(f'"{one_line(str(said))}"')
    if effect.outcome != "applied":
        parts.insert(2, f"({effect.outcome})")
    return clip(" ".join(parts), width)


def render_plan(effects: Iterable[Effect], *, width: int = 80) -> Iterator[str]:
    """The lines of a plan of which nothing else is known, and its one-line total."""
    kept = list(effects)
    yield from plan_lines(kept, NOTHING_MARKED, width=width)
    yield total_line((effect, NOTHING_MARKED) for effect in kept)


def plan_lines(
    effects: Iterable[Effect], marks: Marks, *, width: int = 80, ink: Ink = PLAIN
) -> Iterator[str]:
    """The lines of a plan without its total; red is what is forbidden or made again."""
    for effect in effects:
        line = "  " + render_effect(effect, width=width - 2, marks=marks)
        dim = "faint" if effect.outcome == "unchanged" else ""
        yield ink(line, _STYLES.get(sign(effect, marks), dim))


def total_line(effects: Iterable[tuple[Effect, Marks]]) -> str:
    """``Plan: 1 to create, 1 duplicate.`` over effects with the marks of their runs."""
    counted: Counter[str] = Counter()
    for effect, marks in effects:
        mark = sign(effect, marks)
        if effect.kind == "command.opaque":
            counted["opaque"] += 1
        elif effect.outcome == "applied" or mark == "!":
            counted[mark] += 1
        else:
            counted[effect.outcome] += 1
    said = [f"{counted[key]} {_plural(words, counted[key])}" for key, words in _TOTALS.items()
            if counted[key]]  # fmt: skip
    return f"Plan: {', '.join(said) if said else 'nothing to do'}."


def _plural(words: str, count: int) -> str:
    return f"{words}s" if words == "duplicate" and count > 1 else words
