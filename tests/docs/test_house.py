"""The measures of the code count what they say, and the page on its rooms is true."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import grimp
import pytest

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "explanation" / "architecture.md").read_text("utf-8")
CODE = PROJECT / "src" / "routine_harness"


@pytest.fixture(scope="module")
def house() -> ModuleType:
    """``benchmarks/house.py`` as a module."""
    spec = importlib.util.spec_from_file_location("house", PROJECT / "benchmarks" / "house.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["house"] = module
    spec.loader.exec_module(module)
    return module


def graph_of(*imports: tuple[str, str]) -> grimp.ImportGraph:
    """A graph with these imports: importer, imported."""
    graph = grimp.ImportGraph()
    graph.add_module("p")
    for importer, imported in imports:
        graph.add_import(importer=importer, imported=imported)
    return graph


def test_a_cycle_and_an_upward_import_are_found(house: ModuleType) -> None:
    """A line of imports has neither; the way back closes a cycle and leads upwards."""
    line = (("p.top", "p.mid"), ("p.mid", "p.low"))
    assert house.import_cycles(graph_of(*line)) == []
    assert house.upward_imports(graph_of(*line), "p", ["top", "mid", "low"]) == []
    ring = graph_of(*line, ("p.low", "p.top"))
    assert house.import_cycles(ring) == [["p.low", "p.mid", "p.top"]]
    assert house.upward_imports(ring, "p", ["top", "mid", "low"]) == ["p.low -> p.top"]


def test_functions_lines_and_any_are_counted(house: ModuleType, tmp_path: Path) -> None:
    """A private function that is used once, a comment, a docstring, an ``Any``."""
    text = (
        '"""A module."""\n\n\ndef _once(value: Any) -> int:\n    return 1  # why\n\n\n'
        "def twice() -> int:\n    return _once(2)\n"
    )
    (tmp_path / "one.py").write_text(text)
    (tmp_path / "empty.py").write_text("")
    modules = house.read_modules(tmp_path)
    found = {
        row.name: row.value
        for row in (*house.size_measures(modules, tmp_path), *house.habit_measures(modules))
    }
    assert (found["modules"], found["lines of src"], found["lines of a function, median"]) == (1, 9, 2)
    assert found["private functions used once, % of top-level functions"] == 50
    assert (found["Any in the code"], found["lines with a comment, %"]) == (1, 11.1)
    assert found["lines of docstrings, %"] == 11.1


def test_the_drawing_of_the_rooms_is_that_of_the_code_of_today(tmp_path: Path) -> None:
    """``python docs/write_architecture.py`` would change nothing."""
    drawn = tmp_path / "architecture.svg"
    subprocess.run([sys.executable, str(PROJECT / "docs" / "write_architecture.py"), str(drawn)], check=True)
    kept = PROJECT / "docs" / "assets" / "architecture.svg"
    assert kept.read_text("utf-8") == drawn.read_text("utf-8"), "python docs/write_architecture.py"


def test_the_page_names_files_that_exist() -> None:
    """Every file in backticks is one of the package or of the project."""
    named = re.findall(r"`([\w/]+\.(?:py|json|toml))`", PAGE)
    assert len(named) > 30
    free = {"cli/NAME.py", "records.py", "connector.py", "reveal.py"}  # of any connector, any command
    assert [
        name for name in named if not ((CODE / name).is_file() or (PROJECT / name).is_file() or name in free)
    ] == []
