"""One command, given by its words, read exactly where it is an everyday one; see ``everyday``."""

# ruff: noqa: SIM905 - words in rows read better than in quotes

from __future__ import annotations

from typing import Any

HEREDOC = "\"$(cat <<'"
"""How a text of several lines is handed to ``-m`` and ``--body``."""
FETCHING = frozenset("-s -S -f -L -sS -sSL -fsSL -sSfL -sL -fsS -k -v --silent --fail --location".split())
LOOKING = frozenset(
    "-name -iname -path -ipath -type -maxdepth -mindepth -not -size -mtime -mmin -newer -print -o -a".split()
)
DRY = ("--help", "--dry", "--version", "--check")
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


def heredoc(script: str, at: int) -> tuple[str, int]:
    """The text of a heredoc whose quoted mark begins at ``at``, and where its quotes end."""
    mark, _, rest = script[at:].partition("'\n")
    body, found, after = ("\n" + rest).partition(f"\n{mark}\n")
    if not found or not mark.isalpha() or not is_text(body) or not after.startswith(')"'):
        raise BeyondError
    return body[1:].rstrip("\n"), len(script) - len(after) + 2


def is_text(text: str) -> bool:
    """Whether a quoted text holds nothing that a terminal or a parser might take differently."""
    return "<<" not in text and text.replace("\n", "").isprintable()


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
    elif name in shell.data["opaque"] and "-m" in words[1:4]:
        module = words[words.index("-m") + 1 :]
        if not module or not any(module[0] in shell.data[key] for key in ("opaque", "packages", "clear")):
            raise BeyondError
        read_one(shell, module)
    elif name in shell.data["opaque"]:
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
    harmless = any(word.startswith(DRY) or (word[:1] == "-" and "h" in word[:9]) for word in words[2:])
    if kind is None or harmless or (not kind and len(words) > 2):
        raise BeyondError
    if kind:
        run_unread(shell, name, words)
