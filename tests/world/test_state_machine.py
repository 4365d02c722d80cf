"""The world under any sequence of writes."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from routine_harness.world.github.connector import CONNECTOR
from routine_harness.world.state import Table, World
from routine_harness.world.tool import ToolCall
from routine_harness.world.worldfile import world_from_data, world_to_data

KEYS = st.integers(0, 400)
VALUES = st.sampled_from(["a", "b", None, 1, True, ["list"]])


class TableMachine(RuleBasedStateMachine):
    """A table beside a plain dict that does the same; every table ever made is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.table = Table.empty(("value",))
        self.model: dict[Any, Any] = {}
        self.past: list[tuple[Table, list[Any]]] = []

    @rule(key=KEYS, value=VALUES)
    def put(self, key: int, value: Any) -> None:
        self._keep()
        record = {"key": key, "value": value}
        self.table = self.table.put((key,), record)
        self.model[key] = record

    @rule(keys=st.lists(KEYS, max_size=300))
    def put_many(self, keys: list[int]) -> None:
        self._keep()
        for key in keys:
            self.table = self.table.put((key,), {"key": key, "value": "bulk"})
            self.model[key] = {"key": key, "value": "bulk"}

    @rule(key=KEYS)
    def remove(self, key: int) -> None:
        self._keep()
        self.table = self.table.remove((key,))
        self.model.pop(key, None)

    def _keep(self) -> None:
        self.past = [*self.past[-20:], (self.table, self.table.items())]

    @invariant()
    def reads_see_the_writes(self) -> None:
        assert list(self.table) == list(self.model.values())
        assert len(self.table) == len(self.model)
        for value in ("a", None, 1, "bulk"):
            expected = [r for r in self.model.values() if r["value"] == value]
            assert self.table.find("value", value) == expected

    @invariant()
    def old_tables_never_change(self) -> None:
        for table, items in self.past:
            assert table.items() == items


TestTable = TableMachine.TestCase
TestTable.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)

START = {
    "clock": "2026-05-04T09:00:00Z",
    "github": {
        "repositories": [{"full_name": "acme/core", "files": {"a.py": "x = 1\n"}}],
        "pulls": [{"repository": "acme/core", "number": 7, "user": "alice", "head": "feature", "files": []}],
        "issues": [{"repository": "acme/core", "number": 5, "title": "Broken"}],
    },
}


def start() -> World:
    return world_from_data(START, {"github": CONNECTOR})


class GithubMachine(RuleBasedStateMachine):
    """Calls of an agent on two worlds that started alike."""

    def __init__(self) -> None:
        super().__init__()
        self.world, self.twin = start(), start()
        self.past: list[tuple[World, dict[str, Any]]] = []

    def _call(self, tool: str, **arguments: Any) -> Any:
        self.past = [*self.past[-5:], (self.world, world_to_data(self.world))]
        call = ToolCall("github", tool, {"owner": "acme", "repo": "core", **arguments})
        first, second = CONNECTOR.call(self.world, call), CONNECTOR.call(self.twin, call)
        assert first.result == second.result
        assert first.effects == second.effects
        self.world, self.twin = (
            first.world.at(first.world.clock + 1),
            second.world.at(second.world.clock + 1),
        )
        return first

    @rule(
        title=st.sampled_from(["One", "Two", "Drei"]),
        labels=st.lists(st.sampled_from(["bug", "ci"]), unique=True),
    )
    def create_issue(self, title: str, labels: list[str]) -> None:
        made = self._call("issue_write", method="create", title=title, labels=labels)
        number = int(made.result.json()["url"].rsplit("/", 1)[1])
        read = self._call("issue_read", method="get", issue_number=number).result.json()
        assert (read["title"], read.get("labels", [])) == (title, labels)

    @rule(number=st.sampled_from([5, 7]), body=st.sampled_from(["hello", "bye"]))
    def comment(self, number: int, body: str) -> None:
        self._call("add_issue_comment", issue_number=number, body=body)
        read = self._call("issue_read", method="get_comments", issue_number=number).result.json()
        assert read[-1]["body"] == body

    @rule(path=st.sampled_from(["a.py", "b.py"]), text=st.sampled_from(["1\n", "2\n", ""]))
    def push(self, path: str, text: str) -> None:
        files = [{"path": path, "content": text}]
        self._call("push_files", branch="claude/work", files=files, message="Change it")
        read = self._call("get_file_contents", path=path, ref="claude/work")
        assert read.result.text.partition("\n")[2] == text

    @rule(state=st.sampled_from(["open", "closed"]))
    def set_state(self, state: str) -> None:
        done = self._call("issue_write", method="update", issue_number=5, state=state)
        assert self._call("issue_read", method="get", issue_number=5).result.json()["state"] == state
        again = self._call("issue_write", method="update", issue_number=5, state=state)
        assert done.effects[0].outcome in ("applied", "unchanged")
        assert again.effects[0].outcome == "unchanged"

    @invariant()
    def equal_calls_give_equal_worlds(self) -> None:
        assert self.world == self.twin

    @invariant()
    def old_worlds_never_change(self) -> None:
        for world, data in self.past:
            assert world_to_data(world) == data

    @invariant()
    def a_world_survives_its_file(self) -> None:
        assert world_from_data(world_to_data(self.world), {"github": CONNECTOR}) == self.world


TestGithub = GithubMachine.TestCase
TestGithub.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
