"""A YAML parser's events → one value of JSON's data model, with the line of each part.

No recursion, no language tags, no merge keys; aliases may not be cyclic nor stand for very much.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Final

from routine_harness.errors import Problem, SpecError
from routine_harness.plain import Json
from routine_harness.routine.document_problems import MAX_DEPTH, repeated_key, syntax_problem, too_deep
from routine_harness.routine.scalars import resolve_scalar
from routine_harness.routine.spec import Path

MAX_ALIASED: Final = 100_000


_CORE: Final = "tag:yaml.org,2002:"
_KINDS: Final[dict[str, type | tuple[type, ...]]] = {
    "int": int, "float": (int, float), "bool": bool, "null": type(None), "str": str,
}  # fmt: skip

_OPEN_KEY: Final = object()


class _Frame:
    """A container that is being filled; ``key`` is the pending key of a mapping."""

    __slots__ = ("anchor", "container", "count", "key", "path")

    def __init__(self, container: Json, path: Path, anchor: str | None, count: int) -> None:
        self.container = container
        self.path = path
        self.anchor = anchor
        self.count = count
        self.key: Json = _OPEN_KEY


class _Stop(Exception):  # noqa: N818 - control flow: the rest of the text cannot be read
    pass


class YamlReader:
    """Builds one value from a parser's events, without recursion."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.lines: dict[Path, int] = {}
        self.anchors: dict[str, tuple[Json, int]] = {}
        self.open_anchors: set[str] = set()
        self.stack: list[_Frame] = []
        self.count = 0
        self.aliased = 0
        self.root: Json = None

    def build(self, text: str) -> tuple[Json, dict[Path, int]]:
        yaml, loader_class = _yaml()
        loader = loader_class(text)
        try:
            self._consume(loader.get_event, yaml)
        except yaml.YAMLError as error:
            self.problems.append(syntax_problem(error, text, self.file))
        except _Stop:
            pass
        finally:
            loader.dispose()
        if self.problems:
            raise SpecError(*self.problems)
        self.lines.setdefault((), 1)  # an empty text has a first line, too
        return self.root, self.lines

    def _consume(self, get_event: Callable[[], Json], yaml: Json) -> None:
        scalar, alias = yaml.ScalarEvent, yaml.AliasEvent
        starts = {yaml.MappingStartEvent: dict, yaml.SequenceStartEvent: list}
        ends = {yaml.MappingEndEvent, yaml.SequenceEndEvent}
        documents = 0
        while (event := get_event()) is not None:
            kind = type(event)
            if kind is scalar:
                self._scalar(event)
            elif kind in starts:
                self._start(event, starts[kind]())
            elif kind in ends:
                self._end()
            elif kind is alias:
                self._alias(event)
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    self._stop(event, "expected one document, found a second one", "remove the line '---'")

    def _place(self, event: Json) -> tuple[Path, int]:
        """Where the value that starts with ``event`` goes: its path, its line."""
        line = event.start_mark.line + 1
        if not self.stack:
            return (), line
        frame = self.stack[-1]
        if type(frame.container) is list:
            return (*frame.path, len(frame.container)), line
        path = (*frame.path, frame.key)
        return path, self.lines.get(path, line)

    def _add(self, value: Json, path: Path, line: int) -> None:
        self.lines[path] = line
        if not self.stack:
            self.root = value
            return
        frame = self.stack[-1]
        if type(frame.container) is list:
            frame.container.append(value)
        else:
            frame.container[frame.key] = value
            frame.key = _OPEN_KEY

    def _expects_key(self) -> bool:
        return bool(self.stack) and type(self.stack[-1].container) is dict and self.stack[-1].key is _OPEN_KEY

    def _key(self, event: Json) -> None:
        frame = self.stack[-1]
        key, line = event.value, event.start_mark.line + 1
        path = (*frame.path, key)
        if key == "<<" and event.implicit[0]:
            self._problem(event, "merge keys (<<) are not part of YAML 1.2", "write the keys out")
        elif key in frame.container:
            self.problems.append(repeated_key(self.file, line, key, self.lines.get(path, 0)))
        else:
            self.lines[path] = line
        if event.tag not in (None, "!", _CORE + "str"):
            self._tag_problem(event)
        if event.anchor:
            self.anchors[event.anchor] = (key, 1)
        frame.key = key

    def _scalar(self, event: Json) -> None:
        self.count += 1
        if self._expects_key():
            self._key(event)
            return
        value = self._scalar_value(event)
        if event.anchor:
            self.anchors[event.anchor] = (value, 1)
        self._add(value, *self._place(event))

    def _scalar_value(self, event: Json) -> Json:
        if event.tag is None or event.tag == "!":
            plain = event.implicit[0] and event.tag is None
            return self._resolve(event) if plain else event.value
        kind = event.tag.removeprefix(_CORE)
        if kind == event.tag or kind not in _KINDS:
            return self._tag_problem(event)
        value = event.value if kind == "str" else self._resolve(event)
        if not isinstance(value, _KINDS[kind]) or (kind in ("int", "float") and isinstance(value, bool)):
            self._problem(event, f"expected a value of the type {kind}, found {event.value!r}")
        return value

    def _resolve(self, event: Json) -> Json:
        try:
            return resolve_scalar(event.value)
        except ValueError:
            shown = event.value if len(event.value) <= 40 else event.value[:40] + "…"
            self._problem(
                event, f"expected a number that JSON can hold, found {shown}", "quote it to make it a text"
            )
            return None

    def _tag_problem(self, event: Json) -> None:
        shown = event.tag.replace(_CORE, "!!")
        self._problem(
            event, f"the tag {shown} is not allowed here", "write a plain value; tags can run code elsewhere"
        )

    def _start(self, event: Json, container: Json) -> None:
        self.count += 1
        if self._expects_key():
            self._stop(event, "expected a text as key, found a list or mapping")
        if len(self.stack) >= MAX_DEPTH:
            self.problems.append(too_deep(self.file, event.start_mark.line + 1))
            raise _Stop
        if event.tag not in (None, "!", _CORE + ("map" if type(container) is dict else "seq")):
            self._tag_problem(event)
        path, line = self._place(event)
        self._add(container, path, line)
        self.stack.append(_Frame(container, path, event.anchor, self.count))
        if event.anchor:
            self.open_anchors.add(event.anchor)

    def _end(self) -> None:
        frame = self.stack.pop()
        if frame.anchor:
            self.open_anchors.discard(frame.anchor)
            self.anchors[frame.anchor] = (frame.container, self.count - frame.count + 1)

    def _alias(self, event: Json) -> None:
        if event.anchor in self.open_anchors:
            self._stop(
                event, f"the alias *{event.anchor} stands inside the value that it names", "write it out"
            )
        if event.anchor not in self.anchors:
            self._stop(event, f"the alias *{event.anchor} names nothing", f"write &{event.anchor} before it")
        value, size = self.anchors[event.anchor]
        self.count += size
        self.aliased += size
        if self.aliased > MAX_ALIASED:
            self._stop(
                event,
                f"the aliases of this file stand for more than {MAX_ALIASED:,} values",
                "write them out",
            )
        if self._expects_key():
            self._stop(event, "expected a text as key, found an alias", "write it out")
        self._add(value, *self._place(event))

    def _problem(self, event: Json, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.file, event.start_mark.line + 1, message, hint))

    def _stop(self, event: Json, message: str, hint: str = "") -> None:
        self._problem(event, message, hint)
        raise _Stop


@functools.cache
def _yaml() -> tuple[Json, Json]:
    # Imported here: 32 ms that reading JSON and recordings need not pay.
    import yaml

    return yaml, getattr(yaml, "CSafeLoader", yaml.SafeLoader)
