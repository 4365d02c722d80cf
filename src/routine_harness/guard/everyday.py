"""Everyday commands read exactly, with the standard library alone: nothing of the shell but plain words,
quotes without expansions, ``|``, ``||``, ``&&``, ``;`` and output that is thrown away.

Reads a command as the harness's own reader does, or not at all: None hands it over.
"""

from __future__ import annotations

from typing import Any

WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./=:,@%+-_")
EXPANDED = frozenset("$`\\!")
"""What a shell looks at inside of double quotes."""
NOWHERE = ("2>&1", ">/dev/null", "2>/dev/null", "> /dev/null", "2> /dev/null", "&>/dev/null")
FETCHING = frozenset("-s -S -f -L -sS -sSL -fsSL -sSfL -sL -fsS -k -v --silent --fail --location".split())
LOOKING = frozenset(
    "-name -iname -path -ipath -type -maxdepth -mindepth -not -size -mtime -mmin -newer -print -o -a".split()
)
ABOUT = frozenset("--version -V -v --help -h version".split())


class BeyondError(Exception):
    """A command holds what is not read here."""


class Shell:
    """Where the shell stands, and what its commands attempted: as ``world.shell.acts.Context`` does."""

    def __init__(self, data: Any, branch: str) -> None:
        self.data, self.branch, self.repository = data, branch, data["repository"]
        self.commits: list[str] = []
        self.moved = False
        self.effects: list[Any] = []
        self.calls: list[Any] = []

    def effect(self, kind: str, connector: str, target: str, **fields: Any) -> None:
        """An effect; fields that are None or empty are left out, and so is an empty target."""
        fields["target"] = target
        known = {name: value for name, value in fields.items() if value is not None and value != ""}
        self.effects.append((kind, connector, known))


def read_everyday(data: Any, script: str, branch: str) -> tuple[list[Any], list[Any]] | None:
    """The effects and calls of ``script``, or None where it is beyond what is read here."""
    shell = Shell(data, branch)
    try:
        for words in commands_of(script):
            read_one(shell, words)
    except BeyondError:
        return None
    return shell.effects, shell.calls


def commands_of(script: str) -> list[list[str]]:
    """The commands of ``script`` as words, whatever joins them.

    Raises:
        BeyondError: it holds anything but plain words, quotes and what joins commands.
    """
    commands: list[list[str]] = [[]]
    word: str | None = None
    ended, at = False, 0
    script = script.strip(" \n")
    while at < len(script):
        char = script[at]
        nowhere = next((one for one in NOWHERE if script.startswith(one, at)), "") if word is None else ""
        if nowhere and script[at + len(nowhere) : at + len(nowhere) + 1] in ("", " ", ";", "|"):
            if not commands[-1]:
                raise BeyondError
            ended, at = True, at + len(nowhere)
            continue
        if char in "|;&\n":
            if word is not None:
                commands[-1].append(word)
            joint = script[at : at + 2] if script[at : at + 2] in ("||", "&&") else char
            if joint in "&\n" or not commands[-1]:
                raise BeyondError
            commands.append([])
            word, ended, at = None, False, at + len(joint)
            continue
        if char == " ":
            if word is not None:
                commands[-1].append(word)
            word, at = None, at + 1
            continue
        if ended:
            raise BeyondError
        if char in "'\"":
            text, at = quoted(script, at)
        elif char in WORD and (char != "=" or (word and script[at + 1 : at + 2] != "=")):
            text, at = char, at + 1  # ``==`` is an operator to the grammar
        else:
            raise BeyondError
        word = (word or "") + text
    if word is not None:
        commands[-1].append(word)
    if not commands[-1] or any("-" in words for words in commands):  # a dash alone is lost to the grammar
        raise BeyondError
    return commands


def quoted(script: str, at: int) -> tuple[str, int]:
    """The text of the quotes that open at ``at``, and where they end."""
    end = script.find(script[at], at + 1)
    text = script[at + 1 : end]
    known = end > 0 and text.isascii() and text.replace("\n", "").isprintable()
    if not known or (script[at] == '"' and not EXPANDED.isdisjoint(text)) or "<<" in text:
        raise BeyondError
    return text, end + 1


def read_one(shell: Shell, words: list[str]) -> None:
    """Note what one command attempts.

    Raises:
        BeyondError: this cannot be told here.
    """
    name, rest = words[0], words[1:]
    if name in ("git", "gh"):
        # Imported here: most commands are neither, and each part is compiled when it is needed.
        from routine_harness.guard.forge import read_gh, read_git

        return (read_git if name == "git" else read_gh)(shell, rest)
    if name == "cd" and len(rest) == 1 and not rest[0].startswith("-"):
        shell.moved = True
    elif name in shell.data["opaque"] and "-m" not in words[:4]:
        if not rest or not ABOUT.issuperset(rest):
            run_unread(shell, name, words)
    elif name in shell.data["packages"]:
        run_package(shell, name, words)
    elif not is_clear(shell, name, rest):
        raise BeyondError
    return None


def is_clear(shell: Shell, name: str, rest: list[str]) -> bool:
    """Whether a command certainly leaves the outside alone."""
    if name in ("rm", "rmdir", "mkdir", "touch", "cp", "mv", "ln", "chmod"):
        return not shell.moved and all(stays(word) for word in rest)
    if name == "find":
        return all(not word.startswith("-") or word in LOOKING for word in rest)
    if name == "curl":
        addresses = [word for word in rest if word not in FETCHING]
        return all(word.startswith(("https://", "http://")) for word in addresses) and not any(
            "github" in word.lower() for word in addresses
        )
    return name in shell.data["clear"] and "=" not in name


def stays(word: str) -> bool:
    """Whether a word, as a path, stays below the folder that the session works in."""
    return word[:1] not in ("/", "~", "") and ".." not in word and "/" not in word[:3] and "=" not in word


def run_unread(shell: Shell, name: str, words: list[str]) -> None:
    """A program runs whose deeds its arguments do not tell."""
    said = " ".join(word if word and not word.isspace() else "''" for word in words)
    shell.effect("command.opaque", "", name, program=name, command=said[:2000])


def run_package(shell: Shell, name: str, words: list[str]) -> None:
    """A package manager: ``npm test`` runs anything, ``npm ci`` changes nothing outside."""
    kind = shell.data["packages"][name].get(words[1]) if len(words) > 1 else None
    if kind is None or any(word[:1] == "-" for word in words[1:]) or (not kind and len(words) > 2):
        raise BeyondError
    if kind:
        run_unread(shell, name, words)
