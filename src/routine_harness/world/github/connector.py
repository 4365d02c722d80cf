"""The connector ``github``: its operations behind the face of the MCP server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.routine.edition_rules import SessionRules
from routine_harness.world.access import reads_only
from routine_harness.world.arguments import check_arguments
from routine_harness.world.effect import Effect
from routine_harness.world.github.faces import API, FACES, GRAPHQL, OF_GH
from routine_harness.world.github.graphql.mutations import resolve
from routine_harness.world.github.mcp import mcp_answers
from routine_harness.world.github.mcp.mcp_calls import ToolRefused, likely_steps, steps_of
from routine_harness.world.github.mcp.mcp_refusals import word_errors, word_refusal
from routine_harness.world.github.mcp.mcp_texts import SANITISED_READS, as_stored
from routine_harness.world.github.mcp.reveal import REVEALS
from routine_harness.world.github.operations.operation import Done, Incomplete, Refused, Run
from routine_harness.world.github.operations.operation_table import Operation, by_name, by_tool
from routine_harness.world.github.proxy import OPEN, Passage, passage, request_passage
from routine_harness.world.github.records.columns import COLUMNS
from routine_harness.world.github.records.complete import complete_world
from routine_harness.world.github.records.record_seeds import remove_record, seed_record
from routine_harness.world.github.records.tables import TABLES
from routine_harness.world.github.rest.recorded_reads import (
    believed,
    by_address,
    recorded_done,
    reply_of,
    told,
)
from routine_harness.world.github.rest.replies import UNKNOWN_PATH, Reply, refused_reply
from routine_harness.world.github.rest.rest_answers import reply_to
from routine_harness.world.github.rest.rest_paths import moved_reply, named_path, requested
from routine_harness.world.github.rest.rest_requests import bare_path, read_request
from routine_harness.world.github.tools.aliases import ALIASES, own_arguments
from routine_harness.world.github.tools.tool_calls import (
    Step,
    arguments_of,
    as_asked_by,
    asked_directly,
    call_of,
)
from routine_harness.world.github.tools.tool_table import TOOLS
from routine_harness.world.github.tools.toolsets import OWN, TOOLSETS
from routine_harness.world.rule import Rule, apply_rules
from routine_harness.world.simulated import SimulatedConnector, completed, result_of
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, Tool, ToolCall, ToolResult


@dataclass(frozen=True, eq=False)
class GithubConnector(SimulatedConnector):
    """Operations of the table; a call is read into them and their rows are written as the server answers."""

    def resolve(self, tool: str) -> str | None:
        """The tool's own name; operations that the MCP server does not offer are nobody's tool."""
        own = super().resolve(tool)
        return own if own is not None and self.tools[own].offered else None

    def canonical(self, call: ToolCall) -> ToolCall:
        if call.server in FACES and call.tool in self.tools:
            return call
        call = super().canonical(call)
        tool = self.tools.get(call.tool)
        if tool is None:
            return call
        return msgspec.structs.replace(call, arguments=own_arguments(tool, call.arguments))

    def complete_world(self, world: World) -> World:
        return complete_world(world)

    def remove_record(self, world: World, table: str, record: Record) -> World:
        return remove_record(world, table, record)

    def attempted(self, call: ToolCall) -> tuple[Effect, ...]:
        """What a call attempts, without a world."""
        tool = self.tools.get(call.tool)
        if tool is not None and reads_only(tool, call.arguments):
            return ()
        steps = _meant_steps(call)
        if not steps:
            return self._effects(call, (), call.arguments)
        return tuple(
            effect for operation, given in steps for effect in self._effects(call, operation.effects, given)
        )

    def as_asked_by(self, tool: str, call: ToolCall) -> ToolCall | None:
        """``call`` as ``tool`` would ask for the same operation; None where it asks for another."""
        return super().as_asked_by(tool, call) or as_asked_by(tool, call, _meant_steps(call))

    def _effects(self, call: ToolCall, rules: tuple[Rule, ...], given: Record) -> tuple[Effect, ...]:
        found = apply_rules(rules, given)
        if not found and not rules:
            found = [("tool.called", {"arguments": call.arguments})]
        name = f"{self.name}.{call.tool}"
        return tuple(
            Effect(kind, self.name, str(fields.pop("target", "")), fields, tool=name)
            for kind, fields in found
        )

    def call(self, world: World, call: ToolCall) -> Outcome:
        """Answer a call; bad arguments and refusals are answers like any other."""
        unresolved: Refused | None = None
        if call.server == GRAPHQL:
            try:
                call = call_of(resolve(world, asked_directly(call)[0]), GRAPHQL)
            except Refused as refusal:
                unresolved = refusal
        passed = call_passage(world.rules, call)
        if passed.refused is not None and not world.rules.recorded:
            return _answered(_denied(world, passed.refused, self.attempted(call)), passed)
        if unresolved is not None:
            return _answered(_denied(world, unresolved, self.attempted(call)), passed)
        outcome = self._answer(world, call)
        return outcome if passed is OPEN else _answered(outcome, passed)

    def _answer(self, world: World, call: ToolCall) -> Outcome:
        """GitHub's own answer to a call that has passed."""
        attempted = self.attempted(call)
        refused = self._check(world, call, attempted)
        if refused is not None:
            return refused
        try:
            steps = _steps(call)
        except ToolRefused as refused:
            return _refused(world, str(refused), attempted)
        outcome = self._carry_out(world, call, steps, attempted)
        return believed(outcome, steps[0]) if call.server == API else outcome

    def _check(self, world: World, call: ToolCall, attempted: tuple[Effect, ...]) -> Outcome | None:
        """The refusal of arguments that do not fit; None where they do."""
        errors = check_arguments(self.tools[call.tool].input_schema, call.arguments)
        if call.server not in FACES:
            return _refused(world, word_errors(errors), attempted) if errors else None
        [(operation, given)] = asked_directly(call)
        missing = [error.place for error in errors if error.kind == "required"]
        if call.server == GRAPHQL:  # its schema says what a mutation needs
            return None
        if call.server in OF_GH:
            missing = [name for name in missing if name not in _IDS or not given.keys() & _INSTEAD]
            missing = [name for name in missing if name != "base"]  # the default branch, where it is left out
        elif operation.needs:  # the API asks for other arguments than the tool
            missing = [name for name in operation.needs.split() if given.get(name) in (None, "")]
        if "comment_id" in given:  # names its thread
            missing = [name for name in missing if name != "threadID"]
        if not missing:
            return None
        refusal = Refused(422, f'Invalid request.\n\n"{missing[0]}" wasn\'t supplied.')
        return _denied(world, refusal, attempted)

    def _carry_out(
        self, world: World, call: ToolCall, steps: list[Step], attempted: tuple[Effect, ...]
    ) -> Outcome:
        after, done, hangs = world, list[Done](), tuple[str, ...]()
        for operation, given in steps:
            stored = given
            if call.server not in FACES and not operation.reads:
                stored, hanging = as_stored(world, given)
                hangs += hanging
            try:
                done.append(_done(after, (operation, stored), call.server))
            except Refused as refused:
                text = word_refusal(operation, given, refused)
                return msgspec.structs.replace(_refused(world, text, attempted), found=refused)
            except Incomplete as gap:
                text = f"the simulated world does not hold {gap.what}; it knows of it by name only"
                return msgspec.structs.replace(_refused(world, text, attempted), incomplete=gap.what)
            after = done[-1].world
        details = tuple(detail for one in done for detail in one.details)
        if call.server in FACES:
            effects = tuple(completed(attempted, details))
            return Outcome(after, ToolResult(""), effects, found=done[-1])
        try:
            value = mcp_answers.answer(after, call, steps, done)
        except ToolRefused as refused:
            return _refused(world, str(refused), attempted)
        except Incomplete as gap:
            text = f"the simulated world does not hold {gap.what}; it knows of it by name only"
            return msgspec.structs.replace(_refused(world, text, attempted), incomplete=gap.what)
        sanitised: list[str] = []

        def plain(text: Json) -> str:
            sanitised.append(str(text))
            return sanitised[-1]

        result = result_of(value, plain)
        if sanitised:
            hangs += (SANITISED_READS,)
        effects = tuple(completed(attempted, details))
        return Outcome(after, result, effects, found=done[-1], depends_on=hangs)


def _run_of(operation: Operation) -> Run:
    assert operation.run is not None  # noqa: S101 - a session asks no tool without a model
    return operation.run


def _done(world: World, step: Step, face: str) -> Done:
    """What an operation finds or makes; where the model does not know, what was recorded of it. The API's
    own answers are recorded whole, and decided on as such.

    Raises:
        Incomplete, Refused: neither knows, or GitHub says no.
    """
    operation, given = step
    try:
        return _run_of(operation)(world, given)
    except (Incomplete, Refused) as unknown:
        gap = isinstance(unknown, Incomplete) or unknown.status in (404, 422)
        recorded = recorded_done(world, step) if gap and face != API else None
        if recorded is None:
            raise
        return recorded


_IDS: Final = ("pullNumber", "issue_number", "comment_id", "release_id", "ref")
_INSTEAD: Final = frozenset({"branch", "last", "tag", "workflow_id"})
"""What ``gh`` names a record by where other faces have its number."""


def _steps(call: ToolCall) -> list[Step]:
    return asked_directly(call) if call.server in FACES else steps_of(call)


def _meant_steps(call: ToolCall) -> list[Step]:
    """What a call asks for, or means where the server refuses its arguments."""
    try:
        return _steps(call)
    except ToolRefused:
        return likely_steps(call)


def answer_request(
    world: World,
    method: str,
    path: str,
    query: Mapping[str, Json] | None = None,
    body: Json = None,
    accept: str = "",
) -> tuple[Reply, Outcome]:
    """What GitHub's REST API answers in ``world``, and what happened.

    A path that stands for no operation, and one that no model carries out, is answered with 404 and
    an outcome whose ``not_simulated`` names the route.
    """
    path = named_path(world, bare_path(path))
    moved = moved_reply(world, method, path)
    if moved is not None:
        return moved, Outcome(world, ToolResult(moved.value["message"]))
    step = read_request(method, path, query, body, accept)
    call = None if step is None else call_of(step, API)
    passed = request_passage(world.rules, path) if step is None else OPEN
    if passed.refused is not None and not world.rules.recorded:
        return refused_reply(passed.refused), _denied(world, passed.refused, ())
    if step is None or call is None or not CONNECTOR.tools[call.tool].simulated:
        route = f"{method.upper()} {path}"
        unknown = Outcome(world, ToolResult("Not Found", is_error=True), not_simulated=route)
        recorded = by_address(world, method.upper(), path, query or {})
        if recorded is None:
            return UNKNOWN_PATH, unknown
        return reply_of(recorded[1]), told(unknown, *recorded)
    outcome = CONNECTOR.call(world, call)
    return reply_to(step, outcome, requested(query or {}, path)), outcome


def _refused(world: World, text: str, attempted: tuple[Effect, ...]) -> Outcome:
    refused = tuple(msgspec.structs.replace(effect, outcome="refused") for effect in attempted)
    return Outcome(world, ToolResult(text, is_error=True), refused)


def _denied(world: World, refused: Refused, attempted: tuple[Effect, ...]) -> Outcome:
    return msgspec.structs.replace(_refused(world, refused.message, attempted), found=refused)


def call_passage(rules: SessionRules, call: ToolCall) -> Passage:
    """What the platform does with a call, whichever face has read it."""
    if not rules.settings:
        return OPEN
    given = call.arguments
    owner, name = given.get("owner"), given.get("repo")
    repository = f"{owner}/{name}" if isinstance(owner, str) and isinstance(name, str) else ""
    if call.server not in FACES:
        return passage(rules, call.server, "", "", repository)
    steps = asked_directly(call)
    operation = steps[0][0] if steps else None
    if operation is None:
        return passage(rules, call.server, call.tool, "", repository)
    return passage(rules, call.server, operation.name, operation.rest, repository)


def denied_call(world: World, call: ToolCall) -> Outcome | None:
    """The platform's refusal of a call that no model carries out; None where it lets it through."""
    passed = call_passage(world.rules, call)
    if passed.refused is None or world.rules.recorded:
        return None
    return _answered(_denied(world, passed.refused, CONNECTOR.attempted(call)), passed)


def _answered(outcome: Outcome, passed: Passage) -> Outcome:
    """``outcome`` with what the platform may say instead, and the points on which that hangs."""
    barred = passed.undecided or (passed.refused.message if passed.refused is not None else "")
    return msgspec.structs.replace(
        outcome,
        depends_on=(*outcome.depends_on, *passed.depends_on),
        barred="" if outcome.result.is_error else barred,
    )


def _rules() -> dict[str, tuple[Rule, ...]]:
    """Tool → the rules of the operations that it can mean, so far as its arguments reach."""
    found: dict[str, tuple[Rule, ...]] = {n: row.effects for n, row in by_name().items() if row.effects}
    for name, operation in by_tool().items():
        tool = name.partition(":")[0]
        if operation.effects:
            within = (rule for rule in operation.effects if _reaches(tool, rule))
            found[tool] = (*found.get(tool, ()), *within)
    found["add_issue_comment"] += by_tool()["add_issue_reaction"].effects
    found["add_reply_to_pull_request_comment"] += by_tool()[
        "add_pull_request_review_comment_reaction"
    ].effects
    return found


def _reaches(tool: str, rule: Rule) -> bool:
    """Whether a tool has the arguments that ``rule`` asks for: one for a title closes nothing."""
    if tool not in TOOLS:
        return True
    names = arguments_of(ToolCall("", tool, TOOLS[tool].input_schema.get("properties", {}))).keys()
    return all(
        wanted is False or any(path.partition(".")[0] in names for path in paths.split("|"))
        for paths, wanted in rule.get("when", {}).items()
    )


def _tools() -> dict[str, Tool]:
    """The server's tools, and one that nobody is offered for every operation without."""
    simulated = {name.partition(":")[0] for name, operation in by_tool().items() if operation.run is not None}
    tools = {
        name: msgspec.structs.replace(tool, simulated=name in simulated)
        for name, tool in {**TOOLS, **OWN}.items()
    }
    known = {name.partition(":")[0]: operation for name, operation in by_tool().items()} | by_name()
    for name, operation in sorted(known.items()):
        if name not in tools:
            tools[name] = _unoffered(name, operation)
    return tools


def _unoffered(name: str, operation: Operation) -> Tool:
    about = f"{operation.rest.partition('; ')[0] or operation.name}, which the MCP server does not offer."
    access: Literal["read", "write"] = "read" if operation.reads else "write"
    schema = {"type": "object"}
    return Tool(name, about, schema, access, simulated=operation.run is not None, offered=False)


CONNECTOR: Final = GithubConnector(
    name="github",
    tools=_tools(),
    tables=TABLES,
    columns=COLUMNS,
    rules=_rules(),
    operations={},
    word_errors=lambda _, errors: word_errors(errors),
    seed_record=seed_record,
    aliases=ALIASES,
    toolsets=TOOLSETS,
    reveals=REVEALS,
    title="GitHub",
    source="github/github-mcp-server, the official server, August 2026",
    limits=(
        "In a session the MCP server sanitises texts as the policy's `platform` says; REST does not.",
        "Files are text or bytes; symbolic links and submodules are not told apart.",
        "A merge takes the files of the pull request's head; conflicts are as `mergeable` says.",
        "Discussions, gists, projects, notifications and security alerts are known by schema alone.",
    ),
)
