"""What each command of ``gh`` comes to: GitHub's tool, or an effect where no tool does the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from routine_harness.world.shell.acts import Act, effect
from routine_harness.world.shell.gh_options import Gh

Command = Callable[[Gh], list[Act]]


def pr_create(gh: Gh) -> list[Act]:
    if gh.has("--dry-run", "-w", "--web"):
        return []
    head = gh.text("-H") or gh.reader.context.head or None
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
    return [act._replace(fields={name: value for name, value in extra.items() if value is not None})]


def pr_merge(gh: Gh) -> list[Act]:
    if gh.has("--disable-auto"):
        return [gh.call("disable_pr_auto_merge", pullNumber=gh.number)]
    method = "squash" if gh.has("-s", "--squash") else "rebase" if gh.has("-r", "--rebase") else "merge"
    acts = [
        gh.call(
            "enable_pr_auto_merge" if gh.has("--auto") else "merge_pull_request",
            pullNumber=gh.number,
            merge_method=method,
            commit_title=gh.text("-t", "--subject"),
            commit_message=gh.body,
        )
    ]
    if gh.has("-d", "--delete-branch"):
        acts.append(gh.effect("branch.deleted"))
    return acts


def pr_close(gh: Gh) -> list[Act]:
    acts = _comment(gh, gh.text("-c")) if gh.has("-c") else []
    acts.append(gh.call("update_pull_request", pullNumber=gh.number, state="closed"))
    if gh.has("-d", "--delete-branch"):
        acts.append(gh.effect("branch.deleted"))
    return acts


def pr_reopen(gh: Gh) -> list[Act]:
    acts = _comment(gh, gh.text("-c")) if gh.has("-c") else []
    return [*acts, gh.call("update_pull_request", pullNumber=gh.number, state="open")]


def pr_ready(gh: Gh) -> list[Act]:
    return [gh.call("update_pull_request", pullNumber=gh.number, draft=gh.has("--undo"))]


def pr_review(gh: Gh) -> list[Act]:
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


def pr_edit(gh: Gh) -> list[Act]:
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


def commented(gh: Gh) -> list[Act]:
    if gh.has("--delete-last"):
        return [gh.effect("comment.deleted", number=gh.number)]
    if gh.has("--edit-last"):
        return [gh.effect("comment.updated", number=gh.number, body=gh.body)]
    return [] if gh.has("-w", "--web") else _comment(gh, gh.body)


def issue_create(gh: Gh) -> list[Act]:
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
    return [act._replace(fields={"milestone": gh.text("-m")} if gh.text("-m") else {})]


def issue_close(gh: Gh) -> list[Act]:
    acts = _comment(gh, gh.text("-c")) if gh.has("-c") else []
    reasons = {"not planned": "not_planned", "completed": "completed", "duplicate": "duplicate"}
    reason = reasons.get(gh.text("-r", "--reason") or "completed")
    return [
        *acts,
        gh.call("issue_write", method="update", issue_number=gh.number, state="closed", state_reason=reason),
    ]


def issue_reopen(gh: Gh) -> list[Act]:
    acts = _comment(gh, gh.text("-c")) if gh.has("-c") else []
    return [*acts, gh.call("issue_write", method="update", issue_number=gh.number, state="open")]


def issue_edit(gh: Gh) -> list[Act]:
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


def label(method: str) -> Command:
    def read(gh: Gh) -> list[Act]:
        return [
            gh.call(
                "label_write",
                method=method,
                name=gh.words[0].text if gh.words else None,
                color=gh.text("-c", "--color"),
                description=gh.text("-d"),
                new_name=gh.text("-n", "--name"),
            )
        ]

    return read


def _first(gh: Gh) -> str | None:
    return gh.words[0].text if gh.words else None


def release_create(gh: Gh) -> list[Act]:
    notes = gh.text("-n") if gh.has("-n") else gh.file(gh.options.last("-F"))
    files = [word.text.partition("#")[0] for word in gh.words[1:]] or None
    drafted, early = gh.has("-d") or None, gh.has("-p", "--prerelease") or None
    return [
        gh.effect("release.created", tag=_first(gh), title=gh.text("-t"), body=notes, draft=drafted,
                  prerelease=early, files=files)
    ]  # fmt: skip


def release_edit(gh: Gh) -> list[Act]:
    draft = gh.text("-d")
    return [
        gh.effect("release.updated", tag=_first(gh), title=gh.text("-t"), body=gh.text("-n"),
                  draft=None if draft is None else draft != "false")
    ]  # fmt: skip


def release_delete(gh: Gh) -> list[Act]:
    acts = [gh.effect("release.deleted", tag=_first(gh))]
    return [*acts, gh.effect("tag.deleted", tag=_first(gh))] if gh.has("--cleanup-tag") else acts


def release_upload(gh: Gh) -> list[Act]:
    return [gh.effect("release.updated", tag=_first(gh), files=[word.text for word in gh.words[1:]])]


def workflow_run(gh: Gh) -> list[Act]:
    inputs = dict(word.text.partition("=")[::2] for word in gh.options.texts("-f", "-F")) or None
    return [gh.call("actions_run_trigger", method="run_workflow", workflow_id=_first(gh), ref=gh.text("-r"),
                    inputs=inputs)]  # fmt: skip


def run(method: str) -> Command:
    def read(gh: Gh) -> list[Act]:
        chosen = "rerun_failed_jobs" if method == "rerun_workflow_run" and gh.has("--failed") else method
        return [gh.call("actions_run_trigger", method=chosen, run_id=gh.number)]

    return read


def setting(kind: str) -> Command:
    def read(gh: Gh) -> list[Act]:
        organization = gh.text("-o", "--org")
        repository = None if organization else gh.repository
        environment = gh.text("-e", "--env") or organization
        return [effect(kind, "github", repository=repository, name=_first(gh), environment=environment)]

    return read


def repo_edit(gh: Gh) -> list[Act]:
    """A change of visibility is an act of its own beside whatever else is changed."""
    visibility = gh.text("--visibility")
    kind = "repository.visibility_changed" if gh.has("--visibility") else "repository.updated"
    name = _first(gh) or gh.repository
    return [
        effect(kind, "github", repository=name, name=name, description=gh.text("-d"), visibility=visibility)
    ]


def repository(kind: str) -> Command:
    def read(gh: Gh) -> list[Act]:
        name = _first(gh) or (None if kind == "repository.created" else gh.repository)
        private = True if gh.has("--private") else False if gh.has("--public") else None
        return [
            effect(kind, "github", repository=name, name=name, description=gh.text("-d"), private=private)
        ]

    return read


def deploy_key(gh: Gh) -> list[Act]:
    kinds = {"add": "key.added", "delete": "key.deleted"}
    asked = _first(gh) or ""
    if asked == "list":
        return []
    return [gh.effect(kinds.get(asked, "key.added"), title=gh.text("-t"))]


def plain(kind: str, field: str = "name") -> Command:
    def read(gh: Gh) -> list[Act]:
        value = gh.number if field == "number" else _first(gh)
        return [gh.effect(kind, **{field: value})]

    return read


def named(kind: str, connector: str = "github", **names: str) -> Command:
    """An effect that concerns no repository; ``names`` maps fields to options, ``""`` to the first word."""

    def read(gh: Gh) -> list[Act]:
        fields = {
            field: gh.text(*option.split()) if option else _first(gh) for field, option in names.items()
        }
        return [effect(kind, connector, **fields)]

    return read


def update_branch(gh: Gh) -> list[Act]:
    return [gh.call("update_pull_request_branch", pullNumber=gh.number)]


def reads(tool: str, number: str = "", **fixed: Any) -> Command:
    """A read: the tool that answers the same."""

    def read(gh: Gh) -> list[Act]:
        given = {number: gh.number} if number else {}
        return [gh.call(tool, **fixed, **given)]

    return read


def checkout(gh: Gh) -> list[Act]:
    gh.reader.context = gh.reader.context.on("")
    return [gh.call("pull_request_read", method="get", pullNumber=gh.number)]
