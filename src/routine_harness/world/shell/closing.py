"""Does a command's output end with what an outward write said? Its exit code may be masked."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Final

from routine_harness.world.shell.acts import Context, Word
from routine_harness.world.shell.attempts import attempted
from routine_harness.world.shell.options import names
from routine_harness.world.shell.programs import run_command
from routine_harness.world.shell.reader import Reader
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.statements import STATEMENTS

PASSIVE: Final = names(
    "tail head cat grep egrep tee true false : echo printf sed wc sort uniq sleep cd pushd popd exit return "
    "set export unset test [ [[ jq tr cut rm mkdir touch cp mv chmod wait timeout env command time sudo"
)
"""Programs that pass on what they are given, or say nothing of their own."""
_LOCAL: Final = ("command.", "commit.", "file.")


def ends_in_write(command: str, variables: Mapping[str, str] | None = None) -> bool:
    """Whether the last program of ``command`` that does anything is an outward write."""
    last = False

    def run(reader: Reader, argv: list[Word], stdin: Text) -> Text:
        nonlocal last
        before = len(reader.acts)
        written = run_command(reader, argv, stdin)
        done = [kind for act in reader.acts[before:] for kind, _, _ in attempted(act)]
        if any(not kind.startswith(_LOCAL) for kind in done):
            last = True
        elif posixpath.basename(argv[0].text) not in PASSIVE:
            last = False
        return written

    try:
        Reader(STATEMENTS, run, Context(), dict(variables or {})).read(command)
    except RecursionError:
        return False
    return last
