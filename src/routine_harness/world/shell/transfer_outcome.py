"""A transfer made in the world: its request is an act, redirects are followed, the answer is printed."""

from __future__ import annotations

from urllib.parse import parse_qsl

from routine_harness.plain import Record
from routine_harness.routine.network import split_url
from routine_harness.world.fetching import target_of, visit
from routine_harness.world.github.faces import API
from routine_harness.world.github.rest.replies import UNKNOWN_PATH, Reply
from routine_harness.world.github.rest.rest_answers import reply_to
from routine_harness.world.github.rest.rest_paths import named_path, requested
from routine_harness.world.github.tools.tool_calls import asked_directly
from routine_harness.world.http import Page, denied, take_recorded
from routine_harness.world.shell.act_effects import act_call
from routine_harness.world.shell.act_outcome import Carried
from routine_harness.world.shell.acts import HTTP_READ, Act
from routine_harness.world.shell.transfer import Hop, Transfer, print_transfer
from routine_harness.world.tool import Outcome


def carry_transfer(carried: Carried, transfer: Transfer, act: Act) -> str | None:
    """Make a transfer, whose request ``act`` is; what it printed on standard output, if that is known."""
    outcome = carried.apply(act)
    page = _page(carried, transfer, act, outcome)
    if page is None:
        return _unanswered(carried, transfer, outcome)
    hops = _followed(carried, transfer, Hop(transfer.url, transfer.method, page))
    if hops is None:
        return None
    style = transfer.style
    unfollowed = style.follow and bool(target_of(hops[-1].page, hops[-1].url))
    printed = print_transfer(hops, style, unfollowed=unfollowed)
    transfer.out, transfer.files, transfer.code = printed.out, printed.files, printed.code
    carried.note(printed.out, printed.err, failed=bool(printed.code))
    return printed.out


def _page(carried: Carried, transfer: Transfer, act: Act, outcome: Outcome) -> Page | None:
    """The first answer; None where it is not known, or the proxy lets nothing through."""
    if isinstance(outcome.found, Page):
        return outcome.found
    if act.server == API and (outcome.found is not None or not outcome.incomplete):
        return _replied(transfer, act, outcome)
    if act.kind == HTTP_READ or (outcome.result.is_error and not outcome.not_simulated):
        return None
    recorded = take_recorded(carried.world, transfer.method, transfer.url, transfer.body)
    if recorded is not None:
        carried.world, page = recorded
        return page
    return page_of_reply(UNKNOWN_PATH) if outcome.not_simulated else None


def _replied(transfer: Transfer, act: Act, outcome: Outcome) -> Page | None:
    """What GitHub's API answers to an act that is a request of it."""
    [step] = asked_directly(act_call(act))
    parts = split_url(transfer.url)
    path = named_path(outcome.world, parts.path)
    query: Record = dict(parse_qsl(parts.query, keep_blank_values=True))
    reply = reply_to(step, outcome, requested(query, path))
    return None if reply.incomplete else page_of_reply(reply)


def page_of_reply(reply: Reply) -> Page:
    """A reply as it goes over the wire."""
    kind = "text/plain" if isinstance(reply.value, str) else "application/json"
    headers = {"content-type": f"{kind}; charset=utf-8", **reply.headers}
    return Page(reply.status, tuple(headers.items()), reply.data)


def _unanswered(carried: Carried, transfer: Transfer, outcome: Outcome) -> str | None:
    """A request without a page: denied, refused, or a write whose answer is not known."""
    failed = outcome.result.is_error
    carried.note(outcome.result.text, failed=failed)
    if failed or outcome.incomplete or transfer.style.write_out or transfer.style.include:
        return None
    transfer.out = outcome.result.text
    return transfer.out


def _followed(carried: Carried, transfer: Transfer, first: Hop) -> list[Hop] | None:
    """The answers on the way; None where the way leads out of what is known."""
    hops, method, body = [first], first.method, transfer.body
    while transfer.style.follow and len(hops) <= transfer.style.most_hops:
        last = hops[-1]
        place = target_of(last.page, last.url)
        if not place:
            break
        if not transfer.style.keep_method and _becomes_get(last.page.status, method):
            method, body = "GET", b""
        refused = denied(carried.world, place, carried.environment)
        outcome = refused or visit(carried.world, carried.connectors, method, place, body)
        carried.world = outcome.world
        if not isinstance(outcome.found, Page):
            carried.missing = carried.missing or outcome.incomplete
            carried.note(outcome.result.text, failed=True)
            return None
        hops.append(Hop(place, method, outcome.found))
    return hops


def _becomes_get(status: int, method: str) -> bool:
    """Whether curl follows a redirect with GET instead of ``method``.

    As its manual says for ``--location``: 301, 302 and 303 make a POST a GET, a 303 any method but HEAD.
    """
    return (status in (301, 302, 303) and method == "POST") or (
        status == 303 and method not in ("GET", "HEAD")
    )
