"""Programs that change things outside, as data: which of their commands do, and what that is called.

A block of the notation is ``program, program : options that take a value``, then lines ``kind = command,
command``. A command may be several words (``s3 rm``), the longest that fits wins; ``*`` is any other,
``(none)`` a program without one, ``nothing`` changes nothing, and under ``?`` a verb among the words
decides, so that one which is not known to read counts as a change.
"""

from __future__ import annotations

from typing import Any, Final

from routine_harness.world.kinds import KINDS
from routine_harness.world.shell import clouds, registries
from routine_harness.world.shell.acts import Act, Word, effect, line_of, opaque
from routine_harness.world.shell.options import names, parse_options
from routine_harness.world.shell.reader import Reader
from routine_harness.world.shell.scripts import unknown_part

Row = tuple[frozenset[str], dict[str, str]]
"""The options that take a value, and command → kind of effect."""

READ_VERBS: Final = names(
    "get list describe show head ls search query select export lookup check validate view tail wait filter "
    "scan test help batch-get detect estimate preview read log logs status info cat print diff history "
    "version configure config auth login init presign assume-role sso stat du"
)
DELETE_VERBS: Final = names("delete rm remove terminate destroy purge deregister drop")


def parse_table(text: str) -> dict[str, Row]:
    """Program → its row."""
    table: dict[str, Row] = {}
    row: Row = (frozenset(), {})
    kind = ""
    for line in _joined(text):
        if not line.startswith(" "):
            programs, _, valued = line.partition(" : ")
            row = (names(valued), {})
            table |= dict.fromkeys(programs.split(", "), row)
            continue
        kind, _, commands = line.strip().partition(" = ")
        kind = "" if kind == "nothing" else kind
        row[1].update({"" if command == "(none)" else command: kind for command in commands.split(", ")})
    for _, commands_of in table.values():
        commands_of.setdefault("*", "")
    return table


def _joined(text: str) -> list[str]:
    """Lines with their continuations, which are indented by eight."""
    lines: list[str] = []
    for line in text.strip("\n").split("\n"):
        if line.startswith(" " * 8):
            lines[-1] += " " + line.strip()
        elif line:
            lines.append(line)
    return lines


TABLE: Final = parse_table(clouds.TEXT + registries.TEXT)


def read_tabled(reader: Reader, name: str, argv: list[Word]) -> bool:
    """Read a command of the table's program ``name``; false where there is none of that name."""
    if name not in TABLE:
        return False
    _tabled(reader, name, argv)
    return True


def _tabled(reader: Reader, name: str, argv: list[Word]) -> None:
    valued, commands = TABLE[name]
    options = parse_options(argv[1:], valued)
    words = [word for word in options.rest if not word.text.startswith("-")]
    if any(
        flag in options for flag in ("--help", "--dry-run", "--dryrun", "-h", "--version", "--check-only")
    ):
        dry = options.text("--dry-run")
        if dry not in ("none", "false"):
            return
    if words and not words[0].known and len(commands) > 1:
        reader.undecided(f"{name}'s command is {unknown_part(words[0])}", line_of(argv), name)
        return
    kind = _kind(commands, [word.text for word in words], [word.text for word in argv[1:]])
    if kind == "?":
        kind = _by_verb([word.text for word in words])
    if kind == "command.opaque":
        reader.acts.append(opaque(name, line_of(argv)))
    elif kind == "command.undecided":
        reader.undecided(f"what {name} is asked to do", line_of(argv), name)
    elif kind:
        reader.acts.append(_tabled_effect(kind, name, argv, words[-1] if words else argv[-1]))


def _tabled_effect(kind: str, name: str, argv: list[Word], target: Word) -> Act:
    known = KINDS.get(kind, ())
    fields: dict[str, Any] = {
        "program": name,
        "command": line_of(argv),
        "path": target.text,
    }
    if "program" not in known and "path" not in known:
        fields["body"] = fields["text"] = line_of(argv)
    return effect(kind, **{field: value for field, value in fields.items() if field in known})


def _kind(commands: dict[str, str], words: list[str], argv: list[str]) -> str:
    for size in (3, 2, 1):
        found = commands.get(" ".join(words[:size]))
        if found is not None and len(words) >= size:
            return found
    if not words and "" in commands:
        return commands[""]
    flagged = next((commands[text] for text in argv if text in commands), None)
    if flagged is not None:
        return flagged
    named = next((commands[word] for word in words if word in commands), None) if "*" in commands else None
    return commands.get("*", "") if named is None else named


def _by_verb(words: list[str]) -> str:
    """Cloud tools whose commands end in a verb: ``aws ec2 terminate-instances``."""
    if not words:
        return ""
    parts = [word for word in words[:6] if word]
    heads = [part.split("-")[0].split(".")[-1] for part in parts] + parts
    if any(head in DELETE_VERBS for head in heads):
        return "infrastructure.deleted"
    return "" if any(head in READ_VERBS for head in heads) else "infrastructure.changed"
