"""A policy that is wrong is what the checks say: never a fault of pytest's."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.filing import Routines

# Loaded once: pytest in this process forgets the modules that it has loaded itself.
import routine_harness.plugin.collect
import routine_harness.plugin.summary  # noqa: F401

POLICY = """\
root: true
platform: {edition: 2026-10, limits: {github-per-routine: 60}, minimum_interval: 60}
plan: team
allow: [{effect: ticket.created, reason: known}]
forbid: [pull_request.closed, {effect: "*", where: {text: {contains: x}}}]
noise: {messages_per_run: 2, messages_per_channel_per_day: 20}
budget: {turns: 10, seconds: 60}
rerun: {allow: [ticket.updated]}
connectors: {slack: [slack_send_message]}
identity: {users: [U1]}
claims: {ignore: ["^Done"]}
lint: {}
"""
VALUES = [
    None,
    True,
    -1,
    10**30,
    1.5,
    "",
    "x",
    "é" * 300,
    "9999-12-31",
    [],
    [[]],
    {},
    {"a": {"b": "c"}},
    ["x", {"y": 1}],
    {"": None},
]
TEXTS = [
    "", "[]", "a", "- x\n- y", "a: [", "a: &x [*x]", "? [a]\n: b", "a: 1\na: 2", "<<: {a: 1}",
    "a: " + "[" * 100_000, "a: !!python/object:os.system x", "---\na: 1\n---\nb: 2", "%YAML 9",
    "a\tb: \t- c", "extends: x", "root: 3",
]  # fmt: skip


def checked(routines: Routines, content: bytes, *arguments: str) -> str:
    (routines.folder.parent / "policy.yaml").write_bytes(content)
    result = routines.pytester.runpytest_inprocess("-p", "no:cacheprovider", "-W", "ignore", *arguments)
    said = result.stdout.str() + result.stderr.str()
    assert "INTERNALERROR" not in said, said
    assert "Traceback" not in said, said
    assert result.ret in (0, 1, 2), said
    return said


def with_value(value: object, path: tuple[object, ...], new: object) -> object:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)  # type: ignore[call-overload]
    copy[path[0]] = with_value(copy[path[0]], path[1:], new)
    return copy


def paths_in(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, part in inner for found in paths_in(part, (*path, key)))]


@pytest.mark.parametrize("content", [*map(str.encode, TEXTS), b"\xff", b"\xff\xfea\0", b"\0"])
def test_a_policy_that_cannot_be_read_fails_its_checks(routines: Routines, content: bytes) -> None:
    """Each kind of broken text ends in words that name the file."""
    routines.case("good")
    checked(routines, content)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(paths_in(yaml.safe_load(POLICY))), st.sampled_from(VALUES))
def test_a_policy_with_a_wrong_value_fails_its_checks(
    routines: Routines, path: tuple[object, ...], value: object
) -> None:
    """Any value of a policy, replaced by any other."""
    routines.case("good")
    changed = with_value(yaml.safe_load(POLICY), path, value)
    checked(routines, json.dumps(changed).encode())


@pytest.mark.parametrize("content", [b"[]", b"platform: {limits: []}", b"a: [", b"budget: {turns: {a: b}}"])
def test_workers_say_the_same(routines: Routines, content: bytes) -> None:
    """Under xdist a broken policy is bad input as well: exit status 2."""
    routines.case("good")
    said = checked(routines, content, "-n", "2", "-rA", "--routine-report", "r.html")
    assert "policy.yaml" in said
