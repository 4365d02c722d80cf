"""``gh``: each command as the GitHub tool that does the same, or as an effect where none does."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from routine_harness.world.shell.acts import Word, line_of
from routine_harness.world.shell.environment import remember_alias
from routine_harness.world.shell.gh_options import Gh
from routine_harness.world.shell.gh_table import COMMANDS, QUIET
from routine_harness.world.shell.holes import has_hole
from routine_harness.world.shell.http import gh_api
from routine_harness.world.shell.options import parse_options
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.scripts import quoted, script_word, unknown_part

if TYPE_CHECKING:
    from routine_harness.world.shell.reader import Reader


def gh(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """Read one gh command."""
    words = _plain_words(argv)
    if not words:
        return Text()
    group = words[0].text
    aliases = dict(reader.context.aliases)
    if f"gh {group}" in aliases:
        return _aliased(reader, aliases[f"gh {group}"], group, argv, stdin)
    unknown = next((word for word in words[:2] if not word.known), None)
    if unknown is not None and group not in ("api", "search", "status", "browse", "auth", "help"):
        reader.undecided(f"gh's command is {unknown_part(unknown)}", line_of(argv), "gh")
        return Text()
    if group == "api":
        return gh_api(reader, argv, stdin)
    name = words[1].text if len(words) > 1 else ""
    rest = [word for word in argv[1:] if word is not words[0] and (len(words) < 2 or word is not words[1])]
    command = COMMANDS.get((group, name))
    if any(word.text in ("--help", "-h") for word in rest):
        return Text()
    if (group, name) == ("alias", "set"):
        _set_alias(reader, rest)
    elif command is not None:
        parsed = Gh(reader, group, name, rest, stdin)
        reader.acts.extend(command(parsed))
    elif group not in QUIET or (QUIET[group] is not None and name not in (QUIET[group] or ()) and name):
        reader.opaque(f"gh {group}", argv)
    elif group not in ("auth", "config", "completion", "help", "alias", "extension", "version", "--version"):
        reader.looked = True
        if (group, name) == ("repo", "view"):
            return Text(_repository_facts(Gh(reader, group, name, rest, stdin)))
    return Text()


def _repository_facts(gh: Gh) -> str | None:
    """What ``gh repo view --json … --jq PATH`` prints, where PATH leads to what is known."""
    repository = gh.words[0].text if gh.words else gh.repository
    owner, _, name = repository.partition("/")
    if not name or has_hole(repository):
        return None
    known = {".nameWithOwner": repository, ".name": name, ".owner.login": owner,
             ".url": f"https://github.com/{repository}"}  # fmt: skip
    printed = known.get((gh.text("-q", "--jq") or "").strip())
    return None if printed is None else printed + "\n"


def _set_alias(reader: Reader, rest: list[Word]) -> None:
    options = parse_options(rest, ())
    if len(options.rest) >= 2:
        value = options.rest[1].text
        script = value.startswith("!") or "-s" in options or "--shell" in options
        remember_alias(reader, "gh", options.rest[0].text, f"!{value.removeprefix('!')}" if script else value)


def _aliased(reader: Reader, value: str, name: str, argv: list[Word], stdin: Text) -> Text:
    """``gh land 7`` where ``land`` is an alias: ``$1`` takes a word, what is left is added."""
    words = [word for word in argv[1:] if word.text != name]
    if value.startswith("!"):
        with reader.aside():
            reader.scope.positional = words
            return script_word(reader, Word(value[1:]), argv, stdin)
    left = list(words)
    for number in range(len(words), 0, -1):
        if f"${number}" in value:
            value = value.replace(f"${number}", quoted(words[number - 1]))
            left.remove(words[number - 1])
    held = reader.context.aliases
    reader.context = reader.context._replace(aliases=tuple(pair for pair in held if pair[0] != f"gh {name}"))
    try:
        return reader.read(" ".join(["gh", value, *map(quoted, left)]), stdin)
    finally:
        reader.context = reader.context._replace(aliases=held)


def _plain_words(argv: list[Word]) -> list[Word]:
    """What is no option; ``-R`` may stand before the command and takes a value."""
    return [
        word
        for before, word in itertools.pairwise(argv)
        if not word.text.startswith("-") and before.text not in ("-R", "--repo")
    ]
