"""Recordings: what a scripted agent did replays byte for byte, and every miss is a finding."""

from __future__ import annotations

import contextlib
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.desk import FIRING, REGISTRY, ROUTINE, START, open_desk, pair_desk

from routine_harness.agents.playing import play_recording
from routine_harness.agents.recording import (
    Attempts,
    Header,
    Recorder,
    Recording,
    check_recording,
)
from routine_harness.errors import RecordingError, UsageError
from routine_harness.session.lifecycle import Budget
from routine_harness.session.pair import PairPlan, Plan, refiring, run_pair, second_instant
from routine_harness.session.transcript import Call, End, Message, Result
from routine_harness.store.recordings import keep_attempt, load_recording, parse_recording, save_recording
from routine_harness.world.state import World
from routine_harness.world.worldfile import world_to_data

COMMAND = "routine-harness record routines/desk --case x"
DIGESTS = {"prompt": "sha256:1", "world": "sha256:2"}


def header(**changes):
    values = {"routine": "desk-keeper", "case": "x", "origin": "scripted", "agent": Recorder("scripted")}
    return Header(**{**values, "digests": DIGESTS, "time": "2026-05-04T09:00:00Z", **changes})


def tidy(session):
    """Looks before it writes, and says what it did."""
    session.say("Looking.")
    listed = session.call("desk.list_tickets")
    if listed.text == "[]":
        session.call("desk.create_ticket", title="SQL injection", body="é \u2028")
    session.say("Done.")


def recorded(pair, **changes):
    """``pair`` as a recording that was written and read again."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.jsonl"
        save_recording(path, Recording(header(**changes)), pair, world_to_data, lambda value: value)
        loaded = load_recording(path, "recordings/x.jsonl")
    assert loaded is not None
    return loaded


def replay(recording, *, world=None, **options):
    """Both runs of a recording, played on a fresh world."""
    plan = PairPlan(
        ROUTINE,
        REGISTRY,
        world if world is not None else World(clock=START),
        Plan(FIRING, ROUTINE.prompt),
        lambda run: Plan(refiring(FIRING, second_instant(run)), ROUTINE.prompt),
        **options,
    )
    return run_pair(plan, lambda session: play_recording(recording, session, command=COMMAND))


def test_a_recorded_run_replays_byte_for_byte():
    """Transcripts, worlds and effects of the replay are those of the run."""
    pair = pair_desk(tidy)
    again = replay(recorded(pair))
    assert msgspec.json.encode(again.first.transcript) == msgspec.json.encode(pair.first.transcript)
    assert msgspec.json.encode(again.second.transcript) == msgspec.json.encode(pair.second.transcript)
    assert again.second.world == pair.second.world
    assert again.first.effects == pair.first.effects
    assert again.first.findings == again.second.findings == ()


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.text(max_size=8)),
        st.tuples(
            st.just("desk.create_ticket"), st.dictionaries(st.sampled_from("abc"), st.text(max_size=5))
        ),
        st.tuples(st.just("desk.list_tickets"), st.just({})),
        st.tuples(
            st.just("desk.get_ticket"), st.fixed_dictionaries({"id": st.sampled_from(["DESK-1", "X"])})
        ),
        st.tuples(st.just("mail.send"), st.just({"to": "a"})),
    ),
    max_size=8,
)


@settings(max_examples=40)
@given(ACTS, ACTS)
def test_whatever_a_script_does_replays_the_same(first, second):
    """Recording and replaying is the identity on transcripts."""

    def agent(acts):
        def act(session):
            for name, value in acts:
                if name == "say":
                    session.say(value)
                else:
                    session.call(name, **value)

        return act

    pair = pair_desk(agent(first), agent(second))
    again = replay(recorded(pair))
    for done, played in ((pair.first, again.first), (pair.second, again.second)):
        assert msgspec.json.encode(played.transcript) == msgspec.json.encode(done.transcript)
        assert played.findings == done.findings


def test_an_absent_recording_is_a_finding():
    """It names the file and the command that makes one."""
    [finding] = check_recording(None, DIGESTS, file="recordings/x.jsonl", command=COMMAND)
    assert finding.code == "recording.absent"
    assert str(finding.location) == "recordings/x.jsonl"
    assert COMMAND in finding.hint


def test_a_stale_recording_names_what_changed():
    """Every digest that differs, appeared or went is named."""
    recording = recorded(pair_desk(tidy))
    [finding] = check_recording(recording, {"prompt": "other", "payload": "new"}, file="f", command=COMMAND)
    assert finding.code == "recording.stale"
    assert finding.message == "recorded before a change of: payload, prompt, world"
    assert check_recording(recording, DIGESTS, file="f", command=COMMAND) == ()


def test_a_recording_that_breaks_off_is_exhausted():
    """A truncated last line ends the run where it is, and says where."""
    whole = recorded_bytes(pair_desk(tidy))
    lines = whole.splitlines(keepends=True)
    call = next(
        i for i, line in enumerate(lines) if b'"create_ticket' in line or b"desk.create_ticket" in line
    )
    cut = parse_recording(b"".join(lines[: call + 1]) + lines[call + 1][:20], "x.jsonl")
    assert cut.cut == call + 2
    again = replay(cut)
    assert again.first.status == "failed"
    [finding] = again.first.findings
    assert finding.code == "recording.exhausted"
    assert "ends after call 1" in finding.message
    assert finding.location.line == cut.cut


def recorded_bytes(pair):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.jsonl"
        save_recording(path, Recording(header()), pair, world_to_data, lambda value: value)
        return path.read_bytes()


def test_calls_that_were_not_played_are_left_over():
    """A session that ends before its recording leaves calls over, which are named."""

    def many(session):
        for _ in range(4):
            session.call("desk.list_tickets")

    again = replay(recorded(pair_desk(many)), budget=Budget(calls=2))
    assert [finding.code for finding in again.first.findings] == ["recording.left-over"]
    assert again.first.findings[0].message == (
        "2 recorded calls of run 1 were not played: desk.list_tickets, desk.list_tickets"
    )
    assert again.first.status == "over_budget"


def test_entries_after_the_end_are_left_over():
    """What stands after the end of a run was never played."""
    recording = recorded(pair_desk(tidy))
    extra = Call(1, 9, "late", START, "desk.create_ticket", {"title": "late"})
    runs = {**recording.runs, 1: (*recording.runs[1], extra)}
    again = replay(msgspec.structs.replace(recording, runs=runs))
    assert [finding.code for finding in again.first.findings] == ["recording.left-over"]


def test_the_call_that_a_budget_stops_is_left_over():
    """The call that was not let through is counted, though it is the last of its run."""

    def three(session):
        for _ in range(3):
            session.call("desk.list_tickets")

    again = replay(recorded(pair_desk(three)), budget=Budget(calls=2))
    [finding] = again.first.findings
    assert finding.message == "1 recorded call of run 1 was not played: desk.list_tickets"


def test_a_message_after_the_end_is_left_over():
    """Something said after the end of its run is named for what it is."""
    recording = recorded(pair_desk(tidy))
    late = Message(1, 9, START, "one more thing")
    runs = {**recording.runs, 1: (*recording.runs[1], late)}
    [finding] = replay(msgspec.structs.replace(recording, runs=runs)).first.findings
    assert finding.message == "a message that stands after the end of run 1 was not played"


def test_an_answer_that_differs_has_diverged():
    """The finding names the call, and what differs in its answer."""
    world = World(clock=START).put("desk.tickets", ("OLD",), {"id": "OLD", "title": "old"})
    again = replay(recorded(pair_desk(tidy)), world=world)
    [finding] = again.first.findings
    assert finding.code == "recording.diverged"
    assert finding.calls[0] == 1
    assert any("OLD" in line for line in finding.detail)
    assert finding.fails


def test_redacted_answers_do_not_diverge():
    """The world's answers are redacted as the recording was, before the two are compared."""
    recording = recorded(pair_desk(tidy))
    masked = tuple(
        msgspec.structs.replace(entry, text=entry.text.replace("SQL", "[redacted]"))
        if isinstance(entry, Result)
        else entry
        for entry in recording.runs[1]
    )
    kept = msgspec.structs.replace(recording, runs={1: masked})

    def redact(text):
        return text.replace("SQL", "[redacted]")

    run = play_recording(kept, open_desk(), command=COMMAND, redact=redact)
    assert run.findings == ()


def test_a_recording_with_one_run_gives_no_second():
    """An import holds one run; the pair says so by having no second."""
    recording = recorded(pair_desk(tidy))
    one = msgspec.structs.replace(recording, runs={1: recording.runs[1]})
    again = replay(one)
    assert again.second is None
    assert again.first.status == "finished"


def test_an_imported_recordings_answers_stand():
    """The agent's own answers are kept; an error had no effect, a success had one."""
    recording = recorded(pair_desk(tidy), origin="imported")
    other = [
        msgspec.structs.replace(entry, text='{"id": "REAL-7"}') if isinstance(entry, Result) else entry
        for entry in recording.runs[1]
    ]
    run = play_recording(
        msgspec.structs.replace(recording, runs={1: tuple(other)}), open_desk(), command=COMMAND
    )
    assert [record.result.text for record in run.calls] == ['{"id": "REAL-7"}'] * 2
    assert len(run.tickets) == 1
    assert run.findings == ()


def test_parallel_calls_find_their_answers():
    """Results that come out of order belong to the call with their id."""
    entries = (
        Call(1, 1, "a", START, "desk.list_tickets"),
        Call(1, 1, "b", START, "desk.create_ticket", {"title": "t"}),
        Result(1, 1, "b", START, "made"),
        Result(1, 1, "a", START, "none"),
        End(1, 2, START, "finished"),
    )
    run = play_recording(Recording(header(origin="imported"), {1: entries}), open_desk(), command=COMMAND)
    assert [(record.id, record.turn, record.result.text) for record in run.calls] == [
        ("a", 1, "none"),
        ("b", 1, "made"),
    ]


def test_a_recording_keeps_the_world_that_a_run_started_from(tmp_path):
    """The start of each run holds World 0 and World 1, decoded when somebody asks."""
    pair = pair_desk(tidy)
    recording = recorded(pair)
    assert recording.world(1)["clock"] == "2026-05-04T09:00:00Z"
    assert recording.world(2)["desk"]["tickets"][0]["title"] == "SQL injection"
    assert recording.connectors == {"desk"}


def test_every_attempt_is_counted(tmp_path):
    """The header counts attempts under the same digests; a failure does not replace a success."""
    path, pair = tmp_path / "recordings" / "x.jsonl", pair_desk(tidy)

    def attempt(passed, **options):
        head = header(passed=passed, **{"origin": "live", **options})
        return keep_attempt(path, head, pair, world_to_data, lambda value: value).written

    def kept():
        return load_recording(path).header

    assert attempt(False)
    assert attempt(True)
    assert not attempt(False)
    assert kept().attempts == Attempts(1, 3)
    assert str(kept().attempts) == "passed 1 of 3"
    assert kept().passed
    assert attempt(False, digests={"prompt": "new"})
    assert kept().attempts == Attempts(0, 1)
    assert attempt(True, origin="scripted")
    assert attempt(True, origin="scripted")
    assert kept().attempts == Attempts(1, 1)


def test_a_stand_ins_attempts_are_no_luck_of_the_real_agents(tmp_path):
    """What a script passed does not count for the agent; what the agent failed meanwhile does."""
    path, pair = tmp_path / "recordings" / "x.jsonl", pair_desk(tidy)
    played = {"agent": Recorder("claude-code", played="script")}

    def attempt(passed, **options):
        head = msgspec.structs.replace(header(passed=passed, origin="live"), **options)
        keep_attempt(path, head, pair, world_to_data, lambda value: value)
        kept = load_recording(path).header
        return kept.made_by, kept.attempts

    assert attempt(True, origin="scripted") == ("scripted", Attempts(1, 1))
    assert attempt(False) == ("scripted", Attempts(1, 2))
    assert attempt(True) == ("live", Attempts(1, 2))
    assert attempt(True, **played) == ("scripted", Attempts(1, 1))
    assert attempt(True, **played) == ("scripted", Attempts(2, 2))
    assert attempt(True) == ("live", Attempts(1, 1))


def test_what_is_written_was_redacted(tmp_path):
    """Everything goes through the redaction, World 0 included."""
    path = tmp_path / "x.jsonl"
    world = World(clock=START).put("desk.tickets", ("S",), {"id": "S", "title": "hush"})

    def redact(value):
        return msgspec.json.decode(msgspec.json.encode(value).replace(b"hush", b"[redacted]"))

    save_recording(path, Recording(header()), pair_desk(tidy, world=world), world_to_data, redact)
    assert b"hush" not in path.read_bytes()
    assert b"[redacted]" in path.read_bytes()


def test_nothing_is_left_behind_where_writing_fails(tmp_path):
    """A recording is whole or absent."""
    path = tmp_path / "folder"
    path.mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        save_recording(path, Recording(header()), pair_desk(tidy), world_to_data, lambda value: value)
    assert sorted(tmp_path.iterdir()) == [path]


BROKEN = [
    (b"", 1, "no header"),
    (b"\n", 1, "no header"),
    (b'{"a": 1}\n', 1, "not a recording of routine-harness"),
    (b'{"format": "routine-harness-recording", "version": 99}\n', 1, "expected version 1"),
    (b'{"format": "routine-harness-recording", "version": 1}\n', 1, "header is malformed"),
    (b"\xff\xfe{}\n", 1, "no header"),
]


@pytest.mark.parametrize(("data", "line", "message"), BROKEN)
def test_an_unreadable_recording_is_an_error(data, line, message):
    """It is told from an absent one, with file, line and a way to mend it."""
    with pytest.raises(RecordingError) as caught:
        parse_recording(data, "x.jsonl")
    [problem] = caught.value.problems
    assert message in problem.message
    assert (problem.file, problem.line) == ("x.jsonl", line)


def test_a_broken_line_in_the_middle_is_an_error():
    """Only the last line may break off."""
    lines = recorded_bytes(pair_desk(tidy)).splitlines(keepends=True)
    with pytest.raises(RecordingError, match=r"x\.jsonl:3: expected an entry"):
        parse_recording(b"".join([*lines[:2], b'{"type": "call"\n', *lines[2:]]), "x.jsonl")


@given(st.integers(0, 4000), st.binary(max_size=3))
def test_a_mutated_recording_is_read_or_cleanly_refused(position, noise):
    """Whatever happened to the bytes, the answer is a recording or a RecordingError."""
    data = MUTATED[: position % len(MUTATED)] + noise + MUTATED[position % len(MUTATED) + 1 :]
    with contextlib.suppress(RecordingError):
        assert parse_recording(data, "x.jsonl").file == "x.jsonl"


MUTATED = recorded_bytes(pair_desk(tidy))
