"""``agents/confirmed.yaml``, read: entries by script, and the texts that they were confirmed for."""

from __future__ import annotations

from typing import Annotated, Final

from routine_harness.case.confirmation import Confirmation, Confirmations
from routine_harness.case.digests import digest
from routine_harness.routine.document import Document
from routine_harness.routine.form import FileForm, Form, Text, key
from routine_harness.routine.form_reader import read_file
from routine_harness.routine.reader import Reader
from routine_harness.verdict.file_parts import Date, iso_day

TEXTS: Final = "texts"
_AGAIN: Final = "the command `routine-harness confirm` writes this file"
_DIGEST: Final = "sha256:[0-9a-f]{64}"
_PROMPT: Final = "sha256:09e91b1f3e2ac9b33d74708d6f0b7b5e8cd132bffbc26ad031e487de73e15525"
_FOLLOWED: Final = "sha256:2c00a3930c712fedd49c8a7cb4e76c5d27a744b6c1df81770bc2ae09c3f2f447"
Digest = Annotated[str, Text("a digest as sha256:…", _DIGEST, _AGAIN)]


class EntryForm(Form, frozen=True, kw_only=True):
    what = "an entry"
    plural = "entries"
    part = "entry"
    said = "What one script was confirmed for."

    prompt: Annotated[Digest, key("The digest of the prompt, as recordings keep it.", _PROMPT, needs=_AGAIN)]
    confirmed: Annotated[Date, key("The day on which somebody confirmed it.", "2026-11-30", needs=_AGAIN)]
    reads_files: Annotated[
        dict[str, Digest],
        key(
            "The digests of the files that the prompt names, by owner/name:path.",
            {"acme/core:.agents/prompts/review.md": _FOLLOWED},
        ),
    ] = {}
    routine: Annotated[
        str,
        key("The routine that is meant, where several of the folder share the script.", "review-nightly"),
    ] = ""


class ConfirmedForm(FileForm, frozen=True, kw_only=True):
    what = "scripts by name"
    part = "confirmed"
    title = "Confirmed scripts"
    hint = _AGAIN
    said = (
        "The prompt that each script of a routine was confirmed for. The file is agents/confirmed.yaml "
        "beside the routine; init and confirm write it. A key is a script: a file relative to agents/ with "
        "its function, or package.module::function."
    )
    open = True
    values = EntryForm | tuple[EntryForm, ...]
    names = Text(
        "a script with its function",
        r"\S.*::\w+",
        "write triage.py::triage or package.module::function",
    )
    shown = {
        "triage.py::triage": {"prompt": _PROMPT, "confirmed": "2026-11-30"},
        "acme_scripts.review::review": [
            {
                "prompt": _PROMPT,
                "confirmed": "2026-11-30",
                "reads_files": {"acme/core:.agents/prompts/review.md": _FOLLOWED},
                "routine": "review-nightly",
            }
        ],
    }

    texts: Annotated[
        dict[str, Annotated[str, Text("a text")]],
        key(
            "The confirmed texts by their digests, so that what changed can be shown.",
            {_PROMPT: "Review the pull request.\n", _FOLLOWED: "Look for leaked secrets first.\n"},
            propertyNames={"pattern": f"^{_DIGEST}$"},
        ),
    ] = {}

    def check(self, reader: Reader) -> None:
        for name, text in self.texts.items():
            if digest(text) != name:  # it would show a false difference
                message = "the text is not the one that its digest stands for"
                hint = "take both out, and confirm the script again"
                reader.problem(self.below(TEXTS, name), message, hint)


def parse_confirmations(document: Document) -> Confirmations:
    """What the file says; an empty one says nothing.

    Raises:
        SpecError: with every problem of it.
    """
    if document.value is None:
        return Confirmations()
    reader, form = read_file(document, ConfirmedForm)
    entries = {
        name: _entries(reader, value if isinstance(value, tuple) else (value,))
        for name, value in form.others.items()
    }
    reader.raise_problems()
    return Confirmations(entries, form.texts)


def _entries(reader: Reader, forms: tuple[EntryForm, ...]) -> tuple[Confirmation, ...]:
    """What one script was confirmed for: one entry, or one for each routine."""
    found: dict[str, Confirmation] = {}
    for form in forms:
        if form.routine in found:
            named = f"the routine {form.routine}" if form.routine else "every routine"
            reader.problem(form.place, f"there is an entry for {named} already", "keep one of them")
        day = iso_day(form.confirmed)
        found[form.routine] = Confirmation(form.prompt, day, form.reads_files, form.routine)
    return tuple(found.values())
