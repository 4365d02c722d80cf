"""GitHub's GraphQL API, answering: a document executed over the rows of a world.

Fields are named as in ``gh --json``, so the field table says most of them; what hangs together
(connections, rollups, payloads) stands here. What the schema beside it lacks is refused loudly.
"""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json, Record
from routine_harness.world.github.graphql import graphql_fields, graphql_relations
from routine_harness.world.github.graphql.connections import Said
from routine_harness.world.github.graphql.documents import (
    MAX_DOCUMENT,
    Envelope,
    Top,
    is_too_deep,
    parse_document,
    read_document,
    read_envelope,
)
from routine_harness.world.github.graphql.graphql_relations import record_at
from routine_harness.world.github.graphql.mutations import mutation_step, resolve
from routine_harness.world.github.operations.nodes import Node
from routine_harness.world.github.operations.operation import Arguments, Done, Incomplete, Refused
from routine_harness.world.github.proxy import document_passage
from routine_harness.world.github.records import tables
from routine_harness.world.github.rest.replies import Reply, incomplete_reply, refused_reply, said_reply
from routine_harness.world.github.tools.tool_calls import Step
from routine_harness.world.holes import has_hole
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome

if TYPE_CHECKING:
    from graphql import GraphQLError, GraphQLResolveInfo, GraphQLSchema
    from graphql.language import DocumentNode

Perform = Callable[[Step], Outcome]
"""Carry out an operation; who has a world says how."""


class Execution:
    """One document at work: the world as its mutations leave it, and who carries operations out."""

    def __init__(self, world: World, perform: Perform) -> None:
        self.world, self.perform = world, perform


class _Stopped(Exception):  # noqa: N818 - the way out of a document, not an error of ours
    """The session answers instead of GitHub: a fault, or a grant that is not there."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


def answer_graphql(world: World, body: Json, perform: Perform) -> Reply:
    """What the API answers to a request's ``body``; its ``incomplete`` names what is not simulated."""
    envelope = read_envelope(body)
    refused = _refusal(world, envelope, perform)
    if refused is not None:
        return refused
    if not isinstance(envelope.query, str) or not envelope.query:
        return _errors([{"message": "A query attribute must be specified and must be a string."}])
    if len(envelope.query) > MAX_DOCUMENT or is_too_deep(envelope.query):
        return _errors([{"message": "Query is too large or nests too deeply to be parsed."}])
    from graphql import GraphQLError

    try:
        document = parse_document(envelope.query)
        return _answer(Execution(world, perform), document, envelope)
    except GraphQLError as error:
        return _errors([_syntax(error)])
    except _Stopped as stopped:
        return stopped.reply
    except Incomplete as gap:
        return incomplete_reply(gap)


def _refusal(world: World, envelope: Envelope, perform: Perform) -> Reply | None:
    """The answer of the platform's proxy, where it lets no such document through: what it would change is
    attempted."""
    if world.rules.recorded:
        return None
    refused = document_passage(world.rules, ()).refused
    if refused is None:
        return None
    asked = _asked(envelope)
    refused = document_passage(world.rules, [top.operation for top in asked]).refused
    if refused is None:
        return None
    for top in asked:
        if top.mutates and top.step is not None:
            perform(top.step)
    return refused_reply(refused)


def _asked(envelope: Envelope) -> list[Top]:
    """What a document asks for; nothing where it does not parse."""
    from graphql import GraphQLError

    text = envelope.query
    if not isinstance(text, str) or len(text) > MAX_DOCUMENT or is_too_deep(text):
        return []
    try:
        return read_document(parse_document(text), envelope)
    except GraphQLError:
        return []


def _errors(errors: Sequence[Record]) -> Reply:
    return Reply(200, {"errors": list(errors)})


def _answer(execution: Execution, document: DocumentNode, envelope: Envelope) -> Reply:
    from graphql import execute, validate

    schema = _schema()
    faults = validate(schema, document)
    if faults:
        reply = _errors([_fault(fault) for fault in faults])
        lacking = next((what for fault in faults if (what := _lacking(fault.message))), "")
        return msgspec.structs.replace(reply, incomplete=f"GitHub's GraphQL {lacking}") if lacking else reply
    _read(execution, document, envelope)
    result = execute(
        schema,
        document,
        context_value=execution,
        variable_values=dict(envelope.variables),
        operation_name=envelope.operation or None,
        field_resolver=_resolve,
        type_resolver=lambda value, *_: value.type if isinstance(value, Node) else value["__typename"],
    )
    assert not hasattr(result, "__await__")  # noqa: S101 - no resolver is asynchronous
    return _result(result)


def _result(result: Json) -> Reply:
    for error in result.errors or ():
        if isinstance(error.original_error, Incomplete | _Stopped):
            raise error.original_error
    errors = [_error(error) for error in result.errors or ()]
    if result.data is None and all(error.path is None for error in result.errors or ()):
        return _errors(errors)
    return Reply(200, {"data": result.data, **({"errors": errors} if errors else {})})


def _read(execution: Execution, document: DocumentNode, envelope: Envelope) -> None:
    """Ask for the operations that a query reads by, so that grants and faults strike them here as well."""
    for top in read_document(document, envelope):
        if top.step is not None and not top.mutates and _is_whole(top.step[1]):
            _found(execution.perform(top.step), missing=True)


def _is_whole(given: Arguments) -> bool:
    """Whether the variables of a read are there and of their type; otherwise executing says so."""
    numbers = isinstance(given.get("number", 0), int)
    return numbers and not any(isinstance(value, str) and has_hole(value) for value in given.values())


def _found(outcome: Outcome, *, missing: bool = False) -> Done | None:
    """What an operation found; with ``missing`` a refusal of GitHub's is left to the field.

    Raises:
        Refused: GitHub refuses.
    """
    if outcome.incomplete:
        raise Incomplete(outcome.incomplete)
    if isinstance(outcome.found, Refused):
        if missing:
            return None
        raise outcome.found
    if not isinstance(outcome.found, Done):
        raise _Stopped(said_reply(403, outcome.result.text))
    return outcome.found


@functools.cache
def _schema() -> GraphQLSchema:
    from graphql import build_schema

    schema = files("routine_harness.world.github.graphql").joinpath("schema.graphql")
    return build_schema(schema.read_text(encoding="utf-8"), assume_valid=True)


# --- errors


_FOUND: Final = lazy_pattern(r"Syntax Error: (?:Expected (.+?), found|Unexpected) (.+?)\.?\Z", re.DOTALL)


def _syntax(error: GraphQLError) -> Record:
    """What does not parse, in the words of GitHub's parser."""
    place = error.locations[0] if error.locations else None
    at = f" at [{place.line}, {place.column}]" if place is not None else ""
    match = _FOUND.match(error.message)
    text = error.message.removeprefix("Syntax Error: ")
    if match is not None:
        expected = (match[1] or "one of the tokens that may stand here").strip("'")
        text = f"Expected {expected}, actual: {match[2]}"
    return {"message": f"{text}{at}", **_places(error)}


def _places(error: GraphQLError) -> Record:
    return {"locations": [{"line": place.line, "column": place.column} for place in error.locations or ()]}


_NO_FIELD: Final = lazy_pattern(r"Cannot query field '(\w+)' on type '(\w+)'")
_NO_ARGUMENT: Final = lazy_pattern(r"Unknown argument '(\w+)' on field '(\w+)\.(\w+)'")
_NO_INPUT: Final = lazy_pattern(r"Field '(\w+)' is not defined by type '(\w+)'")
_NO_TYPE: Final = lazy_pattern(r"Unknown type '(\w+)'")


def _fault(error: GraphQLError) -> Record:
    """What does not fit the schema, in GitHub's words."""
    if match := _NO_FIELD.match(error.message):
        message = f"Field '{match[1]}' doesn't exist on type '{match[2]}'"
        code = {"code": "undefinedField", "typeName": match[2], "fieldName": match[1]}
        return {"extensions": code, **_places(error), "message": message}
    if match := _NO_ARGUMENT.match(error.message):
        message = f"Field '{match[3]}' doesn't accept argument '{match[1]}'"
        code = {
            "code": "argumentNotAccepted",
            "name": match[3],
            "typeName": "Field",
            "argumentName": match[1],
        }
        return {"extensions": code, **_places(error), "message": message}
    return {**_places(error), "message": error.message}


def _lacking(message: str) -> str:
    """The part of GitHub's schema that a fault names and ours lacks; it may be nobody's."""
    if match := _NO_FIELD.match(message):
        return f"field {match[2]}.{match[1]}"
    if match := _NO_ARGUMENT.match(message):
        return f"argument {match[1]} of {match[2]}.{match[3]}"
    if match := _NO_INPUT.match(message):
        return f"input {match[2]}.{match[1]}"
    match = _NO_TYPE.match(message)
    return f"type {match[1]}" if match else ""


_VARIABLE: Final = lazy_pattern(r"Variable '\$(\w+)' (?:of required type|got|has) ")


def _error(error: GraphQLError) -> Record:
    """What went wrong at a field."""
    original = error.original_error
    where = {"path": list(error.path or ()), **_places(error)}
    if isinstance(original, Said):
        return {"type": original.type, **where, "message": original.message}
    if isinstance(original, Refused):
        kinds = {404: "NOT_FOUND", 403: "FORBIDDEN"}
        return {"type": kinds.get(original.status, "UNPROCESSABLE"), **where, "message": _words(original)}
    match = _VARIABLE.match(error.message)
    if match is not None:
        kind = _type_of_variable(error)
        message = f"Variable ${match[1]} of type {kind} was provided invalid value"
        return {"extensions": {"problems": [{"path": [], "explanation": error.message}]}, **_places(error),
                "message": message}  # fmt: skip
    return {**where, "message": error.message}


def _type_of_variable(error: GraphQLError) -> str:
    from graphql.language import VariableDefinitionNode, print_ast

    node = next((one for one in error.nodes or () if isinstance(one, VariableDefinitionNode)), None)
    return print_ast(node.type) if node is not None else ""


def _words(refused: Refused) -> str:
    """The message of a refusal: GraphQL says in one line what REST says in parts."""
    said = [part if isinstance(part, str) else part.get("message") for part in refused.errors]
    return ", ".join(filter(None, said)) or refused.said or refused.message


# --- resolving


def _resolve(source: Json, info: GraphQLResolveInfo[Json], **given: Json) -> Json:
    execution: Execution = info.context
    name = info.field_name
    if info.parent_type.name == "Mutation":
        return _mutate(execution, name, given["input"])
    if source is None:
        return graphql_fields.ROOT[name](execution.world, given)
    if isinstance(source, Node):
        return graphql_fields.field_of(execution.world, source, name, given)
    value = source.get(name)
    return value(execution.world, given) if callable(value) else value


def _mutate(execution: Execution, name: str, inputs: Mapping[str, Json]) -> Record:
    """Carry out a mutation; its payload."""
    step = mutation_step(name, inputs)
    assert step is not None  # noqa: S101 - a test holds the schema's mutations to the table
    before = execution.world
    operation, given = resolve(before, step)
    done = _found(execution.perform((operation, given)))
    assert done is not None  # noqa: S101 - refusals are raised
    execution.world = done.world
    payload = _payload(before, done, operation.rows, given)
    payload |= {
        "clientMutationId": inputs.get("clientMutationId"),
        "actor": graphql_relations.user(tables.me(done.world)),
    }
    return payload


_ITEM_NAMES: Final = ("subject", "labelable", "assignable", "lockedRecord", "unlockedRecord")
_RECORDS: Final = {
    "comment": ("IssueComment", ("issueComment", "minimizedComment", "unminimizedComment")),
    "review": ("PullRequestReview", ("pullRequestReview",)),
    "thread": ("PullRequestReviewThread", ("thread",)),
    "review_comment": ("PullRequestReviewComment", ("comment", "pullRequestReviewComment")),
    "reaction": ("Reaction", ("reaction",)),
    "label": ("Label", ("label",)),
    "repository": ("Repository", ("repository", "starrable")),
}
"""What an operation answers with → GraphQL's type, and its names in payloads."""


def _payload(before: World, done: Done, rows: str, given: Arguments) -> Record:
    """The fields that payloads have: the record that was changed, and what it hangs on."""
    world = done.world
    found: Record = {}
    row = done.rows if isinstance(done.rows, dict) else {}
    where = {**given, **{name: row[name] for name in ("repository", "number") if name in row}}
    item = record_at(world, where) or record_at(before, where)
    if item is not None:
        found |= dict.fromkeys((*_ITEM_NAMES, "pullRequest" if item.type == "PullRequest" else "issue"), item)
    if rows in _RECORDS and row:
        kind, names = _RECORDS[rows]
        if kind == "IssueComment" and "path" in row:
            kind = "PullRequestReviewComment"
        node = Node(kind, row)
        found |= dict.fromkeys(names, node)
        found["commentEdge"] = {
            "node": node,
            "cursor": base64.b64encode(str(row.get("id")).encode()).decode(),
        }
        if kind == "PullRequestReviewComment" and (
            thread := tables.get(world, "threads", row["repository"], row.get("thread"))
        ):
            found["thread"] = Node("PullRequestReviewThread", thread)
    if "sub_issue_id" in given:
        child = next(iter(tables.rows(world, "issues", "id", given["sub_issue_id"])), None)
        found["subIssue"] = child and Node("Issue", child)
    if rows == "ref":
        found |= _ref_payload(world, row)
    repository = tables.get(world, "repositories", where.get("repository"))
    if repository is not None:
        found.setdefault("repository", Node("Repository", repository))
        found.setdefault("starrable", found["repository"])
    return found


def _ref_payload(world: World, row: Arguments) -> Record:
    commit = tables.get(world, "commits", row["repository"], row["sha"])
    name = str(row["ref"]).removeprefix("refs/heads/").removeprefix("refs/tags/")
    return {
        "ref": Node("Ref", {**row, "name": name}),
        "commit": graphql_relations.commit(row["repository"], row["sha"], commit),
    }
