"""A triage by rules: what a careful model would do with the prompt, made deterministic.

It looks before every write. The rules are crude on purpose: the example is about the outcome.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routine_harness import AgentSession, ToolResult

RULES = (
    ("SQL injection", "HIGH", re.compile(r"execute\(\s*f[\"']|execute\([^)]*[\"']\s*(?:%|\+)")),
    (
        "Hardcoded credential",
        "CRITICAL",
        re.compile(r"(?i)(?:password|secret|token|api_key)\s*=\s*[\"'][^\"']{8,}"),
    ),
    ("Weak hash", "MEDIUM", re.compile(r"hashlib\.(?:md5|sha1)\(")),
    ("Unauthenticated endpoint", "LOW", re.compile(r"@app\.route\([^)]*\)\s*#\s*public")),
)


class CouldNotError(Exception):
    """A step that came to nothing, in words."""


def call(session: AgentSession, step: str, tool: str, **arguments: Any) -> ToolResult:
    """The answer of a call; a failed one ends the work, and the last message says so."""
    result = session.call(tool, **arguments)
    if result.is_error:
        raise CouldNotError(step)
    return result


def read(session: AgentSession, step: str, tool: str, **arguments: Any) -> Any:
    """The JSON answer of a read. One that is cut off or empty says nothing, least of all that there is
    nothing."""
    try:
        return call(session, step, tool, **arguments).json()
    except ValueError:
        raise CouldNotError(step) from None


@dataclass(frozen=True)
class Risk:
    kind: str
    severity: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.severity}: {self.kind} in {self.file}:{self.line}"


def triage(session: AgentSession) -> None:
    """Judge the pull request of the firing; what could not be done is said last."""
    try:
        session.say(work(session))
    except CouldNotError as error:
        session.say(f"I could not {error}.")


def work(session: AgentSession) -> str:
    """How many findings there were, each filed or told."""
    payload = session.firing.event.payload
    owner, repo = payload["repository"]["full_name"].split("/")
    number = payload["pull_request"]["number"]
    where = {"owner": owner, "repo": repo, "pullNumber": number}
    step = "look: the pull request cannot be read"
    try:
        pull = read(session, step, "github.pull_request_read", method="get", **where)
        files = read(session, step, "github.pull_request_read", method="get_files", **where)
    except CouldNotError:
        post_once(session, f"Security triage could not read pull request #{number} of {owner}/{repo}.")
        raise
    risks = [risk for file in files for risk in find_risks(file)]
    serious = [risk for risk in risks if risk.severity in ("CRITICAL", "HIGH")]
    minor = [risk for risk in risks if risk not in serious]
    for risk in serious:
        file_once(session, risk, pull)
    if minor:
        listed = "\n".join(f"- {risk}" for risk in minor)
        post_once(session, f"Security review of {pull['html_url']}\n{listed}")
    if not risks:
        post_once(session, f"✅ Security Clear {pull['html_url']}")
    return f"{len(risks)} finding{'s' * (len(risks) != 1)}."


def find_risks(file: dict[str, Any]) -> list[Risk]:
    """The risks in the lines that a patch adds."""
    risks, line = [], 0
    for text in file.get("patch", "").splitlines():
        if hunk := re.match(r"@@ -\S+ \+(\d+)", text):
            line = int(hunk[1]) - 1
            continue
        line += not text.startswith("-")
        risks += [
            Risk(kind, severity, file["filename"], line)
            for kind, severity, pattern in RULES
            if text.startswith("+") and pattern.search(text)
        ]
    return risks


def file_once(session: AgentSession, risk: Risk, pull: dict[str, Any]) -> None:
    """One ticket for a serious risk, unless an open one names this pull request and file."""
    step, link = "list the tickets", pull["html_url"]
    try:
        found = read(session, step, "linear.list_issues", project="Security", query=link)
        if any(risk.file in issue["description"] for issue in found["issues"]):
            return
        step = "file the ticket"
        call(
            session,
            step,
            "linear.save_issue",
            title=f"{risk.kind} in {risk.file}",
            team="Security",
            project="Security",
            priority=2,
            description=f"{risk} of {link}, opened by @{pull['user']['login']}.",
        )
    except CouldNotError:
        post_once(session, f"Security triage could not {step} for {link}.")
        raise


def post_once(session: AgentSession, text: str) -> None:
    """One message in #security-alerts, unless one there says the same words of the same link: links read
    back as ``<url|text>``."""
    found = read(session, "find #security-alerts", "slack.slack_search_channels", query="security-alerts")
    channel = re.search(r"\bC[A-Z0-9]{6,}\b", found["results"])
    if channel is None:
        raise CouldNotError("find #security-alerts")
    step = "read #security-alerts"
    said = read(session, step, "slack.slack_read_channel", channel_id=channel[0])["messages"]
    words, _, link = text.splitlines()[0].partition(" https://")
    if not any(words in line and link.rstrip(".") in line for line in said.splitlines()):
        step = "post to #security-alerts"
        call(session, step, "slack.slack_send_message", channel_id=channel[0], message=text)
