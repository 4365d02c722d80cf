"""Pages of the reference that are written from code: effects, the default policy, finding codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from routine_harness.lint.rule import Rule
from routine_harness.report.codes import finding_codes
from routine_harness.verdict.policy.default_policy import default_policy
from routine_harness.verdict.policy.rules import Forbidden
from routine_harness.world.kinds import COMMON_FIELDS, KINDS, PLURALS, TEXT_FIELDS, WIDER

WRITTEN: Final = "<!-- Written by `python docs/write_reference.py` from the code; edits are lost. -->"


def effects_page() -> str:
    """Every kind of effect with the fields that it may carry."""
    lines = [
        "# Effects",
        "",
        WRITTEN,
        "",
        "An effect is a normalised outward act. Expectations count what was *applied*; `forbid` looks at",
        "what was *attempted*. The list is closed: a misspelt kind or field is an error that names the",
        "nearest known one.",
        "",
        f"Every effect has the fields {_coded(COMMON_FIELDS)}. Under `effect: '*'`,",
        f"`text` means any of {_coded(TEXT_FIELDS)}.",
        "",
        "A field that only a run can tell whole is known in part: the branch of",
        "`git push origin claude/fix-$X` starts with `claude/` and is not `main`. Each operator decides by",
        "what is known; where that does not do, the rule is undecided. Reports show the field as spelt.",
        "",
        "`command.opaque` is a program that cannot be read, `command.undecided` a command whose kind of act",
        "is unknown, too; `reason` says why. Both are no acts: `effect: '*'` leaves them out.",
        "",
        "| an expectation of | counts |",
        "|---|---|",
        *(f"| `{noun}` | {_coded(kinds)} |" for noun, kinds in PLURALS.items()),
        "",
        "An `effect:` widens a noun to the other things that are done to it, and says which are counted:",
        "`tickets: {effect: ticket.updated, where: {labels: {contains: bug}}}` counts labelling, as it",
        "would assigning and closing; a list counts several, `'*'` all that can be done to the noun.",
        "",
    ]
    families: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for kind, fields in KINDS.items():
        own = tuple(field for field in fields if field not in COMMON_FIELDS)
        families.setdefault((kind.partition(".")[0], own), []).append(kind)
    lines += ["| kinds | fields |", "|---|---|"]
    lines += [f"| {_coded(kinds)} | {_coded(own)} |" for (_, own), kinds in families.items()]
    return "\n".join((*lines, ""))


_TIERS: Final = {
    "never": "An error. An `allow` takes it back in the outermost policy alone, with `reason`, `owner` and"
    " `expires`.",
    "named": "An error, unless an `allow` in the outermost policy names it with a `reason`. `init` and"
    " `import` write that entry where the prompt mandates the act, and quote its sentence.",
    "noted": "A warning, an error under `strict`, and listed at the gate.",
    "unread": "What reading cannot tell of a command. The first is an error, once for each case; the second"
    " a warning for each program and case, with how often it ran.",
}


def policy_page() -> str:
    """The default policy: every rule by its tier, with the sentence of why."""
    lines = [
        "# The default policy",
        "",
        WRITTEN,
        "",
        "This holds where no `policy.yaml` says anything, and below every one that does. What counts is",
        "what a run *attempted*. A finding quotes the sentence of its rule and shows the `allow` that would",
        "take it back, as YAML to paste.",
        "",
        "`allow` takes `where` (fields with predicates), `at_most` (how often in one run) and `routines`.",
        "`effect: '*'` takes back rules of files, and none of these. A rule against `pull_request.merged`",
        "in a file is also one against auto-merge; other kinds have narrower ones, too:",
        "",
        *(f"- `{kind}` is a `{wider}`" for kind, wider in WIDER.items()),
        "",
        "A field that a run does not say counts as a match. One that is known only when a command runs",
        "(`git push origin $BRANCH`) makes a rule `policy.undecided` that depends on it; a rule that no",
        "value could meet passes (`claude/fix-$X` is under `claude/`).",
        "",
    ]
    rules = default_policy().forbid
    for tier, meaning in _TIERS.items():
        lines += [f"## {tier.capitalize()} {{#{tier}}}", "", meaning, "", "| effect | why |", "|---|---|"]
        lines += [f"| {_rule(rule)} | {rule.reason} |" for rule in rules if rule.tier == tier]
        lines.append("")
    lines += [
        "Beside them stands what the routine does not grant: a connector, a tool, a repository.",
        "",
    ]
    return "\n".join(lines)


def _rule(rule: Forbidden) -> str:
    where = "".join(f" where {condition}" for condition in rule.where)
    return (
        rule.text.replace("http.requested", "`http.requested`") if rule.reach else _coded(rule.kinds) + where
    )


def _coded(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def codes_page(rules: Sequence[Rule]) -> str:
    """Every finding code with its anchor."""
    lines = [
        "# Finding codes",
        "",
        WRITTEN,
        "",
        "A finding's code is `area.kebab-case` and equals its anchor on this page. Those of lint have a page",
        "of their own: [lint rules](lint-rules.md).",
        "",
    ]
    area = ""
    for code, said in sorted(finding_codes().items()):
        if code.partition(".")[0] != area:
            area = code.partition(".")[0]
            lines += [f"## {area.capitalize()}", ""]
        lines += [f"### `{code}` {{#{code}}}", "", said.means, ""]
        lines += [f"**Usual cause.** {said.cause}", "", f"**How to mend it.** {said.fix}", ""]
    lines += ["## Lint", "", *(f"- [`{rule.code}`](lint-rules.md#{rule.code})" for rule in rules), ""]
    return "\n".join(lines)
