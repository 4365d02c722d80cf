"""HTTP from the command line: ``curl``, ``wget``, ``http`` and ``gh api``.

A request to GitHub's REST interface is the tool call that does the same; a GET reads; anything
else is ``http.requested``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

from routine_harness.world.shell.acts import HTTP_READ, Act, Word, effect, spelt
from routine_harness.world.shell.files import resolve
from routine_harness.world.shell.options import Options, names, parse_options
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.scripts import unknown_part

if TYPE_CHECKING:
    from routine_harness.world.shell.reader import Reader

API_HOST: Final = "api.github.com"
_METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
READING: Final = ("GET", "HEAD", "OPTIONS", "TRACE")

_CURL: Final = names(
    "-X -d -F -T -H -o -u -A -e -b -c -m -w -x -K -E -r -C -y -Y -z -t -Q -D -U -P --request --data "
    "--data-raw --data-binary --data-ascii --data-urlencode --json --form --form-string --upload-file "
    "--header --output --user --user-agent --referer --cookie --cookie-jar --max-time --write-out --proxy "
    "--config --cert --key --cacert --capath --range --retry --retry-delay --retry-max-time "
    "--connect-timeout --resolve --interface --limit-rate --url --proxy-user --oauth2-bearer "
    "--dump-header --connect-to --unix-socket --max-redirs --aws-sigv4 --url-query --variable "
    "--expand-data --netrc-file"
)
_CURL_ALIASES: Final = {"--request": "-X", "--data": "-d", "--form": "-F", "--upload-file": "-T",
                        "--header": "-H", "--get": "-G", "--head": "-I", "--config": "-K"}  # fmt: skip
_DATA: Final = (
    "-d",
    "--data-raw",
    "--data-binary",
    "--data-ascii",
    "--data-urlencode",
    "--json",
    "--expand-data",
)
_WGET: Final = names(
    "-O -o -a -P -U -t -T -w -Q -e -i -B -l -A -R -D -I -X --method --body-data --body-file --post-data "
    "--post-file --header --output-document --user --password --timeout --tries --directory-prefix "
    "--user-agent --input-file --certificate --private-key --ca-certificate"
)
_HTTPIE: Final = names(
    "-a -A -s -p -o -b --auth --auth-type --style --print --output --session --session-read-only --proxy "
    "--verify --timeout --max-redirects --cert --cert-key --raw --boundary --format-options --pretty "
    "--ssl"
)
_API: Final = names(
    "-X -f -F -H -q -t -p --method --field --raw-field --header --input --jq --template --hostname "
    "--cache --preview"
)


def curl(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """Read one curl command: every URL of it with the method that its options imply."""
    options = parse_options(argv[1:], _CURL, _CURL_ALIASES)
    if "-K" in options:
        reader.undecided("curl takes its options from a file", spelt(argv), "curl")
    data = options.texts(*_DATA)
    implied = "PUT" if "-T" in options else "POST" if data or options.texts("-F", "--form-string") else "GET"
    if "-I" in options:
        implied = "HEAD"
    if "-G" in options:
        implied = "GET"
    method = options.last("-X")
    body = None if "-G" in options else _curl_body(reader, data, stdin)
    urls = [*options.rest, *options.texts("--url")]
    _requests(reader, argv, options, method or Word(implied), urls, body)
    return Text()


def _curl_body(reader: Reader, data: list[Word], stdin: Text) -> str | None:
    parts = []
    for word in data:
        text = _file(reader, word.text[1:], stdin) if word.text.startswith("@") else word.text
        if text is None or not word.known:
            return None
        parts.append(text)
    return "&".join(parts) if parts else None


def _file(reader: Reader, path: str, stdin: Text) -> str | None:
    if path == "-":
        return stdin.text
    return reader.file(resolve(reader.context.directory, path))


def wget(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """Read one wget command."""
    options = parse_options(argv[1:], _WGET)
    posts = options.texts("--post-data", "--post-file")
    method = options.last("--method") or Word("POST" if posts else "GET")
    body = options.text("--post-data", "--body-data")
    if body is None and (path := options.text("--post-file", "--body-file")):
        body = _file(reader, path, stdin)
    _requests(reader, argv, options, method, options.rest, body)
    return Text()


def httpie(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """Read one command of HTTPie or xh: ``http [METHOD] URL [ITEM …]``."""
    options = parse_options(argv[1:], _HTTPIE)
    words = list(options.rest)
    method = Word(words.pop(0).text.upper()) if words and words[0].text.upper() in _METHODS else None
    if not words:
        return Text()
    items: dict[str, Any] = {}
    for word in words[1:]:
        name, raw, value = word.text.partition(":=")
        if not raw:
            name, raw, value = word.text.partition("=")
            if not raw or name.endswith("="):  # name==value is a part of the query, name:value a header
                continue
        items[name] = value if word.known else None
    body = options.text("--raw") or (json.dumps(items) if items else stdin.text if stdin.given else None)
    posts = bool(items) or "--raw" in options or stdin.given
    _requests(reader, argv, options, method or Word("POST" if posts else "GET"), words[:1], body)
    return Text()


def gh_api(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """Read ``gh api``: POST is implied by fields and by a body."""
    words = argv[2:] if len(argv) > 1 and argv[1].text == "api" else [w for w in argv[1:] if w.text != "api"]
    options = parse_options(
        words, _API, {"--method": "-X", "--field": "-F", "--raw-field": "-f", "--header": "-H"}
    )
    fields = options.texts("-f", "-F")
    method = options.last("-X") or Word("POST" if fields or "--input" in options else "GET")
    body: Any = None
    if fields:
        body = _fields(fields)
    elif (path := options.text("--input")) is not None:
        body = _json(_file(reader, path, stdin))
    for endpoint in options.rest[:1]:
        repository = reader.scope.variables.get("GH_REPO") or reader.context.repository
        owner, _, name = repository.partition("/")
        text = endpoint.text
        if repository:
            text = text.replace("{owner}", owner).replace("{repo}", name)
        if text.strip("/") == "graphql":
            _graphql(reader, argv, fields, body)
            continue
        url = text if text.startswith("http") else f"https://{API_HOST}/{text.lstrip('/')}"
        _request(reader, argv, method, Word(url, endpoint.known), body, query_fields=method.text == "GET")
    if not options.rest and options.open:
        reader.undecided("gh api's endpoint is known only when it runs", spelt(argv), "gh")
    return Text()


def _fields(words: list[Word]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for word in words:
        name, _, value = word.text.partition("=")
        if name.endswith("[]"):
            fields.setdefault(name[:-2], []).append(value)
        elif word.known:
            fields[name] = {"true": True, "false": False, "null": None}.get(value, _number(value))
    return fields


def _number(value: str) -> Any:
    return int(value) if value.isdecimal() and len(value) < 16 else value


def _graphql(reader: Reader, argv: list[Word], fields: list[Word], body: Any) -> None:
    query = next((word for word in fields if word.text.startswith("query=")), None)
    text = query.text[6:] if query else (body or {}).get("query", "") if isinstance(body, Mapping) else ""
    if (query is not None and query.known and not text.startswith("@")) or (query is None and text):
        if "mutation" in text:
            reader.acts.append(
                effect("http.requested", method="POST", host=API_HOST, path="/graphql", body=text)
            )
        return
    reader.undecided("a GraphQL query that is known only when it runs", spelt(argv), "gh")


def _requests(
    reader: Reader, argv: list[Word], options: Options, method: Word, urls: list[Word], body: str | None
) -> None:
    for url in urls:
        _request(reader, argv, method, url, _json(body))
    if options.open and not any(act.kind == "command.undecided" for act in reader.acts[-1:]):
        reader.undecided(
            f"{argv[0].text} is given options that are known only when it runs", spelt(argv), argv[0].text
        )


def _request(
    reader: Reader, argv: list[Word], method: Word, url: Word, body: Any, *, query_fields: bool = False
) -> None:
    if not method.known:
        reader.undecided(f"the method is {unknown_part(method)}", spelt(argv), argv[0].text)
        return
    name = method.text.upper()
    parts = _split(url.text)
    known = url.known or ("$" not in url.text.partition("?")[0] and "`" not in url.text.partition("?")[0])
    if not known and name not in READING:
        reader.undecided(f"the address is {unknown_part(url)}", spelt(argv), argv[0].text)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    if query_fields and isinstance(body, Mapping):
        query, body = {**query, **body}, None
    if parts.hostname == API_HOST or parts.path.startswith("/api/v3/"):
        # Imported here: GitHub's tables cost 20 ms that other requests need not pay.
        from routine_harness.world.github.rest import rest_call

        given = body if isinstance(body, Mapping | list) else None
        found = rest_call(name, parts.path.removeprefix("/api/v3"), query, given) if known else None
        if found is not None:
            reader.acts.append(
                Act(
                    connector=found.connector, tool=found.tool, server=found.server, arguments=found.arguments
                )
            )
            return
    if name in READING:
        if url.known:
            reader.acts.append(Act(HTTP_READ, {"method": name, "url": url.text}))
        return
    host = parts.hostname if url.known or (parts.hostname and "$" not in parts.hostname) else None
    text = body if isinstance(body, str) or body is None else json.dumps(body, ensure_ascii=False)
    reader.acts.append(
        effect("http.requested", method=name, host=host, path=parts.path or "/" if known else None, body=text)
    )


def _split(url: str) -> Any:
    try:
        return urlsplit(url if "://" in url else f"http://{url}")
    except ValueError:
        return urlsplit("http:///")


def _json(body: Any) -> Any:
    """A body as JSON values if it is JSON, else as it stands."""
    if not isinstance(body, str) or not body.lstrip().startswith(("{", "[")):
        return body
    try:
        return json.loads(body)
    except ValueError:
        return body
