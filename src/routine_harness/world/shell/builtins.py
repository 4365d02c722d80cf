"""Programs that pass text along or move the shell itself: ``cd``, ``echo``, ``cat``, ``tee``, ``read`` …"""

from __future__ import annotations

from typing import TYPE_CHECKING

from routine_harness.world.shell.acts import Word, effect
from routine_harness.world.shell.files import outside, resolve
from routine_harness.world.shell.scope import Text

if TYPE_CHECKING:
    from routine_harness.world.shell.reader import Reader


def change_directory(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del stdin
    target = next((word for word in argv[1:] if not word.text.startswith("-") or word.text == "-"), Word("~"))
    if target.known and target.text != "-":
        reader.context = reader.context._replace(directory=resolve(reader.context.directory, target.text))
    return Text("")


def echo(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del reader, stdin
    words = argv[1:]
    end, escapes = "\n", False
    while words and words[0].text in ("-n", "-e", "-E", "-ne", "-en"):
        end = "" if "n" in words[0].text else end
        escapes = escapes or "e" in words[0].text
        words = words[1:]
    if not all(word.known for word in words):
        return Text()
    text = " ".join(word.text for word in words)
    return Text((text.replace("\\n", "\n").replace("\\t", "\t") if escapes else text) + end)


def printf(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del reader, stdin
    words = [word for word in argv[1:] if word.text != "--"]
    if not words or not all(word.known for word in words):
        return Text()
    pattern = words[0].text.replace("\\n", "\n").replace("\\t", "\t").replace("%%", "\0")
    values = [word.text for word in words[1:]]
    holes = pattern.count("%s") + pattern.count("%d")
    if pattern.count("%") != holes:
        return Text()
    if not holes:
        return Text(pattern.replace("\0", "%"))
    written = []
    for start in range(0, max(len(values), 1), holes):
        line = pattern
        for value in [*values[start : start + holes], *[""] * holes][:holes]:
            line = _filled(line, value)
        written.append(line)
    return Text("".join(written).replace("\0", "%"))


def _filled(line: str, value: str) -> str:
    at = min((found for found in (line.find("%s"), line.find("%d")) if found >= 0), default=-1)
    return line if at < 0 else line[:at] + value.replace("%", "\0") + line[at + 2 :]


def cat(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    names = [word for word in argv[1:] if word.text == "-" or not word.text.startswith("-")]
    if not names:
        return stdin
    texts = []
    for word in names:
        path = resolve(reader.context.directory, word.text)
        texts.append(stdin.text if word.text == "-" else reader.file(path))
    known = [text for text in texts if text is not None]
    return Text("".join(known) if len(known) == len(texts) else None)


def tee(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    appends = any(word.text in ("-a", "--append") for word in argv[1:])
    for word in argv[1:]:
        if word.text.startswith("-"):
            continue
        path = resolve(reader.context.directory, word.text)
        if outside(path, reader.context) if word.known else not word.text.startswith("$TMP"):
            reader.acts.append(effect("file.changed", path=path if word.known else None))
        reader.scope.files[path] = None if appends else stdin.text
    return stdin


def decode_base64(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del reader
    if not any(word.text in ("-d", "-D", "--decode", "-di") for word in argv[1:]) or stdin.text is None:
        return Text(None, decoded=True)
    import base64  # here, because few commands need it and a guard waits for every import

    try:
        return Text(base64.b64decode(stdin.text, validate=False).decode("utf-8"), decoded=True)
    except ValueError:
        return Text(None, decoded=True)


def read_variable(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    for word in argv[1:]:
        if not word.text.startswith("-"):
            one = stdin.text.strip() if stdin.given and stdin.text is not None and len(argv) == 2 else None
            reader.scope.variables[word.text] = one if one is None or "\n" not in one else None
    return Text("")


def set_positional(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del stdin
    texts = [word.text for word in argv]
    if "--" in texts:
        reader.scope.positional = argv[texts.index("--") + 1 :]
    return Text("")


def shift(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del stdin
    count = int(argv[1].text) if len(argv) > 1 and argv[1].text.isdecimal() else 1
    if reader.scope.positional is not None:
        reader.scope.positional = reader.scope.positional[count:]
    return Text("")


def nothing(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del reader, argv, stdin
    return Text("")
