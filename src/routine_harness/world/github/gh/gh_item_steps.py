"""What commands of ``gh`` on pull requests and issues come to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from routine_harness.plain import Json
from routine_harness.world.github.gh.command_line import URL, Asked, GhFailed
from routine_harness.world.github.gh.gh_plan import (
    Plan,
    body_of,
    limit_of,
    not_simulated,
    options_of,
    step_of,
)
from routine_harness.world.github.operations.operation import Arguments
from routine_harness.world.github.tools.tool_calls import Step
from routine_harness.world.holes import has_hole


def _subject(word: str, kind: str) -> Arguments:
    """The pull request or issue that a word names: a number, a URL, or (a pull request) a branch."""
    url = URL.match(word)
    digits = (url[2] or "") if url else word.removeprefix("#")
    if digits.isdecimal():
        return {"number": int(digits)}
    if has_hole(digits):
        return {"number": digits}
    if kind == "issue":
        raise GhFailed(f"invalid issue format: {word!r}" if word else "issue number or url is required")
    return {"branch": word.rpartition(":")[2]}


def _pull(asked: Asked) -> Arguments:
    """The pull request of a command: the one that is named, else that of the clone's branch."""
    if asked.words:
        return _subject(asked.words[0], "pr")
    if asked.has("repo") and not asked.lenient:
        raise GhFailed("argument required when using the --repo flag")
    return {"branch": asked.around.branch} if asked.around.branch else {}


def _issues(asked: Asked) -> list[Arguments]:
    if not asked.words:
        raise GhFailed("accepts 1 arg(s), received 0")
    return [_subject(word, "issue") for word in asked.words]


def _pr_create(asked: Asked) -> list[Step]:
    if asked.has("dry-run"):
        return []
    title, body = asked.one("title"), body_of(asked)
    if asked.has("fill", "fill-first", "fill-verbose"):
        subject, _, rest = asked.around.message.partition("\n")
        title, body = title or subject or None, body if body is not None else rest.strip()
    elif (title is None or body is None) and not asked.lenient:
        raise GhFailed(
            "must provide `--title` and `--body` (or `--fill` or `fill-first` or `--fillverbose`) "
            "when not running interactively"
        )
    given = options_of(
        asked,
        "title body base head draft+ labels=label* assignees=assignee* reviewers=reviewer* milestone",
        title=title,
        body=body,
        head=(asked.one("head") or asked.around.branch or "").strip() or None,
    )
    given |= {"known_labels": True} if asked.has("label") else {}
    given |= {"maintainer_can_modify": False} if asked.has("no-maintainer-edit") else {}
    return [step_of(asked, "pull.create", **given)]


def _pr_merge(asked: Asked) -> list[Step]:
    if asked.has("disable-auto"):
        return [step_of(asked, "pull.no_auto_merge", **_pull(asked))]
    method = next((name for name in ("squash", "rebase", "merge") if asked.has(name)), None)
    operation = "pull.auto_merge" if asked.has("auto") else "pull.merge"
    given = options_of(
        asked,
        "merge_method commit_title=subject commit_message sha=match-head-commit delete_branch=delete-branch+",
        merge_method=method or "merge",
        commit_message=body_of(asked),
    )
    return [step_of(asked, operation, **_pull(asked), **given)]


def _pr_close(asked: Asked) -> list[Step]:
    gone = True if asked.has("delete-branch") else None
    return [
        *_said(asked, _pull(asked)),
        step_of(asked, "pull.update", **_pull(asked), state="closed", delete_branch=gone),
    ]


def _pr_reopen(asked: Asked) -> list[Step]:
    return [*_said(asked, _pull(asked)), step_of(asked, "pull.update", **_pull(asked), state="open")]


def _said(asked: Asked, of: Arguments) -> list[Step]:
    """The comment that closing and reopening may leave."""
    comment = asked.one("comment")
    return [] if comment is None else [step_of(asked, "comment.create", **of, body=comment)]


def _pr_edit(asked: Asked) -> list[Step]:
    given = options_of(asked, "title body base reviewers=add-reviewer*", body=body_of(asked))
    steps = [step_of(asked, "pull.update", **_pull(asked), **given, **_edited(asked))]
    removed = asked.listed("remove-reviewer")
    if removed:
        steps.append(step_of(asked, "pull.remove_reviewers", **_pull(asked), reviewers=removed))
    return steps


def _edited(asked: Asked) -> Arguments:
    """Labels, people and milestone as ``edit`` changes them."""
    given = options_of(
        asked,
        "add_labels=add-label* add_assignees=add-assignee* "
        "remove_labels=remove-label* remove_assignees=remove-assignee*",
    )
    given |= {"known_labels": True} if asked.has("add-label") else {}
    if asked.has("milestone", "remove-milestone"):
        given["milestone"] = asked.one("milestone") or ""
    return given


def _pr_ready(asked: Asked) -> list[Step]:
    return [step_of(asked, "pull.to_draft" if asked.has("undo") else "pull.ready", **_pull(asked))]


def _pr_review(asked: Asked) -> list[Step]:
    events = {"approve": "APPROVE", "request-changes": "REQUEST_CHANGES", "comment": "COMMENT"}
    chosen = [event for option, event in events.items() if asked.has(option)]
    if len(chosen) != 1:
        raise GhFailed("--approve, --request-changes, or --comment required when not running interactively")
    body = body_of(asked)
    if not body and chosen[0] != "APPROVE":
        raise GhFailed(
            f"body cannot be blank for {'request-changes' if 'Q' in chosen[0] else 'comment'} review"
        )
    return [step_of(asked, "review.create", **_pull(asked), event=chosen[0], body=body)]


def _commented(subject: Callable[[Asked], Arguments]) -> Callable[[Asked], list[Step]]:
    def plan(asked: Asked) -> list[Step]:
        of = subject(asked)
        if asked.has("delete-last"):
            return [step_of(asked, "comment.delete", **of, last=True)]
        body = body_of(asked)
        if body is None and not asked.lenient:
            raise GhFailed("flags required when not running interactively")
        if asked.has("edit-last"):
            made = True if asked.has("create-if-none") else None
            return [step_of(asked, "comment.update", **of, last=True, body=body, create_if_none=made)]
        return [step_of(asked, "comment.create", **of, body=body)]

    return plan


def _of_pull(operation: str, options: str = "") -> Callable[[Asked], list[Step]]:
    return lambda asked: [step_of(asked, operation, **_pull(asked), **options_of(asked, options))]


def _pr_checkout(asked: Asked) -> Plan:
    of = _pull(asked)
    return Plan(asked, (step_of(asked, "pull.get", **of),), (("checkout", str(of.get("number", ""))),))


def _pr_list(asked: Asked) -> list[Step]:
    return _listed(asked, "pr")


def _issue_list(asked: Asked) -> list[Step]:
    return _listed(asked, "issue")


def _listed(asked: Asked, kind: str) -> list[Step]:
    """A list, by the filters of the API or, with words to look for, by a search."""
    state = (asked.one("state") or "open").lower()
    allowed = ("open", "closed", "all", *(["merged"] if kind == "pr" else []))
    if state not in allowed and not has_hole(state):
        choices = "|".join(("open", "closed", "merged", "all") if kind == "pr" else ("open", "closed", "all"))
        raise GhFailed(f'invalid argument "{state}" for "-s, --state" flag: valid values are {{{choices}}}')
    if asked.has("search"):
        return [_searched_list(asked, kind, state)]
    given = options_of(
        asked,
        "state labels=label* creator assignee milestone mentioned=mention type base head_branch=head draft+",
        state="unmerged" if (kind, state) == ("pr", "closed") else state,
        creator=asked.one("author") or asked.one("app"),
        assignee=next(iter(asked.listed("assignee") or ()), None),
    )
    return [step_of(asked, "pull.list" if kind == "pr" else "issue.list", **given, limit=limit_of(asked))]


def _searched_list(asked: Asked, kind: str, state: str) -> Step:
    """A list with ``--search``: a search within the repository."""
    terms = [f"is:{kind}", *([] if state == "all" else [f"is:{state}"])]
    for option, qualifier in _QUALIFIERS.items():
        values = asked.listed(option) or []
        terms += [f'{qualifier}:"{value}"' if " " in value else f"{qualifier}:{value}" for value in values]
    terms += ["draft:true"] if asked.has("draft") and kind == "pr" else []
    query = " ".join([*terms, asked.one("search") or ""])
    return step_of(asked, "search.issues", query=query, kind=kind, limit=limit_of(asked))


_QUALIFIERS: Final = {
    "author": "author", "app": "author", "assignee": "assignee", "label": "label", "base": "base",
    "head": "head", "milestone": "milestone", "mention": "mentions", "type": "type",
}  # fmt: skip


def _issue_create(asked: Asked) -> list[Step]:
    title, body = asked.one("title"), body_of(asked)
    if (title is None or body is None) and not asked.lenient:
        raise GhFailed("must provide `--title` and `--body` when not running interactively")
    given = options_of(asked, "labels=label* assignees=assignee* milestone type")
    given |= {"known_labels": True} if asked.has("label") else {}
    given |= {"parent": _subject(parent, "issue")["number"]} if (parent := asked.one("parent")) else {}
    return [step_of(asked, "issue.create", title=title, body=body, **given)]


_REASONS: Final = {"not planned": "not_planned", "completed": "completed", "duplicate": "duplicate"}


def _issue_close(asked: Asked) -> list[Step]:
    [of, *_] = _issues(asked)
    reason = asked.one("reason")
    duplicate = asked.one("duplicate-of")
    chosen = "duplicate" if duplicate else _REASONS.get(reason or "completed", reason)
    of_duplicate = _subject(duplicate, "issue")["number"] if duplicate else None
    return [
        *_said(asked, of),
        step_of(asked, "issue.update", **of, state="closed", state_reason=chosen, duplicate_of=of_duplicate),
    ]


def _issue_reopen(asked: Asked) -> list[Step]:
    [of, *_] = _issues(asked)
    return [*_said(asked, of), step_of(asked, "issue.update", **of, state="open")]


def _issue_edit(asked: Asked) -> list[Step]:
    given = {"title": asked.one("title"), "body": body_of(asked), **_edited(asked)}
    given |= {"type": asked.one("type") or ""} if asked.has("type", "remove-type") else {}
    return [step_of(asked, "issue.update", **of, **given) for of in _issues(asked)]


def _of_issue(operation: str, options: str = "") -> Callable[[Asked], list[Step]]:
    return lambda asked: [step_of(asked, operation, **_issues(asked)[0], **options_of(asked, options))]


def _issue_transfer(asked: Asked) -> list[Step]:
    if len(asked.words) != 2:
        raise GhFailed(f"accepts 2 arg(s), received {len(asked.words)}")
    return [
        step_of(asked, "issue.transfer", **_subject(asked.words[0], "issue"), new_repository=asked.words[1])
    ]


def _issue_develop(asked: Asked) -> list[Step]:
    [of, *_] = _issues(asked)
    if asked.has("list"):
        return [step_of(asked, "issue.get", **of)]
    return [
        step_of(
            asked,
            "branch.create",
            branch=asked.one("name") or f"{of['number']}-issue",
            **{"from": asked.one("base")},
        )
    ]


def _own_open(kind: str) -> Callable[[Asked], list[Step]]:
    def plan(asked: Asked) -> list[Step]:
        query = f"is:{kind} is:open author:@me repo:{asked.repository}"
        return [step_of(asked, "search.issues", query=query, kind=kind, limit=30)]

    return plan


ITEM_PLANS: Final[dict[str, Callable[[Asked], Json]]] = {
    "pr create": _pr_create,
    "pr list": _pr_list,
    "pr view": _of_pull("pull.get"),
    "pr diff": _of_pull("pull.diff"),
    "pr checks": _of_pull("pull.checks"),
    "pr merge": _pr_merge,
    "pr edit": _pr_edit,
    "pr close": _pr_close,
    "pr reopen": _pr_reopen,
    "pr comment": _commented(_pull),
    "pr review": _pr_review,
    "pr ready": _pr_ready,
    "pr checkout": _pr_checkout,
    "pr status": _own_open("pr"),
    "pr update-branch": _of_pull("pull.update_branch"),
    "pr lock": _of_pull("issue.lock", "lock_reason=reason"),
    "pr unlock": _of_pull("issue.unlock"),
    "pr revert": not_simulated,
    "issue create": _issue_create,
    "issue list": _issue_list,
    "issue view": _of_issue("issue.get"),
    "issue edit": _issue_edit,
    "issue close": _issue_close,
    "issue reopen": _issue_reopen,
    "issue comment": _commented(lambda asked: _issues(asked)[0]),
    "issue delete": _of_issue("issue.delete"),
    "issue lock": _of_issue("issue.lock", "lock_reason=reason"),
    "issue unlock": _of_issue("issue.unlock"),
    "issue pin": _of_issue("issue.pin"),
    "issue unpin": _of_issue("issue.unpin"),
    "issue transfer": _issue_transfer,
    "issue develop": _issue_develop,
    "issue status": _own_open("issue"),
}
"""Commands on pull requests and issues → what they come to."""
