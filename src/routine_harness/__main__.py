"""``python -m routine_harness``: the console script."""

from routine_harness.cli.main import main

main()
