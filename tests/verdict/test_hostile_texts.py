"""Texts are other people's: whatever they hold, reading them neither fails nor hangs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routine_harness.verdict.claims.judge_claims import claims_of
from routine_harness.verdict.idempotency.subject import subject_of
from routine_harness.verdict.policy.noise import mentions_of_everyone
from routine_harness.verdict.reference import references_in, resolve
from routine_harness.verdict.snapshot import mask
from routine_harness.world.effect import Effect

READERS = {
    "claims": lambda text: list(claims_of(text)),
    "subject": lambda text: subject_of(Effect("ticket.created", "x", "", {"body": text})),
    "mask": mask,
    "everyone": mentions_of_everyone,
}
LONG = {
    "spaces": " " * 50_000,
    "dots": "a." * 25_000,
    "dashes": "a-b." * 15_000,
    "slashes": "a/" * 25_000,
    "numbers": "a/b#" * 12_000,
    "verbs": "created " * 7_000,
    "auxiliaries": "ticket has been " * 3_000,
    "channels": "<!channel|" * 5_000,
    "hex": "ab1" * 17_000,
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("text", LONG)
def test_a_long_text_is_read(reader, text):
    """No text of fifty thousand characters hangs a reader."""
    READERS[reader](LONG[text])


@given(st.text(max_size=200))
def test_any_text_can_be_read(text):
    """Nothing that somebody writes makes a reader fail."""
    for reader in READERS.values():
        reader(text)


@given(st.text(alphabet="${}.*a event", max_size=30), st.lists(st.text(max_size=5), max_size=3))
def test_any_text_with_braces_can_be_resolved(text, values):
    """References are replaced or the text is left as it is; nothing is read out of a value."""
    named = list(references_in(text))
    found = resolve({"contains": text}, lambda _: list(values))
    assert found is not None
    if not named:
        assert found == {"contains": text}
