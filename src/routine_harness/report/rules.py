"""The documentation of lint rules as text and as Markdown, from the rules themselves."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from routine_harness.lint.rule import Rule
from routine_harness.report.text import fold


def render_rule(rule: Rule, *, width: int = 80) -> str:
    """One rule for a terminal: what, why, a bad and a good example, how to suppress it."""
    fix = " · can be fixed with --fix" if rule.fixable else ""
    parts = [
        f"{rule.code} ({rule.severity.value}{fix})",
        "\n".join(fold(rule.summary, width)),
        "\n\n".join("\n".join(fold(paragraph, width)) for paragraph in _paragraphs(rule.why)),
        f"Bad:\n\n{textwrap.indent(rule.bad, '    ')}",
        f"Good:\n\n{textwrap.indent(rule.good, '    ')}",
        "To suppress it, end the line (for a prompt, that of `prompt: |`) with:",
        f"    # rh: ignore[{rule.code}]",
    ]
    return "\n\n".join(parts) + "\n"


def render_rules(rules: Iterable[Rule], *, width: int = 80) -> str:
    """One line a rule: code, whether it can be fixed, summary."""
    listed = list(rules)
    longest = max(len(rule.code) for rule in listed)
    return "".join(
        f"{rule.code:<{longest}}  {'[*]' if rule.fixable else '   '}  {rule.summary}\n" for rule in listed
    )


def rules_page(rules: Iterable[Rule]) -> str:
    """The page of the documentation: a table of all rules, then each with its anchor."""
    listed = list(rules)
    lines = [
        "| rule | what it reports | severity | fix |",
        "|---|---|---|---|",
        *(_row(rule) for rule in listed),
        "",
    ]
    area = ""
    for rule in listed:
        if rule.area != area:
            area = rule.area
            lines += [f"## {area.capitalize()}", ""]
        lines += _section(rule)
    return "\n".join(lines)


def _row(rule: Rule) -> str:
    fix = "yes" if rule.fixable else ""
    return f"| [`{rule.code}`](#{rule.code}) | {rule.summary} | {rule.severity.value} | {fix} |"


def _section(rule: Rule) -> Iterator[str]:
    yield f"### `{rule.code}` {{#{rule.code}}}"
    yield ""
    yield f"*{rule.severity.value}{', can be fixed with `--fix`' if rule.fixable else ''}* · {rule.summary}"
    for paragraph in _paragraphs(rule.why):
        yield ""
        yield paragraph
    for title, example in (("Bad", rule.bad), ("Good", rule.good)):
        yield ""
        yield f"{title}:"
        yield ""
        yield "```yaml"
        yield example
        yield "```"
    yield ""
    yield _suppress(rule.code)
    yield ""


def _paragraphs(text: str) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]


def _suppress(code: str) -> str:
    where = "for a prompt, the line of `prompt: |`"
    return f"To suppress it on one line, end the line with `# rh: ignore[{code}]`; {where}."
