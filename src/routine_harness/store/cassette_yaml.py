"""Cassettes in YAML: a loader that refuses language tags, and a writer that vcrpy reads."""

from __future__ import annotations

from typing import Final

import yaml

from routine_harness.errors import HarnessError, RecordingError
from routine_harness.plain import Json, Record
from routine_harness.store.interactions import Interaction

_Base: Json = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Json = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_TEXTS: Final = ("tag:yaml.org,2002:python/unicode", "tag:yaml.org,2002:python/str")
"""Plain texts as Python 2 wrote them; every other language tag is refused."""


class _CassetteLoader(_Base):  # type: ignore[misc]  # libyaml's loader has no types
    """A safe loader that remembers on which line each interaction begins."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.lines: list[int] = []

    def get_single_data(self) -> Json:
        node = self.get_single_node()
        if node is None:
            return None
        if isinstance(node, yaml.MappingNode):
            for key, held in node.value:
                if key.value in ("interactions", "http_interactions") and isinstance(held, yaml.SequenceNode):
                    self.lines = [entry.start_mark.line + 1 for entry in held.value]
        return self.construct_document(node)


def _construct_text(reader: Json, node: Json) -> str:
    return str(reader.construct_scalar(node))


def _construct_binary(reader: Json, node: Json) -> bytes:
    """Ruby's own spelling of ``!!binary``: base64 as well, and as harmless."""
    return bytes(reader.construct_yaml_binary(node))


_CassetteLoader.add_constructor("!binary", _construct_binary)
for _tag in _TEXTS:
    _CassetteLoader.add_constructor(_tag, _construct_text)


def loader(text: str) -> _CassetteLoader:
    """A loader over ``text``."""
    return _CassetteLoader(text)


def refused(file: str, error: yaml.constructor.ConstructorError) -> HarnessError:
    """What is said about a tag that stands for an object of some language."""
    mark = error.problem_mark or error.context_mark
    _, found, tag = str(error.problem).partition("for the tag ")
    message = f"refused the tag {tag}" if found else f"malformed YAML: {error.problem}"
    hint = (
        "a cassette is data: it names no objects of a language; nothing of it was executed" if found else ""
    )
    return RecordingError.at(
        file, mark.line + 1 if mark else 0, message.replace("tag:yaml.org,2002:", "!!"), hint
    )


def write_yaml(interactions: tuple[Interaction, ...]) -> bytes:
    """A cassette of vcrpy with these interactions."""
    data = vcr_data(interactions)
    text: str = yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=True, width=120)
    return text.encode("utf-8", "surrogatepass")


def vcr_data(interactions: tuple[Interaction, ...], *, binary: Json = bytes) -> Record:
    """The values of a vcrpy cassette; a body that is no text is given to ``binary``."""
    return {
        "version": 1,
        "interactions": [
            {
                "request": {
                    "method": interaction.method,
                    "uri": interaction.url,
                    "body": _body(interaction.request_body, binary) if interaction.request_body else None,
                    "headers": interaction.request_headers,
                },
                "response": {
                    "status": {"code": interaction.status, "message": interaction.reason},
                    "headers": interaction.headers,
                    "body": {"string": _body(interaction.body, binary)},
                },
            }
            for interaction in interactions
        ],
    }


def _body(body: bytes, binary: Json) -> Json:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return binary(body)
    return (
        text if all(character in "\t\n\r" or character.isprintable() for character in text) else binary(body)
    )
