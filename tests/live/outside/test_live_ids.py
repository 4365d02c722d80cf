"""One commit, one id: what git says inside and what the tools answer agree."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.live_runs import in_turns, needs_cli, run_live, use, write_routine

from routine_harness.live.outside.ids import Ids
from routine_harness.world.tool import ToolResult

WORLD, GIT = "aaaaaaa1" * 5, "bbbbbbb2" * 5


def test_ids_are_exchanged_at_the_edge() -> None:
    """Whole and abbreviated ids are exchanged both ways, in texts and values; others are left alone."""
    ids = Ids({WORLD: GIT, "c" * 40: "c" * 40})
    assert ids.shown(f"head {WORLD}, {WORLD[:9]}, 1234567 {'c' * 40}") == (
        f"head {GIT}, {GIT[:9]}, 1234567 {'c' * 40}"
    )
    assert ids.meant({"sha": GIT, "list": [GIT[:7], 7], "url": f"/commits/{GIT}"}) == {
        "sha": WORLD, "list": [WORLD[:7], 7], "url": f"/commits/{WORLD}",
    }  # fmt: skip
    shown = ids.result(ToolResult(WORLD, structured={"head": {"sha": WORLD}}))
    assert shown == ToolResult(GIT, structured={"head": {"sha": GIT}})


def test_an_abbreviation_of_two_commits_is_none() -> None:
    """What two ids begin with is not exchanged for either."""
    ids = Ids({"1234567a" + "0" * 32: "2" * 40, "1234567b" + "0" * 32: "3" * 40})
    assert ids.shown("1234567") == "1234567"


PULL = """\
    pulls:
      - repository: acme/core
        number: 4
        title: T
        head: feature/x
        base: main
        user: bob
        files: [{filename: README.md, patch: "@@ -1 +1 @@\\n-hello\\n\\\\ No newline at end of file\\n+bye"}]
"""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    needs_cli()
    return write_routine(tmp_path / "r", PULL)


def test_git_and_the_tools_name_a_commit_alike(case: Path) -> None:
    """The head that a tool names can be checked out; a push onto it shows in commits and diff."""
    look = (
        "git rev-parse origin/feature/x; gh api repos/acme/core/pulls/4 -q .head.sha; "
        "git checkout -q $(gh api repos/acme/core/pulls/4 -q .head.sha) && cat README.md"
    )
    change = "echo more > b.md && git add b.md && git commit -qm 'Add b' && git push -q origin HEAD:feature/x"
    then = (
        "gh api repos/acme/core/pulls/4/commits -q '.[-1].commit.message'; "
        "gh api repos/acme/core/pulls/4/files -q '.[].filename'"
    )
    result = run_live(
        case, in_turns([use("Bash", command=look)], [use("Bash", command=f"{change}; {then}")]), once=True
    )
    assert result.pair is not None
    texts = [record.result.text.split() for record in result.pair.first.calls if record.call.tool == "Bash"]
    assert len(set(texts[0][:2])) == 1
    assert texts[0][2:] == ["bye"]
    assert texts[1] == ["Add", "b", "README.md", "b.md"]
