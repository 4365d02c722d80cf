"""Programs that delete, move and copy files: what they do outside the workspace, and uploads."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from routine_harness.world.shell.acts import Word, effect, spelt
from routine_harness.world.shell.files import outside, resolve
from routine_harness.world.shell.options import parse_options
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.scripts import unknown_part

if TYPE_CHECKING:
    from routine_harness.world.shell.reader import Reader


def remove(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del stdin
    options = parse_options(argv[1:], ("-s", "-n") if argv[0].text == "shred" else ())
    unknown = None
    for word in options.rest:
        path = resolve(reader.context.directory, word.text)
        if not word.known:
            unknown = word
        elif outside(path, reader.context, whole=True):
            reader.acts.append(effect("file.deleted", path=path))
    if unknown is not None and not unknown.text.startswith(("$TMP", "${TMP", "$(mktemp")):
        reader.undecided(f"what is removed depends on {unknown_part(unknown)}", spelt(argv), argv[0].text)
    return Text("")


def move(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``mv``, ``cp``, ``ln``, ``install``, ``chmod`` …: a target outside is changed."""
    del stdin
    options = parse_options(argv[1:], ("-t", "--target-directory", "-m", "-o", "-g", "-S"))
    words = options.rest
    named = argv[0].text.rpartition("/")[2]
    targets = words[-1:]
    if (folder := options.last("-t", "--target-directory")) is not None:
        targets = [folder]
    if named in ("touch", "mkdir", "truncate", "chmod", "chown", "chgrp"):  # a mode is no path outside
        targets = words
    sources = words[:-1] if named in ("mv", "cp", "ln", "install") else []
    for word in targets:
        path = resolve(reader.context.directory, word.text)
        if word.known and outside(path, reader.context):
            reader.acts.append(effect("file.changed", path=path))
        elif word.known and (within := _protected_within(reader, path, sources)):
            reader.acts.append(effect("file.changed", path=within))
    if named == "mv":
        for word in sources:
            path = resolve(reader.context.directory, word.text)
            if word.known and outside(path, reader.context, whole=True):
                reader.acts.append(effect("file.deleted", path=path))
    if named == "cp" and len(words) == 2:
        source, target = (resolve(reader.context.directory, word.text) for word in words)
        reader.scope.files[target] = reader.file(source)
    return Text("")


def _protected_within(reader: Reader, folder: str, sources: list[Word]) -> str | None:
    """The protected place that one of ``sources`` takes if ``folder`` is a folder."""
    paths = (posixpath.join(folder, posixpath.basename(word.text.rstrip("/"))) for word in sources)
    return next((path for path in paths if outside(path, reader.context, whole=True)), None)


def edit_in_place(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``sed -i``: its files are changed; without that it writes what it makes of them."""
    del stdin
    options = parse_options(argv[1:], ("-e", "-f", "--expression", "--file", "-l", "--line-length"))
    if "-i" in options or "--in-place" in options:
        scripted = any(name in options for name in ("-e", "-f", "--expression", "--file"))
        for word in options.rest if scripted else options.rest[1:]:
            path = resolve(reader.context.directory, word.text)
            if word.known and outside(path, reader.context):
                reader.acts.append(effect("file.changed", path=path))
    return Text()


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
    if "-n" in options or "--dry-run" in options:
        return Text()
    if words and not words[-1].known:
        reader.undecided(f"the target is {unknown_part(words[-1])}", spelt(argv), argv[0].text)
    elif len(words) > 1 and ":" in words[-1].text.partition("/")[0]:
        reader.acts.append(effect("file.uploaded", path=words[-1].text))
    elif len(words) > 1 and outside(
        path := resolve(reader.context.directory, words[-1].text), reader.context
    ):
        reader.acts.append(effect("file.changed", path=path))
    return Text()
