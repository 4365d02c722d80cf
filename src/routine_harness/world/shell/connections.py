"""Programs that open a connection: another machine's shell, or a socket over which anything may be sent."""

from __future__ import annotations

import re
from typing import Final

from routine_harness.world.shell.acts import Word, line_of, opaque
from routine_harness.world.shell.http_requests import send
from routine_harness.world.shell.options import names, parse_options
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.script_reader import Reader
from routine_harness.world.shell.scripts import joined_script, read_possible

_SSH: Final = names("-b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -P -Q -R -S -W -w -B")
_NC: Final = names(
    "-i -I -M -m -O -p -P -q -s -T -V -w -W -X -x -e -c -g -G --exec --sh-exec --wait --source-port"
)


def ssh(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``ssh HOST CMD``: the command is read, as the machine it runs on can do all that this one can."""
    options = parse_options(argv[1:], _SSH, stop_early=True)
    for word in options.texts("-o"):
        found = re.match(r"(?i)(?:ProxyCommand|LocalCommand|KnownHostsCommand)[=\s]+(.+)", word.text)
        if found and found[1] != "none":
            read_possible(reader, found[1])
    rest = options.rest[1:]
    if rest and rest[0].text == "--":
        rest = rest[1:]
    reader.acts.append(opaque(argv[0].text, line_of(argv)))
    with reader.possible():
        if rest:
            joined_script(reader, rest, argv, stdin)
        elif stdin.given and options.rest:
            _script_over(reader, argv, stdin)
    return Text()


def _script_over(reader: Reader, argv: list[Word], stdin: Text) -> None:
    if stdin.text is None:
        reader.undecided(
            "another machine's shell reads a script that only exists when it runs", line_of(argv), "ssh"
        )
    else:
        reader.read(stdin.text)


def netcat(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``nc HOST PORT`` sends what its input holds; with ``-e`` the connection is a program's instead."""
    options = parse_options(argv[1:], _NC)
    programs = options.texts("-e", "-c", "--exec", "--sh-exec")
    for word in programs:
        reader.command([Word(part) for part in word.text.split()], Text(None, given=True))
    if {"-z", "-l", "--listen", "-h", "--help"} & options.values.keys():
        return Text()
    if options.rest and not programs:
        send(reader, options.rest[0].text, stdin)
    return Text()


def telnet(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    options = parse_options(argv[1:], ("-l", "-n", "-e", "-b"))
    if options.rest:
        send(reader, options.rest[0].text, stdin)
    return Text()


def socat(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``socat A B``: ``EXEC:`` and ``SYSTEM:`` run a command, an address of a host is sent to."""
    options = parse_options(argv[1:], ("-T", "-t", "-b", "-L", "-W", "-lf"))
    for word in options.rest:
        kind, _, rest = word.text.partition(":")
        if kind.upper() in ("EXEC", "SYSTEM", "SHELL"):
            reader.read(rest.partition(",")[0].strip("'\""), Text(None, given=True))
        elif re.match(r"(?i)(?:tcp|udp|ssl|openssl|socks|proxy)(?!.*listen)", kind):
            send(reader, rest.partition(":")[0], stdin._replace(given=True))
    return Text()


def openssl(reader: Reader, argv: list[Word], stdin: Text) -> Text | None:
    """``openssl s_client -connect HOST:PORT`` sends its input; the rest of openssl reckons."""
    if len(argv) < 2 or argv[1].text != "s_client":
        return None
    options = parse_options(
        argv[2:], ("-connect", "-servername", "-host", "-port", "-cert", "-key", "-CAfile")
    )
    host = (
        options.text("-connect") or options.text("-host") or (options.rest[-1].text if options.rest else "")
    ).partition(":")[0]
    if stdin.given and host:
        send(reader, host, stdin)
    return Text()
