"""What ``gh`` prints where its output is no terminal: plain lines, or JSON (``gh_json``)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.world.github.gh.command_line import Asked, GhFailed
from routine_harness.world.github.gh.gh_json import as_json
from routine_harness.world.github.gh.gh_plan import Plan
from routine_harness.world.github.graphql.graphql_kinds import (
    is_latest_release,
    latest_reviews,
    milestone_of,
    person,
    state_of,
)
from routine_harness.world.github.operations.actions import jobs_of, log_of
from routine_harness.world.github.operations.issues import comments_of
from routine_harness.world.github.operations.operation import Done, Refused
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.derived import DERIVED, WEB
from routine_harness.world.state import World


class GhAnswer(msgspec.Struct, frozen=True):
    """What ``gh`` prints, its exit code, and the git commands that it runs in the clone.

    ``unknown`` says what no model carries out; ``incomplete`` what the world does not hold; ``files`` are
    to be sent along first.
    """

    out: str = ""
    err: str = ""
    code: int = 0
    run: tuple[tuple[str, ...], ...] = ()
    files: tuple[str, ...] = ()
    unknown: str = ""
    incomplete: str = ""


def print_gh(world: World, plan: Plan, done: list[Done]) -> GhAnswer:
    """What the command of ``plan`` prints, whose operations gave ``done`` and left ``world``.

    Raises:
        GhFailed: gh complains, for example about a field that it does not know.
        GhUnknown: a template that is not understood here.
        Incomplete: the world does not hold what is asked for.
    """
    asked = plan.asked
    if not done:
        return GhAnswer()
    record = record_of(plan)
    rows = _cut(plan, done[-1].rows)
    if asked.has("json") and asked.command.name != "workflow run":
        return GhAnswer(as_json(world, asked, record, rows))
    if asked.has("jq", "template"):
        raise GhFailed(
            f"cannot use `--{'jq' if asked.has('jq') else 'template'}` without specifying `--json`"
        )
    write = _PRINTS.get(asked.command.name)
    answer = write(world, asked, rows) if write is not None else ""
    return answer if isinstance(answer, GhAnswer) else GhAnswer(answer)


def record_of(plan: Plan) -> str:
    """The record of which a command's ``--json`` shows fields; empty for a command without an operation."""
    if not plan.steps:
        return ""
    return _RECORDS.get(plan.asked.command.name) or plan.steps[-1][0].rows.removesuffix("*")


_RECORDS: Final = {
    "pr list": "pull", "pr status": "pull", "issue list": "issue", "issue status": "issue",
    "search issues": "found", "search prs": "found", "search repos": "repository", "repo list": "repository",
}  # fmt: skip
"""Commands whose rows are shown as another record than their operation's."""


def _cut(plan: Plan, rows: Json) -> Json:
    """As many rows as ``--limit`` lets through."""
    limit = plan.steps[-1][1].get("limit")
    return rows[:limit] if isinstance(limit, int) and isinstance(rows, list) else rows


def failed_answer(refused: Refused, method: str = "", path: str = "") -> GhAnswer:
    """What gh prints where GitHub refuses; for ``gh api`` the body goes to standard output."""
    if refused.said.startswith(("could not", "no ")):
        return GhAnswer(err=f"{refused.said}\n", code=1)
    details = [
        part
        if isinstance(part, str)
        else part.get("message")
        or f"{part.get('resource', '')}.{part.get('field', '')} {part.get('code', '')}".strip(". ")
        for part in refused.errors
    ]
    text = "\n".join(
        [
            f"HTTP {refused.status}: {refused.message}"
            + (f" (https://api.github.com{path})" if path else ""),
            *details,
        ]
    )
    return GhAnswer(err=f"{text}\n", code=1)


# --- plain


def _item_line(world: World, item: Record) -> str:
    labels = ", ".join(item["labels"])
    if "head" in item:
        state = "DRAFT" if item["draft"] else state_of(world, item, item["state"])
        return f"{item['number']}\t{item['title']}\t{item['head']}\t{state}\t{item['created_at']}\n"
    return f"{item['number']}\t{item['state'].upper()}\t{item['title']}\t{labels}\t{item['updated_at']}\n"


def _item_lines(world: World, _: Asked, rows: list[Record]) -> str:
    return "".join(_item_line(world, row) for row in rows)


def _found_lines(world: World, _: Asked, rows: list[Record]) -> str:
    return "".join(
        f"{row['repository']}\t{row['number']}\t{state_of(world, row, row['state']).lower()}\t"
        f"{row['title']}\t{', '.join(row['labels'])}\t{row['updated_at']}\n"
        for row in rows
    )


def _view(world: World, asked: Asked, item: Record) -> str:
    if asked.has("comments"):
        return _comment_lines(world, comments_of(world, item))
    pull = "head" in item
    milestone = milestone_of(world, item, item.get("milestone"))
    rows = {
        "title": item["title"],
        "state": state_of(world, item, item["state"]),
        "author": person(world, item["user"])["login"],
        "labels": ", ".join(item["labels"]),
        "assignees": ", ".join(item["assignees"]),
    }
    if pull:
        rows["reviewers"] = ", ".join(_reviewers(world, item))
    else:
        rows["comments"] = str(DERIVED["n_comments"](world, item, None))
    rows |= {
        "projects": "",
        "milestone": milestone["title"] if milestone else "",
        "number": str(item["number"]),
    }
    if pull:
        rows |= {
            "url": item["html_url"],
            "additions": str(DERIVED["n_additions"](world, item, item.get("additions"))),
            "deletions": str(DERIVED["n_deletions"](world, item, item.get("deletions"))),
            "auto-merge": "enabled" if item.get("auto_merge") else "disabled",
        }
    lines = "".join(f"{name}:\t{value}\n" for name, value in rows.items())
    return f"{lines}--\n{item['body'] or ''}\n"


def _reviewers(world: World, pull: Record) -> list[str]:
    words = {"APPROVED": "Approved", "CHANGES_REQUESTED": "Changes requested", "DISMISSED": "Dismissed"}
    seen = [
        f"{login} ({words.get(state, state.title())})" for login, state in latest_reviews(world, pull).items()
    ]
    return seen + [f"{login} (Requested)" for login in pull["requested_reviewers"]]


def _comment_lines(world: World, comments: list[Record]) -> str:
    return "".join(
        f"author:\t{person(world, one['user'])['login']}\n"
        f"association:\t{str(one.get('author_association') or 'none').lower()}\n"
        f"edited:\tfalse\nstatus:\tnone\n--\n{one['body']}\n--\n"
        for one in comments
    )


_STATES: Final = {
    "success": "pass",
    "neutral": "pass",
    "skipped": "skipping",
    "failure": "fail",
    "error": "fail",
    "timed_out": "fail",
    "action_required": "fail",
    "cancelled": "fail",
    "startup_failure": "fail",
}
_NO_CHECKS: Final = 8
"""The exit code of ``gh pr checks`` while a check is pending."""


def _checks(_: World, asked: Asked, rows: list[Record]) -> GhAnswer:
    if not rows:
        branch = asked.around.branch
        raise GhFailed(f"no checks reported on the '{branch}' branch")
    states = [_STATES.get(str(row.get("conclusion")), "pending") for row in rows]
    lines = "".join(
        f"{row['name']}\t{state}\t0\t{row.get('details_url') or row.get('html_url') or ''}\t\n"
        for row, state in zip(rows, states, strict=True)
    )
    return GhAnswer(lines, code=1 if "fail" in states else _NO_CHECKS if "pending" in states else 0)


def _diff(_: World, asked: Asked, diff: str) -> str:
    names = re.findall(r"(?m)^diff --git a/.+ b/(.+)$", diff)
    return "".join(f"{name}\n" for name in names) if asked.has("name-only") else diff.rstrip("\n") + "\n"


def _run_lines(_: World, __: Asked, rows: list[Record]) -> str:
    return "".join(
        f"{run['status']}\t{run['conclusion'] or ''}\t"
        f"{run.get('display_title') or run['name']}\t{run['name']}\t"
        f"{run['head_branch']}\t{run['event']}\t{run['id']}\t0s\t{run['created_at']}\n"
        for run in rows
    )


def _run_view(world: World, asked: Asked, row: Record) -> GhAnswer:
    jobs = [row] if "run_id" in row else jobs_of(world, row)
    if asked.has("log", "log-failed"):
        wanted = [job for job in jobs if not asked.has("log-failed") or job["conclusion"] == "failure"]
        return GhAnswer("".join(_log_lines(job) for job in wanted))
    if "run_id" in row:
        return GhAnswer("".join(_job_line(job) for job in jobs))
    head = f"\n{row['head_branch']} {row['name']} · {row['id']}\n"
    head += f"Triggered via {row['event']} about 0 minutes ago\n\nJOBS\n"
    tail = f"\nTo see what failed, try: gh run view {row['id']} --log-failed\n"
    tail += f"View this run on GitHub: {row['html_url']}\n"
    failed = asked.has("exit-status") and row["conclusion"] not in (None, "success", "neutral", "skipped")
    return GhAnswer(head + "".join(_job_line(job) for job in jobs) + tail, code=int(failed))


def _job_line(job: Record) -> str:
    mark = {"success": "✓", "failure": "X", "skipped": "-", "cancelled": "X"}.get(str(job["conclusion"]), "*")
    return f"{mark} {job['name']} in 0s (ID {job['id']})\n"


def _log_lines(job: Record) -> str:
    """A log as gh prints it: job, step and line on each line."""
    return "".join(f"{job['name']}\tUNKNOWN STEP\t{line}\n" for line in log_of(job).splitlines())


def _release_lines(world: World, _: Asked, rows: list[Record]) -> str:
    def kind(row: Record) -> str:
        if row["draft"] or row["prerelease"]:
            return "Draft" if row["draft"] else "Pre-release"
        return "Latest" if is_latest_release(world, row, None) else ""

    return "".join(
        f"{row['name']}\t{kind(row)}\t{row['tag_name']}\t{row.get('published_at') or ''}\n" for row in rows
    )


def _release_view(_: World, __: Asked, row: Record) -> str:
    rows = {
        "title": row["name"],
        "tag": row["tag_name"],
        "draft": str(bool(row["draft"])).lower(),
        "prerelease": str(bool(row["prerelease"])).lower(),
        "author": row["author"],
        "created": row["created_at"],
        "published": row.get("published_at") or "",
        "url": row["html_url"],
    }
    assets = "".join(f"asset:\t{asset['name']}\n" for asset in row["assets"])
    return (
        "".join(f"{name}:\t{value}\n" for name, value in rows.items()) + f"{assets}--\n{row['body'] or ''}\n"
    )


def _label_lines(_: World, __: Asked, rows: list[Record]) -> str:
    return "".join(f"{row['name']}\t{row['description']}\t#{row['color']}\n" for row in rows)


def _workflow_lines(_: World, asked: Asked, rows: list[Record]) -> str:
    shown = [
        row
        for row in rows
        if asked.has("all") or not str(row.get("state") or "active").startswith("disabled")
    ]
    return "".join(f"{row['name']}\t{row.get('state') or 'active'}\t{row['id']}\n" for row in shown)


def _repo_view(world: World, _: Asked, row: Record) -> str:
    branch = tables.get(world, "branches", row["full_name"], row["default_branch"]) or {}
    readme = str(
        ((tables.get(world, "commits", row["full_name"], branch.get("sha")) or {}).get("tree") or {}).get(
            "README.md"
        )
        or ""
    )
    return f"name:\t{row['full_name']}\ndescription:\t{row['description'] or ''}\n--\n{readme}"


def _repo_lines(_: World, __: Asked, rows: list[Record]) -> str:
    return "".join(
        f"{row['full_name']}\t{row['description'] or ''}\t"
        f"{'private' if row['private'] else 'public'}\t{row['updated_at']}\n"
        for row in rows
    )


def _code_lines(_: World, __: Asked, rows: list[Record]) -> str:
    return "".join(
        f"{row['repository']}:{row['path']}:{match['fragment']}\n"
        for row in rows
        for match in row.get("text_matches") or ()
    )


def _commit_lines(_: World, __: Asked, rows: list[Record]) -> str:
    return "".join(
        f"{row['repository']}\t{row['sha']}\t{str(row['message']).partition(chr(10))[0]}\n" for row in rows
    )


def _url(_: World, __: Asked, row: Record | None) -> str:
    return "" if row is None else f"{row['html_url']}\n"  # a comment that is gone has none


def _told(text: str) -> Callable[[World, Asked, Json], GhAnswer]:
    """A sentence on standard error, as gh tells of what it has done."""

    def write(_: World, __: Asked, row: Json) -> GhAnswer:
        kept = row if isinstance(row, dict) else {}
        name = f"{kept.get('repository', '')}#{kept.get('number', '')} ({kept.get('title', '')})"
        return GhAnswer(err=f"✓ {text.replace('#', name, 1)}\n")

    return write


def _auth(world: World, _: Asked, row: Record) -> str:
    login = row["login"]
    return f"github.com\n  ✓ Logged in to github.com account {login} (GH_TOKEN)\n  - Active account: true\n"


def _branches(_: World, __: Asked, row: Record) -> str:
    return (
        f"{WEB}/{row['repository']}/tree/{row['ref'].removeprefix('refs/heads/')}\n" if "ref" in row else ""
    )


_MAKES: Final = (
    "pr create", "pr edit", "pr comment", "issue create", "issue edit", "issue comment",
    "release create", "release edit", "repo create", "repo fork", "issue transfer",
)  # fmt: skip

_PRINTS: Final[dict[str, Callable[[World, Asked, Json], str | GhAnswer]]] = {
    **dict.fromkeys(("pr list", "issue list", "pr status", "issue status"), _item_lines),
    **dict.fromkeys(("pr view", "issue view"), _view),
    **dict.fromkeys(_MAKES, _url),
    "pr diff": _diff,
    "pr checks": _checks,
    "pr close": _told("Closed pull request #"),
    "pr reopen": _told("Reopened pull request #"),
    "pr ready": _told("Pull request # is marked as ready"),
    "pr update-branch": _told("PR branch updated"),
    "issue close": _told("Closed issue #"),
    "issue reopen": _told("Reopened issue #"),
    "issue develop": _branches,
    "release list": _release_lines,
    "release view": _release_view,
    "run list": _run_lines,
    "run view": _run_view,
    "run watch": _run_view,
    "run cancel": lambda _, __, row: f"✓ Request to cancel workflow {row['id']} submitted.\n",
    "label list": _label_lines,
    "workflow list": _workflow_lines,
    "repo view": _repo_view,
    "repo list": _repo_lines,
    "search issues": _found_lines,
    "search prs": _found_lines,
    "search repos": _repo_lines,
    "search code": _code_lines,
    "search commits": _commit_lines,
    "auth status": _auth,
}  # fmt: skip
"""Command → what it prints of the rows of its last operation; nothing for what is not here."""
