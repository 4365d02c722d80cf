"""Policies of nested folders: what accumulates, what may be taken back, what the nearest says."""

from __future__ import annotations

from pathlib import Path

import pytest

from routine_harness.errors import SpecError
from routine_harness.routine.edition import LATEST
from routine_harness.store.names import known_names
from routine_harness.store.policies import load_policy
from routine_harness.verdict.policy.rules import Forbidden, Policy


def tree(root: Path, **files: str) -> Path:
    """Policy files by folder: ``a__b`` is ``a/b``, ``top`` the root itself."""
    for name, text in files.items():
        folder = root if name == "top" else root / name.replace("__", "/")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "policy.yaml").write_text(text)
    return root


def texts(policy: Policy) -> list[str]:
    return [rule.text for rule in policy.forbid]


def rule_of(policy: Policy, text: str) -> Forbidden:
    return next(rule for rule in policy.forbid if rule.text == text)


def test_without_a_file_the_default_policy_holds(tmp_path: Path) -> None:
    """No merge, no deletion, no push outside claude/, no release, no outward tool, nothing ungranted."""
    tree(tmp_path, top="root: true\n")
    policy = load_policy(tmp_path)
    kinds = {kind for rule in policy.forbid for kind in rule.kinds}
    assert {
        "pull_request.merged",
        "branch.deleted",
        "tag.deleted",
        "branch.pushed",
        "release.created",
    } <= kinds
    assert {"routine.fired", "schedule.created", "notification.sent", "artifact.published"} <= kinds
    assert any(rule.ungranted for rule in policy.forbid)
    assert (policy.platform, policy.plan, policy.noise) == (LATEST, "team", {})
    [push] = [rule for rule in policy.forbid if "branch.pushed" in rule.kinds]
    predicate = push.where[0].predicate
    assert predicate is not None
    assert predicate.match("main") is True
    assert predicate.match("claude/fix") is False


def test_forbid_accumulates_inward(tmp_path: Path) -> None:
    """What outer files forbid holds inside, in the order from outside."""
    tree(tmp_path, top="root: true\nforbid: [ticket.deleted]\n", a="forbid: [pull_request.closed]\n")
    policy = load_policy(tmp_path / "a" / "routine.yaml")
    assert texts(policy)[-2:] == ["ticket.deleted", "pull_request.closed"]
    assert "pull_request.closed" not in texts(load_policy(tmp_path))
    assert [rule.level for rule in policy.forbid[-2:]] == [0, 1]


def test_a_file_takes_back_what_it_and_files_below_it_forbid(tmp_path: Path) -> None:
    """An ``allow`` at the top reaches the rule of a nearer file, and the default policy's."""
    effects = "[pull_request.closed, pull_request.merged]"
    allow = f"allow:\n  - {{effect: {effects}, reason: r, owner: o, expires: 2026-12-31}}\n"
    tree(tmp_path, top="root: true\n" + allow, a="forbid: [pull_request.closed]\n")
    policy = load_policy(tmp_path / "a")
    for text in ("pull_request.closed", "pull_request.merged"):
        [permit] = policy.permits_for(rule_of(policy, text), "any")
        assert (permit.reason, permit.owner, permit.expires) == ("r", "o", "2026-12-31")
        assert permit.location.line == 3


def test_a_nearer_file_cannot_take_back_what_one_above_forbids(tmp_path: Path) -> None:
    """The error names the file that forbids it."""
    tree(
        tmp_path,
        top="root: true\nforbid: [pull_request.closed]\n",
        a="allow: [{effect: pull_request.closed, reason: r}]\n",
    )
    with pytest.raises(SpecError, match=r"cannot allow pull_request.closed here: .*policy.yaml:2 forbids it"):
        load_policy(tmp_path / "a")


def test_only_the_outermost_file_takes_back_the_default_policy(tmp_path: Path) -> None:
    """A lone file in the routine's folder is the outermost; below another one it is not."""
    tree(tmp_path, a="root: true\nallow: [{effect: release.created, reason: r}]\n")
    assert load_policy(tmp_path / "a").allow
    tree(tmp_path, top="root: true\n", a="allow: [{effect: release.created, reason: r}]\n")
    with pytest.raises(SpecError, match="allow it in the outermost policy file"):
        load_policy(tmp_path / "a")


@pytest.mark.parametrize("signed", ["", "owner: o", "expires: 2026-12-31"])
def test_what_is_never_allowed_is_taken_back_with_owner_and_day(tmp_path: Path, signed: str) -> None:
    """An ``allow`` of a merge without them is bad input, with its line and the sentence of why."""
    entry = "{effect: pull_request.merged, reason: r" + (f", {signed}" if signed else "") + "}"
    tree(tmp_path, top=f"root: true\nallow:\n  - {entry}\n")
    with pytest.raises(
        SpecError, match=r"cannot allow pull_request\.merged without .*nobody has looked"
    ) as found:
        load_policy(tmp_path)
    assert found.value.problems[0].line == 3


def test_the_default_policy_is_taken_back_by_name(tmp_path: Path) -> None:
    """``*`` takes back the rules of files, and none of the default policy's."""
    tree(tmp_path, top="root: true\nforbid: [ticket.deleted]\nallow: [{effect: '*', reason: r}]\n")
    policy = load_policy(tmp_path)
    assert policy.permits_for(rule_of(policy, "ticket.deleted"), "any")
    assert not policy.permits_for(rule_of(policy, "pull_request.merged"), "any")


def test_an_exception_holds_so_many_times_a_run(tmp_path: Path) -> None:
    """``at_most`` is a whole number from 1; anything else is bad input."""
    tree(tmp_path, top="root: true\nallow: [{effect: release.created, at_most: 2, reason: r}]\n")
    assert load_policy(tmp_path).allow[0].at_most == 2
    tree(tmp_path, top="root: true\nallow: [{effect: release.created, at_most: 0, reason: r}]\n")
    with pytest.raises(SpecError, match="at_most to be a whole number from 1"):
        load_policy(tmp_path)


def test_an_exception_may_name_its_routines(tmp_path: Path) -> None:
    """It holds for these and no others."""
    tree(tmp_path, top="root: true\nallow: [{effect: release.created, reason: r, routines: [port]}]\n")
    policy = load_policy(tmp_path)
    rule = next(rule for rule in policy.forbid if "release.created" in rule.kinds)
    assert policy.permits_for(rule, "port")
    assert not policy.permits_for(rule, "triage")


def test_a_nearer_noise_limit_may_only_be_stricter(tmp_path: Path) -> None:
    """Stricter and new ones are taken; a looser one is an error that names the outer file."""
    tree(
        tmp_path,
        top="root: true\nnoise: {messages_per_run: 2, characters_per_message: 500}\n",
        a="noise: {messages_per_run: 1, tickets_per_run: 3}\n",
        b="noise: {messages_per_run: 3}\n",
    )
    noise = {name: limit.most for name, limit in load_policy(tmp_path / "a").noise.items()}
    assert noise == {"messages_per_run": 1, "characters_per_message": 500, "tickets_per_run": 3}
    with pytest.raises(SpecError, match="messages_per_run: 3 is looser than the 2 of"):
        load_policy(tmp_path / "b")


def test_of_the_rest_the_nearest_file_wins_key_by_key(tmp_path: Path) -> None:
    """Platform, plan, overrides, identity, gate and budget are merged by key."""
    tree(
        tmp_path,
        top=(
            "root: true\nplan: pro\nplatform: {edition: 2026-08, limits: {github-per-routine: 60}, "
            "settings: {case_sensitive: false}}\nidentity: {ticket.created: [title], label.created: [name]}\n"
            "gate: {require: {freshness: 30d, live_recordings: 1}}\nbudget: {turns: 10, calls: 50}\n"
        ),
        a=(
            "plan: max\nplatform: {settings: {case_sensitive: true}}\n"
            "identity: {ticket.created: [title, project]}\n"
            "gate: {require: {freshness: 7d, attempts: {passed: 2, of: 3}}}\nbudget: {turns: 5}\n"
        ),
    )
    policy = load_policy(tmp_path / "a")
    assert (policy.plan, policy.platform) == ("max", "2026-08")
    assert policy.platform_overrides == {
        "limits": {"github-per-routine": 60},
        "settings": {"case_sensitive": True},
    }
    assert policy.identity == {"ticket.created": ("title", "project"), "label.created": ("name",)}
    assert (policy.gate.freshness, policy.gate.live_recordings) == (7 * 86400, 1)
    assert (policy.gate.passed, policy.gate.of) == (2, 3)
    assert policy.budget == {"turns": 5, "calls": 50}


def test_gate_exceptions_need_reason_owner_and_expiry(tmp_path: Path) -> None:
    """They accumulate, each with its place."""
    entry = "{{finding: {}, reason: r, owner: o, expires: 2026-12-31}}"
    tree(
        tmp_path,
        top=f"root: true\ngate:\n  exceptions:\n    - {entry.format('access.unused')}\n",
        a=f"gate: {{exceptions: [{entry.format('prompt.jobs')}]}}\n",
    )
    found = load_policy(tmp_path / "a").gate.exceptions
    assert [exception.finding for exception in found] == ["access.unused", "prompt.jobs"]
    assert found[0].location.line == 4


def test_users_patterns_of_redaction_add_and_never_replace(tmp_path: Path) -> None:
    """A nearer file cannot switch off what an outer one redacts."""
    tree(
        tmp_path,
        top="root: true\nredact: {patterns: {internal: 'INT-.*'}, variables: [A], emails: true}\n",
        a="redact: {patterns: {other: 'OTH-.*'}, variables: [B], emails: false}\n",
    )
    redact = load_policy(tmp_path / "a").redact
    assert redact.patterns == {"internal": "INT-.*", "other": "OTH-.*"}
    assert (redact.variables, redact.emails) == (("A", "B"), True)


def test_the_search_ends_at_the_repository_and_at_a_root(tmp_path: Path) -> None:
    """Files above ``.git`` or above ``root: true`` are somebody else's."""
    tree(tmp_path, top="forbid: [ticket.deleted]\n", repo__a="forbid: [pull_request.closed]\n")
    (tmp_path / "repo" / ".git").mkdir()
    assert "ticket.deleted" not in texts(load_policy(tmp_path / "repo" / "a"))
    tree(tmp_path, top="root: true\n", x="root: true\n", x__y="forbid: [pull_request.closed]\n")
    assert len(load_policy(tmp_path / "x" / "y").files) == 2


def test_the_search_does_not_depend_on_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same policy from anywhere, by relative and by absolute path."""
    tree(tmp_path, top="root: true\nforbid: [ticket.deleted]\n", a__b="forbid: [pull_request.closed]\n")
    whole = load_policy(tmp_path / "a" / "b")
    monkeypatch.chdir(tmp_path / "a" / "b")
    assert texts(load_policy(".")) == texts(whole)
    monkeypatch.chdir(tmp_path / "a")
    assert texts(load_policy("b/routine.yaml")) == texts(whole)


def test_the_problems_of_all_files_are_reported_together(tmp_path: Path) -> None:
    """A broken outer and a broken inner file give one error."""
    tree(tmp_path, top="root: true\nforbid: [x.y]\n", a="noise: 3\n")
    with pytest.raises(SpecError) as caught:
        load_policy(tmp_path / "a")
    assert len(caught.value.problems) == 2


def test_an_empty_policy_file_says_nothing(tmp_path: Path) -> None:
    """An empty file, or comments alone, is a policy without rules of its own."""
    tree(tmp_path, top="# nothing yet\nroot: true\n", a="")
    assert len(load_policy(tmp_path / "a").files) == 2


def test_a_policy_may_name_connectors_that_only_worlds_declare(tmp_path: Path) -> None:
    """``connectors:`` makes their names known, with or without their tools."""
    tree(
        tmp_path,
        top=(
            "root: true\nconnectors: {pagerduty: [create_incident], statuspage: []}\nforbid:\n"
            "  - {tool: pagerduty.create_incident}\n  - {tool: statuspage.anything}\n"
        ),
        a="root: true\nconnectors: {pagerduty: [create_incident]}\nforbid: [{tool: pagerduty.resolve}]\n",
    )
    assert load_policy(tmp_path).connectors == {"pagerduty": ("create_incident",), "statuspage": ()}
    with pytest.raises(SpecError, match=r"unknown tool 'pagerduty\.resolve'"):
        load_policy(tmp_path / "a")


def test_a_policy_is_merged_once_until_a_file_changes(tmp_path: Path) -> None:
    """The same chain gives the same value."""
    tree(tmp_path, top="root: true\nforbid: [ticket.deleted]\n")
    first = load_policy(tmp_path)
    assert load_policy(tmp_path / "x.yaml") is first
    tree(tmp_path, top="root: true\nforbid: [pull_request.closed, ticket.deleted]\n")
    assert "pull_request.closed" in texts(load_policy(tmp_path))


def test_asking_for_a_known_connector_loads_none() -> None:
    """A name is checked without importing what it names."""
    known = known_names()
    assert "slack" in known.tools
    assert "slak" not in known.tools


@pytest.mark.parametrize(
    ("predicate", "unknown"),
    [
        ("slak", "slak"),
        ("{is_one_of: [slack, slak]}", "slak"),
        ("{not: {equals: lineer}}", "lineer"),
        ("{any_of: [slack, {is_not_one_of: [lineer]}]}", "lineer"),
        ("{starts_with: sl}", ""),
        ("{matches_regex: 's.*'}", ""),
        ("github", ""),
    ],
)
def test_connectors_in_predicates_are_checked_where_they_are_named(
    tmp_path: Path, predicate: str, unknown: str
) -> None:
    """A literal name must be known wherever it stands; a part of one need not be."""
    rule = f"{{effect: message.posted, where: {{connector: {predicate}}}}}"
    tree(tmp_path, top=f"root: true\nforbid: [{rule}]\n")
    if unknown:
        with pytest.raises(SpecError, match=f"unknown connector '{unknown}'"):
            load_policy(tmp_path)
    else:
        assert load_policy(tmp_path).forbid[-1].kinds == ("message.posted",)


def test_further_connectors_may_be_a_plain_list(tmp_path: Path) -> None:
    """Where nobody cares for their tools."""
    tree(tmp_path, top="root: true\nconnectors: [pagerduty]\nforbid: [{tool: pagerduty.anything}]\n")
    assert load_policy(tmp_path).connectors == {"pagerduty": ()}


def test_a_recording_may_be_of_any_age(tmp_path: Path) -> None:
    """An empty ``freshness:`` takes back the limit of an outer file."""
    tree(
        tmp_path, top="root: true\ngate: {require: {freshness: 30d}}\n", a="gate: {require: {freshness: }}\n"
    )
    assert load_policy(tmp_path).gate.freshness == 30 * 86400
    assert load_policy(tmp_path / "a").gate.freshness is None


def test_a_rule_may_say_why(tmp_path: Path) -> None:
    """The reason of a rule is kept for whoever breaks it."""
    rule = "{effect: ticket.deleted, reason: tickets are evidence}"
    tree(tmp_path, top=f"root: true\nforbid: [{rule}]\n")
    assert rule_of(load_policy(tmp_path), "ticket.deleted").reason == "tickets are evidence"
