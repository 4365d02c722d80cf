"""Templates of answers: JSON values whose texts hold placeholders such as ``{n}`` and ``{title}``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json
from routine_harness.world.rule import lookup

Template = Callable[[Mapping[str, Json]], Json]
"""A template made ready: values → what it gives with them."""

_PLACEHOLDER: Final = lazy_pattern(r"\{([A-Za-z_][\w.\-\[\]]*)\}")


def placeholders(template: Json) -> list[str]:
    """The names that ``template`` asks for, in order."""
    if isinstance(template, str):
        return _PLACEHOLDER.findall(template)
    if isinstance(template, Mapping):
        return [name for value in template.values() for name in placeholders(value)]
    if isinstance(template, list):
        return [name for value in template for name in placeholders(value)]
    return []


def fill_template(template: Json, values: Mapping[str, Json]) -> Json:
    """``template`` with its placeholders filled in.

    A text that is one placeholder becomes the value itself; inside a longer text values are written
    out, and one that is absent becomes empty.
    """
    return compile_template(template)(values)


def compile_template(template: Json) -> Template:
    """``template`` made ready to be filled many times: a list of 1,000 rows fills it 1,000 times."""
    if not placeholders(template):
        return lambda _: template
    if isinstance(template, str):
        return _text(template)
    if isinstance(template, Mapping):
        return _mapping(template)
    parts = [compile_template(value) for value in template]
    return lambda values: [part(values) for part in parts]


def _text(template: str) -> Template:
    whole = _PLACEHOLDER.fullmatch(template)
    if whole is not None:
        return _value(whole[1])
    parts = _PLACEHOLDER.split(template)  # words and names by turns
    words, read = parts[::2], [_value(name) for name in parts[1::2]]

    def write(values: Mapping[str, Json]) -> str:
        text = words[0]
        for value, following in zip(read, words[1:], strict=True):
            text += _written(value(values)) + following
        return text

    return write


def _value(name: str) -> Template:
    """The value that a placeholder stands for."""
    if _is_simple(name):
        return lambda values: values.get(name)
    return lambda values: lookup(values, name)


def _mapping(template: Mapping[str, Json]) -> Template:
    names = {key: _simple_placeholder(value) for key, value in template.items()}
    if all(names.values()):
        pairs = tuple(names.items())
        return lambda values: {key: values.get(name) for key, name in pairs}
    parts = tuple((key, compile_template(value)) for key, value in template.items())
    return lambda values: {key: part(values) for key, part in parts}


def _simple_placeholder(value: Json) -> str:
    """The plain name that the text ``value`` is a placeholder of; empty for all else."""
    whole = _PLACEHOLDER.fullmatch(value) if isinstance(value, str) else None
    return whole[1] if whole is not None and _is_simple(whole[1]) else ""


def _is_simple(name: str) -> bool:
    return "." not in name and "[" not in name


def _written(value: Json) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(_written, value)) if isinstance(value, list) else str(value)
