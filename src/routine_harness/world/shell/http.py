"""HTTP clients of the command line: ``curl``, ``wget``, ``http`` and ``gh api``.

What their options say becomes requests; what a request comes to is the business of ``requests``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from routine_harness.world.github.rest import API
from routine_harness.world.holes import has_hole, hole
from routine_harness.world.shell.acts import Word
from routine_harness.world.shell.braces import Piece, expand_braces
from routine_harness.world.shell.files import resolve
from routine_harness.world.shell.options import Options, names, parse_options
from routine_harness.world.shell.requests import Request, request, with_json
from routine_harness.world.shell.scope import Text

if TYPE_CHECKING:
    from routine_harness.world.shell.reader import Reader

_METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")

_CURL: Final = names(
    "-X -d -F -T -H -o -u -A -e -b -c -m -w -x -K -E -r -C -y -Y -z -t -Q -D -U -P --request --data "
    "--data-raw --data-binary --data-ascii --data-urlencode --json --form --form-string --upload-file "
    "--header --output --user --user-agent --referer --cookie --cookie-jar --max-time --write-out --proxy "
    "--config --cert --key --cacert --capath --range --retry --retry-delay --retry-max-time "
    "--connect-timeout --resolve --interface --limit-rate --url --proxy-user --oauth2-bearer "
    "--dump-header --connect-to --unix-socket --max-redirs --aws-sigv4 --url-query --variable "
    "--expand-data --netrc-file --mail-from --mail-rcpt --hostpubmd5 --dns-servers --proto --proto-default"
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
_ELSEWHERE: Final = (
    "-o",
    "-O",
    "-i",
    "-I",
    "-D",
    "-w",
    "-v",
    "--output",
    "--include",
    "--write-out",
    "--verbose",
)
"""Options of curl by which it prints something else than the answer."""


def curl(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """Read one curl command: every URL of it with the method that its options imply."""
    before = len(reader.acts)
    for part in _parts(argv):
        _curl_part(reader, [argv[0], *part], stdin)
    asked = reader.acts[before:]
    plain = not any(name in parse_options(argv[1:], _CURL) for name in _ELSEWHERE)
    whole = [act.server for act in asked] == [API] or len({id(act.plan) for act in asked if act.plan}) == 1
    return reader.answered() if plain and whole else Text()


def _parts(argv: list[Word]) -> Iterator[list[Word]]:
    """The requests of one command, which ``--next`` parts."""
    part: list[Word] = []
    for word in argv[1:]:
        if word.text in ("--next", "-:"):
            yield part
            part = []
        else:
            part.append(word)
    yield part


def _curl_part(reader: Reader, argv: list[Word], stdin: Text) -> None:
    options = parse_options(argv[1:], _CURL, _CURL_ALIASES)
    for path in options.texts("-K"):
        text = _file(reader, path.text, stdin)
        if text is None or has_hole(text):
            reader.undecided("curl takes its options from a file", _line(argv), "curl")
            continue
        options = parse_options([*argv[1:], *_configured(text)], _CURL, _CURL_ALIASES)
    data = options.texts(*_DATA)
    implied = "PUT" if "-T" in options else "POST" if data or options.texts("-F", "--form-string") else "GET"
    implied = "HEAD" if "-I" in options else "GET" if "-G" in options else implied
    body = None if "-G" in options else _curl_body(reader, options, stdin)
    hosts = [word.text.split(":")[2] for word in options.texts("--connect-to") if word.text.count(":") >= 2]
    hosts += [":".join(word.text.split(":")[2:]) for word in options.texts("--resolve")]
    hosts += [word.text[5:].strip() for word in options.texts("-H") if word.text.lower().startswith("host:")]
    for word in [*options.rest, *options.texts("--url")]:
        for url in [word.text] if "-g" in options else _globbed(word.text):
            asked = Request(
                (options.text("-X") or implied).upper(), url, with_json(body), tuple(filter(None, hosts))
            )
            request(reader, argv, asked)


def _configured(text: str) -> list[Word]:
    """The options of a file for ``-K``: one a line, ``name = value`` or ``--name value``."""
    words: list[Word] = []
    for line in text.splitlines():
        name, _, value = line.strip().replace("=", " ", 1).partition(" ")
        if not name or name.startswith("#"):
            continue
        words.append(Word(name if name.startswith("-") else f"--{name}"))
        if value.strip():
            words.append(Word(value.strip().strip('"')))
    return words


def _globbed(url: str) -> list[str]:
    """curl's own ``{a,b}`` in an address."""
    if "{" not in url:
        return [url]
    variants = expand_braces([Piece(url, quoted=False)])
    return [
        "".join(piece.text for piece in variant).replace("{", "").replace("}", "")
        for variant in variants[:64]
    ]


def _curl_body(reader: Reader, options: Options, stdin: Text) -> str | None:
    parts = []
    for word in options.texts(*_DATA):
        plain = not word.text.startswith("@") or word in options.texts("--data-raw")
        parts.append(word.text if plain else _file_text(reader, word.text[1:], stdin))
    parts += [word.text for word in options.texts("-F", "--form-string")]
    if (path := options.text("-T")) is not None:
        parts.append(_file_text(reader, path, stdin))
    return "&".join(parts) if parts else None


def _file(reader: Reader, path: str, stdin: Text) -> str | None:
    if path in ("-", "/dev/stdin"):
        return stdin.text
    return reader.file(resolve(reader.context.directory, path))


def _file_text(reader: Reader, path: str, stdin: Text) -> str:
    """The text of a file; a hole where it is not known."""
    text = _file(reader, path, stdin)
    return hole(f"@{path}") if text is None else text


def wget(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """Read one wget command."""
    options = parse_options(argv[1:], _WGET)
    posts = options.texts("--post-data", "--post-file")
    method = options.text("--method") or ("POST" if posts else "GET")
    body = options.text("--post-data", "--body-data")
    if body is None and (path := options.text("--post-file", "--body-file")):
        body = _file_text(reader, path, stdin)
    for url in options.rest:
        request(reader, argv, Request(method.upper(), url.text, with_json(body)))
    return Text()


def httpie(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """Read one command of HTTPie or xh: ``http [METHOD] URL [ITEM …]``."""
    options = parse_options(argv[1:], _HTTPIE)
    words = list(options.rest)
    method = words.pop(0).text.upper() if len(words) > 1 and words[0].text.upper() in _METHODS else ""
    if len(words) > 1 and not method and has_hole(words[0].text) and "." not in words[0].text:
        method = words.pop(0).text
    if not words:
        return Text()
    items: dict[str, Any] = {}
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
    request(reader, argv, Request(method or ("POST" if posts else "GET"), url, with_json(body)))
    return Text()


def _line(argv: list[Word]) -> str:
    return " ".join(word.text for word in argv)
