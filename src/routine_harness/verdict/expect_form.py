"""The keys of ``expect:`` and ``second:``: what each means, what it takes, an example.

`read_blocks` makes blocks of them, `expectations.expect` the rest.
"""

# Without `from __future__ import annotations`, as in `routine.routine_form`.
from typing import Annotated, ClassVar, Final

from msgspec import UNSET, UnsetType

from routine_harness.plain import Json, Record
from routine_harness.routine.form import Form, Note, Schema, Short, key
from routine_harness.routine.reader import kind_of
from routine_harness.session.transcript import RunStatus
from routine_harness.verdict.expectations.blocks import Outcome
from routine_harness.verdict.file_parts import EFFECT, WHERE, BudgetForm

_NUMBER: Final[Schema] = {"type": "integer", "minimum": 0}
_TOOL: Final = "connector.tool, or connector.* for all of its tools; bare, one of the agent's own."

Name = Annotated[str | UnsetType, key("The item's name where there are several blocks.", "high")]
Times = Annotated[int | UnsetType, key("Exactly so many.", 1)]
AtLeast = Annotated[int | UnsetType, key("At least so many.", UNSET)]
AtMost = Annotated[int | UnsetType, key("At most so many.", UNSET)]


def _exactly(number: int, note: Note) -> Record | None:
    if number >= 0:
        return {"count": number}
    note(f"expected a count from 0, found {kind_of(number)}", "")
    return None


class BoundsForm(Form, frozen=True, kw_only=True):
    """How many there are of something."""

    what = "a count"
    short = Short(_exactly, _NUMBER, "a count as a mapping", int)

    count: Times = UNSET
    at_least: AtLeast = UNSET
    at_most: AtMost = UNSET


class EffectsForm(Form, frozen=True, kw_only=True):
    what = "an expectation of {}"
    part = "effects_block"
    short = Short(_exactly, _NUMBER, "an expectation of {} as a mapping", int)
    examples = (
        {
            "at_least": 1,
            "at_most": 3,
            "effect": "ticket.updated",
            "where": {"labels": {"contains": "security"}},
        },
        1,
    )

    name: Name = UNSET
    count: Times = UNSET
    at_least: AtLeast = UNSET
    at_most: AtMost = UNSET
    where: Annotated[
        Json,
        WHERE,
        key(
            "Counts only what satisfies all of these: field → predicate.",
            {
                "project": "Security",
                "priority": "High",
                "body": {"contains": "${event.pull_request.user.login}"},
            },
        ),
    ] = None
    when: Annotated[
        "WhenForm | None",
        key("Judges the block only where all of this holds.", {"event": {"pull_request.draft": False}}),
    ] = None
    outcome: Annotated[
        Outcome,
        key(
            "Which attempts count: those that were applied (default), refused, changed nothing, or all.",
            "applied",
        ),
    ] = "applied"
    effect: Annotated[
        Json,
        EFFECT,
        key(
            "What is counted instead of the noun's own effects: ticket.updated for labelling, assigning, "
            "closing; * for all that can be done to it.",
            UNSET,
        ),
    ] = UNSET


_TICKETS: Final = key(
    "Tickets that the run creates: a number, a block, or a list of blocks.",
    {"count": 1, "where": {"project": "Security"}},
)
_MESSAGES: Final = key("Messages that the run posts or sends.", 0)
_COMMENTS: Final = key("Comments that the run writes, on tickets, issues and pull requests.", 0)
_PULL_REQUESTS: Final = key("Pull requests that the run opens.", 0)
_REVIEWS: Final = key("Reviews that the run submits on pull requests, approvals among them.", 0)
_BRANCHES: Final = key("Branches that the run pushes.", 0)
_DOCUMENTS: Final = key("Documents and pages that the run writes.", 0)
_EFFECTS: Final = key(
    "Effects of any kind; `effect:` says which.", {"effect": "review.submitted", "count": 0}
)


class WhenForm(Form, frozen=True, kw_only=True):
    what = "a condition"
    part = "when"
    said = "The block is judged only where all of this holds."

    tickets: Annotated[EffectsForm | UnsetType, key("Tickets that the run creates.", {"at_least": 1})] = UNSET
    messages: Annotated[EffectsForm | UnsetType, _MESSAGES] = UNSET
    comments: Annotated[EffectsForm | UnsetType, _COMMENTS] = UNSET
    pull_requests: Annotated[EffectsForm | UnsetType, _PULL_REQUESTS] = UNSET
    reviews: Annotated[EffectsForm | UnsetType, _REVIEWS] = UNSET
    branches: Annotated[EffectsForm | UnsetType, _BRANCHES] = UNSET
    documents: Annotated[EffectsForm | UnsetType, _DOCUMENTS] = UNSET
    effects: Annotated[EffectsForm | UnsetType, _EFFECTS] = UNSET
    event: Annotated[
        Json,
        WHERE,
        key("Fields of the event's payload, by path, with predicates.", {"pull_request.draft": False}),
    ] = None


When = Annotated[
    WhenForm | None,
    key("Judges the block only where all of this holds.", {"tickets": {"at_least": 1}}),
]
_ARGUMENTS: Final = "Only calls whose arguments satisfy these."


class CallForm(Form, frozen=True, kw_only=True):
    what = "a call"
    plural = "tools"
    part = "call"
    short = Short(
        lambda text, note: {"tool": text},
        {"description": _TOOL, "type": "string"},
        "a tool such as linear.save_issue",
    )
    examples = ("linear.*",)

    tool: Annotated[str, key(_TOOL, "linear.list_issues", needs="such as linear.save_issue")]
    where: Annotated[Json, WHERE, key(_ARGUMENTS, {"project": "Security"})] = None


class CountedCallForm(Form, frozen=True, kw_only=True):
    """A call, and how often it comes."""

    what = "a call"
    plural = "calls"
    short = CallForm.short

    tool: Annotated[
        str, key("The tool that is counted.", "linear.save_issue", needs="such as linear.save_issue")
    ]
    where: Annotated[Json, WHERE, key(_ARGUMENTS, {"team": "SEC"})] = None
    count: Times = UNSET
    at_least: AtLeast = UNSET
    at_most: AtMost = UNSET


class CallsForm(Form, frozen=True, kw_only=True):
    what = "an expectation of {}"
    part = "calls_block"
    short = EffectsForm.short
    examples = (
        {
            "any_order": ["github.pull_request_read", "linear.list_issues"],
            "counts": {"linear.save_issue": {"at_most": 1}},
        },
        {"at_least": 1, "at_most": 20},
        {"count": 3},
    )

    name: Annotated[
        str | UnsetType, key("The item's name where there are several blocks.", "looks first")
    ] = UNSET
    count: Annotated[int | UnsetType, key("Exactly so many.", UNSET)] = UNSET
    at_least: AtLeast = UNSET
    at_most: AtMost = UNSET
    in_order: Annotated[
        tuple[CallForm, ...],
        key(
            "Calls that come in this order; others may stand between them.",
            ["linear.list_issues", "linear.save_issue"],
        ),
    ] = ()
    any_order: Annotated[tuple[CallForm, ...], key("Calls that all come, in any order.", UNSET)] = ()
    never: Annotated[
        tuple[CallForm, ...],
        key(
            "Calls that never come.",
            [{"tool": "Bash", "where": {"command": {"contains": "rm -rf"}}}],
        ),
    ] = ()
    counts: Annotated[
        tuple[CountedCallForm, ...] | dict[str, BoundsForm], key("How often single calls come.", UNSET)
    ] = ()
    when: When = None


class RowForm(Form, frozen=True, kw_only=True):
    """Rows that the run adds or removes."""

    what = "a pattern of rows"
    plural = "rows"
    part = "row"
    short = Short(_exactly, _NUMBER, "a pattern of rows as a mapping", int)
    examples = ({"at_least": 1, "at_most": 2},)

    count: Times = UNSET
    at_least: AtLeast = UNSET
    at_most: AtMost = UNSET
    where: Annotated[Json, WHERE, key("Only rows whose columns satisfy these.", {"state": "Done"})] = None


class ChangedRowForm(RowForm, frozen=True, kw_only=True):
    """Rows that the run changes."""

    what = "a pattern of changed rows"
    part = "changed_row"

    before: Annotated[
        Json, WHERE, key("Only rows that satisfied these before the run.", {"state": "Todo"})
    ] = None


class ChangesForm(Form, frozen=True, kw_only=True):
    """How tables differ."""

    what = "an accepted outcome"
    plural = "accepted outcomes"

    added: Annotated[
        dict[str, RowForm | tuple[RowForm, ...]],
        key("Rows that the run adds, by table.", {"linear.issues": 1}),
    ] = {}
    changed: Annotated[
        dict[str, ChangedRowForm | tuple[ChangedRowForm, ...]],
        key("Rows that the run changes, by table.", {"linear.issues": 0}),
    ] = {}
    removed: Annotated[
        dict[str, RowForm | tuple[RowForm, ...]],
        key("Rows that the run removes, by table.", {"linear.issues": 0}),
    ] = {}


class WorldBlockForm(ChangesForm, frozen=True, kw_only=True):
    what = "an expectation of {}"
    part = "world_block"
    examples = (
        {
            "any_of": [
                {"added": {"linear.issues": 1}},
                {"changed": {"linear.issues": {"count": 1, "where": {"priority": 2}}}},
            ]
        },
    )

    name: Annotated[
        str | UnsetType, key("The item's name where there are several blocks.", "only the ticket")
    ] = UNSET
    any_of: Annotated[tuple[ChangesForm, ...], key("Alternatives; one must hold.", UNSET)] = ()
    ignore: Annotated[
        tuple[str, ...],
        key("Tables, or table.field.", ["github.comments", "linear.issues.updatedAt"]),
    ] = ()
    strict: Annotated[bool, key("Whether any change that is not listed fails.", True)] = False
    when: When = None


class SaysForm(Form, frozen=True, kw_only=True):
    """A predicate, beside which ``name`` and ``when`` may stand."""

    what = "an expectation of {}"
    part = "says"
    said = "A predicate on the closing message."
    short = Short(
        lambda text, note: {"equals": text}, {"type": "string"}, "an expectation of {} as a mapping"
    )
    open = True
    shown = {"contains": "${tickets.url}"}
    rules = {"minProperties": 1}
    examples = ({"matches_regex": "(?s).*no SQL injection.*"},)

    name: Annotated[
        str | UnsetType, key("The item's name where there are several blocks.", "tells the ticket")
    ] = UNSET
    when: When = None


class BudgetBlockForm(BudgetForm, frozen=True, kw_only=True):
    """The most that a run may use, as an item of its own."""

    part = "budget_block"

    name: Annotated[str | UnsetType, key("The item's name where there are several blocks.", "cheap")] = UNSET
    when: When = None


class TurnForm(Form, frozen=True, kw_only=True):
    """What may be asked of one turn of a run."""

    what = "an expectation of a turn"
    plural = "turns"
    part = "turn"
    examples: ClassVar[tuple[object, ...]] = ({"nothing": True},)

    tickets: Annotated[EffectsForm | tuple[EffectsForm, ...] | UnsetType, _TICKETS] = UNSET
    messages: Annotated[EffectsForm | tuple[EffectsForm, ...] | UnsetType, _MESSAGES] = UNSET
    comments: Annotated[EffectsForm | tuple[EffectsForm, ...] | UnsetType, _COMMENTS] = UNSET
    pull_requests: Annotated[EffectsForm | tuple[EffectsForm, ...] | UnsetType, _PULL_REQUESTS] = UNSET
    reviews: Annotated[EffectsForm | tuple[EffectsForm, ...] | UnsetType, _REVIEWS] = UNSET
    branches: Annotated[EffectsForm | tuple[EffectsForm, ...] | UnsetType, _BRANCHES] = UNSET
    documents: Annotated[EffectsForm | tuple[EffectsForm, ...] | UnsetType, _DOCUMENTS] = UNSET
    effects: Annotated[EffectsForm | tuple[EffectsForm, ...] | UnsetType, _EFFECTS] = UNSET
    calls: Annotated[
        CallsForm | tuple[CallsForm, ...] | UnsetType,
        key("Which tools the run calls.", {"never": ["Bash"]}),
    ] = UNSET
    says: Annotated[
        SaysForm | tuple[SaysForm, ...] | UnsetType,
        key("What the closing message says.", {"contains": "${tickets.url}"}),
    ] = UNSET
    nothing: Annotated[bool, key("Whether the run must have no effect, after having looked.", UNSET)] = False


class SecondForm(TurnForm, frozen=True, kw_only=True):
    """What may be asked of either run."""

    what = "an expect block"
    part = "second"

    world: Annotated[
        WorldBlockForm | tuple[WorldBlockForm, ...] | UnsetType,
        key(
            "How the tables differ before and after the run.",
            {"added": {"linear.issues": 1}, "strict": True},
        ),
    ] = UNSET
    budget: Annotated[
        BudgetBlockForm | tuple[BudgetBlockForm, ...] | UnsetType,
        key("What the run may use.", {"calls": 12}),
    ] = UNSET


class SnapshotForm(Form, frozen=True, kw_only=True):
    """A snapshot that leaves some of the order open."""

    what = "a snapshot"
    part = "snapshot"

    any_order: Annotated[
        tuple[str, ...],
        key(
            "Tools whose calls may come in any order where they follow each other, with no word between.",
            ["linear.save_issue", "slack.*"],
            least=1,
            needs="such as [linear.save_issue]",
        ),
    ]


class ExpectForm(SecondForm, frozen=True, kw_only=True):
    """What may be asked of the first run and of the pair."""

    part = "expect"
    examples = ({"nothing": True}, {"status": "interrupted", "tickets": 1})

    fires: Annotated[bool, key("Whether the trigger fires.", True)] = True
    status: Annotated[
        RunStatus | UnsetType,
        key("How the first run has to end; after any but finished, the item run stays undecided.", UNSET),
    ] = UNSET
    turns: Annotated[
        tuple[TurnForm, ...],
        key(
            "What must happen in each turn: the first is that of the prompt, each wake of the case begins "
            "another.",
            [{"tickets": 1}, {"nothing": True}],
        ),
    ] = ()
    idempotent: Annotated[bool, key("Whether a second run must have no further effect.", True)] = True
    snapshot: Annotated[
        bool | SnapshotForm, key("Whether the transcript is compared with a stored one.", True)
    ] = False
