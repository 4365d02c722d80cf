"""What is wrong with a document as a text, in words that say where to look; YAML and JSON alike."""

from __future__ import annotations

from typing import Final

from routine_harness.errors import Problem
from routine_harness.plain import Json

MAX_DEPTH: Final = 100


def repeated_key(file: str, line: int, key: str | int, first: int) -> Problem:
    return Problem(
        file, line, f"the key {key!r} is here twice; the first is on line {first}", "keep one of them"
    )


def too_deep(file: str, line: int) -> Problem:
    return Problem(file, line, f"expected at most {MAX_DEPTH} levels of nesting, found more")


def syntax_problem(error: Json, text: str, file: str) -> Problem:
    """libyaml's complaint in words that say where to look."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:  # a reader error: a character that YAML forbids
        position = int(getattr(error, "position", 0))
        reason = getattr(error, "reason", str(error))
        return Problem(
            file, text.count("\n", 0, position) + 1, f"expected YAML: {reason}", "remove the character"
        )
    line = int(mark.line) + 1
    shown = text.split("\n")[mark.line] if mark.line < text.count("\n") + 1 else ""
    if shown[: mark.column + 1].strip(" ").startswith("\t") or "'\\t'" in str(error.problem):
        return Problem(
            file, line, "expected spaces, found a tab", "YAML is indented with spaces", mark.column + 1
        )
    context = f" {error.context}" if getattr(error, "context", None) else ""
    started = getattr(error, "context_mark", None)
    if context and started is not None and started.line != mark.line:
        context += f" that starts on line {started.line + 1}"
    return Problem(
        file,
        line,
        f"expected YAML: {error.problem}{context}",
        _syntax_hint(str(error.problem)),
        mark.column + 1,
    )


def _syntax_hint(problem: str) -> str:
    if "mapping values are not allowed" in problem:
        return "quote a text that holds ': '"
    if "cannot start any token" in problem:
        return "quote a text that starts with a special character"
    if "did not find expected" in problem:
        return "look at the indentation and the quotes just above"
    return ""
