"""Rules about markers: does what a run leaves behind come back when the next one looks for it?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from routine_harness.lint.prose import Sentence, asserted, is_negated
from routine_harness.lint.rule import Mark, rule
from routine_harness.lint.subject import Subject
from routine_harness.lint.words import Words
from routine_harness.pattern import lazy_pattern

_COMMENT: Final = lazy_pattern(r"<!--[^\n>]{1,120}?-->")
_MARKER: Final = r"(?:<!--[^\n>]{1,120}?-->|\bmarkers?\b)"
_WRITES: Final = (
    r"(?:add|append|apply|attach|create|embed|file an?|give|include|insert|keep|leave|mark|note"
    r"|open (?:an?|one|the)|place|post|prefix|prepend|publish|put|record|remember|reply|save|set|sign|stamp"
    r"|store|submit|tag|update|use|wrap|write|(?:begin|end|start)(?! with))"
)
"""Verbs as an order has them: what is written is not looked for."""
_SPAN: Final = rf"(?:(?!\b{_WRITES}\b).){{0,140}}?"
_NOUN: Final = (
    r"(?:comment|discussion|issue|marker|one|of (?:them|these|its)|PR|pull request|release|reply|review)"
)
_SHOWS: Final = r"(?:bears|carries|contains|has|holds|includes|shows|(?:begins|ends|starts) with)"
_THERE: Final = r"(?:already|exists?|found|(?:is|are) (?:there|present|missing)|was posted)"
_LATER: Final = r"so (?:that )?(?:the next|a later|later|future|another) runs? (?:can|could|may|will)"
_LOOKS: Final = lazy_pattern(
    r"\b(?P<verb>check|detect|fetch|filter|find|get|identify|list|locate|look|query|read|recogni[sz]e|scan|search"
    rf"|see)\b{_SPAN}{_MARKER}"
    rf"|\b(?:any|earlier|existing|last|latest|newest|no|none|previous|recent)\b[\s`'\"“(]+(?:\w+\s+){{0,2}}?"
    rf"(?:{_NOUN}s?\b{_SPAN})?{_MARKER}"
    r"|\b(?:already|unless|without|(?:do|does) not(?: yet| already)? (?:bear|carry|contain|have|hold|show))\b"
    rf"{_SPAN}{_MARKER}"
    rf"|\b(?:if|only|skip|where|whether|whose)\b(?:(?!\b(?:{_WRITES}|make|must|should)\b)[^,;.]){{0,80}}?"
    rf"\b{_SHOWS}\b.{{0,30}}?{_MARKER}"
    rf"|{_MARKER}[`'\"”)]*\s(?:(?!\b{_WRITES}\b)[^.;,]){{0,60}}?\b{_THERE}\b"
    rf"|{_MARKER}.{{0,60}}?\b{_LATER}\b",
    re.IGNORECASE | re.DOTALL,
)
_ON_GITHUB: Final = Words(
    r"\b(?:comments?|commented|issues?|pull requests?|PRs?|reviews?|threads?|descriptions?|bod(?:y|ies)|"
    r"titles?|discussions?|releases?|commits?)\b"
)
_COMMENTS: Final = Words(
    r"\b(?:comments?|commented|reviews?|threads?|discussions?|releases?|commits?|search)\b"
)
_ELSEWHERE: Final = Words(
    r"\b(?:Linear|Notion|Slack|Jira|Confluence|Asana|Gmail|Drive|wiki|cache|memory)\b"
    r"|\b(?:README|CHANGELOG)\b|\b[\w*{}/-]+\.(?:md|mdx|html?|ya?ml|json|txt)\b"
    r"|\b(?:in|of|from|each|every|the|a|source|this|local) files?\b"
)
_BY_REST: Final = lazy_pattern(r"\bgh api\b|\bcurl\b|\bREST\b|\bapi\.github\.com\b")


@rule("prompt.marker-stripped", english=True)
def marker_stripped(subject: Subject) -> Iterator[Mark]:
    """The prompt finds earlier work by an HTML comment, which GitHub's MCP server never gives back.

    The server sanitises what an agent reads: HTML comments and tags that HTML does not know vanish from
    titles and bodies of issues and pull requests, and since 2026-08-19 from comments, reviews, commit
    messages, releases and search results, too. The agent writes the marker and never finds it, so every
    run does its work again. These come back: a line that people see, a title, a label, the comment's
    author, and every read by REST (`gh api`).

    Bad:
        prompt: |
          Read the comments of each open issue. If none of them carries the marker
          `<!-- triage -->`, add one with that marker. You are done when each issue has
          one. Never close an issue.

    Good:
        prompt: |
          Read the comments of each open issue. If none of them begins with the line
          `Routine: triage`, add one that does. You are done when each issue has one.
          Never close an issue.
    """
    for marker, start in stripped_markers(subject):
        yield Mark(
            message=f"{marker} is stripped from what GitHub's MCP server gives, so no run finds it again",
            path=("prompt",),
            words=marker,
            offset=start,
            hint='use a line that shows ("Routine: NAME"), a title, a label or your own login; or read with '
            "`gh api`",
        )


def stripped_markers(subject: Subject) -> Iterator[tuple[str, int]]:
    """The HTML comments by which the prompt looks for earlier work on GitHub, with their offsets."""
    prompt, setting = subject.routine.prompt, subject.edition.setting("sanitised_reads")
    if setting == "nothing" or not subject.routine.repositories or "<!--" not in prompt:
        return
    if _reads_by_rest(subject):
        return
    markers = {found[0]: found.start() for found in reversed(list(_COMMENT.finditer(prompt)))}
    written = [marker for marker in markers if not _is_elsewhere(marker, subject.sentences)]
    found: set[str] = set()
    for before, sentence in zip((None, *subject.sentences), subject.sentences, strict=False):
        if not _looks_on_github(before, sentence, comments=setting == "everything"):
            continue
        named = [marker for marker in markers if marker in sentence.text]
        found.update(named or written[:1])  # "the marker" is the one that the prompt has
    yield from ((marker, start) for marker, start in sorted(markers.items(), key=_offset) if marker in found)


def _offset(marker: tuple[str, int]) -> int:
    return marker[1]


def _reads_by_rest(subject: Subject) -> bool:
    if any(asserted(_BY_REST, subject.sentences)):
        return True
    prompt, prose = subject.routine.prompt, subject.prose  # fenced code is blank in the prose
    return any(prose[found.start()] == " " for found in _BY_REST.finditer(prompt))


def _is_elsewhere(marker: str, sentences: tuple[Sentence, ...]) -> bool:
    """Whether all that the prose says of a marker is said of files or of another service."""
    said = [_without_markers(one.text) for one in sentences if marker in one.text]
    return bool(said) and all(_ELSEWHERE.search(text) for text in said)


def _looks_on_github(before: Sentence | None, sentence: Sentence, *, comments: bool) -> bool:
    looks = _LOOKS.search(sentence.text)
    if looks is None or sentence.forbidden:
        return False
    if looks["verb"] and is_negated(sentence, looks.start()):
        return False
    text = _without_markers(sentence.text)
    if _ELSEWHERE.search(text):
        return False
    lead = "" if before is None else _without_markers(before.text)
    if not _ON_GITHUB.search(text) and (not _ON_GITHUB.search(lead) or _ELSEWHERE.search(lead)):
        return False
    return comments or not _COMMENTS.search(text)


def _without_markers(text: str) -> str:
    return _COMMENT.sub(" ", text)


RULES: Final = (marker_stripped,)
