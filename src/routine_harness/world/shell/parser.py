"""The shell's grammar."""

from __future__ import annotations

import functools

import tree_sitter
import tree_sitter_bash


@functools.cache
def parser() -> tree_sitter.Parser:
    """A parser of shell scripts."""
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))
