"""The action, the hooks and the ready workflow do what they say, step by step."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.starter import rest_on_scripts

from routine_harness.routine.layout import is_routine_file

PROJECT = Path(__file__).parents[2]
PAGE = PROJECT / "docs" / "how-to" / "ci.md"
BIN = Path(sys.executable).parent


def load(path: Path) -> Any:
    return read(path.read_text("utf-8"))


def read(text: str) -> Any:
    # YAML 1.1 takes the key `on` for true.
    return yaml.safe_load(text.replace("\non:", '\n"on":'))


def workflow_text() -> str:
    """The workflow file that the page has its readers commit."""
    found = re.search(
        r'^```yaml title="\.github/workflows/routines\.yml"\n(.*?)^```$',
        PAGE.read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    assert found
    return found[1]


def workflow() -> Any:
    return read(workflow_text())


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one routine that is open."""
    command = ["routine-harness", "init", "ask-twice", "--repository", "acme/core", "--trigger", "schedule"]
    assert shell(" ".join(command), tmp_path)[0] == 0
    rest_on_scripts(tmp_path / "routines")
    return tmp_path


def shell(script: str, folder: Path, **variables: str) -> tuple[int, str]:
    """Exit code and output of a step's script, run as a runner runs it: ``bash -e``."""
    environment = {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "RUNNER_TEMP": str(folder / ".runner"),
        "GITHUB_OUTPUT": str(folder / ".output"),
        "GITHUB_STEP_SUMMARY": str(folder / ".summary"),
        "LANG": "C.UTF-8",
        **variables,
    }
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_nothing_of_ours_runs_on_pull_request_target() -> None:
    """The agents of a pull request are code of a stranger."""
    started = workflow()["on"]
    assert set(started) == {"pull_request", "push"}
    assert started["pull_request"] is None  # a required check that a path filter leaves out blocks everything
    for page in [*(PROJECT / "docs").rglob("*.yml"), *(PROJECT / "docs").rglob("*.md")]:
        for line in page.read_text("utf-8").splitlines():
            assert not re.match(r"\s*(?:on:.*)?pull_request_target\s*:", line), page


def test_the_workflow_asks_for_no_more_than_it_needs() -> None:
    """Reading the code and writing findings, no credentials left behind, no secret."""
    asked = workflow()
    assert asked["permissions"] == {"contents": "read", "security-events": "write"}
    assert "secrets." not in workflow_text()
    checkout = asked["jobs"]["gate"]["steps"][0]
    assert checkout["with"] == {"persist-credentials": False}


def steps() -> dict[str, str]:
    return {s["name"]: s["run"] for s in workflow()["jobs"]["gate"]["steps"] if "run" in s}


def test_the_steps_of_the_workflow_run_as_they_stand(repository: Path) -> None:
    """Lint, gate and report pass, and write what the later steps upload."""
    assert steps()["Install"] == "pip install 'routine-harness[properties]'"  # this is what is installed here
    for name in ("Lint", "Gate", "Report"):
        code, output = shell(steps()[name], repository)
        assert code == 0, output
    uploads = workflow()["jobs"]["gate"]["steps"][-1]["with"]["path"].split()
    assert all((repository / name).is_file() for name in uploads)
    assert json.loads((repository / "gate.sarif").read_text())["version"] == "2.1.0"
    assert "The gate is open" in (repository / ".summary").read_text()


def test_the_workflow_fails_where_the_gate_is_closed(repository: Path) -> None:
    """The step that decides exits with 1, and its files are there to be uploaded."""
    case = repository / "routines/ask-twice/cases/asks-once.yaml"
    case.write_text(case.read_text().replace("count: 1", "count: 2"))
    code, output = shell(steps()["Gate"], repository)
    assert code == 1
    assert "::error file=routines/ask-twice/cases/asks-once.yaml" in output
    assert (repository / "gate.sarif").is_file()


def action_steps() -> dict[str, dict[str, Any]]:
    return {step["name"]: step for step in load(PROJECT / "action.yml")["runs"]["steps"]}


def gate_variables(**given: str) -> dict[str, str]:
    inputs = {name: each["default"] for name, each in load(PROJECT / "action.yml")["inputs"].items()} | given
    declared = action_steps()["Gate"]["env"]
    return {name: inputs[re.search(r"inputs\.(\w+)", value)[1]] for name, value in declared.items()}  # type: ignore[index]


def installed(repository: Path) -> None:
    """A runner on which the step that installs has been run: the very harness that is tested."""
    place = repository / ".runner" / "routine-harness" / "bin"
    place.mkdir(parents=True)
    (place / "routine-harness").symlink_to(BIN / "routine-harness")


def test_the_action_decides_and_says_so(repository: Path) -> None:
    """Its outputs and files are those that it declares."""
    installed(repository)
    variables = gate_variables(attestation="gate.intoto.json", report="report.html")
    code, output = shell(action_steps()["Gate"]["run"], repository, **variables)
    assert code == 0, output
    assert (repository / ".output").read_text() == "open=true\nsarif=true\n"
    for name in ("routine-harness.sarif", "routine-harness.xml", "gate.intoto.json", "report.html"):
        assert (repository / name).is_file(), name


def test_the_action_passes_bad_input_on(repository: Path) -> None:
    """Exit code 2 is the step's."""
    installed(repository)
    (repository / "routines/policy.yaml").write_text("nonsense: 1\n")
    code, _ = shell(action_steps()["Gate"]["run"], repository, **gate_variables())
    assert code == 2
    assert (repository / ".output").read_text().startswith("open=false\n")


@pytest.mark.parametrize(
    ("event", "expected"), [("pull_request", 0), ("push", 0), ("pull_request_target", 2)]
)
def test_the_action_refuses_pull_request_target(tmp_path: Path, event: str, expected: int) -> None:
    """Whoever uses it against the advice is stopped before anything is installed."""
    first = next(iter(action_steps().values()))
    assert shell(first["run"], tmp_path, EVENT=event)[0] == expected


def test_no_expression_stands_inside_a_script() -> None:
    """Inputs reach scripts by the environment alone, so that none can add a command."""
    for step in action_steps().values():
        assert "${{" not in step.get("run", ""), step["name"]


def test_the_action_installs_the_ref_it_is_used_at(tmp_path: Path) -> None:
    """No version given: the folder of the action itself; else what is asked for."""
    python = tmp_path / "python"
    python.write_text(
        '#!/bin/bash\nmkdir -p "$3/bin"\n'
        'printf \'#!/bin/bash\\necho "$@" > "$RUNNER_TEMP/asked"\\n\' > "$3/bin/pip"\n'
        'chmod +x "$3/bin/pip"\n'
    )
    python.chmod(0o755)
    step = action_steps()["Install"]
    assert step["env"]["ACTION_PATH"] == "${{ github.action_path }}"
    assert load(PROJECT / "action.yml")["inputs"]["version"]["default"] == ""
    for version, expected in (
        ("", "/actions/harness@v3[properties]"),
        ("routine-harness==0.1", "routine-harness==0.1"),
    ):
        variables = {"PYTHON": str(python), "VERSION": version, "ACTION_PATH": "/actions/harness@v3"}
        assert shell(step["run"], tmp_path, **variables)[0] == 0
        assert (tmp_path / ".runner" / "asked").read_text().split()[-1] == expected


def test_sarif_is_uploaded_when_asked() -> None:
    """And only where there is a file."""
    step = action_steps()["Upload SARIF"]
    assert "inputs.upload-sarif == 'true'" in step["if"]
    assert "steps.gate.outputs.sarif == 'true'" in step["if"]
    assert step["with"]["sarif_file"] == "${{ inputs.sarif }}"


GH = """#!{python}
import json, os, pathlib, sys
import jq
store = pathlib.Path(os.environ["HOME"], "comments.json")
comments = json.loads(store.read_text())
if os.environ.get("REFUSE") in sys.argv:
    sys.exit("HTTP 403: Resource not accessible by integration")
if "--jq" in sys.argv:
    assert sys.argv[1:4] == ["api", "--paginate", "repos/acme/core/issues/42/comments"], sys.argv
    print("\\n".join(map(str, jq.compile(sys.argv[-1]).input_value(comments).all())))
    sys.exit()
body = pathlib.Path(sys.argv[-1].removeprefix("body=@")).read_text()
method, place = sys.argv[3:5]
if method == "POST":
    assert place == "repos/acme/core/issues/42/comments", place
    comments.append({{"id": len(comments) + 1, "user": {{"type": "Bot"}}, "body": body}})
else:
    number = int(place.removeprefix("repos/acme/core/issues/comments/"))
    next(each for each in comments if each["id"] == number)["body"] = body
store.write_text(json.dumps(comments))
"""


@pytest.fixture
def commenting(repository: Path) -> Path:
    """A pull request on which a person has written, a `gh` that answers for it, and a gate that ran."""
    installed(repository)
    (repository / ".runner/routine-harness/bin/python").symlink_to(sys.executable)
    gh = repository / "bin" / "gh"
    gh.parent.mkdir()
    gh.write_text(GH.format(python=sys.executable))
    gh.chmod(0o755)
    person = {"id": 1, "user": {"type": "User"}, "body": f"{MARKER}\nmine"}
    (repository / "comments.json").write_text(json.dumps([person]))
    assert shell(action_steps()["Gate"]["run"], repository, **gate_variables())[0] == 0
    return repository


MARKER = "<!-- routine-harness: routines -->"


def comment(repository: Path, **given: str) -> tuple[int, str]:
    variables = {
        "REPOSITORY": "acme/core",
        "NUMBER": "42",
        "MARKER": MARKER,
        "REFUSE": "nothing",
        "GH_TOKEN": "t",
    }
    variables["PATH"] = f"{repository / 'bin'}{os.pathsep}{BIN}{os.pathsep}{os.environ['PATH']}"
    return shell(action_steps()["Comment"]["run"], repository, **{**variables, **given})


def test_one_comment_is_written_and_updated(commenting: Path) -> None:
    """The second run changes the first one's comment; a person's that looks like it is left alone."""
    declared = action_steps()["Comment"]["env"]["MARKER"]
    assert declared.replace("${{ inputs.paths }}", "routines") == MARKER
    assert comment(commenting) == (0, "")
    case = commenting / "routines/ask-twice/cases/asks-once.yaml"
    case.write_text(case.read_text().replace("count: 1", "count: 2"))
    assert shell(action_steps()["Gate"]["run"], commenting, **gate_variables())[0] == 1
    before = json.loads((commenting / "comments.json").read_text())
    assert comment(commenting) == (0, "")
    person, own = json.loads((commenting / "comments.json").read_text())
    assert person["body"].endswith("mine")
    assert own["id"] == before[1]["id"]
    assert "The gate is open" in before[1]["body"]
    assert "The gate is closed" in own["body"]
    assert own["body"].startswith(f"{MARKER}\n")


def test_a_long_summary_is_cut(commenting: Path) -> None:
    """GitHub refuses a comment of more than 65,536 characters."""
    (commenting / ".runner/routine-harness.md").write_text("é" * 70_000)
    assert comment(commenting)[0] == 0
    assert len(json.loads((commenting / "comments.json").read_text())[1]["body"]) < 65_536


@pytest.mark.parametrize("refused", ["--paginate", "POST"])
def test_a_token_that_may_not_comment_is_a_warning(commenting: Path, refused: str) -> None:
    """A fork's pull request gets no token that can write; the gate's answer stands."""
    code, output = comment(commenting, REFUSE=refused)
    assert code == 0
    assert "::warning::routine-harness could not" in output


def test_the_hooks_look_at_our_files_and_run(repository: Path) -> None:
    """Each entry is a command of ours; lint looks at all when a routine or a policy changes."""
    hooks = {hook["id"]: hook for hook in load(PROJECT / ".pre-commit-hooks.yaml")}
    pattern = re.compile(hooks["routine-harness-lint"]["files"])
    names = ["routine.yaml", "routine-a.yml", "x.routine.yaml", "other.yaml", "routine.json", "routines.yaml"]
    for name in names:
        assert (pattern.search(f"a/b/{name}") is not None) is is_routine_file(Path(name)), name
    assert pattern.search("a/policy.yaml")
    assert not pattern.search("a/my-policy.yaml")
    lint = hooks["routine-harness-lint"]
    assert lint["pass_filenames"] is False
    assert shell(lint["entry"], repository)[0] == 0
    gate = hooks["routine-harness-gate"]
    assert gate["pass_filenames"] is False
    assert shell(gate["entry"], repository)[0] == 0
