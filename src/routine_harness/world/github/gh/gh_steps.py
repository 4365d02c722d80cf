"""What each command of ``gh`` comes to: operations with their arguments, without a world.

Static reading, scripted and imported runs, the live shim and faults ask here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from routine_harness.world.github.gh.command_line import URL, Around, Asked, GhFailed, GhUnknown, parse_gh
from routine_harness.world.github.gh.gh_api import plan_api
from routine_harness.world.github.gh.gh_plan import (
    Plan,
    bare_step,
    first_word,
    limit_of,
    options_of,
    step_of,
    text_of,
)
from routine_harness.world.github.operations.operation import Arguments
from routine_harness.world.github.records.derived import WEB
from routine_harness.world.github.tools.tool_calls import Step
from routine_harness.world.holes import has_hole


def plan_gh(argv: Sequence[str], around: Around, *, lenient: bool = False) -> Plan | None:
    """The plan of a command line without ``gh`` itself; None for what stays on the machine.

    With ``lenient`` options that this ``gh`` does not know are passed over: another version may.

    Raises:
        GhFailed: as gh itself would fail.
        GhUnknown: no model carries that out.
    """
    asked = parse_gh(argv, around, lenient=lenient)
    if asked is None:
        return None
    if asked.command.name == "api":
        return plan_api(asked)
    if asked.has("web"):
        return Plan(asked)
    planned = _PLANS[asked.command.name](asked)
    return planned if isinstance(planned, Plan) else Plan(asked, tuple(planned))


def files_of(argv: Sequence[str], around: Around) -> list[str]:
    """The files that a command reads, each once, as it names them; ``-`` is the input."""
    found: dict[str, None] = {}

    def file(name: str) -> str:
        found[name] = None
        return "{}"

    try:
        plan_gh(argv, msgspec.structs.replace(around, file=file))
    except (GhFailed, GhUnknown):
        return []
    return list(found)


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


def _body(asked: Asked, option: str = "body", file: str = "body-file") -> str | None:
    given = asked.one(option)
    return given if given is not None else text_of(asked, file)


# --- pull requests


def _pr_create(asked: Asked) -> list[Step]:
    if asked.has("dry-run"):
        return []
    title, body = asked.one("title"), _body(asked)
    if asked.has("fill", "fill-first", "fill-verbose"):
        subject, _, rest = asked.around.message.partition("\n")
        title, body = title or subject or None, body if body is not None else rest.strip()
    elif (title is None or body is None) and not asked.lenient:
        raise GhFailed(
            "must provide `--title` and `--body` (or `--fill` or `fill-first` or `--fillverbose`) "
            "when not running interactively"
        )
    head = (asked.one("head") or asked.around.branch or "").strip()
    given = options_of(asked, "base draft+ labels=label* assignees=assignee* reviewers=reviewer* milestone")
    given |= {"known_labels": True} if asked.has("label") else {}
    given |= {"maintainer_can_modify": False} if asked.has("no-maintainer-edit") else {}
    return [step_of(asked, "pull.create", title=title, body=body, head=head or None, **given)]


def _pr_merge(asked: Asked) -> list[Step]:
    if asked.has("disable-auto"):
        return [step_of(asked, "pull.no_auto_merge", **_pull(asked))]
    method = next((name for name in ("squash", "rebase", "merge") if asked.has(name)), None)
    given = options_of(asked, "commit_title=subject sha=match-head-commit delete_branch=delete-branch+")
    operation = "pull.auto_merge" if asked.has("auto") else "pull.merge"
    return [
        step_of(
            asked,
            operation,
            **_pull(asked),
            merge_method=method or "merge",
            commit_message=_body(asked),
            **given,
        )
    ]


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
    given = options_of(asked, "title base reviewers=add-reviewer*") | _edited(asked)
    steps = [step_of(asked, "pull.update", **_pull(asked), body=_body(asked), **given)]
    removed = asked.listed("remove-reviewer")
    if removed:
        steps.append(step_of(asked, "pull.remove_reviewers", **_pull(asked), reviewers=removed))
    return steps


def _edited(asked: Asked) -> Arguments:
    """Labels, people and milestone as ``edit`` changes them."""
    given = options_of(
        asked,
        "add_labels=add-label* remove_labels=remove-label* "
        "add_assignees=add-assignee* remove_assignees=remove-assignee*",
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
    body = _body(asked)
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
        body = _body(asked)
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
    given = options_of(asked, "labels=label* milestone mentioned=mention type base head_branch=head draft+")
    return [
        step_of(
            asked,
            "pull.list" if kind == "pr" else "issue.list",
            state="unmerged" if (kind, state) == ("pr", "closed") else state,
            creator=asked.one("author") or asked.one("app"),
            assignee=next(iter(asked.listed("assignee") or ()), None),
            limit=limit_of(asked),
            **given,
        )
    ]


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


# --- issues


def _issue_create(asked: Asked) -> list[Step]:
    title, body = asked.one("title"), _body(asked)
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
    given = {"title": asked.one("title"), "body": _body(asked), **_edited(asked)}
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


def _label(operation: str) -> Callable[[Asked], list[Step]]:
    def plan(asked: Asked) -> list[Step]:
        color = (asked.one("color") or "").removeprefix("#") or None
        given = options_of(asked, "description new_name=name force+")
        return [step_of(asked, operation, name=first_word(asked), color=color, **given)]

    return plan


_RELEASED: Final = "name=title draft? prerelease? target_commitish=target"


def _release_create(asked: Asked) -> list[Step]:
    tag, notes = first_word(asked), _body(asked, "notes", "notes-file")
    if notes is None and asked.has("generate-notes"):
        notes = f"**Full Changelog**: {WEB}/{asked.repository}/commits/{tag}"
    files = [word.partition("#")[0] for word in asked.words[1:]] or None
    given = options_of(asked, _RELEASED)
    return [step_of(asked, "release.create", tag_name=tag, body=notes, files=files, **given)]


def _release_edit(asked: Asked) -> list[Step]:
    body = _body(asked, "notes", "notes-file")
    given = options_of(asked, f"tag_name=tag {_RELEASED}")
    return [step_of(asked, "release.update", tag=first_word(asked), body=body, **given)]


def _release_delete(asked: Asked) -> list[Step]:
    steps = [step_of(asked, "release.delete", tag=first_word(asked))]
    return (
        [*steps, step_of(asked, "tag.delete", tag=first_word(asked))] if asked.has("cleanup-tag") else steps
    )


def _release_upload(asked: Asked) -> list[Step]:
    names = [word.partition("#")[0].rsplit("/", 1)[-1] for word in asked.words[1:]]
    return [step_of(asked, "asset.upload", tag=first_word(asked), name=name) for name in names]


def _release_view(asked: Asked) -> list[Step]:
    if asked.words:
        return [step_of(asked, "release.by_tag", tag=asked.words[0])]
    return [step_of(asked, "release.latest")]


# --- actions


def _run_list(asked: Asked) -> list[Step]:
    given = options_of(asked, "workflow_id=workflow branch event status actor=user head_sha=commit")
    return [step_of(asked, "run.list", limit=limit_of(asked), **given)]


def _run_id(asked: Asked) -> Arguments:
    url = URL.match(first_word(asked))
    text = (url[2] or "") if url else asked.words[0]
    return {"run_id": int(text) if text.isdecimal() else text}


def _run_view(asked: Asked) -> list[Step]:
    job = asked.one("job")
    if job is not None and (asked.has("log", "log-failed") or not asked.words):
        return [step_of(asked, "job.get", job_id=int(job) if job.isdecimal() else job)]
    return [step_of(asked, "run.get", **_run_id(asked))]


def _of_run(operation: str) -> Callable[[Asked], list[Step]]:
    def plan(asked: Asked) -> list[Step]:
        job = asked.one("job") if operation == "run.rerun" else None
        if job is not None:
            return [step_of(asked, "job.rerun", job_id=int(job) if job.isdecimal() else job)]
        failed = operation == "run.rerun" and asked.has("failed")
        return [step_of(asked, "run.rerun_failed" if failed else operation, **_run_id(asked))]

    return plan


def _workflow_run(asked: Asked) -> list[Step]:
    pairs = asked.options.get("raw-field", []) + asked.options.get("field", [])
    inputs = dict(pair.partition("=")[::2] for pair in pairs) or None
    return [
        step_of(asked, "workflow.start", workflow_id=first_word(asked), ref=asked.one("ref"), inputs=inputs)
    ]


def _of_workflow(operation: str) -> Callable[[Asked], list[Step]]:
    return lambda asked: [step_of(asked, operation, workflow_id=first_word(asked))]


# --- repositories, settings


def _home(asked: Asked) -> str:
    """The repository that the first word names, else that of the clone."""
    if not asked.words:
        return asked.repository
    url = URL.match(asked.words[0])
    named = url[1] if url else asked.words[0]
    return named if "/" in named else f"@me/{named}"


def _of_home(operation: str, **fixed: Any) -> Callable[[Asked], list[Step]]:
    return lambda asked: [bare_step(operation, repository=_home(asked), **fixed)]


_SETTINGS: Final = """
description homepage visibility default_branch=default-branch topics=add-topic*
has_issues=enable-issues? has_wiki=enable-wiki? allow_auto_merge=enable-auto-merge?
delete_branch_on_merge=delete-branch-on-merge? allow_squash_merge=enable-squash-merge?
allow_merge_commit=enable-merge-commit? allow_rebase_merge=enable-rebase-merge?
"""


def _repo_edit(asked: Asked) -> list[Step]:
    return [bare_step("repository.update", repository=_home(asked), **options_of(asked, _SETTINGS))]


def _repo_create(asked: Asked) -> list[Step]:
    owner, _, name = first_word(asked).rpartition("/")
    given = options_of(asked, "description auto_init=add-readme+")
    private = not asked.has("public")
    return [bare_step("repository.create", name=name, organization=owner or None, private=private, **given)]


def _repo_rename(asked: Asked) -> list[Step]:
    return [step_of(asked, "repository.update", name=first_word(asked))]


def _repo_fork(asked: Asked) -> list[Step]:
    return [bare_step("repository.fork", repository=_home(asked), **options_of(asked, "organization=org"))]


def _setting(operation: str) -> Callable[[Asked], list[Step]]:
    def plan(asked: Asked) -> list[Step]:
        elsewhere = asked.one("org") or asked.has("user")
        given = options_of(asked, "environment=env organization=org")
        place = {} if elsewhere else {"repository": asked.repository}
        return [bare_step(operation, **place, name=first_word(asked), **given)]

    return plan


def _key(operation: str) -> Callable[[Asked], list[Step]]:
    return lambda asked: [bare_step(operation, title=asked.one("title") or (asked.words or ("",))[-1])]


def _deploy_key(asked: Asked) -> list[Step]:
    verb = (asked.words or ("list",))[0]
    operation = {"add": "add_key", "delete": "delete_key"}.get(verb)
    return [] if operation is None else [step_of(asked, operation, title=asked.one("title"))]


def _named(operation: str, options: str = "", word: str = "name") -> Callable[[Asked], list[Step]]:
    """An operation that is not simulated, with what its first word and options say of it."""

    def plan(asked: Asked) -> list[Step]:
        first = {word: asked.words[0]} if asked.words else {}
        return [bare_step(operation, **(first | options_of(asked, options)))]

    return plan


# --- searches


def _search(operation: str, kind: str = "") -> Callable[[Asked], list[Step]]:
    def plan(asked: Asked) -> list[Step]:
        terms = [f'"{word}"' if " " in word and ":" not in word else word for word in asked.words]
        for option in asked.options:
            terms += [] if option in _NO_TERMS else _term(asked, option)
        terms += [f"in:{asked.one('match')}"] if asked.has("match") else []
        of = {"kind": kind} if kind and not asked.has("include-prs") else {}
        given = options_of(asked, "sort order")
        return [bare_step(operation, query=" ".join(terms), limit=limit_of(asked), **given, **of)]

    return plan


_NO_TERMS: Final = frozenset(
    ("limit", "json", "jq", "template", "sort", "order", "web", "include-prs", "match")
)
"""Options of a search that are no term of its query."""


def _term(asked: Asked, option: str) -> list[str]:
    if option.startswith("no-"):
        return [f"no:{option[3:]}"]
    if option in ("state", "draft", "merged", "archived", "locked"):
        value = asked.one(option) or "true"
        return (
            [f"is:{value}"]
            if option == "state"
            else [f"{'is' if option == 'merged' else option}:{'merged' if option == 'merged' else value}"]
        )
    values = asked.listed(option) if option in asked.command.lists else [asked.one(option) or ""]
    qualifier = {"owner": "user", "merged-at": "merged", "app": "author"}.get(option, option)
    return [f'{qualifier}:"{value}"' if " " in value else f"{qualifier}:{value}" for value in values or ()]


def _own_open(kind: str) -> Callable[[Asked], list[Step]]:
    def plan(asked: Asked) -> list[Step]:
        query = f"is:{kind} is:open author:@me repo:{asked.repository}"
        return [step_of(asked, "search.issues", query=query, kind=kind, limit=30)]

    return plan


def _none(_: Asked) -> list[Step]:
    return []


def _unknown(asked: Asked) -> list[Step]:
    raise GhUnknown(f"gh {asked.command.name}")


_PLANS: Final[dict[str, Callable[[Asked], Any]]] = {
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
    "pr revert": _unknown,
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
    "label create": _label("label.create"),
    "label edit": _label("label.update"),
    "label delete": _label("label.delete"),
    "label list": lambda asked: [step_of(asked, "label.list", limit=limit_of(asked))],
    "label clone": _unknown,
    "release create": _release_create,
    "release list": lambda asked: [step_of(asked, "release.list", limit=limit_of(asked))],
    "release view": _release_view,
    "release edit": _release_edit,
    "release delete": _release_delete,
    "release upload": _release_upload,
    "release delete-asset": lambda asked: [
        step_of(asked, "asset.delete", tag=first_word(asked), name=(asked.words[1:] or ("",))[0])
    ],
    "release download": _release_view,
    "release verify": _release_view,
    "run list": _run_list,
    "run view": _run_view,
    "run watch": _of_run("run.get"),
    "run download": lambda asked: [step_of(asked, "run.artifacts", **_run_id(asked))],
    "run rerun": _of_run("run.rerun"),
    "run cancel": _of_run("run.cancel"),
    "run delete": _of_run("run.delete"),
    "workflow list": lambda asked: [step_of(asked, "workflow.list", limit=limit_of(asked))],
    "workflow view": _of_workflow("workflow.get"),
    "workflow run": _workflow_run,
    "workflow enable": _of_workflow("workflow.enable"),
    "workflow disable": _of_workflow("workflow.disable"),
    "repo view": _of_home("repository.get"),
    "repo list": lambda asked: [
        bare_step("repository.list", owner=(asked.words or ("",))[0], limit=limit_of(asked))
    ],
    "repo clone": _of_home("repository.get"),
    "repo set-default": _none,
    "repo edit": _repo_edit,
    "repo create": _repo_create,
    "repo delete": _of_home("repository.delete"),
    "repo archive": _of_home("repository.update", archived=True),
    "repo unarchive": _of_home("repository.update", archived=False),
    "repo rename": _repo_rename,
    "repo fork": _repo_fork,
    "repo sync": _of_home("sync_fork"),
    "repo deploy-key": _deploy_key,
    "repo autolink": _unknown,
    "secret set": _setting("set_secret"),
    "secret delete": _setting("delete_secret"),
    "secret list": _none,
    "variable set": _setting("set_variable"),
    "variable delete": _setting("delete_variable"),
    "variable list": _none,
    "variable get": _none,
    "search issues": _search("search.issues", "issue"),
    "search prs": _search("search.pulls", "pr"),
    "search code": _search("search.code"),
    "search repos": _search("search.repositories"),
    "search commits": _search("search.commits"),
    "auth status": lambda _: [bare_step("me.get")],
    "cache delete": _named("delete_cache"),
    "cache list": _none,
    "gist create": _named("create_gist", "description=desc filename", "path"),
    "gist edit": _named("update_gist", "description=desc", "gist_id"),
    "gist rename": _named("update_gist", word="gist_id"),
    "gist delete": _named("delete_gist", word="gist_id"),
    "gist list": _none,
    "gist view": _none,
    "ssh-key add": _key("add_key"),
    "ssh-key delete": _key("delete_key"),
    "gpg-key add": _key("add_key"),
    "gpg-key delete": _key("delete_key"),
    "project create": _named("project_create", "title"),
    "project edit": _named("project_update", "title"),
    "project delete": _named("project_delete"),
    "project close": _named("project_update"),
    "project item-add": _named("project_update"),
    "project item-create": _named("project_update", "title body"),
    "project item-edit": _named("project_update", "title body"),
    "project item-delete": _named("project_update"),
    "project item-archive": _named("project_update"),
    "project field-create": _named("project_update"),
    "codespace create": _named("codespace_create", "name=repo"),
    "codespace delete": _named("codespace_delete", "name=codespace"),
    "ruleset list": _none,
    "ruleset view": _none,
    "ruleset check": _none,
}
"""Command → what it comes to."""
