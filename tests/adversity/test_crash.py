"""A session dies after one of its outward calls; the full run after it has to finish the work, once."""

from __future__ import annotations

from pathlib import Path

from routine_harness.case.result import CaseResult
from routine_harness.harness import check_case

FIXTURE = Path(__file__).parents[2] / "fixtures/adversity/crash"
HEAD = f"""
trigger:
  github: {{event: issues.opened, payload: {FIXTURE.parents[1] / "webhooks/issues.opened.json"}}}
world:
  slack: {{channels: [{{id: C0DEV, name: dev}}]}}
expect: {{idempotent: false}}
"""


def crashed(folder: Path, script: str, more: str = "") -> CaseResult:
    """The case of the fixture's routine that ``script``, the body of a function, carries out."""
    (folder / "cases").mkdir()
    (folder / "routine.yaml").write_text((FIXTURE / "routine.yaml").read_text(encoding="utf-8"))
    body = "\n".join(f"    {line}" for line in script.splitlines())
    (folder / "agent.py").write_text(
        f"def agent(session):\n    issue = session.firing.event.payload['issue']\n{body}\n"
    )
    case = folder / "cases/case.yaml"
    case.write_text(f"{HEAD}agent: {{scripted: ../agent.py::agent}}\nchecks: {{crash: true}}\n{more}")
    return check_case(case)


TICKET = "session.call('linear.save_issue', team='Core', project='Core', title=issue['title'])"
POST = "session.call('slack.slack_send_message', channel_id='C0DEV', message=issue['html_url'])"


def test_a_ticket_that_is_taken_for_the_whole_work_leaves_the_post_undone() -> None:
    result = check_case(FIXTURE / "cases/careless.yaml")
    check = result.check("crash")
    assert [finding.code for finding in check.findings] == ["crash.undone"]
    assert "died after call 2 (ticket.created COR-1)" in check.findings[0].message
    assert "no message.posted" in check.findings[0].message
    assert [check.name for check in result.verdict.checks if check.outcome == "failed"] == ["crash"]


def test_who_looks_for_each_step_by_itself_survives_every_crash_and_every_fault() -> None:
    result = check_case(FIXTURE / "cases/careful.yaml")
    assert result.passed
    assert result.check("crash").outcome == "passed"


def test_the_smallest_prefix_is_shown_whose_rerun_makes_a_record_twice(tmp_path: Path) -> None:
    result = crashed(tmp_path, f"{TICKET}\n{POST}\nsession.say('done')")
    check = result.check("crash")
    assert {finding.code for finding in check.findings} == {"crash.duplicate"}
    pair = result.pair_of(check)
    assert pair is not None
    assert pair.second is not None
    assert pair.first.status == "interrupted"
    assert [record.number for record in pair.first.calls] == [1]
    assert len(pair.second.tickets) == 1


def test_a_script_cannot_outlive_its_session(tmp_path: Path) -> None:
    """What a script would do after it has died is not done, even if it catches every exception."""
    script = f"try:\n    {TICKET}\nexcept Exception:\n    pass\n{POST}\nsession.say('done')"
    pair = crashed(tmp_path, script).swept["crash"]
    assert [effect.kind for effect in pair.first.applied] == ["ticket.created"]
    assert pair.first.closing == ""


def test_what_the_rerun_may_do_again_is_no_duplicate(tmp_path: Path) -> None:
    script = f"{POST}\nsession.say('done')"
    result = crashed(tmp_path, script, "rerun: {allow: [message.posted]}\n")
    assert result.check("crash").outcome == "passed"


def test_a_change_in_the_same_words_is_done_again(tmp_path: Path) -> None:
    close = (
        "session.call('github.issue_write', method='update', owner='acme-platform', repo='core-api',"
        " issue_number=issue['number'], labels=['seen'])"
    )
    comment = (
        "if not session.call('github.issue_read', method='get_comments', owner='acme-platform',"
        " repo='core-api', issue_number=issue['number']).json():\n"
        "    session.call('github.add_issue_comment', owner='acme-platform', repo='core-api',"
        " issue_number=issue['number'], body='seen')"
    )
    result = crashed(tmp_path, f"{close}\n{comment}\nsession.say('done')")
    assert result.check("crash").outcome == "passed"  # the world finds nothing to change the second time


def test_a_rerun_that_does_not_get_along_with_half_of_the_work_is_said(tmp_path: Path) -> None:
    script = (
        "found = session.call('linear.list_issues', project='Core', query=issue['title']).json()['issues']\n"
        "told = issue['html_url'] in session.call('slack.slack_read_channel', channel_id='C0DEV').text\n"
        "if found and not told:\n    raise ValueError('half of the work')\n"
        f"if not found:\n    {TICKET}\n    {POST}\nsession.say('done')"
    )
    check = crashed(tmp_path, script).check("crash")
    assert [finding.code for finding in check.findings] == ["crash.rerun-failed"]


def test_a_run_without_outward_calls_has_nothing_to_lose(tmp_path: Path) -> None:
    result = crashed(tmp_path, "session.say('nothing to do')")
    assert result.check("crash").outcome == "passed"


def test_a_case_switches_the_check_off(tmp_path: Path) -> None:
    asked = "{crash: {off: it runs once a year}}"
    (tmp_path / "policy.yaml").write_text("root: true\nchecks: {crash: true}\n")
    result = crashed(tmp_path, "session.say('x')")
    assert "crash" in {check.name for check in result.verdict.checks}
    case = tmp_path / "cases/case.yaml"
    case.write_text(case.read_text(encoding="utf-8").replace("{crash: true}", asked))
    assert "crash" not in {check.name for check in check_case(case).verdict.checks}


def test_who_goes_on_with_another_comment_on_the_same_issue_makes_none_twice(tmp_path: Path) -> None:
    """Two comments that one run makes side by side are two matters, also when a second run makes the second
    of them."""
    script = """
place = {"owner": "acme-platform", "repo": "core-api"}
number = issue["number"]
there = session.call("github.issue_read", method="get_comments", issue_number=number, **place).text
for part in ("one", "two"):
    if f"part {part}" not in there:
        session.call("github.add_issue_comment", issue_number=number, body=f"part {part}", **place)
session.say("done")
"""
    assert crashed(tmp_path, script).check("crash").findings == ()
