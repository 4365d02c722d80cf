"""Other people's routine files → folders of ours: told apart, drafted, checked, written whole.

What two files contradict each other about is a question to the user; until it is answered, nothing
that hangs on it is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Final

import msgspec

from routine_harness.errors import HarnessError, Problem, SpecError, UsageError
from routine_harness.interop.account_routines import draft_account_routine, is_account_routine
from routine_harness.interop.action_workflows import draft_action_workflow, is_action_workflow
from routine_harness.interop.frontmatter import has_frontmatter, mapping_of, read_frontmatter
from routine_harness.interop.gh_aw import draft_gh_aw, is_gh_aw
from routine_harness.interop.routine_draft import (
    Claim,
    Draft,
    Lost,
    Question,
    policy_text,
    routine_text,
)
from routine_harness.routine.document import decode_text, load_document
from routine_harness.routine.edition import EDITIONS
from routine_harness.routine.parse import parse_routine
from routine_harness.store.files import shown, write_bytes
from routine_harness.store.policy_edit import name_mandates
from routine_harness.verdict.default_policy import default_policy
from routine_harness.verdict.policy_chain import merge_policies
from routine_harness.verdict.read_policy import parse_policy

FORMS: Final = "an agentic workflow, a workflow with claude-code-action, or a routine of an account"


class Answers(msgspec.Struct, frozen=True):
    """What the user said: the repositories of files that name none, the platform's edition, and what a
    schedule that never comes stands for."""

    repositories: tuple[str, ...] = ()
    platform: str = ""
    placeholder: str = ""


class ImportedRoutine(msgspec.Struct, frozen=True):
    """One imported file: the folder's name, the texts by file name, what was lost, what is open."""

    source: str
    form: str
    name: str
    texts: dict[str, str]
    lost: tuple[Lost, ...]
    questions: tuple[Question, ...]
    prompt: str = ""


def import_routines(
    files: Mapping[str, bytes],
    answers: Answers = Answers(),  # noqa: B008 - a frozen value
) -> tuple[ImportedRoutine, ...]:
    """The routines in ``files`` (name → content), each checked by our own parser.

    Raises:
        SpecError: with the problems of all files that are no routine in a form that is known.
    """
    problems: list[Problem] = []
    drafts: list[tuple[str, str, Draft]] = []
    for name, data in files.items():
        try:
            drafts.append((name, *_draft(data, name, answers)))
        except HarnessError as error:
            problems += error.problems
    contradiction = _contradiction([(name, draft) for name, _, draft in drafts])
    found = []
    for name, form, draft in drafts:
        _settle(draft, answers, contradiction)
        try:
            found.append(_written(name, form, draft, files[name]))
        except HarnessError as error:
            problems += error.problems
    if problems:
        raise SpecError(*problems)
    return tuple(found)


def open_questions(imported: Sequence[ImportedRoutine]) -> dict[str, dict[Question, list[str]]]:
    """Option → the questions that it answers, each with the names of the files that raise it."""
    found: dict[str, dict[Question, list[str]]] = {}
    for one in imported:
        for question in one.questions:
            name = PurePath(one.source).name
            found.setdefault(question.option, {}).setdefault(question, []).append(name)
    return found


def write_routines(imported: Sequence[ImportedRoutine], folder: Path, *, force: bool = False) -> list[Path]:
    """Write one routine into ``folder``, several into folders of their names below it.

    Nothing is written if a file is there already (unless ``force``), or if one cannot be written.

    Raises:
        UsageError: which, and why.
    """
    names = [one.name for one in imported]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"two of the files are called {', '.join(twice)}"
        raise UsageError(Problem(shown(folder), 0, message, "import them one by one"))
    homes = [folder] if len(imported) == 1 else [folder / one.name for one in imported]
    texts = {
        home / name: text
        for home, one in zip(homes, imported, strict=True)
        for name, text in one.texts.items()
    }
    there = [Problem(shown(path), 0, "the file is there already", "--force replaces it") for path in texts
             if path.exists() and not force]  # fmt: skip
    if there:
        raise UsageError(*there)
    prompts = {one.name: one.prompt for one in imported}
    _write_all({**texts, **name_mandates(prompts, folder, texts)})
    return homes


def _write_all(texts: Mapping[Path, str]) -> None:
    before = {path: path.read_bytes() if path.is_file() else None for path in texts}
    done: list[Path] = []
    try:
        for path, text in texts.items():
            done.append(path)
            write_bytes(path, text.encode())
    except BaseException:
        for path in done:
            held = before[path]
            if held is None:
                if path.is_file():
                    path.unlink()
            else:
                write_bytes(path, held)
        raise


def _draft(data: bytes, name: str, answers: Answers) -> tuple[str, Draft]:
    text = decode_text(data, name)
    if PurePath(name).suffix.lower() in (".md", ".markdown") or has_frontmatter(text):
        found = read_frontmatter(data, name)
        if is_account_routine(found.data):
            draft = draft_account_routine(found.data, found.body, found.line, text)
            return "a routine of an account", draft
        if is_gh_aw(found):
            return "an agentic workflow", draft_gh_aw(found, name, answers.repositories)
        raise SpecError.at(name, 1, f"expected {FORMS}, found other frontmatter")
    document = load_document(data, name)
    values = mapping_of(document)
    if is_action_workflow(values):
        return "a workflow with claude-code-action", draft_action_workflow(
            document, name, answers.repositories
        )
    if is_account_routine(values):
        prompt = str(values.get("prompt") or "")
        return "a routine of an account", draft_account_routine(values, prompt, document.source.line, text)
    if "triggers" in values and "prompt" in values:
        hint = "it needs no import"
        raise SpecError.at(name, 1, "this is a routine of routine-harness already", hint)
    hint = "it is compiled: import the Markdown beside it" if name.endswith(".lock.yml") else ""
    raise SpecError.at(name, 1, f"expected {FORMS}, found other YAML", hint)


def _contradiction(drafts: Sequence[tuple[str, Draft]]) -> Question | None:
    """What to ask if the files take different editions of the platform for granted."""
    claims: dict[str, tuple[str, Claim]] = {}
    for name, draft in drafts:
        for claim in draft.claims:
            claims.setdefault(claim.edition, (name, claim))
    if len(claims) < 2:
        return None
    said = "; ".join(f"in {PurePath(name).name} {claim.text}" for name, claim in claims.values())
    return Question("--platform", f"the files contradict each other about the platform: {said}", EDITIONS)


def _settle(draft: Draft, answers: Answers, contradiction: Question | None) -> None:
    """Use the user's answers; what they leave open stays a question."""
    if answers.platform:
        draft.policy["platform"] = answers.platform
    elif contradiction is not None and draft.claims:
        draft.questions.append(contradiction)
    elif draft.claims:
        claim = draft.claims[0]
        text = f"{claim.text}, which holds in edition {claim.edition}: is that the one to test against?"
        draft.ask("--platform", text, EDITIONS)
    if answers.placeholder:
        draft.questions = [one for one in draft.questions if one.option != "--placeholder"]
        if answers.placeholder == "api":
            kept = [one for one in draft.triggers if not str(one.get("once", "")).startswith(("209", "21"))]
            draft.triggers = kept or [{"type": "api"}]


def _written(source: str, form: str, draft: Draft, data: bytes) -> ImportedRoutine:
    """The files of a draft, which our own parsers have to take."""
    base = PurePath(source).name
    texts = {"routine.yaml": routine_text(draft, base)}
    policy = policy_text(draft, base)
    if policy:
        texts["policy.yaml"] = policy
    try:
        parse_routine(load_document(texts["routine.yaml"].encode(), "routine.yaml"))
        if policy:
            merge_policies(default_policy(), [parse_policy(load_document(policy.encode(), "policy.yaml"))])
    except HarnessError as error:
        raise SpecError(
            *(Problem(source, _line_in(data, texts.get(problem.file, ""), problem.line),
                      f"it cannot be carried over: {problem.message}", problem.hint)
              for problem in error.problems)
        ) from error  # fmt: skip
    return ImportedRoutine(source, form, draft.name, texts, tuple(draft.lost), tuple(draft.questions),
                           draft.prompt)  # fmt: skip


def _line_in(data: bytes, text: str, line: int) -> int:
    """Where the file says what stands in ``line`` of the ``text`` that was made of it; 0 if it is not
    written like that."""
    made = text.splitlines()[line - 1] if 0 < line <= len(text.splitlines()) else ""
    value = made.strip().removeprefix("- ").partition(": ")[2] or made.strip().removeprefix("- ")
    words = value.strip("\"' ").encode()
    lines = data.splitlines()
    whole = next((at for at, each in enumerate(lines, 1) if words and words in each), 0)
    first = words.partition(b".")[0]  # of an event, its category
    return whole or next((at for at, each in enumerate(lines, 1) if first and first in each), 0)
