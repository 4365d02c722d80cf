"""The decision about one call, by a compiled policy: standard library only, carried along whole.

The words are those of ``verdict.forbid`` and ``verdict.noise``. What cannot be known counts against
the call: an absent field is a match, a command that cannot be read might do anything.
"""

from __future__ import annotations

import time
from typing import Any

ANYTHING = "*"
"""The kind of an effect of which nothing is known."""
UNREAD = "unread"
"""The field of an effect that was read roughly: it may carry texts that nobody has seen."""
READ_ROUGHLY = "read without the shell parser, which is not installed here"


def run_automaton(automaton: Any, text: str) -> bool:
    """Whether the automaton takes the whole text; one step a character."""
    from bisect import bisect_right

    starts, ids, table = automaton["starts"], automaton["ids"], automaton["table"]
    state = 0
    for char in text:
        state = table[state][ids[bisect_right(starts, ord(char)) - 1]]
        if state < 0:
            return False
    return state in automaton["accepting"]


class AnyText(list[str]):
    """Several texts, any of which may satisfy a predicate."""


def field_of(effect: Any, rule: Any, field: str, texts: Any) -> Any:
    """A field of an effect; under ``*``, ``text`` is every text that it carries, and absent where those
    were not read."""
    from routine_harness.predicate import ABSENT

    kind, connector, fields = effect
    if field == "text" and ANYTHING in rule["kinds"] and kind != ANYTHING and not fields.get(UNREAD):
        found = AnyText()
        for name in texts:
            value = fields.get(name)
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, str):
                    found.append(part)
                elif isinstance(part, dict) and isinstance(part.get("message"), str):
                    found.append(part["message"])
        return found
    if field in fields:
        return fields[field]
    if field == "connector" and connector:
        return connector
    return ABSENT


def holds(data: Any, where: Any, value_of: Any) -> bool | None:
    """Whether all conditions hold; None where that hangs on what is absent."""
    if not where:
        return True
    from routine_harness.predicate import conjunction, parse_predicate

    def compile_regex(pattern: str) -> Any:
        return lambda text: run_automaton(data["automata"][pattern], text)

    def answer(wanted: Any, value: Any) -> bool | None:
        predicate = parse_predicate(wanted, compile_regex)
        if isinstance(value, AnyText):
            return any(predicate.match(text) for text in value)
        return predicate.match(value)

    return conjunction(answer(wanted, value_of(field)) for field, wanted in where)


def is_of(kind: str, kinds: Any) -> bool:
    """Whether an effect of ``kind`` is one of ``kinds``; an unknown one is all of them."""
    return kind in kinds or kind == ANYTHING or (ANYTHING in kinds and kind != "command.opaque")


def argument(arguments: Any, path: str) -> Any:
    """The argument at a dotted path, or ABSENT."""
    from routine_harness.predicate import ABSENT

    if path in arguments:
        return arguments[path]
    value = arguments
    for part in path.split("."):
        if not isinstance(value, dict) or part not in value:
            return ABSENT
        value = value[part]
    return value


def effect_holds(data: Any, rule: Any, effect: Any) -> bool | None:
    """Whether the conditions of a rule hold for an effect."""
    return holds(data, rule["where"], lambda name: field_of(effect, rule, name, data["texts"]))


def call_holds(data: Any, rule: Any, arguments: Any) -> bool | None:
    """Whether the conditions of a rule hold for the arguments of a call."""
    return holds(data, rule["where"], lambda name: argument(arguments, name))


def permits_effect(data: Any, permits: Any, effect: Any) -> bool:
    """Whether an entry of ``allow`` certainly takes a rule back for an effect."""
    return effect[0] != ANYTHING and any(
        not permit["tool"]
        and is_of(effect[0], permit["kinds"])
        and effect_holds(data, permit, effect) is True
        for permit in permits
        if in_force(permit)
    )


def permits_call(data: Any, permits: Any, call: Any) -> bool:
    """The same for a call."""
    return any(
        permit["tool"] == call[0] and call_holds(data, permit, call[1]) is True
        for permit in permits
        if in_force(permit)
    )


def in_force(permit: Any) -> bool:
    """Whether an entry of ``allow`` has not expired."""
    return not permit["expires"] or permit["expires"] >= time.strftime("%Y-%m-%d", time.gmtime())


def breaks_call(data: Any, rule: Any, call: Any) -> bool:
    """Whether a call breaks a rule about a tool."""
    if not rule["tool"] or call[0] not in (rule["tool"], ANYTHING):
        return False
    return call_holds(data, rule, call[1]) is not False and not permits_call(data, rule["permits"], call)


def breaks_effect(data: Any, rule: Any, effect: Any) -> bool:
    """Whether an effect breaks a rule about effects."""
    if not rule["kinds"] or not is_of(effect[0], rule["kinds"]):
        return False
    return effect_holds(data, rule, effect) is not False and not permits_effect(data, rule["permits"], effect)


def forbidden(data: Any, effects: Any, calls: Any) -> str:
    """Why the policy forbids one of these effects or calls; empty if it does not."""
    for rule in data["forbid"]:
        for call in calls:
            if breaks_call(data, rule, call):
                return said(rule, call[0])
        for effect in effects:
            if breaks_effect(data, rule, effect):
                return said(rule, effect[0])
    return ""


def said(rule: Any, what: str) -> str:
    """The rule in words; what is unknown is said to be so."""
    reason = f" ({rule['reason']})" if rule["reason"] else ""
    told = "; this might do it" if what == ANYTHING else ""
    return f"forbidden by {rule['location']}: {rule['text']}{reason}{told}"


def ungranted(data: Any, calls: Any, effects: Any) -> str:
    """Why every routine of this repository lacks what is called; empty if one has it."""
    refusals = [not_in(data, grants, calls, effects) for grants in data["grants"]]
    return refusals[0] if refusals and all(refusals) else ""


def not_in(data: Any, grants: Any, calls: Any, effects: Any) -> str:
    """Why one routine does not grant the calls; the words are those of ``session.grants``."""
    for call in calls:
        why = "" if call[0] == ANYTHING else call_beyond(grants, call[0])
        if why and not permits_call(data, grants["permits"], call):
            return why
    for effect in effects:
        why = effect_beyond(grants, effect)
        if why and not permits_effect(data, grants["permits"], effect):
            return why
    return ""


def call_beyond(grants: Any, name: str) -> str:
    """Why a tool is not granted; empty if it is."""
    connector, _, tool = name.rpartition(".")
    if not connector:
        own = grants["tools"] is None or tool in grants["tools"] or "/" in tool
        return "" if own else f"called {tool}, which is not among the routine's tools"
    grant = grants["connectors"].get(connector)
    if grant is None:
        return f"called {name}, but the routine does not include the connector {connector}"
    left_out = tool in grant["deny"] or (grant["allow"] and tool not in grant["allow"])
    return f"called {name}, which the routine does not grant" if left_out else ""


def effect_beyond(grants: Any, effect: Any) -> str:
    """Why an effect is on a repository that is none of the routine's; empty if it is not."""
    repository = effect[2].get("repository")
    granted = grants["repositories"]
    if not granted or not isinstance(repository, str) or repository.lower() in granted:
        return ""
    return f"{effect[0]} on {repository}, which is not a repository of the routine"


def decide(
    data: Any, tool_name: str, arguments: Any, counted: Any, read_command: Any
) -> tuple[str, list[Any]]:
    """Why a call is denied (empty: it is not), and the effects that it attempts.

    ``read_command`` gives the effects and calls of a shell command, and whether it was read roughly.
    """
    name, rough = tool_name, False
    if name == "Bash":
        effects, more, rough = read_command(str(arguments.get("command", "")))
        calls = [(name, arguments), *more]
    else:
        # Imported here, as elsewhere: each part is compiled when a decision needs it, which is most of
        # what a decision costs.
        from routine_harness.guard.reading import effects_of, own_call, split_name

        connector, tool = split_name(data, name)
        tool, arguments = own_call(data, connector, tool, arguments)
        calls = [(f"{connector}.{tool}" if connector else tool, arguments)]
        effects = effects_of(data, connector, tool, arguments)
    why = ungranted(data, calls, effects) or forbidden(data, effects, calls)
    if effects and not why:
        from routine_harness.guard.loud import too_loud

        why = too_loud(data, effects, counted)
    if not why:
        return "", effects
    return (f"{why} ({READ_ROUGHLY})" if rough else why), effects
