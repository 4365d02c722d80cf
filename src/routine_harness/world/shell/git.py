"""``git``: pushes, commits and tags; the rest stays in the clone or reads."""

from __future__ import annotations

import re
from typing import Final

from routine_harness.world.shell.acts import Word, effect, line_of
from routine_harness.world.shell.clone import (
    OVERWRITING,
    checkout,
    commit,
    config,
    overwrite,
    remote,
    rename_branch,
    tag,
    worktree,
)
from routine_harness.world.shell.command_settings import runs_by_setting, without_alias
from routine_harness.world.shell.options import Options, names, parse_options
from routine_harness.world.shell.paths import resolve
from routine_harness.world.shell.pushes import push
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.script_reader import Reader
from routine_harness.world.shell.scripts import joined_script, read_possible, script_word, unknown_part

_GLOBAL: Final = (
    "-C",
    "-c",
    "--config-env",
    "--git-dir",
    "--work-tree",
    "--namespace",
    "--exec-path",
    "--super-prefix",
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
    "mktag patch-id cherry interpret-trailers lfs submodule difftool filter-branch filter-repo instaweb "
    "shell "
    "for-each-repo hook stage bugreport diagnose"
)
LOOKS: Final = names(
    "annotate blame branch cat-file cherry count-objects describe diff diff-files diff-index diff-tree "
    "difftool "
    "fetch for-each-ref format-patch grep log ls-files ls-remote ls-tree merge-base name-rev pull "
    "range-diff reflog "
    "remote rev-list rev-parse shortlog show show-branch show-ref status tag whatchanged worktree fsck clone "
    "verify-commit verify-tag archive notes stash bisect submodule"
)
"""Subcommands that show something of the repository; ``add``, ``commit`` and ``push`` do not."""

SILENT: Final = names("add checkout switch restore rm mv config init reset")
"""Subcommands that print nothing that a script could use."""


def git(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """Read one git command."""
    parsed = parse_options(argv[1:], _GLOBAL, stop_early=True)
    if not parsed.rest:
        return Text()
    sub = parsed.rest[0]
    if not sub.known:
        reader.undecided(f"git's command is {unknown_part(sub)}", line_of(argv), "git")
        return Text()
    with reader.aside():
        for folder in parsed.texts("-C"):
            reader.context = reader.context._replace(directory=resolve(reader.context.directory, folder.text))
        return _subcommand(reader, sub.text, parsed, argv, stdin)


def _subcommand(reader: Reader, sub: str, parsed: Options, argv: list[Word], stdin: Text) -> Text:
    rest = parsed.rest[1:]
    aliases = dict(reader.context.aliases)
    for setting in parsed.texts("-c", "--config-env"):
        name, _, value = setting.text.partition("=")
        if "--config-env" in parsed and setting in parsed.texts("--config-env"):
            value = reader.scope.variables.get(value) or ""
        if name.startswith("alias."):
            aliases[f"git {name[6:]}"] = value
        else:
            runs_by_setting(reader, name, value)
    if sub in OVERWRITING:
        overwrite(reader, sub, rest)
    handler = HANDLERS.get(sub)
    if handler is None and f"git {sub}" in aliases:
        return _aliased(reader, aliases[f"git {sub}"], rest, argv, stdin)
    reader.looked = reader.looked or sub in LOOKS
    _carried(reader, sub, rest)
    if handler:
        handler(reader, rest, argv)
    elif sub not in LOCAL:
        reader.opaque(f"git {sub}", argv)
    return Text(_answer(reader, sub, rest))


def _answer(reader: Reader, sub: str, rest: list[Word]) -> str | None:
    """What git prints of what is known: the branch that is checked out."""
    words = [word.text for word in rest]
    asks = (
        (sub == "branch" and words == ["--show-current"])
        or (sub == "rev-parse" and words in (["--abbrev-ref", "HEAD"], ["--abbrev-ref", "@"]))
        or (
            sub == "symbolic-ref"
            and words in (["--short", "HEAD"], ["--short", "-q", "HEAD"], ["-q", "--short", "HEAD"])
        )
    )
    if asks and reader.context.head:
        return reader.context.head + "\n"
    if (
        sub == "config"
        and words in (["--get", "remote.origin.url"], ["remote.origin.url"])
        and reader.context.repository
    ):
        return f"https://github.com/{reader.context.repository}.git\n"
    if sub == "remote" and words == ["get-url", "origin"] and reader.context.repository:
        return f"https://github.com/{reader.context.repository}.git\n"
    return None if sub not in SILENT else ""


_CARRIED: Final = {
    "difftool": ("-x", "--extcmd"),
    "grep": ("-O", "--open-files-in-pager"),
    "fetch": ("--upload-pack",),
    "pull": ("--upload-pack",),
    "ls-remote": ("--upload-pack", "--exec"),
    "clone": ("-u", "--upload-pack"),
    "archive": ("--exec",),
    "fetch-pack": ("--upload-pack", "--exec"),
    "filter-branch": ("--tree-filter", "--index-filter", "--msg-filter", "--commit-filter", "--env-filter",
                      "--parent-filter", "--tag-name-filter"),
    "send-email": ("--smtp-server", "--to-cmd", "--cc-cmd", "--header-cmd"),
    "instaweb": ("--browser",),
    "mergetool": ("-t",),
}  # fmt: skip
"""Options whose value git hands to a shell, by subcommand."""


def _carried(reader: Reader, sub: str, rest: list[Word]) -> None:
    valued = _CARRIED.get(sub, ())
    if valued:
        for word in parse_options(rest, valued).texts(*valued):
            read_possible(reader, word.text)
    if sub in ("clone", "config"):
        for word in parse_options(rest, ("-c", "--config")).texts("-c", "--config"):
            name, _, value = word.text.partition("=")
            runs_by_setting(reader, name, value)
    for word in rest:
        if word.text.startswith("ext::"):
            parts = re.split(r"(?<!%) ", word.text[5:])
            read_possible(reader, " ".join(Word(part.replace("% ", " ")).quoted for part in parts))


def _aliased(reader: Reader, value: str, rest: list[Word], argv: list[Word], stdin: Text) -> Text:
    line = " ".join([value.removeprefix("!"), *(word.quoted for word in rest)])
    with without_alias(reader, f"git {argv[1].text}" if len(argv) > 1 else ""):
        return script_word(reader, Word(line if value.startswith("!") else f"git {line}"), argv, stdin)


def _each(reader: Reader, rest: list[Word], argv: list[Word]) -> None:
    """``git submodule foreach CMD``, ``git bisect run CMD``, ``git rebase --exec CMD``."""
    texts = [word.text for word in rest]
    for at, text in enumerate(texts):
        if text in ("foreach", "run", "-x", "--exec") and at + 1 < len(texts):
            command = [word for word in rest[at + 1 :] if word.text != "--recursive"]
            command = command[:1] if text in ("-x", "--exec") else command
            joined_script(reader, command, argv, Text(""))
            return
        if text.startswith("--exec="):
            read_possible(reader, text.removeprefix("--exec="))


def _lfs(reader: Reader, rest: list[Word], argv: list[Word]) -> None:
    if rest and rest[0].text == "push":
        push(reader, [word for word in rest[1:] if word.text != "--all"], argv)


def _send_email(reader: Reader, rest: list[Word], argv: list[Word]) -> None:
    if not any(word.text == "--dry-run" for word in rest):
        reader.acts.append(effect("notification.sent", program="git send-email", command=line_of(argv)))


def _subtree(reader: Reader, rest: list[Word], argv: list[Word]) -> None:
    if rest and rest[0].text == "push":
        options = parse_options(rest[1:], ("-P", "--prefix"))
        push(reader, options.rest, argv)


def _send_pack(reader: Reader, rest: list[Word], argv: list[Word]) -> None:
    push(reader, [word for word in rest if word.text not in ("--all", "--thin", "--atomic")], argv)


HANDLERS: Final = {
    "config": config,
    "send-pack": _send_pack,
    "http-push": _send_pack,
    "push": push,
    "commit": commit,
    "checkout": checkout,
    "switch": checkout,
    "branch": rename_branch,
    "tag": tag,
    "remote": remote,
    "worktree": worktree,
    "submodule": _each,
    "bisect": _each,
    "rebase": _each,
    "lfs": _lfs,
    "send-email": _send_email,
    "subtree": _subtree,
}
