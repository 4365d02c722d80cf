"""The report as one self-contained page: no request, no script but its own, nothing of others' as markup."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.report.lanes import STYLE, render_lanes
from routine_harness.report.text import visible


def render_html(data: Record, *, title: str = "routine-harness report") -> str:
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


def _shown(data: Record) -> Record:
    """What the page shows of ``data``: what did not pass comes first, files are cut at their marks, runs
    are drawn, and no character turns text around or hides."""
    routines = [dict(routine) for routine in data["routines"]]
    for routine in routines:
        lint = routine.get("lint", [])
        written = [{"file": routine["file"], "source": routine.pop("source", "")}]
        if apart := routine.pop("prompt_file", None):
            written.append(apart)
        routine["files"] = [
            {"file": each["file"], "lines": _marked_lines(each["file"], each["source"], lint)}
            for each in written
            if each["source"]
        ]
        routine["cases"] = [_drawn(case) for case in routine["cases"]]
    routines.sort(key=lambda routine: routine["gate"] != "closed")
    return _spelt({**data, "routines": routines})  # type: ignore[no-any-return]


def _drawn(case: Record) -> Record:
    return {**case, "lanes": render_lanes(case)} if case.get("runs") else case


def _spelt(value: Json) -> Json:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {visible(key): _spelt(each) for key, each in value.items()}
    return [_spelt(each) for each in value] if isinstance(value, list) else value


def _marked_lines(file: str, text: str, findings: Iterable[Mapping[str, Json]]) -> list[Record]:
    """A file's text cut where lint marks it: for each line its ``parts`` as (text, severity, title) and the
    ``notes`` below it.

    A character that turns the direction of text around, or that cannot be seen, is spelt out.
    """
    by_line: dict[int, list[Mapping[str, Json]]] = {}
    for finding in findings:
        place = finding.get("location")
        if place and place["file"] == file:
            by_line.setdefault(place["line"], []).append(finding)
    return [
        {"parts": list(_parts(line, by_line.get(number, ()))), "notes": by_line.get(number, [])}
        for number, line in enumerate(text.split("\n"), 1)
    ]


def _parts(line: str, findings: Iterable[Mapping[str, Json]]) -> Iterator[list[str]]:
    at = 0
    for finding in sorted(findings, key=lambda each: int(each["location"]["column"])):
        start = max(at, finding["location"]["column"] - 1)
        end = start + max(1, finding.get("length", 0))
        title = f"{finding['code']}: {finding['message']}"
        yield [visible(line[at:start]), "", ""]
        yield [visible(line[start:end]), finding["severity"], visible(title)]
        at = end
    yield [visible(line[at:]), "", ""]


def _embedded(data: Json) -> str:
    """JSON that cannot end the element it stands in, whatever its texts say."""
    text = msgspec.json.encode(data).decode()
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _part(name: str) -> str:
    return resources.files("routine_harness").joinpath("report", "page", name).read_text("utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
