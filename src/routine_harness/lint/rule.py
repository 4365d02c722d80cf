"""What a lint rule is: a code, its documentation, and a check from a subject to marks.

The docstring of a check is its page in the documentation: a first line, why it matters, and two
fragments of a routine, ``Bad:`` and ``Good:``, which the tests run.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from routine_harness.finding import Severity
from routine_harness.lint.subject import Folder, Subject
from routine_harness.pattern import lazy_pattern
from routine_harness.routine.spec import Path

CODE: Final = lazy_pattern(r"[a-z]+\.[a-z0-9]+(?:-[a-z0-9]+)*")
_SECTION: Final = lazy_pattern(r"^(Bad|Good):\n((?:[ \t].*\n|\n)*)", re.MULTILINE)


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Where a rule points and what it says.

    ``path`` leads to the value in the document; ``words`` are the words that caused it, as they
    stand in the value, and ``offset`` where they stand in the prompt (-1: look for them).
    ``fix`` replaces the words; None where no mechanical fix is known.
    """

    message: str
    path: Path = ()
    words: str = ""
    offset: int = -1
    hint: str = ""
    fix: str | None = None


Check = Callable[[Subject], Iterable[Mark]]
FolderCheck = Callable[[Folder], Iterable[tuple[Subject, Mark]]]


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule; exactly one of ``check`` (one routine) and ``check_folder`` (all of them) is set.

    ``english`` says that it looks for words of English, or for their absence: it does not judge a
    prompt in another language.
    """

    code: str
    severity: Severity
    summary: str
    why: str
    bad: str
    good: str
    fixable: bool = False
    english: bool = False
    check: Check | None = None
    check_folder: FolderCheck | None = None

    @property
    def area(self) -> str:
        return self.code.partition(".")[0]


def rule(
    code: str, severity: Severity = Severity.WARNING, *, fixable: bool = False, english: bool = False
) -> Callable[[Check], Rule]:
    """Make a documented check over one routine a rule; ``english``: it rests on words of English.

    Raises:
        ValueError: the code is malformed or the docstring lacks one of its parts.
    """
    return lambda check: _build(code, severity, fixable, check.__doc__, check=check, english=english)


def folder_rule(code: str, severity: Severity = Severity.WARNING) -> Callable[[FolderCheck], Rule]:
    """Make a documented check over all routines of a folder a rule; raises as ``rule`` does."""
    return lambda check: _build(code, severity, False, check.__doc__, check_folder=check)


def _build(
    code: str,
    severity: Severity,
    fixable: bool,
    doc: str | None,
    check: Check | None = None,
    check_folder: FolderCheck | None = None,
    english: bool = False,
) -> Rule:
    if not CODE.fullmatch(code):
        raise ValueError(f"a rule's code is area.kebab-case, not {code!r}")
    text = inspect.cleandoc(doc or "") + "\n"
    sections = {name: inspect.cleandoc("\n" + body) for name, body in _SECTION.findall(text)}
    summary, _, rest = text.partition("\n")
    why = rest.partition("\nBad:")[0].strip()
    if not (summary and why and sections.keys() == {"Bad", "Good"}):
        raise ValueError(f"the check of {code} documents a summary, a reason, Bad: and Good:")
    return Rule(
        code=code,
        severity=severity,
        summary=summary,
        why=why,
        bad=sections["Bad"],
        good=sections["Good"],
        fixable=fixable,
        english=english,
        check=check,
        check_folder=check_folder,
    )


def chosen(code: str, selectors: Iterable[str]) -> int:
    """How closely the closest of ``selectors`` names ``code``: 0 not at all, 1 by ALL, 2 by area, 3
    itself."""
    area = code.partition(".")[0]
    ranks = {"ALL": 1, area: 2, code: 3}
    return max((ranks.get(selector, 0) for selector in selectors), default=0)
