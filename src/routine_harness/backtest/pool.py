"""Where parts are counted: here, in processes, or on a Dask cluster.

All give the tallies in the order of the parts, with only a few of them ahead, so that memory does
not grow with the archive. A part that is lost with its worker is counted again by another one.
"""

from __future__ import annotations

import itertools
import re
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from typing import Final, Protocol

from routine_harness.backtest.plan import Plan
from routine_harness.backtest.read import tally_part
from routine_harness.backtest.source import Part
from routine_harness.backtest.tally import Tally
from routine_harness.errors import Problem, UsageError
from routine_harness.plain import Json

_RETRIES: Final = 10
_PATIENCE: Final = 10
"""Seconds that a scheduler has to answer, and a worker to be there."""
_ADDRESS: Final = re.compile(r"(?:(?:tcp|tls|ws|wss|ucx)://)?[^\s/]+:(\d{1,5})")


class Pending(Protocol):
    """A tally that is on its way."""

    def result(self) -> Json: ...


Submit = Callable[[Plan, Part, frozenset[int]], Pending]


class _Now:
    """A tally that is computed when it is asked for."""

    def __init__(self, plan: Plan, part: Part, known: frozenset[int]) -> None:
        self._arguments = (plan, part, known)

    def result(self) -> Tally:
        return tally_part(*self._arguments)


@contextmanager
def open_pool(jobs: int, scheduler: str | None) -> Iterator[tuple[Submit, int]]:
    """A function that counts a part somewhere, and how many parts it can take at once.

    Raises:
        UsageError: no scheduler answers at that address, or the cluster extra is not installed.
    """
    with ExitStack() as stack:
        if scheduler:
            client = stack.enter_context(_client(scheduler))
            threads = max(sum(client.nthreads().values()), 1)
            yield (lambda *work: client.submit(tally_part, *work, pure=False, retries=_RETRIES)), threads
        elif jobs > 1:
            pool = stack.enter_context(ProcessPoolExecutor(jobs, mp_context=get_context(_start_method())))
            yield (lambda *work: pool.submit(tally_part, *work)), jobs
        else:
            yield _Now, 1


def tallies(plan: Plan, parts: Sequence[Part], submit: Submit, ahead: int) -> Iterator[tuple[Part, Tally]]:
    """The tally of every part in order, with ``ahead`` of them under way beyond the one awaited."""
    waiting: deque[tuple[Part, Pending]] = deque()
    remaining = iter(parts)
    for part in itertools.islice(remaining, ahead):
        waiting.append((part, submit(plan, part, frozenset())))
    while waiting:
        part, pending = waiting.popleft()
        tally = pending.result()
        for following in itertools.islice(remaining, 1):
            waiting.append((following, submit(plan, following, frozenset())))
        yield part, tally


def _start_method() -> str:
    """A fork starts at once, but would copy threads (a progress bar's) halfway: then spawn."""
    return "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"


def _client(address: str) -> Json:
    try:
        # Imported here: an extra that takes most of a second.
        from distributed import Client
    except ImportError as error:
        hint = "pip install 'routine-harness[backtest]'"
        raise UsageError(Problem("", 0, "--scheduler needs dask.distributed", hint)) from error
    # Looked at here, because a client that fails over it says so again, at length, when it is collected.
    form = _ADDRESS.fullmatch(address)
    if not form or not 0 < int(form[1]) < 65536:
        message = f"{address!r} is no address of a Dask scheduler"
        raise UsageError(Problem("", 0, message, "write tcp://host:8786"))
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        message = f"no Dask scheduler answers at {address!r}: {error}"
        raise UsageError(Problem("", 0, message, "write tcp://host:8786")) from error
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError as error:
        client.close()  # type: ignore[no-untyped-call]
        message = f"the Dask scheduler at {address!r} has no worker"
        raise UsageError(Problem("", 0, message, f"start one: dask worker {address}")) from error
    return client
