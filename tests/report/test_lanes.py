"""The drawing of two runs: a file of its own, with a line from each repeated act to the first."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from routine_harness.report.lanes import render_lanes

SVG = "{http://www.w3.org/2000/svg}"


def run_of(number: int, *texts: str) -> dict[str, Any]:
    read = {"n": 1, "tool": "linear.list_issues", "effects": []}
    acts = [
        {"n": n, "tool": "linear.save_issue", "effects": [["+", text]]} for n, text in enumerate(texts, 2)
    ]
    return {"number": number, "status": "finished", "calls": [read, *acts]}


def repeat(run: int, call: int, first_run: int, first_call: int) -> dict[str, int]:
    return {"run": run, "call": call, "first_run": first_run, "first_call": first_call}


def test_a_line_leads_from_the_repeated_record_to_the_first() -> None:
    """From run 2's box to run 1's; the box that repeats is marked, the other is not."""
    case = {
        "runs": [run_of(1, "+ ticket SEC-1"), run_of(2, "= ticket SEC-2")],
        "repeats": [repeat(2, 2, 1, 2)],
    }
    root = ElementTree.fromstring(render_lanes(case, alone=True))
    assert root.find(f"{SVG}style") is not None
    [link] = root.iter(f"{SVG}path")
    boxes = {each.get("class", ""): float(each.get("x", "0")) for each in root.iter(f"{SVG}rect")}
    start = float(link.get("d", "").partition(" ")[0].removeprefix("M"))
    assert start == boxes["again"] > boxes["act"]


def test_a_record_made_twice_in_one_run_has_its_line_too() -> None:
    case = {"runs": [run_of(1, "+ ticket SEC-1", "= ticket SEC-2")], "repeats": [repeat(1, 3, 1, 2)]}
    root = ElementTree.fromstring(render_lanes(case))
    assert len(list(root.iter(f"{SVG}path"))) == 1


def test_what_strangers_wrote_is_text_in_the_drawing() -> None:
    """No markup of theirs takes effect, and no line is longer than its lane."""
    case = {"runs": [run_of(1, "+ ticket <script>alert(1)</script> & " + "x" * 200)], "repeats": []}
    root = ElementTree.fromstring(render_lanes(case))
    assert list(root.iter(f"{SVG}script")) == []
    assert max(len(each.text or "") for each in root.iter(f"{SVG}text")) <= 39


def test_stacked_the_lanes_stand_below_each_other() -> None:
    """As wide as one lane; the line leads down at the side, inside of the drawing."""
    case = {
        "runs": [run_of(1, "+ ticket SEC-1"), run_of(2, "= ticket SEC-2")],
        "repeats": [repeat(2, 2, 1, 2)],
    }
    wide, narrow = (ElementTree.fromstring(render_lanes(case, stacked=stacked)) for stacked in (False, True))
    assert int(narrow.get("width", "")) < int(wide.get("width", "")) / 1.8
    lanes = [each for each in narrow.iter(f"{SVG}rect") if each.get("class") == "lane"]
    assert {each.get("x") for each in lanes} == {"0"}
    first, second = (float(each.get("y", "")) for each in lanes)
    assert second >= first + float(lanes[0].get("height", ""))
    [link] = narrow.iter(f"{SVG}path")
    points = [float(each) for each in link.get("d", "").replace("M", "").replace("C", " ").split()]
    assert max(points[::2]) <= int(narrow.get("width", ""))
    assert points[1] > second > points[-1]
