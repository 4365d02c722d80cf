"""How Claude Code words the answers of its own tools, as its CLI 2.1.332 was seen to (November 2026).

What the world holds and what a script's sandbox really did are worded alike, here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from routine_harness.plain import Json
from routine_harness.world.tool import ToolResult

HOME: Final = "/home/user"
"""The agent's home in a session; every other one is somebody else's."""
NOTHING_PRINTED: Final = "(Bash completed with no output)"
NO_FILES: Final = "No files found"
MOST_READ: Final = 256 * 1024
"""The bytes of a file that ``Read`` takes at once."""
MOST_TOKENS: Final = 25_000
CHARACTERS: Final = 4
"""As the CLI counts the characters of a token."""
MOST_PRINTED: Final = 30_000
MOST_COMPLAINED: Final = 10_000
MOST_LISTED: Final = 100
PREVIEW: Final = 2_000

_CURRENT: Final = " (file state is current in your context — no need to Read it back)"
_MILD: Final = frozenset({("grep",), ("egrep",), ("fgrep",), ("rg",), ("find",), ("diff",), ("test",), ("[",),
                          ("git", "grep"), ("git", "diff")})  # fmt: skip
"""What ends with 1 to say no: an exit code that is no error where such a program comes last."""


class Printed(NamedTuple):
    """What a command came to: its exit code, all that it wrote in order, the words of its last program,
    and the folder that the shell was put back to, where it had left the session's."""

    code: int
    text: str
    last: Sequence[str] = ()
    back_to: str = ""


def refused(text: str) -> ToolResult:
    """The tool was not carried out."""
    return ToolResult(f"<tool_use_error>{text}</tool_use_error>", is_error=True)


def check_arguments(
    tool: str, arguments: Mapping[str, Json], required: Mapping[str, type], optional: Mapping[str, type]
) -> ToolResult | None:
    """What the CLI says to arguments that its schema does not take; None where it takes them."""
    known = {**required, **optional}
    said = [f"The required parameter `{name}` is missing" for name in required if name not in arguments]
    said += [f"An unexpected parameter `{name}` was provided" for name in arguments if name not in known]
    said += [
        f"The parameter `{name}` type is expected as `{_TYPES[kind]}`"
        f" but provided as `{_kind(arguments[name])}`"
        for name, kind in known.items()
        if name in arguments and not _is(arguments[name], kind)
    ]
    if not said:
        return None
    issues = "issue" if len(said) == 1 else "issues"
    return refused(f"InputValidationError: {tool} failed due to the following {issues}:\n" + "\n".join(said))


_TYPES: Final = {str: "string", int: "number", bool: "boolean"}


def _is(value: Json, kind: type) -> bool:
    if kind is int:  # the CLI takes numbers in quotation marks, too
        return (isinstance(value, str) and value.isdecimal()) or (
            isinstance(value, int | float) and not isinstance(value, bool)
        )
    return isinstance(value, kind)


def _kind(value: Json) -> str:
    if isinstance(value, bool):
        return "boolean"
    names = {str: "string", int: "number", float: "number", list: "array", dict: "object"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), "null")


def told(printed: Printed, *, saved: str = "") -> ToolResult:
    """The answer to a command; ``saved`` is the file that holds all of an output that is too long."""
    text = _trimmed(printed.text)
    if printed.code and not (printed.code == 1 and _says_no(printed.last)):
        whole = "\n".join(filter(None, [f"Exit code {printed.code}", text[:MOST_PRINTED]]))
        return ToolResult(_middle_cut(whole), is_error=True)
    if saved and len(text) > MOST_PRINTED:
        shown = text[:PREVIEW]
        shown = shown[: shown.rfind("\n") + 1] or shown
        text = (
            f"<persisted-output>\nOutput too large ({_size(len(printed.text.encode()))}). "
            f"Full output saved to: {saved}\n\nPreview (first 2KB):\n{shown}...\n</persisted-output>"
        )
    back = f"Shell cwd was reset to {printed.back_to}" if printed.back_to else ""
    return ToolResult("\n".join(filter(None, [text, back])) or NOTHING_PRINTED)


def _trimmed(text: str) -> str:
    """Without empty lines before and white space after it."""
    lines = text.rstrip().split("\n")
    while lines and not lines[0].strip():
        del lines[0]
    return "\n".join(lines)


def _says_no(last: Sequence[str]) -> bool:
    return tuple(last[:1]) in _MILD or tuple(last[:2]) in _MILD


def _middle_cut(text: str) -> str:
    if len(text) <= MOST_COMPLAINED:
        return text
    half, over = MOST_COMPLAINED // 2, len(text) - MOST_COMPLAINED
    return f"{text[:half]}\n\n... [{over} characters truncated] ...\n\n{text[-half:]}"


def _size(count: int) -> str:
    """A number of bytes as the CLI writes it: ``390.6KB``, ``256KB``."""
    return f"{count / 1024:.1f}".removesuffix(".0") + "KB"


def late(text: str, seconds: float, task: str, output: str) -> ToolResult:
    """A command that goes on in the background, as its time was up; ``text`` is what it wrote so far."""
    said = (
        f"Command did not complete within its {_span(seconds)} timeout and was moved to the background"
        f" (ID: {task}). Output is being written to: {output}. You will be notified when it completes."
        " If it is still running after 10m in the background, it will be stopped and you will be"
        " notified. It is running now: do not start a second copy while it runs. If it is no longer"
        " needed, stop it with TaskStop. To check interim output, use Read on that file path."
    )
    return ToolResult("\n".join(filter(None, [_trimmed(text), said])))


def stopped(text: str, seconds: float, code: int) -> ToolResult:
    """A command that was ended, as its time was up."""
    said = [f"Exit code {code}", f"Command timed out after {_span(seconds)}", _trimmed(text)]
    return ToolResult("\n".join(filter(None, said)), is_error=True)


def _span(seconds: float) -> str:
    """A span of time as the CLI writes it: ``1s``, ``2m 0s``."""
    whole = round(seconds)
    return f"{whole}s" if whole < 60 else f"{whole // 60}m {whole % 60}s"


def in_background(task: str, output: str) -> ToolResult:
    """A command that was started in the background."""
    return ToolResult(
        f"Command running in background with ID: {task}. Output is being written to: {output}. You will be"
        " notified when it completes. To check interim output, use Read on that file path."
    )


def no_file(folder: str, near: str = "") -> str:
    """There is no such file, seen from ``folder``; ``near`` is one whose name is alike."""
    meant = f" Did you mean {near}?" if near else ""
    return f"File does not exist. Note: your current working directory is {folder}.{meant}"


def no_place(what: str, path: str, folder: str) -> ToolResult:
    """``Glob`` and ``Grep`` were given a ``what`` (``Directory``, ``Path``) that is not there."""
    said = f"{what} does not exist: {path}. Note: your current working directory is {folder}."
    return ToolResult(said, is_error=True)


A_FOLDER: Final = "EISDIR: illegal operation on a directory, read"


def not_a_file(path: str) -> ToolResult:
    """``Write`` was given a folder."""
    return refused(
        f"{path} is a directory, not a file. To create a file inside it, include the file name in file_path."
    )


def a_link(path: str, to: str) -> ToolResult:
    """A symbolic link is not written through."""
    said = f"Refusing to write {path}: it is a symbolic link. Write to the link's target path instead: {to}."
    return ToolResult(said, is_error=True)


def too_large(size: int) -> ToolResult:
    """A file of ``size`` bytes that was asked for as a whole."""
    return _too_much(_size(size), f"size ({_size(MOST_READ)})")


def _too_much(found: str, most: str) -> ToolResult:
    said = (
        f"File content ({found}) exceeds maximum allowed {most}. Use offset"
        " and limit parameters to read specific portions of the file, or search for specific content"
        " instead of reading the whole file. To read it anyway, up to what still fits in your context,"
        " call Read again with allow_large: true — only if you genuinely need all of it or the user"
        " asked for the whole file."
    )
    return ToolResult(said, is_error=True)


def binary(name: str) -> ToolResult:
    suffix = f".{name.rpartition('.')[2]}" if "." in name else ""
    return refused(
        f"This tool cannot read binary files. The file appears to be a binary {suffix} file. Use a skill for"
        " this file type if one is available, or a shell command or script that can read the format."
    )


def numbered(text: str, first: int = 1, limit: int = 0) -> ToolResult:
    """The lines of a file from line ``first`` on, at most ``limit`` (0: all), each with its number.

    What follows the last line break is a line, too.
    """
    if not text:
        return _reminder("the file exists but the contents are empty.")
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    begin = max(first, 1)
    if begin > len(lines):
        return _reminder(
            f"the file exists but is shorter than the provided offset ({first}). "
            f"The file has {len(lines)} lines."
        )
    shown = lines[begin - 1 : begin - 1 + limit if limit > 0 else None]
    if limit > 0 and (tokens := len("\n".join(shown)) // CHARACTERS) > MOST_TOKENS:
        return _too_much(f"{tokens} tokens", f"tokens ({MOST_TOKENS})")
    number = begin if first < 0 else first  # a first line 0 is numbered so
    return ToolResult("\n".join(f"{number + at}\t{line}" for at, line in enumerate(shown)))


def _reminder(said: str) -> ToolResult:
    return ToolResult(f"<system-reminder>Warning: {said}</system-reminder>")


def written(path: str, *, new: bool) -> ToolResult:
    """``Write`` has made a file, or filled one anew."""
    said = (
        f"File created successfully at: {path}" if new else f"The file {path} has been updated successfully."
    )
    return ToolResult(said + _CURRENT)


def edited(path: str, *, every: bool = False) -> ToolResult:
    """``Edit`` has replaced one text, or ``every`` occurrence of it."""
    if not every:
        return written(path, new=False)
    said = f"The file {path} has been updated. All occurrences were successfully replaced."
    return ToolResult(said + _CURRENT)


def edit_text(text: str | None, old: str, new: str, *, every: bool, folder: str) -> str | ToolResult:
    """``text`` with ``new`` where ``old`` stood, or why it stays as it is; None is a file that is not there,
    which an empty ``old`` makes. ``folder`` is where the session stands."""
    if old == new:
        return refused("No changes to make: old_string and new_string are exactly the same.")
    if not old:
        return refused("Cannot create new file - file already exists.") if text else new
    if text is None:
        return refused(no_file(folder))
    found = text.count(old)
    if not found:
        return refused(f"String to replace not found in file.\nString: {old}")
    if found > 1 and not every:
        return refused(
            f"Found {found} matches of the string to replace, but replace_all is false. To replace all"
            " occurrences, set replace_all to true. To replace only one occurrence, please provide more"
            f" context to uniquely identify the instance.\nString: {old}"
        )
    return text.replace(old, new)


def listed(paths: Sequence[str]) -> ToolResult:
    """The answer of ``Glob``: the paths that match, the first hundred of them."""
    if not paths:
        return ToolResult(NO_FILES)
    lines, more = list(paths[:MOST_LISTED]), len(paths) - MOST_LISTED
    if more > 0:
        lines.append(
            f"(Showing {MOST_LISTED} of {len(paths)} matching files; {more} more are not listed. "
            "Narrow the pattern or path to see the rest.)"
        )
    return ToolResult("\n".join(lines))
