"""Cassettes and redaction against their limits: look-up by size, loading, megabytes a second.

Run ``python benchmarks/cassettes.py``; every ratio comes from one run on one machine. The world's
own numbers are in ``benchmarks/world.py``.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import orjson
import vcr

from routine_harness.redaction.redactor import Redactor
from routine_harness.store.cassette_files import save_cassette
from routine_harness.store.cassette_index import open_cassette
from routine_harness.store.http_replay import HttpReplay
from routine_harness.store.interactions import Interaction

SIZES = (10, 100, 1_000, 5_000)
HEADERS = {"Content-Type": ["application/json; charset=utf-8"], "Server": ["GitHub.com"], "ETag": ['W/"abc"']}


def interactions(count: int) -> tuple[Interaction, ...]:
    """As many JSON-RPC posts to one address, as an MCP server's cassette holds them."""
    return tuple(
        Interaction(
            "POST",
            "https://mcp.example.org/mcp",
            200,
            json.dumps({"jsonrpc": "2.0", "id": n, "result": {"n": n, "text": "word " * 40}}).encode(),
            HEADERS,
            json.dumps({"jsonrpc": "2.0", "id": n, "method": "tools/call", "params": {"n": n}}).encode(),
            {"Accept": ["application/json"]},
        )
        for n in range(count)
    )


def median(action: Callable[[], object], repeats: int) -> float:
    """Median seconds of one ``action``."""
    return statistics.median(timed(action) for _ in range(repeats))


def timed(action: Callable[[], object]) -> float:
    """Seconds of one ``action``."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def best(action: Callable[[], object], repeats: int = 7) -> float:
    """Least seconds of one ``action``."""
    return min(timed(action) for _ in range(repeats))


def asked(client: httpx.Client, numbers: list[int]) -> Callable[[], object]:
    """Post the next of ``numbers``, under an id of its own."""
    following = iter(numbers)

    def post() -> object:
        n = next(following)
        body = {"params": {"n": n}, "method": "tools/call", "id": f"x{n}", "jsonrpc": "2.0"}
        answer = client.post("https://mcp.example.org/mcp", json=body)
        assert answer.json()["result"]["n"] == n, answer.text
        return answer

    return post


def lookup(folder: Path, sizes: tuple[int, ...]) -> dict[int, float]:
    """Seconds a request through httpx and our replay, by the size of the cassette."""
    found = {}
    for size in sizes:
        numbers = [(7 * n + size // 2) % size for n in range(min(size - 1, 300))]
        times: list[float] = []
        while len(times) < 300:  # a write is answered once, so that a small cassette is played often
            with HttpReplay((folder / f"{size}.jsonl",)).playing(), httpx.Client() as client:
                post = asked(client, [size - 1, *numbers] if (size - 1) not in numbers else numbers)
                post()
                times += [timed(post) for _ in numbers[1:]]
        found[size] = statistics.median(times)
    return found


def index_lookup(folder: Path, sizes: tuple[int, ...]) -> dict[int, float]:
    """Seconds a look-up in the index alone."""
    found = {}
    for size in sizes:
        index = open_cassette(folder / f"{size}.jsonl")
        bodies = [each.request_body for each in interactions(size)]

        def one(index: Any = index, bodies: Any = bodies, at: list[int] = [0]) -> object:  # noqa: B006 - a counter
            at[0] = (at[0] + 7) % len(bodies)
            index.rewind() if at[0] < 7 else None
            return index.answer("POST", "https://mcp.example.org/mcp", bodies[at[0]])

        found[size] = median(one, 2000)
    return found


def body_matcher(left: Any, right: Any) -> None:
    """Parameters alone, as a JSON-RPC cassette has to be matched in vcrpy."""
    assert json.loads(left.body)["params"] == json.loads(right.body)["params"]


def vcrpy_lookup(folder: Path, sizes: tuple[int, ...]) -> dict[int, float]:
    """The same through vcrpy itself."""
    found = {}
    player = vcr.VCR(record_mode=vcr.mode.NONE, serializer="json")
    player.register_matcher("parameters", body_matcher)
    player.match_on = ("method", "host", "path", "parameters")
    for size in sizes:
        with player.use_cassette(str(folder / f"{size}.json")), httpx.Client() as client:
            numbers = [(7 * n + size // 2) % size for n in range(min(size, 20))]
            found[size] = median(asked(client, numbers), len(numbers))
    return found


def loading(folder: Path, size: int) -> tuple[float, float, float]:
    """Seconds to load a cassette of ``size``: ours, orjson on the same bytes, vcrpy's YAML."""
    path = folder / f"{size}.jsonl"

    def through_orjson() -> object:
        return [orjson.loads(line) for line in path.read_bytes().split(b"\n") if line]

    def through_vcrpy() -> object:
        return vcr.cassette.Cassette.load(path=str(folder / f"{size}.yaml"))

    return best(lambda: open_cassette(path)), best(through_orjson), best(through_vcrpy, 1)


def redaction(size: int = 40_000_000) -> tuple[float, float]:
    """Megabytes a second over text like a recording's: clean, and with a secret every 2 kB."""
    line = '{"type":"result","text":"diff --git a/app.py b/app.py\\n+    return query(sql, name)","n":1}\n'
    page = line * 20 + "https://api.github.com/repos/acme/core/pulls/42 by @alice: see #12 and C0SECURITY\n"
    clean = page * (size // len(page))
    dirty = (page + "+AWS_KEY = 'AKIA" + "ABCDEFGH23456789" + "'  # ghp_" + "a1B2" * 9 + "\n") * (
        size // len(page)
    )
    rates = []
    for text in (clean, dirty):
        redactor = Redactor({"API_TOKEN": "hunter2hunter2"})
        redactor.text(text[:1000])
        rates.append(len(text) / best(lambda text=text, redactor=redactor: redactor.text(text), 3) / 1e6)
    return rates[0], rates[1]


def row(name: str, times: dict[int, float]) -> str:
    first = times[min(times)]
    cells = "".join(f"{1e6 * times[size]:>12,.0f}" for size in times)
    return f"{name:<28}{cells}   {times[max(times)] / first:>7.2f} x"


def main() -> int:
    """Print the table; 1 if a limit is missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="Leave vcrpy's largest size out.")
    quick = options.parse_args().quick
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size in SIZES:
            held = interactions(size)
            for suffix in ("jsonl", "json", *(["yaml"] if size == max(SIZES) else [])):
                save_cassette(folder / f"{size}.{suffix}", held)
        print(f"{'microseconds a request':<28}" + "".join(f"{size:>12,}" for size in SIZES) + "   last/first")
        ours = lookup(folder, SIZES)
        bare = index_lookup(folder, SIZES)
        print(row("our replay, through httpx", ours))
        print(row("our index alone", bare))
        print(row("vcrpy itself", vcrpy_lookup(folder, SIZES[:3] if quick else SIZES)))
        mine, plain, theirs = loading(folder, max(SIZES))
    print(f"\nloading {max(SIZES):,}: ours {1e3 * mine:.1f} ms, orjson.loads of the same content "
          f"{1e3 * plain:.1f} ms ({mine / plain:.2f} x), vcrpy's YAML {theirs:.1f} s")  # fmt: skip
    clean, dirty = redaction()
    print(f"redaction: {clean:.0f} MB/s clean, {dirty:.0f} MB/s with a secret every 2 kB")
    flat = ours[max(SIZES)] / ours[min(SIZES)]
    missed = [
        text
        for text, held in (
            (f"look-up flat within 1.2 x: {flat:.2f} x", flat <= 1.2),
            (f"load within orjson's time: {mine / plain:.2f} x", mine <= plain),
            (f"redaction 30 MB/s: {min(clean, dirty):.0f}", min(clean, dirty) >= 30),
        )
        if not held
    ]
    print("\nlimits: " + ("all met" if not missed else "missed: " + "; ".join(missed)))
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
