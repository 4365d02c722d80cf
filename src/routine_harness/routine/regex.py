"""The regular expressions of filters, expectations and policies: RE2, whole value.

RE2 matches in linear time, so no pattern of a user's can hang a check.
"""

from __future__ import annotations

import functools

from routine_harness.predicate import Match


@functools.lru_cache(maxsize=1024)
def compile_regex(pattern: str) -> Match:
    """The whole-value matcher of ``pattern``, in which ``.`` also matches a line break.

    Raises:
        ValueError: ``pattern`` is not RE2 syntax.
    """
    return _compile(pattern, dot_matches_newline=True)


@functools.lru_cache(maxsize=1024)
def compile_filter_regex(pattern: str) -> Match:
    """The same for trigger filters, where ``.`` stops at a line break."""
    return _compile(pattern, dot_matches_newline=False)


def _compile(pattern: str, *, dot_matches_newline: bool) -> Match:
    # Imported here: 10 ms that a run without patterns need not pay.
    import re2

    options = re2.Options()
    options.log_errors = False
    options.dot_nl = dot_matches_newline
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        raise ValueError(reason.decode() if isinstance(reason, bytes) else str(reason)) from error
    match: Match = compiled.fullmatch
    return match
