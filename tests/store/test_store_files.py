"""Reading and writing whole files."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from routine_harness.errors import HarnessError, SpecError, UsageError
from routine_harness.routine.spec import Source
from routine_harness.store.files import beside, read_bytes, read_document, shown, write_bytes, write_text

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def message(path: Path) -> str:
    with pytest.raises(SpecError) as caught:
        read_bytes(path)
    [problem] = caught.value.problems
    assert problem.file == str(path)
    return problem.message


def test_a_missing_file_is_one_clear_problem(tmp_path: Path) -> None:
    """It names the file and where relative paths start."""
    assert message(tmp_path / "no.yaml") == "there is no such file"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """A folder instead of a file is said to be one."""
    assert message(tmp_path) == "expected a file, found a folder"


def test_links_in_a_circle_are_said_to_be_such(tmp_path: Path) -> None:
    """A loop of symbolic links is named, and nothing hangs."""
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert message(tmp_path / "a") == "expected a file, found symbolic links in a circle"


def test_a_dangling_link_is_a_missing_file(tmp_path: Path) -> None:
    """A link to nothing is nothing."""
    (tmp_path / "a").symlink_to(tmp_path / "nowhere")
    assert message(tmp_path / "a") == "there is no such file"


@pytest.mark.skipif(AS_ROOT, reason="root reads everything")
def test_an_unreadable_file_is_said_to_be_such(tmp_path: Path) -> None:
    """Without permission: one clear problem."""
    file = tmp_path / "a.yaml"
    file.write_text("a: 1")
    file.chmod(0)
    assert message(file) == "the file cannot be read"


@pytest.mark.parametrize(
    ("number", "expected"),
    [("EACCES", "the file cannot be read"), ("EIO", "the file cannot be read: input/output error")],
)
def test_what_the_system_refuses_is_a_clear_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: str, expected: str
) -> None:
    """Whatever error opening gives, a HarnessError names file and reason."""
    import errno

    def refuse(*_: object) -> int:
        code = getattr(errno, number)
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "open", refuse)
    assert message(tmp_path / "a.yaml") == expected


def test_a_pipe_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    """A named pipe without a writer would block for ever."""
    os.mkfifo(tmp_path / "pipe.yaml")
    assert message(tmp_path / "pipe.yaml") == "expected a file, found a device or pipe"


def test_a_name_with_a_nul_byte_is_a_missing_file() -> None:
    """A path that no system takes is a clear problem, not a ValueError."""
    with pytest.raises(SpecError, match="there is no such file"):
        read_bytes("a\0b.yaml")


def test_a_file_above_the_limit_is_refused_by_its_size(tmp_path: Path) -> None:
    """A sparse file of 50 MB is refused before a byte of it is read."""
    file = tmp_path / "big.json"
    with file.open("wb") as handle:
        handle.truncate(50 * 1024 * 1024)
    assert message(file) == "expected at most 25 MB, found 50.0 MB"


def test_a_document_knows_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shown relative to the working directory, kept as an absolute path."""
    (tmp_path / "a.yaml").write_text("a: 1")
    monkeypatch.chdir(tmp_path)
    for path in ("a.yaml", tmp_path / "a.yaml"):
        source = read_document(path).source
        assert source.file == "a.yaml"
        assert source.path == str(tmp_path / "a.yaml")


def test_a_place_outside_the_working_directory_is_shown_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sibling whose name starts alike is not taken for a folder inside."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    assert shown(tmp_path / "work" / "a") == "a"
    assert shown(tmp_path / "workshop" / "a") == str(tmp_path / "workshop" / "a")


def test_paths_in_a_file_are_relative_to_its_folder(tmp_path: Path) -> None:
    """Not to the working directory; absolute ones stay."""
    source = Source("x.yaml", path=str(tmp_path / "cases" / "x.yaml"))
    assert beside(source, "../worlds/base.yaml") == tmp_path / "worlds" / "base.yaml"
    assert beside(source, "/etc/hosts") == Path("/etc/hosts")
    with pytest.raises(UsageError, match="relative, but to no file"):
        beside(Source("inline"), "x.yaml")


def test_writing_makes_folders_and_leaves_nothing_beside(tmp_path: Path) -> None:
    """The text is there, whole, and no temporary file with it."""
    target = tmp_path / "a" / "b" / "c.txt"
    write_text(target, "grüße\r\n")
    assert target.read_bytes() == "grüße\r\n".encode()
    assert list(target.parent.iterdir()) == [target]


def test_writing_keeps_permissions_and_links(tmp_path: Path) -> None:
    """An executable stays one; a link is written through."""
    target, link = tmp_path / "run", tmp_path / "link"
    target.write_text("old")
    target.chmod(0o750)
    link.symlink_to(target)
    write_text(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o750


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole or not at all: the old content stays, and nothing lies beside it."""
    target = tmp_path / "a.txt"
    target.write_text("old")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(UsageError, match="the file cannot be written: no space left on device"):
        write_bytes(target, b"new")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_place_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    """A file where a folder is needed."""
    (tmp_path / "a").write_text("")
    with pytest.raises(HarnessError, match="the file cannot be written"):
        write_text(tmp_path / "a" / "b.txt", "x")
