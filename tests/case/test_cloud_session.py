"""What a cloud session bears: its address, its branch and its HEAD, and what its tooling appends."""

from __future__ import annotations

import msgspec
import pytest

from routine_harness.case.cloud_session import cloud_session
from routine_harness.harness import dry_run
from routine_harness.routine.edition import load_edition
from routine_harness.routine.spec import GithubTrigger, Repository, Routine
from routine_harness.trigger.event import Event, Firing
from routine_harness.world.attribution import own_words

ROUTINE = Routine(
    "nightly", "Look.", repositories=(Repository("acme/core"),),
    triggers=(GithubTrigger(("pull_request.opened",)),),
)  # fmt: skip
FIRING = Firing(Event("schedule", "schedule", {}, 1777885200))
PULL = {
    "action": "opened",
    "number": 7,
    "repository": {"full_name": "acme/core"},
    "pull_request": {
        "number": 7, "title": "A change", "body": "", "state": "open", "draft": False, "merged": False,
        "user": {"login": "alice"}, "head": {"ref": "feature/x", "sha": "1" * 40}, "base": {"ref": "main"},
    },
}  # fmt: skip
OPENED = Event("github", "pull_request.opened", PULL, 1777885200)
FILES = {"app.py": "old = 1\n", "other.py": "kept = 1\n"}


def world(**pull):
    repository = {"full_name": "acme/core", "default_branch": "main", "files": FILES}
    rows = [{"repository": "acme/core", "number": 7, **pull}] if pull else []
    return {"github": {"repositories": [repository], "pulls": rows}}


def test_a_session_is_the_same_every_time_and_another_one_in_the_second_run():
    """Address and suffix differ from run to run, the words are the routine's."""
    edition = load_edition()
    one, again, other = (cloud_session(ROUTINE, FIRING, edition, run) for run in (1, 1, 2))
    assert one == again
    assert one.address.startswith("https://claude.ai/code/session_01")
    assert one.address != other.address
    assert one.branch.rpartition("-")[0] == other.branch.rpartition("-")[0]
    assert one.branch != other.branch
    words, _, suffix = one.branch.removeprefix("claude/").rpartition("-")
    assert (len(suffix), words.count("-")) == (6, 1)
    assert cloud_session(msgspec.structs.replace(ROUTINE, name="x"), FIRING, edition, 1) != one


def test_april_knows_no_such_branch_and_a_policy_may_name_its_own():
    """Nothing was captured of April; a literal branch stays as it is, an empty one is a detached HEAD."""
    assert cloud_session(ROUTINE, FIRING, load_edition("2026-04"), 1).branch == "claude/session"
    named = load_edition("2026-10", {"push": {"designated": "claude/mine"}})
    assert cloud_session(ROUTINE, FIRING, named, 1).branch == "claude/mine"
    none = load_edition("2026-10", {"push": {"designated": ""}})
    assert cloud_session(ROUTINE, FIRING, none, 1).branch == ""


def test_a_pull_request_s_webhook_starts_at_its_head():
    """On the session's own branch; other events start at the default branch."""
    opened = Firing(OPENED)
    assert cloud_session(ROUTINE, opened, load_edition(), 1).starts == {"acme/core": "refs/pull/7/head"}
    assert cloud_session(ROUTINE, opened, load_edition("2026-04"), 1).starts == {}
    assert cloud_session(ROUTINE, FIRING, load_edition(), 1).starts == {}


def run(agent, event=None, **given):
    return dry_run(ROUTINE, agent=agent, event=event, **given).pair


def test_git_and_read_see_the_session_s_branch_at_the_head_of_the_pull_request():
    """``git branch`` prints the session's own branch, ``Read`` gives the changed file."""
    patch = "@@ -1 +1 @@\n-old = 1\n+new = 2\n"
    files = [{"filename": "app.py", "status": "modified", "patch": patch}]

    def agent(session):
        branch = session.call("Bash", command="git branch --show-current").text
        texts = [session.call("Read", file_path=path).text for path in ("app.py", "other.py")]
        session.say(f"{branch} {' '.join(text.split(chr(9))[1].splitlines()[0] for text in texts)}")

    pair = run(agent, OPENED, world=world(files=files))
    branch, *rest = pair.first.closing.split(" ", 1)
    assert branch.startswith("claude/")
    assert rest == ["new = 2 kept = 1"]
    assert pair.second.closing.split(" ")[0] != branch


def test_a_file_whose_text_at_the_head_is_unknown_is_told_as_unknown():
    """The base's text would be a lie; a file that the pull request leaves alone is the base's."""
    files = [{"filename": "app.py", "status": "modified", "changes": 2, "additions": 1, "deletions": 1}]

    def agent(session):
        session.say(str([session.call("Read", file_path=path).is_error for path in ("app.py", "other.py")]))

    first = run(agent, OPENED, world=world(files=files)).first
    assert first.closing == "[True, False]"
    assert "world.incomplete" in [finding.code for finding in first.findings]


def test_the_footer_of_each_run_bears_its_session_and_duplicates_are_found_all_the_same():
    """What is appended is in the record, not in the effect that is judged."""
    here = {"owner": "acme", "repo": "core"}

    def agent(session):
        session.call("github.create_branch", branch="claude/x", **here)
        session.call("github.push_files", branch="claude/x", message="Mend it", files=[], **here)
        title = f"Mend it {session.now:%H%M%S}"
        session.call(
            "github.create_pull_request", title=title, head="claude/x", base="main", body="b", **here
        )
        session.call("github.add_issue_comment", issue_number=1, body="Same words.", **here)
        session.say("done")

    issue = {"repository": "acme/core", "number": 1, "title": "t", "user": "bob"}
    held = world()
    held["github"]["issues"] = [issue]
    result = dry_run(ROUTINE, agent=agent, world=held)
    first, second = result.pair.first, result.pair.second
    pulls = [row["body"] for row in second.world.table("github.pulls")]
    links = [body.rpartition("(")[2] for body in pulls]
    assert all(
        body.startswith("b\n\n---\n_Generated by [Claude Code](https://claude.ai/code/s") for body in pulls
    )
    assert len(set(links)) == len(links)
    commits = [row["message"] for row in first.world.table("github.commits") if "Mend" in row["message"]]
    assert commits[0].startswith(
        "Mend it\n\nCo-Authored-By: Claude <noreply@anthropic.com>\nClaude-Session: "
    )
    said = [effect.fields.get("body") for effect in first.effects if "body" in effect.fields]
    assert said == ["b", "Same words."]
    assert "idempotency.duplicate" in [finding.code for finding in result.check("idempotent").findings]


LINK = "https://claude.ai/code/session_01AbCdEf"


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Done.\n\n---\n_Generated by [Claude Code](https://claude.ai/code)_", "Done."),
        (f"Done.\n\n---\n_Generated by [Claude Code]({LINK})_\n", "Done."),
        (f"Fix\n\nCo-Authored-By: Claude Opus 5.5 <noreply@anthropic.com>\nClaude-Session: {LINK}", "Fix"),
        (
            f"Done.\n\n---\n_Generated by [Claude Code]({LINK})_\n---\n_Generated by [Claude Code]({LINK})_",
            "Done.",
        ),
        (f"Fix\n\nCo-authored-by: Claude <noreply@anthropic.com>\n\nClaude-Session: {LINK}\n", "Fix"),
        (f"x\n\n🤖 Generated with [Claude Code](https://claude.com/claude-code)\n\n{LINK}", "x"),
        (f"The log is here:\n{LINK}", f"The log is here:\n{LINK}"),
        (f"See {LINK} for more.", f"See {LINK} for more."),
        (f"Claude-Session: {LINK}\nand more", f"Claude-Session: {LINK}\nand more"),
        ("a\n\n---\nb", "a\n\n---\nb"),
        ("Fix\n\nCo-Authored-By: Claude Shannon <shannon@example.com>",) * 2,
        ("Claude wrote this.\n\n---", "Claude wrote this.\n\n---"),
        (f"Claude-Session: {LINK}", ""),
    ],
)
def test_what_the_platform_puts_at_the_end_is_not_the_agent_s_own(text, own):
    """Footers and trailers go, in all of their captured forms; a link that the agent wrote stays."""
    assert own_words(text) == own


def test_a_policy_that_forbids_session_links_means_those_that_the_agent_writes(tmp_path):
    """Appended by the platform, or written as its reminder says: not judged. In the text: forbidden."""
    (tmp_path / "routine.yaml").write_text(
        "name: r\nrepositories: [github:acme/core]\ntriggers: [{type: api}]\nprompt: p\n"
    )
    (tmp_path / "policy.yaml").write_text(
        'root: true\nforbid: [{effect: "*", where: {text: {contains: claude.ai/code/session}}}]\n'
    )
    issue = {"repository": "acme/core", "number": 1, "title": "t", "user": "bob"}

    def forbidden(body):
        def agent(session):
            session.call("github.add_issue_comment", owner="acme", repo="core", issue_number=1, body=body)
            command = f"git commit -m 'Fix' -m 'Claude-Session: {LINK}' && git push -u origin HEAD"
            session.call("Bash", command=command)
            session.say("done")

        held = {"github": {"issues": [issue], **world()["github"]}}
        found = dry_run(tmp_path / "routine.yaml", agent=agent, world=held).check("policy").findings
        return [finding.message for finding in found if finding.code == "policy.forbidden"]

    assert forbidden(f"Done.\n\n---\n_Generated by [Claude Code]({LINK})_") == []
    assert len(forbidden(f"I worked in {LINK} on it.")) == 1
