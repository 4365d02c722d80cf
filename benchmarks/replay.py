"""Replay beside its peers: 200 cases × 2 runs × 10 tool calls, in one run, as ratios.

    python benchmarks/replay.py [--cases 200] [--repeat 3]

Peers: as many empty items collected from as many YAML files by a ten-line conftest; as many empty
Python tests; the same work in inspect-ai with its mock model; the same in pydantic-evals. The last
two are left out where they are not installed (``pip install 'routine-harness[benchmark]'``).
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CALLS = 10
AGENT = """
def work(session):
    session.call("linear.list_teams")
    for number in range(4):
        session.call("linear.list_issues", query=f"matter {number}")
    session.call("linear.save_issue", title="A matter", team="Bench") if "A matter" not in session.call(
        "linear.list_issues", query="A matter").text else session.call("linear.list_users")
    for number in range(3):
        session.call("linear.list_comments", issueId="BEN-1")
    session.say("done")
"""
ROUTINE = """\
name: bench
connectors: [{connector: linear, binding: Bench}]
triggers: [{type: api}]
prompt: Look for the matter, then file it once.
"""
CASE = """\
description: case {number}
trigger: {{api: {{text: "matter {number}"}}}}
world:
  linear:
    teams: [{{key: BEN, name: Bench}}]
    issues: [{{id: BEN-1, title: "Something else", team: Bench}}]
record_with: {{scripted: ../agents/work.py::work}}
expect:
  tickets: {{count: 1, where: {{title: A matter}}}}
  messages: {{count: 0}}
"""
CONFTEST = """\
import pytest
def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".yaml":
        return File.from_parent(parent, path=file_path)
class File(pytest.File):
    def collect(self):
        return [Item.from_parent(self, name=str(n)) for n in range({items})]
class Item(pytest.Item):
    def runtest(self): pass
"""
INSPECT = '''
import os
os.environ["INSPECT_DISPLAY"] = "none"
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import Score, accuracy, scorer
from inspect_ai.solver import generate, use_tools
from inspect_ai.tool import tool

@tool
def save_issue():
    async def execute(title: str) -> str:
        """Save an issue.

        Args:
            title: The title.
        """
        return '{{"id": "BEN-1"}}'
    return execute

def outputs():
    # Without a usage it asks the network for a tokenizer.
    usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    while True:
        for number in range({calls}):
            output = ModelOutput.for_tool_call("mockllm/model", "save_issue", {{"title": str(number)}})
            output.usage = usage
            yield output
        output = ModelOutput.from_content("mockllm/model", "done")
        output.usage = usage
        yield output

@scorer(metrics=[accuracy()])
def called():
    async def score(state, target):
        return Score(value=int(sum(m.role == "tool" for m in state.messages) == {calls}))
    return score

task = Task(dataset=[Sample(input=str(n)) for n in range({cases})],
            solver=[use_tools(save_issue()), generate()], scorer=called(), epochs=2)
[log] = eval(task, model=get_model("mockllm/model", custom_outputs=outputs()), log_dir="logs", max_samples=10)
assert log.status == "success" and len(log.samples) == 2 * {cases}
'''
EVALS = """
import asyncio
from pydantic_evals import Case, Dataset
from pydantic_evals.evaluators import Evaluator

class Called(Evaluator):
    def evaluate(self, ctx):
        return ctx.output == {calls}

async def save_issue(title):
    return {{"id": "BEN-1", "title": title}}

async def work(inputs):
    return len([await save_issue(str(n)) for n in range({calls})])

cases = [Case(name=f"{{n}}-{{run}}", inputs=n) for n in range({cases}) for run in (1, 2)]
dataset = Dataset(name="bench", cases=cases, evaluators=[Called()])
report = asyncio.run(dataset.evaluate(work, progress=False))
assert len(report.cases) == 2 * {cases}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; the fastest counts")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        compare(Path(scratch), options.cases, options.repeat)


def compare(scratch: Path, cases: int, repeat: int) -> None:
    """Measure ours and every peer on as much work, and print the ratios."""
    ours = write_cases(scratch / "ours", cases)
    items = count_items(ours) // cases
    many = write_cases(scratch / "one-file", cases, one_file=True)
    yaml, python = scratch / "yaml", scratch / "python"
    write_peers(yaml, python, cases, items)
    seconds = {
        "ours": fastest(pytest_command(), ours, repeat),
        "ours, all cases in one file": fastest(pytest_command(), many, repeat),
        "empty items from YAML files": fastest(pytest_command(), yaml, repeat),
        f"{cases} empty Python tests": fastest(pytest_command(), python, repeat),
    }
    for name, module, source in (
        ("inspect-ai", "inspect_ai", INSPECT),
        ("pydantic-evals", "pydantic_evals", EVALS),
    ):
        if importlib.util.find_spec(module) is None:
            print(f"{name}: not installed, left out")
            continue
        script = scratch / f"{module}_bench.py"
        script.write_text(source.format(cases=cases, calls=CALLS))
        seconds[name] = fastest([sys.executable, str(script)], scratch, 1 if name == "inspect-ai" else repeat)
    print(f"{cases} cases × 2 runs × {CALLS} tool calls; {items} items a case; the fastest of {repeat}")
    for name, value in seconds.items():
        print(f"  {name:<30} {value:7.2f} s   {value / seconds['ours']:6.2f} × ours")
    print(f"peak memory: {peak_memory(ours):.0f} MB; without routines {peak_memory(python):.0f} MB")
    print(f"per case: {linear(scratch, cases, repeat):.2f} × at 4 × the cases (1.00 is linear)")
    print(f"idle plugin: {idle(scratch, repeat):.3f} × `pytest --collect-only` of an empty folder")


def write_cases(folder: Path, cases: int, *, one_file: bool = False) -> Path:
    """A routine with ``cases`` recorded cases, in as many files or in one."""
    for name in ("cases", "agents"):
        (folder / name).mkdir(parents=True)
    (folder / "policy.yaml").write_text("root: true\n")
    (folder / "routine.yaml").write_text(ROUTINE)
    (folder / "agents" / "work.py").write_text(AGENT)
    if one_file:
        variants = "".join(f"  - {{id: n{n}}}\n" for n in range(cases))
        (folder / "cases" / "all.yaml").write_text(CASE.format(number=0) + f"parametrize:\n{variants}")
    else:
        for number in range(cases):
            (folder / "cases" / f"case-{number:04}.yaml").write_text(CASE.format(number=number))
    run([*pytest_command(), "--routine-record=all"], folder)
    return folder


def write_peers(yaml: Path, python: Path, cases: int, items: int) -> None:
    """The empty items of the ten-line conftest, and the empty Python tests."""
    yaml.mkdir()
    python.mkdir()
    (yaml / "conftest.py").write_text(CONFTEST.format(items=items))
    for number in range(cases):
        (yaml / f"case-{number:04}.yaml").write_text(CASE.format(number=number))
    (python / "test_empty.py").write_text("".join(f"def test_{n}(): pass\n" for n in range(cases)))


def pytest_command(*arguments: str) -> list[str]:
    """pytest without the plugins of others, whose start would hide ours."""
    others = [f"-pno:{name}" for name in ("cacheprovider", "xdist", "hypothesispytest", "timeout", "anyio")]
    return [sys.executable, "-m", "pytest", "-q", *others, *arguments]


def count_items(folder: Path) -> int:
    listed = run([*pytest_command("--collect-only")], folder).stdout
    return sum("cases/" in line and "::" in line for line in listed.splitlines())


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)
    if done.returncode not in (0, 5):
        sys.exit(f"{' '.join(command)} in {folder} failed:\n{done.stdout[-3000:]}{done.stderr[-2000:]}")
    return done


def fastest(command: list[str], folder: Path, repeat: int) -> float:
    """Wall seconds of the fastest of ``repeat`` whole commands."""
    times = []
    for _ in range(repeat):
        begun = time.perf_counter()
        run(command, folder)
        times.append(time.perf_counter() - begun)
    return min(times)


def peak_memory(folder: Path) -> float:
    """Peak resident memory of one whole command in MB."""
    code = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL); "
    code += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    done = run([sys.executable, "-c", code, *pytest_command()], folder)
    kilobytes = int(done.stdout.split()[-1]) / (1024 if sys.platform == "darwin" else 1)
    return kilobytes / 1024


def linear(scratch: Path, cases: int, repeat: int) -> float:
    """The cost of a case among 4 × as many, over its cost among ``cases``."""
    small = fastest(pytest_command(), scratch / "ours", repeat)
    large = fastest(pytest_command(), write_cases(scratch / "large", 4 * cases), repeat)
    start = fastest(pytest_command("--version"), scratch, repeat)
    return ((large - start) / 4) / (small - start)


def idle(scratch: Path, repeat: int) -> float:
    """``pytest --collect-only`` of an empty folder with the plugin, over the same without."""
    empty = scratch / "empty"
    empty.mkdir()
    with_plugin, without = [], []
    for _ in range(5 * repeat):
        with_plugin.append(fastest(pytest_command("--collect-only"), empty, 1))
        without.append(fastest(pytest_command("--collect-only", "-p", "no:routine_harness"), empty, 1))
    return statistics.median(with_plugin) / statistics.median(without)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
