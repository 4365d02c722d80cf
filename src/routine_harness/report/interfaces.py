"""Reference pages of what users' own Python meets: classes with their members, from their docstrings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from routine_harness.plain import Json
from routine_harness.report.reference import WRITTEN

_CODE: Final = re.compile(r"``(.+?)``", re.DOTALL)
_QUALIFIED: Final = re.compile(r"\b(?:[a-z_]+\.)+(?=[A-Z])")
"""The module before the name of a class in an annotation."""
_JSON: Final = re.compile(r"\bJson\b")
_RECORD: Final = re.compile(r"\bRecord\b")


def interface_page(title: str, about: str, classes: Sequence[type]) -> str:
    """A page on ``classes``: each with its docstring, then its members in the order of their definition.

    Raises:
        ValueError: a member that users meet has no docstring.
    """
    lines = [f"# {title}", "", WRITTEN, "", about]
    for each in classes:
        lines += ["", f"## {each.__name__}", "", _text(each, each.__name__)]
        for member in _members(each):
            lines += ["", *member]
    return "\n".join(lines) + "\n"


def _members(owner: type) -> Iterator[list[str]]:
    """The heading and the text of every public member of a class, in order."""
    for name, member in vars(owner).items():
        if name.startswith("_") and name != "__call__":
            continue
        if isinstance(member, property) and member.fget is not None:
            shown = _annotation(inspect.signature(member.fget).return_annotation)
            yield [f"### `{name}: {shown}`", "", _text(member.fget, f"{owner.__name__}.{name}")]
        elif inspect.isfunction(member):
            yield [f"### `{_called(name, member)}`", "", _text(member, f"{owner.__name__}.{name}")]


def _called(name: str, function: Callable[..., Any]) -> str:
    """``call(tool: str, /, **arguments: Any) -> ToolResult``: as a user writes it."""
    signature = inspect.signature(function)
    own = [each for each in signature.parameters.values() if each.name != "self"]
    shown = str(signature.replace(parameters=own)).replace("'", "")
    return _annotation(f"{'function' if name == '__call__' else name}{shown}")


def _annotation(annotation: Json) -> str:
    """An annotation as those know it who do not know the house's names."""
    plain = _QUALIFIED.sub("", str(annotation))
    return _RECORD.sub("dict[str, Any]", _JSON.sub("Any", plain))


def _text(documented: Json, name: str) -> str:
    """The docstring as Markdown: its code in single quotes, a section such as ``Raises:`` as a list."""
    said = inspect.getdoc(documented)
    if not said:
        raise ValueError(f"{name} has no docstring")
    text = _CODE.sub(r"`\1`", said)
    head, section, rest = text.partition("\nRaises:\n")
    raised = [f"- raises {' '.join(line.split())}" for line in rest.splitlines() if line.strip()]
    return head.strip() + ("\n\n" + "\n".join(raised) if section else "")
