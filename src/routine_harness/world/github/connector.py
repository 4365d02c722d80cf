"""The connector ``github``: tools, tables, effects and operations put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec

from routine_harness.world.github import (
    action_runs,
    actions,
    commits,
    file_reads,
    files,
    inline_comments,
    issue_comments,
    issue_writes,
    issues,
    labels,
    merging,
    pull_writes,
    pulls,
    reactions,
    refs,
    releases,
    repositories,
    reviews,
    search,
    search_items,
    state_of_commits,
    sub_issues,
    tables,
    threads,
)
from routine_harness.world.github.aliases import ALIASES, own_arguments
from routine_harness.world.github.answers import Incomplete, word_faults
from routine_harness.world.github.complete import complete_world
from routine_harness.world.github.effects import RULES
from routine_harness.world.github.records import remove_record, seed_record
from routine_harness.world.github.rest import API
from routine_harness.world.github.reveal import REVEALS
from routine_harness.world.github.tables import TABLES
from routine_harness.world.github.tools import TOOLS
from routine_harness.world.modelled import ModelledConnector, attempted_by
from routine_harness.world.state import Record, World
from routine_harness.world.tool import Outcome, ToolCall, ToolResult


@dataclass(frozen=True, eq=False)
class GithubConnector(ModelledConnector):
    """A modelled connector that may know a thing by key alone, and has operations beside its tools."""

    def resolve(self, tool: str) -> str | None:
        """The tool's own name; operations that the MCP server does not offer are nobody's tool."""
        own = super().resolve(tool)
        return own if own is not None and self.tools[own].offered else None

    def canonical(self, call: ToolCall) -> ToolCall:
        call = super().canonical(call)
        tool = self.tools.get(call.tool)
        if tool is None:
            return call
        return msgspec.structs.replace(call, arguments=own_arguments(tool, call.arguments))

    def complete_world(self, world: World) -> World:
        return complete_world(world)

    def remove_record(self, world: World, table: str, record: Record) -> World:
        return remove_record(world, table, record)

    def call(self, world: World, call: ToolCall) -> Outcome:
        call = with_branch(world, self.canonical(call))
        try:
            return super().call(world, call)
        except Incomplete as gap:
            attempted = attempted_by(self, call)
            refused = tuple(msgspec.structs.replace(effect, outcome="refused") for effect in attempted)
            text = f"the simulated world does not hold {gap.what}; it knows of it by name only"
            return Outcome(world, ToolResult(text, is_error=True), refused, incomplete=gap.what)


def with_branch(world: World, call: ToolCall) -> ToolCall:
    """A REST request that writes a file and names no branch means the default one."""
    if call.server != API or call.tool not in ("create_or_update_file", "delete_file"):
        return call
    row = (
        tables.get(world, "repositories", f"{call.arguments.get('owner')}/{call.arguments.get('repo')}") or {}
    )
    branch = call.arguments.get("branch") or row.get("default_branch") or "main"
    return msgspec.structs.replace(call, arguments={**call.arguments, "branch": branch})


CONNECTOR: Final = GithubConnector(
    name="github",
    tools=TOOLS,
    tables=TABLES,
    rules=RULES,
    operations={
        **pulls.OPERATIONS,
        **pull_writes.OPERATIONS,
        **merging.OPERATIONS,
        **reviews.OPERATIONS,
        **threads.OPERATIONS,
        **inline_comments.OPERATIONS,
        **reactions.OPERATIONS,
        **issues.OPERATIONS,
        **issue_writes.OPERATIONS,
        **issue_comments.OPERATIONS,
        **sub_issues.OPERATIONS,
        **labels.OPERATIONS,
        **files.OPERATIONS,
        **file_reads.OPERATIONS,
        **refs.OPERATIONS,
        **commits.OPERATIONS,
        **releases.OPERATIONS,
        **actions.OPERATIONS,
        **action_runs.OPERATIONS,
        **repositories.OPERATIONS,
        **search.OPERATIONS,
        **search_items.OPERATIONS,
        **state_of_commits.OPERATIONS,
    },
    word_faults=word_faults,
    seed_record=seed_record,
    aliases=ALIASES,
    reveals=REVEALS,
    title="GitHub",
    source="github/github-mcp-server, the official server, August 2026",
    limits=(
        "Files are text or bytes; symbolic links and submodules are not told apart.",
        "A merge takes the files of the pull request's head; conflicts are as `mergeable` says.",
        "Discussions, gists, projects, notifications and security alerts are known by schema alone.",
    ),
)
