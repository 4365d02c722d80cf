"""The options of live runs, shared by the commands that start them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from routine_harness.agents.scripted import load_script
from routine_harness.errors import Problem, UsageError
from routine_harness.live.client.attempt import Progress
from routine_harness.live.client.live_agent import LIMIT_USD, LiveOptions
from routine_harness.plain import Record
from routine_harness.serve.modes import Mode, PlayMode, ScriptMode
from routine_harness.serve.modes import Script as ModelScript
from routine_harness.serve.spending import Spending
from routine_harness.store.files import shown
from routine_harness.store.recordings import load_recording

Command = TypeVar("Command", bound=Callable[..., Any])


def live_options(command: Command) -> Command:
    """Adds the options of a live run to a command."""
    for option in reversed(
        (
            click.option("--script", metavar="FILE::FUNCTION", help="A Python callable plays the model."),
            click.option("--play", type=click.Path(path_type=Path), help="This recording plays the model."),
            click.option("--program", metavar="PATH", help="The CLI to run; default: the installed one."),
            click.option("--unsafe", is_flag=True, help="Run without isolation if there is no sandbox."),
            click.option("--source", "sources", multiple=True, metavar="OWNER/NAME=PATH",
                         help="Make the repository from a folder, checkout or bundle."),
            click.option("--get", "get_hosts", multiple=True, metavar="HOST",
                         help="Let GET requests to HOST through."),
            click.option("--limit-usd", type=click.FloatRange(0), metavar="USD", default=LIMIT_USD,
                         show_default=True, help="Spend so much on all cases together; 0: no limit."),
            click.option("--seconds", type=click.FloatRange(0), metavar="N", default=0.0,
                         help="Stop a run after so many; default: the case's budget, else 1800."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


def read_options(given: Record, *, progress: Progress) -> LiveOptions:
    """The options as values.

    Raises:
        UsageError: they exclude each other, or one is malformed.
    """
    return LiveOptions(
        model=read_model(given["script"], given["play"]),
        program=given["program"],
        unsafe=given["unsafe"],
        sources=dict(_source(text) for text in given["sources"]),
        get_hosts=tuple(given["get_hosts"]),
        spending=Spending(given["limit_usd"]),
        seconds=given["seconds"],
        progress=progress,
    )


def read_model(script: str | None, play: Path | None) -> Callable[[int], Mode] | None:
    """Who plays the model, per run, where it is not the real API.

    Raises:
        HarnessError: the script or the recording cannot be had.
    """
    if script and play:
        raise UsageError(Problem("", 0, "--script and --play exclude each other"))
    if script:
        loaded = load_script(script, lambda path: Path(path).read_text(encoding="utf-8"), network=True)
        return lambda _: ScriptMode(cast(ModelScript, loaded.load()))
    if play is None:
        return None
    recording = load_recording(play)
    if recording is None:
        raise UsageError(Problem(str(play), 0, "there is no such recording"))
    return lambda run: PlayMode(recording.runs.get(run, ()), run=run, file=shown(play), line=recording.cut)


def _source(text: str) -> tuple[str, Path]:
    name, separator, place = text.partition("=")
    path = Path(place)
    if not separator or name.count("/") != 1 or not path.exists():
        hint = "write --source owner/name=PATH, where PATH is a folder, a checkout or a bundle"
        message = f"expected a repository and where to take it from, found {text!r}"
        raise UsageError(Problem("", 0, message, hint))
    return name, path.resolve()
