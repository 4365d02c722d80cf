"""The files that a routine names: the one that holds its prompt, and those that the prompt tells the agent
to follow.

Where they lie on the disk is the store's to know; it hands their texts in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from routine_harness.errors import Problem, SpecError
from routine_harness.routine.reader import Reader, suggestion
from routine_harness.routine.routine_form import FollowedFileForm, RoutineForm
from routine_harness.routine.spec import FollowedFile, Path, Repository, Source

Found = TypeVar("Found")


class NamedFiles(Protocol):
    """The files beside one routine. A problem without a file's name is one of the routine, which names it."""

    def prompt(self, written: str) -> Source:
        """The file that ``prompt: {file: written}`` means: a path from the routine's own file.

        Raises:
            SpecError: there is none, it is no text, or it lies outside the repository.
        """
        ...

    def followed(self, written: str) -> tuple[str, Source]:
        """The path from the repository's root that an entry of ``reads_files`` means, and its file.

        Raises:
            SpecError: as above, or no repository holds the routine.
        """
        ...


def read_prompt(reader: Reader, form: RoutineForm, files: NamedFiles | None) -> tuple[str, Source | None]:
    """The prompt of a routine, and the file that holds it where that is another one."""
    if isinstance(form.prompt, str):
        return form.prompt, None
    written, path = form.prompt.file, form.prompt.below("file")
    if not form.prompt.sound:
        return "", None
    source = _look(reader, path, written, files, lambda known: known.prompt(written))
    if source is None:
        return "", None
    prompt = as_prompt(source.text)
    if not prompt.strip():
        reader.problems.append(Problem(source.file, 0, "expected a prompt, found an empty file"))
    return prompt, source


def as_prompt(text: str) -> str:
    """The text of a prompt's file as it is saved, although a checkout for Windows ends its lines in CRLF."""
    return text.replace("\r\n", "\n")


def read_followed(
    reader: Reader, form: RoutineForm, repositories: Sequence[Repository], files: NamedFiles | None
) -> tuple[FollowedFile, ...]:
    """The files of ``reads_files``."""
    found: dict[tuple[str, str], FollowedFile] = {}
    for entry in form.reads_files:
        one = _followed(reader, entry, repositories, files) if entry.sound else None
        if one is None:
            continue
        if (one.repository, one.path) in found:
            reader.problem(entry.place, f"the file {one.path} is listed twice")
        found[one.repository, one.path] = one
    return tuple(found.values())


def _followed(
    reader: Reader, entry: FollowedFileForm, repositories: Sequence[Repository], files: NamedFiles | None
) -> FollowedFile | None:
    path = entry.below("file")
    owner = _owner(reader, path, entry.repository, repositories)
    looked = _look(reader, path, entry.file, files, lambda known: known.followed(entry.file))
    if looked is None or owner is None:
        return None
    name, source = looked
    return FollowedFile(owner, name, as_prompt(source.text), source.path)


def _owner(reader: Reader, path: Path, wanted: str | None, repositories: Sequence[Repository]) -> str | None:
    """The full name of the repository that holds a file in the world: the first one, if none is named."""
    names = [one.full_name for one in repositories if one.host == "github"]
    if wanted is None:
        if not names:
            reader.problem(
                path, "a file that the agent reads needs a repository of GitHub", "list it under repositories"
            )
        return names[0] if names else None
    name = wanted.removeprefix("github:").lower()
    same = next((full_name for full_name in names if full_name.lower() == name), None)
    if same is None:
        hint = suggestion(wanted, names, "its repositories") if names else "list it under repositories"
        reader.problem(path, f"the routine has no repository {wanted}", hint)
    return same


def _look(
    reader: Reader, path: Path, written: str, files: NamedFiles | None, look: Callable[[NamedFiles], Found]
) -> Found | None:
    """What ``look`` finds; None with the problems noted. One without a place is the routine's own."""
    if files is None:
        reader.problem(path, f"{written} is relative, but to no file", "write the prompt itself")
        return None
    try:
        return look(files)
    except SpecError as error:
        for problem in error.problems:
            if problem.file:
                reader.problems.append(problem)
            else:
                reader.problem(path, problem.message, problem.hint)
        return None
