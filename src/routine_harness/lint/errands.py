"""Errands: what a sentence of a prompt asks for, as a verb in the imperative and what it is about.

Two errands about different things ("triage the issues", "rotate the on-call list") are two jobs; a
step that leans on an earlier one ("comment on them", "post the summary") is no errand of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from routine_harness.lint.prose import Sentence, is_negated

_VERBS: Final = (
    r"triage|label|groom|prioriti[sz]e|review|audit|update|refresh|rewrite|write|fix|repair|mend|rebase|"
    r"upgrade|bump|pin|delete|clean(?: ?up)?|tidy(?: up)?|prune|remove|archive|close|answer|reply to|"
    r"respond to|prepare|draft|cut|publish|tag|release|deploy|roll ?out|rotate|renew|revoke|check|watch|"
    r"monitor|scan|investigate|go through|work through|look after|handle|sort|assign|report|compute|"
    r"summari[sz]e|compile|send|post|quarantine|refactor|translate|migrate|back ?up|sync(?:hroni[sz]e)?|"
    r"schedule|moderate|welcome|onboard|maintain|regenerate|generate|resolve|merge"
)
_ABOUT: Final = {
    "pull requests": r"pull requests?|merge requests?|prs?|diffs?|code reviews?",
    "issues": r"issues?|tickets?|backlog|bugs?|bug reports?|feature requests?",
    "documentation": r"docs?|documentation|readmes?|changelogs?|wiki|handbook|runbooks?|translations?",
    "dependencies": r"dependenc\w+|packages|lock ?files?|libraries|base images?",
    "branches": r"branch(?:es)?",
    "releases": r"release(?: notes?)?|releases|versions?",
    "deployments": r"deploy(?:ment)?s?|staging|production|rollouts?",
    "alerts": r"alerts?|incidents?|error rates?|sentry|outages?|monitors?|dashboards?",
    "on-call": r"on-?call(?: list| rota| schedule)?|rota|rosters?",
    "costs": r"costs?|billing|spend\w*|invoices?|budgets?",
    "feature flags": r"(?:feature )?flags?|toggles?",
    "tests": r"(?:flaky )?tests?|test suites?",
    "discussions": r"questions?|discussions?|forums?|support threads?",
    "secrets": r"secrets?|credentials?|api keys?|certificates?|tokens?",
    "newsletters": r"newsletters?|stand-?ups?|(?:daily|weekly|monthly) (?:report|digest|summary|update)s?",
    "mail": r"inbox|e-?mails?",
    "meetings": r"calendars?|meetings?|agendas?",
    "licences": r"licen[cs]es?",
    "backups": r"back-?ups?|databases?",
    "translations": r"locali[sz]ations?|i18n",
}
"""What a job may be about → the words for it."""

_ACCOMPANY: Final = frozenset(
    {
        *(frozenset({"code", other}) for other in ("issues", "tests", "documentation", "pull requests")),
        frozenset({"dependencies", "tests"}),
        frozenset({"releases", "documentation"}),
        frozenset({"releases", "branches"}),
        frozenset({"releases", "deployments"}),
        frozenset({"dependencies", "releases"}),
        frozenset({"branches", "pull requests"}),
        frozenset({"deployments", "tests"}),
        frozenset({"alerts", "deployments"}),
    }
)
"""Things that one job is about together: a release comes with its changelog, a branch with its request."""

_MENDING: Final = frozenset({"fix", "repair", "mend", "resolve"})
"""Verbs by which an issue stands for the code that is changed for it."""

_CHANGE: Final = r"(?:update|refresh|write|fix|bump)"
_COMPANION: Final = re.compile(
    rf"{_CHANGE} (?:the |its |any |all )?(?:changelog|tests?|lock ?file|version)\b", re.IGNORECASE
)
_LEAD: Final = (
    r"(?:(?:and|or|also|then|next|finally|lastly|first(?:ly)?|second(?:ly)?|third(?:ly)?|afterwards?|"
    r"after that|when that is done|please|separately|in addition|additionally|besides|meanwhile|"
    r"while you are (?:at it|there)|you (?:should |must |will |also )*|i want you to|your (?:job|task) is to|"
    r"(?:every|each) (?:\w+day|day|morning|evening|night|week|month|hour|run)(?: at [\w:]+)?|"
    r"on \w+days?|once an? \w+|daily|weekly|to)\b[,:]?\s+)*"
)
_ERRAND: Final = re.compile(
    rf"[*_`]*{_LEAD}(?P<verb>{_VERBS})\b(?!:)\s+(?P<rest>[^.]*)",
    re.IGNORECASE,
)
_CLAUSE: Final = re.compile(
    r"\s*(?:[,;:–—]| - )\s*|\s+(?=(?:and|then|also|finally)\s)|(?<=\w)\.\s+", re.IGNORECASE
)
_NO_CLAUSE: Final = re.compile(_LEAD, re.IGNORECASE)
_HEAD_ENDS: Final = re.compile(
    r"\b(?:of|for|in|on(?!-)|from|with|by|to|at|via|under|against|into|about|as|so|until|if|when|where|"
    r"that|which|who|whose|than|using|while|based)\b|[(\"“]",
    re.IGNORECASE,
)
_LEANS: Final = re.compile(
    r"\b(?:it|its(?! own)|your (?:own|diff|changes?|work)|them|their|they|those|these|this|such|"
    r"accordingly|the same|each of|corresponding|affected|resulting|"
    r"that (?:pull request|PR|issue|branch|run)|if (?:needed|necessary|any|so))\b",
    re.IGNORECASE,
)
_CONDITION: Final = re.compile(
    r"(?:if|when|whenever|where|once|unless|after|before|for (?:each|every|all|any)|in case|otherwise|"
    r"else|given|while)\b(?! that is done| you are (?:at it|there))",
    re.IGNORECASE,
)
_TOPICS: Final = {
    name: re.compile(rf"(?:^|[\s/'’*_`-])(?:{words})(?:$|[\s/'’*_`,.;])", re.IGNORECASE)
    for name, words in _ABOUT.items()
}


class Errand(NamedTuple):
    """One thing that is asked for: what it is about, in words of the table, and the sentence.

    ``companion`` says that it usually comes with another: the changelog or the tests of a change.
    """

    about: str
    sentence: Sentence
    companion: bool = False


def errands_of(sentence: Sentence, *, first_only: bool = False) -> tuple[Errand, ...]:
    """The errands of one sentence, each subject once; none where it is a condition or forbidden.

    ``first_only`` looks at its first clause alone: the rest of a list item says how.
    """
    if sentence.forbidden or _CONDITION.match(sentence.text.lstrip("*_` ")):
        return ()
    found: dict[str, Errand] = {}
    for start, clause in _clauses(sentence.text):
        about = "" if is_negated(sentence, start) else _about(clause)
        if about:
            companion = _COMPANION.search(clause) is not None
            found.setdefault(about, Errand(about, sentence, companion))
        if first_only:
            break
    return tuple(found.values())


def unlike(errands: Iterable[Errand]) -> tuple[Errand, ...]:
    """Those of ``errands`` that are about different things; what accompanies another does not count."""
    kept: dict[str, Errand] = {}
    for errand in sorted(errands, key=lambda errand: errand.companion):
        beside = any(frozenset({errand.about, other}) in _ACCOMPANY for other in kept)
        if not beside and not (errand.companion and len(kept) == 1):
            kept.setdefault(errand.about, errand)
    return tuple(sorted(kept.values(), key=lambda errand: errand.sentence.start))


def _clauses(text: str) -> Iterator[tuple[int, str]]:
    """Offset and text of each clause; an adverbial before a comma is none."""
    position = 0
    for boundary in _CLAUSE.finditer(text):
        if not _NO_CLAUSE.fullmatch(f"{text[position : boundary.start()]} "):
            yield position, text[position : boundary.start()]
        position = boundary.end()
    yield position, text[position:]


def _about(clause: str) -> str:
    """What the clause's errand is about; empty where it is none, or leans on what stands before."""
    errand = _ERRAND.match(clause.strip())
    if errand is None or _LEANS.search(clause):
        return ""
    head = _HEAD_ENDS.split(errand["rest"], maxsplit=1)[0]
    last = [
        (match.end(), name)
        for name, topic in _TOPICS.items()
        for match in topic.finditer(f" {head.strip()} ")
    ]
    about = max(last)[1] if last else ""
    return "code" if about == "issues" and errand["verb"].lower() in _MENDING else about
