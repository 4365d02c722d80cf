"""A verdict names the undocumented points of the edition that decided something in a run."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from routine_harness.case.memory import case_in_memory
from routine_harness.case.result import CaseResult
from routine_harness.harness import Harness
from routine_harness.routine import edition as editions
from routine_harness.routine.edition_rules import Setting
from routine_harness.session.run import Run
from routine_harness.session.session import Session
from routine_harness.store.routines import load_routine

ROUTINE = """\
name: reader
repositories: [github:acme/core]
triggers: [{type: api}]
prompt: Look.
"""
POINT = Setting(
    default=True, choices=(True, False), about="a point", part="session", source="ours", trust="OBS", seen=1
)


@pytest.fixture
def with_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """An edition with one observed and one documented point."""
    table = editions.load_edition()
    documented = msgspec.structs.replace(POINT, trust="DOC")
    settings = {**table.settings, "observed": POINT, "documented": documented}
    changed = msgspec.structs.replace(table, settings=settings)
    monkeypatch.setattr(editions, "_load", lambda _: changed)


def _checked(folder: Path, policy: str = "root: true\n") -> CaseResult:
    (folder / "routine.yaml").write_text(ROUTINE, "utf-8")
    (folder / "policy.yaml").write_text(policy, "utf-8")
    routine = load_routine(folder)

    def execute(session: Session) -> Run:
        assert session.world.rules.setting("observed") is True
        session.depend_on("observed", "documented")
        return session.finish()

    return Harness().check_case(case_in_memory(routine, None, {}, {}), routine, execute)


@pytest.mark.usefixtures("with_points")
def test_what_rests_on_observations_is_named_and_what_is_documented_is_not(tmp_path: Path) -> None:
    assert _checked(tmp_path).verdict.depends_on == ("observed",)


def test_a_world_beside_the_platform_knows_no_rules_of_a_session() -> None:
    from routine_harness.world.state import World

    rules = editions.load_edition().session_rules()
    assert World().rules.settings == {}
    assert World().under(rules).at(7).next_id("x")[0].put("a.b", (1,), {}).rules is rules
