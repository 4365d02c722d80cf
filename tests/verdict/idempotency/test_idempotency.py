# ruff: noqa: E501 - tables of effects read better unbroken
"""Run twice: what the second run does again is found, and silence counts only for one that looked."""

from __future__ import annotations

import msgspec
import pytest
from support.desk import START, pair_desk, run_desk
from support.judging import case_of, codes, judge

from routine_harness.case.case import Rerun
from routine_harness.finding import Severity
from routine_harness.session.faults import Fault
from routine_harness.session.run import RunPair
from routine_harness.verdict.idempotency.identity import alike, records_of
from routine_harness.verdict.idempotency.subject import subject_of
from routine_harness.verdict.policy.rules import Policy
from routine_harness.world.effect import Effect
from routine_harness.world.state import World

TITLE = "SQL injection in app/db.py"
BODY = "HIGH: app/db.py:12 of https://github.com/acme/core/pull/42, opened by @alice."


def files(title=TITLE, body=BODY, **more):
    """An agent that files without looking."""

    def agent(session):
        session.call("desk.create_ticket", title=title, body=body, project="Security", **more)

    return agent


def looks(session):
    """An agent that files unless there is a ticket already."""
    if session.call("desk.list_tickets").text == "[]":
        files()(session)


def duplicates(verdict):
    return [f for f in verdict.check("idempotent").findings if f.code == "idempotency.duplicate"]


def test_filing_without_looking_is_a_duplicate():
    """The finding shows both records, what makes them alike, and the check that is missing."""
    [finding] = duplicates(judge(pair_desk(files())))
    assert finding.fails
    assert finding.run == 2
    assert finding.calls == (1,)
    assert finding.message == "DESK-2 duplicates DESK-1: run 2 made it again; alike by project, title"
    assert finding.detail[0].split() == ["run", "1,", "call", "1", "run", "2,", "call", "1"]
    assert any(line.startswith("= title") for line in finding.detail)
    assert any("DESK-1" in line and "DESK-2" in line for line in finding.detail)
    assert all(len(line) <= 76 for line in finding.detail)
    assert finding.hint.startswith("look for an open ticket with this title before creating one")
    assert "run 2 read nothing of desk" in finding.hint


def test_looking_first_passes():
    """An agent that looks, and finds its ticket, is idempotent."""
    verdict = judge(pair_desk(looks))
    assert verdict.check("idempotent").findings == ()
    assert verdict.passed


def test_a_reworded_title_is_a_duplicate_all_the_same():
    """Another wording of the same matter is found by what both records name."""
    again = files("Possible injection vulnerability", "See app/db.py in acme/core#42: unsanitised input.")
    [finding] = duplicates(judge(pair_desk(files(), again)))
    assert "subject" in finding.data["fields"]
    assert "acme/core#42" in finding.data["shared"]
    assert "look for an open ticket that names acme/core#42" in finding.hint


def test_another_matter_is_new_and_no_duplicate():
    """What run 2 makes about something else is a finding of another kind."""
    other = files("Weak hash in app/auth.py", "app/auth.py:3 of acme/core#42")
    assert codes(judge(pair_desk(files(), other)), "idempotent") == ["idempotency.new-effect"]


def test_prose_alone_makes_nothing_alike():
    """Two records that name nothing in common and bear other titles are not duplicates."""
    pair = pair_desk(files("The login fails", "it is slow"), files("Login is failing", "quite slow"))
    assert duplicates(judge(pair)) == []


def test_identity_of_the_policy_decides():
    """A policy may say by which fields an effect is known."""
    first, second = files("a", "x", key="K1"), files("b", "y", key="K1")
    assert duplicates(judge(pair_desk(first, second))) == []
    policy = Policy(identity={"ticket.created": ("key",)})
    [finding] = duplicates(judge(pair_desk(first, second), policy=policy))
    assert finding.data["fields"] == ["key"]
    other = pair_desk(first, files("a", "x", key="K2"))
    assert duplicates(judge(other, policy=policy)) == []


def test_what_one_run_makes_twice_is_found():
    """A duplicate inside the first run names both calls."""

    def twice(session):
        looks(session)
        if len(session.calls) > 1:
            files()(session)

    [finding] = duplicates(judge(pair_desk(twice)))
    assert (finding.run, finding.calls) == (1, (2, 3))
    assert finding.message.startswith("DESK-2 duplicates DESK-1: run 1 made both")


def test_two_findings_of_one_pull_request_are_no_duplicates():
    """The same title about two files is two matters."""

    def agent(session):
        if session.call("desk.list_tickets").text == "[]":
            for path in ("app/db.py", "app/auth.py"):
                files("Security finding", f"{path}:1 of acme/core#42")(session)

    assert judge(pair_desk(agent)).check("idempotent").findings == ()


def test_duplicates_inside_a_run_are_found_where_idempotency_is_not_asked_for():
    """Without the item, the item run reports them."""

    def twice(session):
        files()(session)
        files()(session)

    verdict = judge(pair_desk(twice), "expect: {idempotent: false}")
    assert codes(verdict, "run") == ["idempotency.duplicate"]


def test_an_allowed_effect_is_no_finding():
    """One message that says there is nothing new may be allowed, and no second one."""

    def agent(session):
        looks(session)
        if session.number == 2:
            session.call("desk.post_message", channel="dev", text="nothing new")

    allowed = "allow: [{effect: message.posted, where: {text: {contains: nothing new}}, at_most: 1}]"
    assert judge(pair_desk(agent), allowed).check("idempotent").findings == ()
    assert codes(judge(pair_desk(agent)), "idempotent") == ["idempotency.new-effect"]

    def chatty(session):
        agent(session)
        if session.number == 2:
            session.call("desk.post_message", channel="dev", text="still nothing new")

    assert codes(judge(pair_desk(chatty), allowed), "idempotent") == ["idempotency.new-effect"]


def updates(title):
    """An agent that keeps one ticket, bringing it up to date."""

    def agent(session):
        if session.call("desk.list_tickets").text == "[]":
            files()(session)
        else:
            session.call("desk.update_ticket", id="DESK-1", title=title)

    return agent


def test_bringing_its_own_record_up_to_date_is_a_warning():
    """In place is better than again; under strict it fails."""
    pair = pair_desk(updates("Two SQL injections in app/db.py"))
    [finding] = judge(pair).check("idempotent").findings
    assert (finding.code, finding.severity) == ("idempotency.updated-in-place", Severity.WARNING)
    case = case_of(rerun=Rerun(strict=True))
    [strict] = judge(pair, case=case).check("idempotent").findings
    assert strict.severity is Severity.ERROR


def test_an_update_that_changes_nothing_is_untouched():
    """Writing what is there already changes nothing, and is no finding."""
    assert judge(pair_desk(updates(TITLE))).check("idempotent").findings == ()


def test_changing_somebody_elses_record_again_is_a_finding():
    """Only run 1's own record may be brought up to date."""
    world = World(clock=START).put("desk.tickets", ("OLD",), {"id": "OLD", "title": "0"})

    def counting(session):
        row = session.call("desk.get_ticket", id="OLD").json()
        session.call("desk.update_ticket", id="OLD", title=str(int(row["title"]) + 1))

    verdict = judge(pair_desk(counting, world=world))
    assert codes(verdict, "idempotent") == ["idempotency.repeated-effect"]


def silent(session):
    """An agent that neither looks nor writes."""
    session.say("nothing to do")


def test_silence_without_a_look_is_not_idempotent():
    """A second run that wrote nothing proves something only if it looked."""
    assert codes(judge(pair_desk(looks, silent)), "idempotent") == ["idempotency.did-not-look"]


def test_silence_after_a_failed_look_is_not_idempotent():
    """Could not look is not found nothing."""

    def shy(session):
        if session.call("desk.list_tickets").is_error:
            return
        files()(session)

    pair = pair_desk(shy, faults=(Fault(tool="desk.list_tickets", nth=1, error="boom"),))
    assert codes(judge(pair), "idempotent") == ["idempotency.did-not-look"]


def test_speaking_up_about_a_planned_fault_is_idempotent_where_allowed():
    """A run that could not look, because the case wanted that, and said so, may say so again."""

    def honest(session):
        if session.call("desk.list_tickets").is_error:
            session.call("desk.post_message", channel="dev", text="could not look")

    pair = pair_desk(honest, faults=(Fault(tool="desk.list_tickets", error="boom"),))
    allowed = "allow: [{effect: message.posted, at_most: 1}]"
    assert judge(pair, allowed).check("idempotent").findings == ()


def test_a_fault_is_idle_only_where_neither_run_met_it():
    """A fault on what one of the runs alone asks for has done its work."""

    def once(session):
        session.call("desk.list_tickets")
        if session.number == 2:
            session.call("desk.update_ticket", id="DESK-1", title="x")

    def found(tool):
        pair = pair_desk(
            once, faults=(Fault(tool="desk.list_tickets", error="x"), Fault(tool=tool, error="x"))
        )
        case = case_of("faults: [{call: desk.list_tickets},\n {call: x}]\nexpect: {nothing: true}")
        findings = judge(pair, case=case).check("run").findings
        return [(f.message, f.severity, f.location.line) for f in findings if f.code == "fault.idle"]

    assert found("desk.update_ticket") == []
    message = "the fault on desk.create_ticket struck no call: no call matches it; in both runs"
    assert found("desk.create_ticket") == [(message, Severity.WARNING, 2)]


def test_two_runs_that_looked_and_stayed_silent_pass():
    """Nothing to do, twice, with open eyes."""
    verdict = judge(pair_desk(lambda session: session.call("desk.list_tickets")), "expect: {nothing: true}")
    assert verdict.passed
    assert [check.name for check in verdict.checks] == ["run", "idempotent", "policy", "nothing"]


def test_relying_on_a_refusal_is_shown():
    """An attempt that the service refused as taken is a warning, and no proof of a look."""

    def blunt(session):
        session.call("desk.create_ticket", title=TITLE, slug="one", project="Security")

    found = judge(pair_desk(blunt)).check("idempotent").findings
    assert [finding.code for finding in found] == ["idempotency.refused", "idempotency.did-not-look"]
    assert found[0].severity is Severity.WARNING
    assert "as run 1 did (call 1)" in found[0].message


def test_an_attempt_that_a_fault_stopped_is_an_error():
    """That a fault got in the way does not make an agent idempotent."""
    pair = pair_desk(files(), faults=(Fault(tool="desk.create_ticket", nth=1, error="boom"),))
    second = pair_desk(files(), files())
    mixed = RunPair(second.first, msgspec.structs.replace(pair.first, number=2))
    found = judge(mixed).check("idempotent").findings
    assert (found[0].code, found[0].fails) == ("idempotency.refused", True)


def test_one_run_leaves_idempotency_open():
    """An import with one run is skipped with its reason, not passed."""
    check = judge(RunPair(run_desk(looks))).check("idempotent")
    assert (check.outcome, check.skipped) == ("skipped", "the recording holds one run only")


def test_a_duplicate_in_the_only_run_fails_all_the_same():
    """What one run shows by itself does not need a second."""

    def twice(session):
        files()(session)
        files()(session)

    assert judge(RunPair(run_desk(twice))).check("idempotent").outcome == "failed"


def test_a_second_run_that_failed_proves_nothing():
    """A run that did not end well cannot be said to have left things alone."""
    pair = pair_desk(looks)
    broken = msgspec.structs.replace(pair.second, status="failed")
    verdict = judge(RunPair(pair.first, broken))
    assert codes(verdict, "idempotent") == ["idempotency.second-run-failed"]
    assert codes(verdict, "run") == ["run.failed"]


def pair_with(first, second):
    """A pair whose runs looked and had these effects."""
    runs = []
    for number, effects in ((1, first), (2, second)):
        run = run_desk(lambda session: session.call("desk.list_tickets"))
        stamped = tuple(msgspec.structs.replace(effect, call=1) for effect in effects)
        record = msgspec.structs.replace(run.calls[0], effects=stamped)
        runs.append(msgspec.structs.replace(run, number=number, calls=(record,)))
    return RunPair(*runs)


BRANCH = {"repository": "acme/core", "branch": "claude/x"}
PUSH = Effect("branch.pushed", "github", "acme/core@claude/x", BRANCH)
MADE = Effect("branch.created", "github", "acme/core@claude/x", BRANCH)
STICKY = Effect("comment.created", "github", "acme/core#42", {"on": "acme/core#42", "body": "a b", "id": 7})
SECONDS = [
    ([MADE, PUSH], [PUSH], ["idempotency.reworked"]),
    ([PUSH], [msgspec.structs.replace(PUSH, fields={**BRANCH, "branch": "claude/y"})], ["idempotency.new-effect"]),
    ([STICKY], [Effect("comment.updated", "github", "", {"id": 7, "body": "b c"})], ["idempotency.updated-in-place"]),
    ([STICKY], [Effect("comment.updated", "github", "", {"id": 8, "body": "b"})], ["idempotency.repeated-effect"]),
    ([STICKY], [msgspec.structs.replace(STICKY, fields={**STICKY.fields, "body": "b", "id": 9})], ["idempotency.duplicate"]),
    ([STICKY], [Effect("comment.deleted", "github", "", {"id": 7})], ["idempotency.reworked"]),
    ([PUSH], [Effect("command.opaque", "", "", {"program": "make"})], []),
    ([PUSH], [Effect("commit.created", "", "", {"branch": "claude/x"})], []),
    ([PUSH], [Effect("command.undecided", "", "", {"reason": "eval"})], []),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second", "found"), SECONDS)
def test_what_the_second_run_may_do_to_what_the_first_made(first, second, found):
    """Editing in place is told from pushing on, deleting and doing it again; local work is nobody's business."""
    assert codes(judge(pair_with(first, second)), "idempotent") == found


@pytest.mark.parametrize("row", [0, 2, 5], ids=["pushed on", "edited", "deleted"])
def test_what_is_done_to_a_record_of_run_1_names_its_call(row):
    """``first_call`` leads from the second run's call to the first's, as the drawing of both runs needs it."""
    first, second, _ = SECONDS[row]
    [finding] = judge(pair_with(first, second)).check("idempotent").findings
    assert (finding.calls, finding.data) == ((1,), {"first_call": 1})


def test_the_call_that_made_a_record_is_named_where_it_stands():
    """Of an update in place and of a refusal: not the same number as in the second run."""

    def updates_at_once(session):
        if session.number == 1:
            looks(session)
        else:
            session.call("desk.update_ticket", id="DESK-1", title="Two SQL injections in app/db.py")

    def blunt(session):
        if session.number == 1:
            session.call("desk.list_tickets")
        session.call("desk.create_ticket", title=TITLE, slug="one", project="Security")

    for agent, code in ((updates_at_once, "updated-in-place"), (blunt, "refused")):
        found = judge(pair_desk(agent)).check("idempotent").findings
        [finding] = [each for each in found if each.code == f"idempotency.{code}"]
        assert (finding.calls, finding.data) == ((1,), {"first_call": 2})


def test_a_change_of_what_run_1_did_not_make_names_no_call():
    """There is none to name."""
    first, second, _ = SECONDS[3]
    [finding] = judge(pair_with(first, second)).check("idempotent").findings
    assert (finding.code, finding.data) == ("idempotency.repeated-effect", {})


def comment(body, **fields):
    fields = {"on": "acme/core#42", "body": body, **fields}
    return Effect("comment.created", "desk", fields["on"], fields, call=1)


ALIKE = [
    (comment("Looking."), comment("Found: a flake."), False, True),
    (comment("Looking."), comment("looking. "), True, True),
    (comment("a", path="x.py", line=3), comment("b", path="x.py", line=4), False, False),
    (comment("a"), comment("a", on="acme/core#43"), False, False),
    (
        Effect("pull_request.created", "github", "", {"repository": "a/b", "head": "claude/x", "title": "t"}),
        Effect("pull_request.created", "github", "", {"repository": "a/b", "head": "claude/x", "title": "u"}),
        True,
        True,
    ),
    (
        Effect("pull_request.created", "github", "", {"repository": "a/b", "head": "claude/x", "title": "t"}),
        Effect("pull_request.created", "github", "", {"repository": "a/b", "head": "claude/y", "title": "T"}),
        True,
        True,
    ),
    (
        Effect("message.posted", "slack", "", {"channel": "dev", "text": "at 09:00 done, PLAT-1"}),
        Effect("message.posted", "slack", "", {"channel": "dev", "text": "at 10:30 done, PLAT-1"}),
        True,
        True,
    ),
    (
        Effect("message.posted", "slack", "", {"channel": "dev", "text": "There are 3 open pull requests"}),
        Effect("message.posted", "slack", "", {"channel": "dev", "text": "There are 4 open pull requests"}),
        False,
        True,
    ),
    (
        Effect("message.posted", "slack", "", {"channel": "dev", "text": "Deployed acme/core#41 again"}),
        Effect("message.posted", "slack", "", {"channel": "dev", "text": "Deployed acme/core#42 again"}),
        False,
        False,
    ),
    (
        Effect("message.posted", "slack", "", {"channel": "dev", "text": "17 x"}),
        Effect("message.posted", "slack", "", {"channel": "dev", "text": "18 x"}),
        False,
        False,
    ),
    (
        Effect(
            "message.posted", "slack", "", {"channel": "dev", "thread": "1.1", "text": "Nothing was found"}
        ),
        Effect(
            "message.posted", "slack", "", {"channel": "dev", "thread": "2.2", "text": "Nothing was found"}
        ),
        False,
        True,
    ),
    (
        Effect("ticket.created", "linear", "", {"project": "Ops", "title": "Rotate the keys on 2026-10-05"}),
        Effect("ticket.created", "linear", "", {"project": "Ops", "title": "Rotate the keys on 2026-10-12"}),
        False,
        True,
    ),
    (
        Effect("message.posted", "slack", "", {"channel": "dev", "text": "risk in acme/core#42"}),
        Effect("message.posted", "slack", "", {"channel": "dev", "text": "see PR acme/core#42 again"}),
        False,
        True,
    ),
    (
        Effect("message.posted", "slack", "", {"channel": "dev", "text": "x"}),
        Effect("message.posted", "slack", "", {"channel": "ops", "text": "x"}),
        False,
        False,
    ),
    (
        Effect("http.requested", "", "", {"method": "POST", "host": "h", "path": "/a"}),
        Effect("http.requested", "", "", {"method": "POST", "host": "h", "path": "/a"}),
        True,
        True,
    ),
]


@pytest.mark.parametrize(("first", "second", "in_one_run", "in_two"), ALIKE)
def test_identity_by_kind(first, second, in_one_run, in_two):
    """Inside one run only sure likeness counts; between two runs the same subject does as well."""
    [left], [right] = records_of([first]), records_of([second])
    assert bool(alike(left, right, {}, sure=True)) is in_one_run
    assert bool(alike(left, right, {})) is in_two


SUBJECTS = [
    ("https://github.com/acme/core/pull/42#discussion", {"acme/core#42"}, set()),
    ("PR #42 and issue 7", {"acme/core#42", "acme/core#7"}, set()),
    ("SEC-12, UTF-8 and SHA-256", {"sec-12"}, set()),
    ("Closes #7\n\n_Generated by [Claude Code](https://claude.ai/code)_", {"acme/core#7"}, set()),
    ("app/db.py:12, README.md and v1.2.3", set(), {"app/db.py", "README.md"}),
    ("acme.example and e.g. nothing", set(), set()),
]


@pytest.mark.parametrize(("text", "items", "paths"), SUBJECTS)
def test_a_subject_is_what_a_text_names(text, items, paths):
    """Pull requests, issues, ticket keys and files are read off a text; versions and charsets are not."""
    effect = Effect("ticket.created", "desk", "", {"body": text, "repository": "acme/core"})
    subject = subject_of(effect)
    assert set(subject.items) == items
    assert set(subject.files) == paths
    assert not subject.others


def test_what_a_run_made_itself_is_no_subject():
    """The key of the ticket just created tells runs apart, not matters."""
    first = Effect("message.posted", "slack", "", {"channel": "c", "text": "SEC-1 for acme/core#42"})
    second = Effect("message.posted", "slack", "", {"channel": "c", "text": "SEC-2 for acme/core#42"})
    ticket = {"target": "SEC-1", "url": "https://linear.app/x/SEC-1"}
    left = records_of([Effect("ticket.created", "linear", "SEC-1", {"url": ticket["url"]}), first])[1]
    right = records_of([Effect("ticket.created", "linear", "SEC-2"), second])[1]
    assert alike(left, right, {}).shared == ("acme/core#42",)
