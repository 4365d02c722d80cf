"""``git push``: remotes, refspecs, deletions, tags, force."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from routine_harness.world.shell.acts import Act, Context, Word, effect, spelt
from routine_harness.world.shell.options import Options, parse_options
from routine_harness.world.shell.scripts import unknown_part

if TYPE_CHECKING:
    from routine_harness.world.shell.reader import Reader

_PUSH: Final = ("-o", "--push-option", "--repo", "--receive-pack", "--exec", "--recurse-submodules")


_URL: Final = re.compile(r"(?:https?://(?:[^@/]*@)?|ssh://(?:[^@/]*@)?|git@|git://)([^/:]+)(?::\d+)?[/:](.+)")


def repository_of(remote: str | None, context: Context) -> str | None:
    """``owner/name`` of a remote's name or URL; None where it cannot be told."""
    if remote in (None, "", "origin"):
        return dict(context.remotes).get("origin") or context.repository or None
    if found := _URL.match(remote or ""):
        return found[2].strip("/").removesuffix(".git")
    return dict(context.remotes).get(remote or "")


def push(reader: Reader, rest: list[Word], argv: list[Word]) -> None:
    options = parse_options(rest, _PUSH)
    if "-n" in options or "--dry-run" in options or "-h" in options:
        return
    words = list(options.rest)
    remote = options.last("--repo") or (words.pop(0) if words else None)
    repository = None if remote is not None and not remote.known else repository_of(
        remote.text if remote else None, reader.context
    )  # fmt: skip
    force = True if {"-f", "--force", "--force-with-lease", "--mirror"} & set(options.values) else None
    acts = _refs(reader, words, options, repository, force=force)
    if "--tags" in options or "--mirror" in options:
        acts.append(effect("tag.pushed", "github", repository=repository, force=force))
    if "--mirror" in options or "--prune" in options:
        acts.append(effect("branch.deleted", "github", repository=repository))
    if not words and not {"--tags", "--delete", "-d"} & set(options.values):
        everything = {"--all", "--branches", "--mirror"} & set(options.values)
        branch = None if everything else reader.context.branch
        acts.insert(0, _pushed(reader, repository, branch, force=force))
    reader.acts.extend(acts)
    unknown = next((word for word in (remote, *words) if word is not None and not word.known), None)
    if unknown or options.open:
        reader.undecided(f"what is pushed depends on {unknown_part(unknown or argv[-1])}", spelt(argv), "git")
    if any(act.kind == "branch.pushed" for act in acts):
        reader.context = reader.context._replace(commits=())


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
        return effect(
            f"{kind}.deleted", "github", repository=repository, **{kind: name if word.known else None}
        )
    if not word.known and not _target_known(text):
        return _pushed(reader, repository, None, force=forced)
    if name in ("HEAD", "@", ""):
        name = reader.context.branch or None
    kind, name = _named(reader, name or "", tagged=tagged)
    if kind == "tag":
        return effect("tag.pushed", "github", repository=repository, tag=name, force=forced)
    return _pushed(reader, repository, name, force=forced)


def _target_known(text: str) -> bool:
    """``$SHA:main``: what is not known stands before the colon."""
    _, colon, target = text.partition(":")
    return bool(colon) and "$" not in target and "`" not in target


def _named(reader: Reader, name: str, *, tagged: bool) -> tuple[str, str]:
    if tagged or name.startswith("refs/tags/") or name in reader.context.tags:
        return "tag", name.removeprefix("refs/tags/")
    return "branch", name.removeprefix("refs/heads/").removeprefix("heads/")


def _pushed(reader: Reader, repository: str | None, branch: str | None, *, force: bool | None) -> Act:
    commits = [message for message in reader.context.commits if message] or None
    return effect(
        "branch.pushed", "github", repository=repository, branch=branch, force=force, commits=commits
    )
