"""Cases under other placements of their context: what is red, what is a warning, and what is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from routine_harness.harness import Harness, Options
from routine_harness.store.cases import load_case_file

ROUTINE = """\
name: greeter
repositories: [github:acme/core]
connectors: [slack:dev, linear:Security]
triggers:
  - {type: github, events: [pull_request.opened], branches: [main]}
  - {type: api}
prompt: Review the pull request of the trigger context once, and tell nobody else.
"""
WEBHOOK = """\
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
world:
  github:
    pulls:
      - {repository: acme/core, number: 3, title: Another, user: bob, head: feature/y, base: main}
"""
FIRE = "trigger: {api: {text: checkout-5xx}}\n"
REVIEWS = "expect: {effects: {effect: review.submitted, count: 1, where: {number: 7, event: COMMENT}}}\n"
TELLS = "expect: {messages: {count: 1, where: {text: {contains: checkout-5xx}}}}\n"
AGENT = '''
import re

HERE = {"owner": "acme", "repo": "core"}


def context(session, wait=True):
    text = session.prompt
    if "<github-trigger-context>" in text or "checkout-5xx" in text:
        return text
    return session.next_turn() if wait else None


def number_in(text):
    return int(re.search(r"PR: #(\\d+)", text)[1])


def reviewed(session, number):
    read = session.call("github.pull_request_read", method="get_reviews", pullNumber=number, **HERE)
    return bool(read.json())


def review(session, number, body="Looks fine.", event="COMMENT"):
    write = "github.pull_request_review_write"
    session.call(write, method="create", event=event, body=body, pullNumber=number, **HERE)


def newest(session, login=None):
    pulls = session.call("github.list_pull_requests", state="open", **HERE).json()
    found = [pull["number"] for pull in pulls if login in (None, pull["user"]["login"])]
    return found[-1]


def waits(session):
    """Says that there is no context, ends its turn, and works when it is there."""
    session.say("There is no context yet.")
    text = context(session)
    if text is None:
        return
    if not reviewed(session, number_in(text)):
        review(session, number_in(text))
    session.say("done")


def fetches(session):
    """Finds out by itself what the event is about."""
    text = context(session, wait=False)
    number = number_in(text) if text else newest(session, "alice")
    if not reviewed(session, number):
        review(session, number)
    session.say("done")


def fetches_and_looks_again(session):
    """Works in the first turn, and finds its work done in the second."""
    fetches(session)
    text = session.next_turn()
    if text and not reviewed(session, number_in(text)):
        review(session, number_in(text))


def takes_any(session):
    """Takes the first pull request that it finds where it is told of none."""
    text = context(session, wait=False)
    number = number_in(text) if text else newest(session, "bob")
    if not reviewed(session, number):
        review(session, number)
    text = None if text else context(session)
    if text and not reviewed(session, number_in(text)):
        review(session, number_in(text))
    session.say("done")


def approves_early(session):
    text = context(session, wait=False)
    if text is None:
        review(session, newest(session, "alice"), event="APPROVE")
    waits(session)


def does_it_twice(session):
    """Works in the first turn, and again when the context comes."""
    text = context(session, wait=False)
    review(session, number_in(text) if text else newest(session, "alice"))
    text = None if text else session.next_turn()
    if text:
        review(session, number_in(text), body="Looks fine to me.")
    session.say("done")


def gives_up(session):
    """Ends its first turn and has no other."""
    text = context(session, wait=False)
    if text and not reviewed(session, number_in(text)):
        review(session, number_in(text))
    session.say("done" if text else "There is no context.")


def hears_and_stops(session):
    text = context(session, wait=False)
    if text is None:
        session.next_turn()
        return session.say("Noted.")
    waits(session)


def crashes(session):
    number = number_in(session.prompt)
    if not reviewed(session, number):
        review(session, number)


def reads_the_firing(session):
    number = session.firing.event.payload["pull_request"]["number"]
    if not reviewed(session, number):
        review(session, number)


def looks_only(session):
    text = context(session)
    if text:
        reviewed(session, number_in(text))
    session.say("Nothing to do.")


def never_looks(session):
    if context(session, wait=False):
        reviewed(session, 7)
    session.say("Nothing to do.")


def say_in_channel(session, text):
    channel = session.call("slack.slack_search_channels", query="dev").text
    channel = re.search(r"C[A-Z0-9]{6,}", channel)[0]
    if text not in session.call("slack.slack_read_channel", channel_id=channel).text:
        session.call("slack.slack_send_message", channel_id=channel, message=text)


def tells_when_told(session):
    text = context(session)
    if text:
        say_in_channel(session, "checkout-5xx came in.")
    session.say("done")


def cries_out_first(session):
    """Posts that it was told nothing, and then what it was told."""
    if context(session, wait=False) is None:
        say_in_channel(session, "Somebody woke me and told me nothing.")
    tells_when_told(session)


def asks_the_unknown(session):
    if context(session, wait=False) is None:
        session.call("linear.some_tool_that_nobody_has", name="x")
    waits(session)


def cries_out_only(session):
    if context(session, wait=False) is None:
        say_in_channel(session, "Somebody woke me and told me nothing.")
        return session.say("done")
    tells_when_told(session)


def merges_when_alone(session):
    if context(session, wait=False) is None:
        session.call("github.merge_pull_request", pullNumber=7, **HERE)
    waits(session)
'''


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "routines" / "greeter"
    for name in ("cases", "agents"):
        (folder / name).mkdir(parents=True)
    (folder.parent / "policy.yaml").write_text("root: true\nchecks: {context: [together, later]}\n")
    (folder / "routine.yaml").write_text(ROUTINE)
    (folder / "agents" / "a.py").write_text(AGENT)
    return folder


def write(
    home: Path, agent: str, trigger: str = WEBHOOK, expect: str = REVIEWS, more: str = "", how: str = "agent"
):
    file = home / "cases" / "one.yaml"
    file.write_text(f"{trigger}{how}: {{scripted: ../agents/a.py::{agent}}}\n{more}{expect}")
    return file


def check(file: Path, **options: str):
    loaded = load_case_file(file)
    return Harness(Options(**options)).check_case(loaded.cases[0], loaded.routine)


def context_of(home: Path, agent: str, *given: str, **named: str):
    """The check ``context`` of a case whose other checks pass."""
    result = check(write(home, agent, *given, **named))
    others = [each for each in result.verdict.checks if each.name != "context"]
    assert not [(each.name, f.message) for each in others for f in each.findings if f.fails]
    return result.check("context")


@pytest.mark.parametrize("agent", ["waits", "fetches", "fetches_and_looks_again"])
def test_waiting_fetching_and_saying_that_there_is_no_context_are_right(home, agent):
    """None of them has a finding, and the item is there."""
    found = context_of(home, agent)
    assert (found.outcome, found.findings) == ("passed", ())


def test_an_act_on_another_target_before_the_context_came_is_an_error(home):
    """Although the right one follows: the wrong one stays done."""
    found = context_of(home, "takes_any")
    errors = [f for f in found.findings if f.fails]
    assert [f.code for f in errors] == ["context.acted-early"]
    assert "review.submitted acme/core#3" in errors[0].message
    assert "its context is about acme/core#7" in errors[0].message
    assert errors[0].data["context"] == "later"
    assert errors[0].run == 1
    assert found.outcome == "failed"


def test_an_act_that_the_case_expects_never_is_wrong_on_the_right_target_too(home):
    """A block that counts zero says so."""
    expect = (
        "expect:\n  effects:\n"
        "    - {name: one, effect: review.submitted, count: 1, where: {event: COMMENT}}\n"
        "    - {name: none, effect: review.submitted, count: 0, where: {event: APPROVE}}\n"
    )
    found = context_of(home, "approves_early", WEBHOOK, expect)
    assert "context.acted-early" in [f.code for f in found.findings if f.fails]
    assert any("::effects[none] expects no such act" in f.message for f in found.findings)


def test_what_is_done_again_when_the_context_comes_is_an_error(home):
    """Once in the first turn and once after it, where it is done once with its context."""
    result = check(write(home, "does_it_twice", more="rerun: {allow: [review.submitted]}\n"))
    errors = [f for f in result.check("context").findings if f.fails]
    assert "context.acted-twice" in [f.code for f in errors]
    twice = next(f for f in errors if f.code == "context.acted-twice")
    assert len(twice.calls) == 2


@pytest.mark.parametrize("agent", ["gives_up", "hears_and_stops"])
def test_where_nothing_followed_the_first_turn_there_is_a_warning_with_the_captures(home, agent):
    """It names what is missing, and the observations with their days."""
    found = context_of(home, agent)
    assert found.outcome == "passed"
    [warning] = found.findings
    assert (warning.code, warning.severity.value) == ("context.not-awaited", "warning")
    assert "review.submitted" in warning.message
    assert any(line.startswith("2026-10-08, later:") for line in warning.detail)
    assert any(line.startswith("2026-10-09, together:") for line in warning.detail)


@pytest.mark.parametrize("agent", ["crashes", "reads_the_firing"])
def test_a_script_that_cannot_do_without_its_context_is_a_warning_and_never_green(home, agent):
    """What it raised is told; ``session.firing`` does not know more than an agent does."""
    found = context_of(home, agent)
    [warning] = found.findings
    assert (warning.code, warning.severity.value) == ("context.failed", "warning")
    assert any("agent.raised" in line for line in warning.detail)


def test_a_run_that_leaves_nothing_behind_has_to_look_all_the_same(home):
    """Silence is right where it looked at what it looks at with its context."""
    expect = "expect: {nothing: true}\n"
    assert context_of(home, "looks_only", WEBHOOK, expect).findings == ()
    [warning] = context_of(home, "never_looks", WEBHOOK, expect).findings
    assert warning.code == "context.not-awaited"


def test_a_message_that_nobody_expects_is_wrong_before_the_payload_has_come(home):
    """A post in the channel is an outward act; saying it in the session is none."""
    assert context_of(home, "tells_when_told", FIRE, TELLS).findings == ()
    found = context_of(home, "cries_out_first", FIRE, TELLS)
    errors = [f for f in found.findings if f.fails]
    assert [f.code for f in errors] == ["context.acted-early"]
    assert "::messages expects another one" in errors[0].message


def test_one_act_more_than_the_case_allows_is_wrong_whatever_it_says(home):
    """``count: 1`` without ``where:`` is broken by the post that nobody was to make."""
    found = context_of(home, "cries_out_first", FIRE, "expect: {messages: {count: 1}}\n")
    errors = [f for f in found.findings if f.fails]
    assert [f.code for f in errors] == ["context.acted-early"]
    assert "::messages expects exactly 1 such act" in errors[0].message


def test_an_early_act_of_which_nothing_shows_whether_it_is_right_is_a_warning(home):
    """Posted where the run posts with its payload, in other words, and nothing after it."""
    found = context_of(home, "cries_out_only", FIRE, "expect: {messages: {count: 1}}\n")
    assert ("context.undecided", "warning") in [(f.code, f.severity.value) for f in found.findings]
    assert found.outcome == "passed"


def test_what_the_policy_forbids_is_forbidden_under_every_placement(home):
    """An attempt that is only made without the context is told under the item ``context``."""
    found = context_of(home, "merges_when_alone")
    assert "policy.forbidden" in [f.code for f in found.findings if f.fails]


def test_never_asks_for_nothing_but_that_no_harm_is_done(home):
    """Without any context it is right to do nothing, and wrong to act on another record."""
    (home / "policy.yaml").write_text("checks: {context: [never]}\n")
    assert context_of(home, "gives_up").findings == ()
    assert context_of(home, "fetches").findings == ()
    found = context_of(home, "takes_any")
    assert [f.code for f in found.findings if f.fails] == ["context.acted-early"]


def test_a_case_whose_own_context_comes_later_is_judged_too(home):
    """Also without further placements; held against the expectations and what the event is about."""
    (home / "policy.yaml").write_text("checks: {context: {off: the case says itself when}}\n")
    result = check(write(home, "takes_any", more="context: later\n"))
    assert [f.code for f in result.check("context").findings if f.fails] == ["context.acted-early"]
    assert check(write(home, "waits", more="context: later\n")).passed
    gave_up = check(write(home, "gives_up", more="context: later\n"))
    assert "context.not-awaited" in [f.code for f in gave_up.check("context").findings]


def test_the_item_is_there_where_it_is_asked_for_and_a_context_can_come_later(home):
    """Not for a schedule, not where a case switches it off with a reason, not without the policy."""

    def names(**given: str):
        return [each.name for each in check(write(home, "waits", **given)).verdict.checks]

    assert names()[-1] == "context"
    assert "context" not in names(more="checks: {context: {off: its target is in the prompt}}\n")
    (home.parent / "policy.yaml").write_text("root: true\n")
    assert "context" not in names()
    assert names(more="checks: {context: [later]}\n")[-1] == "context"
    routine = (home / "routine.yaml").read_text()
    (home / "routine.yaml").write_text(routine.replace("{type: api}", "{type: schedule, cron: '7 9 * * 1'}"))
    given = {"trigger": "trigger: {schedule: {}}\n", "more": "checks: {context: [later]}\n"}
    assert "context" not in names(**given)


def test_a_recorded_case_is_judged_under_what_was_recorded_and_else_undecided(home):
    """A script records both placements; without the file of the other one the item names the command."""
    file = write(home, "waits", how="record_with")
    made = check(file, record="all")
    assert made.check("context").outcome == "passed"
    assert sorted(path.name for path in (home / "recordings").iterdir()) == ["one.jsonl", "one@later.jsonl"]
    assert check(file).verdict == made.verdict
    (home / "recordings" / "one@later.jsonl").unlink()
    found = check(file).check("context")
    assert (found.outcome, found.undecided) == ("skipped", True)
    assert "there is no recording of this case" in found.skipped
    assert found.skipped.endswith(f"routine-harness record {file} --case one --context later")


def test_a_recording_of_another_placement_that_diverges_fails(home):
    """The world answers otherwise than it did: what was recorded shows nothing any more."""
    file = write(home, "waits", how="record_with")
    check(file, record="all")
    other = home / "recordings" / "one@later.jsonl"
    text = other.read_text()
    assert '"text":"[]"' in text
    other.write_text(text.replace('"text":"[]"', '"text":"[1]"', 1))
    found = check(file).check("context")
    assert "recording.diverged" in [f.code for f in found.findings if f.fails]
    assert found.outcome == "failed"


def test_what_the_world_could_not_answer_is_a_warning(home):
    """The run went on without an answer that it does not ask for with its context."""
    found = context_of(home, "asks_the_unknown")
    assert [(f.code, f.severity.value) for f in found.findings] == [("call.unexpected", "warning")] * 1


def test_a_stale_recording_of_another_placement_fails_by_name(home):
    """The prompt has changed since."""
    file = write(home, "waits", how="record_with")
    check(file, record="all")
    routine = home / "routine.yaml"
    text = routine.read_text()
    routine.write_text(text.replace("nobody else", "no one else"))
    own = home / "recordings" / "one.jsonl"
    other = (home / "recordings" / "one@later.jsonl").read_bytes()
    check(file, record="all")
    assert own.exists()
    (home / "recordings" / "one@later.jsonl").write_bytes(other)
    found = check(file).check("context")
    assert [(f.code, f.message) for f in found.findings] == [
        ("recording.stale", "context later: recorded before a change of: prompt")
    ]
    assert found.outcome == "failed"


def test_the_gate_demands_placements_and_takes_a_warning_for_closed(home):
    """Without the demand a warning is open; with it every case must stand, and none may opt out."""
    from routine_harness.judgement import judge_folder, survey_with_digests

    def reasons(agent: str, more: str = "", require: str = "[together, later]", **given: str) -> list[str]:
        write(home, agent, more=more, **given)
        (home / "policy.yaml").write_text(f"gate: {{require: {{levels: [cases], contexts: {require}}}}}\n")
        decision = judge_folder(survey_with_digests((home,))).decision
        return [
            reason.finding.message
            for reason in decision.routines[0].triggers[0].reasons
            if reason.code == "gate.context"
        ]

    assert reasons("waits") == []
    assert reasons("gives_up", require="[together]") == []
    [warned] = reasons("gives_up")
    assert warned.startswith("one does not stand with its context later: context.not-awaited")
    [off] = reasons("waits", "checks: {context: {off: it waits}}\n")
    assert off == "one does not stand with its context later: it is switched off: it waits"
    assert "it was not run so" in reasons("waits", require="[never]")[0]


def test_the_json_of_a_case_says_under_which_placements_it_stands(home):
    """The gate's outcome holds a reason for each that does not."""
    from routine_harness.gate.outcome import outcome_of

    assert outcome_of(check(write(home, "waits"))).contexts == {"together": "", "later": ""}
    contexts = outcome_of(check(write(home, "gives_up"))).contexts
    assert contexts["together"] == ""
    assert contexts["later"].startswith("context.not-awaited")
