"""Which files are routines and cases, and whose."""

from __future__ import annotations

from pathlib import Path

import pytest

from routine_harness.errors import SpecError, UsageError
from routine_harness.routine.layout import is_routine_file
from routine_harness.store.routines import (
    discover,
    is_case_file,
    load_routine,
    owners_of,
    routine_of_case,
)

ROUTINE = "name: {name}\nprompt: p\n"


def tree(root: Path, *files: str) -> Path:
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ROUTINE.format(name=path.stem.replace(".", "-")))
    return root


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("routine.yaml", True), ("routine.yml", True), ("routine-x.yaml", True), ("x.routine.yaml", True),
        ("routine-.yaml", False), ("routines.yaml", False), ("myroutine.yaml", False), ("policy.yaml", False),
        (".routine.yaml", False), ("routine.json", False), ("routine", False), ("routine.yaml.bak", False),
    ],
)  # fmt: skip
def test_a_routine_is_known_by_its_name(name: str, is_one: bool) -> None:
    """routine.yaml, routine-*.yaml and *.routine.yaml, and nothing else."""
    assert is_routine_file(Path("a", name)) is is_one


def test_discovery_finds_routines_and_their_cases_and_leaves_the_rest_alone(tmp_path: Path) -> None:
    """Other YAML, hidden and generated folders, and cases without a routine are not ours."""
    tree(
        tmp_path, "a/routine.yaml", "a/cases/one.yaml", "a/cases/two.yml", "a/worlds/base.yaml",
        "a/policy.yaml", "a/cases/payloads/x.yaml", "b/routine-x.yaml", "b/y.routine.yaml",
        "b/cases/three.yaml",
        "other/cases/four.yaml", ".hidden/routine.yaml", "node_modules/p/routine.yaml", "a/cases/.swap.yaml",
        "docker-compose.yaml",
    )  # fmt: skip
    found = discover(tmp_path)
    names = lambda paths: [str(path.relative_to(tmp_path)) for path in paths]  # noqa: E731 - three uses below
    assert names(found.routines) == ["a/routine.yaml", "b/routine-x.yaml", "b/y.routine.yaml"]
    assert names(found.cases) == ["a/cases/one.yaml", "a/cases/two.yml", "b/cases/three.yaml"]
    assert names(found.cases_of(tmp_path / "a/routine.yaml")) == ["a/cases/one.yaml", "a/cases/two.yml"]
    assert names(found.owners[tmp_path / "b/cases/three.yaml"]) == ["b/routine-x.yaml", "b/y.routine.yaml"]


def test_discovery_takes_one_file_and_relative_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A single case, also from inside its own folder."""
    tree(tmp_path, "a/routine.yaml", "a/cases/one.yaml")
    assert discover(tmp_path / "a/cases/one.yaml").cases == (tmp_path / "a/cases/one.yaml",)
    monkeypatch.chdir(tmp_path / "a" / "cases")
    assert is_case_file(Path("one.yaml"))
    assert [str(path) for path in discover(".").cases] == ["one.yaml"]


def test_discovery_of_nothing_is_a_clear_error(tmp_path: Path) -> None:
    """A path that does not exist, or a circle of links, is said not to exist."""
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path in (tmp_path / "no", tmp_path / "loop"):
        with pytest.raises(UsageError, match="there is no file or folder"):
            discover(path)


def test_a_circle_of_folders_is_not_walked(tmp_path: Path) -> None:
    """A link to a folder above is not entered."""
    tree(tmp_path, "a/routine.yaml")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    assert len(discover(tmp_path).routines) == 1


def test_the_new_routine_beside_known_cases_is_seen(tmp_path: Path) -> None:
    """What is remembered of a folder is forgotten when the folder changes."""
    tree(tmp_path, "a/cases/one.yaml")
    assert owners_of(tmp_path / "a/cases/one.yaml") == ()
    tree(tmp_path, "a/routine.yaml")
    assert owners_of(tmp_path / "a/cases/one.yaml") == (tmp_path / "a/routine.yaml",)


def test_a_routine_is_parsed_once_until_it_changes(tmp_path: Path) -> None:
    """The same file gives the same value; an edited one another."""
    tree(tmp_path, "a/routine.yaml")
    first = load_routine(tmp_path / "a")
    assert load_routine(tmp_path / "a" / "routine.yaml") is first
    (tmp_path / "a" / "routine.yaml").write_text("name: changed\nprompt: p\n")
    assert load_routine(tmp_path / "a").name == "changed"


def test_a_folder_must_hold_exactly_one_routine(tmp_path: Path) -> None:
    """None and several are two different errors."""
    tree(tmp_path, "a/routine.yaml", "a/routine-b.yaml", "c/x.yaml")
    with pytest.raises(UsageError, match=r"several routines: routine-b\.yaml, routine\.yaml"):
        load_routine(tmp_path / "a")
    with pytest.raises(UsageError, match="holds no routine"):
        load_routine(tmp_path / "c")


def test_a_case_says_which_of_several_routines_it_tests(tmp_path: Path) -> None:
    """By name, by file; saying nothing is an error that names one."""
    tree(tmp_path, "a/routine-x.yaml", "a/routine-y.yaml", "a/cases/one.yaml", "b/routine.yaml")
    case = tmp_path / "a/cases/one.yaml"
    owners = owners_of(case)
    assert routine_of_case(case, "routine-y", owners) == tmp_path / "a/routine-y.yaml"
    assert routine_of_case(case, "../../b/routine.yaml", owners) == tmp_path / "b/routine.yaml"
    assert routine_of_case(case, "../../b", owners) == tmp_path / "b/routine.yaml"
    with pytest.raises(SpecError, match=r"could belong to any of routine-x\.yaml, routine-y\.yaml"):
        routine_of_case(case, "", owners)
    with pytest.raises(SpecError, match="did you mean routine-x"):
        routine_of_case(case, "rutine-x", owners)
    with pytest.raises(SpecError, match="belongs to no routine"):
        routine_of_case(case, "", ())


def test_a_folder_that_cannot_be_read_is_said_to_be_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discovery never passes over in silence what it could not look into."""
    tree(tmp_path, "a/routine.yaml")

    def refuse(path: object = ".") -> object:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("os.scandir", refuse)
    with pytest.raises(UsageError, match="the folder cannot be read: permission denied"):
        discover(tmp_path)


def test_a_routine_named_by_its_file_comes_with_its_own_cases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cases beside a routine's file are found with it, those of other folders are not."""
    for name in ("a/routine.yaml", "a/cases/one.yaml", "a/b/routine.yaml", "a/b/cases/two.yaml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("name: x\n")
    found = discover(tmp_path / "a" / "routine.yaml")
    assert found.routines == (tmp_path / "a" / "routine.yaml",)
    assert found.cases == (tmp_path / "a" / "cases" / "one.yaml",)
    assert discover(tmp_path / "a" / "cases" / "one.yaml").cases == found.cases
    monkeypatch.chdir(tmp_path / "a")
    assert discover("routine.yaml").cases == (Path("cases/one.yaml"),)
