"""Cassettes are read in every form, never executed, and accounted for on both sides."""

from __future__ import annotations

import contextlib
import gzip
import json
import zlib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routine_harness.errors import RecordingError, UsageError
from routine_harness.store.cassette_files import save_cassette
from routine_harness.store.cassette_index import index_interactions, open_cassette
from routine_harness.store.cassette_yaml import write_yaml
from routine_harness.store.cassettes import load_cassette, parse_cassette
from routine_harness.store.indexed import read_indexed, write_indexed
from routine_harness.store.interactions import (
    MAX_BODY,
    Interaction,
    TooLargeError,
    decompressed,
    request_key,
)
from routine_harness.store.seeding import recorded_answers, recorded_github

OLD = """interactions:
- request: {body: null, headers: {Accept: ['*/*']}, method: GET, uri: 'https://example.org/a?b=2&a=1'}
  response:
    body: {string: '{"n": 1}'}
    headers: {Content-Type: [application/json]}
    status: {code: 200, message: OK}
version: 1
"""
HTTPX = """interactions:
- request: {body: '', headers: {}, method: GET, uri: 'https://example.org/a'}
  response:
    content: '{"n": 1}'
    headers: {content-encoding: [gzip], content-type: [application/json]}
    http_version: HTTP/1.1
    status_code: 200
"""


def get(url: str, body: bytes = b"", status: int = 200) -> Interaction:
    return Interaction("GET", url, status, body)


def plain(interactions: tuple[Interaction, ...]) -> list[Interaction]:
    return [msgspec.structs.replace(each, line=0) for each in interactions]


def test_both_dialects_are_read() -> None:
    """vcrpy's own dialect and that of its httpx recorder give the same kind of interaction."""
    [old] = parse_cassette(OLD.encode(), "old.yaml")
    [new] = parse_cassette(HTTPX.encode(), "new.yaml")
    assert old.json() == new.json() == {"n": 1}
    assert (old.status, old.reason, old.line) == (200, "OK", 2)
    assert "content-encoding" not in new.headers


def test_json_is_read_like_yaml() -> None:
    """A JSON cassette holds what its YAML twin holds."""
    [interaction] = parse_cassette(OLD.encode(), "old.yaml")
    request = {"method": "GET", "uri": interaction.url, "body": None, "headers": {}}
    response = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": '{"n": 1}'}}
    data = {"interactions": [{"request": request, "response": response}]}
    [other] = parse_cassette(json.dumps(data).encode(), "old.json")
    assert (other.url, other.body, other.status) == (interaction.url, interaction.body, 200)


def test_compressed_and_binary_bodies_survive_every_form(tmp_path: Path) -> None:
    """Gzip is taken off on writing; bytes that are no text come back byte for byte."""
    packed = gzip.compress(b'{"n": 1}')
    interactions = (
        Interaction("GET", "https://e.org/z", 200, packed, {"Content-Encoding": ["gzip"]}),
        Interaction("GET", "https://e.org/b", 200, bytes(range(256))),
        Interaction("PUT", "https://e.org/b", 204, b"", {}, b"\x00\xff\xfe"),
    )
    for suffix in ("yaml", "jsonl"):
        save_cassette(tmp_path / f"c.{suffix}", interactions)
        read = load_cassette(tmp_path / f"c.{suffix}")
        assert [each.plain for each in read] == [b'{"n": 1}', bytes(range(256)), b""]
        assert read[2].request_body == b"\x00\xff\xfe"
        assert not read[0].headers
    with pytest.raises(UsageError, match="hold no binary bodies"):
        save_cassette(tmp_path / "c.json", interactions)
    with pytest.raises(UsageError, match="no cassette ends in"):
        save_cassette(tmp_path / "c.txt", interactions)


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system ['touch {}']",
        "!!python/object/new:os.system ['touch {}']",
        "!!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path ['{}']]",
        "!!python/name:os.system",
        "!!python/module:os",
        "!!python/tuple [a]",
        "!ruby/object:Gem::Installer {{i: x}}",
        "!!python/object/new:_io.BytesIO {{state: [a]}}",
    ],
)
def test_a_language_tag_is_refused_and_nothing_runs(tag: str, tmp_path: Path) -> None:
    """A cassette that names an object of a language is refused with its line; nothing is executed."""
    trace = tmp_path / "trace"
    text = (
        f"interactions:\n- request:\n    body: {tag.format(trace)}\n    method: GET\n    uri: https://e.org\n"
    )
    with pytest.raises(RecordingError, match="refused the tag") as caught:
        parse_cassette(text.encode(), "evil.yaml")
    assert caught.value.problems[0].line == 3
    assert not trace.exists()


BAD = {
    "empty": (b"", "is empty"),
    "no mapping": (b"- 1\n- 2\n", "not a cassette"),
    "cut yaml": (OLD.encode()[:120] + b"\n  response: [", "malformed YAML"),
    "cut json": (b'{"interactions": [{"request": {"me', "malformed JSON"),
    "foreign": (b'{"http_interactions": []}', "not a cassette"),
    "bytes": (b"interactions:\n- \xff\xfe\n", "expected UTF-8"),
    "no response": (b"interactions:\n- request: {method: GET, uri: 'https://e'}\n", "expected a response"),
    "no status": (
        b"interactions:\n- request: {method: GET, uri: 'https://e'}\n  response: {}\n",
        "expected a status",
    ),
    "odd status": (OLD.replace("code: 200", "code: 42").encode(), "expected a status"),
    "no uri": (OLD.replace("https://", "").encode(), "expected method and uri"),
    "odd body": (OLD.replace("body: null", "body: 5").encode(), "expected a text as body"),
    "two documents": (b"interactions: []\n---\na: 1\n", "malformed YAML"),
    "cut lines": (
        write_indexed((get("https://e.org/a"), get("https://e.org/b"))).rsplit(b"\n", 2)[0],
        "promises 2",
    ),
    "version": (b'{"format":"routine-harness/cassette","version":9,"keys":[]}\n', "expected version 1"),
    "header": (b'{"format":"routine-harness/cassette","version":1}\n', "malformed header"),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_cassette_that_cannot_be_read_is_a_clear_error(name: str) -> None:
    """Each kind of damage is one error with the file's name, never an empty cassette."""
    data, message = BAD[name]
    with pytest.raises(RecordingError, match=message) as caught:
        parse_cassette(data, "c.yaml")
    assert all(problem.file == "c.yaml" for problem in caught.value.problems)


def test_a_gzip_header_over_garbage_is_an_error() -> None:
    """A body that its headers lie about is named with its line; text under such a header is text."""
    text = OLD.replace("Content-Type: [application/json]", "Content-Encoding: [gzip]")
    assert parse_cassette(text.encode(), "c.yaml")[0].body == b'{"n": 1}'
    for body in ("!!binary H4sIAAAA", "!!binary //79/A=="):
        damaged = text.replace("""'{"n": 1}'""", body)
        with pytest.raises(RecordingError, match="interaction 1: the body is"):
            parse_cassette(damaged.encode(), "c.yaml")


def test_every_problem_is_reported_at_once() -> None:
    """Two bad interactions are two problems, each with its line."""
    text = "interactions:\n- {}\n- request: {method: GET, uri: 'https://e'}\n  response: {status: 1}\n"
    with pytest.raises(RecordingError) as caught:
        parse_cassette(text.encode(), "c.yaml")
    assert [problem.line for problem in caught.value.problems] == [2, 3]


def test_a_status_without_a_body_is_an_empty_body() -> None:
    """204 and the like need no body."""
    text = OLD.replace("""    body: {string: '{"n": 1}'}\n""", "")
    assert parse_cassette(text.encode(), "c.yaml")[0].body == b""


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_give_a_clean_error(data: bytes) -> None:
    """Whatever the bytes, reading gives interactions or a RecordingError."""
    for prefix in (
        b"",
        b"interactions:\n- ",
        b'{"interactions": [',
        b'{"format":"routine-harness/cassette",',
    ):
        with contextlib.suppress(RecordingError):
            parse_cassette(prefix + data, "c")


@given(st.integers(0, len(OLD) - 1), st.integers(0, 255))
@settings(max_examples=200, deadline=None)
def test_a_damaged_cassette_gives_a_clean_error(at: int, byte: int) -> None:
    """One byte changed, or the end cut off, gives interactions or a RecordingError."""
    raw = OLD.encode()
    for data in (raw[:at], raw[:at] + bytes([byte]) + raw[at + 1 :]):
        with contextlib.suppress(RecordingError):
            parse_cassette(data, "c")


def test_keys_ignore_what_says_nothing() -> None:
    """Order of query and of JSON names, port, case of the host and a JSON-RPC id say nothing."""
    one = request_key("post", "https://E.org:443/a?b=2&a=1", b'{"jsonrpc":"2.0","id":1,"p":{"x":1,"y":2}}')
    two = request_key(
        "POST", "https://e.org/a?a=1&b=2", b'{"p": {"y": 2, "x": 1}, "id": 77, "jsonrpc": "2.0"}'
    )
    assert one == two
    assert one != request_key("POST", "https://e.org/a?a=1&b=2", b'{"jsonrpc":"2.0","p":{"x":1,"y":3}}')
    assert request_key("POST", "https://e.org/", b'{"id":1}') != request_key(
        "POST", "https://e.org/", b'{"id":2}'
    )
    assert request_key("POST", "https://e.org/", b"a=1&b=2") == request_key(
        "POST", "https://e.org/", b"b=2&a=1"
    )
    assert request_key("GET", "https://e.org/a%20b") == request_key("GET", "https://e.org/a b")


def test_repeated_calls_follow_the_policy() -> None:
    """Answers come in recorded order; a read gets the last one again, a write does not."""
    read, write = "https://e.org/r", "https://e.org/w"
    index = index_interactions(
        (get(read, b"1"), Interaction("POST", write, 201, b"w"), get(read, b"2")),
    )
    assert [index.answer("GET", read).body for _ in range(4)] == [b"1", b"2", b"2", b"2"]  # type: ignore[union-attr]
    assert index.answer("POST", write) is not None
    assert index.answer("POST", write) is None
    assert "asked for once more" in index.explain("POST", write)[0]
    assert not index.unplayed()
    index.rewind()
    assert len(index.unplayed()) == 3
    assert index.answer("GET", read).body == b"1"  # type: ignore[union-attr]


def test_a_near_miss_says_which_argument_drifted() -> None:
    """The nearest recorded request is named, with each argument that differs."""
    recorded = Interaction("POST", "https://e.org/x?p=1", 200, b"", {}, b'{"a": {"b": 1}, "c": 2}', line=7)
    index = index_interactions((get("https://other.org/"), recorded), "c.yaml")
    [line] = index.explain("POST", "https://e.org/x?p=2", b'{"a": {"b": 3}, "c": 2}')
    assert (
        line == "c.yaml:7: POST https://e.org/x?p=1: query p is '2', recorded '1'; body a.b is 3, recorded 1"
    )
    assert index.explain("GET", "https://nowhere.org/") == ()


def test_our_form_is_decoded_only_where_it_is_asked_for(tmp_path: Path) -> None:
    """A damaged line of our form is an error when it is played, with its own line number."""
    good = write_indexed((get("https://e.org/a", b"1"), get("https://e.org/b", b"2")))
    lines = good.split(b"\n")
    (tmp_path / "c.jsonl").write_bytes(b"\n".join([lines[0], lines[1], b"{damaged", b""]))
    index = open_cassette(tmp_path / "c.jsonl", "c.jsonl")
    assert index.answer("GET", "https://e.org/a").body == b"1"  # type: ignore[union-attr]
    with pytest.raises(RecordingError, match="malformed interaction") as caught:
        index.answer("GET", "https://e.org/b")
    assert caught.value.problems[0].line == 3


@given(
    st.lists(
        st.builds(
            Interaction,
            st.sampled_from(["GET", "POST", "DELETE"]),
            st.sampled_from(["https://e.org/a", "https://e.org/b?c=d"]),
            st.integers(200, 599),
            st.binary(max_size=40),
            st.dictionaries(st.sampled_from(["A", "B"]), st.lists(st.text("xyz é", max_size=5), max_size=2)),
            st.binary(max_size=40),
        ),
        max_size=5,
    )
)
@settings(deadline=None)
def test_what_is_written_is_read_again(interactions: list[Interaction]) -> None:
    """Both written forms give back the interactions, and the same ones give the same bytes."""
    given_ones = tuple(interactions)
    assert plain(parse_cassette(write_yaml(given_ones), "c")) == interactions
    assert plain(read_indexed(write_indexed(given_ones), "c").interactions()) == interactions
    assert write_indexed(given_ones) == write_indexed(given_ones)


def test_a_secret_in_a_compressed_body_reaches_no_file(tmp_path: Path) -> None:
    """Bodies are unpacked before they are redacted; headers and addresses are redacted too."""
    token = "ghp_" + "a1B2" * 9
    body = gzip.compress(json.dumps({"token": token}).encode())
    interaction = Interaction(
        "POST", f"https://e.org/a?access_token={token}", 200, body, {"Content-Encoding": ["gzip"]},
        token.encode(), {"Authorization": ["token short"], "Cookie": ["a=b"]},
    )  # fmt: skip
    for suffix in ("yaml", "json", "jsonl"):
        save_cassette(tmp_path / f"c.{suffix}", (interaction,))
        raw = (tmp_path / f"c.{suffix}").read_text()
        assert token not in raw
        assert "short" not in raw
        assert "a=b" not in raw


def test_real_cassettes_are_read_and_written_again(shared_data: Path, tmp_path: Path) -> None:
    """Every real vcrpy cassette is read whole, and our form of it holds the same answers."""
    paths = sorted((shared_data / "cassettes" / "vcr-mergify").glob("*.yaml"))
    assert len(paths) == 5
    for path in paths:
        interactions = load_cassette(path)
        assert len(interactions) > 30
        save_cassette(tmp_path / "c.jsonl", interactions)
        again = load_cassette(tmp_path / "c.jsonl")
        assert [each.json() for each in again] == [each.json() for each in interactions]


def test_recorded_reads_become_records(shared_data: Path) -> None:
    """GitHub's reads seed GitHub's tables, the earliest answer having the last word; others the network's."""
    [path] = (shared_data / "cassettes" / "vcr-mergify").glob("*merge_draft.yaml")
    interactions = load_cassette(path)
    tables = {table for table, _ in recorded_github(interactions)}
    assert {"github.pulls", "github.repositories"} <= tables
    answers = recorded_answers(interactions)
    hosts = {record["url"].split("/")[2] for record in answers}
    assert hosts == {"api.github.com", "test-forwarder.mergify.io"}


@pytest.mark.parametrize(("encoding", "bits"), [("gzip", 31), ("deflate", 15), ("deflate", -15)])
def test_a_recorded_body_is_decompressed_to_its_limit_and_no_further(encoding: str, bits: int) -> None:
    """A few thousand bytes that would fill the memory are refused."""
    packer = zlib.compressobj(9, zlib.DEFLATED, bits)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(MAX_BODY // 2**20 + 1)) + packer.flush()
    with pytest.raises(TooLargeError, match=f"more than {MAX_BODY} bytes"):
        decompressed(bomb, {"Content-Encoding": [encoding]})
