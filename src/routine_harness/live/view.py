"""What bubblewrap shows of this machine: the system's programs, read-only, and nothing of anybody's."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SYSTEM: Final = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
ETC: Final = ("alternatives", "ssl/openssl.cnf", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "mime.types",
              "magic", "protocols", "services", "bash.bashrc", "profile", "python3", "python3.11",
              "python3.12", "perl", "inputrc", "terminfo", "debian_version", "os-release")  # fmt: skip


def namespaces(hostname: str) -> list[str]:
    """Options for namespaces of its own, an ordinary user and no capability."""
    return ["--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts",
            "--unshare-cgroup-try", "--uid", "1000", "--gid", "1000", "--hostname", hostname,
            "--cap-drop", "ALL", "--die-with-parent", "--new-session"]  # fmt: skip


def system_view() -> list[str]:
    """Options that mount programs, libraries and the few files of ``/etc`` that they need."""
    view = ["--ro-bind", "/usr", "/usr"]
    for path in map(Path, SYSTEM):
        if path.is_symlink():
            view += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            view += ["--ro-bind", str(path), str(path)]
    view += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp", "--dir", "/run"]  # noqa: S108 - its own
    view += ["--dir", "/var", "--perms", "1777", "--tmpfs", "/var/tmp"]  # noqa: S108 - its own
    for name in ETC:
        path = Path("/etc") / name
        if path.exists():
            view += ["--ro-bind", str(path), str(path)]
    return view
