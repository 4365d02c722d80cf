"""A case's payload may be what a relay, a gateway or Actions made of the delivery."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from routine_harness.store.cases import load_case_file

BODY = {
    "action": "opened",
    "number": 7,
    "repository": {"full_name": "acme/core"},
    "pull_request": {"number": 7, "title": "t", "user": {"login": "alice"}, "base": {"ref": "main"}},
}
ROUTINE = """\
name: r
repositories: [acme/core]
triggers: [{type: github, events: [pull_request.opened]}]
prompt: Look at the pull request.
"""


def loaded(tmp_path: Path, payload: str) -> Any:
    (tmp_path / "routine.yaml").write_text(ROUTINE)
    (tmp_path / "cases").mkdir(exist_ok=True)
    case = tmp_path / "cases" / "c.yaml"
    case.write_text(f"trigger:\n  github: {{event: pull_request.opened, payload: {payload}}}\n")
    [found] = load_case_file(str(case)).cases
    return found.trigger.payload


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(BODY),
        json.dumps({"event_name": "pull_request", "event": BODY, "repository": "acme/core"}),
        json.dumps({"headers": {"X-GitHub-Event": "pull_request"}, "body": json.dumps(BODY)}),
        json.dumps({"Records": [{"Sns": {"Message": json.dumps(BODY)}}]}),
        "payload=" + quote(json.dumps(BODY)),
        f"POST / HTTP/1.1\nX-GitHub-Event: pull_request\n\n{json.dumps(BODY)}",
    ],
)
def test_the_body_is_taken_out_of_its_envelope(tmp_path: Path, text: str) -> None:
    """From a file, the same body comes out of each of them."""
    (tmp_path / "p.json").write_text(text)
    assert loaded(tmp_path, "../p.json") == BODY


def test_an_envelope_may_stand_in_the_case(tmp_path: Path) -> None:
    """Inline, as well; a part of a body stays what it is."""
    assert loaded(tmp_path, json.dumps({"event_name": "pull_request", "event": BODY})) == BODY
    part = {"pull_request": {"number": 7, "draft": False}}
    assert loaded(tmp_path, json.dumps(part)) == {**part, "action": "opened"}


def test_the_inputs_of_the_reports(shared_data: Path, tmp_path: Path) -> None:
    """The context of Actions and the form of a hook are read as payloads of a case."""
    folder = shared_data / "reports" / "envelopes"
    for name in ("actions-context.json", "form.txt"):
        assert loaded(tmp_path, json.dumps(str(folder / name)))["pull_request"]["number"] == 7
