"""What the files of policies and cases have in common: effects, conditions, days, limits of a run.

Their values are read further by `vocabulary`, `where`, `rerun` and `further`.
"""

# Without `from __future__ import annotations`, as in `routine.routine_form`.
from datetime import date
from typing import Annotated, Final

from msgspec import UNSET, UnsetType

from routine_harness.plain import Json
from routine_harness.routine.edition_rules import PLACEMENTS
from routine_harness.routine.edition_rules import Placement as PlacementWord
from routine_harness.routine.form import NOT_BLANK, Form, OneOf, Raw, Schema, Text, key
from routine_harness.world.kinds import ANY_EFFECT, KINDS, PLURALS

_PREDICATE: Final[Schema] = {"$ref": "#/$defs/predicate"}
_PREDICATES: Final[Schema] = {"type": "array", "minItems": 1, "items": _PREDICATE}
_VALUES: Final[Schema] = {"type": "array", "minItems": 1}
_OPERATORS: Final[dict[str, tuple[str, Schema, object]]] = {
    "equals": ("The value is this one.", {}, "High"),
    "contains": ("The text, or the list, holds this.", {}, "@alice"),
    "starts_with": ("The text begins with this.", {"type": "string"}, "claude/"),
    "is_one_of": ("The value is one of these.", _VALUES, ["High", "Urgent"]),
    "is_not_one_of": ("The value is none of these.", _VALUES, ["main", "master"]),
    "matches_regex": ("The whole text matches this pattern (RE2).", {"type": "string"}, r"SEC-\d+"),
    "not": ("The predicate within does not hold.", _PREDICATE, {"contains": "WIP"}),
    "all_of": (
        "All of these predicates hold.",
        _PREDICATES,
        [{"contains": "SQL"}, {"contains": "app/db.py"}],
    ),
    "any_of": (
        "At least one of these predicates holds.",
        _PREDICATES,
        [{"contains": "SQL"}, {"contains": "injection"}],
    ),
}
"""What each operator of a predicate says, what it takes, and an example."""

PREDICATE: Final = Raw(
    {
        "description": "A literal (equals), or a mapping with exactly one operator. "
        "A pattern is RE2 and matches the whole value.",
        "examples": [{name: example} for name, (_, _, example) in _OPERATORS.items()],
        "anyOf": [
            {"type": ["string", "number", "boolean", "null", "array"]},
            {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": False,
                "properties": {
                    name: {"description": said, **_OPERATORS[name][1]}
                    for name, (said, _, _) in _OPERATORS.items()
                },
            },
        ],
    },
    "predicate",
)
WHERE: Final = Raw(
    {
        "description": "Fields with the predicates that they must satisfy.",
        "type": ["object", "null"],
        "additionalProperties": _PREDICATE,
    },
    "where",
    (PREDICATE,),
)
KIND_NAMES: Final = (ANY_EFFECT, *PLURALS, *KINDS)
ONE_EFFECT: Final[Schema] = {"$ref": "#/$defs/effect/anyOf/0"}
EFFECT: Final = Raw(
    {
        "description": "A kind of effect, a plural that stands for several, '*' for any, or a list of these.",
        "anyOf": [{"enum": list(KIND_NAMES)}, {"type": "array", "items": ONE_EFFECT}],
    },
    "effect",
)

Where = Annotated[Json, WHERE]
Placement = Annotated[PlacementWord, OneOf(PLACEMENTS, "placement")]
Reason = Annotated[str, Text("a reason", fits=str.strip, schema=NOT_BLANK)]


def _is_date(text: str) -> bool:
    try:
        return not text or bool(date.fromisoformat(text))
    except ValueError:
        return False


Date = Annotated[
    str,
    Text("a date", hint="write it as 2026-12-31", fits=_is_date, schema={"pattern": r"^\d{4}-\d{2}-\d{2}$"}),
]


def iso_day(text: str) -> str:
    """A day as 2026-12-31, although it may be written as 20261231; empty if it is none."""
    return date.fromisoformat(text).isoformat() if text and _is_date(text) else ""


class BudgetForm(Form, frozen=True, kw_only=True):
    what = "a budget"

    turns: Annotated[float | UnsetType, key("Turns of the agent.", 60)] = UNSET
    calls: Annotated[float | UnsetType, key("Calls of tools.", 80)] = UNSET
    tokens: Annotated[float | UnsetType, key("Tokens, input and output together.", 400000)] = UNSET
    seconds: Annotated[float | UnsetType, key("Seconds from the first call to the end.", 1200)] = UNSET
    cost_usd: Annotated[float | UnsetType, key("What the model costs, in US dollars.", 2)] = UNSET
