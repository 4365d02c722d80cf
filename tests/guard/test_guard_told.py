"""What the guard tells without the grammar is what the harness's own reader says."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_guard_everyday import COMMANDS, DATA, JOINTS, PLACES, PROGRAMS, WORDS

from routine_harness.guard.precise import read_precisely
from routine_harness.guard.told import read_told

HARMLESS = [
    "test -f x", "test $x -gt", "test", "timeout 5 ls", "timeout 60s pytest -q",
    "timeout 5 git commit -m x", "timeout 3 timeout 4 git push", "ls", "cat", "echo", "grep -rn",
    "git status", "git log", "git -C sub diff", "cd src", "cd ..", "cd /tmp/x", "rm -f", "mkdir -p", "cp",
    "tee", "tee -a", "wc -l", "sort", "ruff check", "python3 -", "python3", "pytest -q", "printf '%s\\n'",
    "read -r x", "export A=1", "export", "local x=", "set -e", "x=1", "y=$x", "x=1 ls", "[ -f x ]",
    '[ "$x" = y ]', "[[ $x == y ]]", "! ls", "awk '{print $1}'", "xargs -0 ls", "xargs -I {} cat {}",
    "find . -name x", "find . -exec ls {} \\;", "command -v", "source .env", "source a/activate",
    "npm ci", "npm test", "curl -s https://x.y/z", "git checkout x", "git commit -m x", "git push",
    "git branch", "git remote -v", "git tag", "gh pr view 3", "node --version", "base64 -d", ":",
    "exit 1", "true", "sed -n 1p", "jq .", "date +%s", "head -5", "git rebase main", "git stash", "wait",
    "touch", "rm -rf", "[ $x -gt 3 ]", "[ ! -d x ]", '[ -n "$x" ]', "declare -r x=1", "unset x",
    "pip install", "diff",
]  # fmt: skip
"""Beginnings of commands of which most can be told."""
HAZARDS = [
    *PROGRAMS,
    "g\\it", "gi't' push", '"git" push', "$'git' push", "$x", '"$x" push', "$x push", "`echo git`",
    "\\git push", "eval", "eval git push", "sh -c", "bash -c 'git push'", "bash", "sh", "env git push",
    "env", "command git push", "command", "builtin cd", "exec git", "nohup", "xargs", "xargs git push",
    "xargs -I{} echo", "xargs -I {} {}", "xargs -n1 cat", "xargs -0 wc -l", "xargs sh", "alias",
    "alias ls=", "alias ls='git push'", "function ls", "ls()", "set --", "read", "printf", "local",
    "source", "source .venv/bin/activate", ".", ". .env", "declare", "export x=", "x=git", "x=", "x=$x",
    "x='git push'", "git -C", "git -C sub", "git -c alias.l=push l", "git --no-pager",
    "git remote get-url", "git rebase", "git submodule foreach", "git bisect", "git branch -m",
    "find . -exec", "awk", "awk 'BEGIN{system(\"x\")}'", "cd", "cd /etc", "pushd", "[", "[ -f", "[[",
    "test -f", "trap", "timeout 5", "time", "!", "while", "case", "if", "coproc", "mapfile", "let",
    "exit", "return", "unset", "cat <", "mktemp", "GIT_DIR=x git", "A=1 B=2", "PATH=. ls",
    "/usr/bin/git push", "./ls", "a/b", "mv", "gh", "curl",
]  # fmt: skip
PLAIN = [
    "a", "b/c.py", "-n", "--all", "'a b'", '"a b"', '"$x"', "$x", "${x}", '"${x:-a}"', "$?", "$((1+2))",
    "$((x - 1))", "\\;", "{}", "x=1", "a=b", "a==b", "=", "==", "-", "--", "*.py", "src/*", "a\\ b",
    "~/x", "HEAD^", "HEAD~1", "@", "%", "+x", ",", ":", "a:b", '"a$"', '"a\\"b"', '"a\\|b"', "'$x'",
    "\\$x", "\\(", "\\)", "'a'\"$x\"b", "a$x", "$x$y", '"$x"/y', "-x$y", "'é'", "é", '"é"', "'#'", "a#b",
    "1", "2", "42", "''", '""', "?", "./x", "../x", "/etc", "/tmp/x", "in", "do", "done", "if", "then",
    "for", "esac", "time", "[", "]", "^", "^a", "!", "a!", '"a!"', "@{u}", "x+=1", "-f", "!=", "if=x",
    "of=y", "\\a", "\\-x", "\"'\"", "'\"'", '"\n"', "'\n'", "+", "-1", "1.5", "0x1", "a,b", "=~", "~",
    "a~", "$1", "$#", "$@", '"$@"', '"a\\\\b"', '"\\$x"', '"$x y $z"', "'{a,b}'", "**", '\\"', "\\'",
    "a\\'b", 'é"$x"', '--x="$y"', "--x='a'", "--format=%h", "-I{}", "x.y=z", "a/b=c",
    "\"$(cat <<'EOF'\nx `y`\nEOF\n)\"",
]  # fmt: skip
ODD = [
    *WORDS,
    "${x:-git push}", "${x##*/}", "$((1 + 2))", "$((x-1))", "$(git push)", "{a,b}", "{1..3}", "'{}'",
    "x='a b'", "x=$y", "x=$(ls)", "$'a\\nb'", '$"a"', '"$(ls)"', '"$ a"', '"`ls`"', "<<< $x", '<<< "a b"',
    ">> $x", "&>> x", "> a b", "< <(ls)", "<(ls)", "]]", "-f x ]", "= y ]", '"$x" = y ]', "$x == y ]]",
    "-exec ls {} \\;", "-exec git push \\;", "-delete", "-print0", "fi", "}", "(", ")", "<< E",
    "<<'E'\nx\nE\n", "<<'E'\n$x `y`\nE", "<<E\n$(git push)\nE\n", "<<'EOF'\nimport x\n	x = 1 # <\nEOF\n",
    "<<'E' > y\nE\n", "# x", "\\\n", "$é", "${x@Q}", "${!x}", "$!", "$$", "[a-z]*", "a[0]",
]  # fmt: skip
ENDS = [
    "<<'E' 2>&1\nx\nE\n", "<<'E' | cat\nx $y\nE\n", "<<'E' && ls\nx\nE\n", "> out", "2>&1", "2>/dev/null",
    "> /tmp/x", ">> a.txt", "&> x", "< in", "<<< x", '<<< "$x"', "> /dev/null 2>&1", "> a > b", "< a > b",
    "2> e", "1>&2", ">&2", ">a", '> "$x"', "> 'a b'", "> /etc/x", "> ../y", "<<'E'\nx\n$y `z` \"\n\nE\n",
    "<<'E' > y\na\nE\n", "> y <<'E'\na 'b\nE\n",
]  # fmt: skip
"""Redirections after the words of a command."""
SHAPES = [
    "for f in {words}; do {a}; done", "for f in {words}\ndo\n  {a}\n  {b}\ndone",
    "for x in a b; do {a} $x; done", "for f in $({a}); do {b}; done", "for x; do {a}; done",
    "for ((i=0;i<3;i++)); do {a}; done", "while {a}; do {b}; done", "until {a}; do {b}; done",
    "while read -r x; do {a}; done < in", "if {a}; then {b}; fi", "if {a}; then {b}; else {c}; fi",
    "if {a}; then {b}; elif {c}; then {a}; fi", "if ! {a}; then\n  {b}\nfi", "({a})", "({a}; {b})",
    "{{ {a}; {b}; }}", "({a}) | {b}", "{{ {a}; }} > out 2>&1", "x=$({a})", 'x="$({a})"; {b}',
    'echo "$({a})"', "echo $({a} | {b}) c", "export x=$({a})", "cat <<'E'\n{a}\nE\n{b}",
    "cat <<'E' | {b}\n{a}\nE", "cat <<E\n$({a})\nE", "f() {{ {a}; }}; {b}", "function ls {{ {a}; }}; ls",
    "case $x in a) {a};; *) {b};; esac", "x={words}; {a}", "alias ls='{a}'; ls", 'eval "{a}"',
    "sh -c '{a}'", "{a} &", "{a} | {b}", "{a} && {b} || {c}", "{a}; {b}", "{a}\n{b}", "{a} # {b}",
    "# {a}\n{b}", "[ -f x ] && {a}", '[[ "$x" == y ]] || {a}', "{a} | xargs {b}",
    "{a} | while read -r x; do {b}; done", "cd src && {a}", "cd /etc; {a}; {b} > x",
    "(cd ..; {a}); {b} > x", "x=1 {a}", "{a} > out; {b}", "echo '{a}' > x.sh; . x.sh", "{a} <<'E'\nE\n",
    "{a} $({b} <<'E'\nx\nE\n)", "( {a}\n)\n", "{{\n{a}\n}}", "{a} &&\n{b}", "{a} \\\n | {b}",
    "{a}; # c\n{b}", "for f in {words}; do # c\n{a}; done", '{a} "$({b})" x', "if {a}; then\n{b};\nfi",
    "{a}|{b}", "{a}&&{b}", "({a};)", "x=1 y=2; {a}",
]  # fmt: skip
VARIABLES = {"x": "git push", "y": "/etc", "z": "-delete"}
"""Variables of the routine's environment, which the grammar's reading follows."""

odd = st.text("ab/.-=:+@%,_1 '\"*?>&é$(){}[];<|\\#~^!\n", min_size=1, max_size=5)
words = st.sampled_from(PLAIN) | st.sampled_from(PLAIN) | st.sampled_from(PLAIN) | st.sampled_from(ODD) | odd
heads = st.sampled_from(HARMLESS) | st.sampled_from(HARMLESS) | st.sampled_from(HAZARDS)
ends = st.just("") | st.just("") | st.sampled_from(ENDS)
command = st.builds(
    lambda head, rest, end: " ".join([head, *rest, end]).strip(" "), heads, st.lists(words, max_size=3), ends
)


def shaped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Scripts made of other scripts."""
    return st.builds(
        lambda shape, a, b, c, rest: shape.format(a=a, b=b, c=c, words=" ".join(rest) or "a"),
        st.sampled_from(SHAPES),
        inner,
        inner,
        inner,
        st.lists(words, max_size=3),
    ) | st.builds(lambda a, joint, b: a + joint + b, inner, st.sampled_from(JOINTS), inner)


scripts = st.recursive(command, shaped, max_leaves=6)


def differing(script: str, place: tuple[str, str] = PLACES[0]) -> Any:
    """What the two readings say, where both say something and it is not the same."""
    repository, branch = place
    mine = read_told(DATA[repository], script, branch)
    if mine is None:
        return None
    theirs = read_precisely(script, repository, branch, VARIABLES)
    texts = [json.dumps(reading, sort_keys=True) for reading in (mine, theirs)]
    return None if texts[0] == texts[1] else texts


@settings(max_examples=2000, deadline=None)
@given(scripts, st.sampled_from(PLACES))
@example("x=1 >a", PLACES[0])
@example("cat =~", PLACES[0])
@example("export A=1 <<< x", PLACES[0])
@example("python3 - 2>&1", PLACES[0])
@example('true "$((git push))"', PLACES[0])
@example("echo | _=;", PLACES[0])
@example("git checkout x&&git commit -m x", PLACES[0])
@example("for f in  ;\ndo\n  ls; done", PLACES[0])
@example("x=1 y=\"\n\"\nfor f in '#'\ndo\ntee;\ndone", PLACES[0])
@example("cat <<'E' | wc \"$(cat <<'EOF'\nx\nEOF\n)\" \\\ngo\nE", PLACES[0])
@example("ls |\nnpm ci\nnpm test \\\n | git diff > y <<'E'\na\nE\n", PLACES[0])
@example("for d in a b; do rm x; cd /etc; done", PLACES[0])
@example('git push origin "a \\\nb"', PLACES[0])
def test_what_is_told_is_what_the_grammar_says(script: str, place: tuple[str, str]) -> None:
    """Effects, fields and calls are the same for every script that is not handed over."""
    assert differing(script, place) is None


def test_known_commands_are_told_alike() -> None:
    """So it is for every command of the harness's own table."""
    known = [row["command"] for row in yaml.safe_load(COMMANDS.read_text())]
    assert [script for script in known if differing(script)] == []


TOLD = [
    'for f in src/*.py; do ruff check "$f"; done',
    'X=$(date); echo "$X" | tee log.txt',
    "if [ -f x ]; then cat x; else echo no; fi",
    'ls -la "$HOME/x" 2>/dev/null || echo missing',
    'cd "$(git rev-parse --show-toplevel)" && grep -rn foo . | head',
    "python3 - <<'EOF'\nimport x\nprint(\"a $b\")\nEOF",
    "cat > file.py <<'EOF'\nimport x\n\tx = `a`\nEOF",
    'while read -r line; do echo "$line"; done < file',
    "export FOO=bar && pytest -q",
    "source .venv/bin/activate && pytest -q",
    'grep -c "foo\\|bar" file',
    'cd /home/user/core && pytest -q 2>&1 | tail -20; echo "exit: $?"',
    'find . -name "*.py" -exec grep -l foo {} \\;',
    "find . -name '*.py' -print0 | xargs -0 wc -l",
    "[[ $x == y ]] && (cd sub && ls)",
    "# first\nls\n\n# second\ngit diff HEAD~1 # third",
    'n=$(ls | wc -l)\nif [ "$n" -gt 3 ]; then\n  echo many\nfi',
    'git diff --stat "$(git merge-base origin/main HEAD)"',
    'git commit -m "$(cat <<\'EOF\'\nfix: x\nEOF\n)" && git push 2>&1 | tail -3; echo "exit $?"',
    "timeout 60 pytest -q",
]


@pytest.mark.parametrize("script", TOLD)
def test_what_runs_do_often_is_told(script: str) -> None:
    """Loops, branches and substitutions around programs that leave the outside alone need no grammar."""
    assert read_told(DATA["acme/core"], script, "claude/work") is not None
    assert differing(script) is None


HANDED_OVER = [
    'for b in a b; do git push origin "$b"; done',
    "x=git; $x push",
    "git -C $x log",
    "git -C sub push",
    "g\\it push",
    "$'git' push",
    "alias ls='git push'; ls",
    "ls() { git push; }; ls",
    'eval "git push"',
    "echo x | xargs git push",
    "sh -c 'git push'",
    "env git push",
    "command git push",
    'ls > "$x"',
    "cd /etc && touch passwd",
    'echo "`git push`"',
]


@pytest.mark.parametrize("script", HANDED_OVER)
def test_what_may_act_outside_is_handed_over(script: str) -> None:
    """It is for the grammar, or for the rough reading, to say what that does."""
    assert read_told(DATA["acme/core"], script, "claude/work") is None
