"""A shell command read without a parser: it errs towards denial, and is carried along by the guard.

Words are taken apart as the shell does it, but nothing is followed: what is only known when it runs
may be anything, unless every program that could run is one that leaves the outside alone.
"""

from __future__ import annotations

from typing import Any

from routine_harness.guard.decide import ANYTHING
from routine_harness.guard.pieces import SHELLS, pieces_of
from routine_harness.guard.rough_files import FILES, read_files, read_together

KEYWORDS = set("if then else elif fi while until do done ! time esac { }".split())
WRAPPERS = set(
    "sudo env command builtin exec nohup nice timeout stdbuf setsid ionice xargs watch doas "
    "chronic unbuffer".split()
)
LOCAL_GIT = set(
    "status diff log show add branch fetch pull rebase merge stash reset restore rev-parse "
    "ls-files ls-tree ls-remote blame grep describe init clone rm mv clean cherry-pick revert reflog "
    "shortlog cat-file for-each-ref merge-base rev-list worktree bisect apply am archive name-rev "
    "show-ref symbolic-ref version help tag notes format-patch diff-tree var check-ignore "
    "sparse-checkout gc fsck count-objects range-diff whatchanged --version".split()
)
LOCAL = set("echo printf cd pushd export set read exit shift".split())
NESTING = set("foreach run -x --exec".split())
RELEASING = set(
    "twine flit poetry hatch maturin semantic-release release-it lerna changeset np vercel netlify wrangler "
    "firebase serverless sls cdk".split()
)
"""Programs that publish, started by ``python -m`` and ``npx``."""
MANAGERS = set("npm yarn pnpm npx cargo go pip uv poetry pipx bundle gem rake".split())
"""What runs whatever a project says, or publishes it."""
PUBLISHING = set(
    "publish deploy release login logout owner access deprecate unpublish dist-tag push yank upload".split()
)
SENDING = ("-d", "-F", "-T", "--data", "--form", "--upload-file", "--json", "--post-", "--body-", "--method")


def read_roughly(script: str, quiet: Any, opaque: Any, branch: str = "") -> list[Any]:
    """The effects that ``script`` may have: (kind, connector, fields).

    ``quiet`` programs leave the outside alone, ``opaque`` ones run what is not on the line, as they do
    for the harness; ``branch`` is what is checked out, where that is known.
    """
    effects: list[Any] = []
    commands = pieces_of(script.replace("\0", ""))
    for command in commands:
        found, branch = read_one(command, quiet, opaque, branch)
        effects += found
    return effects + read_together(commands, effects)


def read_one(command: Any, quiet: Any, opaque: Any, branch: str) -> tuple[list[Any], str]:
    """The effects of one command, and what is checked out after it."""
    words = [word for word in command if word[0] not in KEYWORDS]
    wrapped = False
    while words:
        name, known = words[0]
        variable, equals, _ = name.partition("=")
        if (equals and variable.removesuffix("+").isidentifier()) or name in (
            "for",
            "case",
            "function",
            "select",
        ):
            words = words[1:] if "=" in name else []
        elif name.rpartition("/")[2] in WRAPPERS:
            wrapped = True
            words = words[1:]
            while words and (words[0][0].startswith("-") or is_duration(words[0][0])):
                words = words[1:]
        else:
            break
    if not words:
        return [], branch
    program, rest = name.rpartition("/")[2], words[1:]
    if not known or program == ".." or not program:
        return [(ANYTHING, "", {"command": name})], branch
    if program in SHELLS or program in ("source", "."):
        return shell_in_shell(program, rest, quiet, opaque, branch), branch
    if program == "git":
        return read_git(rest, branch, wrapped)
    if program == "gh":
        from routine_harness.guard.rough_gh import read_gh

        return read_gh(rest, wrapped), branch
    if program in ("curl", "wget", "http", "https", "xh"):
        return read_http(program, rest, wrapped), branch
    if program in FILES:
        return read_files(rest), branch
    if program == "trap":
        return shell_in_shell("eval", rest[:1], quiet, opaque, branch), branch
    if program in ("awk", "gawk"):
        told = all(word[1] for word in rest) and not any(
            "|" in word[0] or "system" in word[0] for word in rest
        )
        return [] if told else [(ANYTHING, "", {"command": program})], branch
    if any(word[0] in RELEASING for word in rest[:3]) and (program in opaque or program in MANAGERS):
        return [(ANYTHING, "", {"command": program})], branch
    if program == "find" and any(word[0] in ("-exec", "-execdir", "-ok", "-delete") for word in rest):
        inner = [word for word in rest if not word[0].startswith("-")]
        return [(ANYTHING, "", {})] if any(
            word[0] in ("git", "gh", "curl", "sh", "bash") for word in inner
        ) else read_files(inner), branch
    if program in quiet:
        return [], branch
    if name.startswith((".", "/")) and any(word[0] in PUBLISHING or not word[1] for word in rest):
        return [(ANYTHING, "", {"command": name})], branch
    if program in opaque or name.startswith((".", "/")):
        return [("command.opaque", "", {"program": program})], branch
    if program in LOCAL:
        return [], branch
    if program in MANAGERS:
        if any(word[0] in PUBLISHING or not word[1] for word in rest[:2]):
            return [(ANYTHING, "", {"command": program})], branch
        return [("command.opaque", "", {"program": program})], branch
    return [("command.undecided", "", {"program": program}), (ANYTHING, "", {"command": program})], branch


def texts_of(words: Any) -> list[str]:
    """Words without what is known of them."""
    return [word[0] for word in words]


def is_duration(text: str) -> bool:
    """A number that ``timeout`` and its like take, such as ``2.5s``."""
    number = text[:-1] if text[-1:] in tuple("smhd") else text
    return number != "" and not number.strip("0123456789.")


def shell_in_shell(program: str, rest: Any, quiet: Any, opaque: Any, branch: str) -> list[Any]:
    """A shell that is handed a command, or a script that nobody has read."""
    words = [word for word in rest if word[0] not in ("-e", "-x", "-u", "-eu", "-ex", "-l", "--")]
    option = words[0][0] if words else ""
    if program == "eval" or (option[:1] == "-" and "c" in option and option[1:].isalpha()):
        inner = words if program == "eval" else words[1:2]
        if not inner or not all(word[1] for word in inner):
            return [(ANYTHING, "", {"command": program})]
        effects = read_roughly(" ".join(word[0] for word in inner), quiet, opaque, branch)
        return [("command.undecided", "", {"program": program}), *effects] if program == "eval" else effects
    if not words:
        return [(ANYTHING, "", {"command": program})]
    return [("command.opaque", "", {"program": program})]


def read_git(rest: Any, branch: str, wrapped: bool) -> tuple[list[Any], str]:
    """What a git command does to the remote; the scratch clone is nobody's business."""
    moved = False
    while rest and rest[0][0].startswith("-"):
        if rest[0][0] in ("-C", "-c", "--git-dir", "--work-tree", "--exec-path"):
            moved = True
            rest = rest[1:]
        rest = rest[1:]
    if not rest:
        return [], branch
    verb, known = rest[0]
    words = rest[1:]
    if verb in ("checkout", "switch") and known:
        plain = [word[0] for word in words if not word[0].startswith("-")]
        return [], (plain[0] if plain and all(word[1] for word in words) else "")
    if verb == "commit" and known:
        return [("commit.created", "github", {"branch": branch} if branch else {})], branch
    if (
        verb in LOCAL_GIT
        and known
        and (verb not in ("rebase", "bisect") or NESTING.isdisjoint(texts_of(words)))
    ):
        return [], branch
    if verb != "push" or not known:
        return [(ANYTHING, "", {"command": f"git {verb}"})], branch
    return read_push(words, "" if moved or wrapped else branch), branch


def read_push(words: Any, branch: str) -> list[Any]:
    """The branches and tags that a push changes."""
    options = [word[0] for word in words if word[0].startswith("-")]
    if "tag" in texts_of(words):
        return [(ANYTHING, "github", {})]
    remote, *plain = [word for word in words if not word[0].startswith("-")] or [("origin", True)]
    if remote[0] != "origin" or any(option.startswith("--repo") for option in options):
        return [(ANYTHING, "github", {})]
    if any(option in ("--all", "--mirror", "--branches", "--prune", "--follow-tags") for option in options):
        return [(ANYTHING, "github", {})]
    if any(not word[1] for word in words):
        return [(ANYTHING, "github", {})]
    effects: list[Any] = []
    if "--tags" in options:
        effects.append(("tag.pushed", "github", {}))
    gone = any(option in ("-d", "--delete") for option in options)
    force = any(option in ("-f", "--force", "--force-with-lease") for option in options)
    for text, _ in plain or ([] if effects else [("HEAD", True)]):
        source, colon, target = text.lstrip("+").partition(":")
        name = (target if colon else source).removeprefix("refs/heads/")
        if name.startswith("refs/tags/"):
            effects.append(
                (
                    "tag.deleted" if gone or (colon and not source) else "tag.pushed",
                    "github",
                    {"tag": name[10:]},
                )
            )
            continue
        name = branch if name in ("HEAD", "@") else name
        fields = {"force": force or text.startswith("+")} | ({"branch": name} if name else {})
        effects.append(
            ("branch.deleted" if gone or (colon and not source) else "branch.pushed", "github", fields)
        )
    return effects


def read_http(program: str, rest: Any, wrapped: bool) -> list[Any]:
    """A request: a plain fetch is a read."""
    texts = [word[0] for word in rest]
    sends = any(
        text.startswith(SENDING) or (text.startswith("-X") and not text.startswith(("-XGET", "-XHEAD")))
        for text in texts
    )
    named = next((texts[at + 1] for at, text in enumerate(texts[:-1]) if text in ("-X", "--request")), "GET")
    if program in ("http", "https", "xh"):
        sends = sends or any(
            "=" in text or text.upper() in ("POST", "PUT", "PATCH", "DELETE") for text in texts
        )
    if not sends and named.upper() in ("GET", "HEAD") and not wrapped:
        return []
    if any("github" in text for text in texts) or not all(word[1] for word in rest):
        return [(ANYTHING, "", {"command": program})]
    return [("http.requested", "", {"method": named})]
