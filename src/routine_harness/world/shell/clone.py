"""What ``git`` does to the clone: what is checked out, commits, remotes, files that it writes over."""

from __future__ import annotations

import re
from typing import Final

from routine_harness.world.shell.acts import Word, effect
from routine_harness.world.shell.command_settings import runs_by_setting
from routine_harness.world.shell.options import Options, parse_options
from routine_harness.world.shell.paths import outside, resolve
from routine_harness.world.shell.pushes import repository_of
from routine_harness.world.shell.script_reader import Reader

_COMMIT: Final = (
    "-m",
    "-F",
    "-C",
    "-c",
    "-t",
    "-S",
    "--message",
    "--file",
    "--author",
    "--date",
    "--template",
    "--reuse-message",
    "--fixup",
    "--squash",
    "--trailer",
    "--cleanup",
)


def config(reader: Reader, rest: list[Word], argv: list[Word]) -> None:
    """``git config NAME VALUE``: an alias, or a setting by which git runs something."""
    del argv
    options = parse_options(rest, ("-f", "--file", "--blob", "--type", "--default", "--value", "--comment"))
    words = [word.text for word in options.rest]
    if words[:1] == ["set"]:
        words = words[1:]
    if (
        len(words) >= 2
        and not {"--get", "--get-all", "--unset", "-l", "--list", "--get-regexp"} & options.values.keys()
    ):
        runs_by_setting(reader, words[0], words[1])
        if words[0] in ("remote.origin.url", "remote.origin.pushurl"):
            _set_remote(reader, "origin", words[1])
        found = re.fullmatch(r"url\.(.+)\.(?:push)?insteadof", words[0], re.IGNORECASE)
        if found:
            _set_remote(reader, "origin", found[1])


def _set_remote(reader: Reader, name: str, address: str) -> None:
    remotes = dict(reader.context.remotes) | {name: repository_of(address, reader.context) or ""}
    reader.context = reader.context._replace(remotes=tuple(remotes.items()))


def commit(reader: Reader, rest: list[Word], argv: list[Word]) -> None:
    del argv
    options = parse_options(rest, _COMMIT, {"--message": "-m"})
    if "--dry-run" in options or "-h" in options:
        return
    given = options.texts("-m")
    message = "\n\n".join(word.text for word in given) if given else None
    if (path := options.text("-F", "--file")) is not None:
        message = reader.file(resolve(reader.context.directory, path))
    reader.context = reader.context._replace(
        commits=(*reader.context.commits, message or ""), message=message or ""
    )
    reader.acts.append(
        effect(
            "commit.created",
            "github",
            repository=reader.context.repository,
            branch=reader.context.head,
            commits=None if message is None else [message],
        )
    )


def checkout(reader: Reader, rest: list[Word], argv: list[Word]) -> None:
    del argv
    options = parse_options(rest, ("-b", "-B", "-c", "-C", "--orphan", "--create", "--force-create"))
    made = options.last("-b", "-B", "-c", "-C", "--create", "--force-create", "--orphan")
    target = made or (options.rest[0] if options.rest and "--detach" not in options else None)
    if target is None or (made is None and "--" in [word.text for word in rest]):
        return
    if made is None and (len(options.rest) > 1 or _is_path(reader, target.text)):
        return
    name = "" if target.text in ("-", "@{-1}") else target.text.removeprefix("origin/")
    reader.context = reader.context.on(name)


def _is_path(reader: Reader, text: str) -> bool:
    """Whether ``git checkout TEXT`` takes back a file instead of changing the branch."""
    return text in (".", ":/") or reader.file(resolve(reader.context.directory, text)) is not None


def worktree(reader: Reader, rest: list[Word], argv: list[Word]) -> None:
    """``git worktree add PATH BRANCH``: a folder in which another branch is checked out."""
    del argv
    options = parse_options(rest, ("-b", "-B", "--reason"))
    words = [word.text for word in options.rest]
    if words[:1] != ["add"] or len(words) < 2:
        return
    path = resolve(reader.context.directory, words[1])
    branch = options.text("-b", "-B") or (words[2] if len(words) > 2 else path.rpartition("/")[2])
    branch = "" if "--detach" in options else branch.removeprefix("origin/")
    reader.context = reader.context._replace(trees=(*reader.context.trees, (path, branch))[-16:])


def rename_branch(reader: Reader, rest: list[Word], argv: list[Word]) -> None:
    del argv
    options = parse_options(rest, ("-u", "--set-upstream-to", "--sort", "--format"))
    if {"-m", "-M", "--move"} & set(options.values) and options.rest:
        reader.context = reader.context.on(options.rest[-1].text)


def tag(reader: Reader, rest: list[Word], argv: list[Word]) -> None:
    del argv
    options = parse_options(
        rest, ("-m", "-F", "-u", "--message", "--file", "--sort", "--format", "--contains")
    )
    if options.rest and not {"-d", "-l", "--delete", "--list", "-v"} & set(options.values):
        reader.context = reader.context._replace(tags=(*reader.context.tags, options.rest[0].text))


def remote(reader: Reader, rest: list[Word], argv: list[Word]) -> None:
    del argv
    options = parse_options(rest, ("-t", "-m"))
    words = [word.text for word in options.rest]
    if len(words) >= 3 and words[0] in ("add", "set-url"):
        _set_remote(reader, words[1], words[2])
    if len(words) == 3 and words[0] == "rename":
        held = dict(reader.context.remotes)
        address = held.pop(words[1], reader.context.repository if words[1] == "origin" else "")
        reader.context = reader.context._replace(remotes=tuple({**held, words[2]: address}.items()))


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
