"""A script taken apart into commands and words as the shell does it, without a parser.

Nothing is followed: of each word it is said whether all of it is known before it runs.
"""

from __future__ import annotations

SHELLS = {"sh", "bash", "dash", "zsh", "ksh", "eval", "fish"}
SEPARATORS = set(";&|\n()")
HEREDOC = r"<<-?[ \t]*(['\"\\]?)([\w.]+)['\"]?"


class Pieces:
    """The commands of a script as words; of each word, whether all of it is known."""

    def __init__(self, script: str) -> None:
        self.script = script
        self.commands: list[list[tuple[str, bool]]] = [[]]
        self.inner: list[str] = []
        self.heredocs: list[tuple[str, bool, bool]] = []
        self.written: list[list[tuple[str, bool]]] = []
        self.writes = False
        self.word: list[str] = []
        self.known, self.inside, self.dropped = True, False, False
        at = 0
        while at < len(script):
            at = self.step(at, script[at])
        self.close()

    def close(self) -> None:
        """End the word; the target of a redirection is no word of the command."""
        if self.inside and not self.dropped:
            text = "".join(self.word)
            self.commands[-1].append((text, self.known or text == "{"))
        if self.inside and self.dropped:
            if self.writes:
                self.written.append([("tee", True), ("".join(self.word), self.known)])
            self.dropped = False
        self.word, self.known, self.inside = [], True, False

    def step(self, at: int, char: str) -> int:
        """Read on from ``at``; where to go on."""
        script = self.script
        if char == "\\" and at + 1 < len(script):
            if script[at + 1] != "\n":
                self.word.append(script[at + 1])
                self.inside = True
            return at + 2
        if char == "'":
            end = script.find("'", at + 1)
            end = len(script) if end < 0 else end
            self.word.append(script[at + 1 : end])
            self.inside = True
            return end + 1
        if char == '"':
            return self.quoted(at)
        if char == "#" and not self.inside:
            end = script.find("\n", at)
            return len(script) if end < 0 else end
        if char in "<>":
            return self.redirected(at)
        if char in SEPARATORS:
            self.close()
            self.dropped = False
            self.commands.append([])
            return self.bodies(at + 1) if char == "\n" else at + 1
        if char.isspace():
            self.close()
            return at + 1
        if char in "$`{":
            self.known = False
        self.word.append(char)
        self.inside = True
        return at + 1

    def quoted(self, at: int) -> int:
        """A text in double quotes, whose substitutions run."""
        end = at + 1
        while end < len(self.script) and self.script[end] != '"':
            end = self.past(end)
        text = self.script[at + 1 : end]
        if "$" in text or "`" in text:
            self.known = False
            self.inner += substituted(text)
        self.word.append(unescaped(text))
        self.inside = True
        return end + 1

    def past(self, at: int) -> int:
        """Past one character of a quoted text, or past a substitution, quotes of its own included."""
        if self.script[at] == "\\":
            return at + 2
        if self.script[at : at + 2] != "$(":
            return at + 1
        depth = 0
        while at < len(self.script):
            depth += {"(": 1, ")": -1}.get(self.script[at], 0)
            at += 1
            if depth == 0 and self.script[at - 1] == ")":
                break
        return at

    def redirected(self, at: int) -> int:
        """A redirection: its target is dropped, a heredoc waits for the end of the line."""
        if "".join(self.word).isdigit():
            self.word, self.inside = [], False
        self.close()
        if self.script[at : at + 2] == "<<" and self.script[at : at + 3] != "<<<":
            import re  # only here and for its text: it takes half as long as a bare start

            found = re.compile(HEREDOC).match(self.script, at)
        else:
            found = None
        if found:
            words = [word[0].rpartition("/")[2] for word in self.commands[-1]]
            self.heredocs.append((found[2], bool(found[1]), any(word in SHELLS for word in words)))
            return found.end()
        start = at
        while at < len(self.script) and self.script[at] in "<>&|":
            at += 1
        self.writes = ">" in self.script[start:at] and self.script[at - 1 : at + 1] not in ("&1", "&2")
        self.dropped = self.script[at : at + 1] != "("
        return at

    def bodies(self, at: int) -> int:
        """Past the texts of heredocs; what a shell reads, or what is substituted, is read as well."""
        for mark, literal, run in self.heredocs:
            import re

            found = re.compile(rf"^\t*{re.escape(mark)}$", re.MULTILINE).search(self.script, at)
            body = self.script[at : found.start() if found else len(self.script)]
            self.inner += [body] if run else [] if literal else substituted(body)
            at = found.end() if found else len(self.script)
        self.heredocs = []
        return at


def pieces_of(script: str) -> list[list[tuple[str, bool]]]:
    """The commands of ``script`` and of everything that is substituted in it; what is written to is a
    command ``tee`` of its own."""
    found: list[list[tuple[str, bool]]] = []
    queue = [script]
    while queue:
        if len(found) > 2_000:
            return [[("$", False)]]
        pieces = Pieces(queue.pop(0))
        queue += pieces.inner
        found += [command for command in pieces.commands if command] + pieces.written
    return found


def unescaped(text: str) -> str:
    """A text in double quotes without the backslashes that quote."""
    found, at = "", 0
    while at < len(text):
        at += text[at] == "\\" and text[at + 1 : at + 2] in ("$", "`", '"', "\\", "\n")
        found += text[at]
        at += 1
    return found


def substituted(text: str) -> list[str]:
    """What stands between ``$(`` and its ``)``, or between backticks, in a text."""
    ticked = text.split("`")
    found = ticked[1 : len(ticked) - 1 : 2]
    at = text.find("$(")
    while at >= 0:
        depth, end = 0, at + 1
        while end < len(text):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
            if depth == 0:
                break
        found.append(text[at + 2 : end - 1 if depth == 0 else end])
        at = text.find("$(", end)
    return found
