"""Whatever a command is wrapped in, its effects remain; hostile scripts are read without harm."""

from __future__ import annotations

import base64
import contextlib
import re
import shlex
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from routine_harness.world.effect import Effect
from routine_harness.world.shell import syntax
from routine_harness.world.shell.acts import Context
from routine_harness.world.shell.command_reading import shell_effects
from routine_harness.world.shell.syntax import MAX_PASSES

OF_ITS_SHELL = re.compile(r"\$@|\$\*|\$\{@|\{\}")
TABLE_FILE = Path(__file__).parents[3] / "fixtures" / "shell" / "commands.yaml"
ROWS = yaml.safe_load(TABLE_FILE.read_text())
SESSION = next(row["context"] for row in ROWS if len(row.get("context", {})) == 3)
COMMANDS = [
    row["command"]
    for row in ROWS
    if row["effects"] and row.get("context", SESSION) == SESSION and not row.get("variables")
    if not row.get("loose") and not OF_ITS_SHELL.search(row["command"])
]
"""Commands with effects, but for those that are about the words or the branches of their own shell."""
quote = shlex.quote
BASH = shutil.which("bash")

WRAPPERS: dict[str, Callable[[str], str]] = {
    "bash -c": lambda c: f"bash -c {quote(c)}",
    "sh -ec": lambda c: f"sh -ec {quote(c)}",
    "subshell": lambda c: f"(\n{c}\n)",
    "group": lambda c: f"{{\n{c}\n}}",
    "pipe": lambda c: f"{{\n{c}\n}} | cat",
    "and": lambda c: f"true && {{\n{c}\n}}",
    "or": lambda c: f"false || {{\n{c}\n}}",
    "semicolon": lambda c: f"ls; {{\n{c}\n}}; ls",
    "not": lambda c: f"! bash -c {quote(c)}",
    "background": lambda c: f"{{\n{c}\n}} &",
    "variable": lambda c: f'CARRIED={quote(c)}; bash -c "$CARRIED"',
    "default": lambda c: f'CARRIED={quote(c)}; bash -c "${{CARRIED:-x}}"',
    "env": lambda c: f"env -i A=1 bash -c {quote(c)}",
    "assignment": lambda c: f"ONE=1 TWO='x y' bash -c {quote(c)}",
    "sudo": lambda c: f"sudo -u root -E bash -c {quote(c)}",
    "timeout": lambda c: f"timeout -s KILL 30 bash -c {quote(c)}",
    "nohup nice": lambda c: f"nohup nice -n 10 bash -c {quote(c)} > log 2>&1",
    "time": lambda c: f"time bash -c {quote(c)}",
    "xargs": lambda c: f"echo x | xargs -I@@ bash -c {quote(c)}",
    "function": lambda c: f"run_it() {{\n{c}\n}}\nrun_it",
    "function keyword": lambda c: f"function run_it {{\n{c}\n}}\nrun_it",
    "for": lambda c: f"for each in 1; do\n{c}\ndone",
    "while": lambda c: f"while test -f x; do\n{c}\ndone",
    "if": lambda c: f"if test -f x; then\n{c}\nelse\nls\nfi",
    "else": lambda c: f"if test -f x; then ls; else\n{c}\nfi",
    "case": lambda c: f"case x in\nx)\n{c}\n;;\nesac",
    "heredoc": lambda c: f"bash <<'END_{len(c)}'\n{c}\nEND_{len(c)}",
    "heredoc pipe": lambda c: f"cat <<'END_{len(c)}' | bash\n{c}\nEND_{len(c)}",
    "herestring": lambda c: f"bash <<< {quote(c)}",
    "echo pipe": lambda c: f"printf '%s' {quote(c)} | sh",
    "script file": lambda c: f"cat > run.sh <<'END_{len(c)}'\n{c}\nEND_{len(c)}\nbash run.sh",
    "substitution": lambda c: f'echo "$(\n{c}\n)"',
    "process substitution": lambda c: f"cat <(\n{c}\n)",
    "eval": lambda c: f"eval {quote(c)}",
    "trap": lambda c: f"trap {quote(c)} EXIT",
    "su": lambda c: f"su ci -c {quote(c)}",
    "eval of eval": lambda c: f"eval eval {quote(quote(c))}",
    "nested quoting": lambda c: f"bash -c {quote('bash -c ' + quote('bash -c ' + quote(c)))}",
    "array": lambda c: f'CARRIED=(x {quote(c)}); bash -c "${{CARRIED[1]}}"',
    "printf -v": lambda c: f'printf -v CARRIED %s {quote(c)}; eval "$CARRIED"',
    "env -S": lambda c: f"env -S {quote('bash -c ' + quote(c))}",
    "git alias": lambda c: f"git -c alias.zz={quote('!' + c)} zz",
    "gh alias": lambda c: f"gh alias set --shell zz {quote(c)} && gh zz",
    "source": lambda c: f"source <(printf %s {quote(c)})",
    "script on a path": lambda c: (
        f"cat > ./run_it <<'END_{len(c)}'\n{c}\nEND_{len(c)}\nchmod +x run_it; ./run_it"
    ),
    "find": lambda c: f"find . -maxdepth 0 -exec sh -c {quote(c)} \\;",
    "watch": lambda c: f"watch -n 1 {quote(c)}",
    "systemd-run": lambda c: f"systemd-run --user -p A=b bash -c {quote(c)}",
    "base64": lambda c: f"echo {base64.b64encode(c.encode()).decode()} | base64 -d | bash",
    "while read": lambda c: f"while read -r x; do\n{c}\ndone < list.txt",
    "until": lambda c: f"until bash -c {quote(c)}; do sleep 1; done",
    "comment": lambda c: f"# note: it's \"odd\n{c}\n# done",
}
_WORDING = ("command", "reason")


def said(effect: Effect) -> tuple[str, str]:
    """An effect without the wording of the command it was read from."""
    return effect.kind, repr(sorted((k, v) for k, v in effect.fields.items() if k not in _WORDING))


def counted(command: str) -> Counter[Any]:
    effects = shell_effects(command, None, Context(**SESSION))
    return Counter(said(effect) for effect in effects if effect.kind != "command.undecided")


@given(st.sampled_from(COMMANDS), st.lists(st.sampled_from(sorted(WRAPPERS)), min_size=1, max_size=3))
@settings(max_examples=400, deadline=None)
def test_wrapping_never_loses_an_effect(command: str, names: list[str]) -> None:
    """A command wrapped in up to three ways has every effect that it has by itself."""
    wrapped = command
    for name in names:
        wrapped = WRAPPERS[name](wrapped)
    lost = counted(command) - counted(wrapped)
    assert not lost, f"{' < '.join(names)} lost {lost}:\n{wrapped}"


@given(st.sampled_from(COMMANDS), st.sampled_from(sorted(WRAPPERS)))
@settings(max_examples=150, deadline=None)
def test_wrapping_makes_up_no_effect(command: str, name: str) -> None:
    """A wrapped command has no effect that the command does not have, save that it may be undecided."""
    made_up = counted(WRAPPERS[name](command)) - counted(command)
    assert not made_up, f"{name} made up {made_up}"


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_without_an_exception(text: str) -> None:
    """Reading never raises, whatever the text."""
    for effect in shell_effects(text):
        assert effect.kind


SHELLISH = st.lists(
    st.sampled_from([
        "git push origin main", "'", '"', "$(", ")", "`", "<<EOF", "\nEOF\n", "|", "&&", ";", "{", "}", "if",
        "then", "fi", "for x in", "do", "done", "case", "esac", "$x", "${", "\\", "\n", "\0", "\u202e", "((",
        "))", "[[",
    ]),
    max_size=40,
).map(" ".join)  # fmt: skip


@given(SHELLISH)
@settings(max_examples=400, deadline=None)
def test_broken_scripts_are_read_without_an_exception(script: str) -> None:
    """Reading never raises, however broken the script."""
    for effect in shell_effects(script):
        assert effect.kind


@pytest.mark.skipif(BASH is None, reason="needs bash to compare with")
@given(SHELLISH)
@settings(max_examples=150, deadline=None)
def test_what_bash_runs_is_never_silent(script: str) -> None:
    """Where bash, given the same script, really runs git, reading has seen it or says undecided."""
    with tempfile.TemporaryDirectory() as folder:
        log, shim = Path(folder) / "log", Path(folder) / "git"
        shim.write_text(f'#!/bin/sh\necho "$@" >> {log}\n')
        shim.chmod(0o755)
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(
                [str(BASH), "--norc", "-c", script.replace("\0", "")],
                env={"PATH": folder},
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=5,
            )
        ran = log.read_text() if log.exists() else ""
    if ran:
        kinds = {effect.kind for effect in shell_effects(script)}
        assert kinds & {"branch.pushed", "command.undecided"}, f"bash ran git {ran!r}"


def test_unbalanced_quotes_are_undecided() -> None:
    """A script that cannot be parsed says so, and what can be read of it counts."""
    got = shell_effects("git push origin main\necho 'never closed\n")
    assert {"branch.pushed", "command.undecided"} <= {effect.kind for effect in got}


@pytest.mark.timeout(120)
def test_a_long_script_is_read_to_its_end() -> None:
    """Ten thousand lines do not hang the reader, and the last one counts."""
    lines = [f"echo line {number} > out/{number % 7}.txt" for number in range(10_000)]
    got = shell_effects("\n".join([*lines, "git push origin main"]))
    assert [effect.kind for effect in got] == ["branch.pushed"]


def test_many_heredocs_cost_few_parses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five hundred heredocs do not cost five hundred parses, and what follows them counts."""
    parses = []
    monkeypatch.setattr(syntax, "parse", lambda source, parse=syntax.parse: parses.append(1) or parse(source))
    script = (
        "".join(f"cat > f{n}.txt <<'EOF'\nbody {n}\nEOF\n" for n in range(500)) + "git push origin main\n"
    )
    assert [effect.kind for effect in shell_effects(script)] == ["branch.pushed"]
    assert 0 < len(parses) <= MAX_PASSES + 2


def test_nul_bytes_hide_nothing() -> None:
    """NUL bytes are left out, as shells do, and said to be undecided."""
    kinds = [effect.kind for effect in shell_effects("git pu\0sh origin main")]
    assert kinds == ["command.undecided", "branch.pushed"]


def test_direction_marks_in_a_command_are_undecided() -> None:
    """A right-to-left override in a word makes what is shown differ from what runs."""
    kinds = [effect.kind for effect in shell_effects("git push origin \u202eniam")]
    assert kinds == ["command.undecided", "branch.pushed"]


def test_direction_marks_in_a_sentence_are_fine() -> None:
    """A commit message may be written from right to left."""
    kinds = [effect.kind for effect in shell_effects("git commit -m 'שלום \u2067עולם\u2069 x'")]
    assert kinds == ["commit.created"]


def test_nesting_without_end_is_undecided() -> None:
    """What is nested beyond all reason is said to be undecided instead of being followed."""
    command = "git push origin main"
    for _ in range(9):
        command = f"bash -c {quote(command)}"
    assert "branch.pushed" in {effect.kind for effect in shell_effects(command)}
    deep = shell_effects("(" * 400 + "git push origin main" + ")" * 400)
    assert "command.undecided" in {effect.kind for effect in deep}
    expansion = "${a:-" * 2000 + "}" * 2000
    assert "command.undecided" in {effect.kind for effect in shell_effects(f"git push origin {expansion}")}


@pytest.mark.timeout(120)
def test_a_function_that_calls_itself_ends() -> None:
    """A fork bomb is read to its end and is undecided."""
    got = shell_effects("bomb() { bomb | bomb & }; bomb")
    assert "command.undecided" in {effect.kind for effect in got}


@pytest.mark.timeout(120)
def test_loops_over_many_words_end() -> None:
    """Nested loops over long lists do not multiply without end."""
    words = " ".join(map(str, range(60)))
    script = "".join(f"for v{n} in {words}; do " for n in range(6)) + "git push origin main" + "; done" * 6
    kinds = {effect.kind for effect in shell_effects(script)}
    assert {"branch.pushed", "command.undecided"} <= kinds


def test_a_character_beyond_the_first_plane_ends_nothing() -> None:
    """A brace before an astral character ended the process in the grammar's scanner; now it is read."""
    for character in "\U000f9fb5\U0010ffff\U0001f600\u4e00\u00e9":
        for text in (f"{{{character}", f"{{1{character}..3}}", f"git push origin {{{character},main}}"):
            shell_effects(text)
    got = shell_effects("git push origin größe/ünï\u00a0cöde")
    assert got[0].fields["branch"] == "größe/ünï\u00a0cöde"
    assert shell_effects("git push origin \ud800")[0].kind == "branch.pushed"


GROWING = {
    "a variable that doubles": "x=a; " + "x=$x$x; " * 40 + "git push origin $x",
    "many long words": "x=" + "a" * 90_000 + "; echo " + '"$x" ' * 50_000 + "; git push origin main",
    "a long array": "x=(" + " a" * 50_000 + "); git push origin ${x[1]}",
    "functions that call themselves": "f() { f; f; f; git push origin main; }; f",
    "a pattern that backtracks": "x=" + "a" * 1_900 + "; git push origin ${x%%*a*a*a*a*b}",
    "replacements that grow": "x=" + "a" * 1_000 + "; " + "x=${x//a/aaaaaaaaaa}; " * 9 + "git push origin $x",
    "deep substitutions": "$(" * 1_000 + "git push origin main" + ")" * 1_000,
    "deep conditions": "if x; then " * 1_000 + "git push origin main; " + "fi;" * 1_000,
    "wrappers without end": "sudo " * 1_500 + "git push origin main",
    "a file that runs itself": "cat > a.sh <<'E'\nbash a.sh; git push origin main\nE\nbash a.sh",
    "aliases in a circle": "git config alias.a b; git config alias.b a; git a; git push origin main",
    "power towers": "git push origin $((9**9**9))",
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("script", GROWING.values(), ids=GROWING)
def test_what_grows_without_end_is_read_within_a_budget(script: str) -> None:
    """However a script makes its words grow, reading ends, and it says undecided where it gave up."""
    kinds = {effect.kind for effect in shell_effects(script)}
    assert kinds & {"branch.pushed", "command.undecided"}
