"""Settings by which a program runs another: variables of the environment and keys of ``git config``.

What such a setting names may run at any later command, so it is read where it is set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from routine_harness.world.shell.options import names
from routine_harness.world.shell.paths import resolve
from routine_harness.world.shell.script_reader import Reader
from routine_harness.world.shell.scripts import read_possible

_COMMANDS: Final = names(
    "GIT_EXTERNAL_DIFF GIT_PAGER PAGER MANPAGER SYSTEMD_PAGER GH_PAGER GIT_EDITOR EDITOR VISUAL GH_EDITOR "
    "SUDO_EDITOR FCEDIT GIT_SEQUENCE_EDITOR GIT_SSH_COMMAND GIT_SSH GIT_ASKPASS SSH_ASKPASS SUDO_ASKPASS "
    "GIT_PROXY_COMMAND GIT_TRACE_SETUP PROMPT_COMMAND LESSOPEN LESSCLOSE BROWSER GH_BROWSER RSYNC_RSH "
    "CVS_RSH "
    "BORG_RSH GIT_UPLOAD_PACK GIT_RECEIVE_PACK TEXEDIT LESSEDIT MAKE CC CXX SHELL_COMMAND KUBE_EDITOR "
    "NPM_CONFIG_SCRIPT_SHELL DEBEMAIL_HOOK"
)
_FILES: Final = names("BASH_ENV ENV PYTHONSTARTUP ZDOTDIR")
_SETTINGS: Final = re.compile(
    r"core\.(?:pager|editor|sshcommand|askpass|fsmonitor|gitproxy|alternaterefscommand|hookspath)"
    r"|pager\.[\w-]+|sequence\.editor|diff\.external|diff\..+\.(?:command|textconv)|interactive\.difffilter"
    r"|merge\..+\.driver|filter\..+\.(?:clean|smudge|process)|(?:difftool|mergetool|browser|man)\..+\.cmd"
    r"|credential\.(?:.+\.)?helper|gpg\.(?:.+\.)?program|sendemail\.smtpserver|uploadpack\.packobjectshook"
    r"|trailer\..+\.(?:command|cmd)|remote\..+\.(?:uploadpack|receivepack|proxy)|web\.browser|help\.browser"
    r"|gc\.recentobjectshook|alias\..+",
    re.IGNORECASE,
)
_HOOKS: Final = sorted(
    names(
        "pre-commit prepare-commit-msg commit-msg post-commit pre-push post-checkout post-merge pre-rebase "
        "post-rewrite pre-merge-commit applypatch-msg pre-applypatch reference-transaction"
    )
)


def runs_by_environment(reader: Reader, name: str, value: str | None) -> None:
    """Read what a variable of the environment makes other programs run."""
    if not value:
        return
    if name in _COMMANDS:
        read_possible(reader, value)
    elif name in _FILES and (text := reader.file(resolve(reader.context.directory, value))) is not None:
        read_possible(reader, text)
    elif name in ("PS1", "PS4", "PS0") and ("$(" in value or "`" in value):
        read_possible(reader, f'echo "{value}"')
    elif name.startswith("GIT_CONFIG_VALUE_"):
        key = reader.scope.variables.get(f"GIT_CONFIG_KEY_{name.rpartition('_')[2]}")
        runs_by_setting(reader, key or "", value)


def runs_by_setting(reader: Reader, key: str, value: str) -> None:
    """Read what a key of ``git config`` makes git run; an alias becomes a command of its own."""
    if not _SETTINGS.fullmatch(key):
        return
    if key.lower().startswith("alias."):
        _remember(reader, f"git {key[6:]}", value)
    elif key.lower() == "core.hookspath":
        _read_hooks(reader, value)
    elif key.lower().startswith("credential."):
        read_possible(reader, value[1:] if value.startswith("!") else f"git-credential-{value}")
    else:
        read_possible(reader, value)


def _remember(reader: Reader, name: str, value: str) -> None:
    kept = dict(reader.context.aliases) | {name: value}
    reader.context = reader.context._replace(aliases=tuple(kept.items())[-64:])


@contextmanager
def without_alias(reader: Reader, name: str) -> Iterator[None]:
    """Read what an alias stands for: the alias itself does not hold in it, or it would stand for itself."""
    held = reader.context.aliases
    reader.context = reader.context._replace(aliases=tuple(pair for pair in held if pair[0] != name))
    try:
        yield
    finally:
        reader.context = reader.context._replace(aliases=held)


def remember_alias(reader: Reader, program: str, name: str, value: str) -> None:
    """``git config alias.x`` and ``gh alias set x`` hold for every later command."""
    _remember(reader, f"{program} {name}", value)


def _read_hooks(reader: Reader, folder: str) -> None:
    for hook in _HOOKS:
        text = reader.file(resolve(reader.context.directory, f"{folder}/{hook}"))
        if text is not None:
            read_possible(reader, text)
