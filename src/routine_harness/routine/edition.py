"""The platform's rules by date: one table per edition, each rule with its source and trust label.

The tables are data of the package (``platform/*.yaml``); ``policy.yaml`` may override any rule.
What is undocumented is a setting with a stated default, so that a verdict can say it depends on it.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final, Literal

import msgspec

from routine_harness.errors import Problem, UsageError

EDITIONS: Final = ("2026-04", "2026-08", "2026-10")
LATEST: Final = EDITIONS[-1]

Trust = Literal["DOC", "OBS", "3P", "INFER"]
"""Official documentation, observed by a third party, asserted by one, inferred."""

Consequence = Literal["waits", "fails", "dropped"]
Scope = Literal["routine", "account"]
Start = Literal["schedule", "once", "manual", "api", "rearm", "github"]
"""How a run is started, as the limits tell starts apart."""


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a rule is known from (a key of ``Edition.sources``) and how far that can be trusted."""

    source: str
    trust: Trust
    note: str = ""


class EventCategory(Rule, frozen=True, kw_only=True):
    """The actions of one kind of webhook; ``filterable`` says whether filters are documented for it."""

    actions: tuple[str, ...]
    filterable: bool = False


class Limit(Rule, frozen=True, kw_only=True):
    """How many runs of ``kinds`` may start per hour or day, counted for a routine or the account.

    ``published`` is false where only the limit's existence is documented: the amount is ours; of
    ``assumed_plans`` it is ours too.
    """

    name: str
    kinds: tuple[Start, ...]
    per: Literal["hour", "day"]
    scope: Scope
    beyond: Consequence
    amount: int | None = None
    amount_by_plan: dict[str, int] = {}
    published: bool = True
    assumed_plans: tuple[str, ...] = ()

    def assumed(self, plan: str) -> bool:
        """Whether nobody has published the amount under ``plan``: say so wherever it decides."""
        return not self.published or plan in self.assumed_plans

    def amount_for(self, plan: str) -> int | None:
        """The amount under ``plan``; None where the plan has no such limit."""
        return self.amount_by_plan.get(plan, self.amount)

    @property
    def seconds(self) -> int:
        return 3600 if self.per == "hour" else 86400


class PushRule(Rule, frozen=True, kw_only=True):
    """Which branches a run may push to.

    ``claude-only``: below ``prefix`` alone, unless the repository allows unrestricted pushes;
    ``checked``: below ``prefix``, and others unless protected, in someone else's open pull
    request or carrying others' commits; ``repository``: any that GitHub's rulesets let through.
    """

    rule: Literal["claude-only", "checked", "repository"]
    prefix: str = "claude/"


class PayloadRule(Rule, frozen=True, kw_only=True):
    """How the text of a fire request reaches the model: ``{text}`` in ``lines`` stands for it."""

    tag: str
    lines: tuple[str, ...]
    opt_in: bool
    max_characters: int


class ScheduleRule(Rule, frozen=True, kw_only=True):
    """``minimum_interval`` in seconds; ``late`` says how starts are delayed."""

    minimum_interval: int
    stored_in: str = "UTC"
    once: bool = True
    late: Literal["stagger", "on-the-hour"] = "on-the-hour"


class PausedRule(Rule, frozen=True, kw_only=True):
    """What a paused routine (``enabled: false``) no longer does, and what it answers with an error."""

    stops: tuple[Start, ...]
    fails: tuple[Start, ...]


class SettingsRule(Rule, frozen=True, kw_only=True):
    """In which sessions the ``hooks`` and permission rules of a repository's settings are honoured,
    and the ``servers`` of its ``.mcp.json``: in those of that repository alone, or always."""

    hooks: Literal["single-repository", "always"]
    servers: Literal["single-repository", "always"]


class Block(Rule, frozen=True, kw_only=True):
    """Lines that the platform puts into the conversation; ``{…}`` are placeholders.

    A line with a placeholder whose value is unknown is left out. ``inferred`` are the lines that no
    source has shown, whatever the trust in the others.
    """

    lines: tuple[str, ...]
    inferred: tuple[str, ...] = ()

    def fill(self, values: Mapping[str, object]) -> str:
        """The block's text with ``values`` filled in; None and "" count as unknown."""
        known = {name: value for name, value in values.items() if value not in (None, "")}
        return "\n".join(filled for line in self.lines if (filled := _fill(line, known)) is not None)


class Appended(Rule, frozen=True, kw_only=True):
    """What the platform's tooling appends by itself to what the agent writes."""

    text: str


class Setting(Rule, frozen=True, kw_only=True):
    """An undocumented point: what is assumed, what else it could be, and what it is about."""

    default: bool | str
    choices: tuple[bool | str, ...]
    about: str
    value: bool | str | None = None

    @property
    def chosen(self) -> bool | str:
        return self.default if self.value is None else self.value

    @property
    def assumed(self) -> bool:
        """Whether nobody has said how it is, so that the default is only an assumption."""
        return self.value is None


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
    payload: PayloadRule
    schedule: ScheduleRule
    paused: PausedRule
    repository_settings: SettingsRule
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

    def with_setting(self, name: str, value: bool | str) -> Edition:
        """The same rules with another answer to one undocumented point."""
        changed = msgspec.structs.replace(self.settings[name], value=value)
        return msgspec.structs.replace(self, settings={**self.settings, name: changed})

    def appended_text(self, name: str) -> str:
        """What is appended as ``comment_suffix``, ``commit_trailer`` or ``pull_request_footer``."""
        rule = self.appended.get(name)
        return rule.text if rule else ""


def load_edition(name: str = LATEST, overrides: Mapping[str, Any] | None = None) -> Edition:
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
    problems: list[str] = []
    table = _override(_table(name), overrides, problems)
    if problems:
        raise UsageError(*(Problem("", 0, f"platform {name}: {text}") for text in problems))
    return _convert(name, table)


@functools.cache
def _load(name: str) -> Edition:
    return _convert(name, _table(name))


@functools.cache
def _table(name: str) -> dict[str, Any]:
    # Imported here: an idle plugin never asks for an edition.
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = resources.files("routine_harness").joinpath("platform", f"{name}.yaml").read_text("utf-8")
    table: dict[str, Any] = yaml.load(text, Loader=loader)  # noqa: S506 - a safe loader, in C where there is one
    return {**table, "edition": name, "since": str(table["since"])}


def _convert(name: str, table: dict[str, Any]) -> Edition:
    try:
        return msgspec.convert(table, Edition)
    except msgspec.ValidationError as error:
        raise UsageError(Problem("", 0, f"platform {name}: {error}")) from error


def _override(table: dict[str, Any], overrides: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    merged = dict(table)
    for key, value in overrides.items():
        if key not in table or key in ("edition", "since"):
            problems.append(f"no rule {key!r} can be overridden{_nearest(key, table)}")
        elif key == "limits":
            merged[key] = _override_limits(table[key], value, problems)
        elif key == "settings":
            merged[key] = _override_settings(table[key], value, problems)
        else:
            merged[key] = _merge(table[key], value)
    return merged


def _override_limits(limits: list[dict[str, Any]], changes: Any, problems: list[str]) -> list[dict[str, Any]]:
    if not isinstance(changes, Mapping):
        problems.append("limits must map a limit's name to its amount")
        return limits
    known = {limit["name"]: limit for limit in limits}
    for name, change in changes.items():
        if name not in known:
            problems.append(f"unknown limit {name!r}{_nearest(name, known)}")
            continue
        fields = change if isinstance(change, Mapping) else {"amount": change, "amount_by_plan": {}}
        known[name] = {**known[name], "published": True, "assumed_plans": [], **fields}
    return list(known.values())


def _override_settings(
    settings: dict[str, dict[str, Any]], changes: Any, problems: list[str]
) -> dict[str, dict[str, Any]]:
    if not isinstance(changes, Mapping):
        problems.append("settings must map a setting's name to a value")
        return settings
    merged = dict(settings)
    for name, value in changes.items():
        if name not in settings:
            problems.append(f"unknown setting {name!r}{_nearest(name, settings)}")
        elif not any(value is choice or value == choice for choice in settings[name]["choices"]):
            choices = ", ".join(map(_shown, settings[name]["choices"]))
            problems.append(f"setting {name} is one of {choices}, not {_shown(value)}")
        else:
            merged[name] = {**settings[name], "value": value}
    return merged


def _merge(value: Any, change: Any) -> Any:
    if isinstance(value, Mapping) and isinstance(change, Mapping):
        return {**value, **{key: _merge(value.get(key), part) for key, part in change.items()}}
    return change


def _nearest(name: object, known: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(str(name), list(known), 1, 0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}"


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fill(line: str, known: Mapping[str, object]) -> str | None:
    for part in line.split("{")[1:]:
        name = part.partition("}")[0]
        if name not in known:
            return None
    # One pass over the template's own placeholders: what is filled in is never read again.
    pieces = line.split("{")
    filled = [pieces[0]]
    for piece in pieces[1:]:
        name, _, rest = piece.partition("}")
        filled += [str(known[name]), rest]
    return "".join(filled)
