"""A triage by rules: what a careful model would do with the prompt, made deterministic.

It looks before every write. The rules are crude on purpose: the example is about the outcome.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routine_harness import AgentSession

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


@dataclass(frozen=True)
class Risk:
    kind: str
    severity: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.severity}: {self.kind} in {self.file}:{self.line}"


def triage(session: AgentSession) -> None:
    """Judge the pull request of the firing."""
    payload = session.firing.event.payload
    owner, repo = payload["repository"]["full_name"].split("/")
    number = payload["pull_request"]["number"]
    where = {"owner": owner, "repo": repo, "pullNumber": number}
    pull = session.call("github.pull_request_read", method="get", **where)
    files = session.call("github.pull_request_read", method="get_files", **where)
    if pull.is_error or files.is_error:
        post_once(session, f"Security triage could not read pull request #{number} of {owner}/{repo}.")
        session.say("I could not look: the pull request cannot be read.")
        return
    opened = pull.json()
    risks = [risk for file in files.json() for risk in find_risks(file)]
    serious = [risk for risk in risks if risk.severity in ("CRITICAL", "HIGH")]
    minor = [risk for risk in risks if risk not in serious]
    for risk in serious:
        file_once(session, risk, opened)
    if minor:
        listed = "\n".join(f"- {risk}" for risk in minor)
        post_once(session, f"Security review of {opened['html_url']}\n{listed}")
    if not risks:
        post_once(session, f"✅ Security Clear {opened['html_url']}")
    session.say(f"{len(risks)} finding{'s' * (len(risks) != 1)}.")


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
    found = session.call("linear.list_issues", project="Security", query=pull["html_url"])
    if found.is_error:
        post_once(session, f"Security triage could not list the tickets for {pull['html_url']}.")
        return
    if any(risk.file in issue["description"] for issue in found.json()["issues"]):
        return
    session.call(
        "linear.save_issue",
        title=f"{risk.kind} in {risk.file}",
        team="Security",
        project="Security",
        priority=2,
        description=f"{risk} of {pull['html_url']}, opened by @{pull['user']['login']}.",
    )


def post_once(session: AgentSession, text: str) -> None:
    """One message in #security-alerts, unless one there says the same words of the same link: links read
    back as ``<url|text>``."""
    found = session.call("slack.slack_search_channels", query="security-alerts")
    if not (channel := re.search(r"\bC[A-Z0-9]{6,}\b", found.text)):
        return
    said = session.call("slack.slack_read_channel", channel_id=channel[0])
    words, _, link = text.splitlines()[0].partition(" https://")
    there = any(words in line and link.rstrip(".") in line for line in said.text.splitlines())
    if not said.is_error and not there:
        session.call("slack.slack_send_message", channel_id=channel[0], message=text)
