"""Rulesets: what a repository refuses, in GitHub's words.

A ruleset has a ``target`` (branch or tag), ``enforcement``, ``conditions.ref_name`` with
``include`` and ``exclude``, and ``rules`` of a ``type`` with ``parameters``; see the REST API. A
branch that is merely ``protected`` takes no direct push and no deletion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from routine_harness.plain import Json, Record
from routine_harness.world.github.operations.commits import latest_statuses
from routine_harness.world.github.records import tables
from routine_harness.world.state import World

_HEAD = "Repository rule violations found"


def push_violations(
    world: World, repository: str, ref: str, messages: list[str], *, force: bool = False
) -> str:
    """What GitHub says to a push of commits to the branch ``ref``; nothing if it lets it pass."""
    found = []
    for rule in _rules_for(world, repository, "branch", ref):
        kind, parameters = rule.get("type"), rule.get("parameters") or {}
        if kind == "pull_request":
            found.append("Changes must be made through a pull request.")
        elif kind == "update":
            found.append("Cannot update this protected ref.")
        elif kind == "non_fast_forward" and force:
            found.append("Cannot force-push to this branch")
        elif kind == "required_status_checks":
            contexts = [c.get("context") for c in parameters.get("required_status_checks") or []]
            found.append(checks_expected(len(contexts)))
        elif kind == "commit_message_pattern" and not all(_matches(parameters, text) for text in messages):
            found.append(f"Commit message must {_said(parameters)}")
    branch = tables.get(world, "branches", repository, ref)
    if not found and branch is not None and branch.get("protected"):
        found.append("Changes must be made through a pull request.")
    return _worded(found)


def create_violations(world: World, repository: str, target: str, ref: str) -> str:
    """The same for making a branch or tag called ``ref``."""
    found = []
    for rule in _rules_for(world, repository, target, ref):
        parameters = rule.get("parameters") or {}
        if rule.get("type") == "creation":
            found.append("Cannot create ref due to creations being restricted.")
        elif rule.get("type") == f"{target}_name_pattern" and not _matches(parameters, ref):
            found.append(f"{target.title()} name must {_said(parameters)}")
    return _worded(found)


def delete_violations(world: World, repository: str, target: str, ref: str) -> str:
    """The same for deleting the branch or tag ``ref``."""
    rules = [rule.get("type") for rule in _rules_for(world, repository, target, ref)]
    found = ["Cannot delete this branch"] if "deletion" in rules else []
    branch = tables.get(world, "branches", repository, ref) if target == "branch" else None
    if not found and branch is not None and branch.get("protected"):
        found = ["Cannot delete a protected branch"]
    return _worded(found)


def merge_violations(world: World, pull: Record, method: str) -> str:
    """The same for merging a pull request."""
    found: list[str] = []
    for rule in _rules_for(world, pull["repository"], "branch", pull["base"]):
        parameters = rule.get("parameters") or {}
        if rule.get("type") == "pull_request":
            found += _missing_reviews(world, pull, parameters, method)
        elif rule.get("type") == "required_status_checks":
            wanted = [check.get("context") for check in parameters.get("required_status_checks") or []]
            missing = [context for context in wanted if not _passed(world, pull, str(context))]
            if missing:
                found.append(checks_expected(len(missing)))
        elif rule.get("type") == "required_linear_history" and method == "merge":
            found.append("This branch must not contain merge commits.")
    return _worded(found)


def _missing_reviews(world: World, pull: Record, parameters: Record, method: str) -> Iterator[str]:
    needed = int(parameters.get("required_approving_review_count") or 0)
    latest: dict[str, str] = {}
    for review in tables.rows(world, "reviews", "number", pull["number"], pull["repository"]):
        if (
            review["state"] in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")
            and review["user"] != pull["user"]
        ):
            latest[review["user"]] = review["state"]
    approvals = list(latest.values()).count("APPROVED")
    if approvals < needed:
        yield (
            f"At least {needed} approving review{'s' * (needed != 1)} {_are(needed)} required "
            "by reviewers with write access."
        )
    if "CHANGES_REQUESTED" in latest.values():
        yield "Changes have been requested."
    allowed = parameters.get("allowed_merge_methods")
    if allowed and method not in allowed:
        yield f"This branch must not be merged by {method}."
    threads = tables.rows(world, "threads", "number", pull["number"], pull["repository"])
    if parameters.get("required_review_thread_resolution") and not all(t["is_resolved"] for t in threads):
        yield "A conversation must be resolved before this pull request can be merged."


def _passed(world: World, pull: Record, context: str) -> bool:
    repository, sha = pull["repository"], pull["head_sha"]
    statuses = {s["context"]: s["state"] for s in latest_statuses(world, repository, sha)}
    checks = {
        c["name"]: c.get("conclusion") for c in tables.rows(world, "checks", "head_sha", sha, repository)
    }
    return statuses.get(context) == "success" or checks.get(context) in ("success", "neutral", "skipped")


def _rules_for(world: World, repository: str, target: str, ref: str) -> Iterator[Record]:
    row = tables.get(world, "repositories", repository) or {}
    for ruleset in tables.of_repository(world, "rulesets", repository):
        if ruleset["enforcement"] != "active" or ruleset["target"] != target:
            continue
        names = (ruleset.get("conditions") or {}).get("ref_name") or {}
        include, exclude = names.get("include") or ["~ALL"], names.get("exclude") or []
        if any(_covers(p, ref, row) for p in include) and not any(_covers(p, ref, row) for p in exclude):
            yield from ruleset["rules"]


def _covers(pattern: str, ref: str, repository: Record) -> bool:
    if pattern == "~ALL":
        return True
    if pattern == "~DEFAULT_BRANCH":
        return ref == repository.get("default_branch")
    bare = re.sub(r"^refs/(?:heads|tags)/", "", pattern)
    return re.fullmatch(_glob(bare), ref) is not None


def _glob(pattern: str) -> str:
    """A ref pattern as a regular expression: ``*`` stops at a slash, ``**`` does not."""
    parts = re.split(r"(\*\*/?|\*|\?)", pattern)
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(words.get(part) or re.escape(part) for part in parts)


def _matches(parameters: Record, text: str) -> bool:
    operator, pattern = parameters.get("operator"), str(parameters.get("pattern") or "")
    tests = {
        "starts_with": text.startswith(pattern),
        "ends_with": text.endswith(pattern),
        "contains": pattern in text,
    }
    found = tests[operator] if operator in tests else _regex_matches(pattern, text)
    return found is not bool(parameters.get("negate"))


def _regex_matches(pattern: str, text: str) -> bool:
    # Imported here: 10 ms that a world without such a rule need not pay; linear time on any pattern.
    import re2

    return re2.search(pattern, text) is not None


def _said(parameters: Record) -> str:
    words = {"starts_with": "start with", "ends_with": "end with", "contains": "contain"}
    negated = "not " if parameters.get("negate") else ""
    operator = str(parameters.get("operator"))
    return f"{negated}{words.get(operator, 'match a given regex pattern:')} {parameters.get('pattern')}"


def _worded(found: list[Json]) -> str:
    return "\n\n".join([_HEAD, *dict.fromkeys(found)]) + "\n\n" if found else ""


def checks_expected(number: int) -> str:
    if number == 1:
        return "Required status check is expected."
    return f"{number} of {number} required status checks are expected."


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
