"""Gmail in particular: what a query finds, drafts that are no messages, labels by id."""

# ruff: noqa: E501 - records and calls read better unbroken

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from world.contract_gmail import GMAIL, mailbox

from routine_harness import check_case
from routine_harness.case.result import CaseResult
from routine_harness.world.registry import Registry
from routine_harness.world.reveals import revealed_records
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolCall, ToolResult

CLOCK = 1_777_885_200  # 2026-05-04T09:00:00Z
MAIL = (
    {"id": "a", "from": "Amy Smith <amy@client.example>", "to": "support@acme.example", "cc": "Bo <bo@acme.example>",
     "subject": "Invoice 2026-14 is late", "body": "The dinner film, please.", "date": "2026-05-03T08:30:00Z",
     "labels": ["INBOX", "UNREAD", "STARRED"], "sizeEstimate": 2048, "rfc822MessageId": "<1@client.example>"},
    {"id": "b", "from": "noreply@mail.shop.example", "subject": "Your order", "body": "Delivery tomorrow.",
     "date": "2026-04-01T00:00:00Z", "labels": ["INBOX", "CATEGORY_UPDATES", "Orders"], "attachments": ["bill.pdf"],
     "listId": "orders.shop.example", "sizeEstimate": 5_000_000},
    {"id": "c", "from": "support@acme.example", "to": ["amy@client.example"], "subject": "Invoices",
     "body": "Here they are.", "date": "2026-05-03T07:30:00Z"},
    {"id": "d", "from": "win@bad.example", "subject": "Prize", "body": "You won", "labels": ["SPAM"]},
    {"id": "e", "from": "ops@acme.example", "subject": "裏方の自動化に異常", "body": "詳細", "labels": []},
)  # fmt: skip


def _world() -> World:
    world = GMAIL.seed_record(World(clock=CLOCK), "accounts", {"email": "support@acme.example"})
    for record in MAIL:
        world = GMAIL.seed_record(world, "messages", record)
    draft = {"id": "r1", "to": "amy@client.example", "subject": "Re: Invoice", "body": "Soon"}
    return GMAIL.seed_record(world, "drafts", draft)


def _call(tool: str, world: World | None = None, **arguments: Any) -> Outcome:
    return GMAIL.call(world or _world(), ToolCall("gmail", tool, arguments))


def _found(query: str) -> str:
    outcome = _call("search_threads", query=query)
    assert not outcome.result.is_error, outcome.incomplete
    return "".join(sorted(one["id"][:1] for one in outcome.result.json().get("threads", [])))


@pytest.mark.parametrize(
    ("query", "threads"),
    [
        ("", "abce"),
        ("from:amy", "a"),
        ("from:client.example", "a"),
        ("from:shop.example", "b"),
        ("from:amy@client.example", "a"),
        ("from:y@client.example", ""),
        ("from:me", "c"),
        ("to:me", "abe"),
        ("to:amy@client.example", "c"),
        ("cc:bo", "a"),
        ("subject:order", "b"),
        ('subject:"your order"', "b"),
        ('subject:"order your"', ""),
        ("subject:(your order)", "b"),
        ("subject:(order OR late)", "ab"),
        ("subject:{order late}", "ab"),
        ("order late", ""),
        ("order OR late", "ab"),
        ("{order late}", "ab"),
        ("order AND delivery", "b"),
        ("order OR late dinner", "a"),
        ('subject:order "delivery" OR "dinner"', "b"),
        ("(order OR late) -is:starred", "b"),
        ("-from:me -in:sent -subject:(order OR late)", "e"),
        ("-{order late} -from:me", "e"),
        ("late OR (order has:attachment)", "ab"),
        ("+invoice", "a"),
        ("+invoices", "c"),
        ('"2026 14"', "a"),
        ("after:2026/05/03", "ae"),
        ("after:2026-05-03", "ae"),
        ("before:2026/05/03", "bc"),
        ("older:2026/04/01", "b"),
        ("after:1777793400", "ace"),
        ("newer_than:2d", "ace"),
        ("older_than:1m", "b"),
        ("older_than:1y", ""),
        ("is:unread", "a"),
        ("is:read", "bce"),
        ("is:starred is:unread", "a"),
        ("label:UNREAD", "a"),
        ("label:Label_1", "b"),
        ("label:nobody-has-this", ""),
        ("in:inbox", "ab"),
        ("in:sent", "c"),
        ("in:archive", "e"),
        ("in:spam", "d"),
        ("in:anywhere prize", "d"),
        ("prize", ""),
        ("in:draft", "4"),
        ("in:draft subject:invoice", "4"),
        ("subject:soon", ""),
        ("category:updates", "b"),
        ("category:primary", "ace"),
        ("has:attachment", "b"),
        ("has:userlabels", "b"),
        ("has:nouserlabels is:read", "ce"),
        ("filename:pdf", "b"),
        ("filename:bill.pdf", "b"),
        ("list:orders.shop.example", "b"),
        ("rfc822msgid:<1@client.example> from:amy", "a"),
        ("larger:1M has:attachment", "b"),
        ("smaller:1M is:starred", "a"),
        ("自動化", "e"),
        ("SUBJECT:Order", "b"),
    ],
)
def test_a_query_finds_what_gmail_documents(query: str, threads: str) -> None:
    """A thread is found where one of its messages is."""
    assert _found(query) == threads.replace("4", _draft_thread())


def _draft_thread() -> str:
    [draft] = _world().table("gmail.drafts")
    return str(draft["threadId"])[:1]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("has:yellow-star", "has:yellow-star"),
        ("has:drive", "has:drive"),
        ("deliveredto:amy@client.example", "deliveredto:"),
        ("holiday AROUND 10 vacation", "AROUND"),
        ("is:muted", "is:muted"),
        ("in:snoozed", "in:snoozed"),
        ("category:purchases", "category:purchases"),
        ("size:100", "size:"),
        ("newer_than:26h", "newer_than:26h (Gmail documents days, months and years)"),
        ("after:05/03/2026", "write YYYY/MM/DD"),
        ("after:yesterday", "write YYYY/MM/DD"),
        ("after:2026/13/40", "write YYYY/MM/DD"),
        ("label:orders", "the tool takes ids (Label_1)"),
        ("NOT order", "NOT"),
        ("subject:(from:amy)", "from: inside of subject:( )"),
        ("(order", "a bracket without its ')'"),
        ("order)", "without its beginning"),
        ('"order', "a quotation mark without its end"),
        ("order OR", "OR without what it joins"),
        ("from: amy", "from: without a value"),
        ("(" * 60 + "x" + ")" * 60, "brackets inside each other"),
        ("invoice from:me", "whether Gmail finds another form of 'invoice'"),
        ("to:bo@acme.example", "whether to: finds who has a copy"),
        ("larger:1M from:me", "has no sizeEstimate"),
        ("rfc822msgid:9@x", "has no rfc822MessageId"),
    ],
)
def test_a_query_beyond_the_model_is_no_empty_list(query: str, said: str) -> None:
    """It is an error for the agent, and says to the reader what the model knows."""
    outcome = _call("search_threads", query=query)
    assert outcome.result.is_error
    assert said in outcome.incomplete
    assert "from: to: cc:" in outcome.known
    assert not outcome.effects


def test_what_cannot_change_the_answer_is_not_asked() -> None:
    """A message without a text stands in the way only where its text decides."""
    world = GMAIL.seed_record(_world(), "messages", {"id": "f", "from": "zed@x.example", "subject": "Known"})
    assert "no plaintextBody" in _call("search_threads", world, query="wanted").incomplete
    assert not _call("search_threads", world, query="known").incomplete
    assert not _call("search_threads", world, query="wanted -from:zed@x.example").incomplete
    assert "no plaintextBody" in _call("get_message", world, messageId="f").incomplete
    assert not _call("get_message", world, messageId="f", messageFormat="MINIMAL").incomplete


def test_a_search_shows_the_oldest_messages_and_get_thread_all() -> None:
    """The preview is short, so that the newest message is not in it (seen 2026-08-30)."""
    world = _world()
    for number in range(7):
        message = {"id": f"t{number}", "thread": "t", "from": "amy@client.example", "body": f"part {number}",
                   "subject": "Long", "date": f"2026-05-02T0{number}:00:00Z"}  # fmt: skip
        world = GMAIL.seed_record(world, "messages", message)
    [thread] = _call("search_threads", world, query="subject:long").result.json()["threads"]
    assert [one["id"] for one in thread["messages"]] == ["t0", "t1", "t2", "t3", "t4"]
    assert len(_call("get_thread", world, threadId="t").result.json()["messages"]) == 7


def test_drafts_are_no_messages() -> None:
    """A draft has an effect of its own, is not in its thread and not found unless it is asked for."""
    made = _call("create_draft", to=["amy@client.example"], body="On its way", replyToMessageId="a")
    [effect] = made.effects
    assert (effect.kind, effect.target) == ("draft.created", "Re: Invoice 2026-14 is late")
    assert effect.fields["reply_to"] == "a"
    assert effect.fields["thread"] == "a"
    thread = _call("get_thread", made.world, threadId="a").result.json()
    assert [one["id"] for one in thread["messages"]] == ["a"]
    assert _call("search_threads", made.world, query='"on its way"').result.text == "{}"
    listed = _call("list_drafts", made.world, query='"on its way"').result.json()["drafts"]
    assert [one["threadId"] for one in listed] == ["a"]
    assert "subject" not in listed[0]
    full = _call("list_drafts", made.world, query="subject:late", view="DRAFT_VIEW_FULL").result.json()
    assert full["drafts"][0]["plaintextBody"] == "On its way"


def test_a_draft_that_is_sent_is_gone() -> None:
    """One message is posted, under the draft's own message id, and the draft is deleted."""
    sent = _call("send_message", draftId="r1")
    assert [one.kind for one in sent.effects] == ["message.posted", "draft.deleted"]
    assert sent.effects[0].fields["to"] == ["amy@client.example"]
    assert sent.effects[0].fields["text"] == "Soon"
    assert _call("list_drafts", sent.world).result.text == "{}"
    assert sent.result.json()["labelIds"] == ["SENT"]


def test_an_update_keeps_what_is_empty_and_loses_attachments() -> None:
    """Merge semantics as the tool describes them."""
    made = _call("create_draft", to=["x@y.example"], subject="S", body="B", attachments=[{"content": "YQ=="}])
    draft = made.result.json()["id"]
    again = _call("update_draft", made.world, draftId=draft, subject="", htmlBody="<b>C</b>")
    shown = _call("get_draft", again.world, draftId=draft).result.json()
    assert shown["subject"] == "S"
    assert shown["htmlBody"] == "<b>C</b>"
    assert "attachments" not in shown
    same = _call("update_draft", again.world, draftId=draft, subject="S")
    assert [one.outcome for one in same.effects] == ["unchanged"]


def test_who_answers_whom() -> None:
    """A reply goes to the sender, a reply to all spares ourselves; our own message is continued."""
    [one] = _call("reply", messageId="a", body="Yes").effects
    assert (one.fields["to"], one.fields.get("cc")) == (["amy@client.example"], None)
    [everybody] = _call("reply", messageId="a", body="Yes", replyAll=True).effects
    assert everybody.fields["cc"] == ["Bo <bo@acme.example>"]
    [own] = _call("reply", messageId="c", body="More").effects
    assert own.fields["to"] == ["amy@client.example"]
    [forwarded] = _call("forward", messageId="a", to=["ops@acme.example"]).effects
    assert "dinner film" in forwarded.fields["text"]
    assert forwarded.fields["title"] == "Fwd: Invoice 2026-14 is late"


def test_labels_are_told_by_name_and_kept_on_a_thread() -> None:
    """Effects name labels; a thread's label is on the messages that come later."""
    labelled = _call("label_thread", threadId="a", labelIds=["Label_1"])
    assert labelled.effects[0].fields["labels"] == ["Orders"]
    again = _call("label_thread", labelled.world, threadId="a", labelIds=["Label_1"])
    assert [one.outcome for one in again.effects] == ["unchanged"]
    answer = _call("reply", labelled.world, messageId="a", body="Yes").result.json()
    assert answer["labelIds"] == ["SENT", "Label_1"]
    gone = _call("delete_label", labelled.world, labelId="Label_1")
    assert gone.effects[0].target == "Orders"
    assert "Label_1" not in _call("get_message", gone.world, messageId="a").result.json()["labelIds"]


def test_nested_labels_bring_their_parents() -> None:
    """Unless the caller says otherwise; a name that is there, in any case, is a conflict."""
    made = _call("create_label", displayName="Projects/Alpha").world
    assert {one["name"] for one in made.table("gmail.labels")} == {"Orders", "Projects", "Projects/Alpha"}
    alone = _call("create_label", displayName="Projects/Alpha", autoCreateParentLabels=False).world
    assert len(alone.table("gmail.labels")) == 2
    refused = _call("create_label", displayName="orders")
    assert [one.outcome for one in refused.effects] == ["refused"]


def test_what_a_read_shows_is_put_into_a_world() -> None:
    """Recorded answers fill World 0, and are given back from it."""
    shown = _call("search_threads", query="from:amy").result
    rows = revealed_records(ToolCall("gmail", "search_threads", {"query": "x"}), shown, Registry())
    rows += revealed_records(
        ToolCall("gmail", "get_thread", {"threadId": "b"}),
        _call("get_thread", threadId="b").result,
        Registry(),
    )
    rows += revealed_records(ToolCall("gmail", "list_labels"), _call("list_labels").result, Registry())
    full = _call("list_drafts", view="DRAFT_VIEW_FULL").result
    rows += revealed_records(ToolCall("gmail", "list_drafts"), full, Registry())
    world = World(clock=CLOCK)
    for name, record in rows:
        world = GMAIL.seed_record(world, name.partition(".")[2], record)
    assert [one["name"] for one in world.table("gmail.labels")] == ["Label_1"] or world.get(
        "gmail.labels", ("Label_1",)
    )
    assert _call("search_threads", world, query="from:amy").result.json()["threads"][0]["id"] == "a"
    assert "tomorrow" in _call("get_thread", world, threadId="b").result.text
    assert _call("list_drafts", world, view="DRAFT_VIEW_FULL").result == full
    assert revealed_records(ToolCall("gmail", "get_thread"), ToolResult("[]"), Registry()) == []


def test_every_tool_says_how_far_it_is_known() -> None:
    """Documented, seen, or inferred; so does every point that rests on less than documentation."""
    assert set(GMAIL.trust) == set(GMAIL.tools)
    assert {said.partition(" | ")[0] for said in GMAIL.trust.values()} <= {"DOC", "OBS", "3P", "INFER"}
    assert {point.trust for point in GMAIL.points} <= {"DOC", "OBS", "3P", "INFER"}
    assert GMAIL.trust["create_draft"].startswith("DOC")
    assert GMAIL.trust["send_message"].startswith("OBS")


ROUTINE = """
name: inbox
connectors: [gmail:support@acme.example]
triggers: [{type: schedule, cron: "0 9 * * *"}]
prompt: Draft an answer to every invoice question in Gmail, once.
"""
CASE = """
trigger: {schedule: {at: "2026-05-04T09:00:00Z"}}
world:
  gmail:
    labels: [Answered]
    messages: [{id: m1, from: amy@client.example, subject: Invoice 14, body: Where is it?}]
agent: {scripted: ../agents/reply.py::run}
expect:
  messages: {count: 0}
  effects: {effect: draft.created, count: 1}
"""
ONE_DRAFT = "  effects: {effect: draft.created, count: 1}\n"


def _case(folder: Path, body: str, case: str = CASE) -> CaseResult:
    for name, text in (
        ("policy.yaml", "root: true\nplatform: 2026-10\n"), ("routine.yaml", ROUTINE), ("cases/one.yaml", case),
        ("agents/reply.py", f"def run(session):\n{body}"),
    ):  # fmt: skip
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return check_case(folder / "cases" / "one.yaml")


LOOK = """
    found = session.call("mcp__Gmail__search_threads", query="subject:invoice -label:Label_1").json()
    for thread in found.get("threads", []):
        message = thread["messages"][-1]["id"]
"""
ACT = """
        session.call("mcp__Gmail__create_draft", to=["amy@client.example"], body=BODY, replyToMessageId=message)
"""
MARK = """
        session.call("mcp__Gmail__label_thread", threadId=thread["id"], labelIds=["Label_1"])
"""


@pytest.mark.parametrize("reworded", [False, True])
def test_a_reply_is_drafted_once(tmp_path: Path, reworded: bool) -> None:
    """Looking by label keeps the second run from drafting again; without it the twin is found, in whatever
    words it is written."""
    words = (
        '("On its way" if session.now.day == 4 else "We have sent it today")' if reworded else '"On its way"'
    )
    honest = _case(tmp_path / "honest", LOOK + ACT.replace("BODY", words) + MARK)
    assert honest.verdict.passed, [str(one) for one in honest.verdict.findings]
    careless = _case(tmp_path / "careless", LOOK.replace(" -label:Label_1", "") + ACT.replace("BODY", words))
    [finding] = [one for one in careless.verdict.findings if one.fails]
    assert finding.code == "idempotency.duplicate"


def test_a_query_beyond_the_model_is_a_finding_on_run(tmp_path: Path) -> None:
    """It names the query, and what the model knows."""
    result = _case(
        tmp_path,
        '    session.call("gmail.search_threads", query="has:yellow-star")\n',
        CASE.replace(ONE_DRAFT, ""),
    )
    [finding] = [one for one in result.verdict.check("run").findings if one.code == "world.incomplete"]
    assert "has:yellow-star" in finding.message
    assert "newer_than:" in finding.hint


def test_the_mailbox_of_the_contract_is_the_bindings() -> None:
    """A binding with an address is the mailbox; another one is a label."""
    assert [one["email"] for one in mailbox().table("gmail.accounts")] == ["support@acme.example"]
