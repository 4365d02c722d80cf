"""A prompt in a file of its own, and the files that a prompt tells the agent to follow."""

from __future__ import annotations

from pathlib import Path

import pytest

from routine_harness.cli.main import run
from routine_harness.errors import HarnessError, SpecError
from routine_harness.guard.install import check_installed, install, load_guarded
from routine_harness.routine.document import load_document
from routine_harness.routine.parse import parse_routine
from routine_harness.store.routines import load_routine

PROMPT = "Triage the new issue.\nFollow .agents/prompts/triage.md.\n"
ROUTINE = "name: triage\nrepositories: [github:acme/core, github:acme/docs]\nprompt: {file: prompt.md}\n"


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A repository with one routine, whose working directory is elsewhere."""
    files: dict[str, str | bytes] = {
        ".git/HEAD": "ref: refs/heads/main\n", "routines/triage/routine.yaml": ROUTINE,
        "routines/triage/prompt.md": PROMPT, ".agents/prompts/triage.md": "Label it.\n",
    }  # fmt: skip
    return write(tmp_path / "repo", files)


def routine_file(home: Path, text: str) -> Path:
    return write(home, {"routines/triage/routine.yaml": text}) / "routines/triage/routine.yaml"


def refusal(path: Path) -> str:
    """The problems of a routine, with the paths of this machine cut off."""
    with pytest.raises(SpecError) as caught:
        load_routine(path)
    return str(caught.value).replace(f"{path.parents[3]}/", "")


def test_the_saved_prompt_is_the_files_text(home: Path) -> None:
    """Whole and as it stands; its source is the file, for whoever points into it."""
    found = load_routine(home / "routines/triage")
    assert found.prompt == PROMPT
    assert found.prompt_source is not None
    assert found.prompt_source.path == str(home / "routines/triage/prompt.md")


def test_line_ends_of_windows_and_a_byte_order_mark_are_no_part_of_a_prompt(home: Path) -> None:
    """A checkout there is the same prompt."""
    write(home, {"routines/triage/prompt.md": b"\xef\xbb\xbf" + PROMPT.replace("\n", "\r\n").encode()})
    assert load_routine(home / "routines/triage").prompt == PROMPT


def test_a_change_of_a_named_file_is_seen(home: Path) -> None:
    """The routine's own file need not change for that."""
    file = routine_file(home, ROUTINE + "reads_files: [.agents/prompts/triage.md]\n")
    first = load_routine(file)
    assert load_routine(file) is first
    write(home, {"routines/triage/prompt.md": "Another task entirely.\n"})
    assert load_routine(file).prompt == "Another task entirely.\n"
    write(home, {".agents/prompts/triage.md": "Close it as not planned.\n"})
    assert [one.text for one in load_routine(file).reads_files] == ["Close it as not planned.\n"]
    (home / ".agents/prompts/triage.md").unlink()
    assert "there is no file .agents/prompts/triage.md" in refusal(file)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("{file: promt.md}", "routine.yaml:3: there is no file promt.md\n  hint: paths are"),
        ("{file: ../triage}", "routine.yaml:3: expected a file, found the folder ../triage"),
        ("{file: ../../../outside.md}", "routine.yaml:3: ../../../outside.md leaves repo\n"),
        ("{file: link.md}", "routine.yaml:3: link.md leaves repo\n"),
        ("{file: /etc/hostname}", "routine.yaml:3: expected a relative path, found /etc/hostname"),
        ("{file: ''}", "routine.yaml:3: expected the path of a file, found an empty text"),
        ("{file: 3}", "routine.yaml:3: expected file to be a text, found the number 3"),
        ("{path: prompt.md}", "routine.yaml:3: a prompt has no key 'path'"),
        ("{}", "routine.yaml:3: a prompt needs the key 'file'"),
        ("{file: empty.md}", "routines/triage/empty.md: expected a prompt, found an empty file"),
        ("{file: utf16.md}", "routines/triage/utf16.md:1: expected UTF-8, found UTF-16"),
        ("{file: latin1.md}", "routines/triage/latin1.md:2: expected UTF-8, found the byte 0xe9"),
    ],
)  # fmt: skip
def test_a_prompt_that_cannot_be_had_is_one_clear_error(home: Path, value: str, said: str) -> None:
    """With the line that names the file, or the file and its own line."""
    write(home, {"routines/triage/empty.md": " \n", "routines/triage/utf16.md": PROMPT.encode("utf-16"),
                 "routines/triage/latin1.md": b"Look at\nthe caf\xe9.\n",
                 "../outside.md": "Leak this.\n"})  # fmt: skip
    (home / "routines/triage/link.md").symlink_to(home.parent / "outside.md")
    file = routine_file(home, f"name: triage\nrepositories: [github:acme/core]\nprompt: {value}\n")
    found = refusal(file)
    assert said in found
    problems = [line for line in found.splitlines() if not line.startswith("  ")]
    assert len(problems) == (2 if "{path" in value else 1)


def test_without_a_repository_a_prompt_stays_in_the_routines_folder(tmp_path: Path) -> None:
    """No root is known there; a policy with ``root: true`` is one."""
    write(
        tmp_path, {"a/b/r/routine.yaml": "name: r\nprompt: {file: ../p.md}\n", "a/b/p.md": "Do the work.\n"}
    )
    assert "../p.md leaves a/b/r\n  hint: a repository's root holds .git" in refusal(
        tmp_path / "a/b/r/routine.yaml"
    )
    write(tmp_path, {"a/policy.yaml": "root: true\n"})
    assert load_routine(tmp_path / "a/b/r").prompt == "Do the work.\n"


def test_a_routine_in_memory_has_no_files() -> None:
    """A relative path means nothing there, and says so."""
    with pytest.raises(HarnessError, match=r"prompt\.md is relative, but to no file"):
        parse_routine(load_document(b"name: r\nprompt: {file: prompt.md}\n", "r.yaml"))


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (".agents/prompts/triage.md", [("acme/core", ".agents/prompts/triage.md")]),
        ("[./.agents/prompts/triage.md]", [("acme/core", ".agents/prompts/triage.md")]),
        ("[{file: .agents/prompts/triage.md, repository: github:Acme/Docs}]",
         [("acme/docs", ".agents/prompts/triage.md")]),
        ("[]", []),
        ("", []),
    ],
)  # fmt: skip
def test_files_to_follow_are_found_from_the_repositorys_root(
    home: Path, written: str, found: list[tuple[str, str]]
) -> None:
    """They belong to the first repository or to the one that is named."""
    file = routine_file(home, ROUTINE + f"reads_files: {written}\n")
    assert [(one.repository, one.path) for one in load_routine(file).reads_files] == found


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[.agents/prompts/triaje.md]", "4: there is no file .agents/prompts/triaje.md\n  hint: paths of"),
        ("[.agents]", "4: expected a file, found the folder .agents"),
        ("[../outside.md]", "4: ../outside.md leaves repo"),
        ("[/etc/hostname]", "4: expected a relative path, found /etc/hostname"),
        ("[3]", "4: expected the path of a file, found the number 3"),
        ("[.agents/prompts/triage.md, ./.agents/prompts/triage.md]", "4: the file .agents/prompts"),
        ("[{file: .agents/prompts/triage.md, repository: acme/doks}]",
         "4: the routine has no repository acme/doks\n  hint: did you mean acme/docs?"),
    ],
)  # fmt: skip
def test_a_file_to_follow_that_cannot_be_had_is_one_clear_error(home: Path, written: str, said: str) -> None:
    """A missing one, too: an agent that is told to follow it would find nothing."""
    file = routine_file(home, ROUTINE + f"reads_files: {written}\n")
    found = refusal(file)
    assert f"routine.yaml:{said}" in found
    assert len([line for line in found.splitlines() if not line.startswith("  ")]) == 1


def test_files_to_follow_need_a_repository(tmp_path: Path) -> None:
    """One around the routine, to find them, and one of the routine, to hold them."""
    text = "name: r\nrepositories: [github:acme/core]\nprompt: Do it.\nreads_files: [x.md]\n"
    write(tmp_path, {"a/b/r/routine.yaml": text, "a/x.md": "Steps.\n"})
    assert "no repository around this routine could hold x.md" in refusal(tmp_path / "a/b/r/routine.yaml")
    write(tmp_path, {"a/.git/HEAD": "", "a/b/r/routine.yaml": text.replace("[github:acme/core]", "[]")})
    assert "needs a repository of GitHub" in refusal(tmp_path / "a/b/r/routine.yaml")


def test_a_missing_prompt_is_bad_input_for_every_face(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One error with exit 2, whoever loads the routine."""
    (home / "routines/triage/prompt.md").unlink()
    write(home, {"routines/triage/cases/go.yaml": "trigger: manual\n"})
    for words in (["check"], ["lint"], ["gate"], ["dry-run"], ["serve", "world", "--connector", "github"]):
        assert run([*words, str(home / "routines/triage")]) == 2, words
        assert capsys.readouterr().err.count("there is no file prompt.md") == 1, words


def test_a_guard_is_installed_from_a_prompt_in_a_file(home: Path) -> None:
    """It holds the grants, and a change of the prompt does not disarm it."""
    routine_file(home, ROUTINE.replace(", github:acme/docs", ""))
    install(load_guarded([home / "routines/triage"]), home)
    write(home, {"routines/triage/prompt.md": "Another task entirely.\n"})
    assert check_installed(load_guarded([home / "routines/triage"]), home) == ()
