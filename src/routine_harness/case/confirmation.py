"""The prompt that a script was written for: what ``agents/confirmed.yaml`` says, and whether it holds.

A script remembers no prompt, so that a person has to say that it still does what the prompt asks for. A
text has the digest that a recording keeps of it: both change together.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Final, Literal

import msgspec

from routine_harness.case.digests import digest
from routine_harness.finding import Finding, Location, Severity
from routine_harness.routine.spec import Routine
from routine_harness.verdict.words import counted

PROMPT: Final = "prompt"
UNCONFIRMED: Final = "script.unconfirmed"
MOST_LINES: Final = 30
"""How much of a difference a finding shows; the command ``confirm`` shows all of it."""

Standing = Literal["confirmed", "changed", "never"]
"""``changed``: it was confirmed for another prompt than today's."""


class Confirmation(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one script was confirmed for: digests of the prompt and of the files that the prompt names,
    and the day. ``routine`` is named where several routines of a folder may share the script."""

    prompt: str
    confirmed: str
    reads_files: dict[str, str] = {}
    routine: str = ""

    @property
    def digests(self) -> dict[str, str]:
        """The digest of each text by its name; see ``prompt_texts``."""
        return {PROMPT: self.prompt, **self.reads_files}


class Confirmations(msgspec.Struct, frozen=True, eq=False):
    """All that one ``confirmed.yaml`` says: entries by script, and texts by their digests."""

    entries: dict[str, tuple[Confirmation, ...]] = {}
    texts: dict[str, str] = {}

    def entry(self, script: str, routine: str) -> Confirmation | None:
        """What ``script`` was confirmed for as a script of ``routine``."""
        found = {entry.routine: entry for entry in self.entries.get(script, ())}
        return found.get(routine) or found.get("")

    def confirming(
        self, scripts: Iterable[str], texts: Mapping[str, str], day: str, routine: str = ""
    ) -> Confirmations:
        """These with ``scripts`` confirmed for ``texts`` on ``day``."""
        entries = dict(self.entries)
        digests = {name: digest(text) for name, text in texts.items()}
        files = {name: value for name, value in digests.items() if name != PROMPT}
        for script in scripts:
            new = Confirmation(digests[PROMPT], day, files, routine)
            others = (entry for entry in entries.get(script, ()) if entry.routine != routine)
            entries[script] = tuple(sorted((*others, new), key=lambda entry: entry.routine))
        return Confirmations(entries, {**self.texts, **{digests[name]: text for name, text in texts.items()}})

    def naming(self, scripts: Iterable[str]) -> Confirmations:
        """These without the entries of other scripts than ``scripts``."""
        return Confirmations(
            {name: self.entries[name] for name in scripts if name in self.entries}, self.texts
        )


class Binding(msgspec.Struct, frozen=True, omit_defaults=True):
    """A script that carries out cases of a routine, and whether it was confirmed for today's prompt.

    ``script`` is its name in ``confirmed.yaml``; ``since`` the day on which it was confirmed, ``changed``
    names the texts that are others since then, and ``difference`` shows how, line by line, with ``added``
    and ``removed`` lines. ``place`` is where the prompt stands, ``command`` what confirms the script.
    """

    script: str
    standing: Standing
    place: Location
    command: str
    since: str = ""
    changed: tuple[str, ...] = ()
    difference: tuple[str, ...] = ()
    added: int = 0
    removed: int = 0

    @property
    def message(self) -> str:
        """Why it is not confirmed, in a sentence."""
        if self.standing == "never":
            return f"nobody has confirmed that {self.script} does what the prompt says"
        texts = [f"the {name}" if name == PROMPT else name for name in self.changed]
        return f"{_listed(texts)} changed since {self.script} was confirmed on {self.since}{self._counted}"

    @property
    def _counted(self) -> str:
        counts = {"removed": self.removed, "added": self.added}
        said = [f"{counted(count, 'line')} {word}" for word, count in counts.items() if count]
        return f": {', '.join(said)}" if said else ""

    @property
    def shown_difference(self) -> tuple[str, ...]:
        """The first lines of the difference, and how to see the rest."""
        left = len(self.difference) - MOST_LINES
        if left <= 0:
            return self.difference
        more = f"… {counted(left, 'more line')}: {self.command} --check"
        return (*self.difference[:MOST_LINES], more)


def prompt_texts(routine: Routine) -> dict[str, str]:
    """The texts that an agent of ``routine`` follows: ``prompt``, and the files that it names, each as
    ``owner/name:path``."""
    return {PROMPT: routine.prompt, **{f"{f.repository}:{f.path}": f.text for f in routine.reads_files}}


def bind_script(script: str, routine: Routine, confirmations: Confirmations, *, command: str) -> Binding:
    """How ``script`` stands to the prompt of ``routine``; ``command`` is what confirms it."""
    source = routine.source
    place = Location(source.file, source.line("prompt"))
    entry = confirmations.entry(script, routine.name)
    if entry is None:
        return Binding(script, "never", place, command)
    texts = prompt_texts(routine)
    now = {name: digest(text) for name, text in texts.items()}
    names = dict.fromkeys((*now, *entry.digests))
    changed = tuple(name for name in names if now.get(name) != entry.digests.get(name))
    if not changed:
        return Binding(script, "confirmed", place, command, entry.confirmed)
    lines: list[str] = []
    marks: list[str] = []
    for name in changed:
        shown = _difference(name, entry.digests.get(name), texts.get(name), confirmations.texts)
        lines += shown
        marks += [line[:1] for line in shown[2:]]
    return Binding(
        script, "changed", place, command, entry.confirmed, changed, tuple(lines), marks.count("+"),
        marks.count("-"),
    )  # fmt: skip


def check_binding(binding: Binding | None) -> tuple[Finding, ...]:
    """The warning for a run whose script was confirmed for another prompt.

    A script that nobody has confirmed yet is left to the gate: its author may be writing both.
    """
    if binding is None or binding.standing != "changed":
        return ()
    hint = f"read the script again and change what it must do otherwise, then: {binding.command}"
    return (
        Finding(
            code=UNCONFIRMED,
            message=binding.message,
            severity=Severity.WARNING,
            location=binding.place,
            hint=hint,
            detail=binding.shown_difference,
            data={"script": binding.script, "confirmed": binding.since, "changed": list(binding.changed)},
        ),
    )


def _difference(name: str, confirmed: str | None, now: str | None, texts: Mapping[str, str]) -> list[str]:
    """Two lines of names, then the lines of one text that are others than those that were confirmed."""
    if confirmed is not None and confirmed not in texts:
        return [f"{name}: the text that was confirmed is not kept in confirmed.yaml"]
    then = texts[confirmed] if confirmed is not None else ""
    compared = difflib.unified_diff(
        then.splitlines(), (now or "").splitlines(), f"{name}, as confirmed", f"{name}, as it is",
        lineterm="", n=1,
    )  # fmt: skip
    return list(compared)


def _listed(names: list[str]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]
