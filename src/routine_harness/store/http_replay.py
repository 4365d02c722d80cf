"""HTTP replay for scripted agents that speak HTTP themselves: vcrpy's patches over our index.

While a cassette is replayed every socket is denied, and a write is not sent: the observer gets it and
makes an effect of it. Live requests are made only in the record modes that ask for them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec

from routine_harness.agents.sockets import Fence, fenced, let_out
from routine_harness.errors import Problem, UsageError
from routine_harness.finding import Finding, Location, Severity
from routine_harness.plain import Json
from routine_harness.redaction.redactor import Redactor
from routine_harness.session.run import Run
from routine_harness.session.session import Session
from routine_harness.store.cassette_files import clean_interaction, save_cassette
from routine_harness.store.cassette_index import CassetteIndex, index_interactions, open_cassette
from routine_harness.store.cassettes import load_cassette, recorded
from routine_harness.store.files import shown
from routine_harness.store.interactions import Headers, Interaction, is_write, reads
from routine_harness.store.requests import observed
from routine_harness.world.tool import ToolCall, ToolResult

RecordMode = Literal["none", "once", "new_episodes", "all"]
MODES: Final = ("none", "once", "new_episodes", "all")
REFUSED: Final = 501
"""The status of the answer to a request that nothing answers."""

Observe = Callable[[ToolCall, ToolResult], object]
"""Called with every request: the tool call that it amounts to, and the answer."""


class HttpReplay:
    """Plays cassettes to HTTP clients, or records them; one for each run.

    Of ``paths`` the first that is absent is written, or the first of all; further absent ones are made
    empty. ``writes`` lets requests that change things go out while recording; without it they are refused
    even then. A GraphQL query changes nothing, although it is a POST.
    """

    def __init__(
        self,
        paths: tuple[Path, ...],
        mode: RecordMode = "none",
        *,
        observe: Observe | None = None,
        redactor: Redactor | None = None,
        writes: bool = False,
        run: int = 1,
    ) -> None:
        if mode not in MODES:
            raise UsageError(
                Problem("", 0, f"unknown record mode {mode!r}", f"the modes are {', '.join(MODES)}")
            )
        self._paths, self._observe, self._writes, self._run = paths, observe, writes, run
        self._redactor = redactor or Redactor()
        self._present = tuple(path for path in paths if mode == "none" or recorded(path))
        self._index = _open(() if mode == "all" else self._present)
        self._absent = tuple(path for path in paths if mode != "none" and path not in self._present)
        self._records = mode in ("new_episodes", "all") or (mode == "once" and bool(self._absent))
        self._mode = mode
        self._recorded: list[Interaction] = []
        self._unexpected: list[Finding] = []
        self.asked = False
        """Whether any request was made."""
        self._fence = Fence("a cassette is replayed, and this client went past it", loopback=False)

    def knows(self, method: str, url: str, body: Json) -> bool:
        """Whether the request is answered here, rather than sent out and recorded."""
        clean = self._clean(body)
        if not self._records or (not reads(method, clean) and not self._writes):
            return True
        return self._index.holds(method, self._redactor.text(url), clean)

    def answer(self, method: str, url: str, body: Json) -> Interaction:
        """The recorded answer; a refusal where there is none."""
        clean_url, clean_body = self._redactor.text(url), self._clean(body)
        found = self._index.answer(method, clean_url, clean_body)
        if found is None:
            found = self._refusal(method.upper(), clean_url, clean_body)
        self._note(method, clean_url, clean_body, found)
        return found

    def record(
        self, method: str, url: str, body: Json, headers: Headers, response: Mapping[str, Json]
    ) -> None:
        """Keep a live answer."""
        status, content = response["status"], response["body"]["string"]
        held = content.encode() if isinstance(content, str) else bytes(content or b"")
        interaction = Interaction(
            method.upper(),
            url,
            status["code"],
            held,
            {name: list(values) for name, values in response["headers"].items()},
            _raw(body),
            headers,
            status.get("message") or "",
        )
        self._recorded.append(clean_interaction(interaction, self._redactor))
        self._note(method, self._redactor.text(url), self._clean(body), self._recorded[-1])

    def findings(self, *, everything: bool = True, writes: bool = True) -> tuple[Finding, ...]:
        """Both sides accounted for: requests without an answer, and clients that tried to go past.

        ``writes`` adds the recorded writes that no run made, ``everything`` the answers that none asked for.
        """
        unplayed = self._index.unplayed() if self._mode != "all" else ()
        made = [is_write(each) and self._mode == "none" for each in unplayed]
        unmade = [each for each, write in zip(unplayed, made, strict=True) if write and writes]
        rest = tuple(each for each, write in zip(unplayed, made, strict=True) if not write and everything)
        left = [*map(self._unwritten, unmade), *([self._left_over(rest)] if rest else [])]
        passed = [self._went_past()] if self._fence.attempts else []
        return (*self._unexpected, *passed, *left)

    def save(self) -> None:
        """Write what was recorded; a cassette that is absent is made even if nothing was asked."""
        target = (*self._absent[:1], *self._paths)[:1] if self._mode != "all" else self._paths[:1]
        for path in dict.fromkeys((*(target if self._recorded else ()), *self._absent)):
            grows = self._mode == "new_episodes" and path in self._present
            kept = load_cassette(path) if grows else ()
            save_cassette(path, (*kept, *(self._recorded if path in target else ())), self._redactor)

    @contextlib.contextmanager
    def playing(self) -> Iterator[HttpReplay]:
        """HTTP clients of this process are answered from here, and nothing is reached past it; while it
        is recorded, everything is. Saved at the end."""
        # Imported here: vcrpy costs 160 ms and is needed where an agent speaks HTTP.
        from routine_harness.store.patched_clients import patched_clients

        with contextlib.ExitStack() as stack:
            stack.enter_context(let_out() if self._records else fenced(self._fence))
            stack.enter_context(patched_clients(self))
            yield self
        self.save()

    def _clean(self, body: Json) -> bytes:
        return self._redactor.data(_raw(body))

    def _refusal(self, method: str, url: str, body: bytes) -> Interaction:
        near = self._index.explain(method, url, body)
        read = reads(method, body)
        message = f"nothing answers {method} {url}: no recorded interaction matches"
        self._unexpected.append(
            Finding(
                code="call.unexpected",
                message=message,
                severity=Severity.WARNING if read else Severity.ERROR,
                hint="record it with --routine-record=new_episodes, or give the world an answer",
                detail=near,
                run=self._run,
            )
        )
        content = msgspec.json.encode({"message": message, "nearest": near})
        return Interaction(
            method, url, REFUSED, content, {"Content-Type": ["application/json"]}, reason="Not Recorded"
        )

    def _note(self, method: str, url: str, body: bytes, answer: Interaction) -> None:
        self.asked = True
        if self._observe is None:
            return
        self._observe(*observed(method, url, body, answer))

    def _left_over(self, unplayed: tuple[Interaction, ...]) -> Finding:
        first = unplayed[0]
        shown_first = tuple(f"{each.method} {each.url}" for each in unplayed[:5])
        return Finding(
            code="cassette.unplayed",
            message=f"{len(unplayed)} recorded answers were not asked for, first {first.method} {first.url}",
            severity=Severity.WARNING,
            location=Location(self._index.file, first.line),
            hint="record the cassette anew, or leave it if the routine need not ask",
            detail=shown_first,
            run=self._run,
        )

    def _unwritten(self, write: Interaction) -> Finding:
        return Finding(
            code="cassette.unplayed",
            message=f"a recorded write was made by no run: {write.method} {write.url}",
            location=Location(self._index.file, write.line),
            hint="record the cassette anew, or look why the agent does not write any more",
            run=self._run,
            data={"write": True},
        )

    def _went_past(self) -> Finding:
        places = ", ".join(dict.fromkeys(self._fence.attempts))
        return Finding(
            code="cassette.bypassed",
            message=f"a client tried to reach {places} past the cassette",
            hint="use requests, httpx, httpx2, urllib3 or aiohttp, which a cassette can answer",
            run=self._run,
        )


def replaying(
    execute: Callable[[Session], Run | None],
    paths: tuple[Path, ...],
    mode: RecordMode,
    redactor: Callable[[], Redactor],
) -> Callable[[Session], Run | None]:
    """``execute`` with HTTP clients answered from the cassettes, rewound for every run.

    Each request is a call of the session, so that it is in the transcript, is granted or not, and has
    its effects. What was recorded is accounted for where the agent asked for anything at all, and on
    the first run: the second one may well find that there is less to do. What the second run asks
    for besides is added to what the first one recorded.
    """

    def run(session: Session) -> Run | None:
        def observe(call: ToolCall, result: ToolResult) -> None:
            session.replay(call.name, call.arguments, result, trust="recorded")

        again: RecordMode = "new_episodes" if session.number > 1 and mode == "all" else mode
        replay = HttpReplay(paths, again, observe=observe, redactor=redactor(), run=session.number)
        with replay.playing():
            done = execute(session)
        findings = replay.findings(everything=session.number == 1 and replay.asked, writes=replay.asked)
        if done is None or not (findings or replay.asked):
            return done
        # The replay accounts for the pages; the session's own findings on them would say it twice.
        kept = (one for one in done.findings if not replay.asked or one.data.get("pages") is None)
        return msgspec.structs.replace(done, findings=(*kept, *findings))

    return run


def _open(paths: tuple[Path, ...]) -> CassetteIndex:
    """The index of one cassette, or of several one after the other."""
    if len(paths) == 1:
        return open_cassette(paths[0])
    held = tuple(each for path in paths for each in load_cassette(path))
    return index_interactions(held, ", ".join(shown(path) for path in paths))


def _raw(body: Json) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")
    if hasattr(body, "read"):
        return _raw(body.read())
    return bytes(body) if isinstance(body, bytes | bytearray | memoryview) else b"".join(map(_raw, body))
