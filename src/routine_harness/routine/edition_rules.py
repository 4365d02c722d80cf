"""The kinds of rules that an edition is made of, each with its source and how far that can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from routine_harness.plain import Json, Record

Trust = Literal["DOC", "OBS", "3P", "INFER"]
"""Official documentation, observed by a third party, asserted by one, inferred."""

Consequence = Literal["waits", "fails", "dropped"]
Scope = Literal["routine", "account"]
Start = Literal["schedule", "once", "manual", "api", "rearm", "github"]
"""How a run is started, as the limits tell starts apart."""


Hosted = Literal["cloud", "self"]
"""Who runs the environment: the platform, or the team on machines of its own."""
Honoured = Literal["single-repository", "always", "never"]
Brought = Literal["hooks", "servers", "plugins"]
"""What a repository's own files bring into a session."""


Placement = Literal["together", "later", "never"]
PLACEMENTS: Final[tuple[Placement, ...]] = ("together", "later", "never")
"""When the context of a firing, or the payload of a fire request, reaches the agent: in the first turn,
as a second one, or not at all. Captures disagree, so that a prompt has to stand each."""


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

    A session works on a branch of its own, ``designated``: ``{words}`` are one of each row of ``words``,
    the same for every run of a routine, ``{random}`` differs from run to run; without one its HEAD is
    detached. ``starts_at`` says whether a session that a pull request's webhook starts begins at that one's
    head commit; ``told`` is what the system prompt says of the branch.
    """

    rule: Literal["claude-only", "checked", "repository"]
    prefix: str = "claude/"
    designated: str = "claude/session"
    words: tuple[tuple[str, ...], ...] = ()
    starts_at: Literal["default-branch", "pull-request"] = "default-branch"
    told: str = ""


class OwnToolTable(Rule, frozen=True, kw_only=True):
    """The CLI's own tools, those that no connector brings, by what they do.

    ``runs`` maps a tool to the argument that holds a shell's command, ``looks`` to what it looks at,
    ``edits`` to the file that it changes; ``acts`` maps one that reaches outside to its rules of the
    effect table; ``starts`` start something whose own calls are seen; ``local`` touch nothing but the
    session. A tool that is not here is opaque.
    """

    runs: dict[str, str]
    looks: dict[str, str]
    edits: dict[str, str]
    acts: dict[str, tuple[Record, ...]]
    starts: tuple[str, ...]
    local: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Every tool of the table, in order of name."""
        return tuple(sorted({*self.runs, *self.looks, *self.edits, *self.acts, *self.starts, *self.local}))

    def command(self, tool: str, arguments: Mapping[str, Json]) -> str | None:
        """What ``tool`` has a shell run; None where it runs no command."""
        name = self.runs.get(tool)
        return None if name is None else str(arguments.get(name, ""))


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
    the ``servers`` of its ``.mcp.json``, and the ``plugins`` that its settings enable: in those of that
    repository alone, always, or never."""

    hooks: Honoured
    servers: Honoured
    plugins: Honoured

    def honours(self, what: Brought, repositories: int) -> bool:
        """Whether a session of so many repositories honours what they bring of the kind ``what``."""
        held = {"hooks": self.hooks, "servers": self.servers, "plugins": self.plugins}[what]
        return held == "always" or (held == "single-repository" and repositories == 1)


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


class Capture(Rule, frozen=True, kw_only=True):
    """One observation of when a context reached its agent, on ``date`` (ISO 8601)."""

    placement: Placement
    date: str
    what: str

    def __str__(self) -> str:
        return f"{self.date}, {self.placement}: {self.what} ({self.source}; {self.trust})"


class Attribution(Rule, frozen=True, kw_only=True):
    """A ``line``, as a regex over the whole of it, that ends a text by the platform's doing; one that
    ``follows`` counts below another one alone."""

    line: str
    follows: bool = False


class Appended(Rule, frozen=True, kw_only=True):
    """What the platform's tooling appends by itself to what the agent writes."""

    text: str


class Refusal(Rule, frozen=True, kw_only=True):
    """What a cloud session is told instead of an answer, as captured.

    ``{…}`` in ``text`` are placeholders (``repository``, ``repositories``). ``passes`` names the
    operations that are carried out all the same.
    """

    text: str
    documentation_url: str = ""
    passes: tuple[str, ...] = ()


class OfferedRule(Rule, frozen=True, kw_only=True):
    """What a connector's server offers where a routine asks for nothing more: ``toolsets`` and ``tools``."""

    toolsets: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    seen: int = 0


class Setting(Rule, frozen=True, kw_only=True):
    """An undocumented point: what is assumed, what else it could be, and what it is about.

    ``names`` are those that it is about, where it is about some by name. ``seen`` counts the
    independent observations that the default rests on. ``part`` says where it decides: when a routine
    fires (``trigger``), or what a session is answered (``session``).
    """

    default: bool | str
    choices: tuple[bool | str, ...]
    about: str
    value: bool | str | None = None
    seen: int = 0
    part: Literal["trigger", "session"] = "trigger"
    names: tuple[str, ...] = ()

    @property
    def chosen(self) -> bool | str:
        return self.default if self.value is None else self.value

    @property
    def assumed(self) -> bool:
        """Whether nobody has said how it is, so that the default is only an assumption."""
        return self.value is None


class SessionRules(msgspec.Struct, frozen=True):
    """What a cloud session changes in the answers of the services behind it.

    ``settings`` holds the chosen answer to each undocumented point of the part ``session``, ``refusals``
    the words of each refusal, ``names`` what a point is about by name (bots whose mentions are broken up).
    ``repositories`` are those of the session (none: any); ``installed`` says
    whether the organisation has installed the Claude GitHub App, ``hosted`` who runs the environment.
    ``push`` is the git proxy's rule, ``unrestricted`` the repositories that allow any branch.
    With ``recorded`` a recorded answer stands, whatever the platform would say now. The
    empty value is a service that is asked without a cloud session between: nothing is changed.
    """

    settings: dict[str, bool | str] = {}
    refusals: dict[str, Refusal] = {}
    names: dict[str, tuple[str, ...]] = {}
    repositories: tuple[str, ...] = ()
    installed: bool = True
    hosted: Hosted = "cloud"
    push: PushRule | None = None
    unrestricted: tuple[str, ...] = ()
    recorded: bool = False

    def setting(self, name: str) -> bool | str | None:
        """The chosen answer to the point ``name``; None outside a cloud session."""
        return self.settings.get(name)

    def reaches(self, repository: str) -> bool:
        """Whether ``repository`` (owner/name) is one of the session's."""
        name = repository.lower()
        return not self.repositories or any(name == one.lower() for one in self.repositories)

    def as_recorded(self) -> SessionRules:
        """The rules under which a recorded answer stands."""
        return msgspec.structs.replace(self, recorded=True)


DIRECT: Final = SessionRules()
"""No cloud session between: services answer as they are."""


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
