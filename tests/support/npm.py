"""The npm packages of ``fixtures/serve/package.json``, installed once into a cache folder."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
MANIFEST = PROJECT / "fixtures" / "serve" / "package.json"


def npm_modules() -> Path:
    """The folder ``node_modules`` with the packages; the test is skipped where npm cannot bring them.

    ``ROUTINE_HARNESS_NPM`` names the cache folder; else it is ``.cache/npm`` of the project.
    """
    cache = Path(os.environ.get("ROUTINE_HARNESS_NPM", PROJECT / ".cache" / "npm"))
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = MANIFEST.read_text()
        installed = cache / "package.json"
        done = cache / "node_modules" / ".bin" / "conformance"
        if not done.exists() or not installed.exists() or installed.read_text() != wanted:
            _install(cache, wanted)
    return cache / "node_modules"


def _install(cache: Path, wanted: str) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("needs npm")
    (cache / "package.json").write_text(wanted)
    arguments = [npm, "install", "--no-audit", "--no-fund", "--no-save", "--loglevel=error"]
    installed = subprocess.run(arguments, cwd=cache, capture_output=True, text=True, timeout=300, check=False)
    if installed.returncode:
        (cache / "package.json").unlink()
        pytest.skip(f"npm cannot install: {installed.stderr.strip()[-200:]}")
