"""The built site, looked at in a browser: it fits, asks nobody, follows the system, copies commands alone."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from support.chromium import Page, browser, chromium

PROJECT = Path(__file__).parents[2]
PAGES = ("", "tutorial/", "reference/files/", "connectors/github/")
DESKTOP, TABLET, PHONE = (1280, 900), (800, 1000), (390, 844)
SCHEMES = {"light": "default", "dark": "slate"}

pytestmark = pytest.mark.skipif(browser() is None, reason="no chromium here")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site, built and served on loopback."""
    folder = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(folder)],
        cwd=PROJECT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, check=True, capture_output=True,
    )  # fmt: skip
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("browser") / "profile") as page:
        yield page


def look(window: Page, address: str, size: tuple[int, int], scheme: str = "light") -> None:
    """Open a page as somebody sees it on the first visit; where asked to, keep what is seen."""
    window.prefer(scheme)
    window.size(*size)
    window.open(address)
    window.run("document.fonts.ready.then(() => new Promise(r => setTimeout(r, 200)))")
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        name = address.split("/", 3)[3].strip("/").replace("/", "-") or "home"
        Path(folder).mkdir(parents=True, exist_ok=True)
        window.screenshot(Path(folder) / f"{name}-{size[0]}-{scheme}.png")


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESKTOP, "light"), (DESKTOP, "dark"), (TABLET, "dark"), (PHONE, "light")]
)
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.strip("/") or "home")
def test_it_fits_asks_nobody_and_follows_the_system(
    site: str, window: Page, path: str, size: tuple[int, int], scheme: str
) -> None:
    """The page never scrolls sideways, all that it loads is its own, nothing is logged."""
    window.requests.clear()
    window.console.clear()
    look(window, site + path, size, scheme)
    assert window.run("document.documentElement.scrollWidth") <= size[0]
    assert window.run("document.body.getAttribute('data-md-color-scheme')") == SCHEMES[scheme]
    assert [url for url in window.requests if not url.startswith((site, "data:"))] == []
    assert window.console == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.strip("/") or "home")
def test_80_columns_fit_and_no_block_scrolls_sideways(site: str, window: Page, path: str) -> None:
    """At 1280 pixels; a line of more than 80 columns is broken."""
    look(window, site + path, DESKTOP)
    wide = "[...document.querySelectorAll('pre > code')].filter(c => c.scrollWidth > c.clientWidth).length"
    assert window.run(wide) == 0
    columns = """(() => {
        const code = document.querySelector('.md-content pre > code'), style = getComputedStyle(code);
        const one = document.createElement('span');
        one.textContent = '0'.repeat(80);
        one.style.whiteSpace = 'pre';
        code.append(one);
        const width = one.getBoundingClientRect().width;
        one.remove();
        return width / (code.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight));
    })()"""
    assert window.run(f"document.querySelector('.md-content pre > code') ? {columns} : 0.5") <= 1


@pytest.mark.parametrize("path", ["connectors/github/", "reference/effects/", "reference/files/"])
def test_no_identifier_in_a_table_is_split(site: str, window: Page, path: str) -> None:
    """On a phone each name in the first column of a table stands on one line."""
    look(window, site + path, PHONE)
    names = "[...document.querySelectorAll('td:first-child code')]"
    assert window.run(f"{names}.length") > 0
    assert window.run(f"{names}.filter(c => c.getClientRects().length > 1).map(c => c.textContent)") == []


def test_the_copy_button_takes_the_commands_alone(site: str, window: Page) -> None:
    """No prompt, no output; commands under each other, a command over several lines whole."""
    look(window, site, DESKTOP)
    copied = "[...document.querySelectorAll('.language-console')].map(b => b.dataset.copy)"
    assert window.run(copied) == ["routine-harness demo\nroutine-harness demo --fixed"]
    assert window.run("document.querySelector('.language-sh code').innerText.trim()") == (
        "pip install routine-harness"
    )
    look(window, site + "tutorial/", DESKTOP)
    blocks = window.run(copied)
    assert blocks[0] == "routine-harness init ask-for-details --repository acme/core --trigger schedule"
    assert not [block for block in blocks if not block or block.startswith("$")]
    window.run("document.addEventListener('copy', event => window.got = event.target.value)")
    press = "document.querySelector('.language-console [data-clipboard-target]').click()"
    window.send("Runtime.evaluate", expression=press, userGesture=True)
    assert window.run("got") == blocks[0]


def test_the_theme_follows_the_system_until_another_is_chosen(site: str, window: Page) -> None:
    """Three entries: the first one follows, the others hold."""
    look(window, site, DESKTOP, "dark")
    assert window.run("document.querySelectorAll('[name=__palette]').length") == 3
    scheme = "document.body.getAttribute('data-md-color-scheme')"
    wait = "new Promise(done => setTimeout(done, 200))"
    assert window.run(scheme) == "slate"
    window.prefer("light")
    window.run(wait)
    assert window.run(scheme) == "default"
    window.run(
        "document.querySelector('label[for=__palette_2]:not([hidden]), label[for=__palette_1]').click()"
    )
    window.run(wait)
    window.prefer("dark")
    window.run(wait)
    assert window.run(scheme) == "default"
    window.run("localStorage.clear()")
