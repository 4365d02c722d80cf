"""Snapshots and comparisons: readable, masked, and equality decided first."""

from __future__ import annotations

from support.desk import START, pair_desk
from support.judging import case_of, codes, judge

from routine_harness.agents.difference import describe_difference, describe_text_difference
from routine_harness.verdict.snapshot import mask, orphaned_snapshots, render_snapshot
from routine_harness.world.state import World


def agent(session):
    session.say("Looking.")
    if session.call("desk.list_tickets").text == "[]":
        session.call(
            "desk.create_ticket", title="SQL injection", due="2026-05-04T09:00:00Z", labels=["a", "b"]
        )
    session.call("desk.get_ticket", id="X")
    session.say("Done.")


PAIR = pair_desk(agent)
EXPECTED = """\
# x

## run 1: finished
  > Looking.
  1 desk.list_tickets
  2 desk.create_ticket
      due: ‹time›
      labels: ['a', 'b']
      title: SQL injection
    = ticket.created DESK-1
  3 desk.get_ticket
      id: X
    ! no such ticket
  > Done.

## run 2: finished
  > Looking.
  1 desk.list_tickets
  2 desk.get_ticket
      id: X
    ! no such ticket
  > Done.
"""


def test_a_snapshot_is_text_that_a_person_reads():
    """Messages, calls with their arguments, errors and effects, run by run; times are masked."""
    assert render_snapshot(PAIR, "x") == EXPECTED


def test_a_snapshot_that_agrees_passes():
    """The stored text of the same runs finds nothing."""
    assert codes(judge(PAIR, "expect: {snapshot: true}", snapshot=EXPECTED), "snapshot") == []


def test_a_variant_goes_by_its_id():
    """A parametrised case's snapshot bears the variant's name, as its file does."""
    case = case_of("expect: {snapshot: true}", id="draft")
    stored = render_snapshot(PAIR, "x.draft")
    assert codes(judge(PAIR, case=case, snapshot=stored), "snapshot") == []


def test_a_snapshot_does_not_depend_on_the_day():
    """The same runs at another time give the same text."""
    later = pair_desk(agent, world=World(clock=START + 86400 * 30))
    assert render_snapshot(later, "x") == EXPECTED


def test_an_absent_snapshot_is_a_finding():
    """The first one is written on purpose, too."""
    [finding] = judge(PAIR, "expect: {snapshot: true}").check("snapshot").findings
    assert finding.code == "snapshot.absent"
    assert "--routine-update" in finding.hint


def test_a_changed_snapshot_shows_a_short_diff():
    """The diff has the lines that differ, and what is around them."""
    stored = EXPECTED.replace("SQL injection", "XSS")
    verdict = judge(PAIR, "expect: {snapshot: true}", snapshot=stored, snapshot_file="snapshots/x.txt")
    [finding] = verdict.check("snapshot").findings
    assert finding.code == "snapshot.changed"
    assert str(finding.location) == "snapshots/x.txt"
    assert "-      title: XSS" in finding.detail
    assert "+      title: SQL injection" in finding.detail
    assert len(finding.detail) < 10


def test_a_long_diff_is_cut():
    """A snapshot of something else altogether does not flood the screen."""
    stored = "\n".join(str(number) for number in range(400))
    [finding] = judge(PAIR, "expect: {snapshot: true}", snapshot=stored).check("snapshot").findings
    assert finding.detail[-1].startswith("… and ")
    assert len(finding.detail) == 25


def test_volatile_values_are_masked():
    """Times, uuids and commit hashes differ from day to day; numbers and names do not."""
    text = "2026-05-04 at 2026-05-04T09:00:00.123Z 1714813200.000100 0190cbe0-1111-4222-8333-444455556666"
    assert mask(text) == "‹time› at ‹time› ‹time› ‹uuid›"
    assert mask("a" * 39 + "1") == "‹sha›"
    assert mask("PR 42 of v1.2.3, DESK-1") == "PR 42 of v1.2.3, DESK-1"


def test_what_was_redacted_on_writing_agrees():
    """A secret in the transcript is no difference from its placeholder in the snapshot."""
    stored = EXPECTED.replace("SQL", "[redacted]")
    redacted = {"snapshot": stored, "redact": lambda text: text.replace("SQL", "[redacted]")}
    assert codes(judge(PAIR, "expect: {snapshot: true}", **redacted), "snapshot") == []


def test_orphans_are_snapshots_that_no_case_writes():
    """They are named in order."""
    assert orphaned_snapshots({"b.txt", "a.txt", "c.txt"}, {"c.txt"}) == ("a.txt", "b.txt")


def test_differences_of_values_are_walked():
    """Paths lead to what differs; shifted lists are matched element by element."""
    before = {"issues": [{"title": "a", "n": 1}], "tags": ["x", "y"], "gone": 1}
    after = {"issues": [{"title": "b", "n": 1}], "tags": ["w", "x", "y"], "new": [1]}
    assert describe_difference(before, after) == (
        "issues[0].title: 'a' → 'b'",
        "tags[0]: 'w' is new",
        "gone: 1 is gone",
        "new: [1] is new",
    )
    assert describe_difference(1, True) == ("value: 1 → True",)
    assert describe_difference({"a": 1}, {"a": 1}) == ()
    many = describe_difference({str(n): n for n in range(9)}, {str(n): -n - 1 for n in range(9)}, most=3)
    assert many[-1] == "… and 7 more differences"


def test_texts_are_compared_as_values_where_they_are_json():
    """Two JSON texts differ by value, others by line."""
    assert describe_text_difference('{"a": 1}', '{"a":2}') == ("a: 1 → 2",)
    assert describe_text_difference("one\ntwo", "one\nthree") == ("line[1]: 'two' → 'three'",)
    assert describe_text_difference("x", "x") == ()


def _saying(*titles, between=""):
    def act(session):
        for title in titles:
            session.call("desk.get_ticket", id=title)
            if between:
                session.say(between)
        session.call("desk.list_tickets")

    return pair_desk(act)


def test_calls_may_change_places_where_the_case_says_so():
    """Runs that differ only in the order of neighbouring calls of these tools have the same bytes."""
    one, other = _saying("A", "B", "C"), _saying("C", "A", "B")
    tools = ("desk.get_ticket",)
    text = render_snapshot(one, "x", tools)
    assert render_snapshot(one, "x") != render_snapshot(other, "x")
    assert render_snapshot(other, "x", tools) == text
    assert [line[:3] for line in text.splitlines() if "desk." in line] == ["  1", "  2", "  3", "  4"] * 2
    for tool in tools[0], "desk.*":
        case = f"expect: {{snapshot: {{any_order: [{tool}]}}}}"
        stored = render_snapshot(one, "x", (tool,))
        assert codes(judge(other, case, snapshot=stored), "snapshot") == []


def test_an_open_order_forgives_nothing_else():
    """Another call, one call less, and calls with words between them are still told."""
    tools = ("desk.get_ticket",)
    case = "expect: {snapshot: {any_order: [desk.get_ticket]}}"
    stored = render_snapshot(_saying("A", "B"), "x", tools)
    for changed in _saying("A", "D"), _saying("A"), _saying("B", "A", between="Next."):
        assert codes(judge(changed, case, snapshot=stored), "snapshot") == ["snapshot.changed"]
    moved = pair_desk(
        lambda session: [session.call("desk.list_tickets"), session.call("desk.get_ticket", id="A")]
    )
    stored = render_snapshot(_saying("A"), "x", tools)
    assert codes(judge(moved, case, snapshot=stored), "snapshot") == ["snapshot.changed"]
