"""``git push``: remotes, refspecs, deletions, tags, force."""

from __future__ import annotations

import re
from typing import Final

from routine_harness.world.holes import has_hole, is_hole, is_loose
from routine_harness.world.shell.acts import Act, Context, Word, effect
from routine_harness.world.shell.options import Options, parse_options
from routine_harness.world.shell.script_reader import Reader
from routine_harness.world.shell.scripts import read_possible

_PUSH: Final = ("-o", "--push-option", "--repo", "--receive-pack", "--exec", "--recurse-submodules")


_URL: Final = re.compile(r"(?:https?://(?:[^@/]*@)?|ssh://(?:[^@/]*@)?|git@|git://)([^/:]+)(?::\d+)?[/:](.+)")


def repository_of(remote: str | None, context: Context) -> str | None:
    """``owner/name`` of a remote's name or URL; None where it cannot be told."""
    if remote in (None, "", "origin"):
        return dict(context.remotes).get("origin") or context.repository or None
    if found := _URL.match(remote or ""):
        return found[2].strip("/").removesuffix(".git")
    return dict(context.remotes).get(remote or "") or (remote if remote and has_hole(remote) else None)


def push(reader: Reader, rest: list[Word], argv: list[Word]) -> None:
    options = parse_options(rest, _PUSH)
    if "-n" in options or "--dry-run" in options or "-h" in options or "--help" in options:
        return
    for word in options.texts("--receive-pack", "--exec"):
        read_possible(reader, word.text)
    words = _without_flags(options.rest)
    remote = options.last("--repo") or (words.pop(0) if words else None)
    repository = repository_of(remote.text if remote else None, reader.context)
    force = True if {"-f", "--force", "--force-with-lease", "--mirror"} & set(options.values) else None
    acts = _refs(reader, words, options, repository, force=force)
    if "--tags" in options or "--mirror" in options:
        acts.append(effect("tag.pushed", "github", repository=repository, force=force))
    if "--mirror" in options or "--prune" in options:
        acts.append(effect("branch.deleted", "github", repository=repository))
    if not words and not {"--tags", "--delete", "-d"} & set(options.values):
        everything = {"--all", "--branches", "--mirror"} & set(options.values)
        branch = None if everything else reader.context.head
        if remote is not None and is_loose(remote.text):
            branch = remote.text  # it may hold refspecs as well
        acts.insert(0, _pushed(reader, repository, branch, force=force))
    reader.acts.extend(acts)
    if any(act.kind == "branch.pushed" for act in acts):
        reader.context = reader.context._replace(commits=())


def _without_flags(words: list[Word]) -> list[Word]:
    """The words without ``$FLAGS`` before the remote's name."""
    at = 0
    while at + 1 < len(words) and is_loose(words[at].text) and is_hole(words[at].text):
        if has_hole(words[at + 1].text) or words[at + 1].text not in ("origin", "upstream"):
            break
        at += 1
    return words[at:]


def _refs(
    reader: Reader, words: list[Word], options: Options, repository: str | None, *, force: bool | None
) -> list[Act]:
    acts: list[Act] = []
    deleting = "-d" in options or "--delete" in options
    tagged = False
    for word in words:
        if word.text == "tag" and not tagged and not deleting:
            tagged = True
            continue
        acts.append(_ref(reader, word, repository, force=force, deleting=deleting, tagged=tagged))
        tagged = False
    return acts


def _ref(
    reader: Reader, word: Word, repository: str | None, *, force: bool | None, deleting: bool, tagged: bool
) -> Act:
    text = word.text
    forced = True if force or text.startswith("+") else None
    source, colon, target = text.lstrip("+").partition(":")
    name: str | None = target if colon else source
    if deleting or (colon and not source and target):
        kind, name = _named(reader, name or "", tagged=tagged)
        return effect(f"{kind}.deleted", "github", repository=repository, **{kind: name})
    if name in ("HEAD", "@", ""):
        name = reader.context.head or None
    kind, name = _named(reader, name or "", tagged=tagged)
    if kind == "tag":
        return effect("tag.pushed", "github", repository=repository, tag=name, force=forced)
    return _pushed(reader, repository, name, force=forced)


def _named(reader: Reader, name: str, *, tagged: bool) -> tuple[str, str]:
    if tagged or name.startswith("refs/tags/") or name in reader.context.tags:
        return "tag", name.removeprefix("refs/tags/")
    return "branch", name.removeprefix("refs/heads/").removeprefix("heads/")


def _pushed(reader: Reader, repository: str | None, branch: str | None, *, force: bool | None) -> Act:
    commits = [message for message in reader.context.commits if message] or None
    return effect(
        "branch.pushed", "github", repository=repository, branch=branch, force=force, commits=commits
    )
