"""Reads of GitHub's REST API: GET requests to one host, and nothing else.

The host is GITHUB_API_URL, as in Actions; the token is sent to it alone, over TLS or on this machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from routine_harness.errors import Problem, UsageError
from routine_harness.plain import Json

if TYPE_CHECKING:
    import httpx

API: Final = "https://api.github.com"
API_URL: Final = "GITHUB_API_URL"
TOKENS: Final = ("GH_TOKEN", "GITHUB_TOKEN")
"""The variables that hold a token, in the order in which gh looks at them."""
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_MOST_PAGES: Final = 30
"""GitHub lists at most 3,000 files of a pull request, 100 a page."""
_TIMEOUT: Final = 30.0
_INSTALL: Final = "pip install 'routine-harness[github]'"


class ReadRefusedError(Exception):
    """GitHub's answer to a read that it did not serve: status and words."""

    def __init__(self, status: int, words: str) -> None:
        self.status, self.words = status, words
        super().__init__(f"{status} {words}".strip())


class GithubReads:
    """Reads of one host with one token; a context manager that closes its connections."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Raises:
        UsageError: there is no token, the host may not be sent one, or httpx is not installed.
        """
        token = next((environment[name] for name in TOKENS if environment.get(name)), "")
        url = environment.get(API_URL) or API
        problems = list(_why_not(url))
        if not token:
            hint = (
                f"set {' or '.join(TOKENS)} to a token that may read the repository: gh auth token prints one"
            )
            problems.append(Problem("", 0, "reading a pull request takes a token", hint))
        if problems:
            raise UsageError(*problems)
        self._base = url.rstrip("/")
        self._client = _client(self._base, token)

    def __enter__(self) -> GithubReads:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, path: str) -> Json:
        """The JSON at ``path``.

        Raises:
            ReadRefusedError: GitHub says no.
            UsageError: the host cannot be reached, or answers something else than JSON.
        """
        return _value(self._ask(f"{self._base}{path}"))

    def pages(self, path: str, field: str = "") -> list[Json]:
        """All elements of a list, or of the list under ``field``, page after page.

        Raises:
            ReadRefusedError, UsageError: see ``get``; the latter for a list that goes on elsewhere, too.
        """
        separator = "&" if "?" in path else "?"
        url, found = f"{self._base}{path}{separator}per_page=100", list[Json]()
        for _ in range(_MOST_PAGES):
            response = self._ask(url)
            value = _value(response)
            listed = value.get(field) if field and isinstance(value, dict) else value
            found += listed if isinstance(listed, list) else []
            following = str(response.links.get("next", {}).get("url", ""))
            if not following:
                break
            if not following.startswith(f"{self._base}/"):
                raise UsageError(Problem("", 0, f"{path} goes on at another host, which is not read"))
            url = following
        return found

    def _ask(self, url: str) -> httpx.Response:
        # Imported here: the library is an extra, and only this command needs it.
        import httpx

        try:
            response = self._client.get(url)
        except httpx.HTTPError as error:
            message = f"{urlsplit(url).netloc} cannot be read: {error or type(error).__name__}"
            raise UsageError(Problem("", 0, message, f"{API_URL} names the host of the API")) from error
        if response.status_code != 200:
            raise ReadRefusedError(response.status_code, _words(response))
        return response


def _why_not(url: str) -> list[Problem]:
    """What keeps a token from being sent to ``url``."""
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if parts.hostname and not parts.query and not parts.username and (parts.scheme == "https" or local):
        return []
    hint = "it is sent over https, or to this machine: https://api.github.com, https://ghe.example/api/v3"
    return [
        Problem(API_URL, 0, f"expected the address of an API that a token may be sent to, found {url}", hint)
    ]


def _client(base: str, token: str) -> httpx.Client:
    try:
        # Imported here: the library is an extra, and only this command needs it.
        import httpx
    except ModuleNotFoundError as error:
        raise UsageError(Problem("", 0, "reading a pull request needs httpx", _INSTALL)) from error

    def only_reads(request: httpx.Request) -> None:
        if request.method != "GET" or not str(request.url).startswith(f"{base}/"):
            raise AssertionError(f"only reads of {base} are allowed, not {request.method} {request.url}")

    headers = {
        "Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28", "User-Agent": "routine-harness",
    }  # fmt: skip
    local = urlsplit(base).hostname in _LOOPBACK  # no proxy stands between this machine and itself
    return httpx.Client(
        headers=headers, timeout=_TIMEOUT, follow_redirects=False, trust_env=not local,
        event_hooks={"request": [only_reads]},
    )  # fmt: skip


def _value(response: httpx.Response) -> Json:
    try:
        return response.json()
    except ValueError as error:
        message = f"{response.url.host} answers something else than JSON"
        raise UsageError(Problem("", 0, message, f"{API_URL} names the host of the API")) from error


def _words(response: httpx.Response) -> str:
    """Why GitHub refused, in its own words."""
    try:
        value = response.json()
    except ValueError:
        return response.reason_phrase
    return str(value.get("message", "")) if isinstance(value, dict) else response.reason_phrase
