"""What the platform lets through to GitHub: a proxy stands before REST and GraphQL, a gate before MCP.

The points on which a refusal hangs, and its words, are the edition's (``SessionRules``). Without a cloud
session, and in a self-hosted environment, nothing stands between.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from routine_harness.pattern import lazy_pattern
from routine_harness.routine.edition_rules import SessionRules
from routine_harness.world.github.faces import API, GH, GH_GRAPHQL, GIT, GRAPHQL
from routine_harness.world.github.operations.operation import Refused, not_found

RUNNER: Final = (
    "whether GitHub answers GraphQL depends on your runner: a self-hosted environment has its own credentials"
)
OWN_ROUTE: Final = "/ccr/"
"""What the proxy's own routes have in their path; GitHub has none of them."""
NOT_ENABLED: Final = "not_enabled"
"""The ``code`` of a refusal that is the platform's, not GitHub's."""


class Passage(NamedTuple):
    """What the platform does with a request: ``refused`` where it lets it not through.

    ``depends_on`` names the points of the edition another answer to which would decide otherwise;
    ``undecided`` says what nobody can know from here.
    """

    refused: Refused | None = None
    depends_on: tuple[str, ...] = ()
    undecided: str = ""


OPEN: Final = Passage()


def passage(rules: SessionRules, face: str, operation: str, route: str, repository: str) -> Passage:
    """Whether a request passes that stands for ``operation`` (its name in the table) on ``repository``.

    ``route`` is the operation's in the REST API; ``repository`` is owner/name, empty where the operation
    concerns none.
    """
    if not rules.settings:
        return OPEN
    if face in (GRAPHQL, GH_GRAPHQL):
        return _graphql(rules, face, operation)
    if face in (API, GH):
        own = face == API and OWN_ROUTE in route
        return _rest(rules, operation, repository, own=own)
    if face != GIT and repository and not rules.reaches(repository):
        words = _words(rules, "other_repository_mcp", repository)
        return Passage(Refused(403, words, code=NOT_ENABLED, said=words), ("other_repositories",))
    return OPEN


def request_passage(rules: SessionRules, path: str) -> Passage:
    """Whether a request of the REST API passes of which only the path is known."""
    if not rules.settings:
        return OPEN
    found = _REPOSITORY.match(path)
    operation = "search" if path.startswith("/search/") else ""
    return _rest(rules, operation, found[1] if found else "", own=OWN_ROUTE in path)


def document_passage(rules: SessionRules, operations: Sequence[str]) -> Passage:
    """Whether a GraphQL document passes that asks for ``operations``; none where it asks for what no
    operation stands for."""
    if not rules.settings:
        return OPEN
    passages = [_graphql(rules, GRAPHQL, operation) for operation in operations or ("",)]
    return next((one for one in passages if one.refused is not None), passages[0])


_REPOSITORY: Final = lazy_pattern(r"/repos/([^/]+/[^/?]+)")
_DELETIONS: Final = frozenset(("branch.delete", "tag.delete"))


def _graphql(rules: SessionRules, face: str, operation: str) -> Passage:
    if rules.hosted == "self":
        return Passage(undecided=RUNNER)
    points, answer = ("graphql",), rules.setting("graphql")
    if answer == "served":
        return Passage(None, points)
    words = "graphql_pinned" if answer == "pinned" else "graphql"
    # A command of gh asks for the record first, by a query of its own: no such query is pinned.
    passes = face == GRAPHQL and operation in rules.refusals[words].passes
    return Passage(None if passes else _refusal(rules, words), points)


def _rest(rules: SessionRules, operation: str, repository: str, *, own: bool) -> Passage:
    if rules.hosted == "self":
        return Passage(not_found()) if own else OPEN
    asked = [
        ("account_search", "account_search", operation.partition(".")[0] == "search"),
        ("other_repositories", "other_repository", bool(repository) and not rules.reaches(repository)),
        ("uninstalled_app", "uninstalled_app", bool(repository) and not rules.installed),
        ("ref_deletion", "api_path", operation in _DELETIONS),
    ]
    concerned = [(point, words) for point, words, concerns in asked if concerns]
    points = tuple(point for point, _ in concerned)
    for point, words in concerned:
        if rules.setting(point) == "refused":
            return Passage(_refusal(rules, words, repository), points)
    if own:
        refused = not_found() if rules.setting("ccr_routes") == "absent" else None
        return Passage(refused, (*points, "ccr_routes"))
    return Passage(None, points)


def _refusal(rules: SessionRules, name: str, repository: str = "") -> Refused:
    return Refused(
        403, _words(rules, name, repository), code=NOT_ENABLED,
        documentation=rules.refusals[name].documentation_url,
    )  # fmt: skip


def _words(rules: SessionRules, name: str, repository: str) -> str:
    words = rules.refusals[name].text.replace("{repository}", repository)
    return words.replace("{repositories}", ", ".join(rules.repositories))
