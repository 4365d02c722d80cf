"""The CLI itself: where it is, whether it is new enough, and how it is called."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec

from routine_harness.errors import AgentError
from routine_harness.live.client.cli_conversation import STREAMED
from routine_harness.live.sandbox.view import Mount
from routine_harness.plain import Record
from routine_harness.routine.spec import Routine
from routine_harness.serve.model_session import ModelSession

OLDEST: Final = (2, 0, 0)
NODE: Final = "node"
VERSION_SECONDS: Final = 30.0
QUIET: Final = {
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "DISABLE_TELEMETRY": "1",
    "DISABLE_ERROR_REPORTING": "1",
    "DISABLE_AUTOUPDATER": "1",
    "IS_SANDBOX": "1",
}


class Cli(msgspec.Struct, frozen=True):
    """The CLI of Claude Code: its file, its version, and whether it is a script that wants Node."""

    path: Path
    version: str
    script: bool = False

    def mount(self, folder: str) -> tuple[Mount, tuple[str, ...]]:
        """What to show below ``folder`` inside, and the words that start it there."""
        if not self.script:
            return Mount(self.path, f"{folder}/claude"), (f"{folder}/claude",)
        package = next((p for p in self.path.parents if (p / "package.json").is_file()), self.path.parent)
        inside = f"{folder}/package/{self.path.relative_to(package).as_posix()}"
        return Mount(package, f"{folder}/package"), ("node", inside)

    @property
    def words(self) -> tuple[str, ...]:
        """The words that start it where nothing is mounted."""
        return ("node", str(self.path)) if self.script else (str(self.path),)


def find_program(given: str | None = None) -> Cli:
    """The CLI: ``given``, else the one that claude-agent-sdk bundles, else the one on the PATH.

    Raises:
        AgentError: there is none, it does not start, or it is too old.
    """
    found = given or _bundled() or shutil.which("claude")
    if not found or not Path(found).exists():
        hint = "install routine-harness[claude], whose claude-agent-sdk brings it, or put claude on the PATH"
        raise AgentError.at(given or "", 0, "there is no Claude Code CLI", hint)
    path = Path(found).resolve()
    interpreter = _interpreter(path)
    program = Cli(path, "", script=interpreter == NODE)
    version = _version(program)
    if tuple(map(int, version.split("."))) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        message = f"expected Claude Code {oldest} or newer, found {version}"
        raise AgentError.at(str(path), 0, message, "npm install -g @anthropic-ai/claude-code")
    if interpreter not in ("", NODE):
        message = f"expected the CLI itself, found a script of {interpreter} that starts it"
        raise AgentError.at(
            str(path), 0, message, "a sandbox shows the program alone: name it with --program"
        )
    return msgspec.structs.replace(program, version=version)


def _interpreter(path: Path) -> str:
    """The name of the program that runs the script ``path``; empty where it is none.

    Raises:
        AgentError: it is no file that can be read.
    """
    try:
        with path.open("rb") as file:
            first = file.readline(200)
    except OSError as error:
        raise AgentError.at(str(path), 0, f"this is no Claude Code CLI: {error.strerror}") from error
    words = [Path(word).name for word in first[2:].decode(errors="replace").split()]
    named = [word for word in words if word != "env" and not word.startswith("-")]
    return named[0] if first.startswith(b"#!") and named else ""


def _bundled() -> str | None:
    spec = find_spec("claude_agent_sdk")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "_bundled" / "claude"
    return str(path) if path.exists() else None


def _version(program: Cli) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - the user's own CLI
            [*program.words, "--version"], capture_output=True, text=True, timeout=VERSION_SECONDS,
            check=False, env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"},
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AgentError.at(str(program.path), 0, f"the CLI does not start: {error}") from error
    found = re.search(r"\d+\.\d+\.\d+", done.stdout)
    if found is None:
        said = (done.stdout.strip() or done.stderr.strip()).partition("\n")[0][:80] or "nothing"
        raise AgentError.at(str(program.path), 0, f"this is no Claude Code CLI: it answers {said!r}")
    return found.group()


def build_arguments(
    routine: Routine, *, configuration: str, settings: str, own_servers: Sequence[str],
    folders: Sequence[str], several: bool = False, told: str = "",
) -> tuple[str, ...]:  # fmt: skip
    """The CLI's arguments, every one explicit; the prompt goes to its standard input, and with ``several``
    turns each as a line of JSON.

    ``told`` ends the system prompt; ``configuration`` and ``own_servers`` are MCP configuration files,
    ``folders`` the clones besides the working directory.
    """
    words = ["-p", "--output-format", "stream-json", "--verbose", "--permission-mode", "bypassPermissions",
             "--strict-mcp-config", "--settings", settings, "--setting-sources", "project",
             "--no-session-persistence"]  # fmt: skip
    if several:
        words += STREAMED
    if told:
        words += ["--append-system-prompt", told]
    if routine.model:
        words += ["--model", routine.model]
    if routine.tools is not None:
        words += ["--tools", ",".join(routine.tools)]
    for folder in folders:
        words += ["--add-dir", folder]
    return (*words, "--mcp-config", configuration, *own_servers)


def cli_environment(port: int, model: ModelSession) -> dict[str, str]:
    """The CLI's own variables, besides those of every program; its own servers are at ``port``."""
    inside = f"http://127.0.0.1:{port}"
    return {
        **QUIET, **model.client_environment(inside),
        "ROUTINE_HOOK_URL": f"{inside}/hook", "MCP_TIMEOUT": "30000",
    }  # fmt: skip


def server_configuration(servers: Mapping[str, str]) -> Record:
    """MCP configuration for server name → URL; the token is filled in from the environment."""
    return {
        "mcpServers": {
            name: {"type": "http", "url": url, "headers": {"Authorization": "Bearer ${ROUTINE_TOKEN}"}}
            for name, url in servers.items()
        }
    }
