"""The platform's rules by date: one table per dated edition.

The tables are data of the package (``platform/*.yaml``); ``policy.yaml`` may override any rule.
What is undocumented is a setting with a stated default, so that a verdict can say it depends on it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from routine_harness.errors import Problem, UsageError
from routine_harness.plain import Json, Record
from routine_harness.routine.edition_overrides import OverrideProblem, locate_error, override_table
from routine_harness.routine.edition_rules import (
    Appended,
    Attribution,
    Block,
    Capture,
    EventCategory,
    Limit,
    OfferedRule,
    OwnToolTable,
    PausedRule,
    PayloadRule,
    PushRule,
    Refusal,
    Rule,
    ScheduleRule,
    SessionRules,
    Setting,
    SettingsRule,
)
from routine_harness.routine.spec import Routine

EDITIONS: Final = ("2026-04", "2026-08", "2026-10")
LATEST: Final = EDITIONS[-1]
APPENDED: Final = ("comment_suffix", "commit_trailer", "pull_request_footer")
"""What the platform's tooling appends, by the names of the edition and of a world's settings."""


class Edition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The platform's rules as of one date."""

    edition: str
    since: str
    sources: dict[str, str]
    events: dict[str, EventCategory]
    filter_fields: dict[str, Rule]
    operators: dict[str, Rule]
    limits: tuple[Limit, ...]
    push: PushRule
    own_tools: OwnToolTable
    payload: PayloadRule
    schedule: ScheduleRule
    paused: PausedRule
    repository_settings: SettingsRule
    refusals: dict[str, Refusal]
    banner: Block
    offered: dict[str, OfferedRule]
    github_context: Block
    reminder: Block
    appended: dict[str, Appended]
    settings: dict[str, Setting]

    @property
    def event_names(self) -> frozenset[str]:
        """Every qualified event name that a github trigger can fire on."""
        return frozenset(f"{name}.{action}" for name, c in self.events.items() for action in c.actions)

    def setting(self, name: str) -> bool | str:
        """What holds for the undocumented point ``name``."""
        return self.settings[name].chosen

    def session_rules(self, routine: Routine | None = None) -> SessionRules:
        """What a cloud session of ``routine`` changes in the answers of services."""
        points = {n: each for n, each in self.settings.items() if each.part == "session"}
        names = {n: each.names for n, each in points.items() if each.names}
        rules = SessionRules(
            {n: each.chosen for n, each in points.items()}, self.refusals, names, push=self.push
        )
        if routine is None:
            return rules
        return msgspec.structs.replace(
            rules,
            repositories=tuple(one.full_name for one in routine.repositories if one.host == "github"),
            installed=routine.environment.app_installed,
            hosted=routine.environment.hosted,
            unrestricted=tuple(one.full_name for one in routine.repositories if one.unrestricted_pushes),
        )

    def assumed(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of ``names`` that rest on observations alone and that no policy has answered."""
        asked = set(names)
        return tuple(
            n for n, each in self.settings.items() if n in asked and each.assumed and each.trust != "DOC"
        )

    def with_setting(self, name: str, value: bool | str) -> Edition:
        """The same rules with another answer to one undocumented point."""
        changed = msgspec.structs.replace(self.settings[name], value=value)
        return msgspec.structs.replace(self, settings={**self.settings, name: changed})

    def appended_text(self, name: str) -> str:
        """What is appended as ``comment_suffix``, ``commit_trailer`` or ``pull_request_footer``."""
        rule = self.appended.get(name)
        return rule.text if rule else ""


def load_edition(name: str = LATEST, overrides: Mapping[str, Json] | None = None) -> Edition:
    """The rules of the edition ``name``, with ``overrides`` in the shape of its table.

    Mappings are merged key by key; ``limits`` are addressed by name (``limits: {github-per-routine:
    60}`` or ``{…: {amount: 60, beyond: waits}}``), ``settings`` by name and value.

    Raises:
        UsageError: no such edition, or an override that no table has.
    """
    if name not in EDITIONS:
        raise UsageError(
            Problem("", 0, f"unknown platform edition {name!r}", f"the editions are {', '.join(EDITIONS)}")
        )
    if not overrides:
        return _load(name)
    edition, problems = _overridden(name, overrides)
    if edition is None:
        raise UsageError(*(Problem("", 0, f"platform {name}: {text}") for _, text in problems))
    return edition


@functools.cache
def load_captures() -> tuple[Capture, ...]:
    """What was seen of when a context reaches its agent, the oldest first."""
    return msgspec.convert(_read("context")["captures"], tuple[Capture, ...])


@functools.cache
def load_attribution() -> tuple[Attribution, ...]:
    """The lines that end texts by the platform's doing."""
    return msgspec.convert(_read("attribution")["attribution"], tuple[Attribution, ...])


def check_overrides(name: str, overrides: Mapping[str, Json]) -> list[OverrideProblem]:
    """What is wrong with ``overrides`` of the edition ``name``, each with the keys that lead to it."""
    return _overridden(name, overrides)[1]


def _overridden(name: str, overrides: Mapping[str, Json]) -> tuple[Edition | None, list[OverrideProblem]]:
    problems: list[OverrideProblem] = []
    table = override_table(_table(name), overrides, problems)
    try:
        edition = msgspec.convert(table, Edition)
    except msgspec.ValidationError as error:
        return None, [*problems, locate_error(str(error), table)]
    return (None if problems else edition), problems


@functools.cache
def _load(name: str) -> Edition:
    return msgspec.convert(_table(name), Edition)


@functools.cache
def _table(name: str) -> Record:
    table = _read(name)
    return {**table, "edition": name, "since": str(table["since"])}


def _read(name: str) -> Record:
    """A table of the package as it is written."""
    # Imported here: an idle plugin never asks for an edition.
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = (Path(__file__).parents[1] / "platform" / f"{name}.yaml").read_text("utf-8")
    table: Record = yaml.load(text, Loader=loader)  # noqa: S506 - a safe loader, in C where there is one
    return table
