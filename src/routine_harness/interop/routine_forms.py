"""What a file is, and the routines that it holds: each form of other people's is told here, and drafted."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

import msgspec

from routine_harness.errors import SpecError
from routine_harness.interop.account_export import Exported, Page, exported, is_export, pages, unwrapped
from routine_harness.interop.account_routines import draft_account_routine, is_account_routine
from routine_harness.interop.frontmatter import has_frontmatter, mapping_of, read_frontmatter
from routine_harness.interop.prompt_files import (
    SCHEDULES,
    Beside,
    ask_what_is_missing,
    draft_prompt,
    fenced_blocks,
    named,
    names_a_prompt,
    prompt_of,
    routine_name,
)
from routine_harness.interop.routine_draft import Draft
from routine_harness.interop.workflows.action_workflows import draft_action_workflow, is_action_workflow
from routine_harness.interop.workflows.gh_aw import draft_gh_aw, is_gh_aw
from routine_harness.plain import Json, Record
from routine_harness.routine.document import Document, decode_text, load_document
from routine_harness.routine.spec import Source

FORMS: Final = (
    "the account's export, an agentic workflow, a workflow with claude-code-action, a prompt, "
    "or a routine of an account"
)  # fmt: skip

_FENCED: Final = {"yaml": ".yaml", "yml": ".yaml", "json": ".json", "markdown": ".md", "md": ".md"}
"""Languages of fenced blocks that may hold a routine, and the names of such files' ends."""
_REGISTRIES: Final = ("routines", "tasks", "scheduled_tasks", "schedules", "agents")
"""Keys under which a file lists several routines."""
_PROMPTED: Final = frozenset({"prompt", "prompt_file"})


_OTHER_TRIGGERS: Final = (
    "an export tells schedules alone: GitHub events and a fire endpoint, if it has them, are to be added"
)


class Answers(msgspec.Struct, frozen=True):
    """What the user said of files that do not say it: repositories, connectors, what starts a routine
    (events, ``api``, cron expressions); the platform's edition, what a schedule that never comes stands
    for, and whether half an export will do."""

    repositories: tuple[str, ...] = ()
    connectors: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    platform: str = ""
    placeholder: str = ""
    partial: bool = False


class Held(msgspec.Struct, frozen=True):
    """What one file holds: the form's name, a draft for each routine with the account's id (empty where
    the form has none), and the pages of an account that it consists of."""

    form: str
    drafts: tuple[tuple[str, Draft], ...]
    pages: tuple[Page, ...] = ()


def held_by(data: bytes, name: str, answers: Answers, beside: Beside) -> Held:
    """The routines in a file.

    Raises:
        SpecError: it is in no form that is known, or malformed.
    """
    text = decode_text(data, name)
    printed = unwrapped(text) if text[:4] == "HTTP" else None
    if printed is not None:
        return _account(Document(printed, Source(name)))
    if PurePath(name).suffix.lower() in (".md", ".markdown", ".txt", ".prompt") or has_frontmatter(text):
        return _markdown(data, name, text, answers)
    if PurePath(name).suffix.lower() == ".jsonl":
        hint = f"is it a session of Claude Code? routine-harness import transcript {name} -o routines/NAME"
        raise SpecError.at(name, 1, f"expected {FORMS}, found lines of JSON", hint)
    document = load_document(data, name)
    if is_export(document.value):
        return _account(document)
    if _registered(document.value):
        return _registry(document, name, beside)
    if is_schedule(document.value, name):
        return _scheduled(document, name, beside)
    values = mapping_of(document)
    if is_action_workflow(values):
        draft = draft_action_workflow(document, name, answers.repositories)
        return Held("a workflow with claude-code-action", (("", draft),))
    if is_account_routine(values):
        prompt = str(values.get("prompt") or "")
        draft = draft_account_routine(values, prompt, document.source.line, text)
        return Held("a routine of an account", (("", draft),))
    if "triggers" in values and "prompt" in values:
        hint = "it needs no import"
        raise SpecError.at(name, 1, "this is a routine of routine-harness already", hint)
    hint = "it is compiled: import the Markdown beside it" if name.endswith(".lock.yml") else ""
    raise SpecError.at(name, 1, f"expected {FORMS}, found other YAML", hint)


def is_schedule(value: Json, name: str) -> bool:
    """Whether this is the ``schedule.yaml`` beside a prompt, or names a file as its prompt."""
    if not isinstance(value, dict) or "triggers" in value or "jobs" in value:
        return False
    return PurePath(name).name.lower() in SCHEDULES or names_a_prompt(value)


def _registered(value: Json) -> dict[tuple[str | int, ...], Record]:
    """The routines of a file that lists several, by their places; empty where it is no such list."""
    if not isinstance(value, dict):
        return {}
    for key in _REGISTRIES:
        held = value.get(key)
        rows = enumerate(held) if isinstance(held, list) else held.items() if isinstance(held, dict) else ()
        found = {(key, place): row for place, row in rows}
        if found and all(isinstance(row, dict) and _PROMPTED & set(row) for row in found.values()):
            return {
                place: row if "name" in row or isinstance(place[1], int) else {"name": place[1], **row}
                for place, row in found.items()
            }
    return {}


def _registry(document: Document, name: str, beside: Beside) -> Held:
    drafts = []
    for place, row in _registered(document.value).items():
        source = document.source.below(*place)
        values, written = named(row, f"{PurePath(name).stem}-{place[-1]}")

        def line(*path: str | int, _at: Source = source, _as: dict[str, str] = written) -> int:
            return _at.line(*(_as.get(str(path[0]), path[0]), *path[1:]) if path else ())

        prompt, file = prompt_of(values, name, beside, line("prompt"))
        if not prompt.strip():
            hint = f"{file} holds none" if file else "write prompt: TEXT or FILE"
            raise SpecError.at(name, line(), f"{values['name']} has no prompt", hint)
        draft = draft_account_routine(values, prompt, line)
        ask_what_is_missing(draft)
        drafts.append(("", draft))
    return Held("a list of routines", tuple(drafts))


def _scheduled(document: Document, name: str, beside: Beside) -> Held:
    values, written = named(mapping_of(document), name)

    def line(*path: str | int) -> int:
        return document.source.line(*(written.get(str(path[0]), path[0]), *path[1:]) if path else ())

    prompt, file = prompt_of(values, name, beside, line("prompt"))
    if not prompt.strip():
        raise SpecError.at(
            name, 0, f"it has no prompt, and {file} beside it holds none", "write prompt: FILE"
        )
    draft = draft_account_routine(values, prompt, line, document.source.text)
    ask_what_is_missing(draft)
    return Held("a prompt beside its schedule", (("", draft),))


def _markdown(data: bytes, name: str, text: str, answers: Answers) -> Held:
    if not has_frontmatter(text):
        found_inside = _fenced(text, name, answers)
        if found_inside is not None:
            return found_inside
        return Held("a prompt", (("", draft_prompt(text, name)),))
    found = read_frontmatter(data, name)
    if is_account_routine(found.data):
        draft = draft_account_routine(found.data, found.body, found.line, text)
        return Held("a routine of an account", (("", draft),))
    if is_gh_aw(found) and not _is_skill(found.data):
        return Held("an agentic workflow", (("", draft_gh_aw(found, name, answers.repositories)),))
    values, written = named(found.data, name)
    if is_account_routine(values) or _is_skill(found.data):

        def line(*path: str | int) -> int:
            return found.line(*(written.get(str(path[0]), path[0]), *path[1:]) if path else ())

        draft = draft_account_routine(values, found.body, line, text)
        ask_what_is_missing(draft)
        return Held("a prompt with frontmatter", (("", draft),))
    raise SpecError.at(name, 1, f"expected {FORMS}, found other frontmatter")


def _fenced(text: str, name: str, answers: Answers) -> Held | None:
    """The routines in fenced blocks of YAML, JSON or Markdown of a how-to; None where there are none."""
    drafts: list[tuple[str, Draft]] = []
    found: list[Page] = []
    for line, language, content in fenced_blocks(text):
        kind = _FENCED.get(language, ".md" if has_frontmatter(content) else "")
        if not kind or (kind == ".md" and not has_frontmatter(content)):
            continue
        moved = ("" if kind == ".md" else "\n" * line) + content  # so that lines are those of the page
        try:
            held = held_by(moved.encode(), f"{routine_name(name)}{kind}", answers, lambda *_: None)
        except SpecError:
            continue  # another block of the page, which is no routine
        drafts += held.drafts
        found += held.pages
    return Held("a how-to with a routine in it", tuple(drafts), tuple(found)) if drafts else None


def _is_skill(data: Record) -> bool:
    """Whether it has a name and a description, and nothing that only a workflow has."""
    return "name" in data and "description" in data and not {"on", "safe-outputs", "engine"} & set(data)


def _account(document: Document) -> Held:
    drafts = tuple((one.identity, _drafted(one, document.source)) for one in exported(document.value))
    return Held("the account's export", drafts, tuple(pages(document.value)))


def _drafted(one: Exported, source: Source) -> Draft:
    def line(*path: str | int) -> int:
        first = one.places.get(str(path[0])) if path else None
        return source.line(*one.path) if first is None else source.line(*first, *path[1:])

    draft = draft_account_routine(one.data, one.prompt, line)
    if not draft.asks("--on"):
        draft.lose("triggers", line(), _OTHER_TRIGGERS)
    if not one.prompt:
        draft.prompt = "This routine holds no prompt.\n"
        draft.enabled = False
        why = "its events hold none; a list may leave it out, the routine itself has it (get)"
        if one.misplaced is not None:
            why = f"it stands under {one.misplaced[-1]}, where the platform takes it and ignores it"
        draft.lose("prompt", line(), why)
    return draft
