"""The JSON Schema of a file, written from its form: keys, types, sentences, examples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from routine_harness.routine.container_shapes import OrNothing
from routine_harness.routine.form import FileForm, Form, Schema
from routine_harness.routine.form_reader import Key, keys_of, shape_of
from routine_harness.routine.shapes import ChoiceShape, FlagShape

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_FOR_EDITORS: Final = {"description": "The schema of this file, for editors.", "type": "string"}


def file_schema(form: type[FileForm]) -> Schema:
    """The JSON Schema of a whole file."""
    written = SchemaWriter()
    body = written.mapping(form)
    head = {
        "$schema": DRAFT,
        "$id": f"urn:routine-harness:{form.part}",
        "title": form.title,
        "description": form.said,
    }
    whole = {**head, "examples": written.examples(form), **body}
    return {**whole, "$defs": written.definitions} if written.definitions else whole


class SchemaWriter:
    """Writes forms as parts of one JSON Schema, and gathers its definitions."""

    def __init__(self) -> None:
        self.definitions: dict[str, Schema] = {}

    def refer(self, name: str, build: Callable[[], Schema]) -> Schema:
        """A reference to the definition ``name``, which ``build`` gives at its first use."""
        if name not in self.definitions:
            self.definitions[name] = {}  # a definition may speak of itself
            self.definitions[name] = build()
        return {"$ref": f"#/$defs/{name}"}

    def form(self, form: type[Form]) -> Schema:
        """The JSON Schema of a form, or a reference to it."""
        return self.refer(form.part, lambda: self._definition(form)) if form.part else self.spelt_out(form)

    def _definition(self, form: type[Form]) -> Schema:
        said: Schema = {"description": form.said} if form.said else {}
        return {**said, **self.spelt_out(form), "examples": self.examples(form)}

    def spelt_out(self, form: type[Form]) -> Schema:
        """The JSON Schema of a form where it stands."""
        whole = self.mapping(form)
        return whole if form.short is None else {"anyOf": [form.short.schema, whole]}

    def mapping(self, form: type[Form]) -> Schema:
        """The JSON Schema of a form as a mapping of its keys."""
        keys = keys_of(form)
        properties: Schema = {"$schema": _FOR_EDITORS} if issubclass(form, FileForm) else {}
        properties |= {each.name: self._value(each) for each in keys}
        whole: Schema = {"type": "object", "properties": properties}
        required = [each.name for each in keys if each.required]
        if required:
            whole["required"] = required
        if form.names is not None:
            whole["patternProperties"] = {f"^{form.names.pattern}$": shape_of(form.values).schema(self)}
        elif form.open and form.values is not Any:
            whole["additionalProperties"] = shape_of(form.values).schema(self)
        if form.names is not None or not form.open:
            whole["additionalProperties"] = False
        return {**whole, **form.rules}

    def _value(self, key: Key) -> Schema:
        said: Schema = {"description": key.said.description} if key.said.description else {}
        found = {**said, **key.shape.schema(self), **(key.said.extra_json_schema or {})}
        inner = key.shape.inner if isinstance(key.shape, OrNothing) else key.shape
        if isinstance(inner, FlagShape | ChoiceShape) and isinstance(key.default, str | bool):
            found["default"] = key.default
        further = (key.said.examples or [])[1:]
        return {**found, "examples": further} if further else found

    def examples(self, form: type[Form]) -> list[object]:
        """An example with all keys that have one, and the further ones of the form."""
        whole: dict[str, Any] = {"$schema": f"{form.part}.schema.json"} if issubclass(form, FileForm) else {}
        whole |= form.shown
        for each in keys_of(form):
            shown = (each.said.examples or [each.shape.example(self)])[0]
            if shown is not msgspec.UNSET:
                whole[each.name] = shown
        return [whole, *form.examples]
