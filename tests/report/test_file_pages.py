"""The pages of file formats: every key has a sentence and stands in an example that the schema accepts."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from routine_harness.report.file_pages import (
    EXPECTATIONS,
    expectations_page,
    key_rows,
    schema_page,
    shown_parts,
)
from routine_harness.routine.schema import parse_schema, schema_names
from routine_harness.routine.yaml_writer import shown_yaml
from routine_harness.store.cases import load_case_file
from routine_harness.store.confirmed import load_confirmations
from routine_harness.store.policies import load_policy
from routine_harness.store.routines import load_routine
from routine_harness.store.worlds import load_world

schema_of = functools.cache(parse_schema)


def parts() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name in schema_names():
        schema = schema_of(name)
        for defined, part in shown_parts(name, schema).items():
            yield name, defined, dict(part)
    for name in EXPECTATIONS:
        yield "case", name, schema_of("case")["$defs"][name]


PARTS = [pytest.param(*each, id=".".join(filter(None, each[:2]))) for each in parts()]


@pytest.mark.parametrize(("name", "defined", "part"), PARTS)
def test_every_key_has_a_sentence(name: str, defined: str, part: dict[str, Any]) -> None:
    empty = [key for key, _, said in key_rows(part) if not said.strip()]
    assert not empty, f"{name} {defined}: write a description for {empty}"


@pytest.mark.parametrize(("name", "defined", "part"), PARTS)
def test_every_key_stands_in_an_example(name: str, defined: str, part: dict[str, Any]) -> None:
    keys = {key.removesuffix(" *") for key, _, _ in key_rows(part)}
    outer = {key for key in keys if "." not in key}
    shown = {key for example in part.get("examples", ()) if isinstance(example, dict) for key in example}
    assert outer <= shown, f"{name} {defined}: no example of {sorted(outer - shown)}"


@pytest.mark.parametrize(("name", "defined", "part"), PARTS)
def test_every_example_is_what_the_schema_says(name: str, defined: str, part: dict[str, Any]) -> None:
    del defined
    validator = jsonschema.Draft202012Validator({**part, "$defs": schema_of(name).get("$defs", {})})
    for example in part.get("examples", ()):
        validator.validate(example)


@pytest.mark.parametrize("name", schema_names())
def test_a_page_names_every_key_once(name: str) -> None:
    page = schema_page(name, schema_of(name))
    for key, _, _ in key_rows(schema_of(name)):
        assert f"| `{key.removesuffix(' *')}`" in page
    rows = [key for key, _, _ in key_rows(schema_of(name))]
    assert len(rows) == len(set(rows))


def test_the_keys_of_alternatives_stand_on_the_page() -> None:
    """A trigger is one of three mappings; each of their keys is told."""
    keys = {key.removesuffix(" *") for key, _, _ in key_rows(schema_of("routine")["$defs"]["trigger"])}
    assert {"type", "cron", "preset", "once", "events", "branches", "filters"} <= keys
    assert "`reads_files.repository`" in schema_page("routine", schema_of("routine"))
    assert "`at_most`" in expectations_page(schema_of("case"))


def test_the_examples_of_whole_files_are_read(tmp_path: Path) -> None:
    """The readers take what the pages show, comments and paths included."""
    for folder in ("payloads", "worlds", "cases", "cassettes", ".agents/prompts", "agents"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / ".agents" / "prompts" / "triage.md").write_text("Look first.\n")
    (tmp_path / "agents" / "triage.py").write_text("def triage(session): ...\n")
    (tmp_path / "payloads" / "opened.json").write_text(
        '{"action": "opened", "repository": {"full_name": "acme/core"}, "pull_request": {"number": 1}}'
    )
    for world in ("core", "fork"):
        (tmp_path / "worlds" / f"{world}.yaml").write_text("linear: {issues: []}\n")
    (tmp_path / "prompt.md").write_text("Report.\n")
    policy = tmp_path / "policy.yaml"
    policy.write_text(shown_yaml(schema_of("policy")["examples"][0], 78))
    routine = tmp_path / "routine.yaml"
    for example in reversed(schema_of("routine")["examples"]):
        routine.write_text(shown_yaml(example, 78))
        assert load_routine(routine).name == example["name"]
    assert load_policy(str(routine)).plan == "team"
    for number, example in enumerate(schema_of("case")["examples"]):
        case = tmp_path / "cases" / f"case{number}.yaml"
        case.write_text(shown_yaml(example, 78))
        assert load_case_file(case).cases[0].description == example["description"]
    world = tmp_path / "worlds" / "core.yaml"
    world.write_text(shown_yaml(schema_of("world")["examples"][0], 78))
    assert load_world(world).counters["linear.issues.SEC"] == 8
    confirmed = tmp_path / "agents" / "confirmed.yaml"
    confirmed.write_text(shown_yaml(schema_of("confirmed")["examples"][0], 78))
    assert set(load_confirmations(load_routine(routine)).entries) == {
        "triage.py::triage",
        "acme_scripts.review::review",
    }
