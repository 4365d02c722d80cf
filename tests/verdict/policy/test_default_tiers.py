"""The default policy's tiers, what hangs on a run, what cannot be read, and where bodies may go."""

from __future__ import annotations

import datetime

import msgspec
import pytest
import yaml
from support.desk import ROUTINE, run_desk
from support.judging import case_of, judge

from routine_harness.finding import Finding
from routine_harness.predicate import Partly
from routine_harness.routine.document import load_document
from routine_harness.routine.network import reach_of
from routine_harness.routine.spec import Environment
from routine_harness.session.grants import Grants
from routine_harness.session.run import RunPair
from routine_harness.verdict.policy.chain import merge_policies
from routine_harness.verdict.policy.default_policy import TABLE, default_policy
from routine_harness.verdict.policy.judge_call import judge_call
from routine_harness.verdict.policy.rules import Policy
from routine_harness.verdict.read_policy import parse_policy
from routine_harness.world.effect import Effect
from routine_harness.world.kinds import KINDS
from routine_harness.world.tool import ToolCall

BASH = ToolCall("", "Bash", {"command": "x"})
BRANCH = Partly("$BRANCH", [None])


def policy(text: str = "{}") -> Policy:
    """The default policy with one file's text below it."""
    return merge_policies(default_policy(), [parse_policy(load_document(text.encode(), "policy.yaml"))])


def effect(kind: str, **fields: object) -> Effect:
    """An effect on the routine's repository, as far as its kind has these fields."""
    fields = {"repository": "acme/core", **fields}
    return Effect(kind, "github", "", {name: value for name, value in fields.items() if name in KINDS[kind]})


def pair_of(first: list[Effect], second: list[Effect] | None = None) -> RunPair:
    """Runs whose calls have these effects, one call each."""
    runs = []
    for number, effects in ((1, first), (2, second)):
        if effects is None:
            continue
        run = run_desk(lambda session: session.call("desk.list_tickets"))
        records = tuple(
            msgspec.structs.replace(
                run.calls[0], number=n, call=BASH, effects=(msgspec.structs.replace(one, call=n),)
            )
            for n, one in enumerate(effects, 1)
        )
        runs.append(msgspec.structs.replace(run, number=number, calls=records))
    return RunPair(*runs)


def findings(*effects: Effect, text: str = "{}", **options: object) -> list[Finding]:
    return list(judge(pair_of(list(effects)), policy=policy(text), **options).check("policy").findings)


def said(*effects: Effect, text: str = "{}", **options: object) -> list[str]:
    return [f"{each.code} {each.severity}" for each in findings(*effects, text=text, **options)]


ROWS = [line.split(" | ") for line in TABLE.strip().splitlines()]
ACTS = [(tier, kind, why) for tier, kinds, why in ROWS for kind in kinds.split()]


@pytest.mark.parametrize(("tier", "kind", "why"), ACTS, ids=[row[1] for row in ACTS])
def test_each_act_is_of_its_tier_and_says_why(tier: str, kind: str, why: str) -> None:
    """An error, or for what is noted a warning; the finding quotes the sentence."""
    fields = {"event": "APPROVE"} if kind.startswith("review.") else {}
    [finding] = findings(effect(kind, **fields))
    noted = tier == "noted"
    assert (finding.code, finding.fails) == (("policy.noted", False) if noted else ("policy.forbidden", True))
    assert finding.detail[0] == f"why: {why}"
    assert finding.data["tier"] == tier


@pytest.mark.parametrize(("tier", "kind", "why"), ACTS, ids=[row[1] for row in ACTS])
def test_the_allow_that_a_finding_shows_takes_it_back(tier: str, kind: str, why: str) -> None:
    """The lines are YAML as it stands: pasted into the policy, the act passes and the policy is valid."""
    fields = {"event": "APPROVE"} if kind.startswith("review.") else {}
    broken = effect(kind, branch="main", name="x: y", **fields)
    [finding] = findings(broken)
    at = finding.detail.index("allow:")
    text = "\n".join(finding.detail[at:]) + "\n"
    [entry] = yaml.safe_load(text)["allow"]
    assert entry["routines"] == [ROUTINE.name]
    assert ({"owner", "expires"} <= set(entry)) == (tier == "never")
    assert said(broken, text=text) == []
    if "where" in entry:
        code = "policy.noted" if tier == "noted" else "policy.forbidden"
        other = effect(kind, **fields, repository="acme/other", name="z", workflow="z")
        assert code in [finding.code for finding in findings(other, text=text)]


def test_what_is_noted_is_an_error_under_strict() -> None:
    """``strict`` leaves no warning of the policy standing."""
    assert said(effect("workflow.rerun"), case=case_of(strict=True)) == ["policy.noted error"]


def test_a_wider_rule_means_the_narrow_act() -> None:
    """Who forbids merges forbids auto-merge; an ``allow`` of merges lets no auto-merge through."""
    approval = effect("review.approved", event="APPROVE")
    assert said(approval, text="forbid: [review.submitted]") == ["policy.forbidden error"] * 2
    merges = "forbid: [pull_request.merged]"
    assert said(effect("auto_merge.enabled"), text=merges) == ["policy.forbidden error"] * 2
    text = "allow: [{effect: pull_request.merged, reason: r, owner: o, expires: 2027-01-01}]"
    assert said(effect("pull_request.merged"), text=text) == []
    assert said(effect("auto_merge.enabled"), text=text) == ["policy.forbidden error"]


def test_at_most_counts_over_the_run() -> None:
    """The second release of a run is one too many."""
    text = "allow: [{effect: release.created, at_most: 1, reason: r}]"
    once, again = effect("release.created", tag="v1"), effect("release.created", tag="v2")
    assert said(once, text=text) == []
    [finding] = findings(once, again, text=text)
    assert finding.calls == (2,)


def test_an_exception_is_used_up_once_by_an_act_that_breaks_two_rules() -> None:
    """The default rule and the file's own are broken by one release, which counts once."""
    text = "forbid: [release.created]\nallow: [{effect: release.created, at_most: 2, reason: r}]"
    two = [effect("release.created", tag=tag) for tag in ("v1", "v2")]
    assert said(*two, text=text) == []


def test_a_known_kind_with_unknown_fields_is_undecided_where_a_rule_may_hold() -> None:
    """``git push origin $BRANCH`` may be main; ``claude/fix-$X`` cannot; absent stays a match."""
    [finding] = findings(effect("branch.pushed", branch=BRANCH))
    assert (finding.code, finding.fails) == ("policy.undecided", True)
    assert "the branch" in finding.message
    assert "write the branch out" in finding.hint
    assert said(effect("branch.pushed", branch=Partly("claude/fix-$X", ["claude/fix-", None]))) == []
    assert said(effect("branch.pushed", branch=Partly("fix-$X", ["fix-", None]))) == [
        "policy.forbidden error"
    ]
    assert said(effect("branch.pushed")) == ["policy.forbidden error"]
    assert said(effect("pull_request.merged", number=Partly("$N"))) == ["policy.forbidden error"]
    assert said(effect("comment.created", number=Partly("$N"))) == []


def test_an_allow_of_the_effect_takes_back_what_is_undecided() -> None:
    """One that names other fields does, too; one that hangs on the very field does not."""
    push = effect("branch.pushed", branch=BRANCH)
    assert said(push, text="allow: [{effect: branch.pushed, reason: r}]") == []
    where = "allow: [{effect: branch.pushed, where: {%s}, reason: r}]"
    assert said(push, text=where % "repository: acme/core") == []
    assert said(push, text=where % "branch: release") == ["policy.undecided error"]


def test_a_repository_that_hangs_on_a_run_is_undecided() -> None:
    """It may be one of the routine's; one that cannot be is not granted."""
    assert said(effect("ticket.created", repository=Partly("$REPO"))) == ["policy.undecided error"]
    other = Partly("evil/$REPO", ["evil/", None])
    assert said(effect("ticket.created", repository=other)) == ["repository.not-granted error"]


def test_an_unknown_act_is_one_error_a_case() -> None:
    """Two commands in two runs are one finding; an ``allow`` that names them takes it back."""
    unknown = [Effect("command.undecided", "", "", {"command": f"eval {n}", "reason": "eval"}) for n in "ab"]
    pair = pair_of(unknown, unknown)
    [finding] = judge(pair, policy=policy()).check("policy").findings
    assert (finding.code, finding.fails, finding.calls) == ("command.undecided", True, (1, 2))
    assert "4 commands" in finding.message
    text = "\n".join(finding.detail[finding.detail.index("allow:") :])
    assert {"reason", "owner"} <= set(yaml.safe_load(text)["allow"][0])
    assert not judge(pair, policy=policy(text)).check("policy").findings
    text = "allow: [{effect: command.undecided, where: {command: eval a}, reason: r, owner: o}]"
    assert "2 commands" in judge(pair, policy=policy(text)).check("policy").findings[0].message


def test_an_opaque_program_is_one_warning_a_case() -> None:
    """It says how often it ran; ``*`` of a rule does not mean it, naming it does."""
    opaque = [Effect("command.opaque", "", "", {"program": p, "command": p}) for p in ("make", "make", "npm")]
    verdict = judge(
        pair_of(opaque, opaque[:1]), policy=policy("forbid: [{effect: '*', where: {text: {contains: make}}}]")
    )
    found = verdict.check("policy").findings
    assert [(f.code, f.fails, f.data["program"], f.data["count"]) for f in found] == [
        ("command.opaque", False, "make", 3),
        ("command.opaque", False, "npm", 1),
    ]
    assert said(*opaque, text="forbid: [command.opaque]") == ["policy.forbidden error"]
    assert said(*opaque, case=case_of(strict=True)) == ["command.opaque warning"] * 2


HOSTS = [
    ("trusted", (), "collector.example", "policy.forbidden error"),
    ("trusted", (), "pypi.org", "policy.noted warning"),
    ("trusted", (), "bucket.s3.amazonaws.com", "policy.noted warning"),
    ("trusted", (), "api.github.com", ""),
    ("trusted", (), "localhost", ""),
    ("trusted", (), "127.0.0.1", ""),
    ("trusted", (), "::1", ""),
    ("none", (), "pypi.org", "policy.forbidden error"),
    ("custom", ("*.acme.dev",), "status.acme.dev", ""),
    ("custom", ("*.acme.dev",), "pypi.org", "policy.forbidden error"),
    ("full", (), "collector.example", "policy.forbidden error"),
    ("full", (), "pypi.org", "policy.noted warning"),
    ("trusted", (), Partly("$URL"), "policy.undecided error"),
]


@pytest.mark.parametrize(("network", "domains", "host", "outcome"), HOSTS)
def test_where_a_body_may_go(network: str, domains: tuple[str, ...], host: str, outcome: str) -> None:
    """By what the host is to the environment; a host that only a run tells is undecided."""
    environment = Environment(network=network, allowed_domains=domains)  # type: ignore[arg-type]
    routine = msgspec.structs.replace(ROUTINE, environment=environment)
    sent = Effect("http.requested", "", host, {"method": "POST", "host": host, "path": "/x"})
    assert said(sent, routine=routine) == ([outcome] if outcome else [])
    if outcome == "policy.forbidden error":
        text = f"allow: [{{effect: http.requested, where: {{host: '{host}'}}, reason: r}}]"
        assert said(sent, routine=routine, text=text) == []


def test_github_is_granted_with_a_repository() -> None:
    """Without one it is a trusted default like others."""
    assert reach_of("api.github.com", Environment(), github=True) == "granted"
    assert reach_of("api.github.com", Environment(), github=False) == "trusted"


def test_a_single_call_is_judged_without_a_run() -> None:
    """The guard's entry: the same findings for effects and a call, with the run's effects so far."""
    grants = Grants(ROUTINE)
    assert [f.code for f in judge_call((effect("pull_request.merged"),), BASH, grants, policy())] == [
        "policy.forbidden"
    ]
    assert judge_call((effect("comment.created"),), BASH, grants, policy()) == ()
    assert [f.code for f in judge_call((), ToolCall("pager", "page"), grants, policy())] == [
        "connector.not-granted"
    ]
    held = policy("allow: [{effect: release.created, at_most: 1, reason: r}]")
    release = (effect("release.created", tag="v1"),)
    assert judge_call(release, BASH, grants, held) == ()
    assert [f.code for f in judge_call(release, BASH, grants, held, earlier=release)] == ["policy.forbidden"]


def test_the_day_that_is_proposed_lies_after_the_run() -> None:
    """It follows the clock of the run, so that the same run gives the same text."""
    [finding] = findings(effect("pull_request.merged"))
    run = run_desk(lambda session: session.call("desk.list_tickets"))
    started = datetime.datetime.fromtimestamp(run.world_before.clock, datetime.UTC).date()
    assert datetime.date.fromisoformat(finding.data["allow"]["expires"]) == started + datetime.timedelta(
        days=90
    )
