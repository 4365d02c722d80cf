# ruff: noqa: E501 - tables of effects read better unbroken
"""Policy and noise against runs: attempts count, absent fields match, limits hold for both runs."""

from __future__ import annotations

import msgspec
import pytest
from support.desk import ROUTINE, pair_desk, run_desk
from support.judging import codes, judge

from routine_harness.finding import Location
from routine_harness.routine.document import load_document
from routine_harness.routine.spec import Repository
from routine_harness.session.run import RunPair
from routine_harness.verdict.policy.chain import merge_policies
from routine_harness.verdict.policy.default_policy import default_policy
from routine_harness.verdict.policy.noise import mentions_of_everyone
from routine_harness.verdict.policy.rules import Limit, Permitted, Policy
from routine_harness.verdict.read_policy import parse_policy
from routine_harness.world.effect import Effect
from routine_harness.world.effect_table import attempted_effects
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolCall


def policy(text: str = "{}") -> Policy:
    """The default policy with one file's text below it."""
    return merge_policies(default_policy(), [parse_policy(load_document(text.encode(), "policy.yaml"))])


def pair_of(*effects: Effect, calls: tuple[ToolCall, ...] = ()) -> RunPair:
    """One run with these effects (and calls), whatever brought them about."""
    run = run_desk(lambda session: session.call("desk.list_tickets"))
    first = run.calls[0]
    records = [
        msgspec.structs.replace(first, number=index, call=call, effects=())
        for index, call in enumerate(calls, 2)
    ]
    stamped = tuple(msgspec.structs.replace(effect, call=1) for effect in effects)
    record = msgspec.structs.replace(first, effects=stamped)
    return RunPair(msgspec.structs.replace(run, calls=(record, *records)))


def found(pair: RunPair, text: str = "{}", **options) -> list[str]:
    return codes(judge(pair, policy=policy(text), **options), "policy")


def effect(kind: str, **fields) -> Effect:
    return Effect(kind, "github", "", {"repository": "acme/core", **fields})


FORBIDDEN = [
    effect("pull_request.merged", number=1),
    effect("branch.deleted", branch="claude/x"),
    effect("tag.deleted", tag="v1"),
    effect("branch.pushed", branch="main"),
    effect("branch.pushed"),
    effect("branch.created", branch="feature"),
    effect("release.created", tag="v1"),
]


@pytest.mark.parametrize("forbidden", FORBIDDEN, ids=lambda one: f"{one.kind} {one.fields.get('branch', '')}")
def test_the_default_policy_holds_without_a_file(forbidden):
    """No merge, no deletion, no push outside claude/, no release; a branch that is not said counts."""
    assert found(pair_of(forbidden)) == ["policy.forbidden"]


def test_a_refused_attempt_counts():
    """Policy looks at what was attempted."""
    refused = msgspec.structs.replace(effect("pull_request.merged"), outcome="refused")
    assert found(pair_of(refused)) == ["policy.forbidden"]


ALLOWED = [
    effect("branch.pushed", branch="claude/x"),
    effect("pull_request.created"),
    effect("comment.created"),
]


@pytest.mark.parametrize("allowed", ALLOWED, ids=lambda one: one.kind)
def test_the_default_policy_leaves_the_rest_alone(allowed):
    """Pushing to claude/ and opening a pull request is what routines do."""
    assert found(pair_of(allowed)) == []


def test_one_finding_names_all_the_calls_that_break_a_rule():
    """A rule is reported once, with rule, place and every attempt."""
    pair = pair_of(effect("message.posted", channel="other"), effect("message.posted", channel="general"))
    text = "forbid: [{effect: message.posted, where: {channel: {is_not_one_of: [dev]}}}]"
    [finding] = judge(pair, policy=policy(text)).check("policy").findings
    assert finding.code == "policy.forbidden"
    assert "2 attempts" in finding.message
    assert str(finding.location) == "policy.yaml:1"
    assert finding.calls == (1,)
    assert finding.detail[:2] == ("call 1: message.posted  (applied)",) * 2
    assert finding.data["allow"]["where"] == {"channel": {"is_one_of": ["other", "general"]}}


def test_a_field_that_is_absent_is_a_match_in_forbid():
    """What cannot be excluded is forbidden."""
    text = "forbid: [{effect: message.posted, where: {channel: {not: {equals: dev}}}}]"
    assert found(pair_of(Effect("message.posted", "slack", "")), text) == ["policy.forbidden"]
    assert found(pair_of(Effect("message.posted", "slack", "", {"channel": "dev"})), text) == []


def test_any_text_of_any_effect():
    """effect: '*' with text looks at every text field, and at nothing that has none."""
    text = "forbid: [{effect: '*', where: {text: {contains: hush}}}]"
    assert found(pair_of(effect("ticket.created", title="a", body="hush!")), text) == ["policy.forbidden"]
    assert found(pair_of(effect("reaction.added", emoji="hush")), text) == []


def test_a_tool_rule_looks_at_calls():
    """{tool, where} forbids a call by its arguments, whatever it does."""
    text = r"forbid: [{tool: Bash, where: {command: {matches_regex: '.*\bterraform\s+apply\b.*'}}}]"
    apply = ToolCall("", "Bash", {"command": "cd x && terraform apply -auto"})
    plan = ToolCall("", "Bash", {"command": "terraform plan"})
    assert found(pair_of(calls=(apply,)), text) == ["policy.forbidden"]
    assert found(pair_of(calls=(plan,)), text) == []
    assert found(pair_of(calls=(ToolCall("", "Bash", {}),)), text) == ["policy.forbidden"]


def test_a_tool_goes_by_its_aliases():
    """A rule and an expectation may name a tool as older servers did."""
    merged = ToolCall("github", "pull_request_read", {"method": "get", "owner": "acme", "repo": "core"})
    files = ToolCall("github", "pull_request_read", {"method": "get_files", "owner": "acme", "repo": "core"})
    text = "forbid: [{tool: github.get_pull_request, where: {owner: acme}}]"
    assert found(pair_of(calls=(merged,)), text) == ["policy.forbidden"]
    assert found(pair_of(calls=(files,)), text) == []
    ordered = "expect: {calls: {in_order: [github.get_pull_request_files]}}"
    assert codes(judge(pair_of(calls=(files,)), ordered), "calls") == []
    assert codes(judge(pair_of(calls=(merged,)), ordered), "calls") == ["expect.calls"]


@pytest.mark.parametrize("name", ["mcp__Linear__save_issue", "mcp__claude_ai_Linear__save_issue"])
def test_a_tool_goes_by_the_names_of_clients(name):
    """A rule may name a tool as a transcript does."""
    saved = ToolCall("linear", "save_issue", {"title": "x"})
    assert found(pair_of(calls=(saved,)), f"forbid: [{{tool: {name}}}]") == ["policy.forbidden"]


def test_a_tool_rule_sees_through_commands():
    """gh in a command is the tool that does the same."""
    text = "forbid: [{tool: desk.create_ticket}]"
    gh = ToolCall("", "Bash", {"command": "gh something"})

    def forms(call):
        return (ToolCall("desk", "create_ticket"),) if call.tool == "Bash" else ()

    assert found(pair_of(calls=(gh,)), text, read=forms) == ["policy.forbidden"]


@pytest.mark.parametrize(
    "tool", ["RemoteTrigger", "CronCreate", "SendMessage", "PushNotification", "Artifact"]
)
def test_the_agents_own_outward_tools_are_forbidden(tool):
    """Scheduling, sending and publishing are not what a routine is for."""
    effects = attempted_effects(ToolCall("", tool), Registry())
    assert found(pair_of(*effects)) == ["policy.forbidden"]


def test_an_allow_takes_back_what_its_file_forbids():
    """allow with a reason, in the outermost file, takes back a default rule for what it matches."""
    text = "allow: [{effect: release.created, where: {tag: {starts_with: nightly}}, reason: nightlies}]"
    assert found(pair_of(effect("release.created", tag="nightly-1")), text) == []
    assert found(pair_of(effect("release.created", tag="v1")), text) == ["policy.forbidden"]
    assert found(pair_of(effect("release.created")), text) == ["policy.forbidden"]


def test_what_is_not_granted_fails_policy_with_its_own_code():
    """A connector that the routine does not include is no matter of the item run."""
    bare = msgspec.structs.replace(ROUTINE, connectors=())
    run = run_desk(lambda session: session.call("desk.create_ticket", title="a"), routine=bare)
    verdict = judge(RunPair(run), policy=policy(), routine=bare)
    assert codes(verdict, "policy") == ["connector.not-granted"]
    assert "connector.not-granted" not in codes(verdict, "run")


def test_an_effect_on_another_repository_is_not_granted():
    """A command may reach a repository that no tool was asked for."""
    elsewhere = effect("comment.created")
    elsewhere.fields["repository"] = "other/place"
    assert found(pair_of(elsewhere)) == ["repository.not-granted"]
    wide = msgspec.structs.replace(ROUTINE, repositories=(*ROUTINE.repositories, Repository("Other/Place")))
    assert found(pair_of(elsewhere), routine=wide) == []


def test_both_runs_are_judged():
    """A second run that merges fails policy, too."""

    def posts(session):
        for _ in range(session.number * 2):
            session.call("desk.post_message", channel="dev", text="x")

    verdict = judge(pair_desk(posts), policy=policy("noise: {messages_per_run: 2}"))
    [finding] = verdict.check("policy").findings
    assert (finding.code, finding.run, finding.calls) == ("noise.messages-per-run", 2, (1, 2, 3, 4))
    assert finding.message == "4 messages in one run, at most 2 by policy.yaml:1"


def test_one_is_counted_in_the_singular():
    """A limit of none that one passes reads as a sentence."""
    one = [("messages_per_run: 0", "x", "1 message in one run, at most 0"),
           ("mentions_of_everyone: 0", "<!here>", "a message with 1 mention of everyone, at most 0"),
           ("characters_per_message: 0", "x", "a message with 1 character, at most 0")]  # fmt: skip
    for limit, text, words in one:
        pair = pair_desk(
            lambda session, text=text: session.call("desk.post_message", channel="dev", text=text)
        )
        [finding] = judge(pair, policy=policy(f"noise: {{{limit}}}")).check("policy").findings
        assert finding.message.startswith(words)


NOISE = [
    ("characters_per_message: 5", Effect("message.posted", "slack", "", {"text": "123456"}), "noise.characters-per-message"),
    ("mentions_of_everyone: 0", Effect("message.posted", "slack", "", {"text": "<!channel> hi"}), "noise.mentions-of-everyone"),
    ("tickets_per_run: 0", Effect("ticket.created", "linear", ""), "noise.tickets-per-run"),
    ("comments_per_run: 0", Effect("comment.created", "github", ""), "noise.comments-per-run"),
    ("pull_requests_per_run: 0", Effect("pull_request.created", "github", ""), "noise.pull-requests-per-run"),
    ("messages_per_channel_per_day: 0", Effect("message.posted", "slack", "", {"channel": "dev"}), ""),
]  # fmt: skip


@pytest.mark.parametrize(("limit", "loud", "code"), NOISE, ids=[row[0] for row in NOISE])
def test_noise_per_run_and_message(limit, loud, code):
    """Each limit has its code; limits per day are judged by backtest and gate alone."""
    assert found(pair_of(loud), f"noise: {{{limit}}}") == ([code] if code else [])
    refused = msgspec.structs.replace(loud, outcome="refused")
    assert found(pair_of(refused), f"noise: {{{limit}}}") == []


def test_who_is_everyone():
    """Slack's and people's ways of calling everyone; an address is none."""
    assert mentions_of_everyone("<!here> and @channel, <!everyone|all>") == 3
    assert mentions_of_everyone("mail a@channel.example, @everyones") == 0


def test_a_permit_of_a_nearer_file_takes_nothing_back():
    """permits_for lets only the file of the rule, or one above it, speak."""
    rule = Policy(forbid=policy("forbid: [ticket.created]").forbid[-1:])
    near = Permitted(
        "ticket.created", "why", kinds=("ticket.created",), level=3, location=Location("below.yaml")
    )
    nearer = msgspec.structs.replace(rule, allow=(near,), noise={"tickets_per_run": Limit(9)})
    assert codes(judge(pair_of(Effect("ticket.created", "linear", "")), policy=nearer), "policy") == [
        "policy.forbidden"
    ]
