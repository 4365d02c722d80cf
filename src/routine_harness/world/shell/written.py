"""Files that programs write by their own options: ``curl -o``, ``perl -i``, ``sponge``.

They lie in the workspace mostly, and are nobody's business there, unless they are protected.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from routine_harness.world.shell.acts import Word, effect
from routine_harness.world.shell.files import meets, resolve
from routine_harness.world.shell.options import parse_options
from routine_harness.world.shell.reader import Reader

_ALWAYS: Final = "*"
_TABLE: Final = """
curl | -o --output |
wget | -O --output-document |
sort | -o --output |
yq | | -i --inplace
perl ruby | | -i
awk gawk | | -i
prettier biome | | -w --write
sponge patch ed ex rename dos2unix unix2dos | | *
"""
"""Programs | the options that name a file to write | those with which their words are written, or always."""


class _Writing(NamedTuple):
    options: tuple[str, ...]
    in_place: tuple[str, ...]


def _row(line: str) -> tuple[list[str], _Writing]:
    programs, options, in_place = (part.split() for part in line.split("|"))
    return programs, _Writing(tuple(options), tuple(in_place))


_WRITING: Final = {
    program: writing for programs, writing in map(_row, _TABLE.strip().splitlines()) for program in programs
}


def note_written(reader: Reader, name: str, argv: list[Word]) -> None:
    """Note which protected files a command of the program ``name`` writes."""
    writing = _WRITING.get(name)
    if writing is None or not reader.context.protected:
        return
    options = parse_options(argv[1:], writing.options)
    words = options.texts(*writing.options)
    if _ALWAYS in writing.in_place or any(flag in options for flag in writing.in_place):
        words += options.rest
    for word in words:
        path = resolve(reader.context.directory, word.text)
        if any(meets(path, place) for place in reader.context.protected):
            reader.acts.append(effect("file.changed", path=path))
