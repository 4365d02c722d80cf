"""All rules: those of this package and those that third parties add by hook."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Final

import pluggy

from routine_harness.errors import Problem, UsageError
from routine_harness.lint import (
    access_environment,
    access_grants,
    access_policy,
    access_rulesets,
    prompt_inputs,
    prompt_jobs,
    prompt_markers,
    prompt_output,
    prompt_refused,
    prompt_task,
    tests_cases,
    tests_recordings,
    triggers_dead,
    triggers_flood,
    triggers_schedule,
)
from routine_harness.lint.meta import META_RULES
from routine_harness.lint.rule import Rule

BUILT_IN: Final[tuple[Rule, ...]] = (
    *prompt_jobs.RULES,
    *prompt_task.RULES,
    *prompt_markers.RULES,
    *prompt_refused.RULES,
    *prompt_output.RULES,
    *prompt_inputs.RULES,
    *access_grants.RULES,
    *access_environment.RULES,
    *access_rulesets.RULES,
    *access_policy.RULES,
    *triggers_flood.RULES,
    *triggers_dead.RULES,
    *triggers_schedule.RULES,
    *tests_cases.RULES,
    *tests_recordings.RULES,
    *META_RULES,
)

hookspec = pluggy.HookspecMarker("routine_harness")


class LintHooks:
    """What a third party may implement, in a module named by the entry point ``routine_harness``."""

    @hookspec
    def routine_harness_lint_rules(self) -> Sequence[Rule]:  # type: ignore[empty-body]
        """Further rules; their codes must not be taken."""


def collect_rules(manager: pluggy.PluginManager | None = None) -> tuple[Rule, ...]:
    """The built-in rules and those of the plugins registered with ``manager``.

    Raises:
        UsageError: a plugin gives something else than rules, or a code that is taken.
    """
    rules = {rule.code: rule for rule in BUILT_IN}
    problems: list[Problem] = []
    if manager is not None:
        if not hasattr(manager.hook, "routine_harness_lint_rules"):
            manager.add_hookspecs(LintHooks)
        given = manager.hook.routine_harness_lint_rules()
        for rule in (rule for rules_of_one in reversed(given) for rule in rules_of_one):
            if not isinstance(rule, Rule):
                problems.append(
                    Problem("", 0, f"a plugin gave {rule!r} for a lint rule", "use routine_harness.lint.rule")
                )
            elif rule.code in rules:
                problems.append(
                    Problem("", 0, f"two lint rules have the code {rule.code}", "rename the plugin's rule")
                )
            else:
                rules[rule.code] = rule
    if problems:
        raise UsageError(*problems)
    return tuple(rules.values())


def unknown_selectors(selectors: Iterable[str], rules: Sequence[Rule]) -> list[tuple[str, str]]:
    """The selectors that name no rule and no area, each with the nearest one that does."""
    known = {"ALL", *(rule.code for rule in rules), *(rule.area for rule in rules)}
    unknown = []
    for selector in dict.fromkeys(selectors):
        if selector not in known:
            close = difflib.get_close_matches(selector, sorted(known), 1, 0.5)
            unknown.append((selector, close[0] if close else ""))
    return unknown
