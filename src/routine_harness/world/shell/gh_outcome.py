"""A command of ``gh`` carried out in the world, act by act, and printed as ``gh`` prints."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from routine_harness.plain import Json
from routine_harness.world.github.faces import API, GRAPHQL
from routine_harness.world.github.gh.gh_plan import Plan, Request
from routine_harness.world.github.gh.gh_run import carry_out
from routine_harness.world.github.graphql.graphql_answers import answer_graphql
from routine_harness.world.github.rest.recorded_reads import reply_of
from routine_harness.world.github.rest.replies import UNKNOWN_PATH, Reply
from routine_harness.world.github.rest.rest_answers import reply_to
from routine_harness.world.github.rest.rest_paths import named_path, requested
from routine_harness.world.github.rest.rest_requests import read_request
from routine_harness.world.github.tools.tool_calls import Step, call_of
from routine_harness.world.http import Page, take_recorded
from routine_harness.world.shell.act_effects import act_effects, refused
from routine_harness.world.shell.act_outcome import Carried
from routine_harness.world.shell.acts import Act
from routine_harness.world.tool import Outcome


def carry_gh(carried: Carried, plan: Plan, acts: list[Act]) -> str | None:
    """Carry out a command of ``gh``, act by act, and print as it does."""
    left = list(acts)

    def perform(_: Step, __: str) -> Outcome:
        return carried.apply(left.pop(0))

    def do(step: Step) -> Outcome:
        return _graphql(carried, step, left, plan)

    def ask(asked: Request) -> Reply | None:
        if asked.path == "/graphql":
            return _document(carried, asked.body, do)
        named = named_path(carried.world, asked.path)
        step = read_request(asked.method, named, asked.query, asked.body, asked.accept)
        noted = carried.apply(left.pop(0)) if left else None
        if step is None:
            return _unknown(carried, asked, noted)
        outcome = noted or _again(carried, step)
        path = requested(asked.query, named)
        return reply_to(step, outcome, path) if outcome.found is not None else None

    answer = carry_out(plan, perform, ask)
    for act in left if plan.request is not None and plan.request.path == "/graphql" else ():
        # Not done: GitHub did not take the document, or no model knows it.
        carried.effects += refused(act_effects(act))
        carried.not_simulated = carried.not_simulated or answer.unknown
    carried.missing = carried.missing or answer.incomplete
    failed = bool(answer.code) and not plan.bare
    carried.note(answer.out, "" if plan.bare else answer.err, failed=failed)
    return None if answer.incomplete or answer.unknown else answer.out


def _document(carried: Carried, body: Json, do: Callable[[Step], Outcome]) -> Reply:
    """The reply to a GraphQL document; what was recorded of it where no model knows it."""
    reply = answer_graphql(carried.world, body, do)
    recorded = None
    if reply.status == 200 and reply.incomplete:
        recorded = take_recorded(carried.world, "POST", f"https://{API}/graphql", msgspec.json.encode(body))
    if recorded is None:
        return reply
    carried.world, page = recorded
    return reply_of(page)


def _unknown(carried: Carried, asked: Request, noted: Outcome | None) -> Reply | None:
    """The reply to a path for which no operation stands: what was recorded, else GitHub's 404."""
    if noted is not None and isinstance(noted.found, Page):
        return reply_of(noted.found)
    body = None if asked.body is None else msgspec.json.encode(asked.body)
    url = f"https://{API}{requested(asked.query, asked.path)}"
    recorded = take_recorded(carried.world, asked.method, url, body)
    if recorded is not None:
        carried.world, page = recorded
        carried.not_simulated = ""
        return reply_of(page)
    return UNKNOWN_PATH if noted is not None and noted.not_simulated else None


def _graphql(carried: Carried, step: Step, left: list[Act], plan: Plan) -> Outcome:
    """Carry out a field of a document: the act that was read of it, with records in place of node ids."""
    call = call_of(step, GRAPHQL)
    held = next((act for act in left if act.tool == call.tool), None)
    if held is not None:
        left.remove(held)
    act = Act("", {}, call.connector, call.tool, call.server, call.arguments, plan)
    return carried.apply(act)


def _again(carried: Carried, step: Step) -> Outcome:
    """A further page of a list: a read, which changes nothing."""
    return carried.connectors["github"].call(carried.world, call_of(step, API))
