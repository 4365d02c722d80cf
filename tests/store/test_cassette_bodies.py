"""Bodies that serialisers for vcrpy keep in their own way are read, or the file is refused once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from routine_harness.errors import RecordingError
from routine_harness.store.cassettes import parse_cassette

STATUS = {"status": "degraded", "incidents": 3}


def cassette(response: dict[str, Any], **request: Any) -> bytes:
    """A cassette with one interaction, whose response holds ``response`` besides its status."""
    entry = {
        "request": {"method": "GET", "uri": "https://api.example.com/v1/status", "headers": {}, **request},
        "response": {"status": {"code": 200, "message": "OK"}, "headers": {}, **response},
    }
    return json.dumps({"version": 1, "interactions": [entry]}).encode()


@pytest.mark.parametrize(
    "response",
    [
        {"parsed_body": STATUS},
        {"body": None, "parsed_body": STATUS},
        {"body": {"string": ""}, "parsed_body": STATUS},
        {"json": STATUS},
        {"body": {"json": STATUS}},
        {"body_json": STATUS},
        {"parsed_body": json.dumps(STATUS)},
        {"body": {"base64_string": "eyJzdGF0dXMiOiJkZWdyYWRlZCIsImluY2lkZW50cyI6M30="}},
    ],
)
def test_a_parsed_body_is_served(response: dict[str, Any]) -> None:
    """Whatever name the values of a JSON body stand under, the body is their JSON."""
    [interaction] = parse_cassette(cassette(response), "c.json")
    assert interaction.json() == STATUS


def test_a_parsed_body_is_no_longer_compressed() -> None:
    """Headers that speak of gzip are dropped, since the values were read after decompression."""
    response = {"parsed_body": STATUS, "headers": {"Content-Encoding": ["gzip"], "Content-Length": ["9"]}}
    [interaction] = parse_cassette(cassette(response), "c.json")
    assert interaction.json() == STATUS
    assert interaction.headers == {}


def test_the_parsed_body_of_a_request_counts() -> None:
    """Two requests that differ in a parsed body are two."""
    first, second = (
        parse_cassette(cassette({"body": {"string": "x"}}, method="POST", parsed_body={"n": n}), "c")[0]
        for n in (1, 2)
    )
    assert first.key != second.key


@pytest.mark.parametrize(
    ("response", "named"),
    [
        ({"body_file": "bodies/1.json"}, "body_file: 'bodies/1.json'"),
        ({"body": {"file": True, "string": "../bodies/1.json"}}, "file: '../bodies/1.json'"),
        ({"body": {"body_file": "1.bin"}}, "body_file: '1.bin'"),
        ({"zipped_body": "H4sI"}, "zipped_body"),
        ({"body": {"lines": ["a"]}}, "lines"),
        ({"body": 7}, "found 7"),
    ],
)
def test_a_body_that_is_not_here_refuses_the_file(response: dict[str, Any], named: str) -> None:
    """One error names the interaction and what stands in place of its body."""
    with pytest.raises(RecordingError) as raised:
        parse_cassette(cassette(response), "c.json")
    [problem] = raised.value.problems
    assert named in problem.message
    assert "interaction 1" in problem.message


@pytest.mark.parametrize("response", [{}, {"body": None}, {"body": {"string": ""}}, {"content": ""}])
def test_an_empty_body_is_one(response: dict[str, Any]) -> None:
    """A response that says nothing of a body has none."""
    [interaction] = parse_cassette(cassette(response), "c.json")
    assert interaction.body == b""
