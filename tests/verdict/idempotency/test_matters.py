# ruff: noqa: E501 - tables of effects read better unbroken
"""Finding the record that another repeats: the answer of comparing with each, in far fewer comparisons."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routine_harness.verdict.idempotency import matters
from routine_harness.verdict.idempotency.identity import Likeness, Record, alike, records_of
from routine_harness.verdict.idempotency.matters import Matters
from routine_harness.world.effect import Effect

WORDS = st.sampled_from(
    ["#42", "#7", "SEC-1", "SEC-2", "app/db.py", "app/web.py", "risk", "found", "3", "2026-05-04", "run 12345",
     "https://x.example/1", "https://x.example/2"]
)  # fmt: skip
TEXTS = st.lists(WORDS, max_size=5).map(" ".join)
PLACES = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from("ab") for name in ("team", "channel", "on")}
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "title": TEXTS,
        "text": TEXTS,
        "body": TEXTS,
        "thread": st.sampled_from(["1", ["1"]]),
        "repository": st.just("a/b"),
    },
)
KINDS = (
    "ticket.created",
    "message.posted",
    "comment.created",
    "document.created",
    "page.viewed",
    "alert.created",
)
EFFECTS = st.builds(
    lambda kind, places, fields: Effect(kind, "x", "", {**places, **fields}),
    st.sampled_from(KINDS),
    PLACES,
    FIELDS,
)
IDENTITIES = st.sampled_from(
    [{}, {"ticket.created": ("subject",)}, {"message.posted": ("channel?", "wording")}]
)


@pytest.mark.parametrize("sure", [True, False])
@given(effects=st.lists(EFFECTS, max_size=12), identity=IDENTITIES)
def test_the_twin_is_the_first_record_that_is_alike(
    sure: bool, effects: list[Effect], identity: dict
) -> None:
    """Whatever the records, the one found is the one that comparing with each in turn finds."""
    records = records_of(effects)
    filed = Matters(identity, sure=sure)
    for position, record in enumerate(records):
        assert filed.twin(record) == by_comparing(records[:position], record, identity, sure)
        filed.add(record)


def by_comparing(
    records: list[Record], record: Record, identity: dict, sure: bool
) -> tuple[Record, Likeness] | None:
    for other in records:
        if likeness := alike(other, record, identity, sure=sure):
            return other, likeness
    return None


def test_a_subject_of_very_many_names_is_compared_with_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text with more names than are worth filing is found all the same."""
    monkeypatch.setattr(matters, "_MANY", 3)
    wide, narrow = records_of([ticket("a", "SEC-1 SEC-2 x.py"), ticket("b", "SEC-2 x.py")])
    assert Matters({}, sure=False, records=[wide]).twin(narrow) is not None
    assert Matters({}, sure=False, records=[narrow]).twin(wide) is not None


@pytest.mark.parametrize("sure", [True, False])
@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Risk {n}", "it names nothing"),
        ("Risk {n}", "#42 and src/f{n}.py"),
        ("Risk", "SEC-{n} is at risk"),
        ("Risk", "always the same"),
        ("Report of 2026-{month:02}-{day:02}", "the same #42"),
    ],
)
def test_a_runaway_agent_costs_one_comparison_a_record(
    monkeypatch: pytest.MonkeyPatch, sure: bool, title: str, body: str
) -> None:
    """A thousand tickets of a run take at most a thousand comparisons, whatever they have in common."""
    compared = []

    def counted(*records: Record, **options: bool) -> Likeness | None:
        compared.append(records)
        return alike(*records, **options)

    monkeypatch.setattr(matters, "alike", counted)
    numbers = [{"n": n, "month": n % 12 + 1, "day": n % 28 + 1} for n in range(1000)]
    filed = Matters({}, sure=sure)
    for record in records_of([ticket(title.format(**each), body.format(**each)) for each in numbers]):
        filed.twin(record)
        filed.add(record)
    assert len(compared) <= 1000


def ticket(title: str, body: str) -> Effect:
    return Effect("ticket.created", "linear", "", {"team": "SEC", "title": title, "body": body})
