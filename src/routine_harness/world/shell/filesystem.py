"""Programs that delete, move, copy and write files: what they do outside the workspace, and uploads."""

from __future__ import annotations

import posixpath
from typing import Final

from routine_harness.world.holes import is_hole
from routine_harness.world.shell.acts import Word, effect
from routine_harness.world.shell.options import parse_options
from routine_harness.world.shell.paths import is_scratch, meets, outside, resolve
from routine_harness.world.shell.program_table import PROGRAMS
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.script_reader import Reader


def remove(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del stdin
    options = parse_options(argv[1:], ("-s", "-n") if argv[0].text == "shred" else ())
    for word in options.rest:
        _touch_path(reader, "file.deleted", word, whole=True)
        reader.scope.files.pop(resolve(reader.context.directory, word.text), None)
    return Text("")


def _touch_path(reader: Reader, kind: str, word: Word, *, whole: bool = False) -> bool:
    """Whether a path lies, or may lie, outside the workspace: then it is noted as deleted or changed."""
    path = resolve(reader.context.directory, word.text)
    touched = outside(path, reader.context, whole=whole) and not is_scratch(path)
    if touched:
        reader.acts.append(effect(kind, path=path))
    return touched


def move(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``mv``, ``cp``, ``ln``, ``install``, ``chmod`` …: a target outside is changed."""
    del stdin
    options = parse_options(argv[1:], ("-t", "--target-directory", "-m", "-o", "-g", "-S"))
    words = options.rest
    named = argv[0].text.rpartition("/")[2]
    targets = words[-1:]
    if named in ("touch", "mkdir", "truncate", "chmod", "chown", "chgrp"):  # a mode is no path outside
        targets = words
    sources = words[:-1] if named in ("mv", "cp", "ln", "install") else []
    if (folder := options.last("-t", "--target-directory")) is not None:
        targets, sources = [folder], words
    for word in targets:
        path = resolve(reader.context.directory, word.text)
        if not _touch_path(reader, "file.changed", word) and (
            within := _protected_within(reader, path, sources)
        ):
            reader.acts.append(effect("file.changed", path=within))
    if named == "mv":
        for word in sources:
            _touch_path(reader, "file.deleted", word, whole=True)
    if sources and folder is None and len(words) == 2:
        source, target = (resolve(reader.context.directory, word.text) for word in words)
        reader.scope.files[target] = reader.file(source)
    return Text("")


def _protected_within(reader: Reader, folder: str, sources: list[Word]) -> str | None:
    """The protected place that one of ``sources`` takes if ``folder`` is a folder."""
    paths = (posixpath.join(folder, posixpath.basename(word.text.rstrip("/"))) for word in sources)
    places = reader.context.protected
    return next((path for path in paths if any(meets(path, place, whole=True) for place in places)), None)


def edit_in_place(reader: Reader, argv: list[Word], stdin: Text) -> Text | None:
    """``sed -i``: its files are changed; without that it writes what it makes of them."""
    del stdin
    options = parse_options(argv[1:], ("-e", "-f", "--expression", "--file", "-l", "--line-length"))
    if "-i" not in options and "--in-place" not in options:
        return None
    scripted = any(name in options for name in ("-e", "-f", "--expression", "--file"))
    for word in options.rest if scripted else options.rest[1:]:
        _touch_path(reader, "file.changed", word)
    return Text("")


def dd(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del stdin
    for word in argv[1:]:
        path = resolve(reader.context.directory, word.text.removeprefix("of="))
        if word.text.startswith("of=") and outside(path, reader.context._replace(workspace=())):
            reader.acts.append(effect("file.changed", path=path))
    return Text()


def copy(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``scp``, ``rsync``, ``sftp``: a last word with a host is an upload."""
    del stdin
    options = parse_options(
        argv[1:], ("-e", "-i", "-P", "-o", "-F", "--exclude", "--include", "--rsh", "-l", "-c")
    )
    words = options.rest
    if "-n" in options or "--dry-run" in options or len(words) < 2:
        return Text()
    target = words[-1].text
    if ":" in target.partition("/")[0] or is_hole(target):
        reader.acts.append(effect("file.uploaded", path=target))
    else:
        _touch_path(reader, "file.changed", words[-1])
    return Text()


_ALWAYS: Final = "*"


def note_written(reader: Reader, name: str, argv: list[Word]) -> None:
    """Note which protected files a command of the program ``name`` writes."""
    row = PROGRAMS.get(name)
    if row is None or not (row.writes or row.in_place) or not reader.context.protected:
        return
    options = parse_options(argv[1:], row.writes)
    words = options.texts(*sorted(row.writes))
    if _ALWAYS in row.in_place or any(flag in options for flag in row.in_place):
        words += options.rest
    for word in words:
        path = resolve(reader.context.directory, word.text)
        if any(meets(path, place) for place in reader.context.protected):
            reader.acts.append(effect("file.changed", path=path))
