"""Recordings of nock, Betamax and Ruby VCR become cassettes that vcrpy itself plays."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import vcr
from click.testing import CliRunner

from routine_harness.cli.import_ import command
from routine_harness.errors import RecordingError, UsageError
from routine_harness.interop.cassettes import import_recording
from routine_harness.store.cassette_files import save_cassette
from routine_harness.store.cassette_index import open_cassette
from routine_harness.store.cassettes import load_cassette
from routine_harness.store.interactions import Interaction

NOCK = [
    {
        "scope": "https://api.github.com:443",
        "method": "post",
        "path": "/repos/a/b/labels",
        "body": {"name": "bug"},
        "status": 201,
        "response": {"id": 1, "name": "bug"},
        "rawHeaders": ["Content-Type", "application/json", "Set-Cookie", "a=1", "Set-Cookie", "b=2"],
        "reqheaders": {"authorization": "token 0000000000000000000000000000000000000001"},
    },
    {
        "scope": "http://example.org:80",
        "method": "get",
        "path": "/zip",
        "body": "",
        "status": 200,
        "response": [gzip.compress(b"hello").hex()],
        "rawHeaders": {"content-encoding": "gzip"},
    },
]
BETAMAX: dict[str, Any] = {
    "http_interactions": [
        {
            "request": {
                "method": "GET",
                "uri": "https://e.org/<ORG>/a",
                "body": {"string": ""},
                "headers": {"A": "b"},
            },
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": {"Content-Type": "text/plain"},
                "body": {
                    "encoding": "utf-8",
                    "string": "",
                    "base64_string": base64.b64encode(gzip.compress(b"hi")).decode(),
                },
            },
            "recorded_at": "2017-12-20T22:23:49",
        }
    ],
    "recorded_with": "betamax/0.8.0",
}
RUBY = """---
http_interactions:
- request:
    method: get
    uri: https://e.org/a
    body: {encoding: US-ASCII, string: ''}
    headers: {Accept: ['*/*']}
  response:
    status: {code: 200, message: OK}
    headers: {Content-Type: [text/plain]}
    body:
      encoding: UTF-8
      string: !binary |-
        aGk=
  recorded_at: Sat, 22 Oct 2016 23:24:12 GMT
recorded_with: VCR 2.9.3
"""


def test_nock_is_read() -> None:
    """Method, address, repeated headers, JSON bodies and hexadecimal ones are carried over."""
    kind, (label, packed) = import_recording(json.dumps(NOCK).encode(), "n.json")
    assert kind == "nock"
    assert (label.method, label.url, label.status) == ("POST", "https://api.github.com/repos/a/b/labels", 201)
    assert label.headers["Set-Cookie"] == ["a=1", "b=2"]
    assert label.json() == {"id": 1, "name": "bug"}
    assert label.request_body == b'{"name":"bug"}'
    assert (packed.url, packed.plain) == ("http://example.org/zip", b"hello")


def test_betamax_and_ruby_vcr_are_read() -> None:
    """Their shared form is told apart by its recorder; base64, gzip and !binary are unpacked."""
    kind, (interaction,) = import_recording(json.dumps(BETAMAX).encode(), "b.json")
    assert (kind, interaction.plain) == ("betamax", b"hi")
    assert interaction.url == "https://e.org/%3CORG%3E/a"
    kind, (interaction,) = import_recording(RUBY.encode(), "r.yml")
    assert (kind, interaction.plain, interaction.line) == ("ruby-vcr", b"hi", 3)


BAD = {
    "something else": (b'{"hello": 1}', "expected recorded HTTP interactions"),
    "a list of something else": (b"[1, 2]", "expected recorded HTTP interactions"),
    "a number": (b"42", "expected recorded HTTP interactions"),
    "empty": (b"  \n", "is empty"),
    "cut off": (json.dumps(NOCK).encode()[:100], "malformed JSON"),
    "an image": (b"\x89PNG\r\n\x1a\n\x00", "expected UTF-8"),
    "no path": (
        json.dumps([{**NOCK[0], "path": 5}]).encode(),
        "interaction 1: expected scope, method and path",
    ),
    "odd hex": (json.dumps([{**NOCK[1], "response": ["zz"]}]).encode(), "hexadecimal"),
    "odd headers": (json.dumps([{**NOCK[0], "rawHeaders": ["A"]}]).encode(), "in pairs"),
    "odd status": (json.dumps([{**NOCK[0], "status": "no"}]).encode(), "expected a status"),
    "ruby objects": (RUBY.replace("get", "!ruby/symbol get").encode(), "refused the tag"),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_what_is_no_recording_is_a_clear_error(name: str) -> None:
    """Each kind of bad input is one clear error with the file's name."""
    data, message = BAD[name]
    with pytest.raises(RecordingError, match=message) as caught:
        import_recording(data, "x.json")
    assert caught.value.problems[0].file == "x.json"


def recordings(shared_data: Path) -> list[Path]:
    return [
        *sorted((shared_data / "github-rest").glob("*.json")),
        *sorted((shared_data / "cassettes").glob("*/*")),
    ]


def send(client: str, each: Interaction) -> tuple[int, bytes]:
    if client == "requests":
        answer = requests.request(
            each.method, each.url, data=each.request_body or None, allow_redirects=False, timeout=5
        )
        return answer.status_code, answer.content
    response = httpx.request(each.method, each.url, content=each.request_body or None)
    return response.status_code, response.content


def test_every_real_recording_imports_and_vcrpy_plays_it(shared_data: Path, tmp_path: Path) -> None:
    """Each recording of the shared data becomes a cassette that vcrpy plays whole, in YAML and JSON."""
    paths = recordings(shared_data)
    assert len(paths) >= 25
    for path in paths:
        imported = import_recording(path.read_bytes(), path.name)
        small = len(imported.interactions) < 30
        for suffix, client in (("yaml", "requests"), ("json", "httpx"))[: 1 + small]:
            target = tmp_path / f"{path.stem}.{suffix}"
            save_cassette(target, imported.interactions)
            serializer = "yaml" if suffix == "yaml" else "json"
            player = vcr.VCR(record_mode=vcr.mode.NONE, serializer=serializer)
            written = load_cassette(target)
            with player.use_cassette(str(target)) as playing:
                for each in written:
                    status, body = send(client, each)
                    assert (status, body) == (each.status, b"" if each.method == "HEAD" else each.plain), (
                        each.url
                    )
            assert playing.all_played, path


def test_every_real_recording_plays_from_our_form(shared_data: Path, tmp_path: Path) -> None:
    """Each recording answers every one of its own requests from our form, and none is left over."""
    for path in recordings(shared_data):
        imported = import_recording(path.read_bytes(), path.name)
        save_cassette(tmp_path / "c.jsonl", imported.interactions)
        index = open_cassette(tmp_path / "c.jsonl")
        for each in load_cassette(tmp_path / "c.jsonl"):
            found = index.answer(each.method, each.url, each.request_body)
            assert found is not None
            assert found.status == each.status
        assert not index.unplayed()


def test_the_command_imports_and_redacts(tmp_path: Path) -> None:
    """The command writes a cassette without secrets and says what it did."""
    source, target = tmp_path / "n.json", tmp_path / "out" / "c.yaml"
    source.write_text(json.dumps(NOCK))
    result = CliRunner().invoke(command, ["cassette", str(source), "-o", str(target), "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.output) == {"kind": "nock", "interactions": 2, "output": str(target)}
    assert "0000000001" not in target.read_text()
    assert len(load_cassette(target)) == 2


def test_the_command_replaces_nothing_unasked(tmp_path: Path) -> None:
    """A file that is there is kept unless --force is given."""
    source, target = tmp_path / "n.json", tmp_path / "c.yaml"
    source.write_text(json.dumps(NOCK))
    target.write_text("mine")
    result = CliRunner().invoke(command, ["cassette", str(source), "-o", str(target)])
    assert isinstance(result.exception, UsageError)
    assert target.read_text() == "mine"
    assert CliRunner().invoke(command, ["cassette", str(source), "-o", str(target), "--force"]).exit_code == 0


def test_the_command_has_help_with_an_example() -> None:
    """The help of the command shows how it is used."""
    result = CliRunner().invoke(command, ["cassette", "--help"])
    assert "Examples:" in result.output
    assert "routine-harness import cassette" in result.output
