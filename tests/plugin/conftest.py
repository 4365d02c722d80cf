"""The folder of routines that the plugin's tests run pytest on."""

from __future__ import annotations

import pytest
from support.filing import Routines


@pytest.fixture
def routines(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Routines:
    monkeypatch.delenv("CI", raising=False)  # where it is set, pytest's summary says everything twice
    return Routines(pytester)
