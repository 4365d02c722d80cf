"""Rules about what the prompt leaves behind: records and posts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from routine_harness.lint.prose import Sentence, asserted
from routine_harness.lint.rule import Mark, rule
from routine_harness.lint.subject import Subject
from routine_harness.lint.words import Words

_PROMPT: Final = ("prompt",)

_RECORD: Final = (
    r"(?:tickets?|issues?|pull requests?|PRs?|(?:review |summary |inline |claim )?comments?|pages?|"
    r"documents?|tasks?|cards?|"
    r"releases?|sub-issues?|bug reports?)"
)
_CREATES: Final = re.compile(
    rf"\b(?:create|file|raise|add|submit|leave|write|open (?:an?|the|one|new|each|draft|your|update))\b"
    rf"[^.;:]{{0,40}}?\s{_RECORD}\b",
    re.IGNORECASE,
)
_CHECKS: Final = Words(
    r"\b(?:already|existing|duplicates?|dedup\w*|idempoten\w*|unless|instead of (?:creating|opening)|"
    r"if (?:none|no (?:open|such|other|existing))|"
    r"earlier|previous(?:ly)?|does(?: not|n['’]t) (?:yet )?exist|once per|at most one|exactly one|"
    r"never (?:retriage|re-?\w+|twice)|marker|"
    r"not (?:yet|been) \w+)\b|<!--|\bbefore (?:you )?(?:creat|open|fil|post|add|comment|push)\w*"
)


@rule("prompt.creates-unchecked", english=True)
def creates_unchecked(subject: Subject) -> Iterator[Mark]:
    """The prompt creates records without checking first whether they exist.

    The same trigger can arrive twice: webhooks are redelivered, fire requests are retried and carry no
    idempotency key, a pull request is pushed to again. A run that does not look before it creates files the
    same ticket each time. The harness runs every case twice for this reason; the prompt should say it.

    Bad:
        prompt: |
          For every SQL injection create a Linear ticket.

    Good:
        prompt: |
          For every SQL injection create a Linear ticket, unless an open one already
          names the same file.
    """
    if _CHECKS.search(subject.prose):
        return
    for sentence, match in asserted(_CREATES, subject.sentences):
        yield Mark(
            message=f"“{' '.join(match[0].split())}” comes without a look at what is already there",
            path=_PROMPT,
            words=match[0],
            offset=sentence.start + match.start(),
            hint='say what to look for first, such as "unless an open one already names the same file"',
        )
        return


_POSTS: Final = re.compile(
    r"\b(?:post|send|notify|message|announce|share|alert|report|reply|write)\b[^.;]{0,60}?"
    r"(?:\bSlack\b|#[a-z][\w-]+|\bchannel\b|\bTeams\b|\bDiscord\b|\be-?mail\b)|"
    r"\bpost\b[^.;]{0,20}\b(?:summary|message|digest)\b",
    re.IGNORECASE,
)
_THRESHOLD: Final = Words(
    r"\b(?:only (?:if|when|post|after|once|for|those|what|a)|at most|no more than|up to \d|maximum|"
    r"max\b|limit(?:ed)?|unless|silent(?:ly)?|"
    r"post nothing|nothing (?:was )?(?:found|to report|new)|do not (?:post|send|report|notify)|"
    r"don['’]t (?:post|send|report|notify)|"
    r"never (?:post|send) more|if you did not|top \d|one (?:message|summary|post|thread|line|digest)|"
    r"a single|single (?:message|summary|post)|"
    r"exactly one|once (?:per|a) )"
)
_LINK: Final = Words(
    r"\b(?:links?|linked|linking|urls?|permalinks?|hyperlinks?|href|names? (?:each|the) (?:issue|"
    r"pull request))\b|https?://|"
    r"\b(?:issue|PR|pull request) (?:numbers?|#)|#<?n|\(number,"
)


def _first_post(subject: Subject) -> tuple[Sentence, re.Match[str]] | None:
    """The first sentence that asks for a post, where the routine has somewhere to post to."""
    if not any(grant.connector != "github" for grant in subject.routine.connectors):
        return None
    return next(asserted(_POSTS, subject.sentences), None)


@rule("prompt.no-threshold", english=True)
def no_threshold(subject: Subject) -> Iterator[Mark]:
    """The prompt posts and sets no threshold.

    A routine that posts on every run, found something or not, is muted within a week, and then the one post
    that mattered is missed. Say from what on a post is worth it, and how many at most.

    Bad:
        connectors: [slack:platform]
        prompt: |
          Check the nightly build and post a summary to #platform with a link to the
          run.

    Good:
        connectors: [slack:platform]
        prompt: |
          Check the nightly build. Only if it failed, post a summary to #platform with a
          link to the run.
    """
    post = _first_post(subject)
    if post and not _THRESHOLD.search(subject.prose):
        yield _post_mark(
            post,
            "the prompt posts, and says neither from what on nor how often at most",
            'add a threshold: "only if …", "at most one message a run", "if nothing was found, post nothing"',
        )


@rule("prompt.no-link", english=True)
def no_link(subject: Subject) -> Iterator[Mark]:
    """The prompt posts and asks for no link.

    A reader of the post has to find what it is about, and the next run has to find out whether it was
    posted already. A link answers both.

    Bad:
        connectors: [slack:platform]
        prompt: |
          Only if the nightly build failed, post a summary to #platform.

    Good:
        connectors: [slack:platform]
        prompt: |
          Only if the nightly build failed, post a summary to #platform with a link to
          the failed run.
    """
    post = _first_post(subject)
    if post and not _LINK.search(subject.routine.prompt):
        yield _post_mark(
            post, "the prompt posts, and no post is asked to carry a link", "say what each post links to"
        )


def _post_mark(post: tuple[Sentence, re.Match[str]], message: str, hint: str) -> Mark:
    sentence, match = post
    offset = sentence.start + match.start()
    return Mark(message=message, path=_PROMPT, words=match[0], offset=offset, hint=hint)


RULES: Final = (creates_unchecked, no_threshold, no_link)
