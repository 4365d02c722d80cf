"""The report as one self-contained page: no request, no script but its own, nothing of others' as markup."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import Any

import msgspec


def render_html(data: dict[str, Any], *, title: str = "routine-harness report") -> str:
    """The page for ``data`` (see ``report_data``).

    The overview stands in the page; the rest is drawn by its script when it is opened. The policy
    that the page carries lets no other script run and nothing be requested.
    """
    # Imported here: 40 ms that only those pay who want a page.
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    script, style = _part("report.js"), _part("report.css")
    page: str = environment.from_string(_part("report.html.j2")).render(
        title=title,
        data=data,
        payload=_embedded(data),
        script=script,
        style=style,
        script_hash=_hash(script),
        style_hash=_hash(style),
    )
    return page


def _embedded(data: Any) -> str:
    """JSON that cannot end the element it stands in, whatever its texts say."""
    text = msgspec.json.encode(data).decode()
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _part(name: str) -> str:
    return resources.files("routine_harness").joinpath("report", "page", name).read_text("utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
