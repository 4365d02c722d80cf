"""How true the simulated GitHub is: every recorded request, asked of a world built from the other recordings.

For each request of a cassette a world is built from what the other interactions of that file say; the
REST face answers, and the answer is held against the recorded one. Printed by kind of request, with a
last line ``exact N, compatible N, wrong N, status N, not-simulated N``.

    python benchmarks/fidelity.py [--wrong] [FOLDER or FILE …]
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import re
import sys
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import msgspec

from routine_harness.errors import HarnessError
from routine_harness.interop.cassettes import import_recording
from routine_harness.store.interactions import Interaction, server_of
from routine_harness.world.github.connector import CONNECTOR, answer_request
from routine_harness.world.github.records.rest_records import records_from_rest
from routine_harness.world.github.records.tables import TABLES
from routine_harness.world.github.rest.replies import Reply
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
KINDS = ("exact", "compatible", "wrong", "status", "not-simulated")
CHOSEN = re.compile(
    r"(?:^|_)(?:id|at|sha|url|oid)$|^href$|^(?:date|number|token|key|label|email|html|self|git)$"
)
"""Fields whose value the service chooses (ids, times, numbers, addresses that hold one): a world that made
such a value up itself, because no other recording tells it, cannot know it."""

VOLATILE = {
    "permissions": "what the token of the request may do; a recording holds requests of several tokens",
    "author_association": "as the token's owner may see it: two reads of one pull request in a row differ",
    "mergeable": "GitHub computes it in the background after a push; it changes without a request",
    "rebaseable": "the same",
    "mergeable_state": "the same",
    "merge_commit_sha": "the same: GitHub's trial merge",
    "updated_at": "moves with git pushes and with what others do, which no recording of requests holds",
    "pushed_at": "the same",
    "size": "the same, in kilobytes counted by the hour",
}
"""Field → why its value changes between two reads although nothing was asked in between."""


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

    First what follows: repositories and people, and for a read all that is read before the next write,
    the nearest last. Then what came before, in order: a write is carried out as it was recorded, and
    every answer has the last word on what it shows.
    """
    own, following = interactions[at], interactions[at + 1 :]
    world = with_writer(World(clock=clock_of(own)), *reversed(interactions[:at]), *following)
    if own.method == "GET":
        world = _lasting(world, following)
    for each in reversed(_undisturbed(own, following)):
        world = _seeded(world, each)
    for each in interactions[:at]:
        world = _seeded(_carried_out(world, each), each)
    return CONNECTOR.complete_world(with_writer(world, own))


def _lasting(world: World, following: tuple[Interaction, ...]) -> World:
    """``world`` with the repositories, people and installations that anything later names."""
    later = World()
    for each in reversed(following):
        later = _seeded(later, each)
    for name in LASTING:
        world = world.with_table(name, table) if (table := later.tables.get(name)) else world
    return world


LASTING = ("github.repositories", "github.users", "github.installations")
"""What is there before the first request that reads it."""
_ASIDE = re.compile(r"/(?:check-runs|statuses|access_tokens|comments|reactions)\b")
"""Writes that change no more than what they name."""
_CODE = re.compile(r"/(?:contents|git|branches|commits|files|compare|merges?|update-branch)(?:/|$)")
"""Reads of code, which no other writes than these change."""


def _undisturbed(own: Interaction, following: tuple[Interaction, ...]) -> tuple[Interaction, ...]:
    """The reads that follow a read and show the same world: nothing has been written to since."""
    if own.method != "GET":
        return ()
    for number, each in enumerate(following):
        path = urlsplit(each.url).path
        aside = _ASIDE.search(path)
        touched = aside is None or aside[0] in own.url
        if _CODE.search(urlsplit(own.url).path) and aside is None:
            touched = bool(_CODE.search(path))
        if each.method != "GET" and each.status < 300 and touched:
            return tuple(one for one in following[:number] if one.method == "GET")
    return tuple(one for one in following if one.method == "GET")


def _seeded(world: World, each: Interaction) -> World:
    """``world`` with what an answer tells."""
    for name, row in records_from_rest(each.method, each.url, each.status, value_of(each)):
        with contextlib.suppress(ValueError):
            world = CONNECTOR.seed_record(world, name.partition(".")[2], row)
    return world


def _carried_out(world: World, each: Interaction) -> World:
    """``world`` after a recorded write; as before where it was refused, or ends otherwise here.

    What the write made is left out where the answer shows it: there it has the ids of the service.
    """
    if each.method == "GET" or each.status >= 300:
        return world
    before = CONNECTOR.complete_world(World(world.tables, clock_of(each, world.clock), world.counters))
    reply, outcome = ask(with_writer(before, each), each)
    if reply.status != each.status:
        return world
    after, shown = outcome.world, value_of(each)
    if each.method == "POST" and isinstance(shown, dict) and "id" in shown:
        for table, keys in TABLES.items():
            if keys[-1:] in (("id",), ("number",)):
                for row in after.table(f"github.{table}"):
                    key = tuple(row[name] for name in keys)
                    if before.get(f"github.{table}", key) is None:
                        after = after.remove(f"github.{table}", key)
    return after


def clock_of(each: Interaction, default: int = 0) -> int:
    """The seconds of the answer's Date header."""
    dates = next((values for name, values in each.headers.items() if name.lower() == "date"), [])
    try:
        return int(parsedate_to_datetime(dates[0]).timestamp()) if dates else default
    except ValueError:
        return default


def with_writer(world: World, *tellers: Interaction) -> World:
    """The agent is whom a recorded write names as its author: the first of ``tellers`` that does."""
    for each in tellers:
        value = value_of(each)
        if each.method in ("POST", "PUT", "PATCH") and isinstance(value, dict):
            commit = value.get("commit") if isinstance(value.get("commit"), dict) else {}
            person = value.get("user") or value.get("author") or value.get("creator") or commit.get("author")
            login = person.get("login") or person.get("name") if isinstance(person, dict) else None
            if isinstance(login, str):
                return CONNECTOR.seed_record(world, "me", {**person, "login": login})
    return world


def ask(world: World, each: Interaction) -> tuple[Reply, Outcome]:
    """What the REST face answers to a recorded request."""
    parts = urlsplit(each.url)
    body = each.request_body
    value = msgspec.json.decode(body) if body.strip()[:1] in (b"{", b"[") else None
    accept = next((v for k, v in each.request_headers.items() if k.lower() == "accept"), [""])[0]
    query = dict(parse_qsl(parts.query))
    return answer_request(world, each.method, parts.path, query, value, accept)


def judge(interactions: tuple[Interaction, ...], at: int) -> tuple[str, str]:
    """Which kind of answer the world gives to a request, and what differs first."""
    each, world = interactions[at], world_for(interactions, at)
    reply, outcome = ask(world, each)
    if gap := outcome.incomplete or outcome.not_simulated:
        return "not-simulated", gap
    if reply.status == each.status:
        shown, recorded = _bare(reply.value, reply.failed), _bare(value_of(each), reply.failed)
        if shown == recorded or (not recorded and not shown):
            return "exact", ""
        account = re.fullmatch("/user|/(?:users|orgs)/[^/]+", urlsplit(each.url).path) is not None
        told = _text(each, *interactions[:at], *interactions[at + 1 :])
        before = _text(each, *interactions[:at])
        found = Comparison(told, before, each.method != "GET", account).differs(recorded, shown)
        if not found:
            return "compatible", ""
    else:
        found = f"{each.status} recorded, {reply.status} here: {reply.value if reply.failed else ''}"
    if nothing_told(interactions, at):
        return "not-simulated", f"no other recording tells of it; {found}"
    return ("wrong" if reply.status == each.status else "status"), found


def _text(own: Interaction, *others: Interaction) -> str:
    """What a request and the answers of ``others`` say, as text."""
    return b"\n".join([own.request_body, *(one.plain for one in others)]).decode("utf-8", "replace")


def nothing_told(interactions: tuple[Interaction, ...], at: int) -> bool:
    """Whether the world holds nothing of the repository, or of anything, that a request asks about."""
    world, path = world_for(interactions, at), urlsplit(interactions[at].url).path
    named = re.match(r"/repos/([^/]+/[^/]+)|/repositories/(\d+)", path)
    rows = list(world.table("github.repositories"))
    if named is None:
        return not rows
    return not any(named[1] == row["full_name"] or named[2] == str(row.get("id")) for row in rows)


def _bare(value: Any, failed: bool) -> Any:
    if not failed or not isinstance(value, dict):
        return value
    return {k: v for k, v in value.items() if k not in ("documentation_url", "status", "request_id")}


PUSHED = ("sha", "statuses_url", "default_branch")
"""What a git push moves, which is no request: nobody can foretell the first answer that shows it."""


class Comparison(NamedTuple):
    """A recorded answer held against the world's; ``told`` is what all other recordings of the file and
    the request itself say: an empty value that stands nowhere there is one that the world cannot know."""

    told: str
    before: str
    write: bool
    account: bool
    """An account, which shows some fields to its owners' tokens alone and null to others: two reads of one
    organisation in a row differ."""

    def differs(self, recorded: Any, shown: Any, place: str = "") -> str:
        """The first place where a value that both have is another one; missing fields do not count."""
        if isinstance(recorded, dict) and isinstance(shown, dict):
            names = [name for name in shown if name in recorded and name not in VOLATILE]
            found = (self.differs(recorded[name], shown[name], f"{place}.{name}") for name in names)
            return next(filter(None, found), "")
        if isinstance(recorded, list) and isinstance(shown, list):
            if len(recorded) != len(shown):
                return f"{place}: {len(recorded)} recorded, {len(shown)} here"
            pairs = enumerate(zip(recorded, shown, strict=True))
            return next(filter(None, (self.differs(a, b, f"{place}[{at}]") for at, (a, b) in pairs)), "")
        if isinstance(recorded, str) and isinstance(shown, str) and place.endswith(".content"):
            recorded, shown = recorded.replace("\n", ""), shown.replace("\n", "")  # base64 in lines
        empty = shown is None or (shown in ("", 0) and not isinstance(shown, bool))
        unknown = empty and str(recorded) not in self.told
        unknown = unknown or (self.account and None in (shown, recorded))
        name = place.rpartition(".")[2]
        moved = name in PUSHED and str(recorded).split("/statuses/")[-1] not in self.before
        if recorded == shown or unknown or moved or self._made_up(name, shown):
            return ""
        return f"{place}: {str(recorded)[:60]!r} recorded, {str(shown)[:60]!r} here"

    def _made_up(self, name: str, shown: Any) -> bool:
        return bool(CHOSEN.search(name)) and (self.write or str(shown) not in self.told)


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
            verdict, why = judge(held, at)
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
