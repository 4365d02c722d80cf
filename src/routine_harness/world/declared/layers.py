"""What the worlds of a case declare: sections with ``tools`` or ``tables``, on top of what is declared
elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from routine_harness.errors import Problem, SpecError
from routine_harness.plain import Json
from routine_harness.routine.reader import Reader, suggestion
from routine_harness.routine.spec import Source
from routine_harness.world.declared.connector import DeclaredConnector, declared_connector, redeclared
from routine_harness.world.declared.declaration import Declaration
from routine_harness.world.declared.declaration_form import RESERVED
from routine_harness.world.declared.parse import Part, parse_declaration, read_part
from routine_harness.world.registry import Registry

Layer = tuple[Mapping[str, Json], Source]
"""A world as plain data, and where it stands."""

_BETWEEN: Final = ("name", "returns", "error")
"""What others may change of a tool between the runs: its fixed answer."""


def with_declared(registry: Registry, layers: Iterable[Layer], meanwhile: Layer | None = None) -> Registry:
    """``registry`` and the connectors that the worlds of a case declare.

    Raises:
        SpecError: with every declaration that is wrong.
    """
    found, problems = declare(registry, layers, meanwhile)
    if problems:
        raise SpecError(*problems)
    return found


def declare(
    registry: Registry, layers: Iterable[Layer], meanwhile: Layer | None = None
) -> tuple[Registry, tuple[Problem, ...]]:
    """The same, and the problems instead of an error; ``meanwhile`` is what others do between the runs."""
    parts: dict[str, list[Part]] = {}
    problems: list[Problem] = []
    for data, source in layers:
        for name in declared_in(data):
            section = data[name]
            own = registry.name_of(name)
            connector = registry.get(own)
            if connector is not None and not isinstance(connector, DeclaredConnector):
                problems.append(_simulated(name, section, source))
            else:
                parts.setdefault(own if connector is not None else name, []).append(
                    read_part(section, source, (name,))
                )
    added: list[DeclaredConnector] = []
    for name, own_parts in parts.items():
        base = registry.get(name)
        known = base if isinstance(base, DeclaredConnector) else None
        declaration, wrong = parse_declaration(name, own_parts, known.declaration if known else None)
        problems += wrong
        added.append(redeclared(known, declaration) if known else declared_connector(declaration))
    found = registry.adding(added) if added else registry
    if meanwhile is not None:
        problems += _check_meanwhile(found, *meanwhile)
    return found, tuple(problems)


def declared_in(world: Mapping[str, Json]) -> list[str]:
    """The connectors whose tools or tables ``world`` declares."""
    return [
        name
        for name, section in world.items()
        if isinstance(section, Mapping) and any(key in section for key in RESERVED)
    ]


def declaration_of(registry: Registry, name: str) -> Declaration | None:
    """What is declared of the connector ``name``; None where it is a model, or unknown."""
    connector = registry.get(name)
    return connector.declaration if isinstance(connector, DeclaredConnector) else None


def _simulated(name: str, section: Mapping[str, Json], source: Source) -> Problem:
    key = next(key for key in RESERVED if key in section)
    hint = f"leave {key} out: the harness simulates {name}"
    return Problem(source.file, source.line(name, key), f"{name} is simulated, and declares {key}", hint)


def _check_meanwhile(registry: Registry, data: Mapping[str, Json], source: Source) -> tuple[Problem, ...]:
    """What others do between the runs is rows, and fixed answers that turn out differently."""
    reader = Reader(source)
    for name, section in data.items():
        if not isinstance(section, Mapping):
            continue
        if "tables" in section:
            hint = "declare them in the world; between the runs there are rows alone"
            reader.problem((name, "tables"), "the tables of a connector are the same in both runs", hint)
        declaration = declaration_of(registry, name)
        for value, path in reader.items(section.get("tools", []), (name, "tools"), "tools"):
            _check_changed(reader, value, path, declaration)
    return tuple(reader.problems)


def _check_changed(reader: Reader, value: Json, path: Json, declaration: Declaration | None) -> None:
    fields = reader.fields(value, path, _BETWEEN, "a tool between the runs")
    if not fields.require("name", "write {name: list_incidents, returns: {…}}"):
        return
    name, known = fields.text("name"), declaration.tools if declaration is not None else {}
    if name not in known:
        hint = suggestion(name, tuple(known), "the tools") or "declare it in the world"
        fields.problem("name", f"both runs have the same tools, and no tool is called {name!r}", hint)
    elif known[name].action is not None:
        table = known[name].table
        fields.problem("name", f"{name} answers from {table}", f"write the rows of {table} instead")
