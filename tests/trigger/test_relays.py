"""A delivery is the same event, whatever carried it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from routine_harness.cli.main import run
from routine_harness.errors import SpecError
from routine_harness.trigger.arrivals import parse_arrival

BODY: dict[str, Any] = {
    "action": "opened",
    "number": 7,
    "repository": {"id": 1, "full_name": "acme/core"},
    "pull_request": {
        "number": 7,
        "title": "Fix",
        "user": {"login": "alice"},
        "updated_at": "2026-05-04T09:00:00Z",
    },
}
TEXT = json.dumps(BODY)
HEADERS = {"X-GitHub-Event": "pull_request", "X-GitHub-Delivery": "d-1"}
NOTICE = {"Type": "Notification", "MessageId": "m", "Message": TEXT}


@pytest.mark.parametrize(
    "value",
    [
        {
            "event_name": "pull_request",
            "event": BODY,
            "repository": "acme/core",
            "actor": "alice",
            "sha": "1",
        },
        {"event_name": "pull_request_target", "event": BODY, "repository": "acme/core", "token": "***"},
        {"github": None, "event_name": "pull_request", "event": BODY},
        {
            "x-github-event": "pull_request",
            "x-github-delivery": "d-1",
            "body": BODY,
            "timestamp": 1777885200000,
        },
        {"headers": HEADERS, "body": base64.b64encode(TEXT.encode()).decode(), "isBase64Encoded": True},
        {"multiValueHeaders": {key: [word] for key, word in HEADERS.items()}, "body": TEXT},
        {"version": "0", "source": "github.com", "detail-type": "pull_request", "detail": BODY},
        {"specversion": "1.0", "type": "com.github.pull_request.opened", "id": "9", "data": BODY},
        {"Records": [{"body": TEXT, "eventSource": "aws:sqs"}]},
        {"Records": [{"Sns": NOTICE}]},
        {"Records": [{"body": json.dumps(NOTICE)}]},
        {"headers": HEADERS, "body": "payload=" + quote(TEXT)},
        {"data": {"headers": HEADERS, "body": BODY}},
        {"request": {"headers": HEADERS, "body": TEXT}},
    ],
)
def test_every_envelope_is_the_same_event(value: dict[str, Any]) -> None:
    """Actions, relays, gateways, buses: the event's name and its body come out."""
    event = parse_arrival(json.dumps(value).encode(), "x")
    assert (event.name, event.payload) == ("pull_request.opened", BODY)


def test_a_form_is_a_body() -> None:
    """A hook that sends forms, saved as it came, is its payload."""
    event = parse_arrival(b"payload=" + quote(TEXT).encode(), "x")
    assert (event.name, event.payload) == ("pull_request.opened", BODY)


@pytest.mark.parametrize("value", [{"event_name": "push"}, {"data": {"data": {"data": {}}}}, {"body": "x"}])
def test_an_empty_envelope_is_refused(value: dict[str, Any]) -> None:
    """An envelope without a delivery is no event."""
    with pytest.raises(SpecError, match="no event that is known"):
        parse_arrival(json.dumps(value).encode(), "x")


@pytest.mark.parametrize("name", ["form.txt", "actions-context.json"])
def test_the_envelopes_of_the_reports(
    shared_data: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The envelopes of the reports fire the routine beside them."""
    folder = shared_data / "reports" / "envelopes"
    (tmp_path / "routine.yaml").write_bytes((folder / "routine.yaml").read_bytes())
    assert run(["fires", str(tmp_path), "--event", str(folder / name), "--json"]) == 0
    [answer] = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"routine"' in line]
    assert answer["outcome"] == "fired"
