"""How true the simulated GitHub is: every recorded request, asked of a world built from the other recordings.

For each request of a cassette a world is built from what the other interactions of that file say; the
REST face answers, and the answer is held against the recorded one. Printed by kind of request, with a
last line ``exact N, compatible N, wrong N, status N, unmodelled N``.

    python benchmarks/fidelity.py [--wrong] [FOLDER or FILE …]
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from routine_harness.errors import HarnessError
from routine_harness.interop.cassettes import import_recording
from routine_harness.store.interactions import Interaction, server_of
from routine_harness.world.github.connector import CONNECTOR, answer_request
from routine_harness.world.github.rest_answers import Reply
from routine_harness.world.github.rest_records import records_from_rest
from routine_harness.world.instants import instant
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
KINDS = ("exact", "compatible", "wrong", "status", "unmodelled")
CHOSEN = re.compile(r"(?:^|_)(?:id|at|sha|url|oid)$|^(?:ref|date|version|etag|updated|score|text_matches)$")
"""Fields whose value the service chooses when it answers a write: nobody can foretell them."""


def recordings(paths: list[Path]) -> Iterator[tuple[str, tuple[Interaction, ...]]]:
    """The readable recordings below ``paths``, by name."""
    for path in paths:
        files = [path] if path.is_file() else sorted(path.rglob("*"))
        for file in files:
            if file.suffix not in (".json", ".yaml", ".yml"):
                continue
            try:
                yield file.name, import_recording(file.read_bytes(), file.name).interactions
            except HarnessError as error:
                print(f"left out: {error}", file=sys.stderr)


def value_of(each: Interaction) -> Any:
    if not each.plain:
        return None
    try:
        return msgspec.json.decode(each.plain)
    except msgspec.DecodeError:
        return each.plain.decode("utf-8", "replace")


def world_for(interactions: tuple[Interaction, ...], at: int) -> World:
    """The world as the other interactions tell it.

    Reads that follow, the nearest last, up to the next write; then what came before, in order: a write
    is carried out as it was recorded, and every answer has the last word on what it shows.
    """
    own = interactions[at]
    world = World(clock=clock_of(own))
    for each in reversed(_undisturbed(interactions, at)):
        world = _seeded(world, each)
    for each in interactions[:at]:
        world = _seeded(_carried_out(world, each), each)
    return CONNECTOR.complete_world(with_writer(world, own))


def _undisturbed(interactions: tuple[Interaction, ...], at: int) -> list[Interaction]:
    """The reads that follow a read and show the same world: none has been written to since."""
    if interactions[at].method != "GET":
        return []
    following = interactions[at + 1 :]
    written = (n for n, each in enumerate(following) if each.method != "GET" and each.status < 300)
    return list(following[: next(written, len(following))])


def _seeded(world: World, each: Interaction) -> World:
    for name, row in records_from_rest(each.method, each.url, each.status, value_of(each)):
        with contextlib.suppress(ValueError):
            world = CONNECTOR.seed_record(world, name.partition(".")[2], row)
    return world


def _carried_out(world: World, each: Interaction) -> World:
    """``world`` after a recorded write; as before where it was refused, or ends otherwise here."""
    if each.method == "GET" or each.status >= 300:
        return world
    before = CONNECTOR.complete_world(World(world.tables, clock_of(each), world.counters))
    reply, outcome = ask(with_writer(before, each), each)
    return outcome.world if reply.status == each.status else world


def clock_of(each: Interaction) -> int:
    dates = each.headers.get("Date") or each.headers.get("date") or []
    try:
        return instant(dates[0]) if dates else 0
    except ValueError:
        return 0


def with_writer(world: World, own: Interaction) -> World:
    """The agent is whom the recorded answer names as its author."""
    value = value_of(own)
    if own.method in ("POST", "PUT", "PATCH") and isinstance(value, dict):
        person = value.get("user") or value.get("author") or value.get("creator")
        if isinstance(person, dict) and isinstance(person.get("login"), str):
            return CONNECTOR.seed_record(world, "me", person)
    return world


def ask(world: World, each: Interaction) -> tuple[Reply, Outcome]:
    """What the REST face answers to a recorded request."""
    parts = urlsplit(each.url)
    body = each.request_body
    value = msgspec.json.decode(body) if body.strip()[:1] in (b"{", b"[") else None
    accept = next((v for k, v in each.request_headers.items() if k.lower() == "accept"), [""])[0]
    query = dict(parse_qsl(parts.query))
    return answer_request(world, each.method, parts.path, query, value, accept)


def judge(each: Interaction, world: World) -> tuple[str, str]:
    """Which kind of answer the world gives, and what differs first."""
    reply, outcome = ask(world, each)
    if outcome.incomplete and reply.status in (404, 501):
        return ("exact" if each.status == 404 and reply.status == 404 else "unmodelled"), outcome.incomplete
    if reply.status != each.status:
        return "status", f"{each.status} recorded, {reply.status} here: {reply.value if reply.failed else ''}"
    recorded = value_of(each)
    if isinstance(recorded, dict) and reply.failed:
        recorded = {
            k: v for k, v in recorded.items() if k not in ("documentation_url", "status", "request_id")
        }
        shown: Any = {k: v for k, v in reply.value.items() if k not in ("documentation_url", "status")}
    else:
        shown = reply.value
    if shown == recorded or (not recorded and not shown):
        return "exact", ""
    found = differs(recorded, shown, each.method != "GET")
    return ("wrong", found) if found else ("compatible", "")


def differs(recorded: Any, shown: Any, chosen: bool, place: str = "") -> str:
    """The first place where a value that both have is another one; fields that are missing do not count."""
    if isinstance(recorded, dict) and isinstance(shown, dict):
        for name, value in shown.items():
            if name in recorded and not (chosen and CHOSEN.search(name)):
                found = differs(recorded[name], value, chosen, f"{place}.{name}")
                if found:
                    return found
        return ""
    if isinstance(recorded, list) and isinstance(shown, list):
        if len(recorded) != len(shown):
            return f"{place}: {len(recorded)} recorded, {len(shown)} here"
        pairs = zip(recorded, shown, strict=True)
        return next(
            (f for at, (a, b) in enumerate(pairs) if (f := differs(a, b, chosen, f"{place}[{at}]"))), ""
        )
    if isinstance(recorded, str) and isinstance(shown, str) and "base64" not in place:
        recorded, shown = recorded.replace("\n", ""), shown.replace("\n", "")
    return "" if recorded == shown else f"{place}: {str(recorded)[:60]!r} recorded, {str(shown)[:60]!r} here"


def kind_of(each: Interaction) -> str:
    path = urlsplit(each.url).path.removesuffix("/")
    path = re.sub(r"^/(?:repos/[^/]+/[^/]+|repositories/\d+)", "~", path)
    path = re.sub(r"/[0-9a-f]{40}|/\d+", "/N", path)
    path = re.sub(r"(contents|heads|branches|labels|tags|users|orgs|collaborators)/[^ ]+", r"\1/X", path)
    return f"{each.method} {path}"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wrong", action="store_true", help="print what differs")
    parser.add_argument("paths", nargs="*", type=Path, default=[SHARED / "cassettes", SHARED / "github-rest"])
    given = parser.parse_args()
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for name, interactions in recordings(given.paths):
        held = tuple(each for each in interactions if server_of(each.url) == "api.github.com")
        for at, each in enumerate(held):
            verdict, why = judge(each, world_for(held, at))
            counts[kind_of(each)][verdict] += 1
            if given.wrong and verdict not in ("exact", "compatible"):
                print(f"{verdict}: {name} {at} {each.method} {urlsplit(each.url).path}: {why}")
    total: collections.Counter[str] = collections.Counter()
    for kind, found in sorted(counts.items()):
        total += found
        print(
            f"{kind:60.60} " + ", ".join(f"{verdict} {found[verdict]}" for verdict in KINDS if found[verdict])
        )
    print(", ".join(f"{verdict} {total[verdict]}" for verdict in KINDS))
    return 0


if __name__ == "__main__":
    sys.exit(main())
