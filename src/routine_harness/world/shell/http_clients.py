"""``wget``, ``http`` and their like on a command line; ``curl`` has a module of its own.

What their options say becomes requests; what a request comes to is the business of ``http_requests``.
"""

from __future__ import annotations

import json
from typing import Final

from routine_harness.plain import Record
from routine_harness.world.holes import has_hole
from routine_harness.world.shell.acts import Word
from routine_harness.world.shell.curl import carried, known_text, transfers_of
from routine_harness.world.shell.http_requests import Request, with_json
from routine_harness.world.shell.http_requests import request as note_request
from routine_harness.world.shell.options import names, parse_options
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.script_reader import Reader
from routine_harness.world.shell.transfer import Style

_METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
_WGET_FAILED: Final = 8

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


def wget(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """Read one wget command."""
    options = parse_options(argv[1:], _WGET)
    posts = options.texts("--post-data", "--post-file")
    method = options.text("--method") or ("POST" if posts else "GET")
    body = options.text("--post-data", "--body-data")
    if body is None and (path := options.text("--post-file", "--body-file")):
        body = known_text(reader, path, stdin)
    output = options.text("-O", "--output-document")
    style = Style(
        fail=True, follow=True, silent="-q" in options or "--quiet" in options, output=output,
        remote_name=output is None, folder=options.text("-P", "--directory-prefix") or "", program="wget",
        failed_code=_WGET_FAILED, most_hops=20,
    )  # fmt: skip
    made = [
        transfers_of(reader, argv, Request(method.upper(), url.text, with_json(body)), body, style)
        for url in options.rest
    ]
    return carried(reader, [one for found in made for one in found])


def httpie(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """Read one command of HTTPie or xh: ``http [METHOD] URL [ITEM …]``."""
    options = parse_options(argv[1:], _HTTPIE)
    words = list(options.rest)
    method = words.pop(0).text.upper() if len(words) > 1 and words[0].text.upper() in _METHODS else ""
    if len(words) > 1 and not method and has_hole(words[0].text) and "." not in words[0].text:
        method = words.pop(0).text
    if not words:
        return Text()
    items: Record = {}
    for word in words[1:]:
        name, raw, value = word.text.partition(":=")
        if not raw:
            name, raw, value = word.text.partition("=")
            if not raw or name.endswith("="):  # name==value is a part of the query, name:value a header
                continue
        items[name] = value
    body = options.text("--raw") or (
        json.dumps(items, ensure_ascii=False) if items else stdin.text if stdin.given else None
    )
    posts = bool(items) or "--raw" in options or stdin.given
    url = words[0].text
    url = f"localhost{url}" if url.startswith((":", "/")) else url
    note_request(reader, argv, Request(method or ("POST" if posts else "GET"), url, with_json(body)))
    return Text()
