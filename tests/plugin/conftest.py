"""The folder of routines that the plugin's tests run pytest on."""

from __future__ import annotations

import pytest
from plugin_support import Routines


@pytest.fixture
def routines(pytester: pytest.Pytester) -> Routines:
    return Routines(pytester)
