"""Plain values → YAML that our reader reads back as the same values.

A text that our YAML (1.2) would read as a number or flag is quoted, also where PyYAML's (1.1) would not.
"""

from __future__ import annotations

from typing import Any, Final

import yaml

from routine_harness.routine.scalars import resolve_scalar

WIDTH: Final = 100
_STR: Final = "tag:yaml.org,2002:str"


class _Plain(yaml.SafeDumper):
    """Writes a value that stands twice out twice: our files have no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
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


def yaml_text(value: Any, *, flow: bool = False) -> str:
    """``value`` as a document in blocks, or with ``flow`` on one line; keys keep their order."""
    text = yaml.dump(
        value, Dumper=_Plain, default_flow_style=flow, sort_keys=False, allow_unicode=True,
        width=10**6 if flow else WIDTH,
    )  # fmt: skip
    return text.removesuffix("...\n")
