"""Where the installed harness came from, as a requirement that nothing else can satisfy.

A name alone could be anybody's package: what another machine installs is pinned by the artefact's hash or
by the commit.
"""

from __future__ import annotations

import re
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

import msgspec
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from routine_harness.errors import AgentError, Problem, UsageError
from routine_harness.live.outside.git_program import Git
from routine_harness.plain import Record

NAME: Final = "routine-harness"
_HINT: Final = (
    "give it by --from: git+https://HOST/OWNER/NAME@COMMIT, or https://HOST/FILE.whl#sha256=HASH, "
    "with a whole commit or hash"
)
_SCP: Final = re.compile(r"(?:git@)?([\w.-]+):(?!//)(.+)")
"""How git writes an address of ssh for short."""
_PINNED: Final = re.compile(
    r"git\+(?:https://|ssh://(?:git@)?)[\w.~:/%+-]+@[0-9a-f]{40}|"
    r"https://[\w.~:/%+-]+\.(?:whl|tar\.gz)#sha256=[0-9a-f]{64}"
)


def pinned_requirement(given: str = "") -> str:
    """``routine-harness @ URL`` with a commit or a hash: ``given``, or where this installation came from.

    Raises:
        UsageError: neither is pinned.
    """
    url = given or _installed_from(distribution(NAME))
    if _PINNED.fullmatch(url) is None:
        shown = re.sub(r"//[^/@]*@", "//", url)  # a token may stand there
        raise _unpinned(f"{shown!r} is not pinned by a commit or a hash")
    return f"{NAME} @ {url}"


def constraints() -> list[str]:
    """The packages that the harness needs, in the very versions that are installed here."""
    found: dict[str, str] = {}
    names = [NAME]
    while names:
        held = distribution(names.pop())
        for needed in map(Requirement, held.requires or ()):
            name = canonicalize_name(needed.name)
            if name in found or (needed.marker and not needed.marker.evaluate({"extra": ""})):
                continue
            found[name] = f"{name}=={distribution(name).version}"
            names.append(name)
    return sorted(found.values())


def _installed_from(held: Distribution) -> str:
    """The URL that the installer noted (PEP 610), with its commit or hash; of a folder its git remote's."""
    text = held.read_text("direct_url.json")
    noted: Record = msgspec.json.decode(text) if text else {}
    url = str(noted.get("url", ""))
    if "vcs_info" in noted:
        return f"{noted['vcs_info']['vcs']}+{url}@{noted['vcs_info']['commit_id']}"
    if "archive_info" in noted:
        return f"{url}#sha256={noted['archive_info'].get('hashes', {}).get('sha256', '')}"
    if "dir_info" in noted:
        return _checked_out(Path(url2pathname(urlsplit(url).path)))
    raise _unpinned("the installed harness does not say where it came from")


def _checked_out(folder: Path) -> str:
    """The commit of a clone, where a remote has it and nothing was changed since."""
    remote, commit = _git(folder, "remote", "get-url", "origin"), _git(folder, "rev-parse", "HEAD")
    if not remote or not _git(folder, "branch", "--remotes", "--contains", "HEAD"):
        raise _unpinned(f"the harness is installed from {folder.name}, whose commit no remote has")
    if _git(folder, "status", "--porcelain"):
        raise _unpinned(f"the harness is installed from {folder.name}, where files were changed")
    short = _SCP.fullmatch(remote)
    return f"git+{f'ssh://git@{short[1]}/{short[2]}' if short else remote}@{commit}"


def _git(folder: Path, *words: str) -> str:
    """What git prints; nothing where it fails."""
    try:
        return Git().of_checkout(folder, *words)
    except (AgentError, OSError):
        return ""


def _unpinned(message: str) -> UsageError:
    return UsageError(Problem("", 0, message, _HINT))
