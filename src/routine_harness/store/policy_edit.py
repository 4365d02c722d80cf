"""Entries of ``allow`` written into a policy file that is there, without touching another character."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import yaml

from routine_harness.lint.mandates import mandates_of
from routine_harness.plain import Json
from routine_harness.routine.document import load_document
from routine_harness.routine.layout import POLICY
from routine_harness.store.files import read_bytes
from routine_harness.store.policies import policy_files
from routine_harness.verdict.read_policy import parse_policy

_KEY: Final = re.compile(r"^allow:[ \t]*(?P<rest>[^\n]*)\n?", re.MULTILINE)
_ITEM: Final = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*(?P<indent>[ \t]*)- ")
_HEAD: Final = "# Acts that prompts ask for and the default policy allows only by name.\n"
LIVE: Final = """\
gate:
  require:
    # At least one recording of the real agent for each routine: a script says nothing about the prompt.
    # Make it with `routine-harness record routines/NAME --live`. To go without, write 0 or take these lines
    # out: the gate then opens on scripts alone, and says `open, by script only`.
    live_recordings: 1
"""
"""What a new outermost policy asks for at the gate, and how to go without."""

Entry = Mapping[str, Json]


def outermost_policy(folder: Path) -> Path:
    """The policy file whose ``allow`` reaches the default policy for what lies in ``folder``."""
    files = policy_files(folder.absolute())
    return Path(files[0].source.path) if files else folder / POLICY


def name_mandates(prompts: Mapping[str, str], folder: Path, texts: Mapping[Path, str]) -> dict[Path, str]:
    """The outermost policy above ``folder`` with what the prompts (by routine) mandate allowed by name.

    Nothing where they mandate nothing. ``texts`` are files that are about to be written.

    Raises:
        SpecError: the policy that is there cannot be read.
    """
    entries = [each.permit(name) for name, prompt in prompts.items() for each in mandates_of(prompt)]
    if not entries:
        return {}
    path = outermost_policy(folder)
    text = texts.get(path)
    if text is None:
        text = read_bytes(path).decode() if path.exists() else _HEAD
    return {path: with_allows(text, entries, path.name)}


def with_allows(text: str, entries: Sequence[Entry], name: str = POLICY) -> str:
    """The policy ``text`` with ``entries`` in front of those that it has.

    Raises:
        SpecError: the text is no policy, before or afterwards.
    """
    parse_policy(load_document(text.encode(), name))
    if name.endswith(".json"):
        data = json.loads(text or "{}")
        edited = json.dumps(
            {**data, "allow": [*entries, *data.get("allow", [])]}, indent=2, ensure_ascii=False
        )
        edited += "\n"
    else:
        edited = _edited(text, entries)
    parse_policy(load_document(edited.encode(), name))
    return edited


def _edited(text: str, entries: Sequence[Entry]) -> str:
    key = _KEY.search(text)
    if key is None:
        before = text if not text or text.endswith("\n") else text + "\n"
        return f"{before}allow:\n{_block(entries, '  ')}"
    rest = key["rest"].partition("#")[0].strip()
    if rest.startswith("["):
        at = text.index("[", key.start()) + 1
        flow = ", ".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
        more = "" if text[at:].lstrip().startswith("]") else ", "
        return f"{text[:at]}{flow}{more}{text[at:]}"
    head = text[: key.end()] if text[: key.end()].endswith("\n") else text[: key.end()] + "\n"
    first = _ITEM.match(text, key.end())
    return head + _block(entries, first["indent"] if first else "  ") + text[key.end() :]


def _block(entries: Sequence[Entry], indent: str) -> str:
    written = yaml.safe_dump(
        [dict(entry) for entry in entries], sort_keys=False, allow_unicode=True, width=100
    )
    return "".join(f"{indent}{line}\n" for line in written.splitlines())
