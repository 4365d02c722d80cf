"""Where a finding points: the very words, in blocks, quoted and folded texts."""

from __future__ import annotations

import pytest
from lint_fragments import lint

WORDS = "since the last run"
HEAD = "name: example\nrepositories: [github:acme/core]\n"
REST = "Never push. You are done when each is read."


@pytest.mark.parametrize(
    ("prompt", "line", "column"),
    [
        (f"prompt: |\n  First.\n\n    Read what came {WORDS}. {REST}\n", 6, 20),
        (f"prompt: |-\n  Read what came {WORDS}. {REST}\n", 4, 18),
        (f'prompt: "Read what came {WORDS}. {REST}"\n', 3, 25),
        (f"prompt: >\n  Read what came\n  {WORDS}. {REST}\n", 5, 3),
        (f"prompt: |\n\n  Read what came {WORDS}. {REST}\n", 5, 18),
    ],
)
def test_the_words_are_found_in_the_file(prompt: str, line: int, column: int) -> None:
    """Line and column are those of the words that caused it, whatever the style of the text."""
    [alarm] = lint(HEAD + prompt)
    place = alarm.finding.location
    assert place is not None
    text = (HEAD + prompt).split("\n")[line - 1]
    assert text[column - 1 :].startswith(WORDS)
    assert (place.line, place.column) == (line, column)
    assert alarm.finding.data["length"] == len(WORDS)


def test_words_that_cannot_be_found_cost_only_the_column() -> None:
    """An escaped text still gives the line of its key."""
    [alarm] = lint(HEAD + f'prompt: "Read what came since the\\u0020last run. {REST}"\n')
    assert alarm.finding.location is not None
    assert alarm.finding.location.line == 3
