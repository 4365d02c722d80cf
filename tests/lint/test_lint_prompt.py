"""Prompt rules whose near misses lie in more than the prompt."""

from __future__ import annotations

import pytest
from lint_fragments import codes, lint

ROUTINE = """\
name: example
repositories: [github:acme/core]
triggers: [{triggers}]
prompt: Find what is slow in the repository. Never push to main. You are done when it is named.
"""


@pytest.mark.parametrize(
    ("triggers", "expected"),
    [
        ("{type: api}", ["prompt.payload-ignored"]),
        ("{type: api}, {type: schedule, cron: '17 6 * * *', enabled: false}", ["prompt.payload-ignored"]),
        ("{type: api}, {type: schedule, cron: '17 6 * * *'}", []),
    ],
)
def test_an_api_trigger_beside_a_schedule_starts_the_same_work(triggers: str, expected: list[str]) -> None:
    """A prompt that needs no payload on schedule needs none when it is started by hand."""
    assert codes(lint(ROUTINE.format(triggers=triggers))) == expected
