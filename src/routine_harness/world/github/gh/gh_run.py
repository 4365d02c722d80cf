"""One ``gh`` command carried out: its operations in order, then what it prints.

Whoever has a world to do it in says how (``perform``, ``ask``): the scripted shell and the live shim.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json
from routine_harness.world.github.gh.command_line import (
    GROUPS,
    LOCAL,
    Around,
    Asked,
    GhFailed,
    GhFlag,
    GhUnknown,
)
from routine_harness.world.github.gh.gh_json import print_json
from routine_harness.world.github.gh.gh_plan import Plan, Request
from routine_harness.world.github.gh.gh_print import GhAnswer, failed_answer, print_gh
from routine_harness.world.github.gh.gh_steps import plan_gh
from routine_harness.world.github.mcp.mcp_calls import request_of
from routine_harness.world.github.operations.operation import Arguments, Done, Incomplete, Refused
from routine_harness.world.github.proxy import NOT_ENABLED
from routine_harness.world.github.records import tables
from routine_harness.world.github.rest.replies import Reply
from routine_harness.world.github.tools.tool_calls import Step
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome

Perform = Callable[[Step, str], Outcome]
"""Carry out an operation of a command, as a face of that name asks for it."""
Ask = Callable[[Request], "Reply | None"]
"""Ask GitHub's REST interface; None for a path that stands for nothing."""

NOT_LOGGED_IN: Final = (
    "github.com\n  X Failed to log in to github.com using token (GH_TOKEN)\n"
    "  - Active account: true\n  - The token in GH_TOKEN is invalid.\n"
)
"""What ``gh auth status`` prints where it may not ask who it is (seen 2026-08)."""
VERSION: Final = "gh version 2.103.3 (2026-10-07)\n"
MAXIMUM_PAGES: Final = 1000


def run_gh(argv: Sequence[str], around: Around, perform: Perform, ask: Ask) -> GhAnswer:
    """Carry out the command line ``argv`` (without ``gh`` itself)."""
    try:
        plan = plan_gh(argv, around)
        if plan is None:
            return local_answer(argv)
    except GhFlag as error:
        what = str(error).splitlines()[0]
        return GhAnswer(err=f"{error}\n", code=1, unknown=f"gh {' '.join(argv)[:200]}: {what}")
    except GhFailed as error:
        return GhAnswer(error.out, f"{error}\n", error.code)
    except GhUnknown as error:
        return unknown_answer(str(error))
    return carry_out(plan, perform, ask)


def carry_out(plan: Plan, perform: Perform, ask: Ask) -> GhAnswer:
    """Carry out a plan."""
    try:
        return _api(plan, ask) if plan.request is not None else _carried_out(plan, perform)
    except GhFailed as error:
        return GhAnswer(error.out, f"{error}\n", error.code)
    except GhUnknown as error:
        return unknown_answer(str(error))
    except Incomplete as gap:
        return _gap(gap.what)


def unknown_answer(what: str) -> GhAnswer:
    message = f"{what} is not known to the dry run's gh; nothing was done"
    return GhAnswer(err=f"{message}\n", code=1, unknown=message)


def _gap(what: str) -> GhAnswer:
    message = f"the simulated world does not hold {what}; it knows of it by name only"
    return GhAnswer(err=f"{message}\n", code=1, incomplete=what)


def local_answer(argv: Sequence[str]) -> GhAnswer:
    """What stays on the machine; without a subcommand gh prints its help."""
    if list(argv[:1]) in (["--version"], ["version"]):
        return GhAnswer(VERSION)
    words = [argument for argument in argv if not argument.startswith("-")]
    if not words or "--help" in argv or words[0] == "help":
        return GhAnswer(
            "Work seamlessly with GitHub from the command line.\n\n"
            "USAGE\n  gh <command> <subcommand> [flags]\n"
        )
    if len(words) == 1 and words[0] in GROUPS and words[0] not in LOCAL:
        return GhAnswer(f"USAGE\n  gh {words[0]} <command> [flags]\n")
    return unknown_answer(f"gh {' '.join(argv[:2])}")


def _carried_out(plan: Plan, perform: Perform) -> GhAnswer:
    done: list[Done] = []
    for number, step in enumerate(plan.steps, 1):
        outcome = perform(step, plan.asked.face)
        if outcome.incomplete:
            return _gap(outcome.incomplete)
        if isinstance(outcome.found, Refused):
            if outcome.found.code == NOT_ENABLED:
                for one in plan.steps[number:]:  # refused as well, and attempted all the same
                    perform(one, plan.asked.face)
                return _not_enabled(plan, outcome.found)
            unresolved = _unresolved(plan.asked, outcome.world, step[1], outcome.found)
            return unresolved or failed_answer(outcome.found, *request_of(*step))
        if not isinstance(outcome.found, Done):
            return GhAnswer(err=f"{outcome.result.text}\n", code=1 if outcome.result.is_error else 0)
        done.append(msgspec.structs.replace(outcome.found, world=outcome.world))
    if not done:
        return GhAnswer()
    answer = print_gh(done[-1].world, plan, done)
    return msgspec.structs.replace(answer, run=_in_clone(plan, done))


def _not_enabled(plan: Plan, refused: Refused) -> GhAnswer:
    """What a command prints that the platform refuses."""
    if plan.asked.command.name == "auth status":
        return GhAnswer(err=NOT_LOGGED_IN, code=1)
    if plan.asked.api == "graphql":
        answer = failed_answer(refused, "POST", "/graphql")
        if plan.asked.command.name == "workflow run":
            before = f"unable to determine default branch for {plan.asked.repository}: "
            return msgspec.structs.replace(answer, err=before + answer.err)
        return answer
    return failed_answer(refused, *request_of(*plan.steps[0]))


def _unresolved(asked: Asked, world: World, given: Arguments, refused: Refused) -> GhAnswer | None:
    """What a command that asks by GraphQL prints of a record that is not there."""
    number, repository = given.get("number"), given.get("repository")
    if asked.api != "graphql" or refused.status != 404:
        return None
    if tables.get(world, "repositories", repository) is None:
        what = f"a Repository with the name '{repository}'. (repository)"
    elif number is None:
        return None
    elif asked.command.name.startswith("pr "):
        what = f"a PullRequest with the number of {number}. (repository.pullRequest)"
    else:
        what = f"an issue or pull request with the number of {number}. (repository.issue)"
    return GhAnswer(err=f"GraphQL: Could not resolve to {what}\n", code=1)


def _in_clone(plan: Plan, done: list[Done]) -> tuple[tuple[str, ...], ...]:
    """The git commands that follow in the clone, the branch of a pull request by its name."""
    if not plan.local:
        return ()
    head = str(done[0].rows["head"])
    return (("git", "fetch", "--quiet", "origin", head), ("git", "checkout", "--quiet", head))


# --- gh api

_PHRASES: Final = {int(status): status.phrase for status in HTTPStatus}
_NEXT: Final = lazy_pattern(r'<([^>]+)>;\s*rel="next"')


def _api(plan: Plan, ask: Ask) -> GhAnswer:
    """``gh api`` on a REST path: what the API answers, as gh prints it."""
    asked, request = plan.asked, plan.request
    assert request is not None  # noqa: S101 - a plan of `gh api` has one
    if asked.has("hostname"):
        raise GhUnknown("gh api --hostname")
    if request.path == "/graphql":
        return _graphql(asked, request, ask)
    if not asked.has("paginate"):
        return GhAnswer(_printed(asked, _reply(request, ask)))
    return GhAnswer(_print_pages(asked, list(_pages(request, ask))))


def _graphql(asked: Asked, request: Request, ask: Ask) -> GhAnswer:
    """``gh api graphql``: errors stand in the body, which is printed; ``gh`` says them again and fails."""
    pages: list[Reply] = []
    for _ in range(MAXIMUM_PAGES):
        reply = ask(request)
        if reply is None:
            raise GhUnknown("gh api graphql")
        value = reply.value if isinstance(reply.value, dict) else {}
        errors = value.get("errors") or ()
        if reply.failed or (reply.incomplete and not errors):
            reply = _reply(request, lambda _, reply=reply: reply)  # type: ignore[misc]
        if errors:
            said = "\n".join(str(error.get("message", "")) for error in errors)
            before = "".join(_printed(asked, one) for one in pages)
            unknown = f"gh api graphql: {reply.incomplete}" if reply.incomplete else ""
            out = before + reply.data.decode(errors="replace")
            return GhAnswer(out, f"gh: {said}\n", 1, unknown=unknown)
        pages.append(reply)
        cursor = _end_cursor(value) if asked.has("paginate") else None
        if cursor is None:
            break
        variables = {**(request.body.get("variables") or {}), "endCursor": cursor}
        request = msgspec.structs.replace(request, body={**request.body, "variables": variables})
    return GhAnswer(
        _print_pages(asked, pages) if asked.has("slurp") else "".join(_printed(asked, one) for one in pages)
    )


def _end_cursor(value: Json) -> str | None:
    """Where the next page begins: the ``endCursor`` of the first ``pageInfo`` that has one."""
    if isinstance(value, list):
        return next((found for one in value if (found := _end_cursor(one))), None)
    if not isinstance(value, dict):
        return None
    if value.get("hasNextPage") and isinstance(value.get("endCursor"), str):
        return str(value["endCursor"])
    return next((found for one in value.values() if (found := _end_cursor(one))), None)


def _reply(request: Request, ask: Ask) -> Reply:
    reply = ask(request)
    if reply is not None and "location" in reply.headers and 300 <= reply.status < 400:
        reply = ask(msgspec.structs.replace(request, path=urlsplit(reply.headers["location"]).path))
    if reply is None:
        raise GhUnknown(f"{request.method} {request.path}")
    if reply.incomplete:
        raise Incomplete(reply.incomplete)
    if reply.failed:
        said = reply.value.get("message", "") if isinstance(reply.value, dict) else reply.value
        raise GhFailed(f"gh: {said} (HTTP {reply.status})", reply.data.decode())
    return reply


def _pages(request: Request, ask: Ask) -> Iterator[Reply]:
    """Every page, by the addresses that the answers name; gh asks for the biggest."""
    query = request.query if "per_page" in request.query else {**request.query, "per_page": "100"}
    request = msgspec.structs.replace(request, query=query)
    for _ in range(MAXIMUM_PAGES):
        reply = _reply(request, ask)
        yield reply
        following = _NEXT.search(reply.headers.get("link", ""))
        if following is None:
            return
        url = urlsplit(following[1])
        request = msgspec.structs.replace(request, path=url.path, query=dict(parse_qsl(url.query)))


def _print_pages(asked: Asked, pages: list[Reply]) -> str:
    """Lists as one list, anything else page after page; ``--jq`` sees a page at a time."""
    values = [page.value for page in pages]
    if asked.has("silent"):
        return ""
    if asked.has("slurp"):
        return print_json(values)
    together = not asked.has("jq", "template", "include")
    if together and all(isinstance(value, list) for value in values):
        return print_json([row for value in values for row in value])
    return "".join(_printed(asked, page) for page in pages)


def _printed(asked: Asked, reply: Reply) -> str:
    head = _head(reply) if asked.has("include") else ""
    if asked.has("silent") or reply.value is None:
        return head
    if isinstance(reply.value, str):
        return head + reply.value
    if reply.sent is not None and not asked.has("jq", "template"):
        return head + reply.sent.decode(errors="replace")
    text = print_json(reply.value, asked.one("jq"), asked.one("template"))
    return head + (text if asked.has("jq", "template") else text.removesuffix("\n"))


def _head(reply: Reply) -> str:
    """Status and headers, as ``--include`` prints them."""
    kind = "text/plain" if isinstance(reply.value, str) else "application/json"
    headers = {"content-type": f"{kind}; charset=utf-8", **reply.headers}
    lines = [f"HTTP/2.0 {reply.status} {_PHRASES.get(reply.status, '')}".rstrip()]
    lines += [f"{name.title()}: {value}" for name, value in sorted(headers.items())]
    return "\r\n".join([*lines, "", ""])
