"""The agents of public reports: the misbehaving fail, and the honest pass."""

from __future__ import annotations

import json
import shutil

from routine_harness.harness import check_routine


def test_each_reported_agent_has_its_verdict(shared_data, tmp_path):
    """All of them, under the policy beside them."""
    folder = tmp_path / "agents"
    shutil.copytree(shared_data / "reports" / "agents", folder)
    wanted = json.loads((folder / "want.json").read_text("utf-8"))
    results = [result for name in ("pr", "day") for result in check_routine(folder / name)]
    verdicts = {result.case.name: "pass" if result.verdict.passed else "fail" for result in results}
    assert verdicts == wanted
