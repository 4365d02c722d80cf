"""How the house is built: ``python benchmarks/house.py [--json]`` prints its measures beside their aims.

The measures are a trend, no bar: a house improves when a stranger finds the room for a line, not when a
number falls. Only import cycles and upward imports make the program fail. The schemas that no form
gives are counted; a test holds the others to their forms.
"""

from __future__ import annotations

import ast
import json
import runpy
import statistics
import sys
import tokenize
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import grimp

PROJECT = Path(__file__).parents[1]
PACKAGE = "routine_harness"
SHORT = 60
LONG = 40
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Measure:
    """One row: what is measured, how much it is, and what the house aims at (empty: a trend only)."""

    name: str
    value: float
    aim: str = ""


@dataclass(frozen=True)
class Module:
    """One Python file: its lines, its tree, and how many of its lines are comments."""

    path: Path
    text: str
    tree: ast.Module
    comments: int

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    @property
    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]


def read_modules(folder: Path) -> list[Module]:
    """Every module of ``folder``; a file that holds a docstring alone is the sign of a room."""
    modules = map(_module, sorted(folder.rglob("*.py")))
    return [module for module in modules if not _is_sign(module.tree)]


def _is_sign(tree: ast.Module) -> bool:
    """Whether a file has nothing but a docstring, or not even that."""
    return len(tree.body) == int(ast.get_docstring(tree) is not None)


def _module(path: Path) -> Module:
    with tokenize.open(path) as stream:
        comments = sum(token.type == tokenize.COMMENT for token in tokenize.generate_tokens(stream.readline))
    text = path.read_text(encoding="utf-8")
    return Module(path, text, ast.parse(text), comments)


def size_measures(modules: list[Module], schemas: Path) -> Iterator[Measure]:
    """Lines, modules and functions."""
    lengths = [module.lines for module in modules]
    functions = [_length(node) for module in modules for node in module.functions]
    written = runpy.run_path(str(PROJECT / "docs" / "write_schemas.py"))["schema_texts"]()
    hand_kept = sum(
        len(path.read_text(encoding="utf-8").splitlines())
        for path in schemas.glob("*.json")
        if path.name not in written
    )
    yield Measure("lines of src", sum(lengths), "<= 54000")
    yield Measure(
        "lines of JSON Schema without a form (world.json: columns generated)", hand_kept, "0 kept by hand"
    )
    yield Measure("modules", len(modules), "<= 400")
    yield Measure("lines of a module, median", statistics.median(lengths), "120-180")
    yield Measure(f"modules under {SHORT} lines", sum(length < SHORT for length in lengths), "<= 30")
    yield Measure("lines of a function, median", statistics.median(functions), "<= 10")
    yield Measure(f"functions over {LONG} lines", sum(length > LONG for length in functions), "<= 16")


def _length(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def habit_measures(modules: list[Module]) -> Iterator[Measure]:
    """Private functions used once, ``Any``, and the shares of comments and docstrings."""
    lines = sum(module.lines for module in modules)
    top = [node for module in modules for node in module.tree.body if isinstance(node, Function)]
    once = sum(_private_used_once(module) for module in modules)
    yield Measure("private functions used once, % of top-level functions", _share(once, len(top)), "<= 22")
    yield Measure("Any in the code", sum(map(_any_count, modules)), "listed, each with its reason")
    yield Measure("lines with a comment, %", _share(sum(module.comments for module in modules), lines))
    yield Measure("lines of docstrings, %", _share(sum(map(_docstring_lines, modules)), lines))


def _private_used_once(module: Module) -> int:
    names = Counter(node.id for node in ast.walk(module.tree) if isinstance(node, ast.Name))
    tops = [node.name for node in module.tree.body if isinstance(node, Function)]
    return sum(name.startswith("_") and names[name] == 1 for name in tops)


def _any_count(module: Module) -> int:
    return sum(isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(module.tree))


def _docstring_lines(module: Module) -> int:
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(module.tree) if isinstance(node, owners)]
    return sum(len(text.splitlines()) for node in nodes if (text := ast.get_docstring(node)) is not None)


def import_measures(
    graph: grimp.ImportGraph, root: str, cycles: list[list[str]], upward: list[str]
) -> Iterator[Measure]:
    """Modules with one importer, edges, cycles and upward imports."""
    importers = Counter(
        len(graph.find_modules_that_directly_import(module))
        for module in graph.modules
        if _inside(module, root)
    )
    modules = sum(importers.values())
    yield Measure("modules with one importer, %", _share(importers[1], modules), "<= 30")
    yield Measure("edges a module", round(graph.count_imports() / modules, 1), "<= 3.5")
    yield Measure("cycles", len(cycles), "0")
    yield Measure("upward imports", len(upward), "0")


def _inside(module: str, root: str) -> bool:
    return module == root or module.startswith(f"{root}.")


def import_cycles(graph: grimp.ImportGraph) -> list[list[str]]:
    """The groups of modules that import each other, directly or not."""
    above = {module: graph.find_upstream_modules(module) for module in graph.modules}
    groups = {
        frozenset({module, *(other for other in above[module] if module in above[other])})
        for module in graph.modules
    }
    return sorted(sorted(group) for group in groups if len(group) > 1)


def upward_imports(graph: grimp.ImportGraph, root: str, layers: list[str]) -> list[str]:
    """Which room imports one above it, as ``importer -> imported``; ``layers`` runs from top to bottom."""
    rooms = [grimp.Layer(*(name.strip() for name in layer.split("|"))) for layer in layers]
    found = graph.find_illegal_dependencies_for_layers(layers=rooms, containers={root})
    return sorted(f"{dependency.importer} -> {dependency.imported}" for dependency in found)


def house_layers(project: Path = PROJECT) -> list[str]:
    """The rooms from top to bottom, as the contract of import-linter in ``pyproject.toml`` lists them."""
    settings = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    return next(contract["layers"] for contract in contracts if contract.get("containers") == [PACKAGE])


def _share(part: int, whole: int) -> float:
    return round(100 * part / whole, 1)


def table(measures: list[Measure]) -> str:
    """A line for each measure: name, value, aim."""
    width = max(len(measure.name) for measure in measures)
    rows = (f"{row.name:<{width}}  {row.value:>9,}  {row.aim}".rstrip() for row in measures)
    return "\n".join(rows)


def main(arguments: list[str]) -> int:
    """Print the measures; 1 if the house has a cycle or an upward import, 2 on an unknown argument."""
    if arguments not in ([], ["--json"]):
        print("usage: python benchmarks/house.py [--json]", file=sys.stderr)
        return 2
    source = PROJECT / "src" / PACKAGE
    modules = read_modules(source)
    graph = grimp.build_graph(PACKAGE, cache_dir=None)
    cycles, upward = import_cycles(graph), upward_imports(graph, PACKAGE, house_layers())
    measures = [
        *size_measures(modules, source / "schemas"),
        *habit_measures(modules),
        *import_measures(graph, PACKAGE, cycles, upward),
    ]
    if arguments:
        print(json.dumps([asdict(measure) for measure in measures], indent=2))
    else:
        print(table(measures))
    for cycle in cycles:
        print(f"cycle: {' <-> '.join(cycle)}", file=sys.stderr)
    for dependency in upward:
        print(f"upward: {dependency}", file=sys.stderr)
    return 1 if cycles or upward else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
