"""Forms: what is read of a mapping, the words for what is wrong, and the JSON Schema of the same keys."""

from typing import Annotated, Any, Literal

import jsonschema
import pytest
from msgspec import UNSET, UnsetType

from routine_harness.report.file_pages import schema_page
from routine_harness.routine.form import FileForm, Form, OneOf, Short, Text, key
from routine_harness.routine.form_reader import read_form
from routine_harness.routine.form_schema import file_schema
from routine_harness.routine.reader import Reader
from routine_harness.routine.spec import Source

Level = Annotated[str, OneOf(("spec", "lint"), "level")]


class PlaceForm(Form, frozen=True, kw_only=True):
    what = "a place"
    hint = "write here or {name: here}"
    short = Short(lambda text, note: {"name": text}, {"type": "string"})

    name: Annotated[str, Text("a name of letters", "[a-z]+", "leave digits out"), key("Its name.", "here")]


class ShipForm(Form, frozen=True, kw_only=True):
    what = "a vehicle"
    part = "vehicle"


class SailForm(ShipForm, frozen=True, kw_only=True):
    type: Annotated[Literal["sail"], key("What it is.", "sail")]
    masts: Annotated[int, key("How many masts.", 2, least=1)] = 1


class SteamForm(ShipForm, frozen=True, kw_only=True):
    type: Annotated[Literal["steam"], key("What it is.", "steam")]


class ThingForm(FileForm, frozen=True, kw_only=True):
    what = "a thing"
    part = "thing"
    title = "A thing"
    said = "What the tests read."
    gone = {"colour": lambda value: f"write paint: {value}"}

    name: Annotated[str, key("Its name.", "boat", needs="write name: boat")]
    old: Annotated[bool, key("Whether it is old.", True)] = False
    weight: Annotated[float | UnsetType, key("Its weight.", 2.5)] = UNSET
    levels: Annotated[
        tuple[Level, ...], key("What holds.", ["spec"], needs="write [spec]", least=1, unique=True)
    ] = ()
    at: Annotated[PlaceForm | None, key("Where it is.")] = None
    ships: Annotated[tuple[SailForm | SteamForm, ...], key("What it travels on.")] = ()
    labels: Annotated[dict[str, str], key("Its labels.", {"a": "b"})] = {}


def read(**values: object) -> tuple[ThingForm, list[tuple[int, str, str]]]:
    """What is read of a thing whose keys stand on lines 1, 2, …, and the problems."""
    lines = {(name,): line for line, name in enumerate(values, 1)}
    reader = Reader(Source("x.yaml", lines={(): 9, **lines}))
    form = read_form(reader, values, (), ThingForm)
    return form, [(each.line, each.message, each.hint) for each in reader.problems]


WHOLE: dict[str, Any] = {
    "name": "boat",
    "old": True,
    "levels": "spec",
    "at": "here",
    "ships": [{"type": "sail", "masts": 3}, {"type": "steam"}],
    "labels": {"n": 1, "f": False},
}


def test_every_key_is_read_and_has_its_place() -> None:
    """A short form, a lone text, an empty key and a missing one mean what their long forms mean."""
    form, problems = read(**WHOLE)
    assert not problems
    assert form.sound
    assert form.levels == ("spec",)
    assert form.at is not None
    assert (form.at.name, form.at.is_short, form.at.place) == ("here", True, ("at",))
    assert [type(ship).__name__ for ship in form.ships] == ["SailForm", "SteamForm"]
    assert form.ships[1].below("type") == ("ships", 1, "type")
    assert form.labels == {"n": "1", "f": "false"}
    assert form.weight is UNSET
    assert "weight" not in form.given()
    assert read(name="x", levels=None, at=None)[0].given()["levels"] == ()


@pytest.mark.parametrize(
    ("value", "line", "message", "hint"),
    [
        ({}, 9, "a thing needs the key 'name'", "write name: boat"),
        ({"nam": "x"}, 1, "a thing has no key 'nam'", "did you mean name?"),
        ({"name": 3}, 1, "expected name to be a text, found the number 3", "quote it"),
        ({"name": "x", "colour": "red"}, 2, "a thing has no key 'colour'", "write paint: red"),
        ({"name": "x", "old": "yes"}, 2, "expected old to be true or false, found the text 'yes'",
         "write true; yes is a word"),
        ({"name": "x", "weight": -1}, 2, "expected weight to be a number from 0, found the number -1", ""),
        ({"name": "x", "levels": ["lnt"]}, 2, "unknown level 'lnt'", "did you mean lint?"),
        ({"name": "x", "levels": []}, 2, "expected at least one level, found none", "write [spec]"),
        ({"name": "x", "levels": ["spec", "spec"]}, 2, "the level spec is here twice", ""),
        ({"name": "x", "at": {"name": "h3re"}}, 2, "expected a name of letters, found the text 'h3re'",
         "leave digits out"),
        ({"name": "x", "at": 3}, 2, "expected a place, found the number 3", "write here or {name: here}"),
        ({"name": "x", "ships": [{"masts": 1}]}, 2, "a vehicle needs the key 'type'",
         "its types are sail, steam"),
        ({"name": "x", "ships": [{"type": "stem"}]}, 2,
         "expected a type among sail, steam, found the text 'stem'", "did you mean steam?"),
        ({"name": "x", "ships": [{"type": "sail", "masts": 0}]}, 2,
         "expected masts to be a whole number from 1, found the number 0", ""),
        ({"name": "x", "labels": {"a": []}}, 2, "expected a text, found a list", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_has_its_line_and_its_hint(
    value: dict[str, object], line: int, message: str, hint: str
) -> None:
    """The JSON Schema refuses it as well, and what is right beside it is kept."""
    form, problems = read(**value)
    assert problems == [(line, message, hint)]
    assert not form.sound
    assert not jsonschema.Draft202012Validator(file_schema(ThingForm)).is_valid(value)


def test_a_new_key_needs_one_line() -> None:
    """Reader, JSON Schema, example and page follow from the line."""

    class WiderForm(ThingForm, frozen=True, kw_only=True):
        speed: Annotated[int, key("How fast it is.", 7)] = 0

    schema: dict[str, Any] = file_schema(WiderForm)
    assert schema["properties"]["speed"] == {
        "description": "How fast it is.",
        "type": "integer",
        "minimum": 0,
    }
    assert schema["examples"][0]["speed"] == 7
    assert "| `speed` | whole number | How fast it is. |" in schema_page("thing", schema)
    assert read_form(Reader(Source("")), {"name": "x", "speed": 3}, (), WiderForm).speed == 3


def test_the_example_of_a_form_is_what_its_schema_says() -> None:
    """It is put together from the examples of its keys, and of the forms within."""
    schema: dict[str, Any] = file_schema(ThingForm)
    jsonschema.Draft202012Validator(schema).validate(schema["examples"][0])
    assert schema["examples"][0]["at"] == {"name": "here"}
    assert schema["examples"][0]["ships"] == [{"type": "sail", "masts": 2}]
    jsonschema.Draft202012Validator(schema).validate(WHOLE)
