"""A realistic archive made from nothing, for trials: the same for the same number of events.

Shape: GH Archive's with the full ``pull_request`` (about 11 KB a line), or flat records of about
600 bytes. Unlike a public archive it holds ``synchronize``, as a repository's own deliveries do.

Actions are drawn by ``MIX``. Events come about ``PER_HOUR`` an hour, three times as many in the
working hours of weekdays as at night; one pull request in twelve is a burst, a branch pushed to
2 to 30 times within ten minutes. As in real archives events are out of order by up to 90 seconds,
one id in 5,000 repeats, 4 % of bodies are null, 2 % of forks are gone, and in a fifth of the events
somebody else acts than the author.
"""

from __future__ import annotations

import gzip
import heapq
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Final

from routine_harness.plain import Record

MIX: Final = {
    ("PullRequestEvent", "synchronize"): 36,
    ("PullRequestEvent", "opened"): 20,
    ("PullRequestEvent", "closed"): 18,
    ("PullRequestEvent", "labeled"): 7,
    ("PullRequestEvent", "review_requested"): 4,
    ("PullRequestEvent", "edited"): 3,
    ("PullRequestEvent", "ready_for_review"): 2,
    ("PullRequestEvent", "reopened"): 1,
    ("IssuesEvent", "opened"): 4,
    ("IssuesEvent", "closed"): 3,
    ("IssuesEvent", "labeled"): 1,
    ("ReleaseEvent", "published"): 1,
}
"""(type, action) → weight in percent; bursts come on top, so that half of all events are pushes."""

PER_HOUR: Final = 20_000
_START: Final = 1_767_571_200  # 2026-01-05, a Monday
_EVENTS: Final = {"PullRequestEvent": "pull_request", "IssuesEvent": "issues", "ReleaseEvent": "release"}
_AUTHORS: Final = ("alice", "bob", "carol", "dave", "erin", "frank", "dependabot[bot]", "renovate[bot]")
_REPOSITORIES: Final = tuple(f"acme/{name}" for name in ("core-api", "web", "infra", "mobile", "docs"))
_BASES: Final = ("main", "main", "main", "main", "develop", "release/1.4", "release/2.0")
_LABELS: Final = ("bug", "security", "wip", "dependencies", "needs-backport", "documentation")
_VERBS: Final = ("Fix", "Add", "Remove", "Update", "Refactor", "Document", "Speed up", "hotfix:")
_THINGS: Final = ("the login form", "a flaky test", "the parser", "caching", "dependencies", "error messages")
_KEYS: Final = tuple(
    f"{name}_url"
    for name in (
        *("archive", "assignees", "blobs", "branches", "collaborators", "comments", "commits", "compare"),
        *("contents", "contributors", "deployments", "downloads", "events", "forks", "git_commits"),
        *("git_refs", "git_tags", "hooks", "issue_comment", "issue_events", "issues", "keys", "labels"),
        *(
            "languages",
            "merges",
            "milestones",
            "notifications",
            "pulls",
            "releases",
            "stargazers",
            "statuses",
        ),
        *("subscribers", "subscription", "tags", "teams", "trees", "clone", "mirror", "svn", "homepage"),
    )
)


def synthesize(
    count: int, file: Path, flat: bool = False, seed: int = 1, repositories: Sequence[str] = ()
) -> None:
    """Write ``count`` events to ``file``, packed if its name ends in ``.gz``; whole or not at all.

    They are of ``repositories`` (``owner/name``), by default of five made-up ones.
    """
    part = file.with_name(f".{file.name}.part")
    with part.open("wb", 1 << 20) as out:
        if file.suffix == ".gz":
            with gzip.GzipFile("", "wb", 1, out, mtime=0) as packed:
                packed.writelines(lines(count, flat, seed, repositories))
        else:
            out.writelines(lines(count, flat, seed, repositories))
    part.replace(file)


def lines(count: int, flat: bool = False, seed: int = 1, repositories: Sequence[str] = ()) -> Iterator[bytes]:
    """The archive's lines; a few of them are repeats, which are counted in ``count``."""
    random = Random(seed)  # noqa: S311 - nothing secret
    build = _flat if flat else _full
    places = tuple(repositories) or _REPOSITORIES
    last = b""
    for number, (at, kind, action, subject) in enumerate(_shuffled(_stream(random), random)):
        if number >= count:
            return
        if number % 5000 == 4999:
            yield last
            continue
        last = build(number, (at, kind, action, subject), random, places)
        yield last


Drawn = tuple[int, str, str, int]
"""Instant, type, action, and the number of the pull request or issue."""


def _stream(random: Random) -> Iterator[Drawn]:
    """Events in order of time, bursts among them."""
    kinds, weights = list(MIX), list(MIX.values())
    at, newest = float(_START), 1
    pending: list[Drawn] = []
    while True:
        hour, weekday = int(at // 3600) % 24, (int(at // 86400) + 3) % 7
        busy = 1.5 if 8 <= hour < 18 and weekday < 5 else 0.5
        at += random.expovariate(PER_HOUR * busy / 3600)
        while pending and pending[0][0] <= at:
            yield heapq.heappop(pending)
        kind, action = random.choices(kinds, weights)[0]
        newest += action == "opened"
        subject = newest if action == "opened" else random.randint(max(1, newest - 500), newest)
        yield int(at), kind, action, subject
        if action == "opened" and kind == "PullRequestEvent" and random.random() < 1 / 12:
            for _ in range(random.randint(2, 30)):
                heapq.heappush(pending, (int(at + random.uniform(5, 600)), kind, "synchronize", subject))


def _shuffled(stream: Iterator[Drawn], random: Random) -> Iterator[Drawn]:
    """The stream with arrivals up to 90 seconds late."""
    held: list[tuple[float, Drawn]] = []
    for drawn in stream:
        late = random.uniform(0, 90) if random.random() < 0.1 else 0.0
        heapq.heappush(held, (drawn[0] + late, drawn))
        while held and held[0][0] <= drawn[0] - 90:
            yield heapq.heappop(held)[1]


def _words(kind: str, action: str, subject: int, places: Sequence[str]) -> Record:
    """What stays the same about a pull request or issue over its life."""
    own = Random(subject)  # noqa: S311 - nothing secret
    title = f"{own.choice(_VERBS)} {own.choice(_THINGS)}"
    return {
        "repository": places[subject % len(places)],
        "author": own.choice(_AUTHORS),
        "title": title,
        "body": None if own.random() < 0.04 else f"{title}, as was asked for in #{subject}. " * 5,
        "base_branch": own.choice(_BASES),
        "head_branch": f"feature/{subject}",
        "labels": own.sample(_LABELS, own.choice((0, 0, 1, 1, 2))),
        "is_draft": own.random() < 0.1 and action not in ("closed", "ready_for_review"),
        "is_merged": action == "closed" and kind == "PullRequestEvent" and own.random() < 0.8,
        "from_fork": own.random() < 0.2,
    }


def _identity(number: int, random: Random) -> str:
    """Ids go up with time, as GH Archive's do, with gaps."""
    return str(40_000_000_000 + number * 7 + random.randrange(7))


def _flat(number: int, drawn: Drawn, random: Random, places: Sequence[str]) -> bytes:
    at, kind, action, subject = drawn
    words = _words(kind, action, subject, places)
    record = {
        "id": _identity(number, random),
        "event": f"{_EVENTS[kind]}.{action}",
        "created_at": _stamp(at),
        "actor": words["author"] if random.random() < 0.8 else random.choice(_AUTHORS),
        "number": subject,
        **words,
    }
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def _full(number: int, drawn: Drawn, random: Random, places: Sequence[str]) -> bytes:
    at, kind, action, subject = drawn
    words = _words(kind, action, subject, places)
    actor = words["author"] if random.random() < 0.8 else random.choice(_AUTHORS)
    build = {"PullRequestEvent": _pull, "IssuesEvent": _issue, "ReleaseEvent": _release}[kind]
    payload = {"action": action, "number": subject, **build(words, subject, at)}
    record = {
        "id": _identity(number, random),
        "type": kind,
        "actor": _account(actor),
        "repo": {"id": subject % len(places), "name": words["repository"]},
        "payload": payload,
        "public": True,
        "created_at": _stamp(at),
    }
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def _pull(words: Record, subject: int, at: int) -> Record:
    base = _repository(words["repository"], 1)
    head = None if subject % 50 == 0 else _repository(words["repository"], 2 if words["from_fork"] else 1)
    pull = {
        **_subject(words, subject, at),
        "draft": words["is_draft"],
        "head": {"label": words["head_branch"], "ref": words["head_branch"], "sha": "a" * 40, "repo": head},
        "base": {"label": words["base_branch"], "ref": words["base_branch"], "sha": "b" * 40, "repo": base},
        "merged": words["is_merged"],
        "merged_at": _stamp(at) if words["is_merged"] else None,
        "additions": 10,
        "deletions": 2,
        "changed_files": 3,
    }
    return {"pull_request": pull}


def _issue(words: Record, subject: int, at: int) -> Record:
    return {"issue": _subject(words, subject, at)}


def _release(words: Record, subject: int, at: int) -> Record:
    release = {"id": subject, "tag_name": f"v{subject}", "name": words["title"], "body": words["body"]}
    return {"release": {**release, "author": _account(words["author"]), "published_at": _stamp(at)}}


def _subject(words: Record, subject: int, at: int) -> Record:
    return {
        "url": f"https://api.github.com/repos/{words['repository']}/pulls/{subject}",
        "id": subject,
        "number": subject,
        "state": "open",
        "title": words["title"],
        "user": _account(words["author"]),
        "body": words["body"],
        "labels": [{"id": 1, "name": name, "color": "ededed"} for name in words["labels"]],
        "created_at": _stamp(at - 3600),
        "updated_at": _stamp(at),
    }


def _repository(name: str, identity: int) -> Record:
    address = f"https://api.github.com/repos/{name}"
    addresses = {key: f"{address}/{key.removesuffix('_url')}{{/sha}}{{?recursive,per_page}}" for key in _KEYS}
    return {
        "id": identity,
        "name": name,
        "full_name": name,
        "owner": _account(name.partition("/")[0]),
        **addresses,
    }


def _account(login: str) -> Record:
    address = f"https://api.github.com/users/{login}"
    names = (
        "followers",
        "following",
        "gists",
        "starred",
        "subscriptions",
        "organizations",
        "repos",
        "events",
    )
    return {"login": login, "id": len(login), **{f"{name}_url": f"{address}/{name}" for name in names}}


def _stamp(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
