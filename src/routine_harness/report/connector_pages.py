"""A page per connector, made from the code: what is simulated, its effects, and what is not.

Pure: connectors in, Markdown out. ``docs/connectors`` is what this gives for the built-in ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from routine_harness.plain import Record
from routine_harness.world.declared.operations import TOOLS
from routine_harness.world.effect_table import rule_kinds
from routine_harness.world.registry import SIMULATED, Registry
from routine_harness.world.simulated import Point
from routine_harness.world.table_columns import Columns
from routine_harness.world.tool import Connector, Tool

GENERATED = "<!-- Written by `python docs/write_connectors.py` from the code; edits are lost. -->"


def connector_pages(registry: Registry | None = None) -> dict[str, str]:
    """File name → Markdown, for every simulated connector and the index of them."""
    known = registry or Registry()
    connectors = [connector for name in SIMULATED if (connector := known.get(name)) is not None]
    pages = {f"{connector.name}.md": render_connector_page(connector) for connector in connectors}
    return {"index.md": _index(connectors), **pages}


def render_connector_page(connector: Connector) -> str:
    """The page of one connector."""
    title = getattr(connector, "title", "") or connector.name
    tools = [tool for tool in connector.tools.values() if tool.offered]
    simulated = [tool for tool in tools if tool.simulated]
    known = [tool for tool in tools if not tool.simulated]
    source = getattr(connector, "source", "")
    parts = [
        f"# {title}",
        GENERATED,
        f"The connector `{connector.name}`." + (f" Source: {source}." if source else ""),
        "## Simulated tools",
        "The world answers these: a write changes it, and later reads show the change.",
        _tools(connector, simulated),
        *_aliases(tools),
        "## Tables of a world file",
        _tables(connector),
        *_columns(connector),
        "## What is not simulated",
        *_limits(connector),
        *_known(connector, known),
        *_grounds(connector),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _index(connectors: Iterable[Connector]) -> str:
    rows = [
        (
            f"[{getattr(one, 'title', '') or one.name}]({one.name}.md)",
            f"`{one.name}`",
            str(sum(tool.simulated and tool.offered for tool in one.tools.values())),
            str(sum(not tool.simulated and tool.offered for tool in one.tools.values())),
        )
        for one in connectors
    ]
    text = (
        "Each connector is simulated as the official MCP server shows it. A tool that is known and not "
        "simulated is classified and has its effects; its answer comes from a recording, or the call is "
        "refused by name."
    )
    table = _table(("Connector", "Name", "Simulated", "Known"), rows)
    others = (
        "Any other service can be declared, with tables that remember, in `connectors/NAME.yaml` or a world "
        "file, answered from a recording, or brought by a package: see [Extend it](../how-to/extend.md). "
        "`routine-harness import tools` writes the declaration from what a server offers."
    )
    return "\n\n".join(["# Connectors", GENERATED, text, table, others, _PROOF]) + "\n"


_PROOF = """\
In a checkout, these print what the tests hold, from the folder `tests`:

```sh
# connector × tool × property of the contract
python -m world.contract_table
# how the tools of a server's tools/list classify, and why
python -m world.access_table FILE.json
# shell commands and their effects
python -m world.shell_table
```"""


def _tools(connector: Connector, tools: list[Tool]) -> str:
    rows = [(f"`{tool.name}`", _does(connector, tool), _arguments(tool)) for tool in tools]
    return _table(("Tool", "Does", "Arguments"), rows)


def _does(connector: Connector, tool: Tool) -> str:
    """Whether the tool reads or writes, and the effects of what it writes."""
    return ": ".join(filter(None, (_access(tool), _effects(connector, tool))))


def _known(connector: Connector, tools: list[Tool]) -> list[str]:
    if not tools:
        return []
    rows = [(f"`{tool.name}`", _does(connector, tool)) for tool in tools]
    return [
        "Known by name, schema and class, and answered from recordings alone:",
        _table(("Tool", "Does"), rows),
    ]


def _aliases(tools: list[Tool]) -> list[str]:
    rows = [
        (f"`{tool.name}`", ", ".join(f"`{alias}`" for alias in tool.aliases))
        for tool in tools
        if tool.aliases
    ]
    if not rows:
        return []
    return ["Older and community names are read as the tool's own:", _table(("Tool", "Also known as"), rows)]


def _tables(connector: Connector) -> str:
    rows = [
        (f"`{table}`", ", ".join(f"`{field}`" for field in fields))
        for table, fields in connector.tables.items()
        if table != TOOLS  # a declared connector's answers, which a world may change between the runs
    ]
    return _table(("Table", "Keyed by"), rows)


def _columns(connector: Connector) -> list[str]:
    """A section for each table with every column that its records may say."""
    columns: Columns | None = getattr(connector, "columns", None)
    if columns is None:
        return []
    lines = []
    for table, known in columns.by_table.items():
        nested = columns.nested.get(table, {})
        listed = ", ".join(f"`{column}`" for column in known if column not in nested)
        lists = [f"`{name}`" + (f" (`{to}`)" if to != name else "") for name, to in nested.items()]
        inner = f" Lists of records inside: {', '.join(lists)}." if lists else ""
        lines.append(f"- `{table}`: {listed}.{inner}")
    passed = ", ".join(f"`{name}`" for name in columns.passed_over)
    besides = f"What a record pasted from the service says besides is passed over: {passed}."
    return ["### Columns", _COLUMNS, "\n".join(lines), *([besides] if passed else [])]


_COLUMNS = """\
A record of a world file says what it needs of these; any other column is an error that names the nearest
one. What is left out is as the service fills it in."""


def _limits(connector: Connector) -> list[str]:
    limits: Iterable[str] = getattr(connector, "limits", ())
    listed = "\n".join(f"- {limit}" for limit in limits)
    return [listed] if listed else []


def _grounds(connector: Connector) -> list[str]:
    """How far tools and points of the service's behaviour are known; nothing where all are alike."""
    parts: list[str] = []
    trust: Mapping[str, str] = getattr(connector, "trust", {})
    if trust:
        tools: dict[str, list[str]] = {}
        for tool, ground in trust.items():
            tools.setdefault(ground, []).append(f"`{tool}`")
        rows = [(*ground.split(" | ", 1), ", ".join(names)) for ground, names in tools.items()]
        parts += ["## How far it is known", _TRUST, _table(("Trust", "Known from", "Tools"), rows)]
    points: Iterable[Point] = getattr(connector, "points", ())
    if points:
        listed = [(point.trust, f"`{point.value}`", point.sentence) for point in points]
        parts += ["Points on which an answer may hang:", _table(("Trust", "Value", "Point"), listed)]
    return parts


_TRUST = (
    "DOC is official documentation, OBS was seen in sessions by third parties, 3P was named by one of them, "
    "INFER is inferred: an assumption of the simulation."
)


def _access(tool: Tool) -> str:
    if tool.access == "write" and tool.reading_methods:
        return f"by `{tool.method_argument}`"
    return tool.access


def _effects(connector: Connector, tool: Tool) -> str:
    if tool.access == "read":
        return ""
    return ", ".join(f"`{kind}`" for kind in rule_kinds(tuple(connector.rules.get(tool.name, ()))))


def _arguments(tool: Tool) -> str:
    properties: Record = tool.input_schema.get("properties", {})
    required = tool.input_schema.get("required", [])
    ordered = sorted(properties, key=lambda name: name not in required)
    return ", ".join(f"**`{name}`**" if name in required else f"`{name}`" for name in ordered)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)
