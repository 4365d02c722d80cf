# ruff: noqa: E501 - tables of expectations read better unbroken
"""Expectations: read with every problem named, and judged block by block."""

from __future__ import annotations

import msgspec
import pytest
from support.desk import START, open_desk, pair_desk, run_desk
from support.judging import case_of, codes, judge

from routine_harness.errors import SpecError
from routine_harness.routine.document import load_document
from routine_harness.routine.form_reader import read_form
from routine_harness.routine.reader import Reader
from routine_harness.session.faults import Fault
from routine_harness.session.run import RunPair
from routine_harness.session.transcript import Usage
from routine_harness.verdict.expect_form import ExpectForm
from routine_harness.verdict.expectations.expect import read_expectations
from routine_harness.verdict.judge import check_names, judge_missing
from routine_harness.verdict.vocabulary import Vocabulary
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall

VOCABULARY = Vocabulary(
    {"desk": ("list_tickets", "create_ticket"), "linear": ("save_issue",), "": ("Bash", "Read")},
    {"desk": ("tickets",)},
)


def problems(text):
    """What is wrong with the ``expect:`` block ``text``."""
    document = load_document(text.encode(), "c.yaml")
    reader = Reader(document.source)
    read_expectations(read_form(reader, document.value, (), ExpectForm), reader, VOCABULARY)
    return [str(problem) for problem in reader.problems]


BROKEN = [
    ("tickts: 1", "c.yaml:1: an expect block has no key 'tickts'\n  hint: did you mean tickets?"),
    ("tickets: -1", "c.yaml:1: expected a count from 0, found the number -1"),
    ("tickets: {count: 1, at_least: 1}", "c.yaml:1: count stands beside at_least or at_most"),
    ("tickets: {at_least: 3, at_most: 1}", "c.yaml:1: at_most 1 is below at_least 3"),
    ("tickets: {where: {titel: x}}", "c.yaml:1: unknown field 'titel'\n  hint: did you mean title?"),
    (
        "tickets: {where: {connector: liner}}",
        "c.yaml:1: unknown connector 'liner'\n  hint: did you mean linear?",
    ),
    ("tickets: {where: {title: {contain: x}}}", "c.yaml:1: unknown operator 'contain'"),
    ("tickets: {where: {title: {matches_regex: '(a'}}}", "c.yaml:1: malformed regular expression '(a'"),
    ("tickets: {where: {title: {contains: '${evnt.x}'}}}", "c.yaml:1: unknown reference ${evnt.x}"),
    (
        "messages: {where: {text: {contains: 'see {{ tickets.url }}'}}}",
        "c.yaml:1: {{ tickets.url }} stands for itself\n  hint: a reference is written ${tickets.url}",
    ),
    ("says: {any_of: ['${{event.number}}']}", "c.yaml:1: ${{event.number}} stands for itself"),
    ("tickets: {where: {title: {matches_regex: '(${event.x}'}}}", "c.yaml:1: malformed regular expression"),
    ("tickets: [{count: 1}]", "c.yaml:1: each of several tickets blocks needs a name"),
    ("tickets: [{name: a}, {name: a}]", "c.yaml:1: two blocks are called tickets[a]"),
    ("effects: {effect: ticket.made}", "c.yaml:1: unknown effect 'ticket.made'"),
    (
        "tickets: {effect: message.posted}",
        "c.yaml:1: message.posted is nothing that is done to tickets\n  hint: write effects: {effect: message.posted}",
    ),
    ("tickets: {effect: ticket.closed}", "c.yaml:1: unknown effect 'ticket.closed'"),
    ("effects: {outcome: done}", "c.yaml:1: expected outcome to be one of applied, refused"),
    ("calls: {in_order: [desk.list_ticket]}", "c.yaml:1: unknown tool 'desk.list_ticket'"),
    (
        "calls: {never: [save_issue]}",
        "c.yaml:1: unknown tool 'save_issue'\n  hint: did you mean linear.save_issue?",
    ),
    (
        "calls: {never: [mcp__claude_ai_Linear__save_isue]}",
        "c.yaml:1: unknown tool 'linear.save_isue'\n  hint: did you mean linear.save_issue?",
    ),
    ("calls: {in_order: [3]}", "c.yaml:1: expected a tool such as linear.save_issue, found the number 3"),
    ("calls: {in_order: [{where: {a: 1}}]}", "c.yaml:1: a call needs the key 'tool'"),
    ("calls: {counts: {desk.list_tickets: many}}", "c.yaml:1: expected a count as a mapping"),
    (
        "world: {added: {desk.ticket: 1}}",
        "c.yaml:1: unknown table 'desk.ticket'\n  hint: did you mean desk.tickets?",
    ),
    ("world: {ignore: [desk.tickts.updated]}", "c.yaml:1: unknown table 'desk.tickts'"),
    ("budget: {call: 3}", "c.yaml:1: a budget has no key 'call'\n  hint: did you mean calls?"),
    ("budget: {calls: many}", "c.yaml:1: expected calls to be a number from 0, found the text 'many'"),
    ("says: {containes: x}", "c.yaml:1: unknown operator 'containes'"),
    ("fires: maybe", "c.yaml:1: expected fires to be true or false"),
    ("{fires: false, tickets: 1}", "c.yaml:1: tickets is never judged"),
    ("tickets: {when: {ticket: 1}}", "c.yaml:1: a condition has no key 'ticket'"),
    ("[]", "expected an expect block as a mapping, found a list"),
]


@pytest.mark.parametrize(("text", "message"), BROKEN)
def test_every_problem_is_named_with_line_and_hint(text, message):
    """A mistake in a case is told with the nearest known name."""
    found = problems(text)
    assert any(message in problem for problem in found), found


def test_what_is_no_reference_stays_literal():
    """Braces around anything but a root of references are text like any other."""
    assert problems("says: {all_of: ['{{repository}}', '${{ github.sha }}', '{{tickets}}']}") == []


def test_all_problems_are_reported_together():
    """Reading goes on after the first mistake."""
    text = "tickets: -1\nmessages: {where: {txt: a}}\ncalls: {in_order: [nothing.here]}\n"
    assert [problem.split(": ")[0] for problem in problems(text)] == ["c.yaml:1", "c.yaml:2", "c.yaml:3"]


def test_the_items_of_a_case_are_known_without_running_it():
    """Names follow the blocks, in the order of the file; second blocks come last."""
    case = case_of("""
        expect: {says: x, tickets: [{name: high}, {name: low, count: 0}], nothing: true, snapshot: true}
        second: {messages: 0}
    """)
    assert check_names(case) == (
        "fires", "run", "idempotent", "policy", "says", "tickets[high]", "tickets[low]", "nothing", "snapshot",
        "second.messages",
    )  # fmt: skip
    assert check_names(case_of("expect: {fires: false}")) == ("fires",)
    assert check_names(case_of("expect: {idempotent: false}")) == ("fires", "run", "policy")


def test_the_verdict_has_the_items_in_the_same_order():
    """Collected names and judged checks agree."""
    case = case_of("{expect: {says: x, tickets: 1, nothing: true, snapshot: true}, second: {messages: 0}}")
    names = [check.name for check in judge(pair_desk(agent), case=case).checks]
    assert names == list(check_names(case))[1:]


def test_without_a_pair_run_fails_and_the_rest_is_skipped():
    """Where no pair comes about, its siblings say so."""
    verdict = judge_missing(case_of("expect: {tickets: 1}"), ())
    assert [(check.name, check.outcome) for check in verdict.checks] == [
        ("run", "passed"), ("idempotent", "skipped"), ("policy", "skipped"), ("tickets", "skipped"),
    ]  # fmt: skip


def agent(session):
    """Files two tickets and posts one message, unless they are there."""
    if session.call("desk.list_tickets").text != "[]":
        session.say("nothing new")
        return
    urls = []
    for title, project in (("SQL injection", "Security"), ("Typo", "Docs")):
        body = "of alice" if project == "Security" else ""
        made = session.call("desk.create_ticket", title=title, project=project, body=body, labels=["a", "b"])
        urls.append(made.json()["url"])
    session.call("desk.post_message", channel="dev", text=f"filed {urls[0]}")
    session.say("2 findings")


PAIR = pair_desk(agent)

PASSES = [
    "tickets: 2",
    "tickets: {count: 1, where: {project: Security}}",
    "tickets: {at_least: 1, at_most: 2}",
    "tickets: {where: {title: {matches_regex: '(?i).*sql.*'}}}",
    "tickets: {count: 2, where: {labels: {contains: a}}}",
    "tickets: {count: 0, where: {assignee: {not: bob}}}",
    "messages: {count: 1, where: {channel: dev, connector: desk}}",
    "effects: {effect: ticket.created, count: 2}",
    "effects: {effect: '*', count: 3}",
    "effects: {count: 3}",
    "effects: {effect: [ticket.created, message.posted], count: 3}",
    "effects: {effect: '*', where: {text: {contains: SQL}}, count: 1}",
    "effects: {effect: ticket.created, outcome: refused, count: 0}",
    "effects: {outcome: attempted, count: 3}",
    "documents: 0",
    "messages: {where: {text: {contains: '${tickets.url}'}}}",
    "messages: {where: {text: {equals: 'filed ${tickets[high].url}'}}}\ntickets: [{name: high, where: {title: SQL injection}}]",
    "tickets: {count: 1, where: {body: {contains: '${event.pull_request.user.login}'}}}",
    "tickets: {count: 0, where: {title: {not: {is_one_of: ['${tickets.title}']}}}}",
    "messages: {count: 0, when: {tickets: {at_least: 4}}}",
    "messages: {count: 5, when: {event: {pull_request.draft: true}}}",
    "messages: {count: 1, when: {tickets: 2, event: {pull_request.number: 42}}}",
    "says: {contains: 2 findings}",
    "says: 2 findings",
    "says: {matches_regex: '[0-9]+ .*'}",
    "says: {contains: x, when: {tickets: 0}}",
    "says: [{name: a, contains: '2'}, {name: b, not: {contains: error}}]",
    "calls: {in_order: [desk.list_tickets, desk.create_ticket, desk.post_message]}",
    "calls: {any_order: [desk.post_message, desk.create_ticket, desk.create_ticket]}",
    "calls: {never: [desk.update_ticket, {tool: desk.create_ticket, where: {project: Secret}}]}",
    "calls: {in_order: [mcp__claude_ai_Desk__list_tickets, {tool: mcp__desk__create_ticket}]}",
    "calls: {counts: {mcp__Desk__create_ticket: 2}}",
    "calls: {counts: {desk.create_ticket: 2, desk.update_ticket: 0, desk.list_tickets: {at_most: 1}}}",
    "calls: {counts: [{tool: desk.create_ticket, where: {project: Docs}, count: 1}]}",
    "calls: 4",
    "calls: {at_most: 4}",
    "calls: {in_order: [{tool: desk.create_ticket, where: {title: {starts_with: SQL}}}, {tool: '*'}]}",
    "budget: {calls: 4, turns: 5, seconds: 4, tokens: 0}",
    "world: {added: {desk.tickets: 2, desk.messages: 1}, strict: true}",
    "world: {added: {desk.tickets: {count: 1, where: {project: Docs, labels: {contains: b}}}}}",
    "world: {added: {desk.tickets: [{where: {project: Docs}}, {where: {project: Security}}]}, ignore: [desk.messages], strict: true}",
    "world: {any_of: [{added: {desk.tickets: 5}}, {added: {desk.tickets: 2, desk.messages: 1}}], strict: true}",
    "world: {removed: {desk.tickets: 0}}",
]


@pytest.mark.parametrize("block", PASSES)
def test_an_expectation_that_is_met_passes(block):
    """Counts, predicates, conditions and references hold where the run is as it says."""
    verdict = judge(PAIR, "expect:\n" + "\n".join(f"  {line}" for line in block.splitlines()))
    assert [finding.message for finding in verdict.findings] == []


FAILS = [
    ("tickets: 1", "found 2, expected exactly 1 ticket", (2, 3)),
    ("tickets: {count: 1, where: {project: Secret}}", "found 0, expected exactly 1 ticket where project = 'Secret'", (2, 3)),
    ("tickets: {where: {assignee: bob}}", "found 0, expected at least 1 ticket where assignee = 'bob'", (2, 3)),
    ("messages: 0", "found 1, expected no message", (4,)),
    ("messages: {where: {text: {contains: '${documents.url}'}}}", "expected at least 1 message where text contains", (4,)),
    ("messages: {where: {text: {contains: '${tickets.*.url}'}}}", "expected at least 1 message where text", (4,)),
    ("messages: {count: 2, when: {tickets: 2}}", "found 1, expected exactly 2 messages", (4,)),
    ("effects: {effect: comment.created}", "found 0, expected at least 1 comment.created effect", ()),
    ("says: {contains: 3 findings}", "expected that the closing message contains '3 findings', found '2 findings'", ()),
    ("calls: {in_order: [desk.post_message, desk.list_tickets]}", "expected desk.list_tickets after desk.post_message, found it only before, at call 1", (1,)),
    ("calls: {in_order: [desk.get_ticket]}", "expected desk.get_ticket, found no such call", ()),
    ("calls: {any_order: [desk.post_message, desk.post_message]}", "expected desk.post_message, found no such call", ()),
    ("calls: {never: [desk.create_ticket]}", "found 2, expected no call of desk.create_ticket", (2, 3)),
    ("calls: {counts: {desk.create_ticket: 1}}", "found 2, expected exactly 1 call of desk.create_ticket", (2, 3)),
    ("calls: 3", "found 4, expected exactly 3 calls in all", ()),
    ("budget: {calls: 3}", "found 4 calls, expected at most 3", ()),
    ("world: {added: {desk.tickets: 1}}", "found 2, expected exactly 1 row added in desk.tickets", ()),
    ("world: {added: {desk.tickets: 2}, strict: true}", "changes that the case does not list: 1 in desk.messages", ()),
    ("world: {any_of: [{added: {desk.tickets: 5}}, {removed: {desk.tickets: 1}}]}", "none of 2 accepted outcomes holds", ()),
    ("world: {any_of: [{added: {desk.tickets: 2}}], strict: true}", "none of 1 accepted outcomes holds", ()),
]  # fmt: skip


@pytest.mark.parametrize(("block", "message", "calls"), FAILS)
def test_an_expectation_that_is_not_met_says_what_was_found(block, message, calls):
    """The finding has the place of the expectation, what was expected, what was found, and the calls."""
    verdict = judge(PAIR, f"expect:\n  {block}")
    [finding] = verdict.findings
    assert message in finding.message
    assert finding.calls == calls
    assert str(finding.location) == "cases/x.yaml:2"
    name = block.partition(":")[0]
    assert finding.code == f"expect.{name}"
    assert codes(verdict, name) == [finding.code]


def test_a_near_miss_shows_the_field_that_differs():
    """Of what was found, the first field that is not as wanted is shown."""
    [finding] = judge(PAIR, "expect: {tickets: {where: {project: Secret, title: x}}}").findings
    assert finding.detail[0] == "call 2: ticket.created DESK-1: project is 'Security'"
    [absent] = judge(PAIR, "expect: {tickets: {where: {assignee: x}}}").findings
    assert absent.detail[0].endswith("has no assignee")


def test_a_reference_that_stands_for_nothing_is_said():
    """A message that must name a document says that there was none."""
    [finding] = judge(PAIR, "expect: {messages: {where: {text: {contains: '${documents.url}'}}}}").findings
    assert finding.hint == "the reference in text stands for nothing in this run"


def test_a_refused_attempt_does_not_count_but_is_named():
    """Expectations count what was applied."""

    def blunt(session):
        session.call("desk.create_ticket", title="a", slug="s")
        session.call("desk.create_ticket", title="b", slug="s")

    run = run_desk(blunt)
    verdict = judge(
        RunPair(run), "expect: {tickets: 2, effects: {effect: tickets, outcome: refused, count: 1}}"
    )
    [finding] = verdict.check("tickets").findings
    assert verdict.check("effects").findings == ()
    assert finding.hint == "call 2 tried, and was refused"


def test_expectations_judge_the_first_run_and_second_the_second():
    """A second: block looks at run 2, and may refer to the first."""
    text = "{expect: {tickets: 2}, second: {tickets: 0, says: {contains: nothing}, calls: 1}}"
    assert judge(PAIR, text).passed
    failing = judge(PAIR, "second: {tickets: 2, says: {contains: '${first.tickets.title}'}}")
    assert codes(failing, "second.tickets") == ["expect.tickets"]
    assert failing.check("second.says").findings[0].run == 2


def test_a_second_block_is_skipped_where_there_is_no_second_run():
    """What nobody ran is not judged, and not passed."""
    verdict = judge(RunPair(PAIR.first), "second: {tickets: 0}")
    assert verdict.check("second.tickets").outcome == "skipped"


def test_references_in_a_circle_stand_for_nothing():
    """Blocks that refer to each other do not hang."""
    text = """
        expect:
          tickets: [{name: a, count: 0, where: {title: '${messages[b].text}'}}]
          messages: [{name: b, count: 0, where: {text: '${tickets[a].title}'}}]
    """
    assert judge(PAIR, text).passed


IN = {"owner": "acme", "repo": "core", "issue_number": 4}
TRIAGE = {
    "labelling": ("github.update_issue_labels", {**IN, "labels": ["bug"]}, "labels: {contains: bug}"),
    "labelling by gh": ("Bash", {"command": "gh issue edit 4 -R acme/core --add-label bug"}, "labels: {contains: bug}"),
    "assigning": ("github.issue_write", {"method": "update", **IN, "assignees": ["bob"]}, "assignees: {contains: bob}"),
    "closing": ("github.update_issue_state", {**IN, "state": "closed"}, "state: closed"),
    "closing by gh": ("Bash", {"command": "gh issue close 4 -R acme/core"}, "state: closed"),
    "assigning in Linear": ("linear.save_issue", {"id": "SEC-1", "assignee": "bob"}, "assignee: bob"),
}  # fmt: skip


@pytest.mark.parametrize("act", TRIAGE)
def test_an_effect_widens_a_noun_to_what_routines_do_with_tickets(act):
    """Labelling, assigning and closing count under ``tickets`` where its block says ``effect``."""
    tool, arguments, where = TRIAGE[act]
    pair = RunPair(run_desk(lambda session: session.call(tool, **arguments)))
    block = "expect: {tickets: {effect: %s, outcome: attempted, count: %d, where: {%s}}}"
    assert judge(pair, block % ("ticket.updated", 1, where)).check("tickets").findings == ()
    assert judge(pair, block % ("[ticket.created, ticket.updated]", 1, where)).check("tickets").findings == ()
    assert judge(pair, block % ("'*'", 1, where)).check("tickets").findings == ()
    assert judge(pair, block % ("ticket.created", 0, where)).check("tickets").findings == ()
    assert judge(pair, "expect: {tickets: 0}").check("tickets").findings == ()
    twice = "expect: {tickets: {effect: ticket.updated, outcome: attempted, count: 2}}"
    [finding] = judge(pair, twice).check("tickets").findings
    assert finding.message == "found 1, expected exactly 2 ticket.updated effects (attempted)"


def test_a_condition_and_a_reference_know_widened_nouns():
    """``when:`` counts what the block says, and ``${tickets.title}`` is of what is counted."""

    def closes(session):
        session.call("desk.create_ticket", title="old")
        session.call("desk.update_ticket", id="DESK-1", title="new")
        session.call("desk.post_message", channel="dev", text="now new")

    pair = RunPair(run_desk(closes))
    text = """
        expect:
          tickets: {effect: ticket.updated, count: 1}
          messages:
            where: {text: {contains: '${tickets.title}'}}
            when: {tickets: {effect: ticket.updated, count: 1}}
    """
    assert judge(pair, text).check("messages").findings == ()
    late = "expect: {messages: {count: 5, when: {tickets: {effect: ticket.deleted}}}}"
    assert judge(pair, late).check("messages").findings == ()


def test_a_reference_in_a_pattern_is_taken_literally():
    """What a reference stands for is no pattern of its own."""

    def dotted(session):
        session.call("desk.create_ticket", title="a.b(c", project="axb")
        session.call("desk.post_message", channel="dev", text="see a.b(c!")

    pair = RunPair(run_desk(dotted))
    text = "expect: {messages: {where: {text: {matches_regex: 'see ${tickets.title}.'}}}}"
    assert judge(pair, text).check("messages").findings == ()


def test_rows_that_changed_are_compared_before_and_after():
    """changed: looks at the row afterwards, before: at what it was; ignored fields do not count."""
    world = World(clock=START).put("desk.tickets", ("T",), {"id": "T", "title": "old", "seen": 1})

    def act(session):
        session.call("desk.update_ticket", id="T", title="new")

    pair = RunPair(run_desk(act, world))
    changed = "world: {changed: {desk.tickets: {where: {title: new}, before: {title: old}}}, strict: true}"
    assert judge(pair, f"expect: {{{changed}}}").check("world").findings == ()
    ignored = "world: {strict: true, ignore: [desk.tickets.title]}"
    assert judge(pair, f"expect: {{{ignored}}}").check("world").findings == ()
    [finding] = judge(pair, "expect: {world: {strict: true}}").check("world").findings
    assert finding.detail == ("changed desk.tickets T: title: 'old' → 'new'",)


def test_a_budget_counts_what_the_driver_reported():
    """Tokens, dollars and seconds are the run's own."""
    session = open_desk()
    session.spend(Usage(input_tokens=900, output_tokens=200, cost_usd=0.5, seconds=30))
    run = session.finish()
    text = "expect: {budget: {tokens: 1000, cost_usd: 0.4, seconds: 30}}"
    messages = [finding.message for finding in judge(RunPair(run), text).check("budget").findings]
    assert messages == [
        "found 1100 tokens, expected at most 1000",
        "found 0.5 cost_usd, expected at most 0.4",
    ]


def test_the_forms_of_one_operation_are_one():
    """A command counts as the tool calls that it stands for, beside itself."""

    def forms(call):
        return (ToolCall("desk", "update_ticket", {"id": "T"}),) if call.tool == "list_tickets" else ()

    text = "expect: {calls: {in_order: [{tool: desk.update_ticket, where: {id: T}}, desk.create_ticket]}}"
    assert judge(PAIR, text, read=forms).check("calls").findings == ()
    assert codes(judge(PAIR, text), "calls") == ["expect.calls"]


def test_nothing_asks_for_a_run_without_effects_that_looked():
    """It fails on an effect, and on silence with closed eyes."""
    assert codes(judge(PAIR, "expect: {nothing: true}"), "nothing") == ["expect.nothing"]
    looked = pair_desk(lambda session: session.call("desk.list_tickets"))
    assert judge(looked, "expect: {nothing: true}").passed
    blind = pair_desk(lambda session: session.say("all quiet"))
    assert codes(judge(blind, "expect: {nothing: true, idempotent: false}"), "nothing") == [
        "run.did-not-look"
    ]
    refused = (Fault(tool="desk.get_ticket", status=403),)
    missed = pair_desk(
        lambda session: [session.call("desk.list_tickets"), session.call("desk.get_ticket", id="X")],
        faults=refused,
    )
    [finding] = judge(missed, "expect: {nothing: true, idempotent: false}").check("nothing").findings
    assert finding.code == "run.did-not-look"
    assert finding.calls == (2,)


def test_a_run_that_did_nothing_unasked_is_a_finding():
    """It ended well and did nothing: that is what nothing: true is for."""
    looked = pair_desk(lambda session: session.call("desk.list_tickets"))
    assert codes(judge(looked), "run") == ["run.did-nothing"]
    blind = pair_desk(lambda session: session.say("ok"))
    assert codes(judge(blind), "run") == ["run.did-nothing", "run.did-not-look"]
    bare = msgspec.structs.replace(PAIR.first, calls=())
    assert "without any effect" in judge(RunPair(bare)).check("run").findings[0].message


def test_an_error_in_a_case_is_raised_by_whoever_reads_it():
    """The problems are the reader's to raise, all at once."""
    with pytest.raises(SpecError):
        case_of("expect: {tickets: -1}")


ON = {"owner": "acme", "repo": "core", "pullNumber": 7}
REVIEWING = {
    "a comment": ("github.pull_request_review_write", {"method": "create", "event": "COMMENT", **ON, "body": "Fine."}, 1),
    "an approval": ("github.pull_request_review_write", {"method": "create", "event": "APPROVE", **ON}, 1),
    "a review by gh": ("Bash", {"command": "gh pr review 7 -R acme/core --comment -b Fine."}, 1),
    "a request for one": ("github.update_pull_request", {**ON, "reviewers": ["bob"]}, 0),
}  # fmt: skip


@pytest.mark.parametrize("act", REVIEWING)
def test_reviews_count_what_is_submitted(act):
    """Comments and approvals are reviews; asking somebody for one is none."""
    tool, arguments, count = REVIEWING[act]
    pair = RunPair(run_desk(lambda session: session.call(tool, **arguments)))
    block = "expect: {reviews: {outcome: attempted, count: %d}}"
    assert judge(pair, block % count).check("reviews").findings == ()
    [finding] = judge(pair, block % (1 - count)).check("reviews").findings
    assert finding.code == "expect.reviews"
    assert "review (attempted)" in finding.message
