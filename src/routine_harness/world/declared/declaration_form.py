"""The keys of a declaration, in a file of `connectors/` and in a world: what each means, an example."""

# Without `from __future__ import annotations`, as in `routine.routine_form`.
from typing import Annotated, Final, Literal

from msgspec import UNSET, UnsetType, field

from routine_harness.plain import Json, Record
from routine_harness.routine.form import FileForm, Form, Raw, Schema, Text, key
from routine_harness.routine.reader import Reader
from routine_harness.world.declared.declaration import ACTIONS, READING
from routine_harness.world.kinds import KINDS

RESERVED: Final = ("tools", "tables")
"""What a world's section holds beside the tables of a connector."""
KIND: Final = Raw(
    {"description": "A kind of effect; docs/reference/effects lists them.", "enum": list(KINDS)}, "kind"
)
_NEEDS: Final = {
    "filter_by": ("lists",),
    "ignores": ("lists",),
    "page": ("lists",),
    "set": ("creates", "updates"),
    "missing": ("gets", "updates", "deletes"),
    "answer": ACTIONS,
}
"""Key → the actions that it belongs to."""
_NOT_EMPTY: Final[Schema] = {"minLength": 1}
Argument = Annotated[
    str,
    Text("the name of an argument", hint="write fields: {column: argument}", fits=bool, schema=_NOT_EMPTY),
]
ToolName = Annotated[str, Text("the name of a tool", fits=bool, schema=_NOT_EMPTY)]
ConnectorName = Annotated[
    str, Text("the name of a connector", r"[a-z0-9][a-z0-9_-]*", "use small letters, digits, '-' and '_'")
]


class TableForm(Form, frozen=True, kw_only=True):
    what = "a table"
    part = "declared_table"
    said = "Rows of one kind."

    key_: Annotated[str, key("The column that a row is known by; left out: id.", "id")] = field(
        default="id", name="key"
    )
    new: Annotated[
        Record,
        key(
            "What a new row has besides what the call says: values, or texts with {n} (a number that no row "
            "has yet), {now} and other columns.",
            {"id": "P{n}", "created_at": "{now}", "status": "triggered"},
        ),
    ] = {}
    columns: Annotated[
        tuple[str, ...],
        key("Every column, where no row has another one.", ["id", "title", "status", "created_at"]),
    ] = ()


class PageForm(Form, frozen=True, kw_only=True):
    what = "a page"
    part = "page"
    said = "How a list is cut."
    examples = ({"limit": 25, "number": "page"},)

    limit: Annotated[
        int, key("The most rows of a page.", 25, needs="write page: {limit: 25, cursor: next}", least=1)
    ]
    cursor: Annotated[str, key("The argument that takes the next of an earlier answer.", "cursor")] = ""
    number: Annotated[str, key("The argument that counts pages from 1, where there is no cursor.")] = ""
    size: Annotated[str, key("The argument that asks for fewer rows.", "limit")] = ""

    def check(self, reader: Reader) -> None:
        if self.cursor and self.number:
            message = "a page begins at a cursor or has a number, not both"
            reader.problem(self.below("number"), message, "leave one of them out")


class MissingForm(Form, frozen=True, kw_only=True):
    what = "missing"

    error: Annotated[
        str,
        key(
            "The text of the error; {argument} is filled in.",
            "no incident {incident_id}",
            needs='write missing: {error: "Incident not found"}',
        ),
    ]


class EffectForm(Form, frozen=True, kw_only=True):
    what = "an effect"

    kind: Annotated[
        Json,
        KIND,
        key(
            "The kind of effect.",
            "ticket.created",
            needs="write effect: {kind: ticket.updated, fields: {state: status}}",
        ),
    ]
    fields: Annotated[
        dict[str, str],
        key("Field of the effect → the column that holds it, or a value.", {"body": "description"}),
    ] = {}


class ToolForm(Form, frozen=True, kw_only=True):
    what = "a tool"
    plural = "tools"
    hint = "write {name: …, returns: {…}}"
    part = "tool"
    said = "One tool: what it does to a table, or a fixed answer."
    gone = {
        "reads": lambda _: "write lists: TABLE or gets: TABLE",
        "writes": lambda _: "write creates: TABLE or updates: TABLE",
    }
    examples = (
        {
            "name": "get_incident",
            "access": "read",
            "gets": "incidents",
            "fields": {"id": "incident_id"},
            "missing": {"error": "no incident {incident_id}"},
        },
        {
            "name": "create_incident",
            "input_schema": {"type": "object", "required": ["title"]},
            "creates": "incidents",
            "set": {"status": "triggered"},
            "effect": {"kind": "ticket.created", "fields": {"body": "description"}},
        },
        {
            "name": "resolve_incident",
            "updates": "incidents",
            "set": {"status": "resolved"},
            "effect": "ticket.updated",
        },
        {"name": "delete_incident", "deletes": "incidents", "effect": "ticket.deleted"},
        {"name": "who_is_on_call", "access": "read", "returns": {"user": "dana"}},
        {"name": "page_everyone", "access": "write", "error": "you may not do this"},
    )

    name: Annotated[
        ToolName,
        key("The server's own name for it.", "list_incidents", needs="write {name: create_incident, …}"),
    ]
    description: Annotated[
        str, key("What the server says of it; a live agent reads it.", "List incidents.")
    ] = ""
    schema: Annotated[
        Record | UnsetType | None,
        key(
            "The JSON Schema of its arguments; the same as input_schema.",
            {"type": "object", "properties": {"status": {"type": "string"}}},
        ),
    ] = UNSET
    input_schema: Annotated[
        Record | UnsetType | None,
        key("The JSON Schema of its arguments. Left out: any arguments are taken."),
    ] = UNSET
    access: Annotated[
        Literal["read", "write"] | UnsetType,
        key("Whether it reads or writes, where neither its action nor its name says so."),
    ] = UNSET
    creates: Annotated[str | UnsetType, key("The table in which it makes a row.")] = UNSET
    lists: Annotated[str | UnsetType, key("The table whose rows it shows.", "incidents")] = UNSET
    gets: Annotated[str | UnsetType, key("The table whose row it shows, by its key.")] = UNSET
    updates: Annotated[str | UnsetType, key("The table in which it changes a row, by its key.")] = UNSET
    deletes: Annotated[str | UnsetType, key("The table from which it removes a row, by its key.")] = UNSET
    fields: Annotated[
        dict[str, Argument],
        key(
            "Column → the argument that sets or selects by it (a.b reaches into it). An argument without an "
            "entry is the column of its own name."
        ),
    ] = {}
    filter_by: Annotated[
        tuple[str, ...] | UnsetType | None, key("Columns by which a list selects rows.", ["status"])
    ] = UNSET
    ignores: Annotated[
        tuple[str, ...] | UnsetType | None,
        key("Arguments of a list that select no rows, such as an order.", ["sort"]),
    ] = UNSET
    page: Annotated[
        PageForm | UnsetType | None,
        key("How the tool gives its rows page by page.", {"limit": 25, "cursor": "cursor"}),
    ] = UNSET
    set: Annotated[Record | UnsetType | None, key("Columns that a write sets by itself.")] = UNSET
    answer: Annotated[
        Json,
        key(
            "What it answers: a list of columns, or a template with {column}, of a list also {rows}, {next} "
            "and {total}; there a list of one mapping stands for each row. Left out: the row, or "
            "{TABLE: [rows], next}.",
            {"incidents": [{"id": "{id}", "title": "{title}"}], "next": "{next}"},
        ),
    ] = UNSET
    missing: Annotated[
        MissingForm | UnsetType | None, key("What is answered where no row has the key.", UNSET)
    ] = UNSET
    effect: Annotated[
        Annotated[Json, KIND] | EffectForm | UnsetType | None,
        key(
            "The kind of effect that a write has; fields says which column a field of another name is.",
            UNSET,
        ),
    ] = UNSET
    returns: Annotated[
        Json,
        key("The fixed answer of a tool without a table: a template with {argument}, {n} and {now}."),
    ] = UNSET
    error: Annotated[str | UnsetType, key("The error that a tool without a table always answers.")] = UNSET

    @property
    def acts(self) -> list[str]:
        """What it says that it does to a table; one at most makes sense."""
        return [action for action in ACTIONS if getattr(self, action) is not UNSET]

    def check(self, reader: Reader) -> None:
        """Note the keys that say nothing beside the tool's action."""
        given, acts = self.given(), self.acts
        action = acts[0] if acts else None
        if len(acts) > 1:
            message = f"{self.name} {' and '.join(acts)}: a tool does one thing to one table"
            reader.problem(self.below(acts[1]), message, "declare two tools")
        if "schema" in given and "input_schema" in given:
            message = "schema and input_schema are the same key"
            reader.problem(self.below("input_schema"), message, "write input_schema alone")
        for name, actions in _NEEDS.items():
            if name in given and action not in actions:
                words = " or ".join(f"{each}:" for each in actions)
                hint = "write returns: {…} for a fixed answer" if name == "answer" else ""
                reader.problem(self.below(name), f"{self.name}: {name} belongs to a tool with {words}", hint)
        for name, hint in (("returns", "write answer: […]"), ("error", "write missing: {error: …}")):
            if name in given and action is not None:
                message = f"{self.name}: {name} belongs to a tool without a table"
                reader.problem(self.below(name), message, hint)
        writes = "effect" in given or action not in (*READING, None)
        if action in READING and "effect" in given:
            message = f"{self.name}: a tool that {action} rows has no effect"
            reader.problem(self.below("effect"), message, "leave it out")
        elif self.access == "read" and writes:
            message = f"{self.name}: a tool that reads changes nothing"
            reader.problem(self.below("access"), message, "leave access out")


Tables = Annotated[
    dict[str, TableForm | None],
    key(
        "The kinds of rows that the service keeps, by name.",
        {
            "incidents": {
                "key": "id",
                "new": {"id": "P{n}", "created_at": "{now}", "status": "triggered"},
                "columns": ["id", "title", "status", "created_at"],
            }
        },
        propertyNames={"not": {"enum": list(RESERVED)}},
    ),
]
Tools = Annotated[
    tuple[ToolForm, ...],
    key(
        "The tools of the service's MCP server, by their own names.",
        [
            {
                "name": "list_incidents",
                "lists": "incidents",
                "filter_by": ["status"],
                "page": {"limit": 25, "cursor": "cursor", "size": "limit"},
            },
            {"name": "create_incident", "creates": "incidents", "effect": "ticket.created"},
        ],
    ),
]
_ROWS: Final = Raw(
    {
        "description": "Records with the service's own field names; times may be relative: -90m.",
        "type": ["array", "object", "string", "null"],
    },
    "table",
)


class DeclarationForm(Form, frozen=True, kw_only=True):
    """A section of a world, which holds rows beside these keys."""

    values = Annotated[Json, _ROWS]

    what = "a connector"
    open = True

    tables: Tables = {}
    tools: Tools = ()


class ConnectorForm(FileForm, frozen=True, kw_only=True):
    what = "a connector"
    part = "connector"
    title = "A connector"
    said = (
        "A service without a model, declared: its tables, and tools that create, list, get, update and "
        "delete their rows. The file is connectors/NAME.yaml, in the routine's folder or above; rows "
        "stand in world files."
    )

    connector: Annotated[
        ConnectorName,
        key(
            "What routines grant; the file bears the same name.",
            "pagerduty",
            needs="write connector: pagerduty",
        ),
    ]
    description: Annotated[str, key("What the service is.", "Incidents and who is on call.")] = ""
    tables: Tables = {}
    tools: Tools = ()
