"""The gate's decision as Markdown: a job summary, or a comment that people read."""

from __future__ import annotations

from collections.abc import Iterator

from routine_harness.agents.acted import live_command, words_of
from routine_harness.gate.decision import OPEN_BY_SCRIPT, GateDecision, RoutineDecision
from routine_harness.report.gate_table import cost_of, render_answer, why

_SIGN = {"open": "✅", "closed": "⛔", "off": "⚪"}


def render_summary(decision: GateDecision) -> str:
    """A heading with the answer, the table of triggers, and the reasons, folded away by routine."""
    lines = [
        f"## {render_answer(decision)}",
        "",
        "| routine | trigger | gate | by | why |",
        "|---|---|---|---|---|",
    ]
    for routine in decision.routines:
        for trigger in routine.triggers:
            sign = f"{_SIGN[trigger.standing]} {trigger.answer}"
            by = words_of(trigger.by)
            lines.append(
                f"| {cell(routine.name)} | `{cell(trigger.label)}` | {sign} | {by} | {cell(why(trigger))} |"
            )
    for routine in decision.routines:
        lines += _reasons(routine)
    return "\n".join((*lines, ""))


def _reasons(routine: RoutineDecision) -> Iterator[str]:
    if not (routine.reasons or routine.excused or routine.renew or routine.open_by_script):
        return
    yield ""
    yield f"<details{' open' if routine.reasons else ''}><summary><b>{_escaped(routine.name)}</b></summary>"
    yield ""
    for reason in routine.reasons:
        finding = reason.finding
        place = f" in `{cell(str(finding.location))}`" if finding.location and finding.location.file else ""
        yield f"- **`{finding.code}`**{place}: {_escaped(finding.message)}"
        yield from (f"    - {_escaped(line)}" for line in finding.detail)
        if reason.next:
            yield f"    - next: `{cell(reason.next)}`"
    if routine.open_by_script:
        labels = ", ".join(f"`{cell(trigger.label)}`" for trigger in routine.open_by_script)
        yield f"- {OPEN_BY_SCRIPT}: {labels}"
        yield f"    - next: `{cell(live_command(routine.file))}`"
    for each in routine.excused:
        excuse = f"until {each.expires} by {_escaped(each.owner)}"
        yield f"- excused {excuse}: `{each.reason.code}` ({_escaped(each.why)})"
    if routine.renew:
        yield f"- renewing {', '.join(f'`{name}`' for name in routine.renew)}: {cost_of(routine)}"
    yield ""
    yield "</details>"


def cell(text: str) -> str:
    """``text`` inside a table's cell or a code span: no bars, no backticks, one line."""
    return " ".join(text.replace("|", "\\|").replace("`", "'").split())


def _escaped(text: str) -> str:
    """Text of others as text: no markup of theirs takes effect."""
    for char in "\\`*_[]<>#|":
        text = text.replace(char, f"\\{char}")
    return " ".join(text.split()).replace("@", "@\u200b")
