"""The report as one self-contained page: no request, no script but its own, nothing of others' as markup."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import Any

import msgspec

from routine_harness.report.lanes import STYLE, render_lanes
from routine_harness.report.marked_source import marked_lines
from routine_harness.report.text import visible


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
    data = _shown(data)
    script, style = _part("report.js"), _part("report.css") + STYLE
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


def _shown(data: dict[str, Any]) -> dict[str, Any]:
    """What the page shows of ``data``: what did not pass comes first, files are cut at their marks, runs
    are drawn, and no character turns text around or hides."""
    routines = [dict(routine) for routine in data["routines"]]
    for routine in routines:
        lint = routine.get("lint", [])
        written = [{"file": routine["file"], "source": routine.pop("source", "")}]
        if apart := routine.pop("prompt_file", None):
            written.append(apart)
        routine["files"] = [
            {"file": each["file"], "lines": marked_lines(each["file"], each["source"], lint)}
            for each in written
            if each["source"]
        ]
        routine["cases"] = [_drawn(case) for case in routine["cases"]]
    routines.sort(key=lambda routine: routine["gate"] != "closed")
    return _spelt({**data, "routines": routines})  # type: ignore[no-any-return]


def _drawn(case: dict[str, Any]) -> dict[str, Any]:
    return {**case, "lanes": render_lanes(case)} if case.get("runs") else case


def _spelt(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {visible(key): _spelt(each) for key, each in value.items()}
    return [_spelt(each) for each in value] if isinstance(value, list) else value


def _embedded(data: Any) -> str:
    """JSON that cannot end the element it stands in, whatever its texts say."""
    text = msgspec.json.encode(data).decode()
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _part(name: str) -> str:
    return resources.files("routine_harness").joinpath("report", "page", name).read_text("utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
