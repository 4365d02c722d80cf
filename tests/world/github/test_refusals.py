"""What an edition of the platform refuses, by face: carried out, or refused in the captured words."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from world.github.operation_forms import Form
from world.github.test_forms_agree import FORMS, ROUTINE, WORLD, Asking, differing, reference, told

from routine_harness.routine.edition import EDITIONS, load_edition
from routine_harness.routine.edition_rules import SessionRules
from routine_harness.world.github.gh.command_line import Around, parse_gh

GRAPHQL = "GitHub GraphQL is not available from Claude Code sessions; use the REST API"
PINNED = "only the pinned set of PR-review operations is served"
SEARCH = "account-wide search is not enabled"
PATH = "Write access to this GitHub API path is not permitted through this proxy."
MISSING = "Not Found"
AUTH = "The token in GH_TOKEN is invalid."

REFUSED: dict[str, dict[str, str]] = {
    "2026-04": {"own route": MISSING},
    "2026-08": {"graphql": PINNED, "search": SEARCH, "deletion": PATH, "own route": MISSING},
    "2026-10": {"graphql": GRAPHQL, "search": SEARCH, "deletion": PATH},
}
"""Edition → what it refuses, with words of the answer; all else is carried out."""

REST = ("curl", "gh api", "rest (live)", "gh api (live)")


def kinds_of(form: Form) -> set[str]:
    """What a form is in the terms of ``REFUSED``."""
    name = form.operation.name
    if form.face in ("gh", "gh (live)"):
        asked = parse_gh(form.asked.split(), Around("acme/core", "main", lambda _: "", "m"), lenient=True)
        assert asked is not None
        if asked.api == "graphql":
            return {"graphql"}
    elif form.face not in REST:
        return set()
    found = {"search"} if name.startswith("search.") else set()
    found |= {"deletion"} if name in ("branch.delete", "tag.delete") else set()
    return found | ({"own route"} if form.face in REST and "/ccr/" in form.operation.rest else set())


class UnderRules(Asking):
    """A session that asks as one of an edition does."""

    def __init__(self, rules: SessionRules) -> None:
        super().__init__()
        self.session.world = self.session.world.under(rules)


RULES = {name: load_edition(name).session_rules(ROUTINE) for name in EDITIONS}


def asked_under(form: Form) -> tuple[str, ...]:
    """The editions under which a form is asked: all where one refuses it, else the newest.

    Without a refusal the rules do not touch what is asked; `test_forms_agree` asks without any.
    """
    refused = any(kind in rows for kind in kinds_of(form) for rows in REFUSED.values())
    return tuple(EDITIONS) if refused else ("2026-10",)


@pytest.mark.parametrize(
    ("form", "edition"),
    [
        pytest.param(form, edition, id=f"{form.label}-{edition}")
        for form in FORMS
        for edition in asked_under(form)
    ],
)
def test_an_edition_refuses_or_carries_out(form: Form, edition: str) -> None:
    """A refusal has the edition's words, changes nothing, and what was attempted counts as refused; all
    else leads where it leads without a cloud session between."""
    words = next((REFUSED[edition][kind] for kind in kinds_of(form) if kind in REFUSED[edition]), "")
    asking = UnderRules(RULES[edition])
    text, is_error = asking.ask(form)
    world, effects, failed = reference(form)
    if not words:
        assert (is_error, told(asking.session.effects)) == (failed, effects), text
        assert differing(asking.session.world, world) == {}
        return
    assert words in text
    assert is_error or form.face == "curl"
    assert differing(asking.session.world, WORLD) == {}
    assert {effect.outcome for effect in asking.session.effects} <= {"refused"}
    attempted = {one[0] for one in effects}
    assert attempted <= {effect.kind for effect in asking.session.effects}


def test_the_table_is_no_empty_promise() -> None:
    """Every row of what is refused has forms, and every face but MCP's has some."""
    kinds = {kind for form in FORMS for kind in kinds_of(form)}
    assert kinds >= {kind for rows in REFUSED.values() for kind in rows}
    assert {form.face for form in FORMS if kinds_of(form)} == {*REST, "gh", "gh (live)"}


OTHER: dict[str, Any] = {"owner": "cli", "repo": "cli"}


@pytest.mark.parametrize("edition", EDITIONS)
def test_gh_auth_status_may_not_ask_who_it_is(edition: str) -> None:
    """``gh auth status`` asks by GraphQL, and so fails where that is refused: in gh's own words."""
    asking = UnderRules(RULES[edition])
    for text, failed in (asking._bash("gh auth status"), asking._shim(["auth", "status"], None)):
        assert (AUTH in text, failed) == (edition != "2026-04",) * 2, text


@pytest.mark.parametrize("edition", EDITIONS)
def test_other_repositories_are_out_of_reach(edition: str) -> None:
    """The MCP server names those that it serves; REST is refused from August on."""
    asking = UnderRules(RULES[edition])
    denied = asking.session.call("github.list_issues", **OTHER)
    assert denied.is_error
    assert denied.text.startswith('Access denied: repository "cli/cli" is not configured for this session')
    assert "acme/core" in denied.text
    said = "GitHub access to this repository is not enabled for this session"
    answers = [
        asking._bash("gh api repos/cli/cli/issues"), asking._bash("gh run list -R cli/cli"),
        asking._bash("curl https://api.github.com/repos/cli/cli/nothing/here"),
        asking._shim(["api", "repos/cli/cli/issues"], None),
        asking._shim(["run", "list", "-R", "cli/cli"], None),
    ]  # fmt: skip
    assert [said in text for text, _ in answers] == [edition != "2026-04"] * len(answers)
    assert "other_repositories" in asking.session.finish().depends_on


def test_without_the_app_rest_of_repositories_is_refused() -> None:
    """Where the organisation lacks the Claude GitHub App, REST says so; MCP and ``GET /user`` work."""
    for edition in EDITIONS:
        asking = UnderRules(msgspec.structs.replace(RULES[edition], installed=False))
        said = "An org admin must connect the Claude GitHub App for this organization."
        answers = [
            asking._bash("gh api repos/acme/core/issues"), asking._bash("gh run list"),
            asking._bash("curl https://api.github.com/repos/acme/core/issues"),
            asking._shim(["api", "repos/acme/core/issues"], None),
        ]  # fmt: skip
        assert [said in text for text, _ in answers] == [edition != "2026-04"] * 4
        assert not asking.session.call("github.list_issues", owner="acme", repo="core").is_error
        assert asking._bash("gh api user --jq .login")[1] is False


def test_a_self_hosted_environment_has_no_proxy() -> None:
    """GraphQL depends on the runner, which is said; no rule of the proxy holds."""
    asking = UnderRules(msgspec.structs.replace(RULES["2026-10"], hosted="self"))
    assert asking._bash("gh pr view 42 --json number") == ('{"number":42}', False)
    assert asking._shim(["pr", "view", "42", "-R", "acme/core", "--json", "number"], None)[1] is False
    assert asking._bash("gh api search/issues -f q=repo:acme/core -X GET")[1] is False
    assert MISSING in asking._bash("gh api repos/acme/core/pulls/42/ccr/review_threads")[0]
    assert not asking._bash("git push origin --delete feature")[1]
    run = asking.session.finish()
    said = [one.message for one in run.findings if one.code == "platform.undecided"]
    assert said
    assert all("depends on your runner" in one for one in said)


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize(
    "command", ["git push origin --delete feature", "git push origin :feature", "git push origin v1 --tags"]
)
def test_git_deletes_no_branch_and_pushes_no_tag(edition: str, command: str) -> None:
    """The git proxy refuses both in a scripted run as in a live one; the attempt counts."""
    asking = UnderRules(RULES[edition])
    text, is_error = asking._bash(f"git tag v1 && {command}")
    assert is_error
    assert "the git proxy" in text
    assert {effect.outcome for effect in asking.session.effects} == {"refused"}
    assert differing(asking.session.world, WORLD) == {}


def test_pinned_documents_pass_in_august() -> None:
    """Review threads are read by GraphQL in August; what else a document asks for is refused, and
    attempted."""
    asking = UnderRules(RULES["2026-08"])
    threads = (
        '{repository(owner:"acme",name:"core"){pullRequest(number:42)'
        "{reviewThreads(first:5){nodes{isResolved}}}}}"
    )
    text, failed = asking._bash(f"gh api graphql -f query='{threads}'")
    assert (failed, '"reviewThreads"' in text) == (False, True)
    text, failed = asking._bash("gh api graphql -f query='{viewer{login}}'")
    assert (failed, PINNED in text) == (True, True)
    mutation = 'mutation{createIssue(input:{repositoryId:"R_x",title:"t"}){issue{number}}}'
    for answer in (asking._bash(f"gh api graphql -f query='{mutation}'"),
                   asking._shim(["api", "graphql", "-f", f"query={mutation}"], None)):  # fmt: skip
        assert PINNED in answer[0]
    found = [(effect.kind, effect.outcome) for effect in asking.session.effects]
    assert found == [("ticket.created", "refused")] * 2


def test_a_policy_answers_a_point() -> None:
    """``platform: {settings: {graphql: served}}`` carries ``gh pr`` out, and nothing hangs on it then."""
    edition = load_edition("2026-10", {"settings": {"graphql": "served", "account_search": "served"}})
    asking = UnderRules(edition.session_rules(ROUTINE))
    assert asking._bash("gh pr view 42 --json number") == ('{"number":42}', False)
    assert asking._bash("gh search issues crash -R acme/core")[1] is False
    assert edition.assumed(asking.session.finish().depends_on) == ()


def test_the_points_say_where_they_are_known_from() -> None:
    """Every point of a refusal has a source that the edition knows, and counts its observations."""
    for name in EDITIONS:
        edition = load_edition(name)
        points = {key: one for key, one in edition.settings.items() if key in POINTS}
        assert set(points) == set(POINTS)
        for one in points.values():
            assert one.source in edition.sources
            assert one.part == "session"
            assert one.seen > 0 or one.trust in ("INFER", "DOC")


POINTS = (
    "graphql", "account_search", "other_repositories", "uninstalled_app", "ccr_routes", "git_refs",
    "ref_deletion",
)  # fmt: skip
