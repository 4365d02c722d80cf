"""Everyday commands read exactly, with the standard library alone: nothing of the shell but plain words,
quotes without expansions, the heredoc that messages are written with, ``|``, ``||``, ``&&``, ``;`` and
output that goes to a file of the session.

Reads a command as the harness's own reader does, or not at all: None hands it over.
"""

from __future__ import annotations

from typing import Any

from routine_harness.guard.single import HEREDOC, BeyondError, Shell, heredoc, is_text, read_one, stays

WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./=:,@%+-_*?")
EXPANDED = frozenset("$`\\!")
"""What a shell looks at inside of double quotes."""
JOINED = ("2>&1", "1>&2", ">&2")
WRITTEN = ("2>>", "2>", "&>", ">>", ">")


def read_everyday(data: Any, script: str, branch: str) -> tuple[list[Any], list[Any]] | None:
    """The effects and calls of ``script``, or None where it is beyond what is read here."""
    shell = Shell(data, branch)
    try:
        for words in commands_of(script):
            read_one(shell, words)
    except BeyondError:
        return None
    return shell.effects, shell.calls


class Words:
    """The commands of a script as words, whatever joins them; the files that they write to."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = [[]]
        self.word: str | None = None
        self.ended = self.writes = self.wrote = False

    def close(self) -> None:
        """End the word, which may be what a command writes to."""
        if self.word is None:
            return
        if self.writes and self.word != "/dev/null":
            self.wrote = True
            if not stays(self.word):
                raise BeyondError
        if not self.writes:
            self.commands[-1].append(self.word)
        self.word, self.writes = None, False

    def joint(self) -> None:
        """End the command: another one follows."""
        self.close()
        if self.writes or not self.commands[-1]:
            raise BeyondError
        self.commands.append([])
        self.ended = False

    def redirect(self, *, writes: bool) -> None:
        """Words end here: the grammar takes what follows a redirection for more of its targets."""
        if self.writes or not self.commands[-1]:
            raise BeyondError
        self.ended, self.writes = True, writes

    def add(self, text: str) -> None:
        """A part of a word."""
        if self.ended and not self.writes:
            raise BeyondError
        self.word = (self.word or "") + text


def commands_of(script: str) -> list[list[str]]:
    """The commands of ``script`` as words.

    Raises:
        BeyondError: it holds anything but what the top of this file lists.
    """
    words, at = Words(), 0
    script = script.strip(" \n")
    while at < len(script):
        char = script[at]
        arrow = char in "12>&" and words.word is None and redirection(script, at)
        if arrow:
            words.redirect(writes=arrow in WRITTEN)
            at += len(arrow)
        elif char in "|;&":
            joint = script[at : at + 2] if script[at : at + 2] in ("||", "&&") else char
            if joint == "&":
                raise BeyondError
            words.joint()
            at += len(joint)
        elif char == " ":
            words.close()
            at += 1
        elif char in "'\"":
            text, at = quoted(script, at)
            words.add(text)
        elif char in WORD and (char != "=" or (words.word and script[at + 1 : at + 2] != "=")):
            words.add(char)  # ``==`` is an operator to the grammar
            at += 1
        else:
            raise BeyondError
    words.close()
    commands = words.commands
    if words.writes or not commands[-1] or any("-" in one for one in commands):
        raise BeyondError  # a dash alone is lost to the grammar
    if words.wrote and any(one[0] == "cd" for one in commands):
        raise BeyondError
    return commands


def redirection(script: str, at: int) -> str:
    """The redirection that begins at ``at``; empty if none does."""
    for one in JOINED:
        if script.startswith(one, at) and script[at + len(one) : at + len(one) + 1] in ("", " ", ";", "|"):
            return one
    return next((one for one in WRITTEN if script.startswith(one, at)), "")


def quoted(script: str, at: int) -> tuple[str, int]:
    """The text of the quotes that open at ``at``, and where they end."""
    if script.startswith(HEREDOC, at):
        return heredoc(script, at + len(HEREDOC))
    end = script.find(script[at], at + 1)
    text = script[at + 1 : end]
    if end < 0 or not is_text(text) or (script[at] == '"' and not EXPANDED.isdisjoint(text)):
        raise BeyondError
    return text, end + 1
