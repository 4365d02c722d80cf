"""Stand-ins for modules of the standard library that take long to import, of which the reader of commands
needs little: for a guard's process alone, which reads one command and ends.

``typing``, ``re``, ``contextlib`` and ``functools`` take as long as everything else that is imported to
read a command. A stand-in has what the reader asks for; whatever else is asked of it brings the real module.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class StandIn(type(sys)):  # type: ignore[misc]  # ``types`` has a name for it, and is one more import
    """A module with some of the names of the real one."""

    def __init__(self, name: str, **held: object) -> None:
        super().__init__(name)
        self.__dict__.update(held)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(real(str(self.__name__)), name)


def real(name: str) -> Any:
    """The module itself, in the place of its stand-in."""
    if isinstance(sys.modules.get(name), StandIn):
        del sys.modules[name]
        sys.modules.pop(f"{name}.abc", None)
    return __import__(name)


class Later:
    """A regular expression that is compiled when it is first used."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self.given = pattern, flags

    def __getattr__(self, name: str) -> object:
        return getattr(real("re").compile(*self.given), name)


def search(pattern: str, text: str, flags: int = 0) -> object:
    """``re.search``, without it where the text lacks the character that the pattern begins with."""
    if pattern[:1] == "\\" and not pattern[1:2].isalnum() and "|" not in pattern and pattern[1:2] not in text:
        return None
    return real("re").search(pattern, text, flags)


class Named(type):
    """Makes tuples with named fields of classes that list them, as ``typing.NamedTuple`` does."""

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> Any:
        if not bases:
            return super().__new__(cls, name, (), body)
        fields: tuple[str, ...] = tuple(body.get("__annotations__") or ())
        if not fields:
            raise ImportError(f"the fields of {name} cannot be told")
        defaults = {field: body.pop(field) for field in fields if field in body}

        def new(kind: type, /, *given: object, **named: object) -> object:
            if len(given) == len(fields) and not named:
                return tuple.__new__(kind, given)
            values = {**defaults, **dict(zip(fields, given, strict=False)), **named}
            if len(values) != len(fields) or len(given) > len(fields):
                raise TypeError(f"{name} takes {', '.join(fields)}")
            return tuple.__new__(kind, [values[field] for field in fields])

        def replace(self: tuple[object, ...], /, **named: object) -> object:
            return new(type(self), **{**dict(zip(fields, self, strict=True)), **named})

        for at, field in enumerate(fields):
            body[field] = getter(at)
        body |= {"__slots__": (), "_fields": fields, "__new__": new, "_replace": replace}
        return type(name, (tuple,), body)


def getter(at: int) -> property:
    """The field of a tuple at a place."""
    return property(lambda self: tuple.__getitem__(self, at))


class Manager:
    """What ``contextlib.contextmanager`` makes of a generator."""

    def __init__(self, steps: Any) -> None:
        self.steps = steps

    def __enter__(self) -> object:
        return next(self.steps)

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if error is None:
            next(self.steps, None)
            return False
        self.steps.throw(error)
        return True


def contextmanager(function):  # type: ignore[no-untyped-def]
    """A function that gives a ``Manager``."""
    return lambda *given, **named: Manager(function(*given, **named))


def cache(function):  # type: ignore[no-untyped-def]
    """A function that remembers what it gave."""
    held: dict[object, object] = {}

    def cached(*given: object) -> object:
        if given not in held:
            held[given] = function(*given)
        return held[given]

    return cached


def namedtuple(name: str, fields: Any, **more: object) -> Any:
    """``collections.namedtuple``, of which the grammar makes its points."""
    if isinstance(fields, str) or more:
        return real("collections").namedtuple(name, fields, **more)
    return Named(name, (tuple,), {"__annotations__": dict.fromkeys(fields)})


def numbers(name: str, members: dict[str, int]) -> type:
    """``enum.IntEnum``, of which the grammar names its kinds of log lines."""
    return type(name, (), dict(members))


def stand_in() -> None:
    """Put the stand-ins where the real modules are not yet imported."""
    kinds = {
        "Any": object,
        "Final": object,
        "TYPE_CHECKING": False,
        "NamedTuple": Named("NamedTuple", (), {}),
    }
    for one in (
        StandIn("typing", **kinds),
        StandIn("re", compile=Later, search=search, DOTALL=16),
        StandIn("contextlib", contextmanager=contextmanager),
        StandIn("functools", cache=cache),
        StandIn("collections", namedtuple=namedtuple),
        StandIn("enum", IntEnum=numbers),
    ):
        sys.modules.setdefault(str(one.__name__), one)
    sys.modules.setdefault("collections.abc", sys.modules["_collections_abc"])


def stand_back() -> None:
    """Take the stand-ins away again: what is imported from now on gets the real modules."""
    for name in [name for name, one in sys.modules.items() if isinstance(one, StandIn)]:
        del sys.modules[name]
        sys.modules.pop(f"{name}.abc", None)
