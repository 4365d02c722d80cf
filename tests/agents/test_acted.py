"""By whom a verdict is: from the header of a recording, in words."""

import pytest

from routine_harness.agents.acted import (
    SCRIPT,
    ActedBy,
    acted_by,
    by_script_only,
    count_by,
    live_command,
    words_of,
)
from routine_harness.agents.recording import Attempts, Header, Recorder


@pytest.mark.parametrize(
    ("header", "said", "word"),
    [
        pytest.param(
            Header("r", "c", "live", Recorder("claude-code", model="claude-opus-5-5"),
                   time="2026-11-02T07:09:00+00:00", attempts=Attempts(3, 3)),
            "by the real agent (claude-opus-5-5, 2026-11-02, 3 of 3)", "live", id="the real agent",
        ),
        pytest.param(
            Header("r", "c", "live", Recorder("claude-code")), "by the real agent", "live", id="undated"
        ),
        pytest.param(
            Header("r", "c", "live", Recorder("claude-code", model="m", played="script"), time="2026-11-02"),
            "by a script", "script", id="a script as the model",
        ),
        pytest.param(
            Header("r", "c", "scripted", Recorder("scripted")), "by a script", "script", id="a script"
        ),
        pytest.param(Header("r", "c", "imported", Recorder("claude-code", model="m")), "imported", "imported",
                     id="an import"),
    ],
)  # fmt: skip
def test_a_recording_says_by_whom(header: Header, said: str, word: str) -> None:
    found = acted_by(header)
    assert (str(found), found.word) == (said, word)


def test_a_script_and_the_model_that_it_played_are_one_kind() -> None:
    assert acted_by(Header("r", "c", "scripted", Recorder("scripted"))) == SCRIPT
    assert ActedBy("agent", date="2026-11-30").word == "live"


def test_counts_are_one_word_where_all_are_alike() -> None:
    """What nobody carried out counts for nobody; what proves least stands first."""
    live = ActedBy("agent")
    assert words_of(count_by([SCRIPT, None, SCRIPT])) == "script"
    assert words_of(count_by([live, SCRIPT, ActedBy("imported"), SCRIPT])) == "2 script, 1 imported, 1 live"
    assert words_of(count_by([None])) == ""


def test_by_script_only_wants_something_that_ran() -> None:
    assert by_script_only(count_by([SCRIPT, None]))
    assert not by_script_only(count_by([SCRIPT, ActedBy("imported")]))
    assert not by_script_only(count_by([None]))


def test_the_command_names_the_folder() -> None:
    assert live_command("routines/ask/routine.yaml") == "routine-harness record routines/ask --live"
    assert live_command("my routines/ask/routine.yaml") == "routine-harness record 'my routines/ask' --live"
