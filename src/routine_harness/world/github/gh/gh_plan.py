"""What a command of ``gh`` comes to: its operations in order, or a request."""

from __future__ import annotations

from typing import Any

import msgspec

from routine_harness.plain import Json
from routine_harness.world.github.gh.command_line import Asked, GhFailed, GhUnknown
from routine_harness.world.github.operations.operation import Arguments
from routine_harness.world.github.operations.operation_table import OPERATIONS
from routine_harness.world.github.tools.tool_calls import Step
from routine_harness.world.holes import has_hole


class Plan(msgspec.Struct, frozen=True):
    """A command and the operations that it carries out, in order; ``local`` commands follow in the clone.

    ``request`` is what ``gh api`` asks. A plan without an operation stays on the machine. With ``bare``
    another client sends the request: it prints bodies alone, and succeeds whatever they say.
    """

    asked: Asked
    steps: tuple[Step, ...] = ()
    local: tuple[tuple[str, ...], ...] = ()
    request: Request | None = None
    bare: bool = False


class Request(msgspec.Struct, frozen=True):
    """What ``gh api`` asks: decoded ``body``, ``query`` as texts; ``accept`` the media type."""

    method: str
    path: str
    query: dict[str, str] = {}
    body: Json = None
    accept: str = ""


Planned = "Plan | list[Step]"


def step_of(asked: Asked, operation: str, **arguments: Json) -> Step:
    """An operation in the command's repository, with the arguments that are not None."""
    return bare_step(operation, repository=asked.repository, **arguments)


def bare_step(operation: str, **arguments: Json) -> Step:
    return OPERATIONS[operation], {name: value for name, value in arguments.items() if value is not None}


def options_of(asked: Asked, table: str, **known: Any) -> Arguments:
    """Arguments that options give, where they are given: ``argument=option``, or one word for both.

    Behind an option ``*`` means a list, ``+`` a flag, ``?`` a flag that may be taken back
    (``--draft=false``). ``known`` are arguments of the table that the caller has read otherwise.
    """
    found: Arguments = {}
    for entry in table.split():
        argument, _, option = entry.rstrip("*+?").partition("=")
        option = option or argument
        if argument in known:
            found[argument] = known[argument]
        elif not asked.has(option):
            continue
        elif entry.endswith("*"):
            found[argument] = asked.listed(option)
        elif entry.endswith("?"):
            found[argument] = asked.one(option) != "false"
        else:
            found[argument] = True if entry.endswith("+") else asked.one(option)
    return found


def text_of(asked: Asked, option: str) -> str | None:
    """The text of a file that an option names, or of the input for ``-``."""
    name = asked.one(option)
    if name is None:
        return None
    text = asked.around.file(name)
    if text is None:
        raise GhFailed(f"open {name}: no such file or directory")
    return text


def limit_of(asked: Asked) -> int:
    given = asked.one("limit") or "30"
    if has_hole(given):
        return 30
    if not given.isdecimal() or int(given) < 1:
        raise GhFailed(f"invalid limit: {given}")
    return int(given)


def first_word(asked: Asked) -> str:
    if not asked.words:
        raise GhFailed("accepts 1 arg(s), received 0")
    return asked.words[0]


def body_of(asked: Asked, option: str = "body", file: str = "body-file") -> str | None:
    given = asked.one(option)
    return given if given is not None else text_of(asked, file)


def not_simulated(asked: Asked) -> list[Step]:
    raise GhUnknown(f"gh {asked.command.name}")
