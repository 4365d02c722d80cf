"""The scripted agent: loaded by itself, and whatever it does wrong is a finding."""

from __future__ import annotations

import sys
import textwrap

import pytest
from support.desk import open_desk

from routine_harness.agents.scripted import GRACE, load_script
from routine_harness.errors import AgentError
from routine_harness.session.lifecycle import Budget


def script(source, target="agents/x.py::agent"):
    """A script from its source, without a file."""
    return load_script(target, lambda _: textwrap.dedent(source))


def run(source, **options):
    return script(source).run(open_desk(**options))


def codes(run):
    return [finding.code for finding in run.findings]


def test_a_script_acts_through_its_session():
    """What a script calls and says ends up in the run, which finishes well."""
    done = run("""
        def agent(session):
            assert session.prompt == "Keep the desk."
            assert session.firing.event.name == "pull_request.opened"
            session.call("desk.create_ticket", title="a")
            session.say("created one")
    """)
    assert (done.status, done.closing, len(done.tickets)) == ("finished", "created one", 1)
    assert done.findings == ()


def test_a_script_is_told_the_time_of_the_world():
    """`session.now` is the world's clock in UTC: it begins at the firing, and each call takes a second."""
    done = run("""
        def agent(session):
            session.call("desk.list_tickets")
            session.say(session.now.isoformat())
    """)
    assert done.closing == "2026-05-04T09:00:01+00:00"


def test_sys_path_is_left_alone():
    """A script is loaded under a name of its own."""
    before = list(sys.path)
    loaded = script(
        "import dataclasses\n@dataclasses.dataclass\nclass A:\n    b: int\ndef agent(session): A(1)"
    )
    assert loaded.run(open_desk()).status == "finished"
    assert sys.path == before


def test_globals_are_not_remembered_from_run_to_run():
    """No routine remembers the run before: neither does a script."""
    loaded = script("""
        seen = []
        def agent(session):
            if not seen:
                seen.append(1)
                session.call("desk.create_ticket", title="a")
    """)
    assert [len(loaded.run(open_desk()).tickets) for _ in range(2)] == [1, 1]


def test_a_script_that_raises_ends_in_a_failed_run():
    """What a script raises is a finding with its line; what it did before is kept."""
    failed = run("""
        def agent(session):
            session.call("desk.create_ticket", title="a")
            raise KeyError("url")
    """)
    assert failed.status == "failed"
    assert len(failed.tickets) == 1
    assert codes(failed) == ["agent.raised"]
    assert failed.findings[0].message == "the agent agents/x.py::agent raised KeyError: 'url'"
    assert str(failed.findings[0].location) == "agents/x.py:4"


@pytest.mark.parametrize("end", ["raise SystemExit(3)", "raise KeyboardInterrupt", "import sys; sys.exit()"])
def test_a_script_cannot_end_the_harness(end):
    """Leaving the process is caught like any other mistake."""
    assert codes(run(f"def agent(session):\n    {end}\n")) == ["agent.raised"]


def test_an_endless_loop_of_calls_is_stopped_by_the_budget():
    """A script that never stops calling is stopped soon after its budget has ended the session."""
    looped = run(
        """
        def agent(session):
            while True:
                try:
                    session.call("desk.list_tickets")
                except Exception:
                    pass
        """,
        budget=Budget(calls=3),
    )
    assert looped.status == "over_budget"
    assert len(looped.calls) == 3
    assert looped.findings == ()
    assert GRACE > 0


@pytest.mark.parametrize("body", ["while True: pass", "import time; time.sleep(60)"])
def test_an_endless_loop_is_left_behind(body):
    """A script that does not come back is given up on after its seconds."""
    hung = run(f"def agent(session):\n    {body}\n", budget=Budget(seconds=0.2))
    assert hung.status == "over_budget"
    assert codes(hung) == ["agent.hung"]
    assert hung.reason == "0.2 seconds of real time are used up"


def test_what_a_script_prints_is_captured(capsys):
    """Printing reaches nobody, and is a warning with the first lines."""
    printed = run("def agent(session):\n    print('hello')\n    session.say('x')\n")
    assert codes(printed) == ["agent.printed"]
    assert printed.findings[0].detail == ("hello",)
    assert not printed.findings[0].fails
    assert capsys.readouterr().out == ""


def test_an_installed_module_is_an_agent_too():
    """package.module::function names one that can be imported."""
    loaded = load_script("routine_harness.agents.scripted::load_script", lambda _: "")
    assert callable(loaded.load())


BROKEN = [
    ("agents/x.py", "", "'agents/x.py' names no function"),
    ("agents/x.py::other", "def agent(session): pass", "there is no function 'other'"),
    ("agents/x.py::agent", "def agent(:", "the agent is not Python"),
    (
        "agents/x.py::agent",
        "x = 1\nraise ValueError('at import')",
        "raised ValueError: at import while it was loaded",
    ),
    ("agents/x.py::agent", "a\0b", "the agent is not Python"),
    ("no_such_module_here::agent", "", "no module 'no_such_module_here'"),
    ("agents/x.py::agent", "agent = 3", "there is no function 'agent'"),
]


@pytest.mark.parametrize(("target", "source", "message"), BROKEN)
def test_an_agent_that_cannot_be_loaded_is_an_error(target, source, message):
    """Each way in which loading fails is one clear AgentError."""
    with pytest.raises(AgentError) as caught:
        load_script(target, lambda _: source)
    assert message in caught.value.problems[0].message


def test_an_agent_that_cannot_be_read_is_an_error(tmp_path):
    """A file that is not there is named as it was written."""

    def read(path):
        return (tmp_path / path).read_text()

    with pytest.raises(AgentError, match=r"agents/x\.py: cannot read the agent: No such file"):
        load_script("agents/x.py::agent", read)


def test_a_file_goes_by_the_name_that_messages_show():
    """Where it lies is nobody's business: errors and findings name the path as it is shown."""
    source = "def agent(session):\n    raise ValueError('boom')\n"
    place = "/far/away/agents/x.py"
    loaded = load_script(
        f"{place}::agent", lambda _: source, shown=lambda path: path.removeprefix("/far/away/")
    )
    [finding] = loaded.run(open_desk()).findings
    assert finding.message == "the agent agents/x.py::agent raised ValueError: boom"
    assert (finding.location.file, finding.location.line) == ("agents/x.py", 2)
    with pytest.raises(AgentError, match=r"^agents/x\.py: there is no function 'other'"):
        load_script(f"{place}::other", lambda _: source, shown=lambda path: path.removeprefix("/far/away/"))


def test_the_line_of_a_broken_file_is_named():
    """An agent that raises while it is loaded is shown at its own line."""
    with pytest.raises(AgentError) as caught:
        script("x = 1\n\n1 / 0\n")
    assert caught.value.problems[0].line == 3
