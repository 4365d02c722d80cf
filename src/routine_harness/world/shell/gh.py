"""``gh``: each command as the GitHub tool that does the same, or as an effect where none does."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from routine_harness.world.shell.acts import Word, spelt
from routine_harness.world.shell.gh_commands import Command
from routine_harness.world.shell.gh_options import Gh
from routine_harness.world.shell.gh_table import COMMANDS, QUIET
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.scripts import unknown_part

if TYPE_CHECKING:
    from routine_harness.world.shell.reader import Reader


def gh(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """Read one gh command."""
    words = _plain_words(argv)
    if not words:
        return Text()
    unknown = next((word for word in words[:2] if not word.known), None)
    group = words[0].text
    if unknown is not None and group not in ("api", "search", "status", "browse", "auth", "help"):
        reader.undecided(f"gh's command is {unknown_part(unknown)}", spelt(argv), "gh")
        return Text()
    if group == "api":
        # Imported here: the readers of HTTP clients and of gh know each other.
        from routine_harness.world.shell.http import gh_api

        return gh_api(reader, argv, stdin)
    name = words[1].text if len(words) > 1 else ""
    rest = [word for word in argv[1:] if word is not words[0] and (len(words) < 2 or word is not words[1])]
    command = COMMANDS.get((group, name))
    if any(word.text in ("--help", "-h") for word in rest):
        return Text()
    if command is not None:
        _read_command(reader, command, Gh(reader, group, name, rest, stdin), argv)
    elif group not in QUIET or (QUIET[group] is not None and name not in (QUIET[group] or ()) and name):
        reader.opaque(f"gh {group}", argv)
    return Text()


def _plain_words(argv: list[Word]) -> list[Word]:
    """What is no option; ``-R`` may stand before the command and takes a value."""
    return [
        word
        for before, word in itertools.pairwise(argv)
        if not word.text.startswith("-") and before.text not in ("-R", "--repo")
    ]


def _read_command(reader: Reader, command: Command, parsed: Gh, argv: list[Word]) -> None:
    acts = command(parsed)
    if parsed.options.open or (parsed.words and not parsed.words[0].known):
        writes = [
            act for act in acts if act.kind or not act.tool.startswith(("list_", "get_", "actions_get"))
        ]
        if writes and not any(act.tool.endswith("_read") for act in writes):
            word = next((word for word in (*parsed.words, *argv) if not word.known), argv[-1])
            reader.undecided(f"what gh is told depends on {unknown_part(word)}", spelt(argv), "gh")
    reader.acts.extend(acts)
