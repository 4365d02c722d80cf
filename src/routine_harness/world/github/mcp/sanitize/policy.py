"""Which HTML the server lets through; all else goes, and some of it with what it holds."""

from __future__ import annotations

from typing import Final

from routine_harness.pattern import lazy_pattern
from routine_harness.world.github.mcp.sanitize.entities import decode_entities, escape_text
from routine_harness.world.github.mcp.sanitize.hidden_text import SPACE, filter_fences, filter_invisible
from routine_harness.world.github.mcp.sanitize.links import has_host, valid_address
from routine_harness.world.github.mcp.sanitize.tokens import Token, tokens_of

_ELEMENTS: Final = frozenset(
    ("b", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li", "ol", "p",
     "pre", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul", "a", "img")
)  # fmt: skip
_NEEDS_ATTRIBUTES: Final = ("a", "img")
_WITH_CONTENT: Final = frozenset(
    ("frame", "frameset", "iframe", "noembed", "noframes", "noscript", "nostyle", "object", "title")
)
"""Elements that go with what they hold; scripts and styles do in their own way."""
_CODE: Final = ("script", "style")
_SIZES: Final = lazy_pattern(r"[0-9]+%?\Z")
_ALIGNMENTS: Final = (
    "left", "right", "top", "texttop", "middle", "absmiddle", "baseline", "bottom", "absbottom",
)  # fmt: skip


def filter_html(text: str) -> str:
    """``text`` with the elements let through, everything else escaped or gone."""
    if not any(character in text for character in "&<>\"'\r"):
        return text
    if not text.strip(SPACE):
        return text
    if "<" not in text:
        return escape_text(decode_entities(text.replace("\r\n", "\n").replace("\r", "\n")))
    if _NH3_AGREES.fullmatch(text):
        return _by_nh3(text)
    return filter_tokens(text)


# --- where nh3 gives the same: whole comments among text

_NH3_AGREES: Final = lazy_pattern(
    r"(?:[^<\0\r&]|&(?!#)|<(?![a-zA-Z/!?])|<!--(?!-?>)(?:(?!--)[^<\0\r])*-->)*+"
)


def _by_nh3(text: str) -> str:
    import nh3  # few texts hold anything to drop

    kept = nh3.clean(text, tags=set(), clean_content_tags=set())
    return kept.replace("&nbsp;", "\u00a0").replace('"', "&#34;").replace("'", "&#39;")


def filter_tokens(text: str) -> str:
    """``text`` filtered token by token, in the server's own order."""
    out: list[str] = []
    hiding = 0  # open elements that go with their content
    hidden, last_start = False, ""
    unnamed: list[str] = []  # tags that went for want of attributes: their end tags go, too
    for token in tokens_of(text):
        name = token.data
        if token.kind == "text":
            if not hidden and last_start not in _CODE:
                out.append(escape_text(name))
            continue
        if token.kind == "start":
            last_start = name
        elif token.kind == "end" and last_start == name:
            last_start = ""
        if name in _CODE:
            continue
        if token.kind == "end" and unnamed and unnamed[-1] == name:
            unnamed.pop()
        elif name not in _ELEMENTS:
            if name in _WITH_CONTENT and token.kind == "start":
                hidden, hiding = True, hiding + 1
            elif name in _WITH_CONTENT and token.kind == "end":
                hiding -= 1
                hidden = hidden and hiding != 0
        elif token.kind == "end":
            out += [] if hidden else [f"</{name}>"]
        else:
            attributes = _attributes(token)
            if attributes or name not in _NEEDS_ATTRIBUTES:
                out += [] if hidden else [_tag(token, attributes)]
            elif token.kind == "start":
                unnamed.append(name)
    return "".join(out)


def _tag(token: Token, attributes: list[tuple[str, str]]) -> str:
    written = "".join(f' {name}="{escape_text(value)}"' for name, value in attributes)
    return f"<{token.data}{written}{'/' if token.kind == 'empty' else ''}>"


def _attributes(token: Token) -> list[tuple[str, str]]:
    """The attributes that stay, and those that a link gets."""
    if token.data == "img":
        return [kept for pair in token.attributes if (kept := _of_image(*pair)) is not None]
    if token.data != "a":
        return []
    address = next((valid_address(value) for name, value in token.attributes if name == "href"), None)
    if address is None:
        return []
    if not has_host(address):
        return [("href", address), ("rel", "nofollow noreferrer")]
    return [("href", address), ("rel", "nofollow noreferrer noopener"), ("target", "_blank")]


def _of_image(name: str, value: str) -> tuple[str, str] | None:
    if name == "src":
        address = valid_address(value)
        return None if address is None else (name, address)
    fits = (
        name in ("alt", "title")
        or (name in ("height", "width") and _SIZES.match(value) is not None)
        or (name == "align" and value.lower() in _ALIGNMENTS)
    )
    return (name, value) if fits else None


def sanitize(text: str) -> str:
    """``text`` without what a reader of the rendered page would not see, the rest as HTML would hold it.

    Entities are decoded on the way, which may bring invisible characters and fences about: the first
    two filters run again where the last one changed anything.
    """
    visible = filter_fences(filter_invisible(text))
    filtered = filter_html(visible)
    return visible if filtered == visible else filter_fences(filter_invisible(filtered))
