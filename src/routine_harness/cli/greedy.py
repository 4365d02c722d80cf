"""Options that take several paths: ``--events a b c`` is ``--events a --events b --events c``."""

from __future__ import annotations

from collections.abc import Collection

import click


class GreedyCommand(click.Command):
    """A command whose repeatable path option also takes the words behind its first value.

    Only where arguments came before the option: otherwise the words behind it are those.
    """

    greedy = ("--events", "--event")

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        flags = [name for each in self.params if getattr(each, "is_flag", False) for name in each.opts]
        return super().parse_args(ctx, spread(args, self.greedy, flags))


def spread(args: list[str], options: Collection[str], flags: Collection[str] = ()) -> list[str]:
    """``args`` with an option repeated before each of its values; ``flags`` take no value."""
    spread_out: list[str] = []
    option, values, before = "", 0, False
    for word in args:
        if word in options:
            option, values = word, 0
        elif word.startswith("-") and word != "-":
            option = ""
        elif option:
            values += 1
            if values > 1 and before:
                spread_out.append(option)
        elif not spread_out or spread_out[-1] in flags or not spread_out[-1].startswith("-"):
            before = True
        spread_out.append(word)
    return spread_out
