"""The policy of an imported routine: its format's limits, and what its prompt forbids, with the sentence."""

from __future__ import annotations

from typing import Final

import msgspec

from routine_harness.interop.routine_draft import Draft, comments_of
from routine_harness.lint.language import is_english
from routine_harness.lint.prohibitions import forbid_of, unheld_of
from routine_harness.plain import Record
from routine_harness.routine.yaml_writer import imported_yaml

UNREAD: Final = "the prompt is not in English, so that nothing of what it forbids was read"


class Forbade(msgspec.Struct, frozen=True):
    """What a prompt forbids: entries of ``forbid``, and the sentences that no rule can say.

    ``unread`` is a prompt in another language than English, of which neither is known.
    """

    rules: tuple[Record, ...] = ()
    unheld: tuple[str, ...] = ()
    unread: bool = False


def forbade_by(prompt: str) -> Forbade:
    """What ``prompt`` forbids."""
    if not is_english(prompt):
        return Forbade(unread=True)
    unheld = tuple(" ".join(each.text.split()) for each in unheld_of(prompt))
    return Forbade(tuple(forbid_of(prompt)), unheld)


def policy_text(draft: Draft, source: str) -> str:
    """The policy file of a draft: the format's limits, and what its prompt forbids, each with its sentence.

    Empty where neither sets any.
    """
    forbade = forbade_by(draft.prompt)
    data = {**draft.policy}
    if forbade.rules:
        data["forbid"] = [*draft.policy.get("forbid", []), *forbade.rules]
    told = comments_of(
        "The prompt forbids more, which no rule can say; cases have to show it:", forbade.unheld
    )
    if forbade.unread:
        told.append(f"# {UNREAD}: write it here under forbid:")
    if not data and not told:
        return ""
    limits = [key for key in draft.policy if key != "platform"]
    parts = {"its limits as rules": limits, "what its prompt forbids": forbade.rules or forbade.unheld}
    what = " and ".join(words for words, there in parts.items() if there)
    lines = [f"# Imported from {source}{f': {what}' if what else ''}.", *told]
    return "\n".join(lines) + "\n" + (imported_yaml(data) if data else "")
