"""GraphQL documents sent to GitHub, as acts: each top field is the operation that the table knows it as."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from routine_harness.plain import Json
from routine_harness.world.github.faces import GRAPHQL
from routine_harness.world.github.gh.command_line import Around
from routine_harness.world.github.gh.gh_plan import Plan
from routine_harness.world.github.gh.gh_steps import plan_gh
from routine_harness.world.github.graphql.documents import (
    MAX_DOCUMENT,
    Envelope,
    Top,
    is_too_deep,
    parse_document,
    read_document,
    read_envelope,
)
from routine_harness.world.github.tools.tool_calls import call_of
from routine_harness.world.holes import has_hole
from routine_harness.world.shell.acts import HTTP_READ, Act, Word, effect, line_of
from routine_harness.world.shell.script_reader import Reader

if TYPE_CHECKING:
    from graphql.language import DocumentNode


def graphql_request(reader: Reader, argv: list[Word], body: Json, plan: Plan | None = None) -> None:
    """Note what the document in the body of a request does. Where all of it is known, a world answers it.

    ``plan`` is that of ``gh api``; another client's is made here.
    """
    before = len(reader.acts)
    _document(reader, argv, body)
    if not isinstance(body, Mapping) or _holds_holes(body):
        return
    if len(reader.acts) == before:  # nothing is attempted, but there is an answer
        reader.acts.append(Act(HTTP_READ, {"method": "POST", "url": "https://api.github.com/graphql"}))
    plan = plan or _bare_plan(body)
    reader.acts[before:] = [act._replace(plan=plan) for act in reader.acts[before:]]


def _bare_plan(body: Mapping[str, Json]) -> Plan | None:
    text = msgspec.json.encode(body).decode()
    plan = plan_gh(["api", "graphql", "--input", "-"], Around(file=lambda _: text))
    return None if plan is None else msgspec.structs.replace(plan, bare=True)


def _document(reader: Reader, argv: list[Word], body: Json) -> None:
    """The acts of a document; one that cannot be seen is undecided."""
    envelope = read_envelope(body)
    document = _parsed(envelope)
    if document is None:
        reader.undecided("a GraphQL document that cannot be seen here", line_of(argv), argv[0].text)
        return
    asked = read_document(document, envelope)
    reader.looked = reader.looked or not any(top.mutates for top in asked)
    reader.acts.extend(act for top in asked if (act := _act(top)) is not None)


def _parsed(envelope: Envelope) -> DocumentNode | None:
    text = envelope.query
    if not isinstance(text, str) or len(text) > MAX_DOCUMENT or is_too_deep(text):
        return None
    # Imported here: the library takes 0.2 s, which a command without GraphQL need not pay.
    from graphql.error import GraphQLError

    try:
        return parse_document(text)
    except GraphQLError:
        return None


def _act(top: Top) -> Act | None:
    """A mutation that no row of the table has is noted by its name."""
    if top.step is None:
        mutated = effect("graphql.mutated", "github", name=top.name, arguments=dict(top.inputs))
        return mutated if top.mutates else None
    call = call_of(top.step, GRAPHQL)
    return Act("", {}, call.connector, call.tool, call.server, call.arguments)


def _holds_holes(value: Json) -> bool:
    """Whether a part of a request's body is known only when the command runs."""
    if isinstance(value, Mapping):
        return any(_holds_holes(held) for held in value.values())
    if isinstance(value, list):
        return any(_holds_holes(held) for held in value)
    return isinstance(value, str) and has_hole(value)
