"""What all tests share: the folder of real data beside the project, and scratch homes."""

from __future__ import annotations

from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data beside the project; its tests are skipped where it is absent."""
    folder = PROJECT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"needs the real data in {folder.parent.name}/{folder.name}")
    return folder


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's top folder."""
    return PROJECT
