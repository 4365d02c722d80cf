"""What ``gh`` prints where its output is no terminal: JSON, jq's results, a template, or plain."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.world.github import tables
from routine_harness.world.github.actions import jobs_of, log_of
from routine_harness.world.github.commits import checks_of
from routine_harness.world.github.derived import DERIVED, WEB, git_author, user_row
from routine_harness.world.github.fields import Kind, fields_of, show_row
from routine_harness.world.github.gh import Asked, GhFailed, GhUnknown
from routine_harness.world.github.gh_steps import Plan
from routine_harness.world.github.issues import comments_of
from routine_harness.world.github.labels import label_row
from routine_harness.world.github.merging import CLOSING
from routine_harness.world.github.nodes import node_id
from routine_harness.world.github.operation import Done, Refused
from routine_harness.world.github.pulls import commits_of, files_of
from routine_harness.world.github.reviews import reviews_of
from routine_harness.world.state import Record, World


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
        return GhAnswer(_as_json(world, asked, record, rows))
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


def _cut(plan: Plan, rows: Any) -> Any:
    """As many rows as ``--limit`` lets through."""
    limit = plan.steps[-1][1].get("limit")
    return rows[:limit] if isinstance(limit, int) and isinstance(rows, list) else rows


# --- failures


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


# --- json


def _as_json(world: World, asked: Asked, record: str, rows: Any) -> str:
    names = asked.listed("json") or []
    known = {field.name for field in fields_of(record, "gh")}
    available = "".join(f"\n  {name}" for name in sorted(known))
    if not names:
        raise GhFailed(f"Specify one or more comma-separated fields for `--json`:{available}")
    unknown = [name for name in names if name not in known]
    if unknown:
        raise GhFailed(f'Unknown JSON field: "{unknown[0]}"\nAvailable fields:{available}')
    kinds = {**KINDS, **_LAZY}
    chosen = [field for field in fields_of(record, "gh") if field.name in names]

    def shown(row: Record) -> Record:
        values = {
            f.name: kinds[f.kind](world, row, row.get(f.row)) if f.kind in kinds else row.get(f.row)
            for f in chosen
        }
        return {name: values[name] for name in sorted(values)}

    value = [shown(row) for row in rows] if isinstance(rows, list) else shown(rows)
    return print_json(value, asked.one("jq"), asked.one("template"))


def print_json(value: Any, expression: str | None = None, template: str | None = None) -> str:
    """JSON on a line, or what a jq expression or a template makes of it.

    Raises:
        GhFailed: the expression is wrong.
        GhUnknown: the template needs more than is understood here.
    """
    if template is not None:
        return _templated(value, template)
    text = msgspec.json.encode(value).decode()
    return f"{text}\n" if expression is None else "".join(f"{line}\n" for line in jq_lines(text, expression))


def jq_lines(text: str, expression: str) -> list[str]:
    """The results of a jq expression on JSON: texts bare, the rest as JSON.

    Raises:
        GhFailed: jq does not take the expression, or fails on the value.
    """
    # Imported here: a compiled library that a run without --jq need not load.
    import jq

    try:
        found = jq.compile(expression).input_text(text).all()
    except ValueError as error:
        raise GhFailed(f"failed to parse jq expression ({expression}): {error}") from error
    return [one if isinstance(one, str) else msgspec.json.encode(one).decode() for one in found]


_TAG: Final = lazy_pattern(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)


def _templated(value: Any, template: str) -> str:
    """The part of Go's templates that scripts use: fields, ``range`` and literal texts."""
    parts = _TAG.split(template)
    return "".join(_rendered(value, iter(enumerate(parts)), value))


def _rendered(root: Any, parts: Iterator[tuple[int, str]], here: Any) -> Iterator[str]:
    for at, part in parts:
        if at % 2 == 0:
            yield part
        elif part == "end":
            return
        elif part.startswith("range "):
            inner = list(_until_end(parts))
            for one in _reached(here, part[6:].strip()) or ():
                yield from _rendered(root, iter(inner), one)
        elif re.fullmatch(r'"(?:[^"\\]|\\.)*"', part):
            yield msgspec.json.decode(part)
        elif re.fullmatch(r"\.[\w.]*", part):
            found = _reached(here, part)
            yield (
                "<no value>"
                if found is None
                else found
                if isinstance(found, str)
                else msgspec.json.encode(found).decode()
            )
        else:
            raise GhUnknown(f"--template with {{{{{part}}}}}")


def _until_end(parts: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    depth = 0
    for at, part in parts:
        if at % 2:
            depth += part.startswith("range ")
            if part == "end":
                if not depth:
                    return
                depth -= 1
        yield at, part


def _reached(here: Any, path: str) -> Any:
    for name in filter(None, path.split(".")):
        here = here.get(name) if isinstance(here, dict) else None
    return here


# --- the kinds of --json


def _author(world: World, _: Record, login: Any) -> Record:
    return person(world, login)


def person(world: World, login: Any) -> Record:
    """A user as ``gh`` shows the author of something; a bot is ``app/name``."""
    bot = str(login).endswith("[bot]")
    row = user_row(world, login)
    shown = f"app/{str(login).removesuffix('[bot]')}" if bot else login
    return {
        "id": node_id("User", {**row, "login": login}),
        "is_bot": bot,
        "login": shown,
        "name": row.get("name") or "",
    }


def _people(world: World, _: Record, people: Any) -> list[Record]:
    shown = (show("user", world, user_row(world, login)) for login in people or ())
    return [{field: one[field] for field in ("id", "login", "name")} for one in shown]


def _requests(_: World, row: Record, people: Any) -> list[Record]:
    """Who is asked for a review, with the kind of each, as cli/cli's export_pr.go writes them."""
    users = [
        {"__typename": "Bot" if str(login).endswith("[bot]") else "User", "login": login}
        for login in people or ()
    ]
    owner = str(row["repository"]).partition("/")[0]
    return users + [
        {"__typename": "Team", "name": team.get("name") or team["slug"], "slug": f"{owner}/{team['slug']}"}
        for team in row.get("requested_teams") or ()
    ]


def _node(kind: str) -> Kind:
    return lambda _, row, __: node_id(kind, row)


def _labels(world: World, row: Record, names: Any) -> list[Record]:
    shown = (
        show("label", world, {"repository": row["repository"], **label_row(world, row["repository"], name)})
        for name in names or ()
    )
    return [{field: one[field] for field in ("id", "name", "description", "color")} for one in shown]


def _milestone(world: World, row: Record, number: Any) -> Any:
    found = tables.get(world, "milestones", row["repository"], number) if number else None
    if found is None:
        return None
    kept = {"number": found["number"], "title": found["title"], "description": found.get("description") or ""}
    return {**kept, "dueOn": found.get("due_on")}


def _state(_: World, row: Record, state: Any) -> str:
    return "MERGED" if row.get("merged") else str(state or "").upper()


def _mergeable(_: World, row: Record, value: Any) -> str:
    if row.get("mergeable_state") == "dirty" or value is False:
        return "CONFLICTING"
    return "MERGEABLE" if value or row.get("mergeable_state") not in (None, "unknown") else "UNKNOWN"


def _repository(_: World, row: Record, value: Any) -> Any:
    if not value:
        return None
    name = str(value).rpartition("/")[2]
    return {"id": str(tables.user_id(value)), "name": name, "nameWithOwner": value}


def _comments(world: World, row: Record, _: Any) -> list[Record]:
    return [show("comment", world, comment) for comment in comments_of(world, row)]


def _reviews(world: World, row: Record, _: Any) -> list[Record]:
    return [show("review", world, review) for review in reviews_of(world, row)]


def _latest(world: World, row: Record) -> dict[str, str]:
    return {
        review["user"]: str(review["state"])
        for review in reviews_of(world, row)
        if review["state"] != "COMMENTED"
    }


def decision(world: World, row: Record, _: Any) -> str:
    states = set(_latest(world, row).values())
    if "CHANGES_REQUESTED" in states:
        return "CHANGES_REQUESTED"
    return "APPROVED" if "APPROVED" in states else "REVIEW_REQUIRED" if row["requested_reviewers"] else ""


def _files(world: World, row: Record, _: Any) -> list[Record]:
    return [show("file", world, file) for file in files_of(world, row)]


def _commits(world: World, row: Record, _: Any) -> list[Record]:
    return [show("commit", world, commit) for commit in commits_of(world, row)]


def _authors(world: World, row: Record, login: Any) -> list[Record]:
    git = git_author(row)
    return [{"email": git.get("email", ""), "id": "", "login": login or "", "name": git.get("name", "")}]


def _rollup(world: World, row: Record, _: Any) -> list[Record]:
    rows = checks_of(world, row["repository"], row["head_sha"])
    checks = [{"__typename": "CheckRun", **show("check", world, check)} for check in rows]
    statuses = tables.rows(world, "statuses", "sha", row["head_sha"], row["repository"])
    return checks + [{"__typename": "StatusContext", **show("status", world, one)} for one in statuses]


def closing(world: World, row: Record, _: Any) -> list[Record]:
    """The issues that a pull request closes, or the pull requests that close an issue."""
    repository = row["repository"]
    if "head" in row:
        numbers = [int(number) for number in CLOSING.findall(row["body"] or "")]
        issues = (tables.get(world, "issues", repository, number) for number in numbers)
        return [
            {"id": node_id("Issue", one), "number": one["number"], "url": one["html_url"]}
            for one in issues
            if one
        ]
    pulls = tables.of_repository(world, "pulls", repository)
    closers = [pull for pull in pulls if str(row["number"]) in CLOSING.findall(pull["body"] or "")]
    return [
        {"id": node_id("PullRequest", one), "number": one["number"], "url": one["html_url"]}
        for one in closers
    ]


def _jobs(world: World, run: Record, _: Any) -> list[Record]:
    return [show("job", world, job) for job in jobs_of(world, run)]


def _steps(_: World, __: Record, steps: Any) -> list[Record]:
    names = ("name", "number", "status", "conclusion")
    return [{name: step.get(name) for name in names} for step in steps or ()]


def _latest_release(world: World, row: Record, _: Any) -> bool:
    rows = [
        one
        for one in tables.of_repository(world, "releases", row["repository"])
        if not one["draft"] and not one["prerelease"]
    ]
    return bool(rows) and max(rows, key=lambda one: str(one["created_at"]))["id"] == row["id"]


GROUPS: Final = {"+1": "THUMBS_UP", "-1": "THUMBS_DOWN", "laugh": "LAUGH", "hooray": "HOORAY",
                  "confused": "CONFUSED", "heart": "HEART", "rocket": "ROCKET", "eyes": "EYES"}  # fmt: skip


def _reactions(world: World, row: Record, _: Any) -> list[Record]:
    on = f"{row['repository']}#{row['number']}" if "title" in row else row["id"]
    contents = [one["content"] for one in tables.rows(world, "reactions", "on", on)]
    return [
        {"content": GROUPS[name], "users": {"totalCount": contents.count(name)}}
        for name in GROUPS
        if name in contents
    ]


_NODES: Final = {
    "pull": "PullRequest", "issue": "Issue", "comment": "IssueComment", "review": "PullRequestReview",
    "label": "Label", "repository": "Repository", "user": "User",
}  # fmt: skip
"""Record → GraphQL's type, whose ids ``gh`` shows."""

KINDS: Final[dict[str, Kind]] = {
    **DERIVED,
    "author": _author,
    "person": lambda world, _, login: person(world, login) if login else None,
    "people": _people,
    "requests": _requests,
    "labels": _labels,
    "milestone": _milestone,
    "state": _state,
    "lower": lambda _, __, value: str(value or "").lower(),
    "upper": lambda _, __, value: str(value or "").upper(),
    "closed": lambda _, __, state: state == "closed",
    **{f"{record}_node": _node(kind) for record, kind in _NODES.items()},
    "asset_node": lambda _, row, value: str(row.get("node_id") or f"RA_{value}"),
    "found_node": lambda _, row, __: node_id("PullRequest" if "head" in row else "Issue", row),
    "mergeable": _mergeable,
    "oid": lambda _, __, sha: {"oid": sha} if sha else None,
    "repository": _repository,
    "owner": lambda _, __, value: {"login": str(value or "").partition("/")[0]},
    "owner_of": lambda _, row, __: {"id": "", "login": row["owner"]},
    "cross": lambda _, row, value: value != row["repository"],
    "association": lambda _, __, value: value or "NONE",
    "reactions": _reactions,
    "named": lambda _, __, value: {"name": value},
    "language": lambda _, __, value: {"name": value} if value else None,
    "visibility": lambda _, __, private: "private" if private else "public",
    "shouted_visibility": lambda _, __, private: "PRIVATE" if private else "PUBLIC",
    "headline": lambda _, __, message: str(message or "").partition("\n")[0],
    "rest_of_message": lambda _, row, __: str(row.get("message") or "").partition("\n")[2].strip(),
    "authors": _authors,
    "details": lambda _, row, value: value or row.get("html_url") or "",
    "run_title": lambda _, row, value: value or row["name"],
    "started": lambda _, row, value: value or row["created_at"],
    "steps": _steps,
    "latest": _latest_release,
    "never": lambda _, __, ___: False,
    "is_pull": lambda _, row, __: "head" in row,
    "label_web": lambda _, row, name: f"{WEB}/{row['repository']}/labels/{name}",
    "assets": lambda world, row, assets: [
        show("asset", world, {"repository": row["repository"], **one}) for one in assets or ()
    ],
}
_LAZY: Final[dict[str, Kind]] = {
    "comments": _comments,
    "reviews": _reviews,
    "decision": decision,
    "files": _files,
    "commits": _commits,
    "rollup": _rollup,
    "closing": closing,
    "jobs": _jobs,
}
"""Kinds that read other records, for the fields that are asked for alone."""


def show(record: str, world: World, row: Record) -> Record:
    """``row`` as ``gh`` shows a ``record`` inside another one."""
    return show_row("gh", KINDS, record, world, row)


# --- plain


def _item_line(world: World, item: Record) -> str:
    labels = ", ".join(item["labels"])
    if "head" in item:
        state = "DRAFT" if item["draft"] else _state(world, item, item["state"])
        return f"{item['number']}\t{item['title']}\t{item['head']}\t{state}\t{item['created_at']}\n"
    return f"{item['number']}\t{item['state'].upper()}\t{item['title']}\t{labels}\t{item['updated_at']}\n"


def _item_lines(world: World, _: Asked, rows: list[Record]) -> str:
    return "".join(_item_line(world, row) for row in rows)


def _found_lines(world: World, _: Asked, rows: list[Record]) -> str:
    return "".join(
        f"{row['repository']}\t{row['number']}\t{_state(world, row, row['state']).lower()}\t{row['title']}\t"
        f"{', '.join(row['labels'])}\t{row['updated_at']}\n"
        for row in rows
    )


def _view(world: World, asked: Asked, item: Record) -> str:
    if asked.has("comments"):
        return _comment_lines(world, comments_of(world, item))
    pull = "head" in item
    milestone = _milestone(world, item, item.get("milestone"))
    rows = {
        "title": item["title"],
        "state": _state(world, item, item["state"]),
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
    seen = [f"{login} ({words.get(state, state.title())})" for login, state in _latest(world, pull).items()]
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
        return "Latest" if _latest_release(world, row, None) else ""

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


def _told(text: str) -> Callable[[World, Asked, Any], GhAnswer]:
    """A sentence on standard error, as gh tells of what it has done."""

    def write(_: World, __: Asked, row: Any) -> GhAnswer:
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

_PRINTS: Final[dict[str, Callable[[World, Asked, Any], str | GhAnswer]]] = {
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
