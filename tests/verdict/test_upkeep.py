# ruff: noqa: E501 - tables of acts read better unbroken
"""What run 2 does to the records of run 1: an update is a warning, more than that is an error."""

from __future__ import annotations

import shutil

import pytest
from acting import PULL, REPO, SCHEDULE, act, found

from routine_harness.harness import check_routine

TITLE, BODY = "Unsafe eval in app/cart.py", "app/cart.py:1 in #30 by @ann\n\nLast run: 2026-05-04 09:07"


def keeps(change, second=None, title=TITLE, body=BODY):
    """An agent that files one ticket and, when it is there, changes it."""

    def agent(session):
        session.call("github.pull_request_read", method="get", pullNumber=30, **REPO)
        listed = session.call("linear.list_issues", team="Ops").json()["issues"]
        own = [issue for issue in listed if issue["title"] != "Older"]
        if not own:
            session.call("linear.save_issue", title=title, description=body, team="Ops", project="Ops")
        else:
            session.call("linear.save_issue", id=own[0]["id"], **change)
            if second:
                session.call("linear.save_issue", id=own[0]["id"], **second)
        session.say("1 finding")

    return agent


OVERDONE = {
    "replaced": (keeps({"title": "lorem ipsum", "description": "asdf"}), "replaced the title of"),
    "emptied": (keeps({"description": ""}), "emptied the body of"),
    "appended": (keeps({"description": BODY + "\n\nSeen again."}), "appended to the body of"),
    "put before": (keeps({"description": "Still open!\n\n" + BODY}), "appended to the body of"),
    "re-stamped": (keeps({"description": BODY.replace("09:07", "09:11")}), "re-stamped the body of"),
    "re-stamped in words": (keeps({"title": "Scan of May 5, 2026"}, title="Scan of May 4, 2026"), "re-stamped the title of"),
    "title extended": (keeps({"title": TITLE + " (again)"}), "appended to the title of"),
    "closed": (keeps({"state": "Done"}), "closed (Done)"),
    "cancelled": (keeps({"state": "Canceled"}), "closed (Canceled)"),
    "flapped": (keeps({"priority": 1}, {"priority": 0}), "set back the priority of"),
}  # fmt: skip


@pytest.mark.parametrize("name", OVERDONE)
def test_with_nothing_new_more_than_an_update_is_an_error(name, tmp_path):
    """The message says what was done, from what to what, and the hint how to allow just that."""
    agent, words = OVERDONE[name]
    result = act(agent, tmp_path, expect={"tickets": {"count": 1}})
    [finding] = [f for f in result.verdict.check("idempotent").findings if f.fails]
    assert finding.code == "idempotency.reworked"
    assert f"{words} OPS-2 of run 1, with nothing new in the world" in finding.message
    assert " → " in finding.message
    assert "rerun: {allow: [{effect: ticket.updated" in finding.hint


def test_the_hint_for_a_dashboards_clock_names_the_line(tmp_path):
    """What the hint shows is the narrowest that lets the stamp through, and it does."""
    agent = keeps({"description": BODY.replace("09:07", "09:11")})
    [finding] = act(agent, tmp_path).verdict.check("idempotent").findings
    allowed = '{effect: ticket.updated, where: {body: {contains: "Last run"}}}'
    assert f"rerun: {{allow: [{allowed}]}}" in finding.hint
    rule = {"effect": "ticket.updated", "where": {"body": {"contains": "Last run"}}}
    assert found(act(agent, tmp_path, rerun={"allow": [rule]})) == []


UPDATES = [
    {"priority": 2},
    {"estimate": 3},
    {"state": "In Progress"},
    {"description": "app/cart.py:1 and app/cart.py:7 in #30 by @ann\n\nLast run: 2026-05-04 09:07"},
]


@pytest.mark.parametrize("change", UPDATES)
def test_an_update_is_a_warning_that_names_the_fields(change, tmp_path):
    """Bringing content up to date is no second ticket; it is shown."""
    result = act(keeps(change), tmp_path, expect={"tickets": {"count": 1}})
    assert found(result) == ["~idempotency.updated-in-place"]
    [finding] = result.verdict.check("idempotent").findings
    field = {"description": "body"}.get(next(iter(change)), next(iter(change)))
    assert f"{field}: " in finding.message
    assert result.verdict.passed


NEWS = {"github": {"pulls": [{"repository": "acme/shop", "number": 30, "title": "Cart, second try"}]}}


@pytest.mark.parametrize("name", ["replaced", "appended", "closed", "re-stamped"])
def test_with_news_the_same_act_brings_up_to_date(name, tmp_path):
    """Where others changed something, the record may follow."""
    result = act(OVERDONE[name][0], tmp_path, rerun={"meanwhile": NEWS})
    assert found(result) == ["~idempotency.updated-in-place"]


def test_another_payload_is_news(tmp_path):
    """A push to the pull request is a reason to write anew."""
    payload = {**PULL, "action": "synchronize", "pull_request": {**PULL["pull_request"], "title": "Cart 2"}}
    rerun = {"trigger": {"github": {"event": "pull_request.synchronize", "payload": payload}}}
    routine_fires = act(OVERDONE["replaced"][0], tmp_path, rerun=rerun)
    assert found(routine_fires) == ["~idempotency.updated-in-place"]


def issue_keeper(session):
    """Keeps an issue of its own open, whatever people do."""
    listed = [session.call("github.list_issues", state=state, **REPO).json() for state in ("OPEN", "CLOSED")]
    own = [issue for part in listed for issue in part["issues"] if issue["title"] == "Dashboard"]
    if not own:
        session.call("github.issue_write", method="create", title="Dashboard", body="all well", **REPO)
    elif own[0]["state"].lower() == "closed":
        session.call(
            "github.issue_write", method="update", issue_number=own[0]["number"], state="open", **REPO
        )
    session.say("done")


def test_undoing_what_a_person_did_is_an_error(tmp_path):
    """A person closed the issue; the routine reopens it: that is news, and no excuse."""
    closed = {
        "github": {
            "issues": [
                {"repository": "acme/shop", "number": 31, "state": "closed", "state_reason": "completed"}
            ]
        }
    }
    result = act(issue_keeper, tmp_path, rerun={"meanwhile": closed})
    [finding] = result.verdict.check("idempotent").findings
    assert finding.code == "idempotency.reworked"
    assert "undid what others did to the state of acme/shop#31" in finding.message
    assert found(act(issue_keeper, tmp_path)) == []


def pushes(*, branch="claude/fix", content="x", command="", create=True):
    def agent(session):
        names = [one["name"] for one in session.call("github.list_branches", **REPO).json()]
        if create and branch not in names:
            session.call("github.create_branch", branch=branch, from_branch="main", **REPO)
        if command:
            session.call("Bash", command=command)
        else:
            files = [{"path": "log.txt", "content": content or str(len(names))}]
            session.call("github.push_files", branch=branch, files=files, message="log", **REPO)
        session.say("done")

    return agent


EMPTY = "git checkout claude/fix || git checkout -b claude/fix; git commit --allow-empty -m ping && git push origin claude/fix"
PUSHES = {
    "the same tree": pushes(),
    "further commits": pushes(content=""),
    "an empty commit": pushes(command=EMPTY, create=False),
    "a branch of others": pushes(branch="claude/before", create=False),
}


@pytest.mark.parametrize("name", PUSHES)
def test_pushing_again_with_nothing_new_is_an_error(name, tmp_path):
    """A second push to the branch of run 1 is more than bringing it up to date."""
    codes = found(act(PUSHES[name], tmp_path, expect={"branches": {"at_least": 1}}))
    assert set(codes) == {"idempotency.reworked"}


def test_a_push_that_follows_news_is_a_warning(tmp_path):
    """Where there is something new, the branch may follow; forcing over what was there never."""
    result = act(PUSHES["further commits"], tmp_path, rerun={"meanwhile": NEWS})
    assert found(result) == ["~idempotency.updated-in-place"]
    forced = (
        "git checkout claude/before && git commit --allow-empty -m x && git push --force origin claude/before"
    )
    codes = found(act(pushes(command=forced, create=False), tmp_path, rerun={"meanwhile": NEWS}))
    assert "idempotency.reworked" in codes


def pull_keeper(**change):
    def agent(session):
        pulls = session.call("github.list_pull_requests", **REPO).json()
        own = [pull for pull in pulls if pull["title"] == "Tidy"]
        if not own:
            session.call("github.create_branch", branch="claude/tidy", from_branch="main", **REPO)
            session.call(
                "github.push_files",
                branch="claude/tidy",
                files=[{"path": "a", "content": "b"}],
                message="m",
                **REPO,
            )
            session.call(
                "github.create_pull_request",
                title="Tidy",
                head="claude/tidy",
                base="main",
                body="b",
                draft=True,
                **REPO,
            )
        else:
            session.call("github.update_pull_request", pullNumber=own[0]["number"], **change, **REPO)
        session.say("done")

    return agent


@pytest.mark.parametrize(("change", "words"), [
    ({"draft": False}, "readied"), ({"state": "closed"}, "closed"), ({"body": ""}, "emptied the body of"),
])  # fmt: skip
def test_a_pull_request_of_its_own(change, words, tmp_path):
    """Readying, closing and emptying it are each more than an update."""
    result = act(pull_keeper(**change), tmp_path, expect={"pull_requests": {"count": 1}})
    [finding] = [f for f in result.verdict.check("idempotent").findings if f.fails]
    assert (finding.code, words in finding.message) == ("idempotency.reworked", True)


def files_again(title=TITLE):
    def agent(session):
        session.call("linear.list_issues", team="Ops")
        session.call("linear.save_issue", title=title, description="d", team="Ops", project="Ops")
        session.say("done")

    return agent


def test_a_bare_kind_does_not_excuse_the_same_record_of_the_same_firing(tmp_path):
    """One delivered twice files twice: only `where` or `at_most` says that this is wanted."""
    bare = {"allow": ["ticket.created"]}
    assert found(act(files_again(), tmp_path, rerun=bare)) == ["idempotency.duplicate"]
    most = {"allow": [{"effect": "ticket.created", "at_most": 1}]}
    assert found(act(files_again(), tmp_path, rerun=most)) == []
    assert found(act(files_again(), tmp_path, rerun=bare, trigger=SCHEDULE)) == []


def test_a_policy_has_defaults_for_the_second_run(tmp_path):
    """`rerun:` of a policy holds for every case below that does not give the key itself."""
    policy = "root: true\nplatform: 2026-04\nrerun: {allow: [{effect: ticket.created, at_most: 1}]}\n"
    assert found(act(files_again(), tmp_path, policy=policy)) == []
    assert found(act(files_again(), tmp_path, policy=policy, rerun={"allow": []})) == [
        "idempotency.duplicate"
    ]
    strict = "root: true\nplatform: 2026-04\nrerun: {strict: true}\n"
    assert found(act(keeps({"priority": 2}), tmp_path, policy=strict)) == ["idempotency.updated-in-place"]
    off = act(keeps({"priority": 2}), tmp_path, policy=strict, rerun={"strict": False})
    assert found(off) == ["~idempotency.updated-in-place"]


def test_the_dated_titles_of_public_reports_are_duplicates(shared_data, tmp_path):
    """Every case of that folder is named a duplicate."""
    shutil.copytree(shared_data / "reports" / "dated-titles", tmp_path / "s")
    results = check_routine(tmp_path / "s")
    assert len(results) == 3
    for result in results:
        assert "idempotency.duplicate" in found(result)


def test_a_bare_kind_excuses_other_words(tmp_path):
    """A record in other words is what the bare kind allows; another Unicode form is no other word."""
    bare = {"allow": ["ticket.created"]}

    def both(first, second):
        titles = iter((first, second))
        return lambda session: files_again(next(titles))(session)

    assert found(act(both("Report 1", "Report 2"), tmp_path, rerun=bare)) == []
    assert found(act(both("Café", "Cafe\u0301"), tmp_path, rerun=bare)) == ["idempotency.duplicate"]


DATED = [
    ("Scan - 2026-05-03 09:07", "Scan - 2026-05-04 09:07"),
    ("Dependency report for May 03, 2026", "Dependency report for May 04, 2026"),
    ("Sunday's report, May 3rd", "Monday's report, May 4th"),
    ("Bericht vom 3. Mai 2026", "Bericht vom 4. Mai 2026"),
    ("Informe del 3 de mayo de 2026", "Informe del 4 de mayo de 2026"),
    ("Rapport du 3 août", "Rapport du 4 août"),
    ("Report of 03.05.2026", "Report of 04.05.2026"),
    ("Report 5/3/26", "Report 5/4/26"),
    ("Report 2026-W18", "Report 2026-W19"),
    ("Report, week 18", "Report, week 19"),
    ("KW 18: Bericht", "KW 19: Bericht"),
    ("backup 20260503", "backup 20260504"),
    ("backup-20260503T0907Z", "backup-20260504T0907Z"),
    ("レポート 2026年5月3日", "レポート 2026年5月4日"),
    ("Café report", "Cafe\u0301 report"),
    ("⚠️ Parser", "⚠ Parser"),
    ("Ｒｅｐｏｒｔ", "Report"),
    ("Q1 2026 numbers", "Q2 2026 numbers"),
]


@pytest.mark.parametrize(("first", "second"), DATED)
def test_dates_and_unicode_forms_are_seen_through_in_naming_a_duplicate(first, second, tmp_path):
    """The report of another day in another spelling is a duplicate by name."""
    titles = iter((first, second))

    def agent(session):
        files_again(next(titles))(session)

    assert found(act(agent, tmp_path, trigger=SCHEDULE)) == ["idempotency.duplicate"]


@pytest.mark.parametrize(
    ("first", "second"), [("Upgrade to 1.2.30", "Upgrade to 1.3.1"), ("Error 404", "Error 500")]
)
def test_versions_and_codes_are_no_dates(first, second, tmp_path):
    """What is no date keeps two titles apart."""
    titles = iter((first, second))

    def agent(session):
        files_again(next(titles))(session)

    assert found(act(agent, tmp_path, trigger=SCHEDULE)) == ["idempotency.new-effect"]


def test_reports_of_two_days_in_one_run_are_two_matters(tmp_path):
    """One run may file for two days."""

    def agent(session):
        if len(session.call("linear.list_issues", team="Ops").json()["issues"]) == 1:
            for day in ("May 3, 2026", "May 4, 2026"):
                session.call("linear.save_issue", title=f"Report of {day}", team="Ops", project="Ops")
        session.say("done")

    assert found(act(agent, tmp_path, trigger=SCHEDULE, expect={"tickets": {"count": 2}})) == []
