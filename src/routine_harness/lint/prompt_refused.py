"""The rule about commands that the platform of the edition refuses, with what works in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from routine_harness.lint.prose import Sentence, is_negated, prohibits
from routine_harness.lint.rule import Mark, rule
from routine_harness.lint.subject import Subject
from routine_harness.pattern import lazy_pattern
from routine_harness.routine.edition_rules import SessionRules
from routine_harness.world.github.faces import GH, GH_GRAPHQL
from routine_harness.world.github.gh.command_line import (
    ALIASES,
    Around,
    GhFailed,
    GhUnknown,
    commands,
    parse_gh,
)
from routine_harness.world.github.gh.gh_steps import plan_gh
from routine_harness.world.github.operations.operation_table import OPERATIONS, Operation
from routine_harness.world.github.proxy import passage, request_passage
from routine_harness.world.github.tools.tool_table import TOOLS
from routine_harness.world.shell.command_reading import pattern_words

_GH: Final = lazy_pattern(r"(?<![\w./*-])gh[ \t]+(?P<group>[a-z][a-z-]*)(?:[ \t]+(?P<name>[a-z][a-z-]*))?")
_CURL: Final = lazy_pattern(r"https://api\.github\.com(?P<path>/(?:graphql|search/\w+))\b")
_END: Final = lazy_pattern(r"[`\n|;&)”]")
_FATE: Final = lazy_pattern(
    r"(?<![\w:/-])(?:refus\w+|unavailable|not available|403|blocked|do(?:es)? not work|do(?:es)?n['’]t work|"
    r"fail(?:s|ed|ing)?|den(?:y|ied|ies)|not (?:installed|supported|permitted))(?![\w-])",
    re.IGNORECASE,
)
"""What becomes of the command, where it stands close behind."""
_OTHERWISE: Final = lazy_pattern(r"\b(?:mcp\w*|connector)\b", re.IGNORECASE)
"""A sentence that names another way beside the command."""
_CLOSE: Final = 70
_CONDITION: Final = lazy_pattern(r"\W*(?:if|when|where|once|unless)\b[^,]*,", re.IGNORECASE)
_LACKS: Final = lazy_pattern(
    r"\b(?:no|without|lacks?) `?gh`?(?![\w-]| \w+ --)|"
    r"\bgh`? (?:is|may be) (?:not (?:installed|available|supported)|unavailable|missing|absent|refused)",
    re.IGNORECASE,
)
"""The prompt says that there is no ``gh``: what it names of it is not run."""
_PLACE: Final = Around("{owner}/{repo}", "main", lambda _: "", "message")


class Named(NamedTuple):
    """A command that the prompt names: its words, and where it stands."""

    words: tuple[str, ...]
    text: str
    offset: int


class Way(NamedTuple):
    """How a command asks: the face, and the operations that it comes to."""

    what: str
    face: str
    operations: tuple[Operation, ...]


@rule("prompt.refused-command", english=True)
def refused_command(subject: Subject) -> Iterator[Mark]:
    """The prompt names a command that every cloud session refuses.

    The platform's proxy answers GraphQL with HTTP 403, and with it `gh pr`, `gh issue` and other commands of
    `gh`, account-wide search, and `gh auth status`. The agent tries again and again, or gives up and reports
    success. The REST API and the tools of GitHub's MCP server do the same.

    Bad:
        prompt: |
          Push to a branch below claude/ and run `gh pr create --draft --title "Fix"`.

    Good:
        prompt: |
          Push to a branch below claude/ and open a draft pull request with the tool
          create_pull_request.
    """
    rules = subject.edition.session_rules(subject.routine)
    absent = "gh" in subject.routine.environment.absent or _LACKS.search(subject.routine.prompt)
    if rules.hosted == "self" or absent:
        return
    told: set[str] = set()
    for named in _commands(subject):
        way = _way(named)
        if way is None or way.what in told or not _is_refused(way, rules, subject):
            continue
        told.add(way.what)
        yield Mark(
            message=f"cloud sessions refuse `{way.what}` with HTTP 403 (platform {subject.edition.edition})",
            path=("prompt",),
            words=named.text,
            offset=named.offset,
            hint=_hint(way, rules),
        )


def _commands(subject: Subject) -> Iterator[Named]:
    """The commands of ``gh``, and requests of GitHub's API, that the prompt asks for."""
    prompt = subject.routine.prompt
    for match in _GH.finditer(prompt):
        if _is_asked(subject, match.start()):
            end = _END.search(prompt, match.end())
            line = prompt[match.start() : end.start() if end else len(prompt)]
            yield Named(_words(line)[1:], " ".join(match[0].split()), match.start())
    for match in _CURL.finditer(prompt):
        if _is_asked(subject, match.start()):
            yield Named(("api", match["path"]), match[0], match.start())


def _words(line: str) -> tuple[str, ...]:
    words = pattern_words(line)
    return tuple(line.split()) if isinstance(words, str) else words  # an apostrophe of the prose


def _is_asked(subject: Subject, offset: int) -> bool:
    """Whether the run is asked to do what stands at ``offset``, and told of no other way."""
    sentence = _sentence_before(subject.sentences, offset)
    if subject.prose[offset : offset + 2].strip():
        if sentence is None:
            return True
        denied = is_negated(_without_condition(sentence), offset - sentence.start)
        behind = subject.prose[offset : min(offset + _CLOSE, sentence.start + len(sentence.text))]
        return not (denied or _FATE.search(behind) or _OTHERWISE.search(sentence.text))
    start = subject.routine.prompt.rfind("\n", 0, offset) + 1
    if subject.routine.prompt[start:offset].lstrip().startswith("#"):
        return False
    leads = sentence is not None and sentence.text.rstrip().endswith(":")
    return sentence is None or not (leads and prohibits(sentence))


def _without_condition(sentence: Sentence) -> Sentence:
    """The sentence with its leading condition blanked out: "If you don't know, run …" denies nothing."""
    found = _CONDITION.match(sentence.text)
    if found is None:
        return sentence
    return sentence._replace(text=" " * found.end() + sentence.text[found.end() :])


def _sentence_before(sentences: tuple[Sentence, ...], offset: int) -> Sentence | None:
    """The sentence at ``offset``; of fenced code the last one before it."""
    return next((one for one in reversed(sentences) if one.start <= offset), None)


def _way(named: Named) -> Way | None:
    """How a command asks GitHub; None for what is none, or stays on the machine."""
    words = named.words
    if words[:1] == ("api",):
        path = next((word for word in words[1:] if not word.startswith("-")), "")
        what = f"gh api {path.strip('/').partition('?')[0]}" if named.text.startswith("gh") else named.text
        if path.strip("/") == "graphql":
            return Way(what, GH_GRAPHQL, ())
        search = path.strip("/").startswith("search/")
        return Way(what, GH, tuple(_searching(path))) if search else None
    group, name = words[0] if words else "", words[1] if len(words) > 1 else ""
    full = f"{group} {ALIASES.get(name, name)}"
    if full in commands():
        return Way(f"gh {full}", _face(words), _operations(words))
    of_group = [row for one, row in commands().items() if one.startswith(f"{group} ")]
    if of_group and all(row.api == "graphql" for row in of_group):
        return Way(f"gh {group}", GH_GRAPHQL, ())
    return None


def _searching(path: str) -> Iterator[Operation]:
    route = f"GET /{path.strip('/').partition('?')[0]}"
    yield from (row for row in OPERATIONS.values() if row.rest == route)


def _face(words: tuple[str, ...]) -> str:
    try:
        asked = parse_gh(words, _PLACE, lenient=True)
    except (GhFailed, GhUnknown):
        asked = None
    if asked is not None:
        return asked.face
    full = f"{words[0]} {ALIASES.get(words[1], words[1])}"
    return GH_GRAPHQL if commands()[full].api == "graphql" else GH


def _operations(words: tuple[str, ...]) -> tuple[Operation, ...]:
    """What the command comes to; where the prompt leaves the number out, with some number."""
    for tried in (words, (*words[:2], "1"), words[:2]):
        try:
            plan = plan_gh(tried, _PLACE, lenient=True)
        except (GhFailed, GhUnknown):
            continue
        if plan is not None and plan.steps:
            names = dict.fromkeys(step[0].name for step in plan.steps)
            return tuple(OPERATIONS[name] for name in names)
    return ()


def _is_refused(way: Way, rules: SessionRules, subject: Subject) -> bool:
    repositories = subject.routine.repositories
    repository = repositories[0].full_name if repositories else ""
    if way.what.startswith("https://"):
        path = way.what.removeprefix("https://api.github.com")
        if not path.startswith("/graphql"):
            return request_passage(rules, path).refused is not None
    if way.face == GH_GRAPHQL and not way.operations and way.what.endswith("graphql"):
        return rules.setting("graphql") == "refused"  # a document may be one of the pinned
    if way.face == GH_GRAPHQL:
        return passage(rules, GH_GRAPHQL, "", "", repository).refused is not None
    return any(
        passage(rules, GH, operation.name, operation.rest, _home(operation, repository)).refused is not None
        for operation in way.operations
    )


def _home(operation: Operation, repository: str) -> str:
    """The repository of an operation; none where its route names none."""
    return repository if " ~" in operation.rest else ""


def _hint(way: Way, rules: SessionRules) -> str:
    """What does the same: the request of the REST API, the tool of the MCP server."""
    if way.what == "gh auth status":
        return "ask `gh api user`: the token is a placeholder, and REST is signed by the proxy"
    ways = [text for operation in way.operations for text in _instead(operation, rules)]
    if not ways:
        ways = [
            "a request of the REST API (`gh api repos/{owner}/{repo}/…`)",
            "a tool of GitHub's MCP server",
        ]
    return f"use {' or '.join(dict.fromkeys(ways))}"


def _instead(operation: Operation, rules: SessionRules) -> Iterator[str]:
    route = operation.rest.partition("; ")[0]
    home = rules.repositories[0] if rules.repositories and " ~" in route else ""
    if route and passage(rules, GH, operation.name, route, home).refused is None:
        method, _, path = route.partition(" ")
        shown = re.sub(r"\{(\w+)[:+]\w*\}|\{(\w+)\+\}", lambda found: f"{{{found[1] or found[2]}}}", path)
        shown = shown.replace("~", "repos/{owner}/{repo}").lstrip("/")
        option = "" if method == "GET" else f"-X {method} "
        yield f"`gh api {option}{shown}`"
    tool = next((one.partition(":")[0] for one in operation.tools if one.partition(":")[0] in TOOLS), "")
    if tool:
        yield f"the tool mcp__github__{tool}"


RULES: Final = (refused_command,)
