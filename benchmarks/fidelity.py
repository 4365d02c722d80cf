"""How true the simulated GitHub is: every recorded request, asked of a world built from the other recordings.

For each request of a cassette a world is built from what the other interactions of that file say; the
REST face answers, and the answer is held against the recorded one. Printed by kind of request, with a
last line ``exact N, compatible N, wrong N, status N, unmodelled N``.

    python benchmarks/fidelity.py [--wrong] [FOLDER or FILE …]
"""

from __future__ import annotations

import argparse
import collections
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
from routine_harness.world.github import tables
from routine_harness.world.github.connector import CONNECTOR, answer_request
from routine_harness.world.github.rest_records import records_from_rest
from routine_harness.world.instants import instant
from routine_harness.world.state import World

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
    """The world as the other interactions tell it: what came before the request has the last word."""
    own = interactions[at]
    made = made_by(own)
    world = World(clock=clock_of(own))
    order = [*reversed(interactions[at + 1 :]), *interactions[:at]]
    for each in order:
        later = interactions.index(each) > at
        if later and (each.method != "GET" or own.method != "GET"):
            continue  # what follows a write shows what the write has done
        url = each.url
        for name, row in records_from_rest(each.method, url, each.status, value_of(each)):
            if later and made & {row.get("id"), row.get("number")}:
                continue
            try:
                world = CONNECTOR.seed_record(world, name.partition(".")[2], row)
            except ValueError:
                continue
        world = without_deleted(world, each)
    world = with_writer(world, own)
    return CONNECTOR.complete_world(world)


def made_by(each: Interaction) -> set[Any]:
    value = value_of(each)
    if each.method != "POST" or each.status != 201 or not isinstance(value, dict):
        return set()
    return {value.get("id"), value.get("number")} - {None}


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


_DELETED = re.compile(r"/repos/([^/]+/[^/]+)/(git/refs/heads|labels|issues/comments)/(.+)$")


def without_deleted(world: World, each: Interaction) -> World:
    match = _DELETED.search(urlsplit(each.url).path)
    if each.method != "DELETE" or each.status >= 300 or match is None:
        return world
    table = {"git/refs/heads": "branches", "labels": "labels", "issues/comments": "comments"}[match[2]]
    key = int(match[3]) if match[3].isdecimal() else match[3]
    row = tables.get(world, table, match[1], key)
    return world if row is None else tables.remove(world, table, row)


def judge(each: Interaction, world: World) -> tuple[str, str]:
    """Which kind of answer the world gives, and what differs first."""
    parts = urlsplit(each.url)
    body = msgspec.json.decode(each.body) if each.body and each.body.strip()[:1] in (b"{", b"[") else None
    query = dict(parse_qsl(parts.query))
    accept = next(iter(each.request_headers.get("Accept") or each.request_headers.get("accept") or [""]), "")
    reply, outcome = answer_request(world, each.method, parts.path, query, body, accept)
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
