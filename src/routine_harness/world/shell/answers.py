"""Commands with a given answer: what they print, how they exit, which files they write, what they do outside.

What such a command does outside by its own words still counts. That its program cannot be read does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from routine_harness.world.commands import CommandAnswer, ended
from routine_harness.world.holes import without_holes
from routine_harness.world.shell.act_effects import attempted
from routine_harness.world.shell.acts import GH_FAILED, HTTP_READ, OPAQUE, Act, Word
from routine_harness.world.shell.paths import resolve
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.script_reader import Reader, Run

_ANSWERED: Final = (OPAQUE, HTTP_READ, GH_FAILED)
"""Kinds of acts that ask or cannot be read: the answer replaces them."""


def answered_command(reader: Reader, argv: list[Word], stdin: Text, read: Run) -> Text | None:
    """What a command with an answer in ``reader.commands`` writes; None for any other command.

    ``read`` reads the command for what it does outside.
    """
    if not reader.commands:
        return None
    words = [word.text for word in argv]
    found = reader.commands.find(words) if reader.trying else reader.commands.play(words)
    if found is None:
        return None
    command, answer = found
    before, looked = len(reader.acts), reader.looked
    if not command.absent:
        with reader.unanswered():
            read(reader, argv, stdin)
    failed = bool(answer.exit) and reader.exits.follows
    acts = list(_kept(reader.acts[before:], answer, failed=failed))
    acts += [Act(one.kind, one.fields, one.connector, declared=True) for one in answer.effects]
    reader.acts[before:] = acts
    for path, text in answer.writes.items():
        reader.write(path, Text(text), appends=False)
        reader.written[resolve(reader.context.directory, path)] = text
    if acts:
        reader.answered()
    reader.looked = looked or answer.looks
    if reader.exits.follows:
        reader.status = answer.exit
    reader.complain(ended(without_holes(answer.stderr)))
    return Text(ended(without_holes(answer.stdout)))


def _kept(acts: Sequence[Act], answer: CommandAnswer, *, failed: bool) -> Iterator[Act]:
    """The acts that change something: done where the program has ended well, else refused by it."""
    writing = {id(act.plan) for act in acts if act.plan is not None and any(True for _ in attempted(act))}
    why = answer.stderr.strip() or f"exit code {answer.exit}"
    for act in acts:
        if act.kind in _ANSWERED:
            continue
        writes = any(True for _ in attempted(act))
        if failed and writes:
            yield act._replace(plan=None, refused=why)
        elif not failed and (writes or id(act.plan) in writing):
            yield act
