"""The closed effect table: a tool call → what it attempts, without a world.

The guard, imported transcripts and cassettes are judged by the same words as a dry run, because
all of them ask here. A tool without an entry is ``tool.called``; a read attempts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from routine_harness.routine.edition_rules import OwnToolTable
from routine_harness.world.access import classify
from routine_harness.world.effect import Effect
from routine_harness.world.naming import OWN_SERVER
from routine_harness.world.platform_server import is_remote, remote_effects
from routine_harness.world.registry import Registry
from routine_harness.world.rule import Rule, apply_rules
from routine_harness.world.simulated import Recognise, as_attempted, attempted_by
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall


def attempted_effects(
    call: ToolCall, registry: Registry, variables: Mapping[str, str] | None = None
) -> tuple[Effect, ...]:
    """The effects that ``call``, under the tool's own name, attempts; ``variables`` are those of the
    shell's environment."""
    if not call.connector:
        return _own_effects(call, registry, variables)
    if is_remote(call.connector):
        return remote_effects(call)
    connector = registry.get(call.connector)
    if connector is not None and call.tool in connector.tools:
        return attempted_by(connector, call)
    if registry.access(call).kind == "read":
        return ()
    return (Effect("tool.called", call.connector, fields={"arguments": call.arguments}, tool=call.name),)


def recognised(effects: tuple[Effect, ...], world: World, registry: Registry) -> tuple[Effect, ...]:
    """``effects`` with the names that ``world`` has for the ids in them: a channel's for ``C0…``.

    For calls that no model answered (refused, failed by a fault, recorded), so that a policy reads
    the same words as for those that one did.
    """
    return tuple(_recognised(effect, world, registry) for effect in effects)


def _recognised(effect: Effect, world: World, registry: Registry) -> Effect:
    connector = registry.get(effect.connector) if effect.connector else None
    recognise: Recognise = getattr(connector, "recognise", as_attempted)
    return recognise(world, effect)


def rule_kinds(rules: tuple[Rule, ...]) -> tuple[str, ...]:
    """The kinds of effect that ``rules`` can give."""
    return tuple(dict.fromkeys(rule["kind"] for rule in rules)) or ("tool.called",)


def outward_effects(table: OwnToolTable, call: ToolCall) -> tuple[Effect, ...]:
    """What one of the agent's own tools does outside, by its rules."""
    found = apply_rules(table.acts.get(call.tool, ()), call.arguments)
    return tuple(
        Effect(kind, "", str(fields.pop("target", "")), fields, tool=call.tool) for kind, fields in found
    )


def _own_effects(
    call: ToolCall, registry: Registry, variables: Mapping[str, str] | None
) -> tuple[Effect, ...]:
    command = registry.command_of(call)
    if command is not None:
        # Imported here: the shell's grammar costs 20 ms that a run without commands need not pay.
        from routine_harness.world.shell.command_reading import shell_effects

        return shell_effects(command, variables)
    if OWN_SERVER in call.tool:
        return _own_server_effects(call)
    if call.tool in registry.own_tools.acts:
        return outward_effects(registry.own_tools, call)
    if call.tool in registry.own_tools.names:
        return ()
    fields = {"program": call.tool, "arguments": call.arguments}
    return (Effect("command.opaque", "", call.tool, fields, tool=call.tool),)


def _own_server_effects(call: ToolCall) -> tuple[Effect, ...]:
    """A tool of the repository's own server: its name alone says whether it reads."""
    _, _, tool = call.tool.partition(OWN_SERVER)
    if classify(tool, call.arguments).kind == "read":
        return ()
    return (Effect("tool.called", "", call.tool, {"arguments": call.arguments}, tool=call.tool),)
