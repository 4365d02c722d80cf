"""What the tests of live runs are given."""

from __future__ import annotations

import pytest

from routine_harness.errors import AgentError
from routine_harness.live.sandbox.isolation import Isolation, probe_isolation


@pytest.fixture
def isolation() -> Isolation:
    """The isolation that is to be had here."""
    try:
        return probe_isolation()
    except AgentError as error:
        pytest.skip(str(error))
