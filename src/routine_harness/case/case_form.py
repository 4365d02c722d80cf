"""The keys of a case: what each means, what it takes, an example.

`parse` makes cases of them. What stands below ``expect``, ``faults``, ``commands`` and ``trigger`` has forms
of its own.
"""

# Without `from __future__ import annotations`, as in `routine.routine_form`.
from typing import Annotated, Final, Literal

from msgspec import UNSET, UnsetType

from routine_harness.case.read_commands import CommandForm
from routine_harness.case.read_faults import FaultForm
from routine_harness.case.read_trigger import KINDS, CaseTriggerForm, LaterTriggerForm
from routine_harness.case.read_wakes import WakeForm
from routine_harness.case.world_form import WORLD, WORLDS
from routine_harness.plain import Json
from routine_harness.routine.duration import parse_duration
from routine_harness.routine.form import FileForm, Form, OneOf, Raw, Schema, Text, key
from routine_harness.verdict.expect_form import ExpectForm, SecondForm
from routine_harness.verdict.file_parts import BudgetForm, Placement
from routine_harness.verdict.further import ChecksForm
from routine_harness.verdict.rerun import AllowedForm

_SCRIPT: Final = "write {scripted: ../agents/x.py::run}"
_INSTEAD: Final = {"scripted": ("a scripted agent needs its function", _SCRIPT)}
_REASON: Final[Schema] = {"type": ["string", "boolean", "null"]}
_MAPPING: Final[Schema] = {"type": ["object", "null"]}
Mark = Annotated[str, Text("the name of a mark", "[A-Za-z_][A-Za-z0-9_]*", "write marks: [slow]")]


class ScriptForm(Form, frozen=True, kw_only=True):
    what = "an agent"
    part = "scripted"

    scripted: Annotated[
        str,
        Text(
            "file::function",
            "[^:]+::[A-Za-z_][A-Za-z0-9_]*",
            "write ../agents/x.py::run or package.module::run",
        ),
        key(
            "../agents/x.py::function or package.module::function",
            "../agents/triage.py::triage",
            needs=_SCRIPT,
        ),
    ]
    network: Annotated[
        Literal["none", "real"],
        key("Whether the script may reach the real network; loopback it may.", "none"),
    ] = "none"
    shell: Annotated[
        Literal["world", "sandbox"],
        key(
            "Where the script's Bash, Read, Write, Edit, Glob and Grep run: nowhere, as the world answers "
            "them, or in the sandbox of live runs.",
            "sandbox",
        ),
    ] = "world"


class RerunForm(Form, frozen=True, kw_only=True):
    what = "rerun"

    trigger: Annotated[
        LaterTriggerForm | UnsetType,
        key(
            "Another event for the second run, of the same subject.",
            {"github": {"event": "pull_request.synchronize"}},
        ),
    ] = UNSET
    allow: Annotated[
        tuple[AllowedForm, ...] | None,
        key(
            "Effects that the second run may have.",
            [{"effect": "comment.updated", "at_most": 1, "reason": "it keeps its own comment up to date"}],
        ),
    ] = None
    after: Annotated[
        str | None,
        Text(
            "a span of time",
            hint="write 2d, 90m or 1h 30m",
            fits=lambda text: (parse_duration(text) or -1) >= 0,
            schema={"pattern": r"^\s*[+-]?\s*\d+[smhdw](\s*\d+[smhdw])*\s*$"},
        ),
        key("How much later the second run starts.", "1h"),
    ] = None
    meanwhile: Annotated[
        Json,
        Raw({"anyOf": [{"$ref": "#/$defs/world"}, {"type": "null"}]}, needs=(WORLD,)),
        key("What others do between the runs.", {"linear": {"issues": [{"id": "SEC-1", "state": "Done"}]}}),
    ] = None
    strict: Annotated[
        bool | UnsetType,
        key("Whether bringing the first run's record up to date is an error as well.", False),
    ] = UNSET


class VariantForm(Form, frozen=True, kw_only=True):
    what = "a variant"
    plural = "variants"
    part = "variant"
    examples = (
        {"id": "fork", "skip": "forks are not watched yet"},
        {"id": "bot", "xfail": "bots are not left alone yet"},
    )

    id: Annotated[
        Json,
        Raw({"type": ["string", "integer"], "pattern": "^[A-Za-z0-9_.+-]+$"}),
        key("The variant's name, as the item shows it.", "draft"),
    ] = ""
    description: Annotated[str, key("What the variant shows.", "A draft.")] = ""
    payload: Annotated[
        Json,
        Raw(_MAPPING),
        key("Goes over the payload, key by key.", {"pull_request": {"draft": True}}),
    ] = None
    world: Annotated[Json, WORLDS, key("A layer over the case's world.", {"linear": {"issues": []}})] = None
    marks: Annotated[tuple[Mark, ...], key("pytest marks, besides those of the case.", ["slow"])] = ()
    skip: Annotated[Json, Raw(_REASON), key("Why the variant is not run.", UNSET)] = None
    xfail: Annotated[Json, Raw(_REASON), key("Why the variant is expected to fail.", UNSET)] = None


class CaseForm(FileForm, frozen=True, kw_only=True):
    what = "a case"
    part = "case"
    title = "A case"
    said = "One test of a routine: firing, world, agent and expectations."
    examples = (
        {
            "description": "A draft is left alone.",
            "trigger": "schedule",
            "skip": "waits for the next edition",
            "expect": {"nothing": True},
        },
        {
            "description": "A known fault.",
            "trigger": {"manual": {"text": "look again"}},
            "xfail": "it files the ticket twice",
            "expect": {"tickets": 1},
        },
    )

    description: Annotated[
        str,
        key(
            "What the case shows, in one sentence.",
            "A SQL injection becomes one High ticket; a push to the same pull request files none.",
        ),
    ] = ""
    routine: Annotated[
        str,
        key(
            "The routine, where it is not the one beside cases/: its name, or a file.",
            "security-triage",
        ),
    ] = ""
    trigger: Annotated[
        CaseTriggerForm,
        key(
            "What starts the first run: one of github, api, schedule, manual.",
            {
                "github": {
                    "event": "pull_request.opened",
                    "payload": "../payloads/opened.json",
                    "at": "2026-05-04T09:07:00Z",
                }
            },
            needs=f"write one of {', '.join(KINDS)}",
        ),
    ]
    world: Annotated[
        Json,
        WORLDS,
        key("What the services hold before the run.", ["../worlds/core.yaml", {"linear": {"issues": []}}]),
    ] = None
    cassettes: Annotated[
        tuple[str, ...], key("Recorded HTTP that answers reads.", ["../cassettes/advisories.yaml"])
    ] = ()
    agent: Annotated[
        ScriptForm | Annotated[str, OneOf(("recording", "claude-code"), instead=_INSTEAD)] | None,
        key(
            "Who carries out the prompt: the recording (default), a script, or the real agent.",
            "recording",
        ),
    ] = None
    record_with: Annotated[
        ScriptForm | Annotated[str, OneOf(("claude-code",), instead=_INSTEAD)] | None,
        key("Who records it, where no agent is named.", {"scripted": "../agents/triage.py::triage"}),
    ] = None
    rerun: Annotated[
        RerunForm | None,
        key(
            "How the second run differs.",
            {
                "trigger": {"github": {"event": "pull_request.synchronize"}},
                "allow": [
                    {
                        "effect": "comment.updated",
                        "at_most": 1,
                        "reason": "it keeps its own comment up to date",
                    }
                ],
                "after": "1h",
                "meanwhile": {"linear": {"issues": [{"id": "SEC-1", "state": "Done"}]}},
                "strict": False,
            },
            {
                "trigger": {"api": {"text": "once more"}},
                "after": "2d",
                "allow": [{"effect": "message.posted", "at_most": 1}],
                "meanwhile": {
                    "github": {
                        "comments": [
                            {
                                "repository": "acme/core",
                                "number": 7,
                                "user": "alice",
                                "body": "Mine.",
                                "created_at": "-1h",
                            }
                        ]
                    },
                    "remove": {"linear": {"issues": [{"title": "Disk full"}]}},
                },
            },
        ),
    ] = None
    context: Annotated[
        Placement | None,
        key(
            "When the trigger's context or payload reaches the agent: in the first turn, as a second one, "
            "or never.",
            "together",
        ),
    ] = None
    checks: Annotated[ChecksForm | None, key("Under what else every case is run and judged as well.")] = None
    faults: Annotated[
        tuple[FaultForm, ...],
        key(
            "What goes wrong on purpose.",
            [{"call": "slack.slack_send_message", "nth": 1, "timeout": True, "applied": True}],
            [
                {
                    "call": "linear.save_issue",
                    "where": {"title": {"contains": "Disk"}},
                    "nth": 1,
                    "timeout": True,
                    "applied": True,
                },
                {
                    "call": "Bash",
                    "where": {"command": {"starts_with": "npm "}},
                    "from": 2,
                    "error": "npm: network",
                },
                {"call": "github.list_issues", "status": 503, "headers": {"retry-after": "30"}},
                {"connector": "slack", "missing": True},
            ],
        ),
    ] = ()
    wakes: Annotated[
        tuple[WakeForm, ...],
        key(
            "What comes into the open session, in order.",
            [
                {"after": {"time": "10m"}, "github": {"event": "pull_request.synchronize"}},
                {"after": {"call": 1}, "echo": "own_label"},
            ],
        ),
    ] = ()
    commands: Annotated[
        tuple[CommandForm, ...],
        key(
            "What programs print, because none is run.",
            [{"run": "npm audit --json", "stdout": "{}"}],
            [
                {"run": "npm outdated **", "stdout": "lodash 4.17.20 4.17.21"},
                {
                    "run": "npm test",
                    "answers": [{"stdout": "1 failing", "exit": 1}, {"stdout": "148 passing"}],
                },
                {
                    "run": "./scripts/report.sh *",
                    "writes": {"out/report.md": "# Report"},
                    "effects": [{"effect": "ticket.created", "connector": "linear", "title": "Disk full"}],
                },
            ],
        ),
    ] = ()
    budget: Annotated[BudgetForm | None, key("The most that one run may use; a run over it is stopped.")] = (
        None
    )
    expect: Annotated[
        ExpectForm | None,
        key(
            "What must come of the first run.",
            {
                "tickets": {"count": 1, "where": {"priority": "High"}},
                "messages": 0,
                "idempotent": True,
            },
        ),
    ] = None
    second: Annotated[
        SecondForm | None,
        key("What must come of the second run, where that is more than nothing.", {"nothing": True}),
    ] = None
    strict: Annotated[bool, key("Whether unexpected reads are errors as well.", False)] = False
    marks: Annotated[tuple[Mark, ...], key("pytest marks.", ["slow"])] = ()
    skip: Annotated[Json, Raw(_REASON), key("Why the case is skipped.", UNSET)] = None
    xfail: Annotated[Json, Raw(_REASON), key("Why the case is expected to fail.", UNSET)] = None
    parametrize: Annotated[
        tuple[VariantForm, ...],
        key(
            "Overrides of payload and world; each gives a case.",
            [
                {"id": "draft", "payload": {"pull_request": {"draft": True}}},
                {"id": "fork", "world": "../worlds/fork.yaml"},
            ],
            least=1,
        ),
    ] = ()
