"""Our hooks in a settings file that is somebody's: what is there stays, to the character."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routine_harness.errors import SpecError
from routine_harness.guard.hook_settings import FILE, SETTINGS, has_hooks, with_hooks, without_ours
from routine_harness.guard.install import install, load_guarded

ROUTINE = """\
name: small
repositories: [github:acme/core]
triggers: [{type: api}]
prompt: Do it.
"""
MINE = """\
{
    "permissions": {"allow": ["Bash(git *)", "Read"], "deny": []},
    "env": {"A": "caf\\u00e9", "N": 1e3},
    "hooks": {
        "PreToolUse": [
            {"matcher": "Bash", "hooks": [{"type": "command", "command": "./check.sh"}]}
        ],
        "SessionStart": [{"hooks": []}]
    },
    "model": "opus"
}
"""


def test_every_other_character_of_the_settings_stays() -> None:
    """Only lines of ours are added: what is written on one line stays on it, and numbers as they are."""
    text = with_hooks(MINE, "settings.json")
    added = [line[2:] for line in difflib.ndiff(MINE.splitlines(), text.splitlines()) if line[:2] == "+ "]
    gone = [line[2:] for line in difflib.ndiff(MINE.splitlines(), text.splitlines()) if line[:2] == "- "]
    # A comma is all that an old line may gain.
    assert {line + "," for line in gone} <= set(added)
    assert len(gone) == 2
    assert with_hooks(MINE.replace("\n", "\r\n"), "s") == text.replace("\n", "\r\n")


def test_a_hook_that_shares_an_entry_with_ours_stays() -> None:
    """Somebody may have put a hook of theirs beside ours: installing anew takes out ours alone."""
    ours, theirs = (
        {"type": "command", "command": f"python3 {FILE}"},
        {"type": "command", "command": "mine.sh"},
    )
    settings = json.dumps({"hooks": {"PreToolUse": [{"matcher": "*", "hooks": [ours, theirs]}]}})
    text = with_hooks(settings, "settings.json")
    entries = json.loads(text)["hooks"]["PreToolUse"]
    assert entries[0] == {"matcher": "*", "hooks": [theirs]}
    assert len(entries) == 2
    assert has_hooks(json.loads(text))


VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, 1, "}]", "a, b", {"hooks": {"Stop": []}}, [[], {}], {"x": [1, {"y": "\u00e9"}]}, [], {}]
)
ENTRIES: st.SearchStrategy[Any] = st.lists(
    st.sampled_from(
        [{"hooks": [{"command": "a"}]}, {"matcher": "x", "hooks": [{"command": f"python3 {FILE}"}]}, {}]
    ),
    max_size=3,
)


@given(
    st.dictionaries(st.sampled_from(["a", "hooks ", "model"]), VALUES),
    st.none() | st.dictionaries(st.sampled_from(["PreToolUse", "Stop", "Other"]), ENTRIES),
    st.sampled_from([None, 1, 2, "\t"]),
)
def test_any_settings_are_merged(rest: Any, hooks: Any, indent: Any) -> None:
    """However the file is laid out, the result is what was there without older hooks of ours, and ours."""
    settings = rest if hooks is None else {**rest, "hooks": hooks}
    merged = json.loads(with_hooks(json.dumps(settings, indent=indent), "settings.json"))
    assert has_hooks(merged)
    kept = {
        event: [entry for entry in merged["hooks"].get(event, []) if without_ours(entry) == entry]
        for event in (hooks or {})
    }
    assert kept == {
        event: [one for one in entries if without_ours(one) == one]
        for event, entries in (hooks or {}).items()
    }
    assert {key: value for key, value in merged.items() if key != "hooks"} == rest


@pytest.mark.parametrize(
    ("data", "line", "word"),
    [
        (b'{\n// mine\n"hooks": {}}', 2, "expected JSON"),
        (b'{"hooks": {}', 1, "expected JSON"),
        (b"[]", 1, "expected settings"),
        (b'{"a":\n"\xff"}', 2, "expected UTF-8"),
    ],
)
def test_settings_that_cannot_be_read_are_named_with_their_line(
    tmp_path: Path, data: bytes, line: int, word: str
) -> None:
    """Nothing is written where the settings are broken."""
    (tmp_path / "routine.yaml").write_text(ROUTINE)
    settings = tmp_path / SETTINGS
    settings.parent.mkdir()
    settings.write_bytes(data)
    with pytest.raises(SpecError, match=word) as caught:
        install(load_guarded([tmp_path]), tmp_path)
    assert [problem.line for problem in caught.value.problems] == [line]
    assert settings.read_bytes() == data
    assert not (tmp_path / FILE).exists()
