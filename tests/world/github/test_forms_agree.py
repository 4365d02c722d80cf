"""All forms of an operation lead from the same world to the same world, effect and outcome."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from typing import Any

import pytest
from support.desk import FIRING
from world.contract_github import github
from world.github import operation_forms
from world.github.operation_forms import Form

from routine_harness.live.outside.rest import answer_rest
from routine_harness.live.outside.shim_answers import GhQuestion, answer_gh
from routine_harness.routine.spec import Environment, Repository, Routine
from routine_harness.session.answering import Answering
from routine_harness.session.session import Session
from routine_harness.world.effect import Effect
from routine_harness.world.failures import settled_effects
from routine_harness.world.github.connector import CONNECTOR
from routine_harness.world.github.gh.command_line import commands
from routine_harness.world.github.gh.gh_plan import Request
from routine_harness.world.github.operations.operation import Incomplete, Refused
from routine_harness.world.github.operations.operation_table import OPERATIONS
from routine_harness.world.github.records.fields import TABLES, Face, fields_of
from routine_harness.world.github.tools.tool_calls import call_of
from routine_harness.world.own_tools import OwnTools
from routine_harness.world.registry import Registry
from routine_harness.world.state import World
from routine_harness.world.tool import ToolResult

FULL = Environment("full")
ROUTINE = Routine("contract", "p", repositories=(Repository("acme/core"),), environment=FULL)
WORLD = operation_forms.prepared(github().world)
FORMS = operation_forms.all_forms()
MADE = [
    form
    for form in FORMS
    if form.face in ("mcp", "curl")
    and form.operation.run is not None
    and form.operation.rows.removesuffix("*") in TABLES
    and (form.operation.reads if form.face == "mcp" else form.operation.status != 204)
    and (form.operation.name, form.face) not in operation_forms.OTHER_ANSWERS
]
"""Forms whose answer is a record of the field table, or a list of them."""

Told = list[tuple[str, str, dict[str, Any], str]]


def told(effects: tuple[Effect, ...]) -> Told:
    return [(one.kind, one.target, one.fields, one.outcome) for one in effects]


class Asking:
    """A session over the world of the contract, asked by every face."""

    def __init__(self) -> None:
        self.registry = Registry()
        own = OwnTools({"github": CONNECTOR}, ("acme/core",), FULL)
        answering = Answering(ROUTINE, self.registry, own=own)
        self.session = Session(ROUTINE, WORLD, FIRING, "p", self.registry, answering=answering)

    def do(self, tool: str, arguments: dict[str, Any], server: str) -> ToolResult:
        return self.session.handle(f"github.{tool}", arguments, server=server, via="here")

    def ask(self, form: Form) -> tuple[str, bool]:
        """What the face of ``form`` answers, and whether that is a failure."""
        return getattr(self, "_" + form.face.replace(" ", "_").translate({40: None, 41: None}))(form)

    def _mcp(self, form: Form) -> tuple[str, bool]:
        _, tool, arguments = form.asked
        result = self.session.call(f"github.{tool}", **arguments)
        return result.text, result.is_error

    def _bash(self, command: str) -> tuple[str, bool]:
        result = self.session.call("Bash", command=command)
        return result.text, result.is_error

    def _curl(self, form: Form) -> tuple[str, bool]:
        return self._bash(operation_forms.curl(form.asked))

    def _gh_api(self, form: Form) -> tuple[str, bool]:
        words, stdin = operation_forms.gh_api(form.asked)
        line = f"gh {shlex.join(words)}"
        return self._bash(line if stdin is None else f"{line} <<'EOF'\n{stdin}\nEOF")

    def _gh(self, form: Form) -> tuple[str, bool]:
        return self._bash(f"gh {form.asked}")

    def _rest_live(self, form: Form) -> tuple[str, bool]:
        request = form.asked
        asked = Request(method=request.method, path=request.path, query=request.query, body=request.body)
        reply = answer_rest(self.session, self.do, asked)
        assert reply is not None
        return reply.data.decode(), reply.failed

    def _shim(self, words: list[str], stdin: str | None) -> tuple[str, bool]:
        question = GhQuestion(tuple(words), files={} if stdin is None else {"-": stdin})
        answer = answer_gh(
            question, self.session, self.do, lambda one: answer_rest(self.session, self.do, one)
        )
        return answer.out + answer.err, answer.code != 0

    def _gh_api_live(self, form: Form) -> tuple[str, bool]:
        return self._shim(*operation_forms.gh_api(form.asked))

    def _gh_live(self, form: Form) -> tuple[str, bool]:
        return self._shim(shlex.split(form.asked), None)


def reference(form: Form) -> tuple[World, Told, bool]:
    """The operation itself with what the form says: the world after it, its effects, whether it failed.

    What no model carries out is refused in every form.
    """
    before = WORLD.at(WORLD.clock + 1)
    run = form.operation.run
    call = call_of((form.operation, form.given), "gh")
    if run is None:
        return before, [(*one[:3], "refused") for one in told(CONNECTOR.attempted(call))], True
    if form.operation.reads:
        try:
            run(before, form.given)
        except (Refused, Incomplete):
            return before, [], True
        return before, [], False
    outcome = CONNECTOR.call(before, call)
    return outcome.world, told(settled_effects(outcome, before)), outcome.result.is_error


@pytest.mark.parametrize("form", FORMS, ids=[form.label for form in FORMS])
def test_a_form_leads_where_the_operation_leads(form: Form) -> None:
    """The same world, the same effects with target, fields and outcome, and success or failure alike."""
    world, effects, failed = reference(form)
    asking = Asking()
    text, is_error = asking.ask(form)
    assert told(asking.session.effects) == effects
    assert differing(asking.session.world, world) == {}
    assert is_error == failed, text


def differing(one: World, other: World) -> dict[str, Any]:
    """Records that stand in one world alone, by table."""
    found = {}
    for table in CONNECTOR.tables:
        left, right = one.table(f"github.{table}"), other.table(f"github.{table}")
        if left != right:
            found[table] = (
                [r for r in left if r not in list(right)],
                [r for r in right if r not in list(left)],
            )
    return found


def test_every_operation_has_a_form() -> None:
    """A row of the table has a form, or is a mutation alone; what each face has is printed."""
    names = {form.operation.name for form in FORMS}
    assert all(row.graphql for name, row in OPERATIONS.items() if name not in names)
    counted = Counter(form.face for form in FORMS)
    print(f"{len(FORMS)} forms of {len(OPERATIONS)} operations: {dict(sorted(counted.items()))}")


def test_every_command_of_gh_is_a_form() -> None:
    """A command that comes to an operation has a line among the forms, so that a new one is covered."""
    lines = [line for rows in operation_forms.GH.values() for line, _ in rows]
    planned = {name for name in commands() if not any(line.startswith(name) for line in lines)}
    assert planned == operation_forms.WITHOUT_OPERATION


SHORT = {"run.rerun", "run.rerun_failed", "run.cancel", "team.members", "search.users"}
"""Operations whose REST answer is shorter than the record; ``test_github_openapi`` says what it is."""
WHERE_KNOWN = {"stats", "previous_filename", "submitted_at"}
"""Fields that REST leaves out where there is no value."""


@pytest.mark.parametrize("form", MADE, ids=[form.label for form in MADE])
def test_an_answer_has_the_fields_of_its_face(form: Form) -> None:
    """A record is answered with the fields that the face has for it, no other face's."""
    text, is_error = Asking().ask(form)
    assert not is_error, text
    shown = record_of(json.loads(text), form)
    face: Face = "mcp" if form.face == "mcp" else "rest"
    known = fields_of(form.operation.rows.removesuffix("*"), face)
    always = {field.name for field in known if field.always or face != "mcp"} - WHERE_KNOWN
    if face == "rest" and form.operation.name in SHORT:
        always = set()
    assert always <= set(shown), sorted(always - set(shown))
    assert not [name for name in shown if name != name.lower()], "names in gh's manner"


def record_of(value: Any, form: Form) -> dict[str, Any]:
    """The record in an answer, or the first of its list."""
    if isinstance(value, dict) and form.operation.rows.endswith("*"):
        value = next(held for held in value.values() if isinstance(held, list))
    return value[0] if isinstance(value, list) else value
