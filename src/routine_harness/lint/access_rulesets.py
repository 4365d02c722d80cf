"""Rules about what GitHub itself refuses: rulesets that hold for everybody but the account of the routine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from routine_harness.lint.rule import Mark, rule
from routine_harness.lint.subject import Subject
from routine_harness.plain import Json

_PEOPLE: Final = {
    "OrganizationAdmin": "the owners of the organization",
    "EnterpriseOwner": "the owners of the enterprise",
    "RepositoryRole": "a role in the repository",
    "Team": "a team",
    "User": "a user",
}
"""Kinds of actors that the account behind a routine may be → how to speak of them; apps and deploy keys
are not."""
_BYPASSING: Final = ("always", "exempt", "pull_requests_only", "pull_request")


@rule("access.owner-bypasses")
def owner_bypasses(subject: Subject) -> Iterator[Mark]:
    """A ruleset can be bypassed by the account that the routine acts as.

    A run pushes with the GitHub access of the routine's owner. A branch protection that this account may
    bypass blocks nothing, and it is what should hold where prompt, policy and guard fail. What is known of
    rulesets is what the worlds of the cases say: `bypass_actors` and `current_user_can_bypass`, as GitHub
    gives them.

    Bad:
        cases:
          in-core:
            trigger: {manual: {}}
            world:
              github:
                rulesets:
                  - repository: acme/core
                    id: 1
                    name: main
                    bypass_actors:
                      - {actor_type: OrganizationAdmin, bypass_mode: always}

    Good:
        cases:
          in-core:
            trigger: {manual: {}}
            world:
              github:
                rulesets:
                  - repository: acme/core
                    id: 1
                    name: main
                    bypass_actors: []
    """
    seen: set[str] = set()
    for ruleset in _rulesets(subject):
        name, who = str(ruleset.get("name") or ruleset.get("id")), _who(ruleset)
        if who and name not in seen:
            seen.add(name)
            yield Mark(
                message=f"the ruleset {name!r} lets {who} pass; if the routine's account is among them, "
                "it blocks none of its pushes",
                path=("repositories",),
                hint="let the routine act as an account without admin rights, on no bypass list",
            )


def _who(ruleset: Mapping[str, Json]) -> str:
    """Who may bypass an active ruleset and may be the routine's account; empty for nobody."""
    if ruleset.get("enforcement", "active") != "active" or ruleset.get("target", "branch") == "tag":
        return ""
    told = ruleset.get("current_user_can_bypass")
    if told is not None:
        return "the connected account" if told in _BYPASSING else ""
    actors = ruleset.get("bypass_actors")
    kinds = [
        str(actor.get("actor_type"))
        for actor in (actors if isinstance(actors, list) else [])
        if isinstance(actor, Mapping) and actor.get("bypass_mode", "always") in _BYPASSING
    ]
    return " and ".join(dict.fromkeys(_PEOPLE[kind] for kind in kinds if kind in _PEOPLE))


def _rulesets(subject: Subject) -> Iterator[Mapping[str, Json]]:
    """Every ruleset in a world of a case, in the table of their own or below its repository."""
    for github in (world.get("github") for case in subject.cases for world in case.worlds):
        tables = github if isinstance(github, Mapping) else {}
        below = [row.get("rulesets") for row in _rows(tables.get("repositories"))]
        for table in (tables.get("rulesets"), *below):
            yield from _rows(table)


def _rows(table: Json) -> list[Mapping[str, Json]]:
    return [row for row in table if isinstance(row, Mapping)] if isinstance(table, list) else []


RULES: Final = (owner_bypasses,)
