"""The guard as one file: the sources that it needs and the compiled policy, nothing to install.

The parts are the very modules that the harness runs, as texts. Each is compiled when a decision first
needs it, because compiling is most of what a decision costs.
"""

from __future__ import annotations

import ast
import json
from importlib import resources
from typing import Any, Final

PARTS: Final = {
    "routine_harness.guard.hook": "guard/hook.py",
    "routine_harness.guard.values": "guard/values.py",
    "routine_harness.guard.shell": "guard/shell.py",
    "routine_harness.guard.closely": "guard/closely.py",
    "routine_harness.guard.everyday": "guard/everyday.py",
    "routine_harness.guard.single": "guard/single.py",
    "routine_harness.guard.told": "guard/told.py",
    "routine_harness.guard.structure": "guard/structure.py",
    "routine_harness.guard.scan": "guard/scan.py",
    "routine_harness.guard.forge": "guard/forge.py",
    "routine_harness.guard.decide": "guard/decide.py",
    "routine_harness.guard.reading": "guard/reading.py",
    "routine_harness.guard.rough": "guard/rough.py",
    "routine_harness.guard.rough_files": "guard/rough_files.py",
    "routine_harness.guard.rough_gh": "guard/rough_gh.py",
    "routine_harness.guard.loud": "guard/loud.py",
    "routine_harness.guard.pieces": "guard/pieces.py",
    "routine_harness.predicate": "predicate.py",
    "routine_harness.world.rule": "world/rule.py",
}
_HEAD: Final = '''\
#!/usr/bin/env python3
"""Written by `routine-harness guard install`; do not edit, install it anew.

Denies what the policy forbids, counts what the session says, and writes down every call. It needs
nothing but Python's standard library, and blocks when it fails itself.
"""
import gc
import sys

gc.disable()  # one decision leaves nothing worth collecting
PARTS = {}


class Carried:
    """Finds the parts that this file carries, and compiles them when they are imported."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name not in PARTS and not any(part.startswith(name + ".") for part in PARTS):
            return None
        spec = type(sys.__spec__)(name, Carried)
        if name not in PARTS:
            spec.submodule_search_locations = []
        return spec

    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def exec_module(module):
        exec(compile(PARTS.get(module.__name__, ""), module.__name__, "exec"), module.__dict__)


sys.meta_path.insert(0, Carried)
'''
_TAIL: Final = """\
if __name__ == "__main__":
    try:
        from routine_harness.guard.hook import main
    except BaseException as error:
        sys.stderr.write(f"routine-harness guard: denied, for it failed itself: {error}\\n")
        sys.exit(2)
    main(DATA)
"""


def bundle(data: dict[str, Any]) -> str:
    """The text of the guard's file for a compiled policy; the same for the same policy."""
    package = resources.files("routine_harness")
    parts = [
        f"PARTS[{name!r}] = r'''\n{carried(package.joinpath(file).read_text(encoding='utf-8'))}'''\n"
        for name, file in PARTS.items()
    ]
    encoded = json.dumps(data, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    encoded = encoded.replace("'", "\\u0027")  # raw text, which Python reads quicker, holds no quotes
    return "\n".join([_HEAD, *parts, f"DATA = r'{encoded}'\n", _TAIL])


def carried(source: str) -> str:
    """A part as it is carried: without docstrings, annotations and the import of ``typing``.

    Raises:
        AssertionError: it holds what cannot stand in a raw text, which is a mistake of ours.
    """
    tree = _Bare().visit(ast.parse(source))
    text = ast.unparse(tree) + "\n"
    if "'''" in text:
        raise AssertionError("a part of the guard holds three quotes in a row")
    return f"Any = Final = object\n{text}"


class _Bare(ast.NodeTransformer):
    """Takes out what costs time to compile and changes nothing."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom | None:
        if node.module == "collections.abc":  # which imports ``collections`` before it
            node.module = "_collections_abc"
        return None if node.module in ("typing", "__future__") else node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt | None:
        if node.value is None:
            return None
        return ast.copy_location(ast.Assign([node.target], node.value), node)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
            texts = [one for one in node.body if not _is_text(one)]
            node.body = texts or [ast.Pass()]
        return node


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
