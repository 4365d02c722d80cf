"""The CLI's own tools and a script's, one beside the other: what they are asked alike, they answer alike."""

from __future__ import annotations

import re
import tempfile
from typing import Any

import pytest
from support.live_runs import needs_cli, run_live, use, write_routine

from routine_harness.harness import Harness
from routine_harness.serve.spending import Spending
from routine_harness.session.run import Run
from routine_harness.store.cases import load_case_file

HERE = "/home/user/core"
FILES = (
    '{README.md: hello, a/one.py: "x = 1\\ny = 2\\nx = 1\\n", a/two.txt: "Foo\\nbar foo\\n",'
    ' .hidden: "foo\\n", .gitignore: "ign/\\n", ign/z.txt: "foo\\n", crlf.txt: "a\\r\\nb\\r\\n",'
    ' empty.txt: ""}'
)
MADE = (
    "seq 1 3000 > many.txt; printf 'nul\\0x' > bin.dat; head -c 300000 /dev/zero | tr '\\0' w > big.txt;"
    " head -c 900 /dev/zero | tr '\\0' w > wide.txt; mkdir ro; chmod 0 ro; ln -s /etc/passwd link;"
    " mkdir d; for i in $(seq 1 120); do echo one > d/f$i.md; done; printf 'x = 1\\nfoo\\n' > m.py"
)


def bash(command: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return "Bash", {"command": command, **more}


def read(path: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return "Read", {"file_path": path, **more}


def edit(path: str, old: str, new: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return "Edit", {"file_path": f"{HERE}/{path}", "old_string": old, "new_string": new, **more}


def grep(pattern: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return "Grep", {"pattern": pattern, **{re.sub("^_", "-", name): value for name, value in more.items()}}


CALLS: list[tuple[str, dict[str, Any]]] = [
    bash(MADE),
    # what commands print, and how they end
    bash("true"), bash("false"), bash("echo out; echo err >&2; exit 3"), bash("echo err >&2; echo out"),
    bash("printf '\\n\\n  a  \\n\\n'"), bash("no-such-program"), bash("if"), bash("cat"), bash("kill -9 $$"),
    bash("exit 0; echo x"), bash(""), bash("printf 'x\\xffy'"), bash("seq 1 20000; exit 4"),
    bash("grep -q zzz README.md"), bash("ls zzz | grep x"), bash("diff README.md .hidden"),
    bash("[ -f zzz ]"), bash("git grep zzz"), bash("cmp README.md .hidden"), bash("grep zzz nofile"),
    bash("FOO=1 grep z README.md"), bash("(grep zzz README.md)"), bash("! true"),
    bash("echo a\necho b"), bash("cat <<'E'\nx\nE"),
    ("Bash", {}), bash("true", bogus=1),
    # where the shell stands
    bash("cd a && X=1 && export Y=2"), bash("pwd; echo $X$Y"), bash("cd ..; false"), bash("pwd"),
    bash("cd /tmp"), bash("pwd"), bash("cd /home/user; echo hi"), bash("cd /home/user/core/a; exit 0"),
    bash("pwd; git status --short | head -3; date -u +%F"),
    # reading
    read(f"{HERE}/README.md"), read("a/one.py"), read(f"{HERE}/a/one.py", offset=2, limit=1),
    read(f"{HERE}/a/one.py", offset=9), read(f"{HERE}/a/one.py", offset=0), read(f"{HERE}/none.txt"),
    read(f"{HERE}/README.mdx"), read(f"{HERE}/a"), read(f"{HERE}/empty.txt"), read(f"{HERE}/crlf.txt"),
    read(f"{HERE}/bin.dat"), read(f"{HERE}/big.txt"), read(f"{HERE}/big.txt", limit=1), read("/etc/shadow"),
    read("~/core/README.md"), read(f"{HERE}/link", limit=1), read(f"{HERE}/ro/x"), ("Read", {"path": "x"}),
    # writing
    ("Write", {"file_path": f"{HERE}/new/deep/f.txt", "content": "one\ntwo\n"}),
    ("Write", {"file_path": f"{HERE}/a/two.txt", "content": "over\nfoo\n"}),
    ("Write", {"file_path": "rel.txt", "content": "x"}),
    ("Write", {"file_path": f"{HERE}/a", "content": "x"}),
    ("Write", {"file_path": f"{HERE}/none"}),
    edit("a/one.py", "y = 2", "y = 3"), edit("a/one.py", "x = 1", "x = 5"),
    edit("a/one.py", "x = 1", "x = 5", replace_all=True), edit("a/one.py", "absent", "x"),
    edit("a/one.py", "x", "x"), edit("none.txt", "a", "b"), edit("crlf.txt", "a\nb", "c\nd"),
    edit("made.txt", "", "made\n"), edit("made.txt", "", "made\n"), edit("link", "root:x", "x"),
    ("Edit", {"file_path": f"{HERE}/m.py"}),
    bash("cat -A crlf.txt; cat a/one.py made.txt rel.txt"),
    # looking for files and lines
    ("Glob", {"pattern": "*.zzz"}), ("Glob", {"pattern": "*", "path": "new"}), ("Glob", {"pattern": "a/**"}),
    ("Glob", {"pattern": "*", "path": f"{HERE}/zzz"}), ("Glob", {"pattern": "/usr/bin/jq"}),
    ("Glob", {"pattern": "a"}), ("Glob", {"pattern": "**/f.txt"}),
    grep("foo", output_mode="content"), grep("foo", output_mode="content", _n=False),
    grep("FOO", output_mode="content", _i=True), grep("foo", output_mode="count"), grep("zzzz"),
    grep("zzzz", output_mode="content"), grep("zzzz", output_mode="count"),
    grep("1", path="many.txt", output_mode="content", head_limit=3),
    grep("1", path="many.txt", output_mode="content", head_limit=3, offset=2),
    grep("1", path="many.txt", output_mode="content"),
    grep("^15$|^25$", path=f"{HERE}/many.txt", output_mode="content", _A=1, _B=1),
    grep("^15$|^25$", output_mode="content", context=1, glob="many*"), grep("hello", path=f"{HERE}/zzz"),
    grep("foo", glob="*.{py,md}", output_mode="content"), grep("foo", glob="!*.txt", output_mode="content"),
    grep("o", type="py"), grep("foo", type="zzz"), grep("x = 1.foo", multiline=True, output_mode="content"),
    grep("x = 1\nfoo"), grep("nul"), grep("w", path="wide.txt", output_mode="content"),
    grep("\\bfoo\\b", path="m.py", output_mode="content", _o=True),
    grep("one", path="d", output_mode="count"),
    ("Grep", {}),
]  # fmt: skip

_NAMES = re.compile(r"/tmp/claude-1000/\S*|/home/user/\.claude/\S*")
"""What is named after the session or by chance."""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    """The calls made by the real CLI, and by a script."""
    needs_cli()
    place = tmp_path_factory.mktemp("words")
    scratch, before = place / "scratch", tempfile.tempdir
    scratch.mkdir()
    tempfile.tempdir = str(scratch)
    tools = "tools: [Bash, Read, Write, Edit, Glob, Grep]\n"
    try:
        case = write_routine(place / "cli", routine=tools, files=FILES)
        theirs = run_live(case, _model, seconds=300.0, spending=Spending(), once=True)
        agent = "agent: {scripted: ../do.py::run, shell: sandbox}\nbudget: {seconds: 300}\n"
        case = write_routine(place / "script", agent, tools, FILES)
        (place / "script" / "do.py").write_text(
            f"CALLS = {CALLS!r}\n\n\ndef run(session):\n    for tool, given in CALLS:\n"
            "        session.call(tool, **given)\n    session.say('done')\n"
        )
        loaded = load_case_file(case)
        ours = Harness().check_case(loaded.cases[0], loaded.routine)
    finally:
        tempfile.tempdir = before
    assert theirs.pair is not None
    assert ours.pair is not None
    return theirs.pair.first, ours.pair.first


def _model(messages: list[dict[str, Any]]) -> Any:
    number = sum(message["role"] == "assistant" for message in messages)
    return [use(CALLS[number][0], **CALLS[number][1])] if number < len(CALLS) else "done"


@pytest.mark.parametrize("number", range(len(CALLS)), ids=lambda number: f"{number}-{CALLS[number][0]}")
def test_a_script_is_answered_as_the_cli_is(both: tuple[Run, Run], number: int) -> None:
    """The same text, and the same flag of an error."""
    theirs, ours = (run.calls[number] for run in both)
    assert theirs.call.tool == ours.call.tool
    assert _plain(ours.result.text) == _plain(theirs.result.text), CALLS[number]
    assert ours.result.is_error == theirs.result.is_error


def _plain(text: str) -> str:
    return _NAMES.sub("FILE", text)
