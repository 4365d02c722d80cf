"""Commands of ``gh`` read without a parser; see ``rough``."""

from __future__ import annotations

from typing import Any

from routine_harness.guard.decide import ANYTHING

GH_READS = set(
    "view list ls diff status checks checkout download watch clone item-list field-list logs get "
    "verify set-default browse search".split()
)
GH_QUIET = set("auth config completion help version status browse search --version --help".split())
GH_MORE = set(
    "--delete-branch -d --comment -c --edit-last --delete-last --add-reviewer --cleanup-tag".split()
)
"""Options by which a command does more than its verb says."""
GH_KINDS = {
    "pr create": "pull_request.created",
    "pr merge": "pull_request.merged",
    "pr close": "pull_request.closed",
    "pr reopen": "pull_request.reopened",
    "pr edit": "pull_request.updated",
    "pr ready": "pull_request.updated",
    "pr comment": "comment.created",
    "pr review": "review.submitted",
    "issue create": "ticket.created",
    "issue comment": "comment.created",
    "issue edit": "ticket.updated",
    "issue close": "ticket.updated",
    "issue reopen": "ticket.updated",
    "issue delete": "ticket.deleted",
    "release create": "release.created",
    "release edit": "release.updated",
    "release delete": "release.deleted",
    "release upload": "release.updated",
    "workflow run": "workflow.started",
    "run rerun": "workflow.rerun",
    "run cancel": "workflow.cancelled",
    "label create": "label.created",
    "label edit": "label.updated",
    "label delete": "label.deleted",
    "repo create": "repository.created",
    "repo delete": "repository.deleted",
    "repo edit": "repository.updated",
    "repo fork": "repository.forked",
    "secret set": "secret.created",
    "secret delete": "secret.deleted",
    "variable set": "variable.created",
    "variable delete": "variable.deleted",
    "gist create": "gist.created",
}


def read_gh(rest: Any, wrapped: bool) -> list[Any]:
    """What a command of gh does, by group and verb; arguments are left unknown."""
    words = [word for word in rest if not word[0].startswith("-")]
    if not words or words[0][0] in GH_QUIET:
        return []
    group, verb = words[0][0], words[1][0] if len(words) > 1 else ""
    if group == "api":
        return read_api(rest)
    if wrapped or not all(word[1] for word in words[:2]):
        return [(ANYTHING, "github", {})]
    if verb in GH_READS:
        return []
    if any(word[0].partition("=")[0] in GH_MORE or not word[1] for word in rest if word[0].startswith("-")):
        return [(ANYTHING, "github", {})]
    return [(GH_KINDS.get(f"{group} {verb}", ANYTHING), "github", {})]


def read_api(rest: Any) -> list[Any]:
    """A request of GitHub's interface: a read, or anything at all."""
    texts = [word[0] for word in rest]
    method = next((texts[at + 1] for at, text in enumerate(texts[:-1]) if text in ("-X", "--method")), "")
    method = method or next((text[2:] for text in texts if text.startswith("-X") and len(text) > 2), "")
    sends = any(text.startswith(("-f", "-F", "--field", "--raw-field", "--input")) for text in texts)
    known = all(word[1] for word in rest)
    if known and "graphql" not in texts and (method.upper() in ("GET", "HEAD") or (not method and not sends)):
        return []
    if not known and not method and not sends:
        return [] if texts[1:2] and texts[1].lstrip("/").startswith("repos") else [(ANYTHING, "github", {})]
    return [(ANYTHING, "github", {})]
