"""One rule of the effect table: arguments of a call → kind and normalised fields.

Rules are data: connectors and the platform's editions write them in tables.
"""

from __future__ import annotations

from collections.abc import Mapping

from routine_harness.plain import Json, Record

Rule = Mapping[str, Json]
"""``{"kind": …, "fields": {field: path}, "const": {field: value}, "when": {path: …}, "not": {path: …},
"values": {field: {text: value}}}``.

A *path* leads into the arguments: ``a.b`` descends, ``files[].path`` maps over a list, ``a|b``
takes the first that is there, ``{owner}/{repo}`` is filled in from arguments (absent if one is).
``when`` maps a path to the value it must have, to a list of allowed values, to ``True`` (it is
there) or to ``False`` (it is absent); a rule applies when all of it holds, and nothing of ``not``,
which is written alike. ``values`` replaces
what a field's path gave where the service has numbers or codes for words: ``{"priority": {"2":
"High"}}``. A rule with ``each`` applies once to every element of the list at that path, which its
own paths reach as ``each``.
"""


def apply_rules(rules: tuple[Rule, ...], arguments: Mapping[str, Json]) -> list[tuple[str, Record]]:
    """Kind and fields for every rule that applies to ``arguments``."""
    return [
        (rule["kind"], rule_fields(rule, scope))
        for rule in rules
        for scope in _scopes(rule, arguments)
        if all(_holds(scope, path, wanted) for path, wanted in rule.get("when", {}).items())
        and not any(_holds(scope, path, wanted) for path, wanted in rule.get("not", {}).items())
    ]


def _scopes(rule: Rule, arguments: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    """The arguments, or for a rule with ``each`` the arguments beside one element of that list."""
    listed = lookup(arguments, rule["each"]) if "each" in rule else None
    if not isinstance(listed, list):
        return [arguments]
    return [{**arguments, "each": element} for element in listed]


def rule_fields(rule: Rule, arguments: Mapping[str, Json]) -> Record:
    """The normalised fields that ``arguments`` give under ``rule``; absent ones are left out."""
    fields: Record = dict(rule.get("const", {}))
    words = rule.get("values", {})
    for field, path in rule.get("fields", {}).items():
        value = lookup(arguments, path)
        if value is not None:
            fields[field] = _word(words.get(field, {}), value)
    return fields


def _word(words: Mapping[str, Json], value: Json) -> Json:
    if not words or isinstance(value, list | dict | bool):
        return value
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return words.get(text, value)


def _holds(arguments: Mapping[str, Json], path: str, wanted: Json) -> bool:
    value = lookup(arguments, path)
    if isinstance(wanted, bool):
        return (value is not None) is wanted
    return value in wanted if isinstance(wanted, list | tuple) else bool(value == wanted)


def lookup(arguments: Mapping[str, Json], path: str) -> Json:
    """The value at ``path``, or None where it is absent or null."""
    for alternative in path.split("|"):
        value = _fill(arguments, alternative) if "{" in alternative else _descend(arguments, alternative)
        if value is not None:
            return value
    return None


def arguments_in(path: str) -> tuple[str, ...]:
    """The arguments that ``path`` reads: those of ``{owner}/{repo}`` are ``owner`` and ``repo``."""
    found = []
    for alternative in path.split("|"):
        inner = [part.partition("}")[0] for part in alternative.split("{")[1:]]
        found += [each.partition(".")[0].removesuffix("[]") for each in inner or [alternative]]
    return tuple(dict.fromkeys(found))


def _fill(arguments: Mapping[str, Json], template: str) -> str | None:
    text = template
    for part in template.split("{")[1:]:
        name = part.partition("}")[0]
        value = _descend(arguments, name)
        if value is None:
            return None
        text = text.replace("{" + name + "}", str(int(value) if isinstance(value, float) else value))
    return text


def _descend(value: Json, path: str) -> Json:
    head, _, rest = path.partition(".")
    if head.endswith("[]"):
        listed = value.get(head[:-2]) if isinstance(value, Mapping) else None
        if not isinstance(listed, list):
            return None
        return [_descend(element, rest) for element in listed] if rest else listed
    found = value.get(head) if isinstance(value, Mapping) else None
    return _descend(found, rest) if rest and found is not None else found
