"""The structure of a shell script, taken apart where nothing about it is doubtful: what cannot be read in
one way only is refused. Nothing is expanded: of a word, what is only known when it runs is said to be so.
"""

from __future__ import annotations

from collections.abc import Callable

from routine_harness.guard.scan import NAMES, UNKNOWN, Scan
from routine_harness.guard.single import BeyondError

KEYWORDS = frozenset(
    [
        "if",
        "then",
        "elif",
        "else",
        "fi",
        "for",
        "while",
        "until",
        "do",
        "done",
        "case",
        "esac",
        "in",
        "{",
        "}",
        "!",
        "function",
        "select",
        "time",
        "coproc",
        "[[",
        "]]",
        "[",
        "]",
    ]
)
ARROWS = ("2>&1", "1>&2", ">&2", "2>>", "2>", "&>", ">>", ">", "<<", "<")
VALUED = ("export", "local", "readonly")
UNARY = frozenset(["-e", "-f", "-d", "-s", "-r", "-w", "-x", "-z", "-n", "-L", "-h"])
BINARY = frozenset(["=", "!=", "-eq", "-ne", "-lt", "-le", "-gt", "-ge"])
MOST_NESTED = 6
REPEATS = 64
"""How often the harness follows a loop."""

Note = Callable[[list[str], "Walk", int], None]


class Walk(Scan):
    """Walks a script once and notes every command of it; refuses with ``BeyondError``."""

    def __init__(self, script: str, note: Note) -> None:
        super().__init__(script)
        self.note = note
        self.repeats, self.nested = 1, 0
        self.compound = self.assigned = False
        self.written: list[str] = []

    def substitution(self) -> None:
        """The commands of ``$(…)``, up to and past its end."""
        self.inner((")",))

    def whole(self) -> None:
        """Walk all of it."""
        self.statements(("",))

    def statements(self, ends: tuple[str, ...]) -> str:
        """Commands up to one of ``ends`` in a command's place; which of them it was."""
        seen = False
        while True:
            self.blank()
            found = self.ending()
            if found is not None:
                if found not in ends or not seen or self.marks:
                    raise BeyondError
                self.at += len(found)
                return found
            self.chain()
            seen = True
            self.spaces()
            char = self.script[self.at : self.at + 1]
            if char == ";":
                self.at += 1
            elif char not in ("", "\n", ")", "#"):
                raise BeyondError

    def ending(self) -> str | None:
        """What ends a list of commands here, if something does."""
        char = self.script[self.at : self.at + 1]
        if char in ("", ")"):
            return char
        word = self.keyword()
        return word if word in ("then", "elif", "else", "fi", "do", "done", "}") else None

    def keyword(self) -> str:
        """The run of letters here; nothing is passed over."""
        end = self.at
        while end < len(self.script) and self.script[end] not in " \t\n;|&()<>":
            end += 1
        return self.script[self.at : end]

    def chain(self) -> None:
        """Commands joined by ``&&``, ``||`` and ``|``."""
        while True:
            self.command()
            self.spaces()
            joint = self.script[self.at : self.at + 2]
            if joint in ("&&", "||"):
                self.at += 2
                self.blank()
            elif joint[:1] == "|" and joint != "|&":
                self.at += 1
                self.spaces()
            else:
                return

    def command(self) -> None:
        """One command, simple or compound."""
        word = self.keyword()
        if self.script.startswith("(", self.at) and not self.script.startswith("((", self.at):
            self.at += 1
            self.inner((")",))
        elif word == "{":
            self.at += 1
            self.inner(("}",))
        elif word == "for":
            self.loop()
        elif word in ("while", "until"):
            self.at += 5
            self.inner(("do",))
            self.inner(("done",))
        elif word == "if":
            self.at += 2
            end = self.inner(("then",))
            while end != "fi":
                end = self.inner(
                    ("then",) if end == "elif" else ("fi",) if end == "else" else ("elif", "else", "fi")
                )
        elif word in ("[", "[["):
            self.test(word)
        elif word in KEYWORDS:
            raise BeyondError
        else:
            return self.simple()
        return self.redirects()

    def inner(self, ends: tuple[str, ...]) -> str:
        """Commands inside of another."""
        self.compound = True
        self.nested += 1
        if self.nested > MOST_NESTED:
            raise BeyondError
        found = self.statements(ends)
        self.nested -= 1
        return found

    def loop(self) -> None:
        """``for NAME in WORDS; do … done``."""
        self.at += 3
        self.spaces()
        name = self.keyword()
        self.at += len(name)
        self.spaces()
        if not name.isidentifier() or not name.isascii() or self.keyword() != "in":
            raise BeyondError
        self.at += 2
        self.spaces()
        start = self.at
        while self.script[self.at : self.at + 1] not in ("", ";", "\n"):
            self.word()
            self.spaces()
        if self.at == start:
            raise BeyondError
        self.at += self.script.startswith(";", self.at)
        self.blank()
        if self.keyword() != "do":
            raise BeyondError
        self.at += 2
        self.repeats *= REPEATS
        self.inner(("done",))
        self.repeats //= REPEATS

    def test(self, opening: str) -> None:
        """``[ -f x ]`` and ``[[ $x == y ]]`` in their plain forms."""
        self.at += len(opening)
        parts: list[str] = []
        closing = "]" * len(opening)
        while self.keyword() != closing:
            self.spaces()
            raw = self.keyword()
            if raw in BINARY or raw in UNARY or raw in ("!", "==", closing):
                self.at += len(raw) if raw != closing else 0
                parts += [raw] if raw != closing else []
            else:
                self.word()
                parts.append("")
        self.at += len(closing)
        shape = parts[1:] if parts[:1] == ["!"] else parts
        one = len(shape) == 2 and shape[0] in UNARY and shape[1] == ""
        two = (
            len(shape) == 3
            and not shape[0]
            and not shape[2]
            and (shape[1] in BINARY or (shape[1] == "==" and len(opening) == 2))
        )
        if not one and not two:
            raise BeyondError

    def simple(self) -> None:
        """Assignments, words and redirections."""
        words: list[str] = []
        assigned = empty = many = False
        while not self.stopped():
            if self.arrow():
                break
            value = self.assignment() if not words or words[0] in VALUED else None
            if value is not None:
                assigned, empty, many = True, not value, assigned
                if words:
                    words.append("-x")
                self.spaces()
                continue
            start = self.at
            text = self.word()
            if not words and (text != self.script[start : self.at] or text in KEYWORDS or "=" in text):
                raise BeyondError
            words.append(text)
            self.spaces()
        if (not words and (not assigned or many or self.arrow())) or (empty and words[-1:] in ([], ["-x"])):
            raise BeyondError
        if words[-1:] == ["-"] and self.arrow()[:1].isdigit():  # the grammar loses such a dash
            raise BeyondError
        self.assigned = self.assigned or assigned
        self.redirects()
        if words:
            self.note(words, self, self.repeats)

    def stopped(self) -> bool:
        """Whether a simple command ends here."""
        char = self.script[self.at : self.at + 1]
        if char == "&" and self.script[self.at : self.at + 2] not in ("&&", "&>"):
            raise BeyondError
        return char in ("", ";", "|", ")", "\n", "#") or self.script.startswith("&&", self.at)

    def assignment(self) -> str | None:
        """The value of ``NAME=value`` here, which is passed over; None if that does not stand here."""
        end = self.at
        while end < len(self.script) and self.script[end] in NAMES:
            end += 1
        if end == self.at or self.script[end : end + 1] != "=" or self.script[self.at].isdigit():
            return None
        self.at = end + 1
        if self.script[self.at : self.at + 1] not in ("", " ", ";", "\n"):
            return self.word() or UNKNOWN
        return ""

    def arrow(self) -> str:
        """The redirection that begins here; empty if none does."""
        return next((one for one in ARROWS if self.script.startswith(one, self.at)), "")

    def redirects(self) -> None:
        """The redirections of a command, which are its last words."""
        self.spaces()
        while arrow := self.arrow():
            self.at += len(arrow)
            if arrow == "<<":
                self.mark()
            elif "&" in arrow[1:]:
                if not self.between():
                    raise BeyondError
            else:
                self.spaces()
                target = self.word()
                if ">" in arrow:
                    self.written.append(target)
            self.spaces()
        if not self.stopped():
            raise BeyondError
