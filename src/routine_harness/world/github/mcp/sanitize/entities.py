"""Character references as Go's HTML package decodes and writes them."""

from __future__ import annotations

import re
from html.entities import html5
from typing import Final

from routine_harness.pattern import lazy_pattern

_REFERENCE: Final = lazy_pattern(r"&(?:#(?:[xX][0-9a-fA-F]*|[0-9]*);?|[a-zA-Z0-9]+;?)")
_LONGEST_BARE: Final = 6
"""Characters of the longest name that stands without a semicolon."""
_SHORTEST: Final = 4
"""Characters that a number's reference has at least, what follows it in its text included."""


def decode_entities(text: str, *, attribute: bool = False) -> str:
    """``text`` with its references decoded; in an attribute's value a bare name before ``=`` is none."""
    if "&" not in text:
        return text

    def character(found: re.Match[str]) -> str:
        reference = found[0]
        if reference[1] == "#":
            complete = len(reference) >= _SHORTEST <= len(text) - found.start()
            return _numbered(reference) if complete else reference
        followed = text[found.end() : found.end() + 1]
        return _named(reference, attribute=attribute, assigned=followed == "=")

    return _REFERENCE.sub(character, text)


def _numbered(reference: str) -> str:
    digits = reference[2:].rstrip(";")
    number = int("0" + digits[1:], 16) if digits[0] in "xX" else int(digits)
    number &= 0xFFFFFFFF  # the server counts in 32 bits
    if 0x80 <= number <= 0x9F:
        try:
            return bytes([number]).decode("cp1252")
        except UnicodeDecodeError:
            return chr(number)
    if number == 0 or 0xD800 <= number <= 0xDFFF or number > 0x10FFFF:
        return "\ufffd"
    return chr(number)


def _named(reference: str, *, attribute: bool, assigned: bool) -> str:
    name = reference[1:]
    if attribute and assigned and name[-1] != ";":
        return reference
    if name in html5:
        return html5[name]
    if not attribute:
        for length in range(min(len(name) - 1, _LONGEST_BARE), 1, -1):
            if name[:length] in html5:
                return html5[name[:length]] + name[length:]
    return reference


def escape_text(text: str) -> str:
    """``text`` with references for the characters that mean something in HTML."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    for character, reference in _ESCAPES:
        if character in text:
            text = text.replace(character, reference)
    return text


_ESCAPES: Final = (("<", "&lt;"), (">", "&gt;"), ('"', "&#34;"), ("'", "&#39;"), ("\r", "&#13;"))
