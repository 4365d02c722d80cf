"""Digests: any difference in what a recording depends on changes the digest of that name alone."""

from __future__ import annotations

import msgspec
import pytest

from routine_harness.case.case import AgentSpec, Case, CaseTrigger, Rerun
from routine_harness.case.digests import DigestedEnvironment, case_digests, digest
from routine_harness.routine.spec import Environment, Grant, Repository, Routine, Source
from routine_harness.session.faults import Fault
from routine_harness.verdict.expectations.expect import Expectations

ROUTINE = Routine("r", "p", repositories=(Repository("a/b"),), connectors=(Grant("slack"),))
CASE = Case("c", "r", CaseTrigger("github", "pull_request.opened", {"number": 1}), worlds=({"slack": {}},))
BASE = {"cassettes": {"x.yaml": b"1"}, "script": "pass"}


def changed(routine=ROUTINE, case=CASE, **more):
    """The names whose digests differ from the base's."""
    before, after = case_digests(ROUTINE, CASE, **BASE), case_digests(routine, case, **{**BASE, **more})
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def routine(**changes):
    return {"routine": msgspec.structs.replace(ROUTINE, **changes)}


def case(**changes):
    return {"case": msgspec.structs.replace(CASE, **changes)}


CHANGES = [
    (routine(prompt="q"), {"prompt"}),
    (routine(connectors=(Grant("slack", deny=("x",)),)), {"grants"}),
    (routine(environment=Environment(network="full")), {"grants"}),
    (routine(environment=Environment(absent=("gh",))), {"grants"}),
    (routine(tools=("Read",)), {"grants"}),
    (routine(model="m"), {"model"}),
    (case(trigger=CaseTrigger("github", "pull_request.closed", {"number": 1})), {"trigger"}),
    (case(trigger=CaseTrigger("github", "pull_request.opened", {"number": 2})), {"payload"}),
    (case(worlds=()), {"world"}),
    ({"cassettes": {"x.yaml": b"2"}}, {"cassettes"}),
    ({"script": "return"}, {"script"}),
    (case(record_with=AgentSpec("scripted", "x.py::run", "real")), {"network"}),
    (case(record_with=AgentSpec("scripted", "x.py::run", shell="sandbox")), {"shell"}),
    (case(record_with=AgentSpec("scripted", "x.py::run")), set()),
    (case(faults=(Fault(tool="x", error="e"),)), {"faults"}),
    (case(rerun=Rerun(after="2d")), {"rerun"}),
    (case(rerun=Rerun(meanwhile={"slack": {}})), {"rerun"}),
    (case(description="other", expect=Expectations(nothing=True), rerun=Rerun(strict=True)), set()),
    (routine(description="other", title="t", source=Source(file="elsewhere.yaml")), set()),
]


@pytest.mark.parametrize(("changes", "names"), CHANGES)
def test_a_change_is_known_by_name(changes, names):
    """Prompt, grants, model, trigger, payload, world, cassettes, script with its network and shell, faults
    and rerun count; expectations and descriptions never do."""
    assert changed(**changes) == names


def test_the_order_of_keys_does_not_count():
    """Digests are over values, not over their spelling."""
    assert digest({"a": 1, "b": [1, 2]}) == digest({"b": [1, 2], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})


def test_every_field_of_an_environment_is_digested() -> None:
    """A field that the digest does not know would let a recording pass for fresh."""
    assert set(Environment.__struct_fields__) == set(DigestedEnvironment.__struct_fields__)
