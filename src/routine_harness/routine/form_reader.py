"""The values of a file read into forms: all problems at once, each with its line.

The words are the shapes' (`routine.shapes`); what keys mean beside each other is the form's own check.
"""

from __future__ import annotations

import functools
import types
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from routine_harness.routine.container_shapes import (
    ByName,
    FormShape,
    ListShape,
    MappingOr,
    OneOfForms,
    OneOrList,
    OrNothing,
    TextsByName,
)
from routine_harness.routine.document import Document
from routine_harness.routine.form import NO_EXTRA, SAID_NOTHING, FileForm, Form, OneOf, Raw, Text
from routine_harness.routine.reader import Reader, kind_of, nearest, suggestion
from routine_harness.routine.shapes import (
    WRONG,
    ChoiceShape,
    EnumShape,
    FlagShape,
    NumberShape,
    RawShape,
    Shape,
    TextShape,
    WholeShape,
)
from routine_harness.routine.spec import Path

F = TypeVar("F", bound=Form)


class Key(msgspec.Struct, frozen=True, eq=False):
    """A key of a form: ``attribute`` of the struct, ``name`` in the file."""

    attribute: str
    name: str
    shape: Shape
    said: msgspec.Meta
    required: bool
    default: object


_OWN: Final = len(Form.__struct_fields__)


class Plan(msgspec.Struct, frozen=True, eq=False):
    """How a form is read: its keys in order, the names that it takes, and those that it demands."""

    keys: tuple[Key, ...]
    known: tuple[str, ...]
    names: frozenset[str]
    required: frozenset[str]


@functools.cache
def plan_of(form: type[Form]) -> Plan:
    """How ``form`` is read."""
    keys = tuple(map(_key, msgspec.structs.fields(form)[_OWN:]))
    own = [each.name for each in keys]
    known = (*own, "$schema") if issubclass(form, FileForm) else tuple(own)
    required = frozenset(each.name for each in keys if each.required)
    return Plan(keys, known, frozenset(known), required)


def keys_of(form: type[Form]) -> tuple[Key, ...]:
    """The keys of a form, in order."""
    return plan_of(form).keys


def _key(field: msgspec.structs.FieldInfo) -> Key:
    _, *notes = _taken_apart(field.type)
    said = next((note for note in notes if isinstance(note, msgspec.Meta)), SAID_NOTHING)
    shape = shape_of(field.type)
    if shape.takes_nothing and not field.required and field.default is not msgspec.UNSET:
        shape = OrNothing(shape, shape.blank)
    return Key(field.name, field.encode_name, shape, said, field.required, field.default)


def read_file(document: Document, form: type[F]) -> tuple[Reader, F]:
    """What a whole file spells, and who collects its problems."""
    reader = Reader(document.source)
    return reader, read_form(reader, document.value, (), form)


def read_form(reader: Reader, value: Any, path: Path, form: type[F], *, is_short: bool = False) -> F:
    """What the mapping at ``path`` spells; every problem is noted. ``is_short``: it was a text."""
    noted, plan = len(reader.problems), plan_of(form)
    given: dict[str, Any] = value if isinstance(value, dict) else {}
    missing: set[str] = set()
    if given is not value:
        reader.problem(path, f"expected {form.called(path)} as a mapping, found {kind_of(value)}", form.hint)
    elif not plan.names.issuperset(given) or not plan.required.issubset(given):
        missing = _check_names(reader, given, path, form)
    read: dict[str, Any] = {}
    for each in plan.keys:
        found: object = WRONG
        if each.name in given:
            found = each.shape.read(reader, given[each.name], (*path, each.name), each.name)
        elif each.name in missing:
            needs = (each.said.extra or NO_EXTRA)["needs"]
            reader.problem(path, f"{form.called(path)} needs the key {each.name!r}", needs)
        if found is not WRONG:
            read[each.attribute] = found
        elif each.required:
            read[each.attribute] = each.shape.blank
    others = _others(reader, given, path, form) if form.open else {}
    sound = len(reader.problems) == noted
    written = tuple(given)
    made = form(place=path, sound=sound, is_short=is_short, others=others, written=written, **read)
    made.check(reader)
    return made


def _others(reader: Reader, given: dict[str, Any], path: Path, form: type[Form]) -> dict[str, Any]:
    """The keys that an open form does not name, with what their values spell."""
    named = plan_of(form).names
    shape, names = shape_of(form.values), form.names
    for name in given.keys() - named if names is not None else ():
        if names is not None and not names.accepts(name):
            reader.problem((*path, name), f"expected {names.words}, found {name!r}", names.hint)
    read = {
        name: shape.read(reader, value, (*path, name), name)
        for name, value in given.items()
        if name not in named
    }
    return {name: value for name, value in read.items() if value is not WRONG}


def _check_names(reader: Reader, given: dict[str, Any], path: Path, form: type[Form]) -> set[str]:
    """Note the keys that ``form`` does not have; gives those that are missing. A misspelt key is not."""
    plan, what = plan_of(form), form.called(path)
    missing = set(plan.required.difference(given))
    for name in given:
        if name in form.gone:
            reader.problem((*path, name), f"{what} has no key {name!r}", form.gone[name](given[name]))
        elif name not in plan.names and not form.open:
            hint = suggestion(name, plan.known, "its keys")
            reader.problem((*path, name), f"{what} has no key {name!r}", hint)
            missing.discard(nearest(name, plan.known) or "")
    return missing


def shape_of(annotation: Any, said: tuple[Any, ...] = ()) -> Shape:
    """The shape of values that a key's type, with its metadata, asks for. ``said`` is the metadata of a union
    that it belongs to."""
    base, *own = _taken_apart(annotation)
    notes = [*own, *said]
    for note in notes:
        if isinstance(note, Raw):
            return RawShape(note)
        if isinstance(note, OneOf):
            return ChoiceShape(note)
    if get_origin(base) not in (types.UnionType, Union):
        return _single(base, notes)
    members = [each for each in get_args(base) if each not in (type(None), msgspec.UnsetType)]
    said = tuple(note for note in own if isinstance(note, msgspec.Meta))
    shapes = [shape_of(member, tuple(own) if len(members) == 1 else said) for member in members]
    shape = shapes[0] if len(shapes) == 1 else _either(shapes)
    return OrNothing(shape) if type(None) in get_args(base) else shape


def _either(shapes: list[Shape]) -> Shape:
    forms = [shape.form for shape in shapes if isinstance(shape, FormShape)]
    if len(forms) == len(shapes):  # the first key of each tells them apart
        tags = [keys_of(form)[0] for form in forms]
        by_word = {tag.shape.word: form for tag, form in zip(tags, forms, strict=True)}
        return OneOfForms(by_word, tags[0].name, tags[0].said.description or "", read_form)
    lists = [shape for shape in shapes if isinstance(shape, ListShape)]
    if forms and lists and isinstance(lists[0].item, FormShape) and lists[0].item.form is forms[0]:
        return OneOrList(lists[0].item, lists[0])
    [mapping] = [shape for shape in shapes if isinstance(shape, FormShape | ByName | TextsByName)]
    [other] = [shape for shape in shapes if shape is not mapping]
    return MappingOr(mapping, other)


def _single(base: Any, notes: list[object]) -> Shape:
    said = next((note.extra for note in notes if isinstance(note, msgspec.Meta) and note.extra), NO_EXTRA)
    origin, inner = get_origin(base), get_args(base)
    if base is str:
        return TextShape(next((note for note in notes if isinstance(note, Text)), None))
    if base is int:
        return WholeShape(said["least"])
    if base in _PLAIN:
        return _PLAIN[base]
    if origin is Literal:
        return ChoiceShape(OneOf(inner))
    if origin is tuple:
        form, item = _form_in(inner[0]), shape_of(inner[0])
        lone = form.lone if form is not None else isinstance(item, TextShape | ChoiceShape)
        noun = form.plural if form is not None else _plural(item)
        least, unique, hint = said["least"], said["unique"], said["needs"]
        return ListShape(item, noun, lone=lone, least=least, unique=unique, hint=hint)
    if origin is dict:
        return TextsByName() if inner[1] is str else ByName(shape_of(inner[1]))
    if isinstance(base, type) and issubclass(base, StrEnum):
        return EnumShape(base)
    if isinstance(base, type) and issubclass(base, Form):
        return FormShape(base, read_form)
    raise TypeError(f"no shape is known for {base}")


def _plural(item: Shape) -> str:
    """What messages call several values of a shape; empty where the key that holds them says it."""
    if isinstance(item, ChoiceShape) and item.noun:
        return f"{item.noun}s"
    return "texts" if isinstance(item, TextShape | ChoiceShape) else ""


_PLAIN: Final[dict[Any, Shape]] = {bool: FlagShape(), float: NumberShape(), Any: RawShape(Raw())}


def _form_in(annotation: Any) -> type[Form] | None:
    """The form, or the first of several, that a type speaks of."""
    for each in (annotation, *get_args(annotation)):
        if isinstance(each, type) and issubclass(each, Form):
            return each
    return None


def _taken_apart(annotation: Any) -> tuple[Any, ...]:
    """A type and what is noted beside it."""
    return get_args(annotation) if get_origin(annotation) is Annotated else (annotation,)
