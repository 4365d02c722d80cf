"""Where things stand for a live run, outside and inside, and the environment built from nothing."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from routine_harness.live.sandbox import shims
from routine_harness.live.sandbox.clock import FOLDER as CLOCK
from routine_harness.live.sandbox.clock import ProgramClock
from routine_harness.live.sandbox.scratch import Scratch
from routine_harness.live.sandbox.view import Mount
from routine_harness.routine.spec import Routine
from routine_harness.session.incidents import canaries
from routine_harness.world.own_answers import HOME

TOOLS: Final = "/opt/routine"
SYSTEM_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PROXY_PORT: Final = 8766
"""Where the proxy listens on the loopback of a sandbox."""
HIDDEN: Final = "[token of the session]"
"""What stands in a transcript where a program has printed the session's token."""
GH_PATH: Final = "/gh"
COMMAND_PATH: Final = "/command"
"""Where the harness's own programs ask, at the proxy."""
PLACEHOLDER: Final = "proxy-injected"
"""What the platform puts where a token of GitHub's would be."""

SETUP_FAILED: Final = 86
_SETUP_FIRST: Final = (
    'LD_PRELOAD="$ROUTINE_PRELOAD" bash "$0" </dev/null >&2 || '
    f'{{ echo "the setup script failed" >&2; exit {SETUP_FAILED}; }}; exec "$@"'
)
_PASSWD: Final = "root:x:0:0:root:/root:/bin/bash\nuser:x:1000:1000::{home}:/bin/bash\n"  # noqa: S105 - a list of users, no password
_GITCONFIG: Final = """\
[user]
\tname = Claude
\temail = noreply@anthropic.com
[init]
\tdefaultBranch = main
[safe]
\tdirectory = *
[advice]
\tdetachedHead = false
"""


class Layout(msgspec.Struct, frozen=True):
    """The folders of a run as its programs see them: the scratch folders themselves without a
    sandbox, fixed places within one."""

    home: str
    tools: str
    clock: str
    contained: bool

    @classmethod
    def of(cls, scratch: Scratch, *, contained: bool) -> Layout:
        if contained:
            return cls(HOME, TOOLS, CLOCK, contained=True)
        return cls(str(scratch.home), str(scratch.tools), str(scratch.clock), contained=False)

    def mounts(self, scratch: Scratch) -> tuple[Mount, ...]:
        """What has to be shown inside, besides the clock and the CLI."""
        tools = scratch.tools
        python = _python_mount()
        return (
            Mount(scratch.home, self.home, writable=True),
            Mount(tools, self.tools),
            Mount(tools / "etc" / "passwd", "/etc/passwd"),
            Mount(tools / "etc" / "group", "/etc/group"),
            Mount(tools / "etc" / "hosts", "/etc/hosts"),
            Mount(tools / "etc" / "nsswitch.conf", "/etc/nsswitch.conf"),
            Mount(tools / "authority.pem", "/etc/ssl/certs/ca-certificates.crt"),
            *([python] if python else []),
        )


def write_tools(
    scratch: Scratch, layout: Layout, certificates: str, *, gh: bool, stand_ins: Iterable[str]
) -> None:
    """The files that programs need: the ``certificates`` that they trust, users and hosts, git's identity,
    and the harness's own programs: the CLI's hook, ``gh``, and stand-ins of these names."""
    tools = scratch.tools
    (tools / "etc").mkdir()
    (tools / "bin").mkdir()
    (tools / "authority.pem").write_text(certificates)
    (tools / "etc" / "passwd").write_text(_PASSWD.format(home=layout.home))
    (tools / "etc" / "group").write_text("root:x:0:\nuser:x:1000:\n")
    (tools / "etc" / "hosts").write_text("127.0.0.1 localhost routine\n")
    (tools / "etc" / "nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files dns\n")
    (scratch.home / ".gitconfig").write_text(_GITCONFIG)
    source = f"#!{python_inside()} -I\n{Path(shims.__file__).read_text()}"
    (tools / shims.HOOK).write_text(source)
    (tools / shims.STAND_INS).mkdir()
    programs = [tools / shims.STAND_INS / name for name in stand_ins]
    for program in [*programs, *([tools / "bin" / "gh"] if gh else [])]:
        program.write_text(source)
        program.chmod(0o755)


def build_environment(
    routine: Routine, layout: Layout, clock: ProgramClock, *, proxy: int, token: str
) -> dict[str, str]:
    """The environment of every program inside: nothing of the user's, then the routine's own variables.

    Secret-looking variables hold canaries; ``proxy`` is the port at which everything outside is answered.
    """
    through = f"http://127.0.0.1:{proxy}"
    bundle = f"{layout.tools}/authority.pem"
    path = f"{layout.tools}/bin:{SYSTEM_PATH}"
    if clock.kind != "libfaketime":
        path = f"{layout.clock}:{path}"
    path = f"{layout.tools}/{shims.STAND_INS}:{path}"
    variables = dict(routine.environment.variables)
    return {
        "GH_TOKEN": PLACEHOLDER, "GITHUB_TOKEN": PLACEHOLDER, "CLAUDE_CODE_REMOTE": "true",
        **variables, **canaries(variables), **clock.environment,
        "PATH": path, "HOME": layout.home, "USER": "user", "LOGNAME": "user", "SHELL": "/bin/bash",
        "LANG": "C.UTF-8", "TERM": "dumb", "TMPDIR": "/tmp",  # noqa: S108 - the sandbox's own
        "ROUTINE_TOKEN": token, "ROUTINE_GH_URL": f"{through}{GH_PATH}",
        "ROUTINE_COMMAND_URL": f"{through}{COMMAND_PATH}",
        "HTTP_PROXY": through, "HTTPS_PROXY": through, "http_proxy": through, "https_proxy": through,
        "ALL_PROXY": through, "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost",
        "SSL_CERT_FILE": bundle, "CURL_CA_BUNDLE": bundle, "REQUESTS_CA_BUNDLE": bundle,
        "NODE_EXTRA_CA_CERTS": bundle, "GIT_SSL_CAINFO": bundle, "PIP_CERT": bundle,
        "GIT_TERMINAL_PROMPT": "0",
    }  # fmt: skip


def after_setup(script: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """The words that start a program by ``words`` after the setup script in the file ``script``."""
    return ("bash", "-c", _SETUP_FIRST, script, *words)


def python_inside() -> str:
    """A Python that is there inside: the system's, else the harness's own."""
    return shutil.which("python3", path=SYSTEM_PATH) or f"{sys.base_prefix}/bin/python3"


def _python_mount() -> Mount | None:
    if shutil.which("python3", path=SYSTEM_PATH) is not None:
        return None
    return Mount(Path(sys.base_prefix), sys.base_prefix)
