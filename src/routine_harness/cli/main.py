"""The entry point of the console script: errors become exit codes here and nowhere else.

0 passed, 1 a verdict failed or the gate is closed, 2 bad input, 130 interrupted, 70 our own fault,
which shows its traceback.
"""

from __future__ import annotations

import gc
import sys
import traceback
from collections.abc import Sequence
from errno import ENAMETOOLONG
from typing import NoReturn

import click

from routine_harness.cli import LazyGroup
from routine_harness.cli.lines import echo, print_what_can_be_encoded, say_errors
from routine_harness.errors import BAD_INPUT, HarnessError

FAILED = 1
OURS = 70
_FEW_SEARCHES = 50_000
"""New objects before garbage is looked for: loading modules makes many, and none of them is garbage."""
INTERRUPTED = 130


EPILOG = """\b
Examples:
  routine-harness demo
  routine-harness check routines/
  routine-harness gate routines/
"""


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EPILOG,
)
@click.version_option(package_name="routine-harness", prog_name="routine-harness")
def cli() -> None:
    """See in a test what a Claude Code routine does, before its trigger is enabled."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code; commands return theirs, or None for 0."""
    try:
        code = cli.main(arguments, prog_name="routine-harness", standalone_mode=False)
    except HarnessError as error:
        say_errors(error.problems)
        return BAD_INPUT
    except click.ClickException as error:
        error.show()
        return BAD_INPUT
    except (click.Abort, KeyboardInterrupt):
        echo("interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (`| head`): nothing is wrong with the verdict's input.
        sys.stderr.close()
        return INTERRUPTED
    except OSError as error:
        if error.errno != ENAMETOOLONG:
            return _our_fault(error)
        echo(f"error: {str(error.filename)[:60]}…: no file can have so long a name", err=True)
        return BAD_INPUT
    except Exception as error:  # noqa: BLE001 - whatever it is, it is ours, and is said to be
        return _our_fault(error)
    return code if isinstance(code, int) else 0


def _our_fault(error: Exception) -> int:
    """One line that says whose fault it is, then the traceback."""
    echo(f"error: this is a fault of routine-harness, not of your files: {type(error).__name__}", err=True)
    echo("".join(traceback.format_exception(error)), err=True, nl=False)
    return OURS


def main() -> NoReturn:
    """The console script."""
    print_what_can_be_encoded()
    gc.set_threshold(_FEW_SEARCHES)
    code = run()
    gc.freeze()  # nothing that is left needs to be looked through: the process ends
    sys.exit(code)
