"""The shapes of lists and mappings in files, and of the forms that mappings are."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from routine_harness.routine.form import Form, Schema
from routine_harness.routine.reader import Reader, kind_of, plain_text, suggestion
from routine_harness.routine.shapes import WRONG, Parts, Shape, mismatch
from routine_harness.routine.spec import Path


class ReadForm(Protocol):
    """Reads the mapping at a path into a form."""

    def __call__(
        self, reader: Reader, value: Any, path: Path, form: type[Form], *, is_short: bool = False
    ) -> Form: ...


class ListShape(Shape):
    """A list; with ``lone``, a lone text is a list of one. ``noun`` names what it holds."""

    blank: tuple[object, ...] = ()
    takes_nothing = True

    def __init__(
        self,
        item: Shape,
        noun: str,
        *,
        lone: bool = False,
        least: int = 0,
        unique: bool = False,
        hint: str = "",
    ) -> None:
        self.item, self.noun, self.lone, self.least, self.hint = item, noun, lone, least, hint
        self.unique = unique

    def read(self, reader: Reader, value: object, path: Path, key: str = "") -> object:
        noun = self.noun or key
        one = (key if noun == "texts" else noun).removesuffix("s")
        if self.lone and isinstance(value, str):
            return tuple(each for each in (self.item.read(reader, value, path),) if each is not WRONG)
        if value == [] and self.least:
            reader.problem(path, f"expected at least one {one}, found none", self.hint)
        found: list[object] = []
        for element, at in reader.items(value, path, noun, self.hint):
            read = self.item.read(reader, element, at)
            if self.unique and read in found:
                reader.problem(at, f"the {one} {read} is here twice")
            elif read is not WRONG:
                found.append(read)
        return tuple(found)

    def schema(self, parts: Parts) -> Schema:
        item = self.item.schema(parts)
        listed: Schema = {"type": "array", "items": item}
        if self.least:
            listed["minItems"] = self.least
        if self.unique:
            listed["uniqueItems"] = True
        if not self.lone:
            return listed
        texts = _listed(item["anyOf"])[:1] if "anyOf" in item else [item]
        return {"anyOf": [*texts, listed]}

    def example(self, parts: Parts) -> object:
        inner = self.item.example(parts)
        return msgspec.UNSET if inner is msgspec.UNSET else [inner]


class TextsByName(Shape):
    """A mapping of texts; numbers and flags are taken as JSON writes them."""

    blank: Mapping[str, str] = {}
    takes_nothing = True

    def read(self, reader: Reader, value: object, path: Path, key: str = "") -> object:
        if not isinstance(value, dict):
            return mismatch(reader, value, path, key, "a mapping")
        found = {}
        for name, text in value.items():
            if isinstance(text, dict | list):
                reader.problem((*path, name), f"expected a text, found {kind_of(text)}")
            else:
                found[name] = plain_text(text)
        return found

    def schema(self, parts: Parts) -> Schema:
        return {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}}


class ByName(Shape):
    """A mapping whose values all have one shape."""

    blank: Mapping[str, object] = {}
    takes_nothing = True

    def __init__(self, item: Shape) -> None:
        self.item = OrNothing(item, item.blank) if item.takes_nothing else item

    def read(self, reader: Reader, value: object, path: Path, key: str = "") -> object:
        if not isinstance(value, dict):
            return mismatch(reader, value, path, key, "a mapping")
        read = {name: self.item.read(reader, each, (*path, name), name) for name, each in value.items()}
        return {name: each for name, each in read.items() if each is not WRONG}

    def schema(self, parts: Parts) -> Schema:
        item = self.item.schema(parts)
        return {"type": "object", **({"additionalProperties": item} if item else {})}


class OrNothing(Shape):
    """Another shape, or nothing (``key:``), which stands for ``empty``."""

    def __init__(self, inner: Shape, empty: object = None) -> None:
        self.inner, self.empty = inner, empty

    def read(self, reader: Reader, value: object, path: Path, key: str = "") -> object:
        return self.empty if value is None else self.inner.read(reader, value, path, key)

    def schema(self, parts: Parts) -> Schema:
        return or_nothing(self.inner.schema(parts))

    def example(self, parts: Parts) -> object:
        return self.inner.example(parts)


def or_nothing(schema: Schema) -> Schema:
    """A JSON Schema that takes null as well."""
    if "anyOf" in schema:
        return {**schema, "anyOf": [*_listed(schema["anyOf"]), {"type": "null"}]}
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]} if schema else {}


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


class FormShape(Shape):
    """A mapping with named keys, or the short way to write it."""

    def __init__(self, form: type[Form], read_form: ReadForm) -> None:
        self.form, self.read_form = form, read_form

    def read(self, reader: Reader, value: Any, path: Path, key: str = "") -> object:
        form = self.form
        if isinstance(value, dict):
            return self.read_form(reader, value, path, form)
        is_short = form.short is not None and isinstance(value, form.short.takes)
        if form.short is not None and is_short and not isinstance(value, bool):
            spelt = form.short.spelt(value, functools.partial(reader.problem, path))
            return WRONG if spelt is None else self.read_form(reader, spelt, path, form, is_short=True)
        if form.short is not None:
            words = form.called(path, form.short.words)
        else:
            words = f"{key} to be a mapping" if form.what == key else f"{form.called(path)} as a mapping"
        reader.problem(path, f"expected {words}, found {kind_of(value)}", form.hint)
        return WRONG

    def schema(self, parts: Parts) -> Schema:
        return parts.form(self.form)

    def example(self, parts: Parts) -> object:
        return parts.examples(self.form)[0]


class OneOfForms(Shape):
    """Several forms by the word of the key ``tag``, which tells them apart; ``said`` is its meaning."""

    def __init__(self, forms: Mapping[str, type[Form]], tag: str, said: str, read_form: ReadForm) -> None:
        self.forms, self.tag, self.said, self.read_form = forms, tag, said, read_form
        self.common: type[Form] = next(iter(forms.values())).__mro__[1]

    def read(self, reader: Reader, value: Any, path: Path, key: str = "") -> object:
        what, kinds = self.common.what, tuple(self.forms)
        if not isinstance(value, dict):
            reader.problem(path, f"expected {what} as a mapping, found {kind_of(value)}", self.common.hint)
            return WRONG
        if self.tag not in value:
            hint = f"its {self.tag}s are {', '.join(kinds)}"
            reader.problem(path, f"{what} needs the key {self.tag!r}", hint)
            return WRONG
        found = value[self.tag]
        if isinstance(found, str) and found in self.forms:
            return self.read_form(reader, value, path, self.forms[found])
        hint = suggestion(found, kinds, f"its {self.tag}s") if isinstance(found, str) else ""
        message = f"expected a {self.tag} among {', '.join(kinds)}, found {kind_of(found)}"
        reader.problem((*path, self.tag), message, hint)
        return WRONG

    def schema(self, parts: Parts) -> Schema:
        return parts.refer(self.common.part, lambda: self._alternatives(parts))

    def _alternatives(self, parts: Parts) -> Schema:
        forms = self.forms.values()
        return {
            "type": "object",
            "required": [self.tag],
            "properties": {self.tag: {"description": self.said, "enum": list(self.forms)}},
            "oneOf": [parts.spelt_out(form) for form in forms],
            "examples": [example for form in forms for example in parts.examples(form)],
        }

    def example(self, parts: Parts) -> object:
        return parts.examples(next(iter(self.forms.values())))[0]


class OneOrList(Shape):
    """One form, or a list of such."""

    def __init__(self, one: FormShape, listed: ListShape) -> None:
        self.one, self.listed = one, listed

    def read(self, reader: Reader, value: Any, path: Path, key: str = "") -> object:
        inner = self.listed if isinstance(value, list) else self.one
        return inner.read(reader, value, path, key)

    def schema(self, parts: Parts) -> Schema:
        return {"anyOf": [self.one.schema(parts), self.listed.schema(parts)]}

    def example(self, parts: Parts) -> object:
        return self.one.example(parts)


class MappingOr(Shape):
    """A mapping, or a value of another shape."""

    def __init__(self, mapping: Shape, other: Shape) -> None:
        self.mapping, self.other = mapping, other
        self.blank, self.takes_nothing = other.blank, other.takes_nothing

    def read(self, reader: Reader, value: Any, path: Path, key: str = "") -> object:
        inner = self.mapping if isinstance(value, dict) else self.other
        return inner.read(reader, value, path, key)

    def schema(self, parts: Parts) -> Schema:
        other = self.other.schema(parts)
        alternatives = other.get("anyOf")
        listed = alternatives if isinstance(alternatives, list) else [other]
        return {"anyOf": [*listed, self.mapping.schema(parts)]}

    def example(self, parts: Parts) -> object:
        return self.mapping.example(parts)
