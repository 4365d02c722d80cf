"""A struct with fewer fields, so that a decoder steps over what nobody is going to read."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec
from msgspec import UNSET


def narrowed(struct: type[Any], paths: Iterable[str]) -> type[Any]:
    """``struct`` with the fields on ``paths`` (dotted, through structs and lists of them) alone.

    The others still answer, with ``UNSET``, as if the text did not carry them.

    Raises:
        ValueError: a path names a field that the struct has not.
    """
    tails: dict[str, list[str]] = {}
    for path in paths:
        head, _, tail = path.partition(".")
        tails.setdefault(head, []).append(tail)
    own = {field.name: field for field in msgspec.structs.fields(struct)}
    if unknown := tails.keys() - own.keys():
        raise ValueError(f"{struct.__name__} has no field {min(unknown)!r}")
    kept: list[Any] = []
    for name, field in own.items():
        if name in tails:
            kind = field.type if "" in tails[name] else _narrowed_kind(field.type, tails[name])
            kept.append((name, kind) if field.required else (name, kind, field.default))
    left = {name: UNSET for name in own if name not in tails}
    return msgspec.defstruct(struct.__name__, kept, namespace=left, gc=False)


def _narrowed_kind(kind: Any, paths: list[str]) -> Any:
    """The type of a field with every struct in it narrowed."""
    arguments = [_narrowed_kind(each, paths) for each in get_args(kind)]
    if get_origin(kind) in (Union, UnionType):
        return functools.reduce(operator.or_, arguments)
    if arguments:
        return get_origin(kind)[tuple(arguments)]
    return narrowed(kind, paths) if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else kind
