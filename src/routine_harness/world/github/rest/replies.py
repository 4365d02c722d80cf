"""What GitHub's REST API replies: status, value and headers; its errors, and a gap in the world."""

from __future__ import annotations

from typing import Final

import msgspec

from routine_harness.plain import Json
from routine_harness.world.github.operations.operation import Incomplete, Refused

DOCUMENTATION: Final = "https://docs.github.com/rest"


class Reply(msgspec.Struct, frozen=True):
    """What the API answers: a JSON value, or a text (a diff, a log); ``headers`` by lower-case names.

    ``sent`` is the body of a recorded answer, byte for byte. ``incomplete`` names what the world
    does not hold.
    """

    status: int
    value: Json = None
    headers: dict[str, str] = {}
    sent: bytes | None = None
    incomplete: str = ""

    @property
    def failed(self) -> bool:
        return self.status >= 400

    @property
    def data(self) -> bytes:
        """The body as it is sent; empty where there is none."""
        if self.sent is not None:
            return self.sent
        if self.value is None:
            return b""
        return self.value.encode() if isinstance(self.value, str) else msgspec.json.encode(self.value)


def refused_reply(refused: Refused) -> Reply:
    """GitHub's error object, or that of the platform's proxy."""
    if refused.documentation:
        value = {"message": refused.message, "documentation_url": refused.documentation}
        return Reply(refused.status, value)
    errors = {"errors": list(refused.errors)} if refused.errors else {}
    return said_reply(refused.status, refused.message, **errors)


def said_reply(status: int, message: str, **more: Json) -> Reply:
    """An answer that is a message."""
    value = {"message": message, **more, "documentation_url": DOCUMENTATION, "status": str(status)}
    return Reply(status, value)


UNKNOWN_PATH: Final = said_reply(404, "Not Found")
"""What the API answers on a path that stands for nothing."""


def incomplete_reply(gap: Incomplete | str) -> Reply:
    what = gap if isinstance(gap, str) else gap.what
    message = f"the simulated world does not hold {what}; it knows of it by name only"
    return msgspec.structs.replace(said_reply(501, message), incomplete=what)
