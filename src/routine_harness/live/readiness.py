"""What a live run needs of this machine, looked at before anything starts: all that is missing, at once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from routine_harness.errors import AgentError, Problem
from routine_harness.live.agent import LiveOptions
from routine_harness.live.program import find_program
from routine_harness.live.sandbox import probe_isolation
from routine_harness.serve.credential import Credential, find_credential
from routine_harness.serve.packages import check_serving


def check_ready(options: LiveOptions, environment: Mapping[str, str]) -> Credential | None:
    """There is a CLI, what serves it, an isolation, and something that opens the model or stands in for it.

    Returns the credential, None where something stands in.

    Raises:
        AgentError: everything that is missing, each with what brings it.
    """
    problems: list[Problem] = []
    credential: Credential | None = None
    with _gathered(problems):
        find_program(options.program)
    with _gathered(problems):
        check_serving()
    with _gathered(problems):
        probe_isolation(unsafe=options.unsafe)
    with _gathered(problems):
        if options.model is None:
            credential = find_credential(environment)
    if problems:
        raise AgentError(*problems)
    return credential


@contextlib.contextmanager
def _gathered(problems: list[Problem]) -> Iterator[None]:
    try:
        yield
    except AgentError as error:
        problems += error.problems
