"""Branches as prompts name them: in quotation marks, or bare where every repository has one of that name."""

from __future__ import annotations

import re
from typing import Final

from routine_harness.plain import Json, Record

_BRANCH: Final = re.compile(r"[`'\"](?P<quoted>[\w./<>{}*$-]+)[`'\"]|\b(?P<bare>main|master|trunk|develop)\b")
_TURN: Final = re.compile(r"\b(?:but|instead|only|however|unless|until|except)\b|[;—:.]")
_OPEN: Final = re.compile(r"[<{*$]")


def named_branch(name: str) -> Json:
    """A branch by its name, or by what stands before the part that a run fills in; empty if nothing does."""
    known = _OPEN.split(name)[0]
    return name if known == name and not name.endswith("/") else {"starts_with": known} if known else ""


def clause_of(text: str) -> str:
    """``text`` up to where the sentence turns; a point inside quotation marks is none."""
    shown = re.sub(r"[`'\"][^`'\"\s]+[`'\"]", lambda found: "x" * len(found[0]), text)
    turn = _TURN.search(shown)
    return text if turn is None else text[: turn.start()]


def branches_in(text: str) -> list[Json]:
    """The branches that ``text`` names, those with a part left open by what stands before it."""
    found: Record = {}
    for match in _BRANCH.finditer(text):
        name = match["quoted"] or match["bare"]
        if branch := named_branch(name):
            found.setdefault(name, branch)
    return list(found.values())


def one_or_any(named: list[Json]) -> Json:
    """The predicate that each of the branches satisfies, and no other one."""
    if len(named) == 1:
        return named[0]
    plain = all(isinstance(each, str) for each in named)
    return {"is_one_of": named} if plain else {"any_of": named}
