"""A call of a tool as connector, tool and effects, by the tables that the guard carries along."""

from __future__ import annotations

from typing import Any

from routine_harness.guard.values import parse_json

LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
HEXADECIMAL = frozenset("0123456789abcdef")


def connector_of(data: Any, name: str) -> Any:
    """What is carried along of a connector, parsed when a decision first needs it; None if nothing is."""
    held = data["connectors"]
    if isinstance(held.get(name), str):
        held[name] = parse_json(held[name])
    return held.get(name)


def split_name(data: Any, name: str) -> tuple[str, str]:
    """Connector and bare tool of a tool's name, as ``world.registry`` tells them."""
    if not name.startswith("mcp__"):
        return "", name
    server, _, tool = name[5:].partition("__")
    if server in data["own_servers"]:
        return "", f"{server}/{tool}"
    bare = server.removeprefix("claude_ai_")
    parts = bare.split("_")[1:] if bare.startswith("plugin_") else []
    candidates = ["_".join(parts[place:]) for place in range(1, len(parts))] or parts or [bare]
    for candidate in candidates:
        found = data["spellings"].get("".join(char for char in candidate.lower() if char in LETTERS))
        if found:
            return found, tool
    if is_uuid(bare):
        held = {name: connector_of(data, name) for name in data["connectors"]}
        owners = [name for name, one in held.items() if tool in one["tools"] or tool in one["aliases"]]
        return (owners[0] if len(owners) == 1 else bare), tool
    return candidates[-1].lower(), tool


def is_uuid(text: str) -> bool:
    """Whether a server goes by a uuid alone."""
    parts = text.lower().split("-")
    return [len(part) for part in parts] == [8, 4, 4, 4, 12] and HEXADECIMAL.issuperset("".join(parts))


def words_of(name: str) -> list[str]:
    """The words of a tool's name, in small letters: ``getAll-items`` is get, all, items."""
    spaced, before = "", ""
    for char in name:
        if char.isascii() and char.isupper() and before in LETTERS:
            spaced += " "
        spaced += char if char.isascii() and char.isalnum() else " "
        before = char
    return spaced.lower().split()


def own_call(data: Any, connector: str, tool: str, arguments: Any) -> tuple[str, Any]:
    """The call under the tool's own name, an alias's arguments renamed."""
    one = connector_of(data, connector)
    alias = one["aliases"].get(tool) if one else None
    if alias is None:
        return tool, arguments
    named = dict(alias["fixed"])
    own = one["tools"].get(tool, {}).get("arguments", ())
    for given, value in arguments.items():
        named[given if given in own else alias["rename"].get(given, given)] = value
    return alias["tool"], named


def reads(data: Any, connector: str, tool: str, arguments: Any) -> bool:
    """Whether a call reads: by the curated table, else by the words of its name."""
    one = connector_of(data, connector)
    known = one["tools"].get(tool) if one else None
    if known is not None:
        method = arguments.get(known.get("method", "method"))
        return known["read"] or method in known.get("reading", ())
    if f"{connector}.{tool}" in data["reads"]:
        return True
    seen = False
    for word in words_of(tool):
        if word in data["writing"] and not (seen and word in data["nouns"]):
            return False
        seen = seen or word in data["reading"]
    return seen


def effects_of(data: Any, connector: str, tool: str, arguments: Any) -> list[Any]:
    """The effects that a call of a tool attempts: (kind, connector, fields)."""
    # Imported here, because a read needs no rules.
    from routine_harness.world.rule import apply_rules

    if not connector and "/" not in tool:
        return [
            (kind, "", fields) for kind, fields in apply_rules(data["own_rules"].get(tool, ()), arguments)
        ]
    if reads(data, connector, tool, arguments):
        return []
    one = connector_of(data, connector)
    found = apply_rules(one["rules"].get(tool, ()), arguments) if one else []
    names = data["ids"].get(connector, {})
    return [(kind, connector, named(fields, names)) for kind, fields in found] or [
        ("tool.called", connector, {"arguments": arguments})
    ]


def named(fields: Any, names: Any) -> Any:
    """The fields with a name where a binding of the routine tells what an id stands for."""
    return {
        field: names.get(value, value) if isinstance(value, str) and not field.endswith("_id") else value
        for field, value in fields.items()
    }
