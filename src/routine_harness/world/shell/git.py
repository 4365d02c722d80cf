"""``git``: pushes, commits and tags; the rest stays in the clone or reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from routine_harness.world.shell.acts import Word, effect, spelt
from routine_harness.world.shell.files import resolve
from routine_harness.world.shell.git_files import OVERWRITING, overwrite
from routine_harness.world.shell.options import Options, names, parse_options
from routine_harness.world.shell.pushes import push, repository_of
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.scripts import script_word, unknown_part

if TYPE_CHECKING:
    from routine_harness.world.shell.reader import Reader

_GLOBAL: Final = ("-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path", "--super-prefix")
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
LOCAL: Final = names(
    "add am annotate apply archive bisect blame branch bundle cat-file check-attr check-ignore checkout "
    "cherry cherry-pick citool clean clone column commit-graph commit-tree config count-objects describe "
    "diff diff-files diff-index diff-tree difftool fast-export fast-import fetch fetch-pack for-each-ref "
    "format-patch fsck gc grep gui hash-object help index-pack init log ls-files ls-remote ls-tree "
    "maintenance merge merge-base merge-file mergetool mv name-rev notes pack-refs prune pull range-diff "
    "read-tree rebase reflog remote repack replace request-pull rerere reset restore rev-list rev-parse "
    "revert rm shortlog show show-branch show-ref sparse-checkout stash status stripspace switch "
    "symbolic-ref tag unpack-objects update-index update-ref update-server-info var verify-commit "
    "verify-pack verify-tag version whatchanged worktree write-tree --version --help credential mktree "
    "mktag patch-id cherry interpret-trailers lfs submodule"
)


def git(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """Read one git command."""
    parsed = parse_options(argv[1:], _GLOBAL, stop_early=True)
    if not parsed.rest:
        return Text()
    sub = parsed.rest[0]
    if not sub.known:
        reader.undecided(f"git's command is {unknown_part(sub)}", spelt(argv), "git")
        return Text()
    with reader.aside():
        for folder in parsed.texts("-C"):
            reader.context = reader.context._replace(directory=resolve(reader.context.directory, folder.text))
        return _subcommand(reader, sub.text, parsed, argv, stdin)


def _subcommand(reader: Reader, sub: str, parsed: Options, argv: list[Word], stdin: Text) -> Text:
    rest = parsed.rest[1:]
    for setting in parsed.texts("-c"):
        name, _, value = setting.text.partition("=")
        if name == f"alias.{sub}":
            return _aliased(reader, value, rest, argv, stdin)
    if sub in OVERWRITING:
        overwrite(reader, sub, rest)
    handler = HANDLERS.get(sub)
    if handler:
        handler(reader, rest, argv)
    elif sub not in LOCAL:
        reader.opaque(f"git {sub}", argv)
    return Text()


def _aliased(reader: Reader, value: str, rest: list[Word], argv: list[Word], stdin: Text) -> Text:
    if value.startswith("!"):
        return script_word(reader, Word(value[1:]), argv, stdin)
    return git(reader, [Word("git"), *(Word(part) for part in value.split()), *rest], stdin)


def _commit(reader: Reader, rest: list[Word], argv: list[Word]) -> None:
    del argv
    options = parse_options(rest, _COMMIT, {"--message": "-m"})
    if "--dry-run" in options or "-h" in options:
        return
    given = options.texts("-m")
    message = (
        "\n\n".join(word.text for word in given) if given and all(word.known for word in given) else None
    )
    reader.context = reader.context._replace(commits=(*reader.context.commits, message or ""))
    reader.acts.append(
        effect(
            "commit.created",
            "github",
            repository=reader.context.repository,
            branch=reader.context.branch,
            commits=None if message is None else [message],
        )
    )


def _checkout(reader: Reader, rest: list[Word], argv: list[Word]) -> None:
    del argv
    options = parse_options(rest, ("-b", "-B", "-c", "-C", "--orphan", "--create", "--force-create"))
    made = options.last("-b", "-B", "-c", "-C", "--create", "--force-create", "--orphan")
    target = made or (options.rest[0] if options.rest and "--detach" not in options else None)
    if target is None or (made is None and "--" in [word.text for word in rest]):
        return
    reader.context = reader.context._replace(
        branch=target.text.removeprefix("origin/") if target.known else ""
    )


def _branch(reader: Reader, rest: list[Word], argv: list[Word]) -> None:
    del argv
    options = parse_options(rest, ("-u", "--set-upstream-to", "--sort", "--format"))
    if {"-m", "-M", "--move"} & set(options.values) and options.rest:
        reader.context = reader.context._replace(branch=options.rest[-1].text)


def _tag(reader: Reader, rest: list[Word], argv: list[Word]) -> None:
    del argv
    options = parse_options(
        rest, ("-m", "-F", "-u", "--message", "--file", "--sort", "--format", "--contains")
    )
    if options.rest and not {"-d", "-l", "--delete", "--list", "-v"} & set(options.values):
        reader.context = reader.context._replace(tags=(*reader.context.tags, options.rest[0].text))


def _remote(reader: Reader, rest: list[Word], argv: list[Word]) -> None:
    del argv
    options = parse_options(rest, ("-t", "-m"))
    words = [word.text for word in options.rest]
    if len(words) >= 3 and words[0] in ("add", "set-url"):
        remotes = dict(reader.context.remotes) | {words[1]: repository_of(words[2], reader.context) or ""}
        reader.context = reader.context._replace(remotes=tuple(remotes.items()))


def _each(reader: Reader, rest: list[Word], argv: list[Word]) -> None:
    """``git submodule foreach CMD``, ``git bisect run CMD``, ``git rebase --exec CMD``."""
    texts = [word.text for word in rest]
    for at, text in enumerate(texts):
        if text in ("foreach", "run", "-x", "--exec") and at + 1 < len(texts):
            command = [word for word in rest[at + 1 :] if word.text != "--recursive"]
            command = command[:1] if text in ("-x", "--exec") else command
            known = all(word.known for word in command)
            script_word(reader, Word(" ".join(word.text for word in command), known), argv, Text(""))
            return


def _lfs(reader: Reader, rest: list[Word], argv: list[Word]) -> None:
    if rest and rest[0].text == "push":
        push(reader, [word for word in rest[1:] if word.text != "--all"], argv)


def _send_email(reader: Reader, rest: list[Word], argv: list[Word]) -> None:
    if not any(word.text == "--dry-run" for word in rest):
        reader.acts.append(effect("notification.sent", program="git send-email", command=spelt(argv)))


def _subtree(reader: Reader, rest: list[Word], argv: list[Word]) -> None:
    if rest and rest[0].text == "push":
        options = parse_options(rest[1:], ("-P", "--prefix"))
        push(reader, options.rest, argv)


HANDLERS: Final = {
    "push": push,
    "commit": _commit,
    "checkout": _checkout,
    "switch": _checkout,
    "branch": _branch,
    "tag": _tag,
    "remote": _remote,
    "submodule": _each,
    "bisect": _each,
    "rebase": _each,
    "lfs": _lfs,
    "send-email": _send_email,
    "subtree": _subtree,
}
