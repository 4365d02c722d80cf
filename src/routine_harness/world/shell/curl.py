"""``curl`` on a command line: its options as requests, and as the transfers that print and write files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from routine_harness.world.holes import has_hole, hole, without_holes
from routine_harness.world.shell.acts import Word, line_of
from routine_harness.world.shell.http_requests import Request, request, with_json
from routine_harness.world.shell.options import Options, names, parse_options
from routine_harness.world.shell.paths import resolve
from routine_harness.world.shell.pieces import Piece, expand_braces
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.script_reader import Reader
from routine_harness.world.shell.transfer import Style, Transfer

_CURL: Final = names(
    "-X -d -F -T -H -o -u -A -e -b -c -m -w -x -K -E -r -C -y -Y -z -t -Q -D -U -P --request --data "
    "--data-raw --data-binary --data-ascii --data-urlencode --json --form --form-string --upload-file "
    "--header --output --user --user-agent --referer --cookie --cookie-jar --max-time --write-out --proxy "
    "--config --cert --key --cacert --capath --range --retry --retry-delay --retry-max-time "
    "--connect-timeout --resolve --interface --limit-rate --url --proxy-user --oauth2-bearer "
    "--dump-header --connect-to --unix-socket --max-redirs --aws-sigv4 --url-query --variable "
    "--output-dir --max-filesize --ciphers --tls-max --tls13-ciphers --pass --key-type --cert-type --crlfile "
    "--keepalive-time --parallel-max --create-file-mode --doh-url --noproxy --preproxy --socks5 "
    "--socks5-hostname --trace --trace-ascii --stderr --time-cond --speed-limit --speed-time --local-port "
    "--expand-data --netrc-file --mail-from --mail-rcpt --hostpubmd5 --dns-servers --proto --proto-default"
)
_CURL_ALIASES: Final = {
    "--request": "-X", "--data": "-d", "--form": "-F", "--upload-file": "-T", "--header": "-H",
    "--get": "-G", "--head": "-I", "--config": "-K", "--output": "-o", "--remote-name": "-O",
    "--remote-name-all": "-O", "--remote-header-name": "-J", "--include": "-i", "--silent": "-s",
    "--show-error": "-S", "--fail": "-f", "--location": "-L", "--location-trusted": "-L",
    "--write-out": "-w", "--dump-header": "-D",
}  # fmt: skip
_DATA: Final = (
    "-d",
    "--data-raw",
    "--data-binary",
    "--data-ascii",
    "--data-urlencode",
    "--json",
    "--expand-data",
)


def curl(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """Read one curl command: every URL of it with the method that its options imply."""
    made = [one for part in _parts(argv) for one in _curl_part(reader, [argv[0], *part], stdin)]
    return carried(reader, made)


def carried(reader: Reader, made: list[Transfer | None]) -> Text:
    """What transfers print, where there is a world to make them in; the files that they write are there
    from then on. None stands for a request that somebody else prints."""
    printed = reader.answered()
    if made and all(one is None for one in made):
        return printed
    transfers = [one for one in made if one is not None]
    for one in transfers:
        for path, text in one.files.items():
            if not path.startswith("/dev/"):
                reader.scope.files[resolve(reader.context.directory, path)] = without_holes(text)
    outs = [one.out for one in transfers]
    if not outs or len(outs) < len(made) or None in outs:
        return Text()
    reader.exits.follows = True  # from here on an exit code is known
    reader.status = transfers[-1].code
    return Text(without_holes("".join(filter(None, outs))), True)


def transfers_of(
    reader: Reader, argv: list[Word], asked: Request, body: str | None, style: Style
) -> list[Transfer | None]:
    """Note a request; the transfer that makes it, or None where its acts print by themselves."""
    before = len(reader.acts)
    request(reader, argv, asked)
    noted = reader.acts[before:]
    if any(act.plan is not None for act in noted):
        return [None]
    sent = None if body is not None and has_hole(body) else (body or "").encode("utf-8", "surrogatepass")
    url = asked.url if "://" in asked.url else f"http://{asked.url}"
    transfer = Transfer(asked.method, url, sent, style)
    reader.acts[before:] = [act._replace(plan=transfer) for act in noted]
    return [transfer]


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


def _curl_part(reader: Reader, argv: list[Word], stdin: Text) -> list[Transfer | None]:
    options = parse_options(argv[1:], _CURL, _CURL_ALIASES)
    for path in options.texts("-K"):
        text = known_file(reader, path.text, stdin)
        if text is None or has_hole(text):
            reader.undecided("curl takes its options from a file", line_of(argv), "curl")
            continue
        options = parse_options([*argv[1:], *_configured(text)], _CURL, _CURL_ALIASES)
    data = options.texts(*_DATA)
    implied = "PUT" if "-T" in options else "POST" if data or options.texts("-F", "--form-string") else "GET"
    implied = "HEAD" if "-I" in options else "GET" if "-G" in options else implied
    body = None if "-G" in options else _curl_body(reader, options, stdin)
    hosts = [word.text.split(":")[2] for word in options.texts("--connect-to") if word.text.count(":") >= 2]
    hosts += [":".join(word.text.split(":")[2:]) for word in options.texts("--resolve")]
    hosts += [word.text[5:].strip() for word in options.texts("-H") if word.text.lower().startswith("host:")]
    query = _query(reader, options, stdin)
    addresses = [
        url
        for word in [*options.rest, *options.texts("--url")]
        for url in ([word.text] if "-g" in options else _globbed(word.text))
    ]
    made: list[Transfer | None] = []
    for number, url in enumerate(addresses):
        method = (options.text("-X") or implied).upper()
        asked = Request(method, _with_query(url, query), with_json(body), tuple(filter(None, hosts)))
        made += transfers_of(reader, argv, asked, body, _style(reader, options, number, stdin))
    return made


def _style(reader: Reader, options: Options, number: int, stdin: Text) -> Style:
    """How the transfer of the ``number``-th address prints."""
    outputs, form = options.texts("-o"), options.text("-w") or ""
    if form.startswith("@"):
        form = known_file(reader, form[1:], stdin) or ""
    hops = options.text("--max-redirs") or "50"
    return Style(
        fail="-f" in options,
        fail_with_body="--fail-with-body" in options,
        include="-i" in options,
        head="-I" in options,
        silent="-s" in options,
        show_error="-S" in options,
        follow="-L" in options,
        keep_method="-X" in options,
        most_hops=int(hops) if hops.isdecimal() else 10**6,
        output=outputs[number].text if number < len(outputs) else None,
        remote_name="-O" in options,
        header_name="-J" in options,
        folder=options.text("--output-dir") or "",
        dump=options.text("-D"),
        write_out=form,
    )


def _query(reader: Reader, options: Options, stdin: Text) -> str:
    """What ``-G`` makes of the data, and ``--url-query`` adds: a part of the address."""
    parts = [word.text.removeprefix("+") for word in options.texts("--url-query")]
    for name in _DATA if "-G" in options else ():
        for word in options.texts(name):
            text = word.text
            if text.startswith("@") and name != "--data-raw":
                text = known_text(reader, text[1:], stdin)
            parts.append(_escaped(text) if name == "--data-urlencode" and not has_hole(text) else text)
    return "&".join(parts)


def _escaped(text: str) -> str:
    """What ``--data-urlencode`` sends: ``name=content`` with its content escaped."""
    name, equals, content = text.partition("=")
    return f"{name}{equals}{quote(content, safe='')}" if equals else quote(name, safe="")


def _with_query(url: str, query: str) -> str:
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{query}"


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
        parts.append(word.text if plain else known_text(reader, word.text[1:], stdin))
    parts += [word.text for word in options.texts("-F", "--form-string")]
    if (path := options.text("-T")) is not None:
        parts.append(known_text(reader, path, stdin))
    return "&".join(parts) if parts else None


def known_file(reader: Reader, path: str, stdin: Text) -> str | None:
    if path in ("-", "/dev/stdin"):
        return stdin.text
    return reader.file(resolve(reader.context.directory, path))


def known_text(reader: Reader, path: str, stdin: Text) -> str:
    """The text of a file; a hole where it is not known."""
    text = known_file(reader, path, stdin)
    return hole(f"@{path}") if text is None else text
