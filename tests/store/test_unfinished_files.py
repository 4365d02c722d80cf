"""The one writer of files: whole or not at all, and nothing left lying about."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from routine_harness.errors import UsageError
from routine_harness.store import files
from routine_harness.store.files import write_bytes, write_text

ENDS_UNFINISHED = """
import os, sys
from pathlib import Path
from routine_harness.store import files
Path.replace = lambda *_: os._exit(9)
files.write_text(sys.argv[1], "half")
"""


def test_files_that_dead_processes_left_are_cleared(tmp_path: Path) -> None:
    """A process that dies while it writes leaves a file; the next one that writes there removes it."""
    done = subprocess.run([sys.executable, "-c", ENDS_UNFINISHED, str(tmp_path / "a.txt")], check=False)
    assert done.returncode == 9
    [left] = tmp_path.iterdir()
    living = tmp_path / left.name.replace("a.txt", "b.txt").replace(
        left.name.rpartition(".tmp")[0].rpartition(".")[2], f"{files._here()}-{os.getpid()}-x"
    )
    foreign = tmp_path / ".c.txt.00000000-1-x.tmp"
    for path in (living, foreign, tmp_path / ".mine.tmp"):
        path.write_text("")
    write_text(tmp_path / "a.txt", "whole")
    kept = {"a.txt", living.name, foreign.name, ".mine.tmp"}
    assert {path.name for path in tmp_path.iterdir()} == kept


@pytest.mark.parametrize("call", ["mkstemp", "fsync", "replace"])
def test_a_file_system_that_takes_nothing_is_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Read-only, full or gone while it is written: the error names the file, and nothing is left behind."""
    (tmp_path / "a.txt").write_text("before")

    def refuse(*_: Any, **__: Any) -> Any:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    owner = {"mkstemp": files.tempfile, "fsync": os, "replace": Path}[call]
    monkeypatch.setattr(owner, call, refuse)
    if call == "replace":
        monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(UsageError, match=r"a\.txt: the file cannot be written: read-only file system"):
        write_bytes(tmp_path / "a.txt", b"after")
    assert (tmp_path / "a.txt").read_text() == "before"


def test_file_and_folder_are_synchronised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The content reaches the disk before the name, and the name before the writer returns."""
    synchronised: list[str] = []
    monkeypatch.setattr(
        os,
        "fsync",
        lambda descriptor: synchronised.append(str(Path(f"/proc/self/fd/{descriptor}").readlink())),
    )
    write_text(tmp_path / "a.txt", "x")
    assert synchronised[0].endswith(".tmp")
    assert synchronised[1:] == [str(tmp_path.resolve())]


@pytest.mark.parametrize(
    "name", ["n" * 250, "é" * 120, "n" * 256, "d/" * 150 + "x" * 20, "a\0b", "d" * 300 + "/x"]
)
def test_long_and_strange_names_are_written_or_are_one_error(tmp_path: Path, name: str) -> None:
    """A name that the system takes is written; another is an error that says so."""
    error = ""
    try:
        write_text(tmp_path / name, "x")
    except UsageError as refused:
        error = str(refused)
    if error:
        assert "cannot be written" in error
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    else:
        assert (tmp_path / name).read_text() == "x"
