"""Scripts and their prompt: what was confirmed, whether it holds, and what a malformed file is told."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routine_harness.case.case import Case, CaseTrigger
from routine_harness.case.confirmation import (
    MOST_LINES,
    Confirmations,
    bind_script,
    check_binding,
    prompt_texts,
)
from routine_harness.case.digests import case_digests
from routine_harness.case.read_confirmed import parse_confirmations
from routine_harness.errors import SpecError
from routine_harness.routine.document import load_document
from routine_harness.routine.schema import parse_schema
from routine_harness.routine.spec import FollowedFile, Routine, Source
from routine_harness.store.confirmed import confirmed_text

SCRIPT = "triage.py::triage"
DAY = "2026-11-02"
ROUTINE = Routine("r", "Look.\nFile a ticket.\n", source=Source("routine.yaml", lines={("prompt",): 4}))


def confirmed(routine: Routine = ROUTINE, held: Confirmations = Confirmations(), name: str = ""):  # noqa: B008
    return held.confirming([SCRIPT], prompt_texts(routine), DAY, name)


def bound(routine: Routine, confirmations: Confirmations):
    return bind_script(SCRIPT, routine, confirmations, command="confirm r")


def changed(**fields):
    return msgspec.structs.replace(ROUTINE, **fields)


def test_the_digest_of_a_prompt_is_the_one_of_recordings() -> None:
    """There is one notion of what a change of the prompt is."""
    [entry] = confirmed().entries[SCRIPT]
    assert entry.prompt == case_digests(ROUTINE, Case("c", "r", CaseTrigger("manual")))["prompt"]


def test_a_script_stands_as_it_was_confirmed() -> None:
    """Today's prompt, another one, and none that anybody has confirmed."""
    assert bound(ROUTINE, confirmed()).standing == "confirmed"
    assert bound(changed(prompt="Write a poem.\n"), confirmed()).standing == "changed"
    assert bound(ROUTINE, Confirmations()).standing == "never"
    assert bound(changed(name="renamed", model="other"), confirmed()).standing == "confirmed"


def test_a_change_is_a_warning_with_the_difference() -> None:
    """With the day, the count, the place of the prompt and the command."""
    [finding] = check_binding(bound(changed(prompt="Look.\nWrite a poem.\n"), confirmed()))
    assert (finding.code, finding.fails) == ("script.unconfirmed", False)
    assert str(finding.location) == "routine.yaml:4"
    assert finding.message == (
        f"the prompt changed since {SCRIPT} was confirmed on {DAY}: 1 line removed, 1 line added"
    )
    assert finding.detail == (
        "--- prompt, as confirmed", "+++ prompt, as it is", "@@ -1,2 +1,2 @@", " Look.", "-File a ticket.",
        "+Write a poem.",
    )  # fmt: skip
    assert finding.hint.endswith("confirm r")


@pytest.mark.parametrize("confirmations", [confirmed(), Confirmations()], ids=["confirmed", "never"])
def test_a_run_is_not_warned_of_what_has_not_changed(confirmations: Confirmations) -> None:
    """Neither where all is confirmed nor where somebody is writing the script."""
    assert check_binding(bound(ROUTINE, confirmations)) == ()


def test_the_files_that_the_prompt_names_count() -> None:
    """Changed, added and taken away, each by its name."""
    file = FollowedFile("acme/core", "triage.md", "Label it.\n")
    before = changed(reads_files=(file,))
    after = changed(reads_files=(msgspec.structs.replace(file, text="Close it.\n"),))
    assert bound(before, confirmed(before)).standing == "confirmed"
    binding = bound(after, confirmed(before))
    assert binding.changed == ("acme/core:triage.md",)
    assert "-Label it." in binding.difference
    assert bound(before, confirmed()).difference[-1] == "+Label it."
    assert bound(ROUTINE, confirmed(before)).difference[-1] == "-Label it."
    both = bound(msgspec.structs.replace(after, prompt="x"), confirmed(before))
    assert both.message.startswith("the prompt and acme/core:triage.md changed since")


def test_a_text_that_begins_like_a_head_is_counted() -> None:
    """A line of the prompt may look like a line of the difference's own."""
    confirmations = confirmed(changed(prompt="-- a\n++ b\nc\n"))
    binding = bound(changed(prompt="c\n"), confirmations)
    assert binding.message.endswith("2 lines removed")


def test_a_long_difference_is_cut_with_the_command_that_shows_all() -> None:
    """A finding shows so many lines; the command has all of them."""
    binding = bound(changed(prompt="\n".join(map(str, range(100)))), confirmed())
    assert len(binding.shown_difference) == MOST_LINES + 1
    assert binding.shown_difference[-1].endswith("confirm r --check")


def test_a_text_that_is_not_kept_is_said_to_be_missing() -> None:
    """An entry that somebody wrote by hand has digests alone."""
    binding = bound(changed(prompt="x"), Confirmations(confirmed().entries))
    assert binding.standing == "changed"
    assert binding.difference == ("prompt: the text that was confirmed is not kept in confirmed.yaml",)


def test_routines_of_one_folder_have_entries_of_their_own() -> None:
    """A script that two share is confirmed for each; one entry without a name holds for any."""
    other = changed(name="other", prompt="Other.\n")
    alone = confirmed()
    assert bound(other, alone).standing == "changed"
    both = confirmed(other, alone, "other")
    assert [bound(each, both).standing for each in (ROUTINE, other)] == ["confirmed", "confirmed"]
    assert len(both.entries[SCRIPT]) == 2
    again = confirmed(changed(name="other", prompt="Third.\n"), both, "other")
    assert len(again.entries[SCRIPT]) == 2
    assert "Other.\n" not in confirmed_text(again)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), max_size=3))
def test_every_text_comes_back_as_it_was(texts: list[str]) -> None:
    """Whatever stands in a prompt: white space at line ends, tabs, other scripts, colons."""
    held = Confirmations()
    for number, text in enumerate(texts):
        routine = changed(name=f"r{number}", prompt=text)
        held = held.confirming([SCRIPT, f"package.m{number}::run"], prompt_texts(routine), DAY, routine.name)
    read = parse_confirmations(load_document(confirmed_text(held).encode(), "confirmed.yaml"))
    assert read.entries == held.entries
    assert read.texts == held.texts


def test_a_prompt_is_written_as_it_stands() -> None:
    """A reviewer reads its change in the file, line by line."""
    assert "|\n    Look.\n    File a ticket.\n" in confirmed_text(confirmed())


DIGEST = "sha256:" + "0" * 64
BROKEN = {
    "a list": ("- x\n", [(1, "expected scripts by name as a mapping, found a list")]),
    "no function": (
        f"triage.py: {{prompt: '{DIGEST}', confirmed: 2026-11-30}}\n",
        [(1, "expected a script with its function, found 'triage.py'")],
    ),
    "keys": (
        "# a comment\na.py::f:\n  promt: x\n",
        [(2, "an entry needs the key 'confirmed'"), (3, "an entry has no key 'promt'")],
    ),
    "values": (
        "a.py::f:\n  prompt: sha256:1\n  confirmed: yesterday\n  reads_files: {a: 1}\n",
        [(2, "expected a digest as sha256:…, found the text 'sha256:1'"),
         (3, "expected a date, found the text 'yesterday'"),
         (4, "expected a to be a text, found the number 1")],
    ),
    "a text of something else": (
        f"texts:\n  {DIGEST}: x\n", [(2, "the text is not the one that its digest stands for")]
    ),
    "no text": (f"texts: {{'{DIGEST}': 1}}\n", [(1, f"expected {DIGEST} to be a text, found the number 1")]),
    "twice": (
        "a.py::f:\n" + f"- {{prompt: '{DIGEST}', confirmed: 2026-11-30}}\n" * 2,
        [(3, "there is an entry for every routine already")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_every_problem_of_a_file_is_told_with_its_line(name: str) -> None:
    text, expected = BROKEN[name]
    with pytest.raises(SpecError) as raised:
        parse_confirmations(load_document(text.encode(), "confirmed.yaml"))
    assert [(problem.line, problem.message) for problem in raised.value.problems] == expected


def test_an_empty_file_confirms_nothing() -> None:
    assert parse_confirmations(load_document(b"# nothing yet\n", "confirmed.yaml")).entries == {}


def test_the_schema_knows_the_same_keys_and_refuses_the_same_files(project: Path) -> None:
    """Every file of the examples is right, and each broken one is wrong save where meaning is."""
    import jsonschema

    schema = parse_schema("confirmed")
    check = jsonschema.Draft202012Validator(schema)
    files = list((project / "example_routines").glob("*/agents/confirmed.yaml"))
    assert len(files) == 12
    for file in files:
        assert check.is_valid(load_document(file.read_bytes(), file.name).value)
    for example in schema["examples"]:
        assert parse_confirmations(load_document(msgspec.json.encode(example), "c.json")).texts
    for name, (text, _) in BROKEN.items():
        only_meaning = name in ("a text of something else", "twice")
        assert check.is_valid(load_document(text.encode(), "c.yaml").value) == only_meaning, name
