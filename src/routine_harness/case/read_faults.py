"""The ``faults`` of a case: their keys, and the Fault values that they spell."""

# Without `from __future__ import annotations`, as in `routine.routine_form`.
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, UnsetType

from routine_harness.plain import Json, Record
from routine_harness.routine.duration import parse_duration
from routine_harness.routine.form import Form, Raw, key
from routine_harness.routine.reader import Reader, kind_of
from routine_harness.session.faults import Fault, Lapse, Malformed, RateLimit
from routine_harness.verdict.expect_form import SecondForm
from routine_harness.verdict.file_parts import WHERE
from routine_harness.verdict.vocabulary import Vocabulary

OUTCOMES: Final = (
    "error", "timeout", "status", "disconnect", "slow", "malformed", "missing", "offers", "lapses",
    "rate_limit",
)  # fmt: skip
"""What can go wrong."""
_COUNTED: Final = ("nth", "from", "every")
_WHOLE: Final = {
    "missing": "write {connector: slack, missing: true}",
    "offers": "write {connector: slack, offers: [slack_read_channel]}",
}
"""What is said of a connector, not of one of its tools, and how it is written."""


class LapsesForm(Form, frozen=True, kw_only=True):
    what = "lapses"
    rules = {"minProperties": 1}

    after_call: Annotated[int | UnsetType, key("After so many calls of a run.", 2)] = UNSET
    between_runs: Annotated[bool, key("Between the two runs.", UNSET)] = False

    def check(self, reader: Reader) -> None:
        if self.sound and (self.after_call is not UNSET) == self.between_runs:
            reader.problem(self.place, "a grant lapses after_call or between_runs", "write {after_call: 2}")


class RateLimitForm(Form, frozen=True, kw_only=True):
    what = "rate_limit"

    per_minute: Annotated[
        int,
        key(
            "How many calls a minute are answered.",
            30,
            needs="write {per_minute: 30, retry_after: 30}",
            least=1,
        ),
    ]
    retry_after: Annotated[int, key("The seconds that the header retry-after names.", 30, least=1)] = 60


class FaultForm(Form, frozen=True, kw_only=True):
    what = "a fault"
    plural = "faults"
    part = "fault"
    rules = {
        "allOf": [
            {"anyOf": [{"required": [name]} for name in ("call", "connector")]},
            {"anyOf": [{"required": [name]} for name in OUTCOMES]},
        ]
    }
    examples = (
        {"call": "github.list_issues", "from": 2, "status": 503, "headers": {"retry-after": "30"}},
        {"call": "Bash", "error": "npm: network"},
        {"connector": "slack", "missing": True},
        {"call": "github.list_issues", "every": 2, "times": 3, "disconnect": True},
        {"call": "linear.list_issues", "malformed": "truncated"},
        {"call": "slack.slack_read_channel", "slow": "90s"},
        {"connector": "slack", "offers": ["slack_read_channel"]},
        {"connector": "linear", "lapses": {"after_call": 2}},
        {"connector": "linear", "lapses": {"between_runs": True}},
        {"connector": "github", "rate_limit": {"per_minute": 30, "retry_after": 30}},
    )

    call: Annotated[
        str,
        key(
            "A tool; another tool, gh command or request that does the same is struck, too.",
            "linear.save_issue",
        ),
    ] = ""
    connector: Annotated[str, key("Strikes every call of this connector.", UNSET)] = ""
    where: Annotated[
        Json, WHERE, key("Only calls whose arguments satisfy these.", {"title": {"contains": "Disk"}})
    ] = None
    nth: Annotated[int, key("Which matching call; left out, every one.", 1, least=1)] = 0
    from_nth: Annotated[
        int, key("The first matching call that it strikes; every later one as well.", UNSET, least=1)
    ] = msgspec.field(name="from", default=0)
    every: Annotated[int, key("Each so many-th matching call.", UNSET, least=1)] = 0
    times: Annotated[int, key("At most so many calls of a run.", UNSET, least=1)] = 0
    applied: Annotated[bool, key("The service acted, and its answer was lost.", True)] = False
    error: Annotated[str, key("The error that the agent gets.", UNSET)] = ""
    timeout: Annotated[bool, key("The call times out; applied says whether the service acted.", True)] = False
    status: Annotated[
        int | UnsetType, key("The HTTP status that the agent gets.", UNSET, minimum=100, maximum=599)
    ] = UNSET
    headers: Annotated[dict[str, str], key("Headers beside the status.", UNSET)] = {}
    disconnect: Annotated[bool, key("The connection to the server is closed.", UNSET)] = False
    slow: Annotated[
        Json, Raw({"type": "string"}), key("The answer comes after this time, on the world's clock.", UNSET)
    ] = UNSET
    malformed: Annotated[
        Malformed | UnsetType,
        key(
            "A success that is no answer: cut short, a page of HTML, nothing, or a value of another type.",
            UNSET,
        ),
    ] = UNSET
    missing: Annotated[bool, key("The whole connector is not there: it offers no tool.", UNSET)] = False
    offers: Annotated[
        tuple[str, ...] | UnsetType, key("The connector is there with these tools only.", UNSET)
    ] = UNSET
    lapses: Annotated[
        LapsesForm | UnsetType, key("The grant of the connector expires: 401 from then on.", UNSET)
    ] = UNSET
    rate_limit: Annotated[
        RateLimitForm | UnsetType,
        key("More calls than this in a minute of the world's clock are answered with 429.", UNSET),
    ] = UNSET
    then: Annotated[
        SecondForm | UnsetType, key("What must come of a run that it has struck.", {"tickets": 1})
    ] = UNSET

    def check(self, reader: Reader) -> None:
        if "call" not in self.written and "connector" not in self.written:
            hint = "write {call: linear.save_issue, error: …}"
            reader.problem(self.place, "a fault needs call or connector", hint)
        if self.status is not UNSET and not 100 <= self.status <= 599:
            reader.problem(self.below("status"), f"expected an HTTP status, found {self.status}")
        self._check_outcome(reader)
        for name, hint in _WHOLE.items():
            if name in self.written and self.call:
                reader.problem(self.below(name), f"{name} is said of a whole connector", hint)
            if name in self.written and self.applied:
                message = "a tool that is missing applies nothing"
                reader.problem(self.below("applied"), message, "leave applied out")
        counted = [name for name in _COUNTED if name in self.written]
        if len(counted) > 1:
            hint = "write from: 2 for every call but the first, every: 2 for each second one"
            message = f"a fault says {' or '.join(counted)}, not both"
            reader.problem(self.below(counted[-1]), message, hint)

    def _check_outcome(self, reader: Reader) -> None:
        """Note it where nothing goes wrong, or more than one thing at once."""
        named = [name for name in OUTCOMES if name in self.written]
        if not named:
            hint = "write {call: …, timeout: true} or {connector: …, missing: true}"
            reader.problem(self.place, f"a fault needs one of {', '.join(OUTCOMES)}", hint)
        # The words of an error may stand beside what they explain.
        apart = [name for name in named if name != "error"]
        if len(apart) > 1:
            message = f"a fault is {apart[0]} or {apart[1]}, not both"
            reader.problem(self.below(apart[1]), message, "write two faults")


def read_fault(reader: Reader, form: FaultForm, known: Vocabulary) -> Fault:
    """The fault that a form spells."""
    tool = known.tool_name(reader, form.call, form.below("call")) if form.call else ""
    if form.connector:
        known.check_connector(reader, form.connector, form.below("connector"))
    lapses, limit = form.lapses, form.rate_limit
    return Fault(
        tool=tool,
        connector=form.connector,
        where=_where(reader, form),
        nth=form.nth,
        error=form.error,
        timeout=form.timeout,
        status=form.status or 0,
        headers=form.headers,
        missing=form.missing,
        applied=form.applied,
        from_nth=form.from_nth,
        every=form.every,
        times=form.times,
        disconnect=form.disconnect,
        slow=_slow(reader, form),
        malformed=form.malformed or None,
        offers=None if form.offers is UNSET else form.offers,
        lapses=Lapse(lapses.after_call or 0, lapses.between_runs) if lapses else None,
        rate_limit=RateLimit(limit.per_minute, limit.retry_after) if limit else None,
    )


def _slow(reader: Reader, form: FaultForm) -> int:
    """The seconds of ``slow: 90s``."""
    written = form.slow
    if written is UNSET:
        return 0
    seconds = parse_duration(written) if isinstance(written, str) else None
    if seconds is None or seconds <= 0:
        message = f"expected a duration, found {kind_of(written)}"
        reader.problem(form.below("slow"), message, "write slow: 90s")
        return 0
    return seconds


def _where(reader: Reader, form: FaultForm) -> Record:
    where = form.where or {}
    if not isinstance(where, dict):
        reader.problem(form.below("where"), f"expected where to be a mapping, found {kind_of(where)}")
        return {}
    for name, data in where.items():
        reader.predicate(data, form.below("where", name))
    return where
