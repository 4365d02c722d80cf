"""The routine that an imported session would have been: its prompt, model, tools, servers, repositories.

What a session cannot show (what starts it, what its project's repository is called) is listed, not guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from routine_harness.interop.routine_draft import Draft, routine_text, slug
from routine_harness.interop.sessions.imported import Imported
from routine_harness.interop.sessions.revealed_trigger import revealed_trigger, without_context
from routine_harness.interop.sessions.session_servers import connector_of
from routine_harness.plain import Json, Record
from routine_harness.predicate import Partly
from routine_harness.routine.document import load_document
from routine_harness.routine.layout import ROUTINE
from routine_harness.routine.parse import parse_connector, parse_repository, parse_routine
from routine_harness.routine.spec import Routine
from routine_harness.session.run import CallRecord
from routine_harness.session.transcript import Call
from routine_harness.world.platform_server import is_remote
from routine_harness.world.registry import Registry

_GITHUB: Final = "github"
_NO_PROMPT: Final = "(The session does not hold what it was asked: write the prompt here.)\n"
_UNASKED: Final = "the session does not hold it; the file that the CLI keeps of it does (--last, --all)"
_DOWN: Final = ("failed", "needs-auth", "disabled")


def draft_of_session(
    imported: Imported,
    registry: Registry,
    name: str,
    calls: Sequence[CallRecord],
    rows: Sequence[tuple[str, Record]],
) -> Draft:
    """The routine, called ``name``. ``calls`` are the session's with their effects, ``rows`` what its reads
    reveal: both name repositories."""
    draft = Draft(slug(name), without_context(imported.prompt).strip("\n") + "\n", name)
    draft.model = imported.model or None
    if not draft.prompt.strip():
        draft.prompt = _NO_PROMPT
        draft.restrict("prompt", 0, _UNASKED)
    named = dict.fromkeys(_repositories(imported, calls, rows))
    draft.repositories = [name for name in named if parse_repository(name) is not None]
    if imported.folder:
        why = "a routine works in a clone of its repository"
        draft.lose(f"the working folder {imported.folder}", 0, why)
    if imported.branch:
        draft.lose(f"the branch {imported.branch}", 0, "a routine begins at its repository's default branch")
    _connectors(draft, imported, registry)
    if imported.tools:
        own = (call.tool for call in imported.calls if "." not in call.tool)
        draft.tools = list(dict.fromkeys((*imported.tools, *own)))
    trigger = revealed_trigger(imported.told, None, rows)
    if "github" in trigger:
        draft.triggers = [{"type": "github", "events": [trigger["github"]["event"]]}]
    else:
        draft.triggers = [{"type": "api"}]
        if "api" not in trigger:
            draft.ask("triggers", "a person started the session: what starts the routine?")
    if not draft.repositories:
        if any(call.tool.startswith(f"{_GITHUB}.") for call in imported.calls):
            draft.connectors.append(_GITHUB)  # it was there, in whatever repository
        draft.ask("repositories", "the session names no repository of GitHub: in which one does it work?")
    return draft


def session_routine(draft: Draft, source: str) -> tuple[str, Routine]:
    """The text of the routine file of ``draft``, and the routine that our own parser reads in it.

    Raises:
        SpecError: it is none.
    """
    text = routine_text(draft, source)
    return text, parse_routine(load_document(text.encode(), ROUTINE))


def _repositories(
    imported: Imported, calls: Sequence[CallRecord], rows: Sequence[tuple[str, Record]]
) -> Iterator[str]:
    """Every repository that the session names, as a routine grants it."""
    if imported.repository:
        yield f"{_GITHUB}:{imported.repository}"
    for call in imported.calls:
        owner, repo = call.arguments.get("owner"), call.arguments.get("repo")
        if call.tool.startswith(f"{_GITHUB}.") and owner and repo:
            yield f"{_GITHUB}:{owner}/{repo}"
    named: list[Json] = [effect.fields.get("repository") for one in calls for effect in one.effects]
    named += [row.get("repository") for table, row in rows if table.startswith(f"{_GITHUB}.")]
    for each in named:
        if isinstance(each, str) and not isinstance(each, Partly) and each.count("/") == 1:
            yield f"{_GITHUB}:{each}"


def _connectors(draft: Draft, imported: Imported, registry: Registry) -> None:
    """The servers that were there and that the harness can stand for: by a model, or as it was recorded."""
    called = {call.tool.partition(".")[0] for call in imported.calls if "." in call.tool}
    states = {connector_of(server, registry): state for server, state in imported.servers.items()}
    for name in dict.fromkeys((*states, *_in_order(imported.calls))):
        if name == _GITHUB or is_remote(name):
            continue
        if parse_connector(name) is None:
            draft.lose(f"the server {name}", 0, "no connector of a routine can have that name")
        elif name in called:
            draft.connectors.append(name)
        elif states[name] in _DOWN:
            draft.lose(f"the server {name}", 0, f"it was not there ({states[name]})")
        elif registry.get(name) is not None:
            draft.connectors.append(name)
        else:
            draft.lose(f"the server {name}", 0, "nothing called it, and the harness does not simulate it")


def _in_order(calls: Sequence[Call]) -> list[str]:
    return [call.tool.partition(".")[0] for call in calls if "." in call.tool]
