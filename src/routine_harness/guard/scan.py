"""The words of a shell script, taken apart where nothing about them is doubtful; see ``structure``."""

from __future__ import annotations

from routine_harness.guard.single import HEREDOC, BeyondError, heredoc, is_text

UNKNOWN = "\0"
"""Stands in a word for what is only known when it runs."""
NAMES = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
PLAIN = NAMES | frozenset("./:,@%+-*?=~^")
ESCAPED = frozenset(";()$.*+?|")
DEFAULTS = NAMES | frozenset("./-")


class Scan:
    """A place in a script, and the heredocs whose texts follow its line."""

    def __init__(self, script: str) -> None:
        self.script, self.at = script, 0
        self.marks: list[str] = []

    def substitution(self) -> None:
        """The commands of ``$(…)``, up to and past its end."""
        raise BeyondError

    def mark(self) -> None:
        """``<<'EOF'``: its text follows the line."""
        end = self.script.find("'", self.at + 1)
        mark = self.script[self.at + 1 : end]
        if (
            self.script[self.at : self.at + 1] != "'"
            or not mark.isalpha()
            or self.marks
            or "\\\n" in self.script
        ):
            raise BeyondError
        self.marks.append(mark)
        self.at = end + 1

    def body(self) -> None:
        """Past the text of a heredoc, at the end of its line."""
        mark = self.marks.pop()
        end = self.script.find(f"\n{mark}\n", self.at)
        if end < 0 and self.script.endswith(f"\n{mark}"):
            end = len(self.script) - len(mark) - 1
        if end < 0 or not is_text(self.script[self.at : end].replace("\t", "")):
            raise BeyondError
        self.at = end + len(mark) + 1

    def spaces(self) -> None:
        """Past blanks and broken lines."""
        while self.script.startswith((" ", "\t", "\\\n"), self.at):
            self.at += 2 if self.script[self.at] == "\\" else 1
            if self.script[self.at - 1] == "\n" and (self.marks or self.at == len(self.script)):
                raise BeyondError

    def blank(self) -> None:
        """Past blanks, ends of lines and comments."""
        while True:
            self.spaces()
            char = self.script[self.at : self.at + 1]
            if char == "\n":
                if self.marks:
                    self.body()
                else:
                    self.at += 1
            elif char == "#":
                end = self.script.find("\n", self.at)
                self.at = len(self.script) if end < 0 else end
            else:
                return

    def between(self) -> bool:
        """Whether a word has come to its end here."""
        return self.script[self.at : self.at + 1] in (
            "",
            " ",
            "\t",
            "\n",
            ";",
            "|",
            ")",
        ) or self.script.startswith(("&&", "\\\n"), self.at)

    def word(self) -> str:
        """The word that begins here, with ``UNKNOWN`` for what it does not say itself."""
        start, text = self.at, ""
        while not self.between():
            char = self.script[self.at]
            if char in PLAIN and (
                char != "=" or (text and self.script[self.at + 1 : self.at + 2] not in ("=", "~"))
            ):
                text += char  # the grammar takes ``==`` for an operator
                self.at += 1
            elif char == "'":
                end = self.script.find("'", self.at + 1)
                if end < 0:
                    raise BeyondError
                text += self.script[self.at + 1 : end]
                self.at = end + 1
            elif char == '"':
                text += self.quoted()
            elif char == "$":
                text += self.dollar()
            elif char == "\\":
                text += self.escaped()
            elif self.script.startswith("{}", self.at) and start == self.at:
                text += "{}"
                self.at += 2
            else:
                raise BeyondError
        if start == self.at or (self.marks and "\n" in self.script[start : self.at]):
            raise BeyondError
        return text

    def escaped(self) -> str:
        """The character that a backslash quotes."""
        text = self.script[self.at + 1 : self.at + 2]
        if text not in ESCAPED:
            raise BeyondError
        self.at += 2
        return text

    def quoted(self) -> str:
        """A text in double quotes."""
        if self.script.startswith(HEREDOC, self.at):
            text, self.at = heredoc(self.script, self.at + len(HEREDOC))
            return text
        self.at += 1
        text = ""
        while not self.script.startswith('"', self.at):
            char = self.script[self.at : self.at + 1]
            if char in ("", "`"):
                raise BeyondError
            if char == "$" and self.script.startswith('$"', self.at):
                text += char
                self.at += 1
            elif char == "$":
                text += self.dollar()
            elif char == "\\":
                following = self.script[self.at + 1 : self.at + 2]
                if following in ("$", "`", '"', "\\"):
                    text += following
                elif following != "\n":  # a broken line is one line
                    text += "\\" + following
                self.at += 2
            else:
                text += char
                self.at += 1
        self.at += 1
        return text

    def dollar(self) -> str:
        """A variable or a substitution, whose commands are noted."""
        script, start = self.script, self.at + 1
        self.at = start
        if script.startswith("((", start):
            end = script.find("))", start)
            if end < 0 or not is_sum(script[start + 2 : end]):
                raise BeyondError
            self.at = end + 2
        elif script.startswith("(", start) and not self.marks:
            self.at += 1
            self.substitution()
        elif script.startswith("{", start):
            end = script.find("}", start)
            name, _, rest = script[start + 1 : end].partition(":-")
            if end < 0 or not name.isidentifier() or not name.isascii() or not DEFAULTS.issuperset(rest):
                raise BeyondError
            self.at = end + 1
        elif script[start : start + 1] in ("?", "#", "@", "1", "2"):
            self.at += 1
        else:
            while self.at < len(script) and script[self.at] in NAMES:
                self.at += 1
            if self.at == start or script[start].isdigit():
                raise BeyondError
        return UNKNOWN


def is_sum(text: str) -> bool:
    """Whether an arithmetic text is numbers and names with operators between them."""
    for operator in "-*/%":
        text = text.replace(operator, "+")
    parts = [part.strip().removeprefix("$") for part in text.split("+")]
    return all(part and NAMES.issuperset(part) for part in parts)
