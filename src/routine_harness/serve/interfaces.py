"""The interfaces under which models are asked: their paths, where a path names the model, their streams.

Bedrock and Vertex take the body of the Messages API, save that the model stands in the path.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from routine_harness.serve.credential import Interface
from routine_harness.serve.frames import FrameReader
from routine_harness.serve.sse import StreamReader

PATHS: Final[Mapping[Interface, re.Pattern[str]]] = {
    "messages": re.compile(r"/v1/messages"),
    "bedrock": re.compile(r"/model/(?P<model>[\w.:%-]+)/invoke(?:-with-response-stream)?"),
    "vertex": re.compile(
        r"/projects/[\w.:-]+/locations/[\w-]+/publishers/anthropic/models/"
        r"(?!count-tokens)(?P<model>[\w.@%-]+):(?:streamRawPredict|rawPredict)"
    ),
}
"""What the CLI 2.1.332 asks for; nothing else is answered or forwarded."""
STREAMS: Final = {"text/event-stream": StreamReader, "application/vnd.amazon.eventstream": FrameReader}
"""Who reads a stream, by its content type."""


def read_path(path: str) -> tuple[Interface, str] | None:
    """The interface that a path belongs to, and the model that it names; none of a path that is none's."""
    for interface, pattern in PATHS.items():
        if found := pattern.fullmatch(path):
            return interface, unquote(found.groupdict().get("model") or "")
    return None


def stream_reader(kind: str) -> StreamReader | None:
    """A reader for a body of this content type; none where it is no stream."""
    reader = STREAMS.get(kind.partition(";")[0].strip().lower())
    return reader() if reader else None
