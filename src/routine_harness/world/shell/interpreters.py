"""Code of another language on a command line: the commands that it runs and the requests that it sends.

The code is not understood, only parted into texts, comments and the rest. A call that runs a command is read
as that command. A call that sends a request is read for its method and its address.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Final

from routine_harness.world.holes import has_hole, without_holes
from routine_harness.world.shell.act_effects import attempted
from routine_harness.world.shell.acts import HTTP_READ, Act, Word, line_of, opaque, undecided
from routine_harness.world.shell.code_texts import CodeText, closing, parts_of, texts_inside, texts_listed
from routine_harness.world.shell.http_requests import counts
from routine_harness.world.shell.paths import resolve
from routine_harness.world.shell.program_table import PROGRAMS, is_a
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.script_reader import Reader

MAX_CODE: Final = 200_000
_USUAL_CODE: Final = ("-c",)
"""The option that is followed by code, where the table names none for the interpreter."""


_RUNNERS: Final = (
    r"system|popen|popen2|execSync|execFileSync|execFile|spawnSync|spawn|exec[lv]p?e?|spawn[lv]p?e?|"
    r"getoutput|getstatusoutput|check_output|check_call|shell_exec|passthru|proc_open|pcntl_exec|execute|"
    r"capture2e?|capture3|IO\.popen|Popen|create_subprocess_(?:shell|exec)|shellout|doScript|execa|execaCommand|"
    r"zx|Command\.new|Command::new|exec\.Command|Deno\.Command|Deno\.run|Bun\.spawn(?:Sync)?|do shell script|"
    r"ProcessBuilder|Invoke-Expression|iex|Start-Process"
)
_RUNS: Final = re.compile(
    rf"(?:\b(?:{_RUNNERS}|sh|cmd)|\b(?:subprocess|sp)\.(?:run|call|Popen)|\bos\.(?:cmd|system)|"
    r"(?<![\w.])exec|\b(?:child_process|cp|shell|shelljs)\.exec|\$\.sync)\s*\(",
)
_RENAMED: Final = re.compile(
    rf"\b(?:{_RUNNERS}|run|call)\s+as\s+(\w+)|\b(?:{_RUNNERS})\s*:\s*(\w+)"
    rf"|\b(\w+)\s*=\s*(?:[\w.]|\([^()]*\))*?\b(?:{_RUNNERS})\b(?!\s*\()"
)
"""Another name for a function that runs commands: ``check_call as c``, ``{spawnSync: s}``."""
_LIBRARIES: Final = (
    r"requests|httpx|session|client|http|axios|got|superagent|needle|ky|ofetch|HTTParty|Faraday|RestClient|"
    r"Net::HTTP|Excon|LWP|ua|urllib3?|aiohttp|treq|Http|GuzzleHttp|request"
)
_SENDS: Final = re.compile(r"(?:\.|::|->)\s*(?P<verb>post|put|patch|delete|post_form)\s*\(", re.IGNORECASE)
"""A method of any client; what it is given tells whether it sends."""

_ASKS: Final = re.compile(
    rf"\b(?:fetch|urlopen|Request|(?:{_LIBRARIES})\s*\.\s*(?:request|Request|urlopen)|axios|got|curl_setopt|"
    r"file_get_contents|HTTPSConnection|Invoke-RestMethod|Invoke-WebRequest)\s*\("
)
_METHOD: Final = re.compile(r"""\bmethod['"]?\s*[:=]+>?\s*['"](\w+)['"]""", re.IGNORECASE)

_WRITING: Final = ("POST", "PUT", "PATCH", "DELETE")


def interpreter(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """A program that runs code: opaque, and undecided where the code's own words name an outward act."""
    name = argv[0].text.rpartition("/")[2]
    reader.acts.append(opaque(name, line_of(argv)))
    for code in _codes(reader, name, argv, stdin):
        deed = outward_deed(reader, name, code[:MAX_CODE])
        if deed:
            reader.acts[-1:] = [undecided(f"its code {deed}", line_of(argv), name)]
            break
    return Text()


def _codes(reader: Reader, name: str, argv: list[Word], stdin: Text) -> Iterator[str]:
    """The code that is on the command line, on the input, or in a file whose text is known."""
    row = PROGRAMS.get(name)
    inline = (row.code if row is not None else None) or _USUAL_CODE
    file = None
    for at, word in enumerate(argv[1:], 1):
        clustered = re.fullmatch(r"-[A-Za-z]*[eEcr]", word.text) and "-" + word.text[-1] in inline
        if word.text in inline or clustered:
            yield from (following.text for following in argv[at + 1 : at + 2])
            return
        if word.text.startswith("--eval=") or (name == "perl" and re.match(r"-[a-z]*e.", word.text)):
            yield re.sub(r"^(?:--eval=|-[a-z]*e)", "", word.text)
            return
        if not word.text.startswith("-") and file is None:
            file = word.text
    if file is None or file in ("-", "/dev/stdin", "run"):
        if stdin.given and stdin.text is not None:
            yield stdin.text
    elif (text := reader.file(resolve(reader.context.directory, file))) is not None:
        yield text


def outward_deed(reader: Reader, name: str, code: str) -> str:
    """What the code's calls would do outside, in words; empty where they say nothing of it."""
    if name in ("pwsh", "powershell") and (deed := _of_command(reader, [code])):
        return f"runs {deed}"
    slashed, ticked = is_a(name, "slashed"), is_a(name, "ticked")
    literals, bare = parts_of(code, slashed=slashed)
    for found in (*_RUNS.finditer(bare), *_renamed(bare)):
        if deed := _of_command(reader, texts_inside(bare, literals, found.end())):
            return f"runs {deed}"
    for literal in literals:
        ticked = (
            literal.mark == "`"
            and is_a(name, "ticked")
            and (not is_a(name, "slashed") or _tagged(bare, literal))
        )
        if ticked and (deed := _of_command(reader, [literal.text])):
            return f"runs {deed}"
    for kind in (_SENDS, _ASKS):
        for found in kind.finditer(bare):
            method = found.groupdict().get("verb") or ""
            if deed := _of_request(reader, method, code, bare, literals, found.end()):
                return f"sends {deed}"
    return _of_markless(reader, bare, literals)


def _renamed(bare: str) -> Iterator[re.Match[str]]:
    """The calls of functions that run commands, under the names that the code gives them."""
    given = {name for found in _RENAMED.finditer(bare) for name in found.groups() if name}
    if given:
        yield from re.finditer(rf"(?<![\w.])(?:{'|'.join(sorted(map(re.escape, given)))})\s*\(", bare)


def _tagged(bare: str, literal: CodeText) -> bool:
    """A template text that a function of a shell takes: ``$`git push` ``, and PHP's own."""
    return bare[: literal.start].rstrip().endswith("$") or bare.lstrip().startswith(("<?", "`", "echo"))


def _of_markless(reader: Reader, bare: str, literals: list[CodeText]) -> str:
    """``system 'git push'`` of Ruby and Perl, ``do shell script "…"``: calls without parentheses."""
    for found in re.finditer(r"\b(?:system|exec|do shell script|Invoke-Expression|iex|qx|%x)\b[ {]*", bare):
        if deed := _of_command(reader, texts_listed(bare, literals, found.end())):
            return f"runs {deed}"
    for inner in re.findall(r"(?:\bqx|%x)\s*[{(\[/|!]([^})\]/|!]+)", bare):
        if deed := _of_command(reader, [inner]):
            return f"runs {deed}"
    return ""


def _of_command(reader: Reader, texts: list[str]) -> str:
    """The first outward act of a command that a call is given, as one text or as a list of words."""
    if not texts or not texts[0].strip():
        return ""
    words = texts if len(texts) > 1 and not re.search(r"\s", texts[0].strip()) else texts[:1]
    if words[:2] in (["sh", "-c"], ["bash", "-c"], ["/bin/sh", "-c"], ["/bin/bash", "-c"]) and len(words) > 2:
        words = words[2:3]
    script = words[0] if len(words) == 1 else shlex.join(words)
    for act in _tried(reader, script):
        if act.kind in ("command.opaque", HTTP_READ) or (act.tool and not any(True for _ in attempted(act))):
            continue
        if act.kind in ("file.changed", "file.deleted", "commit.created", "command.undecided"):
            continue
        return f"{script[:80]!r}"
    return ""


def _tried(reader: Reader, script: str) -> list[Act]:
    """The acts of a script that some other program may run; they are taken back."""
    before, trying = len(reader.acts), reader.trying
    reader.trying = True
    with reader.aside():
        context = reader.context
        reader.read(without_holes(script) if not has_hole(script) else script)
        reader.context = context
    reader.trying = trying
    found = reader.acts[before:]
    del reader.acts[before:]
    return found


def _of_request(
    reader: Reader, method: str, code: str, bare: str, literals: list[CodeText], start: int
) -> str:
    end = closing(bare, start)
    texts = texts_inside(bare, literals, start)
    address = next((text for text in texts if "://" in text), None)
    if address is None:
        return ""
    part = code[start:end]
    if not method:
        named = _METHOD.search(part) or re.match(r"""\s*['"](\w+)['"]""", part)
        method = named[1] if named else "POST" if re.search(r"\bdata\s*=", part) else "GET"
    method = method.upper().removesuffix("_FORM")
    if method not in _WRITING or not counts(address):
        return ""
    del reader
    return f"{method} {address[:80]}"
