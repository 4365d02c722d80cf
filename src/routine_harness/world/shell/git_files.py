"""Commands of git that write over files of the working tree, or delete them."""

from __future__ import annotations

from typing import Final

from routine_harness.world.shell.acts import Word, effect
from routine_harness.world.shell.files import outside, resolve
from routine_harness.world.shell.options import Options, parse_options
from routine_harness.world.shell.reader import Reader

OVERWRITING: Final = ("checkout", "restore", "rm", "mv", "clean")
_VALUED: Final = {
    "checkout": ("-b", "-B", "--orphan", "--conflict", "--pathspec-from-file"),
    "restore": ("-s", "--source", "--conflict", "--pathspec-from-file"),
    "rm": ("--pathspec-from-file",),
    "mv": (),
    "clean": ("-e", "--exclude"),
}
_ROOT: Final = ("", ".", ":/")


def overwrite(reader: Reader, sub: str, rest: list[Word]) -> None:
    """Note which files outside the run's own work a command takes away or replaces."""
    options = parse_options(rest, _VALUED[sub])
    kind = "file.deleted" if sub in ("rm", "clean") else "file.changed"
    for word, whole in _pathspecs(sub, rest, options):
        path = resolve(reader.context.directory, word.text)
        if word.known and outside(path, reader.context, whole=whole):
            reader.acts.append(effect(kind, path=path))


def _pathspecs(sub: str, rest: list[Word], options: Options) -> list[tuple[Word, bool]]:
    """The paths of a command, and whether all that lies below one is meant.

    What is taken back to the state that git itself holds may be the whole tree: that changes no file
    which is as it was committed.
    """
    words = options.rest
    if sub == "clean":
        ignored = ("-x" in options or "-X" in options) and not options.texts("-e", "--exclude")
        return [(word, True) for word in words or [Word(".")]] if ignored and "-n" not in options else []
    if sub == "rm":
        return [] if "--cached" in options or "-n" in options else [(word, True) for word in words]
    if sub == "mv":
        return [(word, True) for word in words]
    if sub == "restore":
        if "--staged" in options and "--worktree" not in options:
            return []
        other = options.last("-s", "--source") is not None
    else:
        texts = [word.text for word in rest]
        after = rest[texts.index("--") + 1 :] if "--" in texts else words  # a branch is no path of ours
        other = len(words) > (len(after) if "--" in texts else 1)
        words = after
    return [(word, other or word.text not in _ROOT) for word in words]
