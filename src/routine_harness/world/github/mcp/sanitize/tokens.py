"""HTML taken apart as Go's ``golang.org/x/net/html`` does: texts and tags, one after the other.

Comments, declarations and processing instructions are no token: the server drops them all. An
unfinished tag ends the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from routine_harness.pattern import lazy_pattern
from routine_harness.world.github.mcp.sanitize.entities import decode_entities

Kind = Literal["text", "start", "end", "empty"]


class Token(NamedTuple):
    """A text, or a tag: its name in small letters and, of a start, its attributes, each name once."""

    kind: Kind
    data: str
    attributes: tuple[tuple[str, str], ...] = ()


_MARKUP: Final = lazy_pattern(r"<(?:[a-zA-Z]|/(?!\Z)|[!?])")
_COMMENT_END: Final = lazy_pattern(r"--!?>")
_TAG: Final = lazy_pattern(r"</?([a-zA-Z][^ \n\r\t\f/>]*)[ \n\r\t\f]*")
_ATTRIBUTE: Final = lazy_pattern(
    r"""(?P<key>=?+[^ \n\r\t\f/>=]*+)[ \n\r\t\f]*+"""
    r"""(?:/|=[ \n\r\t\f]*+(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|(?=>)"""
    r"""|(?P<bare>[^ \n\r\t\f>"'][^ \n\r\t\f>]*+))|(?!=))[ \n\r\t\f]*+"""
)
_RAW: Final = ("iframe", "noembed", "noframes", "noscript", "plaintext", "script", "style", "textarea",
               "title", "xmp")  # fmt: skip
"""Elements whose content is a text up to their end tag."""
_DECODED: Final = ("textarea", "title")


def tokens_of(text: str) -> Iterator[Token]:
    """The tokens of ``text``, entities decoded."""
    position, size = 0, len(text)
    while position < size:
        markup = _MARKUP.search(text, position)
        start = markup.start() if markup is not None else size
        if start > position:
            yield Token("text", decode_entities(_lines(text[position:start])))
        if markup is None:
            return
        tag, position = _read_markup(text, start)
        if tag is None:
            continue
        yield tag
        if tag.kind != "end" and tag.data in _RAW:
            stop = _end_of_raw(text, position, tag.data)
            if stop > position:
                content = _lines(text[position:stop]).replace("\0", "\ufffd")
                yield Token("text", decode_entities(content) if tag.data in _DECODED else content)
            position = stop


def _read_markup(text: str, start: int) -> tuple[Token | None, int]:
    """The tag at ``start``, None for what is dropped; and where it ends."""
    if text.startswith("<!--", start):
        return None, _end_of_comment(text, start + 4)
    tag = _TAG.match(text, start)
    if tag is None:
        closing = text.find(">", start + 2)
        return None, closing + 1 if closing >= 0 else len(text)
    return _read_tag(text, start, tag[1], tag.end())


def _end_of_comment(text: str, start: int) -> int:
    for short in (">", "->"):
        if text.startswith(short, start):
            return start + len(short)
    found = _COMMENT_END.search(text, start)
    return found.end() if found is not None else len(text)


def _read_tag(text: str, start: int, name: str, position: int) -> tuple[Token | None, int]:
    """The tag ``name`` whose attributes begin at ``position``; an unfinished one takes the rest with it."""
    found: dict[str, str] = {}
    value_ends = -1
    while not text.startswith(">", position):
        attribute = _ATTRIBUTE.match(text, position)
        if attribute is None or attribute.end() >= len(text):
            return None, len(text)
        position = attribute.end()
        key = _small(attribute["key"])
        if key and key not in found:
            value = attribute["double"] or attribute["single"] or attribute["bare"] or ""
            found[key] = decode_entities(_lines(value), attribute=True)
            # A slash that ends a bare value belongs to the value.
            value_ends = attribute.end("bare") if attribute["bare"] else -1
    kind: Kind = "start"
    if text[start + 1] == "/":
        return Token("end", _small(name)), position + 1
    if text[position - 1] == "/" and value_ends != position:
        kind = "empty"
    return Token(kind, _small(name), tuple(found.items())), position + 1


def _end_of_raw(text: str, start: int, name: str) -> int:
    """Where the content of a raw element ends: before its end tag, or with the text."""
    if name == "script":
        return _end_of_script(text, start)
    if name == "plaintext":
        return len(text)
    found = lazy_pattern(rf"(?i:</{name})[ \n\r\t\f/>]").search(text, start)
    return found.start() if found is not None else len(text)


_SCRIPT: Final = lazy_pattern(r"(?i:(?P<end></script)[ \n\r\t\f/>])|(?P<opens><!--)")
_ESCAPED: Final = lazy_pattern(
    r"(?P<closes>-{2,}>)|(?i:(?P<end></script)[ \n\r\t\f/>])|(?i:(?P<nested><script)[ \n\r\t\f/>])"
    r"|(?P<bare><(?![/a-zA-Z]))"
)
_NESTED: Final = lazy_pattern(r"(?P<closes>-{2,}>)|(?i:(?P<end></script)[ \n\r\t\f/>])")


def _end_of_script(text: str, start: int) -> int:
    """Where a script ends: a script in a comment in it may hold an end tag of its own."""
    state, position = _SCRIPT, start
    while (found := state.search(text, position)) is not None:
        position = found.end()
        event = found.lastgroup
        if event == "end" and state is not _NESTED:
            return found.start()
        if event == "opens":
            state, position = _ESCAPED, found.end() - 2
        elif event in ("closes", "bare"):
            state = _SCRIPT
            position -= event == "bare"
        else:
            state = _ESCAPED if event == "end" else _NESTED
    return len(text)


def _small(name: str) -> str:
    """``name`` with the small letters of ASCII: others have none here."""
    return name.lower() if name.isascii() else "".join(c.lower() if c.isascii() else c for c in name)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
