"""Programs that change things outside by their commands, as the table has them."""

from __future__ import annotations

from typing import Final

from routine_harness.plain import Record
from routine_harness.world.kinds import KINDS
from routine_harness.world.shell.acts import Act, Word, effect, line_of, opaque
from routine_harness.world.shell.options import names, parse_options
from routine_harness.world.shell.program_table import PROGRAMS, Program
from routine_harness.world.shell.script_reader import Reader
from routine_harness.world.shell.scripts import unknown_part

READ_VERBS: Final = names(
    "get list describe show head ls search query select export lookup check validate view tail wait filter "
    "scan test help batch-get detect estimate preview read log logs status info cat print diff history "
    "version configure config auth login init presign assume-role sso stat du"
)
DELETE_VERBS: Final = names("delete rm remove terminate destroy purge deregister drop")


def read_tabled(reader: Reader, name: str, argv: list[Word]) -> bool:
    """Read a command of the table's program ``name``; false where there is none of that name."""
    row = PROGRAMS.get(name)
    if row is None or not row.commands:
        return False
    _tabled(reader, name, row, argv)
    return True


def _tabled(reader: Reader, name: str, row: Program, argv: list[Word]) -> None:
    commands = row.commands
    options = parse_options(argv[1:], row.valued)
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
    fields: Record = {
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
