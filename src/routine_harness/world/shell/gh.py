"""``gh``: each command as the GitHub tool that does the same, or as an effect where none does."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from routine_harness.world.shell.acts import Act, Word, call, effect, spelt
from routine_harness.world.shell.files import resolve
from routine_harness.world.shell.options import Options, parse_options
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.wrappers import unknown_part

if TYPE_CHECKING:
    from routine_harness.world.shell.reader import Reader

_ALIASES: Final = {"--repo": "-R", "--title": "-t", "--body": "-b", "--body-file": "-F", "--notes-file": "-F",
                   "--base": "-B", "--head": "-H", "--draft": "-d", "--label": "-l", "--assignee": "-a",
                   "--reviewer": "-r", "--milestone": "-m", "--comment": "-c", "--notes": "-n",
                   "--description": "-d", "--field": "-F", "--raw-field": "-f", "--ref": "-r"}  # fmt: skip
_VALUED: Final = frozenset(
    "-R -t -b -F -B -H -l -a -r -m -p -T -c -n -q -L -s -S -A -j -u -e -o -D -O "
    "--add-label --remove-label --add-assignee --remove-assignee --add-reviewer --remove-reviewer --project "
    "--template --search --state --author --limit --json --jq --target --discussion-category --notes-start-tag "
    "--reason --subject --match-head-commit --author-email --env --org --visibility --job --attempt "
    "--homepage --license --gitignore --team --remote --source --default-branch --color --name --branch "
    "--workflow --user --event --created --commit --app --repos --type --parent --add-project --remove-project "
    "--add-topic --remove-topic --add-sub-issue --issue --interval --pattern --dir --output --owner --number --id "
    "--fork-name --body-text --add --filename --duplicate-of --recover".split()
)
_FLAGS: Final = {
    ("pr", "merge"): ("-m", "-r", "-s", "-d"),
    ("pr", "review"): ("-a", "-r", "-c"),
    ("pr", "create"): ("-d", "-e", "-f", "--draft"),
    ("pr", "comment"): ("-e",),
    ("release", "create"): ("-d", "-p"),
    ("release", "delete"): (),
    ("issue", "create"): ("-e",),
    ("issue", "list"): (),
    ("repo", "create"): ("-c",),
    ("gist", "create"): ("-p",),
    ("run", "rerun"): (),
    ("pr", "view"): ("-c",),
    ("issue", "view"): ("-c",),
}  # fmt: skip
"""Letters that take a value elsewhere in ``gh`` and none here."""

_MORE: Final = {"label": ("-d",), "repo": ("-d",), "gist": ("-d", "-f"), "workflow": ("-f",), "variable": ("-f",),
                "secret": ("-f",), "codespace": ("-d",)}  # fmt: skip
"""Letters that take a value in one group only."""

Command = Callable[["Gh"], list[Act]]


class Gh:
    """One ``gh GROUP COMMAND …``: its options, and what they refer to."""

    def __init__(self, reader: Reader, group: str, name: str, rest: list[Word], stdin: Text) -> None:
        valued = (_VALUED | set(_MORE.get(group, ()))) - set(_FLAGS.get((group, name), ()))
        self.reader, self.stdin, self.name = reader, stdin, name
        self.options: Options = parse_options(rest, valued, _ALIASES)
        self.words = self.options.rest

    @property
    def repository(self) -> str:
        """``owner/name``: given, in a URL, in the environment, or that of the clone."""
        given = self.options.last("-R")
        if given is not None:
            return "/".join(given.text.split("/")[-2:]) if given.known else ""
        found = _URL.match(self.words[0].text) if self.words else None
        if found:
            return found[1]
        return self.reader.scope.variables.get("GH_REPO") or self.reader.context.repository

    @property
    def number(self) -> int | None:
        """The pull request or issue that the first word names, if it is a number or a URL."""
        if not self.words or not self.words[0].known:
            return None
        text = self.words[0].text
        found = _URL.match(text)
        digits = found[2] if found else text.removeprefix("#")
        return int(digits) if digits.isdecimal() and len(digits) < 12 else None

    def has(self, *names: str) -> bool:
        return any(name in self.options for name in names)

    def text(self, *names: str) -> str | None:
        return self.options.text(*names)

    def listed(self, *names: str) -> list[str] | None:
        """Comma-separated values of repeatable options."""
        found = [
            part.strip() for word in self.options.texts(*names) if word.known for part in word.text.split(",")
        ]
        return found or None

    def file(self, word: Word | None) -> str | None:
        """The text of a file that this very command wrote, or its input for ``-``."""
        if word is None or not word.known:
            return None
        if word.text == "-":
            return self.stdin.text
        return self.reader.scope.files.get(resolve(self.reader.context.directory, word.text))

    @property
    def body(self) -> str | None:
        given = self.options.last("-b")
        return (
            (given.text if given.known else None) if given is not None else self.file(self.options.last("-F"))
        )

    def call(self, tool: str, **arguments: Any) -> Act:
        return call(tool, self.repository, **arguments)

    def effect(self, kind: str, **fields: Any) -> Act:
        return effect(kind, "github", repository=self.repository, **fields)


_URL: Final = re.compile(r"https?://[^/]+/([^/]+/[^/]+)/(?:pull|issues)/(\d+)")


def _pr_create(gh: Gh) -> list[Act]:
    if gh.has("--dry-run", "-w", "--web"):
        return []
    head = gh.text("-H") or gh.reader.context.branch or None
    act = gh.call(
        "create_pull_request",
        title=gh.text("-t"),
        body=gh.body,
        base=gh.text("-B"),
        head=head,
        draft=True if gh.has("-d") else None,
        reviewers=gh.listed("-r"),
    )
    labels, assignees, milestone = gh.listed("-l"), gh.listed("-a"), gh.text("-m")
    extra = {"labels": labels, "assignees": assignees, "milestone": milestone}
    return [replace(act, fields={name: value for name, value in extra.items() if value is not None})]


def _pr_merge(gh: Gh) -> list[Act]:
    if gh.has("--disable-auto"):
        return [gh.effect("pull_request.updated", number=gh.number)]
    method = "squash" if gh.has("-s", "--squash") else "rebase" if gh.has("-r", "--rebase") else "merge"
    acts = [
        gh.call(
            "merge_pull_request",
            pullNumber=gh.number,
            merge_method=method,
            commit_title=gh.text("-t", "--subject"),
            commit_message=gh.body,
        )
    ]
    if gh.has("-d", "--delete-branch"):
        acts.append(gh.effect("branch.deleted"))
    return acts


def _pr_close(gh: Gh) -> list[Act]:
    acts = _comment(gh, gh.text("-c")) if gh.has("-c") else []
    acts.append(gh.call("update_pull_request", pullNumber=gh.number, state="closed"))
    if gh.has("-d", "--delete-branch"):
        acts.append(gh.effect("branch.deleted"))
    return acts


def _pr_reopen(gh: Gh) -> list[Act]:
    acts = _comment(gh, gh.text("-c")) if gh.has("-c") else []
    return [*acts, gh.call("update_pull_request", pullNumber=gh.number, state="open")]


def _pr_ready(gh: Gh) -> list[Act]:
    return [gh.call("update_pull_request", pullNumber=gh.number, draft=gh.has("--undo"))]


def _pr_review(gh: Gh) -> list[Act]:
    event = (
        "APPROVE"
        if gh.has("-a", "--approve")
        else "REQUEST_CHANGES"
        if gh.has("-r", "--request-changes")
        else None
    )
    event = event or ("COMMENT" if gh.has("-c") else None)
    return [
        gh.call("pull_request_review_write", method="create", pullNumber=gh.number, event=event, body=gh.body)
    ]


def _pr_edit(gh: Gh) -> list[Act]:
    acts: list[Act] = []
    plain = {
        "title": gh.text("-t"),
        "body": gh.body,
        "base": gh.text("-B"),
        "reviewers": gh.listed("--add-reviewer"),
    }
    labels = gh.has(
        "--add-label", "--remove-label", "--add-assignee", "--remove-assignee", "-m", "--milestone"
    )
    if any(value is not None for value in plain.values()):
        acts.append(gh.call("update_pull_request", pullNumber=gh.number, **plain))
    if labels or not acts:
        acts.append(
            gh.effect(
                "pull_request.updated",
                number=gh.number,
                labels=gh.listed("--add-label"),
                assignees=gh.listed("--add-assignee"),
                milestone=gh.text("-m"),
            )
        )
    return acts


def _comment(gh: Gh, body: str | None) -> list[Act]:
    return [gh.call("add_issue_comment", issue_number=gh.number, body=body)]


def _commented(gh: Gh) -> list[Act]:
    if gh.has("--delete-last"):
        return [gh.effect("comment.deleted", number=gh.number)]
    if gh.has("--edit-last"):
        return [gh.effect("comment.updated", number=gh.number, body=gh.body)]
    return [] if gh.has("-w", "--web") else _comment(gh, gh.body)


def _issue_create(gh: Gh) -> list[Act]:
    if gh.has("-w", "--web"):
        return []
    act = gh.call(
        "issue_write",
        method="create",
        title=gh.text("-t"),
        body=gh.body,
        labels=gh.listed("-l"),
        assignees=gh.listed("-a"),
    )
    return [replace(act, fields={"milestone": gh.text("-m")} if gh.text("-m") else {})]


def _issue_close(gh: Gh) -> list[Act]:
    acts = _comment(gh, gh.text("-c")) if gh.has("-c") else []
    reasons = {"not planned": "not_planned", "completed": "completed", "duplicate": "duplicate"}
    reason = reasons.get(gh.text("-r", "--reason") or "completed")
    return [
        *acts,
        gh.call("issue_write", method="update", issue_number=gh.number, state="closed", state_reason=reason),
    ]


def _issue_reopen(gh: Gh) -> list[Act]:
    acts = _comment(gh, gh.text("-c")) if gh.has("-c") else []
    return [*acts, gh.call("issue_write", method="update", issue_number=gh.number, state="open")]


def _issue_edit(gh: Gh) -> list[Act]:
    acts: list[Act] = []
    plain = {"title": gh.text("-t"), "body": gh.body}
    if any(value is not None for value in plain.values()):
        acts.append(gh.call("issue_write", method="update", issue_number=gh.number, **plain))
    if not acts or any(
        name.startswith(("--add-", "--remove-")) or name == "-m" for name in gh.options.values
    ):
        labels, assignees = gh.listed("--add-label"), gh.listed("--add-assignee")
        milestone = gh.text("-m")
        acts.append(
            gh.effect(
                "ticket.updated", number=gh.number, labels=labels, assignees=assignees, milestone=milestone
            )
        )
    return acts


def _label(method: str) -> Command:
    def read(gh: Gh) -> list[Act]:
        return [
            gh.call(
                "label_write",
                method=method,
                name=gh.words[0].text if gh.words and gh.words[0].known else None,
                color=gh.text("-c", "--color"),
                description=gh.text("-d"),
                new_name=gh.text("-n", "--name"),
            )
        ]

    return read


def _first(gh: Gh) -> str | None:
    return gh.words[0].text if gh.words and gh.words[0].known else None


def _release_create(gh: Gh) -> list[Act]:
    notes = gh.text("-n") if gh.has("-n") else gh.file(gh.options.last("-F"))
    files = [word.text.partition("#")[0] for word in gh.words[1:] if word.known] or None
    drafted, early = gh.has("-d") or None, gh.has("-p", "--prerelease") or None
    return [
        gh.effect("release.created", tag=_first(gh), title=gh.text("-t"), body=notes, draft=drafted,
                  prerelease=early, files=files)
    ]  # fmt: skip


def _release_edit(gh: Gh) -> list[Act]:
    draft = gh.text("-d")
    return [
        gh.effect("release.updated", tag=_first(gh), title=gh.text("-t"), body=gh.text("-n"),
                  draft=None if draft is None else draft != "false")
    ]  # fmt: skip


def _release_delete(gh: Gh) -> list[Act]:
    acts = [gh.effect("release.deleted", tag=_first(gh))]
    return [*acts, gh.effect("tag.deleted", tag=_first(gh))] if gh.has("--cleanup-tag") else acts


def _release_upload(gh: Gh) -> list[Act]:
    return [
        gh.effect("release.updated", tag=_first(gh), files=[word.text for word in gh.words[1:] if word.known])
    ]


def _workflow_run(gh: Gh) -> list[Act]:
    inputs = (
        dict(word.text.partition("=")[::2] for word in gh.options.texts("-f", "-F") if word.known) or None
    )
    return [gh.call("actions_run_trigger", method="run_workflow", workflow_id=_first(gh), ref=gh.text("-r"),
                    inputs=inputs)]  # fmt: skip


def _run(method: str) -> Command:
    def read(gh: Gh) -> list[Act]:
        chosen = "rerun_failed_jobs" if method == "rerun_workflow_run" and gh.has("--failed") else method
        return [gh.call("actions_run_trigger", method=chosen, run_id=gh.number)]

    return read


def _setting(kind: str) -> Command:
    def read(gh: Gh) -> list[Act]:
        organization = gh.text("-o", "--org")
        repository = None if organization else gh.repository
        environment = gh.text("-e", "--env") or organization
        return [effect(kind, "github", repository=repository, name=_first(gh), environment=environment)]

    return read


def _repository(kind: str) -> Command:
    def read(gh: Gh) -> list[Act]:
        name = _first(gh) or (None if kind == "repository.created" else gh.repository)
        private = True if gh.has("--private") else False if gh.has("--public") else None
        return [
            effect(kind, "github", repository=name, name=name, description=gh.text("-d"), private=private)
        ]

    return read


def _plain(kind: str, field: str = "name") -> Command:
    def read(gh: Gh) -> list[Act]:
        value = gh.number if field == "number" else _first(gh)
        return [gh.effect(kind, **{field: value})]

    return read


def _of(kind: str, connector: str = "github", **names: str) -> Command:
    """An effect that concerns no repository; ``names`` maps fields to options, ``""`` to the first word."""

    def read(gh: Gh) -> list[Act]:
        fields = {
            field: gh.text(*option.split()) if option else _first(gh) for field, option in names.items()
        }
        return [effect(kind, connector, **fields)]

    return read


def _update_branch(gh: Gh) -> list[Act]:
    return [gh.call("update_pull_request_branch", pullNumber=gh.number)]


def _read(tool: str, number: str = "", **fixed: Any) -> Command:
    """A read: the tool that answers the same."""

    def read(gh: Gh) -> list[Act]:
        given = {number: gh.number} if number else {}
        return [gh.call(tool, **fixed, **given)]

    return read


def _checkout(gh: Gh) -> list[Act]:
    gh.reader.context = replace(gh.reader.context, branch="")
    return [gh.call("pull_request_read", method="get", pullNumber=gh.number)]


COMMANDS: Final[dict[tuple[str, str], Command]] = {
    ("pr", "create"): _pr_create,
    ("pr", "new"): _pr_create,
    ("pr", "merge"): _pr_merge,
    ("pr", "close"): _pr_close,
    ("pr", "reopen"): _pr_reopen,
    ("pr", "ready"): _pr_ready,
    ("pr", "review"): _pr_review,
    ("pr", "edit"): _pr_edit,
    ("pr", "comment"): _commented,
    ("pr", "update-branch"): _update_branch,
    ("pr", "revert"): _plain("pull_request.created", "base"),
    ("pr", "lock"): _plain("pull_request.updated", "number"),
    ("pr", "unlock"): _plain("pull_request.updated", "number"),
    ("pr", "view"): _read("pull_request_read", "pullNumber", method="get"),
    ("pr", "diff"): _read("pull_request_read", "pullNumber", method="get_diff"),
    ("pr", "checks"): _read("pull_request_read", "pullNumber", method="get_check_runs"),
    ("pr", "list"): _read("list_pull_requests"),
    ("pr", "ls"): _read("list_pull_requests"),
    ("pr", "status"): _read("list_pull_requests"),
    ("pr", "checkout"): _checkout,
    ("issue", "create"): _issue_create,
    ("issue", "new"): _issue_create,
    ("issue", "close"): _issue_close,
    ("issue", "reopen"): _issue_reopen,
    ("issue", "edit"): _issue_edit,
    ("issue", "comment"): _commented,
    ("issue", "delete"): _plain("ticket.deleted", "number"),
    ("issue", "transfer"): _plain("ticket.updated", "number"),
    ("issue", "lock"): _plain("ticket.updated", "number"),
    ("issue", "unlock"): _plain("ticket.updated", "number"),
    ("issue", "pin"): _plain("ticket.updated", "number"),
    ("issue", "unpin"): _plain("ticket.updated", "number"),
    ("issue", "develop"): _of("branch.created", branch="-n --name", base="-b --base"),
    ("issue", "view"): _read("issue_read", "issue_number", method="get"),
    ("issue", "list"): _read("list_issues"),
    ("issue", "ls"): _read("list_issues"),
    ("issue", "status"): _read("list_issues"),
    ("label", "create"): _label("create"),
    ("label", "edit"): _label("update"),
    ("label", "delete"): _label("delete"),
    ("label", "clone"): _plain("label.created"),
    ("label", "list"): _read("list_label"),
    ("release", "create"): _release_create,
    ("release", "new"): _release_create,
    ("release", "edit"): _release_edit,
    ("release", "delete"): _release_delete,
    ("release", "upload"): _release_upload,
    ("release", "delete-asset"): _plain("release.updated", "tag"),
    ("release", "list"): _read("list_releases"),
    ("release", "view"): _read("get_latest_release"),
    ("workflow", "run"): _workflow_run,
    ("workflow", "enable"): _plain("workflow.enabled", "workflow"),
    ("workflow", "disable"): _plain("workflow.disabled", "workflow"),
    ("workflow", "list"): _read("actions_list", method="list_workflows"),
    ("run", "rerun"): _run("rerun_workflow_run"),
    ("run", "cancel"): _run("cancel_workflow_run"),
    ("run", "delete"): _plain("workflow.deleted", "run"),
    ("run", "list"): _read("actions_list", method="list_workflow_runs"),
    ("run", "view"): _read("actions_get", "resource_id", method="get_workflow_run"),
    ("secret", "set"): _setting("secret.created"),
    ("secret", "delete"): _setting("secret.deleted"),
    ("secret", "remove"): _setting("secret.deleted"),
    ("variable", "set"): _setting("variable.created"),
    ("variable", "delete"): _setting("variable.deleted"),
    ("repo", "create"): _repository("repository.created"),
    ("repo", "new"): _repository("repository.created"),
    ("repo", "fork"): _repository("repository.forked"),
    ("repo", "delete"): _repository("repository.deleted"),
    ("repo", "edit"): _repository("repository.updated"),
    ("repo", "rename"): _plain("repository.updated"),
    ("repo", "archive"): _repository("repository.updated"),
    ("repo", "unarchive"): _repository("repository.updated"),
    ("repo", "sync"): _of("branch.pushed", repository="", branch="-b --branch"),
    ("repo", "deploy-key"): _plain("access.granted"),
    ("repo", "autolink"): _repository("repository.updated"),
    ("gist", "create"): _of("gist.created", description="-d", path=""),
    ("gist", "new"): _of("gist.created", description="-d", path=""),
    ("gist", "edit"): _of("gist.updated", id=""),
    ("gist", "rename"): _of("gist.updated", id=""),
    ("gist", "delete"): _of("gist.deleted", id=""),
    ("cache", "delete"): _of("infrastructure.deleted", name=""),
    ("project", "create"): _of("project.created", title="-t --title"),
    ("project", "copy"): _of("project.created", title="-t --title"),
    ("project", "delete"): _of("project.deleted", name=""),
    **{
        ("project", name): _of("project.updated", name="")
        for name in ("edit", "close", "link", "unlink", "mark-template", "item-add", "item-create", "item-edit",
                     "item-delete", "item-archive", "field-create", "field-delete")
    },
    ("ssh-key", "add"): _of("access.granted", title="-t --title"),
    ("ssh-key", "delete"): _of("access.revoked", name=""),
    ("gpg-key", "add"): _of("access.granted", title="-t --title"),
    ("gpg-key", "delete"): _of("access.revoked", name=""),
    ("codespace", "create"): _of("infrastructure.changed", name="-R --repo"),
    ("codespace", "delete"): _of("infrastructure.deleted", name="-c --codespace"),
}  # fmt: skip

_QUIET: Final = {
    "auth": None, "config": None, "completion": None, "help": None, "version": None, "status": None, "browse": None,
    "search": None, "ruleset": None, "attestation": None, "alias": ("list", "set", "delete", "import"), "org": None,
    "repo": ("view", "list", "clone", "set-default", "gitignore", "license"), "release": ("download", "verify"),
    "run": ("watch", "download"), "workflow": ("view",), "secret": ("list",), "variable": ("list", "get"),
    "gist": ("list", "view", "clone"), "cache": ("list",), "project": ("list", "view", "item-list", "field-list"),
    "ssh-key": ("list",), "gpg-key": ("list",), "codespace": ("list", "view", "logs"), "label": (),
    "extension": ("list", "search", "browse", "install", "remove", "upgrade"), "--version": None, "--help": None,
}  # fmt: skip
"""Groups (or their commands) that read or stay on the machine."""


def gh(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """Read one gh command."""
    words = _plain_words(argv)
    if not words:
        return Text()
    unknown = next((word for word in words[:2] if not word.known), None)
    group = words[0].text
    if unknown is not None and group not in ("api", "search", "status", "browse", "auth", "help"):
        reader.undecided(f"gh's command is {unknown_part(unknown)}", spelt(argv), "gh")
        return Text()
    if group == "api":
        # Imported here: the readers of HTTP clients and of gh know each other.
        from routine_harness.world.shell.http import gh_api

        return gh_api(reader, argv, stdin)
    name = words[1].text if len(words) > 1 else ""
    rest = [word for word in argv[1:] if word is not words[0] and (len(words) < 2 or word is not words[1])]
    command = COMMANDS.get((group, name))
    if any(word.text in ("--help", "-h") for word in rest):
        return Text()
    if command is not None:
        _read_command(reader, command, Gh(reader, group, name, rest, stdin), argv)
    elif group not in _QUIET or (_QUIET[group] is not None and name not in (_QUIET[group] or ()) and name):
        reader.opaque(f"gh {group}", argv)
    return Text()


def _plain_words(argv: list[Word]) -> list[Word]:
    """What is no option; ``-R`` may stand before the command and takes a value."""
    return [
        word
        for before, word in zip(argv, argv[1:], strict=False)
        if not word.text.startswith("-") and before.text not in ("-R", "--repo")
    ]


def _read_command(reader: Reader, command: Command, parsed: Gh, argv: list[Word]) -> None:
    acts = command(parsed)
    if parsed.options.open or (parsed.words and not parsed.words[0].known):
        writes = [
            act for act in acts if act.kind or not act.tool.startswith(("list_", "get_", "actions_get"))
        ]
        if writes and not any(act.tool.endswith("_read") for act in writes):
            word = next((word for word in (*parsed.words, *argv) if not word.known), argv[-1])
            reader.undecided(f"what gh is told depends on {unknown_part(word)}", spelt(argv), "gh")
    reader.acts.extend(acts)
