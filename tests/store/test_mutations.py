"""Whatever is done to a good file, what comes out is a value or a clean error."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routine_harness.case.parse import parse_cases
from routine_harness.errors import HarnessError, Problem
from routine_harness.routine.document import Document, load_document, parse_json
from routine_harness.routine.edition import load_edition
from routine_harness.routine.parse import parse_routine
from routine_harness.routine.render import render_turns
from routine_harness.routine.spec import GithubTrigger, Routine
from routine_harness.store.names import known_names
from routine_harness.store.recordings import parse_recording
from routine_harness.trigger.event import Event, Firing
from routine_harness.trigger.match import match_trigger
from routine_harness.verdict.policy.chain import merge_policies
from routine_harness.verdict.policy.default_policy import default_policy
from routine_harness.verdict.read_policy import parse_policy
from routine_harness.world.registry import Registry
from routine_harness.world.worldfile import world_from_data

FIXTURES = Path(__file__).parents[2] / "fixtures"

ROUTINE = """\
name: triage
enabled: true
repositories: [github:acme/core, {repository: acme/web, branch: main}]
connectors: [slack:alerts, {connector: linear, bindings: [{name: board, id: X}], tools: {allow: [a], deny: [b]}}]
tools: [Bash, Read]
environment: {absent: [gh], network: custom, allowed_domains: [a.example], variables: {A: 1}, setup: x}
triggers:
  - type: github
    events: [pull_request.opened]
    branches: [main, release/*]
    filters:
      - {field: title, operator: matches_regex, value: '.*fix.*'}
      - {field: labels, operator: is_one_of, value: [a, b]}
      - {field: is_draft, operator: equals, value: false}
  - {type: schedule, cron: "7 9 * * 1", timezone: Europe/Berlin}
  - {type: schedule, preset: daily, at: "09:07"}
  - {type: api}
prompt: Look at {{repository}}.
"""  # noqa: E501 - one entry a line
POLICY = """\
platform: {edition: 2026-10, limits: {github-per-routine: 60}, settings: {case_sensitive: true}}
plan: team
forbid: [branch.deleted, {effect: branch.pushed, where: {branch: {not: {starts_with: claude/}}}}, {tool: Bash}]
allow: [{effect: release.created, reason: r, owner: o, expires: 2026-12-31, routines: [x]}]
noise: {messages_per_run: 2}
identity: {tickets: [title, project]}
connectors: {pagerduty: [create]}
gate: {require: {levels: [lint], freshness: 30d, attempts: {passed: 1, of: 2}}, exceptions: []}
redact: {patterns: {x: 'X.*'}, variables: [A], emails: true}
"""  # noqa: E501 - one entry a line
CASE = """\
trigger: {github: {event: pull_request.opened, payload: {number: 1, pull_request: {number: 1}}}}
world: [base.yaml, {slack: {channels: [{name: general}]}}]
agent: {scripted: a.py::run}
rerun: {trigger: {github: {event: pull_request.synchronize}}, after: 2d, allow: [message.posted], meanwhile: {}}
faults: [{call: WebFetch, where: {url: {contains: x}}, status: 403, headers: {a: b}}, {connector: slack, missing: true}]
expect:
  fires: true
  tickets: [{name: a, count: 1, where: {title: {matches_regex: '.*x.*'}}, when: {messages: {at_least: 1}}}]
  messages: {count: 0, where: {text: {contains: '${tickets.url}'}}}
  world: {added: {linear.issues: {count: 1, where: {title: x}}}, ignore: [slack.messages], strict: true}
  calls: {in_order: [linear.save_issue, {tool: Bash, where: {command: x}}], counts: {Bash: 1}}
  says: {any_of: [{contains: a}, {starts_with: b}]}
  budget: {turns: 3}
second: {messages: 0}
budget: {calls: 3}
marks: [slow]
skip: why
parametrize: [{id: a, payload: {number: 2}, world: {}}, {}]
"""  # noqa: E501 - one entry a line
WORLD = """\
clock: 2026-05-04T09:00:00Z
counters: {slack.ts: 3}
http: [{url: "https://example.com/", body: hello}]
github:
  repositories: [{full_name: acme/core, default_branch: main, files: {README.md: "# core"}}]
  pulls: [{repository: acme/core, number: 42, title: t, user: alice, head: x, base: main, labels: [bug], files: [{filename: a, patch: p}]}]
  issues: [{repository: acme/core, number: 3, title: i, labels: [bug], user: bob, state: open}]
  comments: [{repository: acme/core, number: 3, user: bob, body: hi}]
slack:
  channels: [{id: C1, name: general}]
  users: [{id: U1, name: alice}]
  messages: [{channel: general, user: U1, text: hi, ts: "1714813200.000100"}]
linear:
  teams: [{key: SEC, name: Security}]
  projects: [{name: Security, team: Security}]
  issues: [{id: SEC-1, title: t, team: Security, project: Security}]
pagerduty:
  tools: [{name: create, effect: ticket.created, returns: {id: "INC-{n}"}}]
"""  # noqa: E501 - one record a line
RECORDING = """\
{"type":"header","routine":"r","case":"c","origin":"scripted","agent":{"name":"scripted"},"digests":{"prompt":"x"},"attempts":{"passed":1,"of":1},"format":"routine-harness-recording","version":1}
{"type":"start","run":1,"time":0,"prompt":"p","world":{"slack":{}}}
{"type":"call","run":1,"turn":1,"id":"a","time":1,"tool":"Bash","arguments":{"command":"ls"}}
{"type":"result","run":1,"turn":1,"id":"a","time":1,"text":"x"}
{"type":"end","run":1,"turn":2,"time":2,"status":"finished"}
"""


class Files:
    """The files beside the mutated case."""

    def world(self, written: str) -> Document:
        return load_document(WORLD.encode(), written)

    def payload(self, written: str) -> Any:
        return json.loads((FIXTURES / "webhooks" / "pull_request.opened.json").read_text("utf-8"))

    def exists(self, written: str) -> bool:
        return "\0" not in written


def read_routine(data: bytes, name: str) -> object:
    return parse_routine(load_document(data, name))


def read_policy(data: bytes, name: str) -> object:
    return merge_policies(default_policy(), [parse_policy(load_document(data, name), known_names())])


def read_case(data: bytes, name: str) -> object:
    return parse_cases(load_document(data, name), "case", Files(), known_names())


def read_world(data: bytes, name: str) -> object:
    document = load_document(data, name)
    if not isinstance(document.value, dict):
        return None
    return world_from_data(document.value, {c.name: c for c in Registry()}, source=document.source)


def read_recording(data: bytes, name: str) -> object:
    return parse_recording(data, name)


READERS: dict[str, tuple[str, Callable[[bytes, str], object]]] = {
    "routine": (ROUTINE, read_routine),
    "policy": (POLICY, read_policy),
    "case": (CASE, read_case),
    "world": (WORLD, read_world),
    "recording": (RECORDING, read_recording),
}

KEYS = st.sampled_from(
    ["name", "id", "type", "tools", "where", "count", "effect", "x", "", "github", "where "]
)
SCALARS = (
    st.none() | st.booleans() | st.integers(-3, 10**12) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
    | st.sampled_from(["pull_request.opened", "*", "-90m", "(", "a/b", "general", "main", "{}", "..", "1h"])
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def problems(read: Callable[[bytes, str], object], data: bytes, name: str) -> tuple[Problem, ...]:
    """The problems of ``data``; anything else that is raised fails the test."""
    try:
        read(data, name)
    except HarnessError as error:
        assert error.problems  # noqa: PT017 - whatever it is, it says something
        return error.problems
    return ()


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        found += places(part, (*path, key))
    return found


def mutate(draw: st.DrawFn, value: Any) -> Any:
    """``value`` with one to three of its parts replaced, removed or renamed."""
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(value)))
        value = change(value, path, draw(st.sampled_from(["replace", "remove", "rename"])), draw)
    return value


def change(value: Any, path: tuple[Any, ...], how: str, draw: st.DrawFn) -> Any:
    if not path:
        return draw(VALUES) if how == "replace" else value
    copy = dict(value) if isinstance(value, dict) else list(value)
    head, *rest = path
    if rest:
        copy[head] = change(value[head], tuple(rest), how, draw)
    elif how == "replace":
        copy[head] = draw(VALUES)
    elif how == "rename" and isinstance(copy, dict):
        copy[draw(KEYS)] = copy.pop(head)
    else:
        del copy[head]
    return copy


@pytest.mark.parametrize("kind", ["routine", "policy", "case", "world"])
@given(data=st.data())
@QUICK
def test_a_file_with_other_values_is_a_value_or_a_clean_error(kind: str, data: st.DataObject) -> None:
    """Any part replaced by anything, removed or renamed: never an exception of ours or Python's."""
    text, read = READERS[kind]
    value = load_document(text.encode(), "good.yaml").value
    mutated = data.draw(st.composite(mutate)(value))
    name = f"{kind}.json"
    for problem in problems(read, msgspec.json.encode(mutated), name):
        assert problem.message


@pytest.mark.parametrize("kind", sorted(READERS))
@given(data=st.data())
@QUICK
def test_a_file_with_other_characters_is_a_value_or_a_clean_error(kind: str, data: st.DataObject) -> None:
    """Slices of the text cut, doubled or replaced by anything."""
    text, read = READERS[kind]
    raw = text.encode()
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(raw)))
        end = data.draw(st.integers(start, min(len(raw), start + 40)))
        middle = data.draw(
            st.binary(max_size=6) | st.sampled_from([b"\t", b"\0", b"\xff\xfe", b"*a", b"- ", b": "])
        )
        raw = raw[:start] + middle + raw[end:]
    name = "x.jsonl" if kind == "recording" else "x.yaml"
    for problem in problems(read, raw, name):
        assert problem.message


@pytest.mark.parametrize("kind", sorted(READERS))
def test_the_good_files_are_good(kind: str) -> None:
    """What is mutated reads without a problem, or the properties above would show nothing."""
    text, read = READERS[kind]
    assert problems(read, text.encode(), f"{kind}.yaml") == ()


PAYLOAD = {
    "action": "opened",
    "repository": {"full_name": "acme/core", "fork": False},
    "pull_request": {
        "number": 42, "title": "fix it", "body": None, "draft": False, "merged": False, "merged_at": None,
        "user": {"login": "alice"}, "labels": [{"name": "a"}],
        "head": {"ref": "x", "sha": "1", "repo": {"full_name": "acme/core", "fork": False}},
        "base": {"ref": "main", "sha": "2", "repo": {"full_name": "acme/core"}},
    },
}  # fmt: skip
EDITION = load_edition()
FILTERED = read_routine(ROUTINE.encode(), "routine.yaml")


@given(data=st.data())
@QUICK
def test_a_payload_with_other_values_still_gives_a_prompt_and_an_outcome(data: st.DataObject) -> None:
    """Whatever a webhook body holds, rendering and matching answer."""
    assert isinstance(FILTERED, Routine)
    good = json.loads((FIXTURES / "webhooks" / "pull_request.opened.json").read_text("utf-8"))
    small = {key: good[key] for key in ("action", "number", "sender", "repository")}
    pull = {
        key: good["pull_request"][key]
        for key in ("number", "title", "body", "user", "labels", "draft", "merged")
    }
    pull |= {
        side: {key: good["pull_request"][side][key] for key in ("ref", "sha")} for side in ("head", "base")
    }
    payload = data.draw(st.composite(mutate)({**small, "pull_request": pull}))
    if not isinstance(payload, dict):
        return
    event = Event("github", "pull_request.opened", payload, 1777885200)
    assert render_turns(FILTERED, Firing(event), EDITION).first
    trigger = FILTERED.triggers[0]
    assert isinstance(trigger, GithubTrigger)
    for problem in problems(lambda _, __: match_trigger(trigger, event, EDITION), b"", ""):
        assert "no webhook looks like this" in problem.message


@given(st.binary(max_size=100))
def test_any_bytes_are_a_payload_or_a_clean_error(data: bytes) -> None:
    """A payload file may hold anything."""
    assert all(problem.file == "p.json" for problem in problems(parse_json, data, "p.json"))
