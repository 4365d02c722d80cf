"""Other people's routine files → folders of ours: told apart, drafted, checked, written whole.

What two files contradict each other about is a question to the user; until it is answered, nothing
that hangs on it is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Literal

import msgspec

from routine_harness.errors import HarnessError, Problem, SpecError
from routine_harness.interop.account_export import Page, what_is_missing
from routine_harness.interop.drawn_policy import policy_text
from routine_harness.interop.first_cases import first_cases
from routine_harness.interop.prompt_files import Beside
from routine_harness.interop.routine_draft import (
    Claim,
    Draft,
    Lost,
    Question,
    routine_text,
    slug,
    triggers_of,
)
from routine_harness.interop.routine_forms import Answers, held_by
from routine_harness.routine.document import load_document
from routine_harness.routine.edition import EDITIONS
from routine_harness.routine.layout import POLICY, ROUTINE
from routine_harness.routine.parse import parse_routine
from routine_harness.verdict.policy.chain import merge_policies
from routine_harness.verdict.policy.default_policy import default_policy
from routine_harness.verdict.read_policy import parse_policy


class ImportedRoutine(msgspec.Struct, frozen=True):
    """One imported routine: the folder's name, the texts by file name, what was lost, what is open.

    ``listed`` says whether it comes from a list of the account, and whether all of that is there;
    ``account``, whether an account's export tells it.
    """

    source: str
    form: str
    name: str
    texts: dict[str, str]
    lost: tuple[Lost, ...]
    questions: tuple[Question, ...]
    prompt: str = ""
    listed: Literal["", "part", "whole"] = ""
    account: bool = False


def import_routines(
    files: Mapping[str, bytes],
    answers: Answers = Answers(),  # noqa: B008 - a frozen value
    beside: Beside = lambda _file, _written: None,
) -> tuple[ImportedRoutine, ...]:
    """The routines in ``files`` (name → content), each checked by our own parser.

    ``beside`` reads what a file names, a prompt's file.

    Raises:
        SpecError: with the problems of all files that are no routine in a form that is known.
    """
    problems: list[Problem] = []
    drafts: list[tuple[str, str, str, Draft]] = []
    lists: list[tuple[str, Page]] = []
    for name, data in files.items():
        try:
            held = held_by(data, name, answers, beside)
        except HarnessError as error:
            problems += error.problems
            continue
        lists += [(name, page) for page in held.pages]
        drafts += [(name, held.form, identity, draft) for identity, draft in held.drafts]
        if not held.drafts:
            problems.append(Problem(name, 0, "the list of the account holds no routine"))
    drafts = _once_each(drafts)
    missing = what_is_missing(lists, [identity for _, _, identity, _ in drafts])
    problems += [] if answers.partial else missing
    _tell_apart([(identity, draft) for _, _, identity, draft in drafts])
    contradiction = _contradiction([(name, draft) for name, _, _, draft in drafts])
    listed: Literal["", "part", "whole"] = "" if not lists else "part" if missing else "whole"
    found = []
    for name, form, identity, draft in drafts:
        _settle(draft, answers, contradiction)
        try:
            written = _written(name, form, draft, files[name])
            known = msgspec.structs.replace(written, listed=listed, account=True)
            found.append(known if identity else written)
        except HarnessError as error:
            problems += error.problems
    if problems:
        raise SpecError(*problems)
    return tuple(found)


def _once_each(drafts: Sequence[tuple[str, str, str, Draft]]) -> list[tuple[str, str, str, Draft]]:
    """The drafts with each routine of an account once: where it has a prompt, if it has one anywhere."""
    kept: list[tuple[str, str, str, Draft]] = []
    for each in drafts:
        *_, identity, draft = each
        same = next((at for at, other in enumerate(kept) if identity and other[2] == identity), None)
        if same is None:
            kept.append(each)
        elif not draft.lacks("prompt") and kept[same][3].lacks("prompt"):
            kept[same] = each
    return kept


def _tell_apart(drafts: Sequence[tuple[str, Draft]]) -> None:
    """Give routines of an account that share a name the end of their id, in any order of the files."""
    names = [draft.name for _, draft in drafts]
    for identity, draft in drafts:
        if identity and names.count(draft.name) > 1:
            draft.name = slug(f"{draft.name}-{identity[-6:]}")


def open_questions(imported: Sequence[ImportedRoutine]) -> dict[str, dict[Question, list[str]]]:
    """Option → the questions that it answers, each with the names of the files that raise it."""
    found: dict[str, dict[Question, list[str]]] = {}
    for one in imported:
        for question in one.questions:
            name = PurePath(one.source).name
            found.setdefault(question.option, {}).setdefault(question, []).append(name)
    return found


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
    _answer(draft, answers)
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


def _answer(draft: Draft, answers: Answers) -> None:
    """Fill in what the file does not say; what it does say stays."""
    if draft.asks("--on") and answers.on:
        draft.triggers = triggers_of(answers.on)
        draft.lost = [each for each in draft.lost if each.what != "schedule"]
        draft.answered("--on")
    if draft.asks("--repository") and answers.repositories:
        draft.repositories = draft.repositories or list(answers.repositories)
        draft.answered("--repository")
    if draft.asks("--connector") and answers.connectors:
        draft.connectors = list(answers.connectors)
        draft.answered("--connector")


def _written(source: str, form: str, draft: Draft, data: bytes) -> ImportedRoutine:
    """The files of a draft, which our own parsers have to take."""
    base = PurePath(source).name
    texts = {ROUTINE: routine_text(draft, base)}
    policy = policy_text(draft, base)
    if policy:
        texts[POLICY] = policy
    try:
        routine = parse_routine(load_document(texts[ROUTINE].encode(), ROUTINE))
        texts |= first_cases(routine)
        if policy:
            merge_policies(default_policy(), [parse_policy(load_document(policy.encode(), POLICY))])
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
