"""A fault on an operation strikes every form in which an agent can ask for it, and no other operation."""

from __future__ import annotations

import json

import pytest
from support.desk import run_desk

from routine_harness.session.faults import Fault
from routine_harness.session.session import Session


def mutation(name: str, given: str) -> str:
    """A GraphQL document that asks for one mutation."""
    return f"mutation {{ {name}(input: {{{given}}}) {{ clientMutationId }} }}"


CREATES = mutation("createIssue", 'repositoryId: "R_1", title: "down"')
CLOSES = mutation("closeIssue", 'issueId: "I_1"')


IN = {"owner": "acme", "repo": "core"}
CREATE = {
    "tool": ("github.issue_write", {"method": "create", **IN, "title": "down"}),
    "granular tool": ("github.create_issue", {**IN, "title": "down"}),
    "gh": ("Bash", {"command": "gh issue create -R acme/core -t down -b x"}),
    "gh api": ("Bash", {"command": "gh api -X POST repos/acme/core/issues -f title=down"}),
    "curl": (
        "Bash",
        {"command": """curl -X POST https://api.github.com/repos/acme/core/issues -d '{"title": "down"}'"""},
    ),
    "GraphQL by gh": ("Bash", {"command": f"gh api graphql -f query='{CREATES}'"}),
    "GraphQL by curl": (
        "Bash",
        {"command": f"curl https://api.github.com/graphql -d '{json.dumps({'query': CREATES})}'"},
    ),
}
CLOSE = {
    "tool": ("github.issue_write", {"method": "update", **IN, "issue_number": 4, "state": "closed"}),
    "granular tool": ("github.update_issue_state", {**IN, "issue_number": 4, "state": "closed"}),
    "gh": ("Bash", {"command": "gh issue close 4 -R acme/core"}),
    "gh api": ("Bash", {"command": "gh api -X PATCH repos/acme/core/issues/4 -f state=closed"}),
    "GraphQL": ("Bash", {"command": f"gh api graphql -f query='{CLOSES}'"}),
}
LABEL = {
    "tool": ("github.update_issue_labels", {**IN, "issue_number": 4, "labels": ["bug"]}),
    "gh": ("Bash", {"command": "gh issue edit 4 -R acme/core --add-label bug"}),
    "gh api": ("Bash", {"command": "gh api -X POST repos/acme/core/issues/4/labels -f 'labels[]=bug'"}),
}


def struck(fault: Fault, form: tuple[str, dict[str, object]]) -> bool:
    """Whether ``fault`` is what a session answers to a call."""

    def agent(session: Session) -> None:
        session.call(form[0], **form[1])

    return run_desk(agent, faults=(fault,)).calls[0].answered_by == "fault"


@pytest.mark.parametrize("form", CREATE)
@pytest.mark.parametrize("tool", ["github.create_issue", "github.issue_write"])
def test_a_fault_on_an_operation_strikes_all_of_its_forms(tool: str, form: str) -> None:
    """Whether by a tool, by gh or by a request: what creates an issue fails."""
    assert struck(Fault(tool=tool, error="boom"), CREATE[form])
    assert struck(Fault(tool=tool, where={"title": "down"}, error="boom"), CREATE[form])
    assert not struck(Fault(tool=tool, where={"title": "other"}, error="boom"), CREATE[form])


@pytest.mark.parametrize("form", CLOSE)
def test_a_fault_leaves_another_operation_of_the_same_tool_alone(form: str) -> None:
    """``issue_write`` creates and changes: a fault on creating does not befall closing."""
    assert not struck(Fault(tool="github.create_issue", error="boom"), CLOSE[form])
    assert not struck(Fault(tool="github.issue_write", where={"method": "create"}, error="boom"), CLOSE[form])
    assert struck(Fault(tool="github.update_issue_state", error="boom"), CLOSE[form])
    assert struck(Fault(tool="github.update_issue", error="boom"), CLOSE[form])


@pytest.mark.parametrize("form", LABEL)
def test_a_fault_on_a_part_of_an_operation_strikes_that_part(form: str) -> None:
    """A tool that sets labels stands for setting labels, in every form, and not for closing."""
    assert struck(Fault(tool="github.update_issue_labels", error="boom"), LABEL[form])
    assert not struck(Fault(tool="github.update_issue_state", error="boom"), LABEL[form])


def test_an_older_tools_name_is_a_fault_on_what_it_did() -> None:
    """``update_issue`` has become a method of ``issue_write``: creating is left alone."""
    assert not struck(Fault(tool="github.update_issue", error="boom"), CREATE["tool"])


@pytest.mark.parametrize("form", CREATE)
def test_a_fault_on_a_form_strikes_that_form(form: str) -> None:
    """A fault on a command is a fault on the command: the tool that does the same is left alone."""
    fault = Fault(tool="Bash", where={"command": {"contains": "gh issue create"}}, error="boom")
    assert struck(fault, CREATE[form]) is (form == "gh")


def test_a_fault_that_is_applied_strikes_by_a_form_too() -> None:
    """The issue is there, and the agent has not heard of it."""
    fault = Fault(tool="github.create_issue", timeout=True, applied=True)
    run = run_desk(lambda session: session.call("Bash", command=CREATE["gh"][1]["command"]), faults=(fault,))
    assert run.calls[0].answered_by == "fault"
    assert [effect.kind for effect in run.effects] == ["ticket.created"]
