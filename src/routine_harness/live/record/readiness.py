"""What recording needs of this machine, looked at before anything starts: all that is missing, at once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping

from routine_harness.case.case import Case
from routine_harness.errors import AgentError, Problem
from routine_harness.live.client.agent import LiveOptions
from routine_harness.live.client.program import find_program
from routine_harness.live.sandbox.isolation import probe_isolation, script_problem, why_none
from routine_harness.serve.credential import Credential, find_credential
from routine_harness.serve.server import check_serving


def check_ready(
    options: LiveOptions, environment: Mapping[str, str], *, live: bool, scripted: Iterable[Case]
) -> Credential | None:
    """All that records is there. For ``live``, the real agent: a CLI, what serves it, an isolation, and
    something that opens the model or stands in for it. For ``scripted`` cases: the sandbox of each script
    that works in one.

    Returns the credential, None where none is needed.

    Raises:
        AgentError: everything that is missing, each with what brings it.
    """
    problems: list[Problem] = []
    credential = _check_live(options, environment, problems) if live else None
    problems += _sandbox_problems(scripted)
    if problems:
        raise AgentError(*problems)
    return credential


def _check_live(
    options: LiveOptions, environment: Mapping[str, str], problems: list[Problem]
) -> Credential | None:
    """The credential; what the real agent lacks is added to ``problems``."""
    with _gathered(problems):
        find_program(options.program)
    with _gathered(problems):
        check_serving()
    with _gathered(problems):
        probe_isolation(unsafe=options.unsafe)
    with _gathered(problems):
        if options.model is None:
            return find_credential(environment)
    return None


def _sandbox_problems(cases: Iterable[Case]) -> list[Problem]:
    """A problem for each case whose script needs a sandbox, where there is none."""
    scripts = [(case, case.script) for case in cases]
    needing = [(case, script) for case, script in scripts if script and script.shell == "sandbox"]
    why = why_none() if needing else ("", "")
    return [script_problem(case, script, why) for case, script in needing] if why[0] else []


@contextlib.contextmanager
def _gathered(problems: list[Problem]) -> Iterator[None]:
    try:
        yield
    except AgentError as error:
        problems += error.problems
