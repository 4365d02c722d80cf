"""Jira's search: the one tool whose argument a declaration cannot read."""

from __future__ import annotations

from routine_harness.world.jira.jql import KNOWN, Beyond, parse_jql
from routine_harness.world.simulated import Answer, Arguments, Operation
from routine_harness.world.state import World
from routine_harness.world.tool import ToolResult


def reading_jql(listing: Operation) -> Operation:
    """``listing``, which lists all issues, with the rows that ``jql`` selects alone."""

    def search(world: World, arguments: Arguments) -> Answer:
        asked = {name: value for name, value in arguments.items() if name != "jql"}
        try:
            test = parse_jql(arguments["jql"], world.clock)
        except Beyond as beyond:
            what = f"the JQL {arguments['jql']!r}: {beyond}"
            said = f"The simulated Jira cannot answer this: {what}."
            return Answer(world, ToolResult(said, is_error=True), incomplete=what, known=KNOWN)
        chosen = world
        for key, row in world.table("jira.issues").items():
            if not test(row):
                chosen = chosen.remove("jira.issues", key)
        return Answer(world, listing(chosen, asked).value)

    return search
