"""Scripts with ``shell: sandbox``: their own tools run for real, and everything else as always."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.live_runs import codes, scratch_left, write_routine
from support.model_api import forget_credentials

from routine_harness.case.plan import plan_pair
from routine_harness.case.result import CaseResult
from routine_harness.errors import AgentError
from routine_harness.harness import Harness, Options
from routine_harness.live.client import live_agent
from routine_harness.live.client.sandboxed_script import sandboxed_script
from routine_harness.live.outside.served_world import open_setting
from routine_harness.live.sandbox.isolation import Isolation, bubblewrap
from routine_harness.live.sandbox.limits import MIB, Limits
from routine_harness.session.pair import run_pair
from routine_harness.session.run import RunPair
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.cases import load_case_file
from routine_harness.store.recordings import load_recording

AGENT = "agent: {scripted: ../agents/do.py::run, shell: sandbox}\n"
RECORDED = AGENT.replace("agent:", "record_with:", 1)
FILES = '{README.md: "hello\\n", "pkg.json": "{\\"version\\": \\"1.2.3\\"}", a/one.py: "x = 1\\ny = 2\\n"}'


@pytest.fixture(autouse=True)
def _sandbox(isolation: Isolation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Scratch folders of a test's own, in which nothing is left; no CLI, no model, no key."""
    assert isolation.kind == "bubblewrap"
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    monkeypatch.setattr(live_agent, "find_program", _no_cli)
    forget_credentials(monkeypatch)
    yield
    assert scratch_left() == []


def _no_cli(given: str | None = None) -> Any:
    raise AssertionError("a script needs no CLI")


def write(place: Path, body: str, *, case: str = AGENT, routine: str = "", files: str = FILES) -> Path:
    """A routine whose script does ``body`` with ``session`` and the short names ``bash`` and ``call``."""
    path = write_routine(place / "r", case, routine, files)
    (place / "r" / "agents").mkdir()
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    (place / "r" / "agents" / "do.py").write_text(
        "import json\n\n\ndef run(session):\n    call = session.call\n"
        "    bash = lambda command, **more: call('Bash', command=command, **more).text\n" + lines + "\n"
    )
    return path


def check(path: Path, **options: Any) -> CaseResult:
    loaded = load_case_file(path)
    return Harness(Options(**options)).check_case(loaded.cases[0], loaded.routine)


def ran(place: Path, body: str, **given: Any) -> CaseResult:
    result = check(write(place, body, **given))
    assert result.pair is not None
    return result


def said(result: CaseResult, run: int = 1) -> str:
    """The closing message of a run."""
    assert result.pair is not None
    found = result.pair.first if run == 1 else result.pair.second
    assert found is not None
    return found.closing


def test_commands_and_files_are_real(tmp_path: Path) -> None:
    """cat, git log, jq, a program of the project, and the file tools all work on one clone."""
    result = ran(
        tmp_path,
        r"""
print_all = [bash("cat README.md"), bash("git log --format='%an %s' -1"), bash("jq -r .version pkg.json")]
call("Edit", file_path="a/one.py", old_string="y = 2", new_string="y = x + 1")
test = "import sys\nsys.path.insert(0, 'a')\nimport one\nassert one.y == 2\n"
call("Write", file_path="test_one.py", content=test)
print_all += [bash("python3 -B test_one.py && echo tested"), call("Read", file_path="a/one.py").text,
              call("Grep", pattern="y = x", output_mode="content").text, call("Glob", pattern="**/*.py").text,
              bash("git status --short"), bash("pwd"), bash("cd a && pwd"), bash("pwd")]
session.say(json.dumps(print_all))
""",
    )
    assert json.loads(said(result)) == [
        "hello", "routine-harness Initial commit", "1.2.3", "tested", "1\tx = 1\n2\ty = x + 1\n3\t",
        "a/one.py:2:y = x + 1", "a/one.py\ntest_one.py", " M a/one.py\n?? test_one.py", "/home/user/core",
        "/home/user/core/a", "/home/user/core/a",
    ]  # fmt: skip
    assert result.pair is not None
    assert {record.answered_by for record in result.pair.first.calls} == {"own"}
    assert said(result, 2) == said(result)  # what was edited and not pushed is gone


WORK = r"""
if "claude/fix" in bash("git ls-remote origin 'refs/heads/claude/*'"):
    session.say("there already: " + bash("git log -1 --format=%s origin/claude/fix"))
else:
    bash("git switch -c claude/fix && sed -i s/2/3/ a/one.py && git commit -qam 'Say three'")
    bash("git push -q -u origin claude/fix")
    made = bash("gh api repos/acme/core/pulls -f title=Three -f head=claude/fix -f base=main --jq .number")
    listed = call("github.list_pull_requests", owner="acme", repo="core").json()
    call("linear.save_issue", team="Security", title="Three is in review")
    session.say(f"made {made.strip()}, listed {[pull['number'] for pull in listed]}")
"""


def test_what_commands_do_outside_is_captured_and_carried_over(tmp_path: Path) -> None:
    """Push, gh and a connector act on one world; the second run finds what the first one pushed."""
    result = ran(tmp_path, WORK)
    assert result.pair is not None
    kinds = [effect.kind for effect in result.pair.first.effects]
    assert kinds == ["branch.pushed", "pull_request.created", "ticket.created"]
    assert result.pair.first.effects[0].fields["commits"] == ["Say three"]
    assert "+y = 3" in result.pair.first.effects[0].fields["diff"]
    assert said(result) == "made 1, listed [1]"
    assert said(result, 2) == "there already: Say three"
    assert result.passed, [f.message for f in result.verdict.findings]


CARELESS = r"""
branch = "claude/fix-" + bash("date +%s")
bash(f"git switch -c {branch} && sed -i s/2/3/ a/one.py && git commit -qam 'Say three'")
bash(f"git push -q -u origin {branch}")
bash(f"gh api repos/acme/core/pulls -f title=Three -f head={branch} -f base=main")
session.say("done")
"""


def test_a_careless_second_run_is_red(tmp_path: Path) -> None:
    """A script that does not look pushes and opens everything once more, and the verdict says so."""
    assert "idempotency.duplicate" in codes(ran(tmp_path, CARELESS), 2)


def test_the_policy_judges_what_a_command_pushed(tmp_path: Path) -> None:
    """A push to main from the sandbox is forbidden by the default policy, as of the real CLI."""
    push = "git commit -q --allow-empty -m x && git push -q origin HEAD:main"
    result = ran(tmp_path, f'bash("{push}")\nsession.say("x")')
    assert any("branch.pushed" in f.message for f in result.check("policy").findings)


def test_curl_reaches_the_world_alone(tmp_path: Path) -> None:
    """What the world's http table knows is answered; another host has no answer, and a write is an effect."""
    world = "  http: [{method: GET, url: 'https://example.org/status', body: {up: true}}]\n"
    result = ran(
        tmp_path,
        r"""
session.say(json.dumps([bash("curl -s https://example.org/status | jq .up"),
    bash("curl -s -o /dev/null -w '%{http_code}' https://example.org/else"),
    bash("curl -s -o /dev/null -w '%{http_code}' -d x=1 https://example.org/hook")]))
""",
        case=world + AGENT,
        routine="environment: {network: full}\n",
    )
    assert json.loads(said(result)) == ["true", "502", "502"]
    assert "egress.unanswered" in codes(result, 1)
    assert result.pair is not None
    assert [effect.kind for effect in result.pair.first.effects] == ["http.requested"]


def test_nothing_gets_out(tmp_path: Path) -> None:
    """Commands cannot write the system, see the user's files, reach a network, or read a secret."""
    secret = tmp_path / "mine.txt"
    secret.write_text("mine")
    result = ran(
        tmp_path,
        f"""
outside = [bash("touch /usr/x /etc/x /home/other"), bash("cat {secret}"), bash("ls {Path.home()}/.ssh"),
    call("Write", file_path="/usr/x", content="x").text, call("Read", file_path="{secret}").text,
    call("Edit", file_path="/etc/passwd", old_string="user:x", new_string="root:x").text]
network = [bash("curl -sS --max-time 5 --noproxy '*' https://192.0.2.1/ 2>&1"),
    bash("python3 -c 'import socket; socket.create_connection((\\"192.0.2.1\\", 443), 5)' 2>&1 | tail -1"),
    bash("curl -s -o /dev/null -w '%{{http_code}}' https://example.org/")]
variables = bash("printenv DEPLOY_TOKEN; printenv REGION; env | grep -c ANTHROPIC; ps ax | grep -c [p]ytest")
session.say(json.dumps([outside, network, variables, bash("printenv ROUTINE_TOKEN")]))
""",
        routine="environment: {network: none, variables: {DEPLOY_TOKEN: s3cr3t-value, REGION: eu}}\n",
    )  # fmt: skip
    outside, network, variables, token = json.loads(said(result))
    assert all("mine" not in text.replace(str(secret), "") for text in outside)
    assert outside[0].count("Read-only file system") + outside[0].count("Permission denied") == 3
    assert outside[3].startswith("EROFS")
    assert "EROFS" in outside[5] or "EACCES" in outside[5]
    assert (
        "unreachable" in network[0] or "Could not connect" in network[0] or "Failed to connect" in network[0]
    )
    assert "unreachable" in network[1]
    assert network[2] == "403"
    assert "egress.denied" in codes(result, 1)
    assert "s3cr3t" not in variables
    assert variables.splitlines()[1:] == ["eu", "0", "0"]
    assert "secret.leaked" in codes(result, 1)
    assert token == "[token of the session]"


def test_the_clock_is_the_worlds(tmp_path: Path) -> None:
    """date, git and the session tell one time, which moves with the calls."""
    result = ran(
        tmp_path,
        r"""
bash("git commit -q --allow-empty -m x")
told = bash("date -u +%F; git log -1 --format=%cd --date=format:%F")
session.say(told + " " + session.now.date().isoformat())
""",
        case="  clock: 2026-02-03T09:00:00Z\n" + AGENT,
    )
    assert set(said(result).split()) == {"2026-02-03"}


def test_what_was_recorded_replays_without_a_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recording is a script's, names the sandbox, and replays byte for byte where there is none."""
    path = write(tmp_path, WORK, case=RECORDED)
    first = check(path, record="once")
    assert first.passed, [f.message for f in first.verdict.findings]
    file = path.parent.parent / "recordings" / "one.jsonl"
    recording = load_recording(file)
    assert recording is not None
    header = recording.header
    assert (header.origin, header.agent.name, header.time) == ("scripted", "scripted", "")
    assert header.agent.isolation.startswith("bubblewrap")
    assert header.digests["shell"]
    monkeypatch.setattr(bubblewrap, "PROGRAM", "no-such-bwrap")
    replays = [check(path), check(path)]
    assert all(replay.pair is not None and replay.verdict == first.verdict for replay in replays)
    left, right = (replay.pair.first.transcript for replay in replays if replay.pair is not None)
    assert left == right
    assert replays[0].pair is not None
    assert first.pair is not None
    assert [e.kind for e in replays[0].pair.first.effects] == [e.kind for e in first.pair.first.effects]


def test_another_shell_makes_a_recording_stale(tmp_path: Path) -> None:
    """A recording of the world's answers is none of the sandbox's."""
    path = write(tmp_path, 'session.say(bash("cat README.md"))', case=RECORDED)
    check(path, record="once")
    path.write_text(path.read_text().replace(", shell: sandbox", ""))
    result = check(path)
    assert any("shell" in f.message for f in result.verdict.findings if f.code == "recording.stale")


def without_bwrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewrap, "PROGRAM", "no-such-bwrap")


@pytest.mark.parametrize("case", [AGENT, RECORDED], ids=["agent", "record_with"])
def test_without_a_sandbox_the_run_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    """::run says what is missing and what helps; nothing is written; required, it is bad input."""
    without_bwrap(monkeypatch)
    path = write(tmp_path, 'session.say("x")', case=case)
    result = check(path, record="once" if case == RECORDED else "none")
    assert result.pair is None
    run = result.check("run")
    assert run.outcome == "skipped"
    assert "bubblewrap (bwrap) is not installed" in run.skipped
    assert "apt-get install bubblewrap" in run.skipped
    assert result.skipped == run.skipped
    assert not (path.parent.parent / "recordings").exists()
    with pytest.raises(AgentError) as caught:
        check(path, record="once" if case == RECORDED else "none", require_sandbox=True)
    [problem] = caught.value.problems
    assert problem.line == path.read_text().splitlines().index(case.strip()) + 1
    assert "needs a sandbox" in problem.message


def program(*words: str, path: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A command of the harness where ``bwrap`` is on the PATH or not."""
    return subprocess.run(
        [sys.executable, "-m", *words], capture_output=True, text=True, cwd=folder, check=False,
        env={"PATH": path, "HOME": str(folder), "TMPDIR": str(folder), "COLUMNS": "200"},
    )  # fmt: skip


@pytest.fixture
def bare_path(tmp_path: Path) -> str:
    """A PATH without bubblewrap."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("git", "sh", "bash", "unshare", "mount"):
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    return str(folder)


def test_the_faces_say_that_a_sandbox_is_missing(tmp_path: Path, bare_path: str) -> None:
    """check passes over the case, the gate stays closed, and with the flag all three exit with 2."""
    write(tmp_path, 'session.say("x")')
    checked = program("routine_harness", "check", "r", path=bare_path, folder=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "skipped r/cases/one.yaml: needs a sandbox, and there is none here" in checked.stdout
    assert "0 passed, 0 failed, 1 skipped" in checked.stdout
    told = program("routine_harness", "check", "r", "--json", path=bare_path, folder=tmp_path)
    [record] = [json.loads(line) for line in told.stdout.splitlines()]
    assert record["passed"] is False
    assert "bubblewrap" in record["skipped"]
    planned = program("routine_harness", "dry-run", "r", path=bare_path, folder=tmp_path)
    assert "No runs: the case needs a sandbox, and there is none here" in planned.stdout
    gated = program("routine_harness", "gate", "r", path=bare_path, folder=tmp_path)
    assert gated.returncode == 1
    assert "gate.case-undecided" in gated.stdout
    assert "bubblewrap (bwrap) is not installed" in " ".join(gated.stdout.split())
    tested = program("pytest", "r", "-rs", "-p", "no:cacheprovider", path=bare_path, folder=tmp_path)
    assert tested.returncode == 0, tested.stdout
    assert "needs a sandbox, and there is none here" in tested.stdout
    case = tmp_path / "r" / "cases" / "one.yaml"
    written = case.read_text()
    case.write_text(written.replace("agent:", "record_with:"))
    recorded = program("routine_harness", "record", "r", path=bare_path, folder=tmp_path)
    assert recorded.returncode == 2, recorded.stderr
    assert "this case needs a sandbox" in recorded.stderr
    case.write_text(written)
    for words in (("routine_harness", "check", "r", "--require-sandbox"),
                  ("routine_harness", "gate", "r", "--require-sandbox"),
                  ("pytest", "r", "-p", "no:cacheprovider", "--routine-require-sandbox")):  # fmt: skip
        required = program(*words, path=bare_path, folder=tmp_path)
        assert required.returncode == 2, (words, required.stdout + required.stderr)
        assert "r/cases/one.yaml:6: this case needs a sandbox" in required.stdout + required.stderr


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ('bash("tail -f /dev/null")', "over_budget", "2 seconds of real time are used up"),
        ("while True: pass", "over_budget", "2 seconds of real time are used up"),
        ('bash("kill -9 -1")\nsession.say("on")', "failed", "the shell of the sandbox was ended"),
        ('bash("kill -9 $PPID")\nsession.say("on")', "failed", "the shell of the sandbox was ended"),
        ("1 / 0", "failed", "the agent raised ZeroDivisionError"),
    ],
    ids=["hangs", "loops", "kills-all", "kills-shell", "raises"],
)
def test_a_run_always_ends(tmp_path: Path, body: str, status: str, reason: str) -> None:
    """Whatever a script or its commands do, there is a run with a status, and nothing is left."""
    result = ran(tmp_path, body, case="budget: {seconds: 2}\n" + AGENT)
    assert result.pair is not None
    assert (result.pair.first.status, result.pair.first.reason) == (status, reason)


def test_a_setup_script_that_fails_ends_the_run(tmp_path: Path) -> None:
    """The environment's setup comes before the script's first command."""
    path = write(
        tmp_path, 'session.say(bash("cat ~/made"))', routine="environment: {setup: 'echo up > ~/made'}\n"
    )
    assert said(check(path)) == "up"
    file = path.parent.parent / "routine.yaml"
    file.write_text(file.read_text().replace("echo up > ~/made", "echo broken >&2; exit 3"))
    result = check(path)
    assert result.pair is not None
    assert result.pair.first.reason == "the setup script failed: broken"


def limited(path: Path, limits: Limits) -> RunPair:
    """The runs of a case under other limits."""
    loaded = load_case_file(path)
    [case] = loaded.cases
    setting = open_setting(case, loaded.routine)
    script = CaseFiles(case, loaded.routine).script(case.agent)
    with sandboxed_script(setting, script, limits=limits) as sandboxed:
        pair = run_pair(plan_pair(setting), sandboxed.run)
    assert pair is not None
    return pair


def test_limits_hold(tmp_path: Path) -> None:
    """Too much memory ends the run with a finding; of a limit of the kernel's a program hears itself."""
    limits = Limits(memory=120 * MIB, file_size=4 * MIB, folder=64 * MIB)
    big = write(tmp_path / "file", 'session.say(bash("head -c 9000000 /dev/zero > ~/big"))')
    run = limited(big, limits).first
    assert "File size limit exceeded" in run.closing or "Exit code 153" in run.closing
    hog = """python3 -c 'import threading; held = b"x" * (300 << 20); threading.Event().wait(20)'"""
    run = limited(write(tmp_path / "memory", f"bash({hog!r})\nsession.say('on')"), limits).first
    assert run.status == "failed"
    assert run.closing == ""
    assert "sandbox.limit-exceeded" in [finding.code for finding in run.findings]


def test_faults_strike_commands_and_what_they_ask(tmp_path: Path) -> None:
    """A fault on Bash comes instead of the command; one on a tool of GitHub's strikes gh in the sandbox."""
    case = (
        "faults:\n  - {call: Bash, where: {command: {contains: touch}}, error: no shell today}\n"
        "  - {call: github.create_issue, status: 502}\n" + AGENT
    )
    result = ran(
        tmp_path,
        r"""
session.say(json.dumps([bash("touch made"), bash("ls"),
    bash("gh api repos/acme/core/issues -f title=x 2>&1")]))
""",
        case=case,
    )
    struck, listed, refused = json.loads(said(result))
    assert struck == "no shell today"
    assert "made" not in listed
    assert "502" in refused
    assert result.pair is not None
    assert result.pair.first.applied == ()


def test_other_tools_of_the_clone_are_refused(tmp_path: Path) -> None:
    """Where files are real, no answer about them comes from the world; what asks elsewhere still does."""
    world = "  http: [{method: GET, url: 'https://example.org/a', body: page}]\n"
    result = ran(
        tmp_path,
        r"""
session.say(json.dumps([call("LS", path=".").text, call("Monitor", command="ls").text,
    call("WebFetch", url="https://example.org/a").text, call("TodoWrite", todos=[]).is_error]))
""",
        case=world + AGENT,
        routine="environment: {network: full}\n",
    )
    listed, watched, page, noted = json.loads(said(result))
    assert "No such tool available: LS" in listed
    assert "No such tool available: Monitor" in watched
    assert "page" in page
    assert noted is False


def test_a_tool_that_the_routine_lacks_is_not_carried_out(tmp_path: Path) -> None:
    """``tools:`` of the routine holds for the sandbox, too."""
    result = ran(tmp_path, 'session.say(bash("touch made"))', routine="tools: [Read]\n")
    assert "No such tool available" in said(result)


def test_gh_may_be_absent(tmp_path: Path) -> None:
    """What the environment lacks is not there."""
    result = ran(tmp_path, 'session.say(bash("gh --version"))', routine="environment: {absent: [gh]}\n")
    assert "gh: command not found" in said(result)


def test_commands_go_on_in_the_background(tmp_path: Path) -> None:
    """One that was started so, and one that is late, write where their answers say."""
    result = ran(
        tmp_path,
        r"""
started = call("Bash", command="echo bg; touch done", run_in_background=True).text
late = call("Bash", command="echo begun; sleep 30", timeout=1000).text
stopped = call("Bash", command="sleep 30", timeout=1000).text
output = call("Read", file_path="/tmp/claude-1000/tasks/b1.output").text
session.say(json.dumps([started, late, stopped, output]))
""",
    )
    started, late, stopped, output = json.loads(said(result))
    assert started.startswith("Command running in background with ID: b1. Output is being written to: /tmp/")
    assert late.startswith("begun\nCommand did not complete within its 1s timeout and was moved")
    assert stopped == "Exit code 143\nCommand timed out after 1s"
    assert output == "1\tbg\n2\t"


def test_a_world_without_the_sandbox_says_what_it_does_not_know(tmp_path: Path) -> None:
    """Without ``shell: sandbox`` an unknown program is incomplete, and never an empty success."""
    body = 'session.say(str(call("Bash", command="make-it-so --now").is_error))'
    result = ran(tmp_path, body, case=AGENT.replace(", shell: sandbox", ""))
    assert said(result) == "True"
    assert "world.incomplete" in codes(result, 1)


def test_a_stand_in_answers_for_a_program(tmp_path: Path) -> None:
    """``commands:`` of the case go before what the machine has, for scripts in the sandbox, too."""
    commands = 'commands: [{run: "npm outdated **", stdout: "left-pad 1.0.0", exit: 1}]\n'
    result = ran(tmp_path, 'session.say(bash("npm outdated --long; cat README.md"))', case=commands + AGENT)
    assert said(result) == "left-pad 1.0.0\nhello"
