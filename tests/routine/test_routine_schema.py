"""The shipped JSON Schemas: valid, in agreement with the parsers, and printed by the command."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner
from support.judging import NoFiles

from routine_harness.agents.recording import Header, Recorder
from routine_harness.case.parse import parse_cases
from routine_harness.cli.main import run
from routine_harness.cli.schema import command
from routine_harness.errors import HarnessError
from routine_harness.predicate import OPERATORS
from routine_harness.routine.document import Document, load_document
from routine_harness.routine.schema import parse_schema, schema_names, schema_text
from routine_harness.routine.spec import Source
from routine_harness.session.faults import Fault
from routine_harness.store.names import names_in
from routine_harness.verdict.policy.rules import NOISE_LIMITS
from routine_harness.verdict.read_blocks import EFFECT_NOUNS
from routine_harness.world.kinds import KINDS, PLURALS
from routine_harness.world.registry import Registry
from routine_harness.world.worldfile import world_from_data

PROJECT = Path(__file__).parents[2]
EXAMPLES = PROJECT / "example_routines"
NEGATIVE = PROJECT / "fixtures" / "negative"
DRAFT = "https://json-schema.org/draft/2020-12/schema"

ONLY_THE_PARSER_KNOWS = {
    "routine": {
        "connectors.yaml": "what a short form means",
        "environment-custom-without-domains.yaml": "one key demands another",
        "keys-twice.yaml": "syntax",
        "trigger-regex.yaml": "what a pattern means",
        "trigger-schedules.yaml": "what an expression means",
    },
    "policy": {
        "gate.yaml": "which dates there are",
        "platform-overrides.yaml": "which limits there are",
        "regex.yaml": "what a pattern means",
        "tools.yaml": "which tools there are",
    },
}


def validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(parse_schema(name))


def errors(name: str, file: Path) -> list[str]:
    value = load_document(file.read_bytes(), str(file)).value
    return [f"{list(e.absolute_path)}: {e.message}" for e in validator(name).iter_errors(value)]


@pytest.mark.parametrize("name", schema_names())
def test_a_schema_is_valid_and_says_what_it_is(name: str) -> None:
    """Each is draft 2020-12, with a title, an id and a description."""
    schema = parse_schema(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == DRAFT
    assert schema["$id"].endswith(name)
    assert schema["title"]
    assert schema["description"]


def test_the_schemas_are_what_the_forms_give() -> None:
    """``python docs/write_schemas.py`` would change nothing."""
    for name, text in runpy.run_path(str(PROJECT / "docs" / "write_schemas.py"))["schema_texts"]().items():
        assert schema_text(Path(name).stem) == text, "run: python docs/write_schemas.py"


def test_the_files_of_the_articles_are_valid(shared_data: Path) -> None:
    """Both load as they stand, for editors, too."""
    for file in sorted((shared_data / "articles").glob("*.yaml")):
        assert errors("routine", file) == []


def examples(pattern: str) -> list[Path]:
    return sorted(EXAMPLES.glob(pattern))


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("routine", "*/routine.yaml"),
        ("policy", "**/policy.yaml"),
        ("case", "*/cases/*.yaml"),
        ("world", "*/worlds/*.yaml"),
    ],
)
def test_every_example_is_valid(name: str, pattern: str) -> None:
    """What the parser takes, the schema takes."""
    found = {str(file.relative_to(PROJECT)): errors(name, file) for file in examples(pattern)}
    assert {file: said for file, said in found.items() if said} == {}


def test_every_line_of_the_examples_recordings_is_valid() -> None:
    """Header, entries and ends are as the schema says."""
    check = validator("recording")
    for file in examples("*/recordings/*.jsonl"):
        for line in file.read_text("utf-8").splitlines():
            assert not list(check.iter_errors(json.loads(line))), file


@pytest.mark.parametrize("kind", ["routine", "policy"])
def test_what_is_structurally_wrong_is_wrong_for_the_schema_too(kind: str) -> None:
    """A file of the corpus that reads as YAML is refused by both, save where only meaning is wrong."""
    for file in sorted((NEGATIVE / kind).glob("*.yaml")):
        try:
            value = load_document(file.read_bytes(), file.name).value
        except HarnessError:
            continue
        if file.name not in ONLY_THE_PARSER_KNOWS[kind]:
            assert not validator(kind).is_valid(value), file.name


def test_a_declaration_is_structure_that_the_schema_knows() -> None:
    """Broken declarations of the corpus are refused, and the same tools and tables in a world."""
    folder = NEGATIVE / "connector" / "connectors"
    for name in ("pagerduty.yaml", "opsgenie.yaml", "statuspage.yaml"):
        assert errors("connector", folder / name), name
    assert errors("world", NEGATIVE / "world" / "declared-tools.yaml")
    tools = [{"name": "list", "lists": "rows", "page": {"limit": 5}, "answer": ["id"]}]
    assert validator("connector").is_valid({"connector": "pager", "tables": {"rows": None}, "tools": tools})
    world = {"pager": {"tables": {"rows": None}, "tools": tools, "rows": [{"id": 1}]}}
    assert validator("world").is_valid(world)


def properties(schema: dict[str, Any]) -> set[str]:
    return set(schema["properties"]) - {"$schema"}


def test_the_schemas_know_the_same_keys_as_the_parsers() -> None:
    """No key is in one and not in the other; that of forms follows from them."""
    case, policy = (parse_schema(name) for name in ("case", "policy"))
    header = parse_schema("recording")["$defs"]["header"]
    assert set(header["properties"]["agent"]["properties"]) == set(Recorder.__struct_fields__)
    assert properties(header) == {"type", *Header.__struct_fields__}
    connector = parse_schema("connector")
    assert connector["$defs"]["kind"]["enum"] == list(KINDS)
    for asked in ("expect", "second", "when"):
        assert set(EFFECT_NOUNS) <= properties(case["$defs"][asked])
    assert set(Fault.__struct_fields__) - {"tool", "from_nth"} == properties(case["$defs"]["fault"]) - {
        "call",
        "from",
        "then",  # what comes of it is judged, and is no part of what strikes
    }
    assert properties(policy["properties"]["noise"]) == set(NOISE_LIMITS)
    for schema in (case, policy):
        assert set(schema["$defs"]["effect"]["anyOf"][0]["enum"]) == {"*", *PLURALS, *KINDS}
        assert set(schema["$defs"]["predicate"]["anyOf"][1]["properties"]) == set(OPERATORS)


def test_the_command_prints_a_schema_as_it_is_shipped() -> None:
    """The output is the file, byte for byte."""
    result = CliRunner().invoke(command, ["routine"])
    assert result.exit_code == 0
    assert result.output == schema_text("routine")


def test_the_command_lists_the_schemas_in_words_and_as_json() -> None:
    """Without a name it says what there is."""
    listed = CliRunner().invoke(command, [])
    assert [line.split()[0] for line in listed.output.splitlines()] == list(schema_names())
    as_json = CliRunner().invoke(command, ["--json"])
    assert [entry["name"] for entry in json.loads(as_json.output)] == list(schema_names())


def test_the_command_writes_a_schema_to_a_file(tmp_path: Path) -> None:
    """Missing folders are made."""
    target = tmp_path / ".schemas" / "case.json"
    assert CliRunner().invoke(command, ["case", "-o", str(target)]).exit_code == 0
    assert target.read_text("utf-8") == schema_text("case")


def test_a_misspelt_schema_is_named_with_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    """Bad input: exit code 2 and a hint."""
    assert run(["schema", "rutine"]) == 2
    assert "there is no schema 'rutine'\n  hint: did you mean routine?" in capsys.readouterr().err


def test_loading_a_valid_case_imports_no_validator() -> None:
    """The 113 ms of jsonschema are paid by nobody whose files are right."""
    code = (
        "import sys; from routine_harness.routine.parse import parse_routine; "
        "from routine_harness.routine.document import load_document; import routine_harness.store.cases; "
        "parse_routine(load_document(b'name: x\\nprompt: p\\n', 'x.yaml')); "
        "sys.exit('jsonschema' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


EXAMPLES_OF = {
    "case": ("faults", "rerun", "commands"),
    "world": ("http", "commands", "remove"),
}


@pytest.mark.parametrize(("name", "key"), [(name, key) for name, keys in EXAMPLES_OF.items() for key in keys])
def test_the_examples_of_the_reference_are_right(name: str, key: str) -> None:
    """Each is valid by the schema, read by the parser without a problem, and stands in the reference."""
    schema = parse_schema(name)
    page = (PROJECT / "docs" / "reference" / "files.md").read_text("utf-8")
    assert page.count(f"An example of `{key}`:") == sum(key in keys for keys in EXAMPLES_OF.values())
    examples = schema["properties"][key]["examples"]
    assert examples
    for value in examples:
        inner = {key: value}
        case = {"trigger": {"api": {"text": "go"}}, **(inner if name == "case" else {"world": inner})}
        assert not list(validator(name).iter_errors(inner if name == "world" else case))
        parse_cases(Document(case, Source("example")), "example", NoFiles(), names_in(Registry()))


def test_the_example_of_a_world_has_relative_times() -> None:
    """It is valid, and its times are what they say before the clock."""
    examples = parse_schema("world")["examples"]
    assert not [error for value in examples for error in validator("world").iter_errors(value)]
    registry = Registry()
    connectors = {name: registry.get(name) for name in examples[0] if registry.get(name) is not None}
    world = world_from_data(examples[0], connectors)  # type: ignore[arg-type]
    [issue] = world.table("github.issues")
    [message] = world.table("slack.messages")
    assert (issue["created_at"], issue["updated_at"]) == ("2026-05-04T07:30:00Z", "2026-05-02T09:00:00Z")
    assert float(message["ts"]) == world.clock - 3600
