"""A routine on its way from somebody else's format into ours, and what got lost on the way.

Nothing here knows a format; what cannot be carried over is listed with its line, never dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.routine.edition import load_edition
from routine_harness.routine.yaml_writer import imported_yaml

_SLUG: Final = re.compile(r"[^a-z0-9]+")


class Lost(msgspec.Struct, frozen=True):
    """Something that has no counterpart: what it is, where it stood, and what that means.

    A ``restriction`` kept the original from starting or doing something, which nothing does now.
    """

    what: str
    line: int
    why: str
    restriction: bool = False

    @property
    def kind(self) -> tuple[str, str]:
        """What it is without its place in a list, and what that means."""
        return re.sub(r"\[\d+\]", "[]", self.what), self.why

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}: {self.why}" if self.line else f"{self.what}: {self.why}"


class Question(msgspec.Struct, frozen=True):
    """Something that only the user can say; ``option`` is the command's option that says it."""

    option: str
    text: str
    choices: tuple[str, ...] = ()


class Claim(msgspec.Struct, frozen=True):
    """What a file takes for granted about the platform; ``edition`` is the one in which it holds."""

    topic: str
    edition: str
    text: str


@dataclass
class Draft:
    """A routine being put together. ``policy`` is in the shape of a policy file."""

    name: str
    prompt: str = ""
    title: str = ""
    description: str = ""
    enabled: bool = True
    repositories: list[Json] = field(default_factory=list)
    connectors: list[Json] = field(default_factory=list)
    tools: list[str] | None = None
    environment: Record = field(default_factory=dict)
    model: str | None = None
    triggers: list[Record] = field(default_factory=list)
    policy: Record = field(default_factory=dict)
    lost: list[Lost] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    def lose(self, what: str, line: int, why: str) -> None:
        """List something that is not carried over."""
        self.lost.append(Lost(what, line, why))

    def restrict(self, what: str, line: int, why: str) -> None:
        """List a restriction that is not carried over: the routine is written switched off."""
        self.lost.append(Lost(what, line, why, restriction=True))
        self.enabled = False

    def lacks(self, what: str) -> bool:
        """Whether ``what`` is listed."""
        return any(each.what == what for each in self.lost)

    def asks(self, option: str) -> bool:
        """Whether a question that ``option`` answers is open."""
        return any(each.option == option for each in self.questions)

    def answered(self, option: str) -> None:
        """Drop the questions that ``option`` has answered."""
        self.questions = [each for each in self.questions if each.option != option]

    def ask(self, option: str, text: str, choices: tuple[str, ...] = ()) -> None:
        """Note what only the user can say."""
        self.questions.append(Question(option, text, choices))


def listed(value: Json) -> list[Json]:
    """``value`` as a list: other formats write a single thing without one, and nothing as nothing."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def settings_of(value: Json) -> Record:
    """``value`` if it is a mapping, its keys as texts, else an empty one."""
    return {str(key): inner for key, inner in value.items()} if isinstance(value, dict) else {}


def triggers_of(words: Sequence[str]) -> list[Record]:
    """The triggers that the user names: ``api``, cron expressions, and events for one GitHub trigger."""
    crons = [word for word in words if len(word.split()) >= 5 or word.startswith("@")]
    events = [word for word in words if word != "api" and word not in crons]
    triggers: list[Record] = [{"type": "schedule", "cron": cron} for cron in crons]
    triggers += [{"type": "github", "events": events}] if events else []
    return triggers + ([{"type": "api"}] if "api" in words else [])


def slug(text: str) -> str:
    """``text`` as a routine's name; of letters with accents, the letters."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", text.casefold()) if each.isascii())
    return _SLUG.sub("-", plain).strip("-") or "routine"


def routine_text(draft: Draft, source: str) -> str:
    """The routine file of a draft, with what was lost in comments at its head."""
    data: Record = {"name": draft.name}
    if draft.title and draft.title != draft.name:
        data["title"] = draft.title
    if not draft.enabled:
        data["enabled"] = False
    for key in ("description", "repositories", "connectors"):
        if getattr(draft, key):
            data[key] = getattr(draft, key)
    if draft.tools is not None:
        data["tools"] = draft.tools
    for key in ("environment", "model"):
        if getattr(draft, key):
            data[key] = getattr(draft, key)
    data["triggers"] = draft.triggers
    restricted = [str(each) for each in draft.lost if each.restriction]
    if restricted and any(each.get("type") == "github" for each in draft.triggers):
        stopped = load_edition().paused
        told = " and ".join((*stopped.stops, *stopped.fails))
        restricted.append(f"a pause stops {told}: GitHub events start it even so, until this is seen to")
    others = [str(each) for each in draft.lost if not each.restriction]
    head = [f"# Imported from {source}."]
    head += comments_of("Restrictions that are not carried over, so that it is switched off:", restricted)
    head += comments_of("Not carried over:", others)
    head += comments_of("To be decided:", [f"{each.text} ({each.option})" for each in draft.questions])
    return "\n".join(head) + "\n" + imported_yaml(data) + _block("prompt", draft.prompt)


def _block(key: str, text: str) -> str:
    """``key`` with ``text`` as a block, trailing spaces included, which the library would quote."""
    lines = text.rstrip("\n").split("\n")
    plain = all(part.isprintable() for line in lines for part in line.split("\t"))
    if not plain or text[:1] in ("", " ", "\n", "\t"):
        return imported_yaml({key: text})
    ended = len(text) - len(text.rstrip("\n"))
    mark = {0: "|-", 1: "|"}.get(ended, "|+")
    body = "".join(f"  {line}\n" if line else "\n" for line in lines)
    return f"{key}: {mark}\n{body}" + "\n" * max(ended - 1, 0)


def comments_of(title: str, lines: Sequence[str]) -> list[str]:
    """``lines`` as comments below ``title``; nothing where there are none."""
    if not lines:
        return []
    return [f"# {title}", *(f"#   {line}".replace("\n", " ") for line in lines)]
