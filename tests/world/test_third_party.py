"""Connectors that packages bring, and the templates of answers."""

from __future__ import annotations

from typing import Any

import pluggy
import pytest
from world.contract_others import third_party_module

from routine_harness.errors import UsageError
from routine_harness.world.effect_table import attempted_effects
from routine_harness.world.registry import Registry
from routine_harness.world.template import fill_template, placeholders
from routine_harness.world.third_party import collect_connectors


def test_templates_keep_values_and_write_texts() -> None:
    """A lone placeholder is the value itself, inside a text it is written out, absent ones are empty."""
    template = {"id": "INC-{n}", "tags": "{tags}", "text": "{title} ({tags}) {nope}", "fixed": [1, True]}
    filled = fill_template(template, {"n": 4, "tags": ["a", "b"], "title": "T"})
    assert filled == {"id": "INC-4", "tags": ["a", "b"], "text": "T (a, b) ", "fixed": [1, True]}
    assert placeholders(template) == ["n", "tags", "title", "tags", "nope"]


def _manager(*connectors: Any) -> pluggy.PluginManager:
    class Plugin:
        @pluggy.HookimplMarker("routine_harness")
        def routine_harness_connectors(self) -> list[Any]:
            return list(connectors)

    manager = pluggy.PluginManager("routine_harness")
    manager.register(Plugin())
    return manager


def test_a_third_party_brings_a_connector() -> None:
    """The documented example package, registered as a plugin, is a connector like any other."""
    manager = pluggy.PluginManager("routine_harness")
    manager.register(third_party_module())
    registry = Registry(collect_connectors(manager))
    call = registry.tool_call("mcp__claude_ai_Weather__raise_alert", {"city": "Berlin", "text": "storm"})
    assert call.connector == "weather"
    assert [effect.kind for effect in attempted_effects(call, registry)] == ["notification.sent"]


def test_what_is_no_connector_is_refused_by_name() -> None:
    """A plugin that gives something else, or a name that is taken, is an error that says which."""
    slack = Registry().get("slack")
    with pytest.raises(UsageError) as error:
        collect_connectors(_manager("weather", slack))
    texts = [problem.message for problem in error.value.problems]
    assert texts[0].startswith("a plugin gave str for a connector, without name, tools")
    assert texts[1].endswith("under the name 'slack', which is taken")
