"""Documents of GitHub's GraphQL API, read without a world: which operations their top fields ask for.

``graphql_answers`` executes documents. ``graphql-core`` is imported where it is used: it takes 0.2 s."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from routine_harness.plain import Json, Record
from routine_harness.world.github.operations.operation import Arguments
from routine_harness.world.github.operations.operation_table import by_graphql
from routine_harness.world.github.records import tables
from routine_harness.world.github.tools.tool_calls import Step
from routine_harness.world.holes import hole

if TYPE_CHECKING:
    from graphql.language import DocumentNode, FieldNode, OperationDefinitionNode, SelectionSetNode, ValueNode
from routine_harness.world.github.graphql.mutations import mutation_step

MAX_DOCUMENT: Final = 200_000
MAX_TOKENS: Final = 20_000
MAX_DEPTH: Final = 100
"""How deep braces may stand in each other; GitHub itself refuses documents that cost too much."""


class Envelope(NamedTuple):
    """The body of a request."""

    query: Json
    variables: Mapping[str, Json]
    operation: str = ""


class Top(NamedTuple):
    """A top field of a document: a mutation with its inputs, or the path of a query's field.

    ``step`` is None where no operation stands for it. ``inner`` are the fields that a query's field asks
    for in turn.
    """

    name: str
    mutates: bool
    inputs: Mapping[str, Json]
    step: Step | None
    inner: tuple[str, ...] = ()

    @property
    def operation(self) -> str:
        """The operation that the field stands for; empty where none does."""
        if "reviewThreads" in self.inner:
            return "pull.threads"
        return "" if self.step is None else self.step[0].name


def read_envelope(body: Json) -> Envelope:
    """Document, variables and operation of a request's body."""
    given = body if isinstance(body, Mapping) else {}
    variables = given.get("variables")
    return Envelope(
        given.get("query"),
        variables if isinstance(variables, Mapping) else {},
        str(given.get("operationName") or ""),
    )


def is_too_deep(text: str) -> bool:
    """Whether more than ``MAX_DEPTH`` brackets stand in each other; such a document is not parsed."""
    depth = 0
    for character in text:
        if character in "{[(":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif character in "}])":
            depth -= 1
    return False


def parse_document(text: str) -> DocumentNode:
    """The document.

    Raises:
        GraphQLError: it does not parse.
    """
    # Imported here: the library takes 0.2 s, which a command without GraphQL need not pay.
    from graphql.language import parse

    return parse(text, max_tokens=MAX_TOKENS)


def read_document(document: DocumentNode, envelope: Envelope) -> list[Top]:
    """What the operation of a document asks for, in order."""
    from graphql.language import FragmentDefinitionNode, OperationDefinitionNode, OperationType

    fragments = {
        node.name.value: node.selection_set
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    found: list[Top] = []
    for node in document.definitions:
        if not isinstance(node, OperationDefinitionNode) or not _is_asked(node, envelope.operation):
            continue
        variables = {**_defaults(node), **envelope.variables}
        mutates = node.operation is OperationType.MUTATION
        for field in _fields(node.selection_set, fragments):
            given = {one.name.value: _value(one.value, variables) for one in field.arguments or ()}
            if mutates:
                inputs = given.get("input")
                inputs = inputs if isinstance(inputs, Mapping) else given
                found.append(Top(field.name.value, True, inputs, mutation_step(field.name.value, inputs)))
            else:
                found += _reads(field, given, fragments, variables)
    return found


def _is_asked(node: OperationDefinitionNode, operation: str) -> bool:
    return not operation or (node.name is not None and node.name.value == operation)


def _defaults(node: OperationDefinitionNode) -> Record:
    return {
        one.variable.name.value: _value(one.default_value, {})
        for one in node.variable_definitions or ()
        if one.default_value is not None
    }


def _fields(selection: SelectionSetNode, fragments: Mapping[str, SelectionSetNode]) -> Iterator[FieldNode]:
    """The fields of a selection, those of fragments among them."""
    from graphql.language import FieldNode

    pending, seen = list(selection.selections), set[str]()
    while pending:
        chosen: Json = pending.pop(0)
        if isinstance(chosen, FieldNode):
            yield chosen
            continue
        spread = getattr(chosen, "name", None)  # an inline fragment has none
        name = spread.value if spread is not None else ""
        inner = fragments.get(name) if name else chosen.selection_set
        if inner is not None and name not in seen:
            seen |= {name} if name else set()
            pending = [*inner.selections, *pending]


def _reads(
    field: FieldNode,
    given: Arguments,
    fragments: Mapping[str, SelectionSetNode],
    variables: Mapping[str, Json],
) -> Iterator[Top]:
    """The reads of a query's field; of a repository those of its parts, if the table knows them."""
    name = field.name.value
    if name == "repository" and field.selection_set is not None:
        where = {"repository": f"{given.get('owner')}/{given.get('name')}"}
        parts = list(_fields(field.selection_set, fragments))
        known = [part for part in parts if f"repository.{part.name.value}" in by_graphql()]
        for part in known:
            asked = {one.name.value: _value(one.value, variables) for one in part.arguments or ()}
            operation, _ = by_graphql()[f"repository.{part.name.value}"]
            inner = () if part.selection_set is None else _fields(part.selection_set, fragments)
            read: Step = (operation, {**where, **_listed(operation.name, asked)})
            yield Top(part.name.value, False, asked, read, tuple(one.name.value for one in inner))
        if len(known) == len(parts) and parts:
            return
        yield Top(name, False, given, (by_graphql()[name][0], where))
        return
    known_as = by_graphql().get(name)
    step = None if known_as is None else (known_as[0], _listed(known_as[0].name, given))
    yield Top(name, False, given, step)


def _listed(name: str, given: Arguments) -> Arguments:
    """The arguments of a read, by the names of operations."""
    found: Arguments = {key: given[key] for key in ("number", "login", "query") if key in given}
    if name in ("pull.list", "issue.list"):
        found["state"] = "all"  # what is shown of them, the answer says
    return found


def _value(node: ValueNode, variables: Mapping[str, Json]) -> Json:
    """An argument's value; a variable that is not given is a hole."""
    from graphql.language import (
        BooleanValueNode,
        IntValueNode,
        ListValueNode,
        NullValueNode,
        ObjectValueNode,
        VariableNode,
    )

    if isinstance(node, VariableNode):
        name = node.name.value
        return variables[name] if name in variables else hole(f"${name}")
    if isinstance(node, ObjectValueNode):
        return {field.name.value: _value(field.value, variables) for field in node.fields}
    if isinstance(node, ListValueNode):
        return [_value(each, variables) for each in node.values]
    if isinstance(node, NullValueNode):
        return None
    value = getattr(node, "value", None)
    if isinstance(node, IntValueNode):
        return tables.as_number(str(value)) or 0
    return bool(value) if isinstance(node, BooleanValueNode) else value
