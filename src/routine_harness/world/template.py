"""Templates of answers: JSON values whose texts hold placeholders such as ``{n}`` and ``{title}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from routine_harness.pattern import lazy_pattern
from routine_harness.world.rule import lookup

_PLACEHOLDER: Final = lazy_pattern(r"\{([A-Za-z_][\w.\-\[\]]*)\}")


def placeholders(template: Any) -> list[str]:
    """The names that ``template`` asks for, in order."""
    if isinstance(template, str):
        return _PLACEHOLDER.findall(template)
    if isinstance(template, Mapping):
        return [name for value in template.values() for name in placeholders(value)]
    if isinstance(template, list):
        return [name for value in template for name in placeholders(value)]
    return []


def fill_template(template: Any, values: Mapping[str, Any]) -> Any:
    """``template`` with its placeholders filled in.

    A text that is one placeholder becomes the value itself; inside a longer text values are written
    out, and one that is absent becomes empty.
    """
    if isinstance(template, str):
        whole = _PLACEHOLDER.fullmatch(template)
        if whole:
            return lookup(values, whole[1])
        return _PLACEHOLDER.sub(lambda found: _written(lookup(values, found[1])), template)
    if isinstance(template, Mapping):
        return {name: fill_template(value, values) for name, value in template.items()}
    if isinstance(template, list):
        return [fill_template(value, values) for value in template]
    return template


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(_written, value)) if isinstance(value, list) else str(value)
