"""The page in a browser: no error, no request, keys, colours, size, a thousand cases."""

from __future__ import annotations

import copy
import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from click.testing import CliRunner
from support.chromium import Page, browser, chromium

from routine_harness.cli.report import command
from routine_harness.report.html import render_html
from routine_harness.routine.schema import parse_schema

pytestmark = pytest.mark.skipif(browser() is None, reason="needs Chromium")

PROJECT = Path(__file__).parents[2]
QUIET = {"fired": 0, "skipped": 1740}
FIGURES = {"fired": 40, "skipped": 1100, "dropped": 10}
BACKTEST = {
    "events": 1200,
    "errors": 0,
    "first": 1,
    "routines": {"alert-triage": FIGURES, "docs-drift": QUIET},
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report of the examples, as ``report --json`` prints it."""
    file = tmp_path_factory.mktemp("backtest") / "backtest.json"
    file.write_bytes(msgspec.json.encode(BACKTEST))
    result = CliRunner().invoke(
        command, [str(PROJECT / "example_routines"), "--json", "--backtest", str(file)], standalone_mode=False
    )
    assert result.exception is None
    found: dict[str, Any] = msgspec.json.decode(result.stdout)
    return found


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("profile")) as opened:
        opened.size(1280, 900)
        yield opened


@pytest.fixture
def report(page: Page, data: dict[str, Any], tmp_path: Path) -> Page:
    """The page, freshly loaded."""
    file = tmp_path / "report.html"
    file.write_text(render_html(data))
    page.console.clear()
    page.requests.clear()
    page.prefer("light")
    page.open(file.as_uri())
    return page


def settle(page: Page) -> None:
    page.run("new Promise(done => setTimeout(done, 200))")


def test_nothing_is_requested_and_nothing_goes_wrong(report: Page) -> None:
    """One file, no outside request, no console error, whatever is opened."""
    report.run("for (const node of document.querySelectorAll('details')) node.open = true")
    settle(report)
    report.run("for (const node of document.querySelectorAll('details')) node.open = true")
    settle(report)
    assert report.console == []
    assert [url for url in report.requests if not url.startswith(("file:", "data:"))] == []
    assert len(report.requests) == 1


def test_a_case_shows_both_runs_and_the_plan(report: Page) -> None:
    """Drawn when it is opened, and only then."""
    assert report.run("document.querySelectorAll('.runs').length") == 0
    report.run("document.querySelector('details.case').open = true")
    settle(report)
    assert report.run("document.querySelectorAll('.runs > section').length") == 2
    assert report.run("document.querySelectorAll('.runs .call').length") > 1
    assert "Plan: " in report.run("document.querySelector('details.case').textContent")


def test_a_routine_shows_its_file_with_marks_and_its_grants(report: Page, data: dict[str, Any]) -> None:
    """Lint marks stand at the words that caused them."""
    report.run("document.querySelector('details.routine').open = true")
    settle(report)
    marks = report.run("[...document.querySelectorAll('details.routine mark')].map(m => m.textContent)")
    assert len(marks) == len(data["routines"][0]["lint"])
    assert "slack" in report.run("document.querySelector('details.routine').textContent")


def test_a_prompt_in_a_file_is_shown_with_its_own_marks(page: Page, tmp_path: Path) -> None:
    """Each finding stands in the file that it points to, not at the same line of the other."""
    home = tmp_path / "digest"
    home.mkdir()
    (home / "routine.yaml").write_text(
        "name: digest\nrepositories: [github:acme/core]\ntriggers: [{type: api}]\nprompt: {file: prompt.md}\n"
    )
    (home / "prompt.md").write_text("Look at the issues.\n\nSummarise {{repositry}} for the team.\n")
    result = CliRunner().invoke(command, [str(home), "--json"], standalone_mode=False)
    assert result.exception is None
    shown = msgspec.json.decode(result.stdout)
    jsonschema.validate(shown, parse_schema("report"))
    (tmp_path / "report.html").write_text(render_html(shown))
    page.open((tmp_path / "report.html").as_uri())
    page.run("document.querySelector('details.routine').open = true")
    settle(page)
    boxes = "[...document.querySelectorAll('details.routine .source')]"
    marked = page.run(f"{boxes}.map(box => [...box.querySelectorAll('mark')].map(m => m.textContent))")
    assert len(marked) == 2
    assert "{{repositry}}" in marked[1]
    assert "{{repositry}}" not in marked[0]


def test_a_recording_says_what_kept_the_run_in(page: Page, tmp_path: Path) -> None:
    """The isolation of a live run is taken from its recording's header, and shown."""
    shutil.copytree(PROJECT / "example_routines" / "docs-drift", tmp_path / "docs-drift")
    recording, *_ = sorted((tmp_path / "docs-drift" / "recordings").glob("*.jsonl"))
    head, rest = recording.read_bytes().split(b"\n", 1)
    header = msgspec.json.decode(head)
    header["agent"]["isolation"] = "bubblewrap (own filesystem view, processes and network)"
    recording.write_bytes(msgspec.json.encode(header) + b"\n" + rest)
    result = CliRunner().invoke(command, [str(tmp_path), "--json"], standalone_mode=False)
    shown = msgspec.json.decode(result.stdout)
    noted = [each["isolation"] for each in shown["routines"][0]["recordings"]]
    assert noted == [header["agent"]["isolation"], ""]
    (tmp_path / "report.html").write_text(render_html(shown))
    page.open((tmp_path / "report.html").as_uri())
    page.run("document.querySelector('details.routine').open = true")
    settle(page)
    cells = page.run("[...document.querySelectorAll('details.routine td')].map(cell => cell.textContent)")
    assert "bubblewrap" in cells


def test_search_and_filter_narrow_the_list(report: Page, data: dict[str, Any]) -> None:
    """By words anywhere in a case, and by routine; the number is announced."""
    total = sum(len(routine["cases"]) for routine in data["routines"])
    assert report.run("document.getElementById('count').textContent") == f"{total} of {total} cases"
    report.key("/", text="/")
    assert report.run("document.activeElement.id") == "search"
    report.type("sql-injection")
    settle(report)
    assert report.run("document.querySelectorAll('details.case').length") < total
    report.key("Escape", code=27)
    settle(report)
    assert report.run("document.querySelectorAll('details.case').length") == total
    assert report.run("document.getElementById('count').getAttribute('aria-live')") == "polite"


def test_the_keyboard_reaches_everything(report: Page) -> None:
    """Tab goes from the skip link through navigation and tables to the cases; Enter opens one."""
    names = []
    for _ in range(60):
        report.key("Tab", code=9)
        names.append(report.run("document.activeElement.tagName + '.' + document.activeElement.className"))
    assert names[0] == "A.skip"
    assert "BUTTON." in names
    assert "SUMMARY." in names
    report.run("document.querySelector('details.case summary').focus()")
    report.key("Enter", text="\r", code=13)
    assert report.run("document.querySelector('details.case').open") is True


def test_every_control_has_a_name_and_headings_are_in_order(report: Page) -> None:
    """What a screen reader needs: labels, landmarks, captions, levels without gaps."""
    unnamed = "[...document.querySelectorAll('input, select')].filter(n => !n.closest('label')).length"
    assert report.run(unnamed) == 0
    assert report.run("document.querySelectorAll('main, header, nav[aria-label], footer').length") == 4
    levels = report.run("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    assert report.run("document.querySelectorAll('th:not([scope])').length") == 0


CONTRAST = """
(() => {
  const share = (v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const light = (c) => {
    const [r, g, b] = c.match(/[\\d.]+/g).map((v) => share(Number(v) / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const back = (node) => {
    for (; node; node = node.parentElement) {
      const c = getComputedStyle(node).backgroundColor;
      if (!c.endsWith(', 0)') && c !== 'transparent') return c;
    }
    return 'rgb(255, 255, 255)';
  };
  const found = [];
  for (const node of document.querySelectorAll('p, td, th, a, summary span, code, button, label, mark')) {
    const a = light(getComputedStyle(node).color), b = light(back(node));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    found.push([ratio, node.className + ' ' + node.textContent.slice(0, 30)]);
  }
  return found.sort((x, y) => x[0] - y[0])[0];
})()
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_colour_schemes_can_be_read(report: Page, scheme: str, tmp_path: Path) -> None:
    """The system's scheme is followed, the button turns it over, and the contrast is that of WCAG AA."""
    report.prefer(scheme)
    opened = "document.querySelectorAll('details.routine, details.case')"
    report.run(f"{opened}.forEach((n, i) => {{ if (i % 7 == 0) n.open = true }})")
    settle(report)
    for _ in range(2):
        ratio, where = report.run(CONTRAST)
        assert ratio >= 4.5, where
        report.run("document.getElementById('scheme').click()")
    dark = "rgb(20, 23, 26)"
    report.run("document.getElementById('scheme').click()")
    turned = report.run("getComputedStyle(document.body).backgroundColor")
    assert (turned == dark) is (scheme == "light")
    report.screenshot(tmp_path / "page.png")
    assert (tmp_path / "page.png").stat().st_size > 10_000


def test_it_prints(report: Page) -> None:
    """Printing gives a document, with the routines opened."""
    assert report.pdf().startswith(b"%PDF")


def test_a_backtest_is_drawn(report: Page) -> None:
    """A bar a routine, with words for those who do not see it."""
    label = report.run("document.querySelector('#charts svg').getAttribute('aria-label')")
    assert label == "alert-triage: 40 fired, 10 of them lost, 1,100 skipped"


def test_a_bar_stands_only_where_something_fired(report: Page) -> None:
    """What nothing fired has words in its place."""
    assert report.run("document.querySelectorAll('#charts svg').length") == 1
    assert "nothing fired" in report.run("document.querySelectorAll('#charts .bar')[1].textContent")


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the examples and of the README's routine, which files its ticket twice."""
    root = tmp_path_factory.mktemp("failing")
    shutil.copytree(PROJECT / "example_routines", root / "routines")
    shutil.copytree(PROJECT / "fixtures", root / "fixtures")
    readme = (PROJECT / "README.md").read_text("utf-8")
    for name, text in re.findall(r"```\w+ title=(\S+)\n(.*?)```", readme, re.DOTALL):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("Do not modify code.", "Do not \u202emodify code."))
    result = CliRunner().invoke(command, [str(root / "routines"), "--json"], standalone_mode=False)
    shown = msgspec.json.decode(result.stdout)
    jsonschema.validate(shown, parse_schema("report"))
    (root / "report.html").write_text(render_html(shown))
    return root / "report.html"


LOOKS = [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)]


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_it_is_looked_at(page: Page, failing: Path, tmp_path: Path, scheme: str, width: int) -> None:
    """In both schemes, wide and narrow: what failed is first and open, nothing runs out of the page, and
    a note of lint is as wide as its file. The pictures stay in the test's folder."""
    page.size(width, 900)
    page.prefer(scheme)
    page.open(failing.as_uri())
    settle(page)
    names = "[...document.querySelectorAll('details.case')].slice(0, 2).map(n => [n.open, n.textContent])"
    (is_open, first), (second_open, _) = page.run(names)
    assert is_open
    assert "failed" in first
    assert not second_open
    page.run("document.querySelectorAll('details.routine').forEach(node => { node.open = true })")
    settle(page)
    assert page.run("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    widths = (
        "[...document.querySelectorAll('.source .note')].map(n => n.clientWidth / n.parentNode.clientWidth)"
    )
    assert min(page.run(widths)) > 0.8
    colours = "['body', 'svg.lanes'].map(n => getComputedStyle(document.querySelector(n)).color)"
    assert len(set(page.run(colours))) == 1
    page.screenshot(tmp_path / f"{scheme}-{width}.png")
    page.size(1280, 900)
    assert (tmp_path / f"{scheme}-{width}.png").stat().st_size > 10_000


def test_both_runs_are_drawn_and_planned(page: Page, failing: Path) -> None:
    """A line leads from the repeated record to the first; the plan of each run stands above its calls."""
    page.open(failing.as_uri())
    settle(page)
    case = "document.querySelector('details.case')"
    assert page.run(f"{case}.querySelectorAll('svg.lanes .link').length") == 1
    assert page.run(f"{case}.querySelector('svg.lanes title').textContent") == (
        "run 2, call 3 repeats run 1, call 3"
    )
    plans = page.run(f"[...{case}.querySelectorAll('.runs > section')].map(n => n.textContent)")
    assert "+ ticket SEC-1" in plans[0]
    assert "= ticket SEC-2 (same as SEC-1)" in plans[1]
    assert "by a script" in page.run("document.querySelector('#overview table').textContent")


def test_a_character_that_turns_text_around_is_spelt_out(page: Page, failing: Path) -> None:
    """A reader sees what the agent is given."""
    page.open(failing.as_uri())
    page.run("document.querySelectorAll('details.routine').forEach(node => { node.open = true })")
    settle(page)
    text = page.run("document.body.textContent.replace(document.getElementById('data').textContent, '')")
    assert "Do not \\u202emodify code." in text
    assert "\u202e" not in text


def test_lint_counts_stand_only_where_they_differ(data: dict[str, Any]) -> None:
    """One sentence says what is the same everywhere."""
    same = copy.deepcopy(data)
    for routine in same["routines"]:
        routine["lint"] = routine["lint"][:1] or [{"code": "a.b", "message": "m", "severity": "warning"}]
    assert '<th scope="col">Lint</th>' not in render_html(same)
    assert "Lint: 1 in each routine" in render_html(same)
    same["routines"][0]["lint"] = []
    assert '<th scope="col">Lint</th>' in render_html(same)


def test_what_strangers_wrote_is_text(page: Page, data: dict[str, Any], tmp_path: Path) -> None:
    """Markup in a case runs nothing."""
    evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    changed = copy.deepcopy(data)
    case = changed["routines"][0]["cases"][0]
    case["description"] = case["runs"][0]["closing"] = case["runs"][0]["calls"][0]["answer"] = evil
    changed["routines"][0]["name"] = evil
    file = tmp_path / "evil.html"
    file.write_text(render_html(changed))
    page.open(file.as_uri())
    page.run("for (const node of document.querySelectorAll('details')) node.open = true")
    settle(page)
    assert page.run("document.title") == "routine-harness report"
    assert page.run("document.querySelectorAll('main img').length") == 0


def test_a_thousand_cases_stay_usable(page: Page, data: dict[str, Any], tmp_path: Path) -> None:
    """Under 10 MB, few elements until something is opened, and a search leaves what it finds."""
    large = copy.deepcopy(data)
    cases = [case for routine in data["routines"] for case in routine["cases"] if case.get("runs")]
    large["routines"] = large["routines"][:10]
    for routine in large["routines"]:
        routine["cases"] = [{**cases[n % len(cases)], "id": f"case-{n}"} for n in range(100)]
    file = tmp_path / "large.html"
    file.write_text(render_html(large))
    assert file.stat().st_size < 10_000_000
    page.open(file.as_uri())
    assert page.run("document.getElementById('count').textContent") == "1000 of 1000 cases"
    assert page.run("document.querySelectorAll('*').length") < 5000
    page.run("document.getElementById('search').value = 'case-77'")
    page.run("document.getElementById('state').dispatchEvent(new Event('change'))")
    assert page.run("document.querySelectorAll('details.case').length") == 10
