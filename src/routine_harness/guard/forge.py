"""Everyday commands of ``git`` and ``gh`` read exactly; see ``everyday``."""

from __future__ import annotations

from typing import Any

from routine_harness.guard.single import BeyondError, Shell

PUSHING = frozenset(
    "-u --set-upstream -q --quiet -v --verbose --no-verify --progress -f --force --force-with-lease".split()
)
FORCING = ("-f", "--force", "--force-with-lease")
COMMITTING = ("-a", "--all", "-q", "--quiet", "--no-verify", "--allow-empty", "-m", "-am", "--message")
LISTING = {
    "branch": ("-a", "-v", "-vv", "-r", "--show-current", "--list"),
    "remote": ("-v",),
    "tag": ("-l", "--list"),
}
READS = {
    "pr view": ("pull_request_read", "pullNumber", {"method": "get"}),
    "pr diff": ("pull_request_read", "pullNumber", {"method": "get_diff"}),
    "pr checks": ("pull_request_read", "pullNumber", {"method": "get_check_runs"}),
    "pr list": ("list_pull_requests", "", {}),
    "pr status": ("list_pull_requests", "", {}),
    "issue view": ("issue_read", "issue_number", {"method": "get"}),
    "issue list": ("list_issues", "", {}),
    "run view": ("actions_get", "resource_id", {"method": "get_workflow_run"}),
    "run list": ("actions_list", "", {"method": "list_workflow_runs"}),
}
CHOOSING = frozenset("--json --jq -q --limit -L --state --author --search --label".split())
"""Options of reads that take a value."""
WRITES: dict[str, Any] = {
    "pr create": ("create_pull_request", "", {}),
    "pr merge": ("merge_pull_request", "pullNumber", {"merge_method": "merge"}),
    "pr comment": ("add_issue_comment", "issue_number", {}),
    "issue create": ("issue_write", "", {"method": "create"}),
    "issue comment": ("add_issue_comment", "issue_number", {}),
}
GIVING = {
    "--title": "title",
    "-t": "title",
    "--body": "body",
    "-b": "body",
    "--base": "base",
    "-B": "base",
    "--head": "head",
    "-H": "head",
}
TAKING = {
    "pr create": ("title", "body", "base", "head"),
    "pr comment": ("body",),
    "issue create": ("title", "body"),
    "issue comment": ("body",),
}
METHODS = {"--squash": "squash", "-s": "squash", "--rebase": "rebase", "-r": "rebase", "--merge": "merge"}


def read_git(shell: Shell, rest: list[str]) -> None:
    """Note what a git command attempts.

    Raises:
        BeyondError: this cannot be told here.
    """
    verb, words = (rest[0], rest[1:]) if rest else ("", [])
    if verb == "push":
        read_push(shell, words)
    elif verb == "commit":
        read_commit(shell, words)
    elif verb in ("checkout", "switch"):
        making = len(words) == 2 and words[0] in (("-b", "-B") if verb == "checkout" else ("-c", "-C"))
        if (not making and len(words) != 1) or words[-1][:1] in ("-", ""):
            raise BeyondError
        shell.branch = words[-1].removeprefix("origin/")
    elif verb in LISTING:
        if not all(word in LISTING[verb] for word in words):
            raise BeyondError
    elif verb not in shell.data["local_git"] or verb.startswith("-"):
        raise BeyondError


def read_commit(shell: Shell, words: list[str]) -> None:
    """A commit with its messages on the line."""
    messages: list[Any] = []
    options = iter(words)
    for option in options:
        if option not in COMMITTING:
            raise BeyondError
        if option in ("-m", "-am", "--message"):
            messages.append(next(options, None))
    if not messages or None in messages:
        raise BeyondError
    message = "\n\n".join(messages)
    shell.commits.append(message)
    where = place(shell.repository, shell.branch)
    shell.effect("commit.created", "github", where, repository=shell.repository, branch=shell.branch,
                 commits=[message])  # fmt: skip


def place(repository: str, name: str) -> str:
    """What an effect on a branch or tag is about."""
    return f"{repository}@{name}" if name else repository


def read_push(shell: Shell, words: list[str]) -> None:
    """A push to ``origin``: the branches and tags that it changes."""
    options = [word for word in words if word[:1] == "-"]
    plain = [word for word in words if word[:1] != "-"]
    if not PUSHING.issuperset(options) or (plain and plain[0] != "origin") or "tag" in plain or "" in plain:
        raise BeyondError
    forced = any(option in FORCING for option in options) or None
    for text in plain[1:] or ["HEAD"]:
        source, colon, name = text.lstrip("+").partition(":")
        gone = colon and not source and name
        name = name if colon else source
        if not gone and name in ("HEAD", "@", ""):
            name = shell.branch
        kind = "tag" if name.startswith("refs/tags/") else "branch"
        name = name.removeprefix("refs/tags/" if kind == "tag" else "refs/heads/")
        name = name.removeprefix("heads/") if kind == "branch" else name
        fields: dict[str, Any] = {kind: name}
        if not gone:
            fields["force"] = True if forced or text[:1] == "+" else None
            fields["commits"] = [one for one in shell.commits if one] or None if kind == "branch" else None
        what = f"{kind}.deleted" if gone else f"{kind}.pushed"
        shell.effect(what, "github", place(shell.repository, name), repository=shell.repository, **fields)
    if any(effect[0] == "branch.pushed" for effect in shell.effects):
        shell.commits = []


def read_gh(shell: Shell, rest: list[str]) -> None:
    """Note what a command of gh amounts to.

    Raises:
        BeyondError: this cannot be told here.
    """
    command = " ".join(rest[:2])
    found = READS.get(command) or WRITES.get(command)
    owner, _, repository = shell.repository.partition("/")
    if (
        found is None
        or not repository
        or "GH_REPO" in shell.data["variables"]
        or {"-h", "--help"} & set(rest)
    ):
        raise BeyondError
    tool, number, fixed = found
    arguments = {"owner": owner, "repo": repository, **fixed}
    if command == "pr create" and shell.branch:
        arguments["head"] = shell.branch
    take_options(command, rest[2:], number, arguments)
    shell.calls.append((f"github.{tool}", arguments))
    if command in WRITES:
        from routine_harness.guard.reading import connector_of
        from routine_harness.world.rule import apply_rules

        rules = connector_of(shell.data, "github")["rules"][tool]
        for kind, fields in apply_rules(rules, arguments):
            shell.effects.append((kind, "github", fields))


def take_options(command: str, words: list[str], number: str, arguments: Any) -> None:
    """The options and the number of a command of gh, among its arguments.

    Raises:
        BeyondError: one is not known here.
    """
    if "-h" in words or "--help" in words:
        raise BeyondError
    left = iter(words)
    plain: list[str] = []
    for word in left:
        if command in READS and word in CHOOSING:
            next(left, None)
        elif command == "pr merge" and word in METHODS:
            arguments["merge_method"] = METHODS[word]
        elif GIVING.get(word) in TAKING.get(command, ()):
            arguments[GIVING[word]] = next(left, None)
            if arguments[GIVING[word]] is None:
                raise BeyondError
        elif command == "pr create" and word == "--draft":
            arguments["draft"] = True
        elif word[:1] == "-" or plain or not number:
            raise BeyondError
        else:
            plain.append(word)
    if plain and number:
        if not plain[0].isdecimal() or len(plain[0]) > 11:
            raise BeyondError
        arguments[number] = int(plain[0])
