"""A routine as values: what is saved, before anything starts it.

Built by ``routine.parse``; nothing downstream checks these values again.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from routine_harness.plain import Json
from routine_harness.predicate import Predicate
from routine_harness.routine.edition_rules import Hosted

Path = tuple[str | int, ...]
"""Where a value stands in its document: ``("triggers", 0, "filters", 1)``."""


class Source(msgspec.Struct, frozen=True, eq=False):
    """Where a parsed file came from: its name as shown, its text, and the line of each value.

    ``path`` is the absolute path on the disk, empty where the values came from elsewhere; what the
    file names is relative to its folder. ``base`` is where in the file the values stand.
    """

    file: str
    text: str = ""
    lines: dict[Path, int] = {}
    path: str = ""
    base: Path = ()

    def line(self, *path: str | int) -> int:
        """The line of the value at ``path`` or of its nearest known ancestor; 0 if none."""
        place = (*self.base, *path)
        while len(place) > len(self.base) and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 0)

    def below(self, *path: str | int) -> Source:
        """The source of the value at ``path`` alone, whose own paths start there."""
        return Source(self.file, self.text, self.lines, self.path, (*self.base, *path))


class Repository(msgspec.Struct, frozen=True):
    """A repository of the routine: ``full_name`` is ``owner/name``."""

    full_name: str
    host: str = "github"
    branch: str | None = None
    unrestricted_pushes: bool = False


class Binding(msgspec.Struct, frozen=True):
    """A place inside a connector that the routine is meant for: a channel, a board."""

    name: str
    id: str | None = None


class Grant(msgspec.Struct, frozen=True):
    """A connector that the routine includes; ``allow`` and ``deny`` name bare tools."""

    connector: str
    bindings: tuple[Binding, ...] = ()
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()


class Environment(msgspec.Struct, frozen=True):
    """Network level, variables and setup script of the environment; ``absent`` are programs that it
    lacks. ``app_installed``: the organisation has installed the Claude GitHub App; ``hosted``: who runs
    the environment."""

    network: Literal["none", "trusted", "full", "custom"] = "trusted"
    allowed_domains: tuple[str, ...] = ()
    variables: dict[str, str] = {}
    setup: str = ""
    absent: tuple[str, ...] = ()
    app_installed: bool = True
    hosted: Hosted = "cloud"


class Filter(msgspec.Struct, frozen=True):
    """One clause of a github trigger: ``field`` must satisfy ``operator`` ``value``."""

    field: str
    operator: str
    value: Json
    predicate: Predicate


class GithubTrigger(msgspec.Struct, frozen=True, tag="github"):
    """Fires on webhook events; ``events`` are qualified names, ``branches`` globs of the base."""

    events: tuple[str, ...]
    branches: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    repositories: tuple[str, ...] = ()
    enabled: bool = True


class ScheduleTrigger(msgspec.Struct, frozen=True, tag="schedule"):
    """Fires by the clock: exactly one of ``cron``, ``preset`` (with ``at``) and ``once``."""

    cron: str | None = None
    preset: Literal["hourly", "daily", "weekdays", "weekly"] | None = None
    at: str | None = None
    once: str | None = None
    timezone: str = "UTC"
    enabled: bool = True


class ApiTrigger(msgspec.Struct, frozen=True, tag="api"):
    """Fires on a POST to the routine's fire endpoint."""

    enabled: bool = True


Trigger = GithubTrigger | ScheduleTrigger | ApiTrigger


class FollowedFile(msgspec.Struct, frozen=True):
    """A file that the prompt tells the agent to follow: ``path`` in ``repository`` (``owner/name``), its
    text, and where it lies on the disk."""

    repository: str
    path: str
    text: str
    place: str = ""


class Routine(msgspec.Struct, frozen=True):
    """A saved prompt with repositories, connectors and triggers.

    ``tools`` are the agent's own tools, ``None`` meaning all of them. ``organisation`` are connectors that
    the organisation's admins give to every run, as its policy says. ``prompt_source`` is the file that holds
    the prompt where that is another than ``source``; ``reads_files`` are those that the prompt names.
    """

    name: str
    prompt: str
    title: str = ""
    description: str = ""
    enabled: bool = True
    repositories: tuple[Repository, ...] = ()
    connectors: tuple[Grant, ...] = ()
    tools: tuple[str, ...] | None = None
    environment: Environment = Environment()
    model: str | None = None
    triggers: tuple[Trigger, ...] = ()
    source: Source = Source(file="")
    organisation: tuple[str, ...] = ()
    prompt_source: Source | None = None
    reads_files: tuple[FollowedFile, ...] = ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """The files that people write the routine in: its own, and the prompt's."""
        return (self.source,) if self.prompt_source is None else (self.source, self.prompt_source)

    @property
    def named_paths(self) -> tuple[str, ...]:
        """Where on the disk the files lie that the routine's own file names."""
        prompt = () if self.prompt_source is None else (self.prompt_source.path,)
        return (*prompt, *(file.place for file in self.reads_files))

    def grant(self, connector: str) -> Grant | None:
        """The grant of ``connector``; GitHub is granted by having a repository."""
        for grant in self.connectors:
            if grant.connector == connector:
                return grant
        if connector in self.organisation or (connector == "github" and self.repositories):
            return Grant(connector)
        return None
