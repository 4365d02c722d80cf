"""Addresses of links and images as Go's ``net/url`` reads and writes them, for the schemes let through."""

from __future__ import annotations

from typing import Final

from routine_harness.pattern import lazy_pattern
from routine_harness.world.github.mcp.sanitize.hidden_text import SPACE

SCHEMES: Final = ("http", "https", "mailto")
_SCHEME: Final = lazy_pattern(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_BROKEN: Final = lazy_pattern(r"%(?![0-9a-fA-F]{2})")
_CONTROL: Final = lazy_pattern(r"[\x00-\x1f\x7f]")
_PORT: Final = lazy_pattern(r":[0-9]*\Z")
_BRACKETS: Final = lazy_pattern(r"\[[0-9a-fA-F:.]*:[0-9a-fA-F:.]*\](?::[0-9]*)?\Z")
_USER: Final = lazy_pattern(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*\Z")
_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")
_PATH: Final = _UNRESERVED | frozenset(b"$&+,/:;=@")
_VALID_PATH: Final = _PATH | frozenset(b"!'()*[]%")
_FRAGMENT: Final = _PATH | frozenset(b"?!()*")
_VALID_FRAGMENT: Final = _FRAGMENT | frozenset(b"'[]%")
_HOST: Final = _UNRESERVED | frozenset(b"!$&'()*+,;=:[]<>\"")
_USER_PART: Final = _UNRESERVED | frozenset(b"$&+,;=")


def valid_address(address: str) -> str | None:
    """``address`` as the server writes it; None for what is no address or of a scheme not let through."""
    address = address.strip(SPACE)
    if any(space in address for space in " \t\n"):
        return None
    rest, _, fragment = address.partition("#")
    if _CONTROL.search(rest) or _BROKEN.search(fragment):
        return None
    scheme, rest = _split_scheme(rest)
    if scheme is None or (scheme and scheme not in SCHEMES):
        return None
    written = _written(scheme, rest)
    if written is None:
        return None
    if fragment:
        written += "#" + _escaped(fragment, _FRAGMENT, _VALID_FRAGMENT)
    return written or None


def has_host(address: str) -> bool:
    """Whether ``address``, one that ``valid_address`` wrote, leads to a host."""
    _, rest = _split_scheme(address.partition("#")[0])
    named = rest[2:].partition("?")[0].partition("/")[0]
    return rest.startswith("//") and bool(_authority(named)) and not named.endswith("@")


def _split_scheme(address: str) -> tuple[str | None, str]:
    """The scheme in small letters (None where a colon comes first) and the rest."""
    if address.startswith(":"):
        return None, address
    found = _SCHEME.match(address)
    return ("", address) if found is None else (found[1].lower(), address[found.end() :])


def _written(scheme: str, rest: str) -> str | None:
    before, mark, query = rest.partition("?")
    asked = mark + query
    start = f"{scheme}:" if scheme else ""
    if scheme and not before.startswith("/"):
        return start + before + asked  # opaque: as it stands
    authority = ""
    if before.startswith("//") and (scheme or not before.startswith("///")):
        named, slash, path = before[2:].partition("/")
        found = _authority(named)
        if found is None:
            return None
        before = slash + path
        authority = f"//{found}" if found or before else ""
    elif not scheme and ":" in before.partition("/")[0]:
        return None
    if _BROKEN.search(before):
        return None
    return start + authority + _escaped(before, _PATH, _VALID_PATH) + asked


def _authority(named: str) -> str | None:
    """User and host; None where they are not well formed."""
    user, at, host = named.rpartition("@")
    if at and not _USER.match(user):
        return None
    if _BROKEN.search(named):
        return None
    if host.startswith("["):
        if not _BRACKETS.match(host):
            return None
    elif "[" in host or (":" in host and not _PORT.match(host[host.rfind(":") :])):
        return None
    decoded = _host(host)
    if decoded is None:
        return None
    shown = ":".join(_quoted(_unquoted(part), _USER_PART) for part in user.split(":", 1))
    return f"{shown}@{decoded}" if at else decoded


def _host(host: str) -> str | None:
    raw = host.encode()
    if any(byte < 0x80 and byte not in _HOST and byte != 0x25 for byte in raw):
        return None
    for part in host.split("%")[1:]:
        if int(part[0], 16) < 8 and part[:2] != "25":  # only bytes beyond ASCII may be written so
            return None
    return _quoted(_unquoted(host), _HOST)


def _escaped(text: str, plain: frozenset[int], valid: frozenset[int]) -> str:
    """``text`` as it stands where it is validly written, else written anew."""
    if all(byte in valid for byte in text.encode()):
        return text
    return _quoted(_unquoted(text), plain)


def _quoted(raw: bytes, plain: frozenset[int]) -> str:
    return "".join(chr(byte) if byte in plain else f"%{byte:02X}" for byte in raw)


def _unquoted(text: str) -> bytes:
    from urllib.parse import unquote_to_bytes  # few texts hold an address to write anew

    return unquote_to_bytes(text)
