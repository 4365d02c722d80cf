"""When the context of a firing reaches the agent: with the prompt, as a second turn, or never."""

from __future__ import annotations

from pathlib import Path

import pytest

from routine_harness.cli.record import _cases as cases_of
from routine_harness.errors import SpecError
from routine_harness.harness import Harness, Options
from routine_harness.judgement import survey_with_digests
from routine_harness.live.record.recorder import review_lines
from routine_harness.report.side_by_side import render_transcript
from routine_harness.report.timeline import render_timeline
from routine_harness.session.transcript import Turn
from routine_harness.store.cases import load_case_file
from routine_harness.store.policies import load_policy
from routine_harness.store.recordings import load_recording

ROUTINE = """\
name: keeper
repositories: [github:acme/core]
triggers:
  - {type: github, events: [pull_request.opened], branches: [main]}
  - {type: api}
  - {type: schedule, cron: "7 9 * * 1"}
prompt: Look at the pull request of the trigger context.
"""
TRIGGER = """\
trigger:
  github:
    event: pull_request.opened
    payload:
      action: opened
      number: 7
      repository: {full_name: acme/core}
      pull_request:
        {number: 7, title: A change, body: "", draft: false, merged: false, state: open, user: {login: alice},
         head: {ref: feature/x, sha: "1111111111111111111111111111111111111111"}, base: {ref: main}}
"""
AGENT = '''
import re


def told(session):
    """The number of the pull request, from the turn that tells of it."""
    text = session.prompt
    while text is not None and "<github-trigger-context>" not in text:
        text = session.next_turn()
    return int(re.search(r"PR: #(\\d+)", text)[1]) if text else None


def waits(session):
    number = told(session)
    if number is None:
        return session.say("There is no context yet.")
    session.call("github.pull_request_read", method="get", owner="acme", repo="core", pullNumber=number)
    session.say(f"Looked at #{number}.")


def asks_for_more(session):
    session.call("github.get_me")
    first, second = session.next_turn(), session.next_turn()
    session.say(f"{'more' if first else 'nothing'} {'more' if second else 'nothing'}")


def peeks(session):
    event = session.firing.event
    before = (event.kind, event.name, event.payload)
    session.next_turn()
    session.say(f"{before} {session.firing.event.name} {session.firing.event.payload.get('number')}")
'''


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "routines" / "keeper"
    for name in ("cases", "agents"):
        (folder / name).mkdir(parents=True)
    (tmp_path / "routines" / "policy.yaml").write_text("root: true\n")
    (folder / "routine.yaml").write_text(ROUTINE)
    (folder / "agents" / "a.py").write_text(AGENT)
    return folder


def write(
    home: Path, agent: str = "waits", more: str = "", trigger: str = TRIGGER, how: str = "agent"
) -> Path:
    file = home / "cases" / "one.yaml"
    file.write_text(
        f"{trigger}{how}: {{scripted: ../agents/a.py::{agent}}}\n{more}expect: {{nothing: true}}\n"
    )
    return file


def check(file: Path, **options: str):
    loaded = load_case_file(file)
    return Harness(Options(**options)).check_case(loaded.cases[0], loaded.routine)


def turns(run):
    return [entry for entry in run.transcript if isinstance(entry, Turn)]


def test_later_the_first_turn_holds_the_prompt_alone_and_the_context_comes_as_a_second_one(home):
    """The first turn holds prompt and reminder; ``next_turn`` gives the block, once."""
    run = check(write(home, more="context: later\n")).pair.first
    assert "Look at the pull request" in run.prompt
    assert "<system-reminder>" in run.prompt
    assert "github-trigger-context" not in run.prompt
    [turn] = turns(run)
    assert turn.text.startswith("<github-trigger-context>") or "<github-trigger-context>" in turn.text
    assert "#7" in turn.text
    assert run.closing == "Looked at #7."
    assert run.waiting == ()
    assert [type(entry).__name__ for entry in run.transcript][:3] == ["Start", "Turn", "Call"]


def test_together_is_the_default_and_there_is_no_further_turn(home):
    """Without a word about it the context stands in the first turn."""
    run = check(write(home, "asks_for_more")).pair.first
    assert "<github-trigger-context>" in run.prompt
    assert (turns(run), run.closing) == ([], "nothing nothing")


def test_never_no_turn_tells_of_the_event(home):
    """The run starts with the prompt, and nothing follows."""
    run = check(write(home, more="context: never\n")).pair.first
    assert (turns(run), run.waiting, run.closing) == ([], (), "There is no context yet.")
    assert "github-trigger-context" not in run.prompt


def test_a_second_turn_is_given_once_and_the_calls_after_it_are_another_turn(home):
    """A second ask gets None; the model's turns go on counting."""
    run = check(write(home, "asks_for_more", more="context: later\n")).pair.first
    assert run.closing == "more nothing"
    assert [(type(e).__name__, e.turn) for e in run.transcript[1:5]] == [
        ("Call", 1), ("Result", 1), ("Turn", 2), ("Message", 2),
    ]  # fmt: skip


def test_before_the_context_has_come_a_script_knows_of_the_firing_what_an_agent_knows(home):
    """``session.firing`` tells kind and instant alone until the turn with the context has been taken."""
    run = check(write(home, "peeks", more="context: later\n")).pair.first
    assert run.closing == "('github', 'github', {}) pull_request.opened 7"
    told = check(write(home, "peeks")).pair.first.closing
    assert told.startswith("('github', 'pull_request.opened', {'action'")


def test_the_payload_of_a_fire_request_comes_later_too(home):
    """And a schedule, which brings none, has no second turn."""
    trigger = "trigger: {api: {text: checkout-5xx}}\n"
    run = check(write(home, "asks_for_more", "context: later\n", trigger)).pair.first
    assert "checkout-5xx" not in run.prompt
    assert "checkout-5xx\n" in turns(run)[0].text
    clock = check(write(home, "asks_for_more", "context: later\n", "trigger: {schedule: {}}\n")).pair.first
    assert turns(clock) == []


def test_both_runs_get_their_context_later(home):
    """The second run is fired as the first one was."""
    pair = check(write(home, more="context: later\n")).pair
    assert [len(turns(run)) for run in (pair.first, pair.second)] == [1, 1]


def test_the_nearest_file_that_speaks_of_the_context_wins(home):
    """The case, then the routine's own policy, then the one above it."""
    outer, nearer = home.parent / "policy.yaml", home / "policy.yaml"
    file = write(home)
    assert load_case_file(file).cases[0].context == "together"
    outer.write_text("root: true\ncontext: never\n")
    assert load_case_file(file).cases[0].context == "never"
    nearer.write_text("context: later\n")
    assert load_case_file(file).cases[0].context == "later"
    assert load_case_file(write(home, more="context: together\n")).cases[0].context == "together"


def test_a_recording_keeps_its_turns_and_replays_them(home):
    """The turn stands between the calls, and the replay gives equal transcripts."""
    file = write(home, "asks_for_more", "context: later\n", how="record_with")
    made = check(file, record="all")
    recording = load_recording(home / "recordings" / "one.jsonl")
    kinds = [type(entry).__name__ for entry in recording.runs[1]]
    assert kinds == ["Start", "Call", "Result", "Turn", "Message", "End"]
    played = check(file)
    assert played.verdict == made.verdict
    assert played.pair.first.transcript == made.pair.first.transcript


def test_a_recording_of_another_placement_is_stale_and_says_so(home):
    """The placement is in the digest; the default leaves old recordings fresh."""
    check(write(home, how="record_with"), record="all")
    result = check(write(home, more="context: later\n", how="record_with"))
    [finding] = result.check("run").findings
    assert (finding.code, finding.message) == ("recording.stale", "recorded before a change of: context")
    assert check(write(home, how="record_with")).passed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("context: latr\n", ["latr", "did you mean later?"]),
        ("context: 3\n", ["expected context to be a text"]),
        ("checks: {contxt: [later]}\n", ["'contxt'", "did you mean context?"]),
        ("checks: {context: [later, nevr]}\n", ["unknown placement 'nevr'", "did you mean never?"]),
        ("checks: {context: [later, later]}\n", ["the placement later is here twice"]),
        ("checks: {context: []}\n", ["expected at least one placement"]),
        ("checks: {context: 7}\n", ["expected a list of placements, found the number 7"]),
        ("checks: {context: {off: ''}}\n", ["expected a reason"]),
        ("checks: {context: {of: because}}\n", ["'of'", "did you mean off?"]),
        ("checks: [context]\n", ["expected checks to be a mapping"]),
    ],
)
def test_a_value_that_is_none_is_one_clear_error_in_case_and_policy(home, text, words):
    """File, line and the nearest name; a policy says it in the same words."""
    with pytest.raises(SpecError) as caught:
        load_case_file(write(home, more=text))
    assert all(word in str(caught.value) for word in words)
    assert "one.yaml:12" in str(caught.value)
    policy = home / "policy.yaml"
    policy.write_text(text)
    with pytest.raises(SpecError) as caught:
        load_policy(home)
    assert all(word in str(caught.value) for word in words)
    assert "policy.yaml:1" in str(caught.value)


def test_the_gate_s_contexts_are_placements(home):
    """`gate: {require: {contexts: …}}` names the nearest placement too."""
    policy = home / "policy.yaml"
    policy.write_text("gate: {require: {contexts: [together, later]}}\n")
    assert load_policy(home).gate.contexts == ("together", "later")
    policy.write_text("gate: {require: {contexts: [soon]}}\n")
    with pytest.raises(SpecError, match="unknown placement 'soon'"):
        load_policy(home)


ISSUE = """\
trigger:
  github:
    event: issues.opened
    payload: {action: opened, repository: {full_name: acme/core}, issue: {number: 3, title: t}}
world: {github: {issues: [{repository: acme/core, number: 3, title: t, user: bob}]}}
"""


def test_a_case_of_an_issue_depends_on_what_nobody_has_captured(home):
    """The point is named in the verdict, until a policy answers it; a pull request's case has none."""
    routine = home / "routine.yaml"
    more = "triggers:\n  - {type: github, events: [issues.opened]}"
    routine.write_text(routine.read_text().replace("triggers:", more))
    file = write(home, "asks_for_more", trigger=ISSUE)
    assert check(file).verdict.depends_on == ("context_elsewhere",)
    assert check(write(home, "asks_for_more")).verdict.depends_on == ()
    (home / "policy.yaml").write_text("platform: {settings: {context_elsewhere: nothing}}\n")
    result = check(write(home, "asks_for_more", trigger=ISSUE))
    assert result.verdict.depends_on == ()
    assert "Issue: #" not in result.pair.first.prompt


def test_what_a_person_is_shown_names_the_turn_where_it_came(home):
    """In the timeline of a run, in its whole transcript, and in what is reviewed before a commit."""
    file = write(home, more="context: later\n", how="record_with")
    run = check(file, record="all").pair.first
    lines = list(render_timeline(run))
    assert lines[1].startswith('      turn "<github-trigger-context>')
    assert lines[2].strip().startswith("1 github.pull_request_read")
    assert any("<github-trigger-context>" in line for line in render_transcript(run))
    assert any(line.startswith("  turn ") for line in review_lines(home / "recordings" / "one.jsonl"))


def test_a_stale_recording_of_another_placement_is_noted_by_lint_and_gate(home):
    """Its note says what changed, and ``record --case one@later`` means it alone."""
    (home / "policy.yaml").write_text("checks: {context: [together, later]}\n")
    check(write(home, how="record_with"), record="all")
    routine = home / "routine.yaml"
    routine.write_text(routine.read_text().replace("Look at", "Read"))
    [subject] = survey_with_digests((home,)).subjects
    assert {note.case: note.stale for note in subject.recordings} == {
        "one": ("prompt",),
        "one@later": ("prompt",),
    }
    assert [case.key for case, _ in cases_of((home,), "one@later")] == ["one@later"]
    assert [case.key for case, _ in cases_of((home,), "one")] == ["one"]
