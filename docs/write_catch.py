"""Writes the pictures that home and README open with: the demo's run, as the report draws it.

A test holds them to the code of today.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from routine_harness.cli.cases import Checking
from routine_harness.cli.demo import ROUTINES, demo_files
from routine_harness.report.case_data import case_data
from routine_harness.report.lanes import render_lanes


def pictures() -> dict[str, str]:
    """Name of the file → its text: beside each other, and below each other for narrow screens."""
    with tempfile.TemporaryDirectory() as name:
        for file, text in demo_files(fixed=False).items():
            path = Path(name, file)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (result,) = Checking((Path(name, ROUTINES),)).results()
        case = case_data(result)
    return {
        "catch.svg": render_lanes(case, alone=True) + "\n",
        "catch-narrow.svg": render_lanes(case, alone=True, stacked=True) + "\n",
    }


def main(folder: Path) -> None:
    """Write every picture into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pictures().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "assets")
