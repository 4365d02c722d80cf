"""The corpus of bad input: every file gives exactly the problems that stand beside it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from routine_harness.errors import HarnessError
from routine_harness.store.cases import load_case
from routine_harness.store.connectors import load_declaration
from routine_harness.store.files import read_document
from routine_harness.store.names import known_names
from routine_harness.store.policies import load_policy
from routine_harness.store.recordings import load_recording
from routine_harness.store.routines import load_routine
from routine_harness.store.worlds import load_world
from routine_harness.verdict.read_policy import parse_policy

CORPUS = Path(__file__).parents[2] / "fixtures" / "negative"


def load_policy_file(path: str) -> object:
    """A lone policy file, or the chain of files of a folder called ``nested-…``."""
    if "nested-" in path:
        return load_policy(path)
    return parse_policy(read_document(path), known_names())


LOADERS: dict[str, Callable[[str], object]] = {
    "routine": load_routine,
    "policy": load_policy_file,
    "case": load_case,
    "world": load_world,
    "connector": load_declaration,
    "recording": lambda path: load_recording(Path(path), path),
}


def problems_of(kind: str, name: str) -> str:
    """What loading the file ``name`` of the corpus of ``kind`` reports, as a person reads it."""
    before = Path.cwd()
    os.chdir(CORPUS / kind)
    try:
        LOADERS[kind](name)
    except HarnessError as error:
        return f"{error}\n"
    finally:
        os.chdir(before)
    return "no problem\n"


def corpus() -> list[tuple[str, str]]:
    """Kind and name of every file that has its expected problems beside it."""
    found = []
    for expected in sorted(CORPUS.rglob("*.expected")):
        relative = expected.relative_to(CORPUS).with_suffix("")
        found.append((relative.parts[0], str(Path(*relative.parts[1:]))))
    return found


@pytest.mark.parametrize(("kind", "name"), corpus(), ids=lambda part: str(part))
def test_bad_input_is_reported_whole_and_in_these_words(kind: str, name: str) -> None:
    """A broken file gives all of its problems, each with file, line and hint."""
    expected = (CORPUS / kind / f"{name}.expected").read_text("utf-8")
    assert problems_of(kind, name) == expected


def test_the_corpus_is_large_and_names_a_place_for_every_problem() -> None:
    """At least fifty files, none of which passes, and every problem names its file."""
    entries = corpus()
    assert len(entries) >= 50
    for kind, name in entries:
        text = (CORPUS / kind / f"{name}.expected").read_text("utf-8")
        problems = [line for line in text.splitlines() if not line.startswith("  hint: ")]
        assert problems, name
        assert all(".yaml" in line or ".json" in line for line in problems), name


def test_no_file_of_the_corpus_lacks_its_expected_problems() -> None:
    """Whatever lies in the corpus as input is tested; nothing is forgotten."""
    inputs = [
        path
        for kind, folder in {
            "routine": "",
            "policy": "",
            "case": "cases",
            "world": "",
            "recording": "",
        }.items()
        for path in (CORPUS / kind / folder).iterdir()
        if path.is_file() and path.suffix in (".yaml", ".json", ".jsonl") and path.name != "policy.yaml"
    ]
    beside = CORPUS / "case" / "routine.yaml"
    forgotten = [
        path for path in inputs if path != beside and not path.with_name(f"{path.name}.expected").exists()
    ]
    assert not forgotten
