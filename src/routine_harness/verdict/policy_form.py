"""The keys of policy.yaml: what each means, what it takes, an example.

`read_policy` gives them their sense; the gate's part is `gate_form`.
"""

# Without `from __future__ import annotations`, as in `routine.routine_form`.
from typing import Annotated, Literal

from msgspec import UNSET, UnsetType

from routine_harness.finding import Severity
from routine_harness.plain import Json
from routine_harness.routine.edition import EDITIONS
from routine_harness.routine.form import FileForm, Form, OneOf, Raw, Schema, Short, key
from routine_harness.routine.reader import Reader
from routine_harness.verdict.file_parts import (
    EFFECT,
    KIND_NAMES,
    ONE_EFFECT,
    WHERE,
    BudgetForm,
    Date,
    Placement,
    Reason,
)
from routine_harness.verdict.further import ChecksForm
from routine_harness.verdict.gate_form import GateForm
from routine_harness.verdict.rerun import RerunDefaultsForm

EditionName = Annotated[str, OneOf(EDITIONS)]
_QUARANTINE = "write routine or case, checks, reason, owner and expires"
Severe = Literal["error", "warning", "off"]
_TOOL = "connector.tool, connector.* for all of its tools, or one of the agent's own tools."
_WHERE = key("Only where its fields satisfy these.", {"channel": {"is_not_one_of": ["security-alerts"]}})
_EFFECT_OR_TOOL: Schema = {"oneOf": [{"required": ["effect"]}, {"required": ["tool"]}]}


class PlatformForm(Form, frozen=True, kw_only=True):
    what = "platform"
    open = True

    edition: Annotated[
        EditionName | UnsetType,
        key("The dated rules of the platform that hold; left out, the newest.", EDITIONS[-1]),
    ] = UNSET
    limits: Annotated[
        Json,
        Raw({"type": "object", "additionalProperties": {"anyOf": [{"type": "integer"}, {"type": "object"}]}}),
        key("A limit's name and its amount.", {"scheduled-per-account": 25}),
    ] = UNSET
    settings: Annotated[
        Json,
        Raw({"type": "object", "additionalProperties": {"type": ["string", "boolean"]}}),
        key("An undocumented point and how it is.", {"sanitised_reads": "titles_and_bodies"}),
    ] = UNSET


class RuleForm(Form, frozen=True, kw_only=True):
    what = "a rule"
    plural = "rules"
    part = "rule"
    short = Short(lambda text, note: {"effect": text}, ONE_EFFECT, "a rule as a mapping")
    rules = _EFFECT_OR_TOOL
    examples = ({"tool": "linear.delete_comment"}, "pull_request.merged")

    effect: Annotated[Json, EFFECT, key("The kind of effect that is forbidden.", "message.posted")] = UNSET
    tool: Annotated[str | UnsetType, key(_TOOL)] = UNSET
    where: Annotated[Json, WHERE, _WHERE] = None
    reason: Annotated[str, key("Why; a finding quotes it.", "the prompt says so")] = ""

    def check(self, reader: Reader) -> None:
        _check_effect_or_tool(reader, self)


class ExceptionForm(Form, frozen=True, kw_only=True):
    what = "an exception"
    plural = "exceptions"
    part = "exception"
    rules = _EFFECT_OR_TOOL
    examples = ({"tool": "linear.delete_comment", "reason": "it removes its own comment"},)

    effect: Annotated[Json, EFFECT, key("The kind of effect that is allowed after all.", "branch.pushed")] = (
        UNSET
    )
    tool: Annotated[str | UnsetType, key(_TOOL)] = UNSET
    where: Annotated[
        Json, WHERE, key("Only where its fields satisfy these.", {"branch": {"starts_with": "ci-fix/"}})
    ] = None
    at_most: Annotated[int | UnsetType, key("How often in one run; left out, any number.", 1, least=1)] = (
        UNSET
    )
    reason: Annotated[
        Reason,
        key(
            "Why; the summary lists it.",
            "the prompt mandates ci-fix branches",
            needs="say why it is allowed: the summary lists it",
        ),
    ]
    owner: Annotated[
        str, key("Who answers for it; required for what the default policy never allows.", "dana")
    ] = ""
    expires: Annotated[
        Date,
        key("An ISO date: 2026-12-31; required for what the default policy never allows.", "2026-12-31"),
    ] = ""
    routines: Annotated[
        tuple[str, ...], key("The routines that it holds for; left out, all.", ["ci-fixer"])
    ] = ()

    def check(self, reader: Reader) -> None:
        _check_effect_or_tool(reader, self)


def _check_effect_or_tool(reader: Reader, form: RuleForm | ExceptionForm) -> None:
    if (form.effect is UNSET) == (form.tool is UNSET):
        found = "neither" if form.tool is UNSET else "both"
        reader.problem(form.place, f"{form.what} needs either effect or tool, found {found}")


class NoiseForm(Form, frozen=True, kw_only=True):
    what = "noise"

    messages_per_run: Annotated[int | UnsetType, key("Messages that one run may post.", 1)] = UNSET
    messages_per_channel_per_day: Annotated[
        int | UnsetType,
        key("What all routines together may post to one channel; judged by backtest alone.", 20),
    ] = UNSET
    characters_per_message: Annotated[int | UnsetType, key("The longest message.", 2000)] = UNSET
    mentions_of_everyone: Annotated[int | UnsetType, key("@channel, @here and the like, a run.", 0)] = UNSET
    tickets_per_run: Annotated[int | UnsetType, key("Tickets that one run may create.", 5)] = UNSET
    comments_per_run: Annotated[int | UnsetType, key("Comments that one run may write.", 3)] = UNSET
    pull_requests_per_run: Annotated[int | UnsetType, key("Pull requests that one run may open.", 1)] = UNSET


class ClaimsForm(Form, frozen=True, kw_only=True):
    what = "claims"

    ignore: Annotated[
        tuple[str, ...],
        key(
            "Patterns (RE2), each over a whole sentence that is no claim.",
            [r"SEC-\d+ was filed in .*"],
        ),
    ] = ()


class RedactForm(Form, frozen=True, kw_only=True):
    what = "redact"

    patterns: Annotated[
        dict[str, str], key("Further secrets: a name and a pattern.", {"customer": r"CUST-\d{8}"})
    ] = {}
    variables: Annotated[
        tuple[str, ...],
        key("Further environment variables whose values are secret.", ["DEPLOY_NOTE"]),
    ] = ()
    emails: Annotated[bool, key("Whether e-mail addresses are redacted.", True)] = False


class QuarantineForm(Form, frozen=True, kw_only=True):
    what = "a quarantine"
    plural = "quarantines"
    part = "quarantine"

    routine: Annotated[str, key("The routine; left out, every one.", "security-triage")] = ""
    case: Annotated[str, key("The case; left out, every one of the routine.", "sql-injection")] = ""
    checks: Annotated[
        tuple[str, ...], key("The checks: idempotent, faults; left out, all.", ["idempotent"], least=1)
    ] = ()
    reason: Annotated[Reason, key("Why it is there.", "passed 4 of 5 attempts", needs=_QUARANTINE)]
    owner: Annotated[Reason, key("Who mends it.", "dana", needs=_QUARANTINE)]
    expires: Annotated[Date, key("Its last day: 2026-12-31.", "2026-12-31", needs=_QUARANTINE)]

    def check(self, reader: Reader) -> None:
        if self.sound and not self.routine and not self.case:
            reader.problem(self.place, "a quarantine needs routine or case", _QUARANTINE)


class LeaksForm(Form, frozen=True, kw_only=True):
    what = "leaks"

    email: Annotated[Severe | UnsetType, key("E-mail addresses of people.", "error")] = UNSET
    phone: Annotated[Severe | UnsetType, key("Telephone numbers with a country's code.", "error")] = UNSET
    card: Annotated[Severe | UnsetType, key("Card numbers.", "error")] = UNSET
    account: Annotated[Severe | UnsetType, key("Bank accounts (IBAN).", "error")] = UNSET
    name: Annotated[Severe | UnsetType, key("The names of the list.", "error")] = UNSET
    people: Annotated[
        tuple[str, ...] | UnsetType,
        key("Names that must not leave; files add to each other.", ["Jane Doe"]),
    ] = UNSET


class LintForm(Form, frozen=True, kw_only=True):
    what = "lint"

    select: Annotated[
        tuple[str, ...] | UnsetType,
        key("The rules that are on: ALL, areas (prompt) and codes (prompt.no-link).", ["ALL"]),
    ] = UNSET
    extend_select: Annotated[
        tuple[str, ...] | UnsetType, key("Rules that are on besides.", ["prompt.no-link"])
    ] = UNSET
    ignore: Annotated[tuple[str, ...] | UnsetType, key("Rules that are off.", ["trigger"])] = UNSET
    per_file_ignores: Annotated[
        dict[str, tuple[str, ...]] | UnsetType,
        key("Rules that are off for the files that a glob matches.", {"legacy/*": ["prompt"]}),
    ] = UNSET
    severity: Annotated[
        dict[str, Severity] | UnsetType,
        key("How much a rule weighs here.", {"prompt.assumes-memory": "error"}),
    ] = UNSET
    recording_days: Annotated[
        int | UnsetType, key("The age in days at which a recording counts as old.", 30)
    ] = UNSET


class PolicyForm(FileForm, frozen=True, kw_only=True):
    what = "a policy"
    part = "policy"
    title = "A policy"
    said = "What holds for every routine and case in the folders below."

    root: Annotated[bool, key("Whether the search for policies further up ends here.", True)] = False
    platform: Annotated[
        EditionName | PlatformForm | None,
        key(
            "The dated rules of the platform, and what is known to differ from them.",
        ),
    ] = None
    plan: Annotated[
        Literal["pro", "max", "team", "enterprise"] | UnsetType,
        key("The account's plan, whose limits the edition holds.", "team"),
    ] = UNSET
    forbid: Annotated[
        tuple[RuleForm, ...],
        key(
            "What no run may attempt; adds to what outer files forbid.",
            [
                "pull_request.closed",
                {
                    "effect": "message.posted",
                    "where": {"channel": {"is_not_one_of": ["security-alerts"]}},
                    "reason": 'the prompt says "post to #security-alerts only"',
                },
                {"tool": "linear.delete_comment"},
            ],
        ),
    ] = ()
    allow: Annotated[
        tuple[ExceptionForm, ...],
        key(
            "What is taken back of this file's rules, of those below it and of the default policy.",
            [
                {
                    "effect": "branch.pushed",
                    "where": {"branch": {"starts_with": "ci-fix/"}},
                    "reason": "the prompt mandates ci-fix branches",
                }
            ],
        ),
    ] = ()
    noise: Annotated[NoiseForm | None, key("Limits; a nearer file may only be stricter.")] = None
    identity: Annotated[
        dict[str, tuple[str, ...]],
        key(
            "Per effect, the fields that make two records the same.",
            {"tickets": ["project", "title"]},
            propertyNames={"enum": list(KIND_NAMES)},
        ),
    ] = {}
    connectors: Annotated[
        tuple[str, ...] | dict[str, tuple[str, ...]] | None,
        key(
            "Further connectors that may be named here, with their tools (none listed: any).",
            {"Acme-Slack": "slack"},
        ),
    ] = None
    reads: Annotated[
        tuple[str, ...],
        key(
            "Tools that count as reads besides those known as such: connector.tool.",
            ["slack.slack_read_thread"],
        ),
    ] = ()
    organisation_connectors: Annotated[
        tuple[str, ...],
        key(
            "Connectors that the organisation gives to every run: granted, even if a routine does not name "
            "them.",
            ["sentry"],
        ),
    ] = ()
    hosts: Annotated[
        tuple[str, ...], key("Hosts to which a live run may send GET.", ["api.example.com"])
    ] = ()
    budget: Annotated[BudgetForm | None, key("The most that one run may use.")] = None
    rerun: Annotated[
        RerunDefaultsForm | None,
        key("What holds for the second run of every case below that does not say otherwise."),
    ] = None
    context: Annotated[
        Placement | None,
        key(
            "When the trigger's context or payload reaches the agent: in the first turn, as a second one, or "
            "never.",
            "together",
        ),
    ] = None
    checks: Annotated[ChecksForm | None, key("Under what else every case is run and judged as well.")] = None
    claims: Annotated[
        ClaimsForm | None, key("What is accepted of closing messages; files add to each other.")
    ] = None
    gate: Annotated[GateForm | None, key("What must hold before a trigger may be enabled.")] = None
    lint: Annotated[LintForm | None, key("Selection and settings of lint rules.")] = None
    quarantine: Annotated[
        tuple[QuarantineForm, ...],
        key("Checks that neither pass nor fail until a day; files add to each other."),
    ] = ()
    leaks: Annotated[
        LeaksForm | None,
        key("How grave it is where what belongs to a person leaves; a warning where nothing is said."),
    ] = None
    redact: Annotated[RedactForm | None, key("Which further texts are secret and reach no file.")] = None
