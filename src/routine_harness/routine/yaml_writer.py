"""Plain values → YAML that our reader reads back as the same values.

A text that our YAML (1.2) would read as a number or flag is quoted, also where PyYAML's (1.1) would not.
"""

from __future__ import annotations

from typing import Final

import yaml

from routine_harness.plain import Json, Record
from routine_harness.routine.scalars import resolve_scalar

WIDTH: Final = 100
_STR: Final = "tag:yaml.org,2002:str"


class _Plain(yaml.SafeDumper):
    """Writes a value that stands twice out twice: our files have no aliases."""

    def ignore_aliases(self, data: Json) -> bool:
        del data
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar(_STR, text, style=None if _reads_as_itself(text) else '"')


def _reads_as_itself(text: str) -> bool:
    try:
        return bool(resolve_scalar(text) == text) and text.replace("\n", "").isprintable()
    except ValueError:
        return False


_Plain.add_representer(str, _text)


class _Shown(_Plain):
    """Writes a text of several lines as a block that keeps them."""


def _lines(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    block = "\n" in text and text.replace("\n", "").isprintable()
    return dumper.represent_scalar(_STR, text, style="|") if block else _text(dumper, text)


_Shown.add_representer(str, _lines)


class _Imported(yaml.SafeDumper):
    """Writes texts of several lines as blocks, and indents lists."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        del indentless
        super().increase_indent(flow, False)


_WORDS_OF_YAML_1_1: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~"})
"""Quoted in imported files, as readers of YAML 1.1 take some of them for flags."""


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    odd = not text.replace("\n", "").replace("\t", "").isprintable()
    style = '"' if odd or text in _WORDS_OF_YAML_1_1 else "|" if "\n" in text else None
    return dumper.represent_scalar(_STR, text, style=style)


_Imported.add_representer(str, _quoted)


def yaml_text(value: Json, *, flow: bool = False, literal: bool = False) -> str:
    """``value`` as a document in blocks, or with ``flow`` on one line; keys keep their order. With
    ``literal`` a text of several lines is written as it stands."""
    return _written(value, _Shown if literal else _Plain, flow, 10**6 if flow else WIDTH)


def shown_yaml(value: Json, width: int) -> str:
    """``value`` as a person would write it: what fits stands on one line, a long text in a block."""
    return _written(value, _Shown, None, width)


def imported_yaml(data: Record) -> str:
    """``data`` as an imported file holds it: long texts as blocks, lists indented."""
    return yaml.dump(data, Dumper=_Imported, sort_keys=False, allow_unicode=True, width=WIDTH)


def _written(value: Json, dumper: type[yaml.SafeDumper], flow: bool | None, width: int) -> str:
    text = yaml.dump(
        value, Dumper=dumper, default_flow_style=flow, sort_keys=False, allow_unicode=True, width=width
    )
    return text.removesuffix("...\n")
