"""The command line of ``gh``: which commands there are, their options, and one command taken apart.

A line of ``TABLE`` is a command, the API that it asks (``rest`` or ``graphql``, a fact of each
subcommand, read from cli/cli's sources; ``graphql unless ref``: the option saves the query), and its
options as ``gh`` 2.103 has them: ``=`` takes a value, ``*`` takes several, ``:x`` is the letter. An option behind ``~`` changes nothing of what is done or
printed here; one behind ``!`` is refused, as no model carries it out. What a command does, ``gh_steps`` says.
"""

# ruff: noqa: E501 - a line is a row of the table

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.world.github.faces import GH, GH_GRAPHQL

_SHOW: Final = "jq=:q json* template=:t"

TABLE: Final = f"""
pr create | graphql | assignee*:a !attach* base=:B body=:b body-file=:F draft:d dry-run !editor:e fill:f fill-first fill-verbose head=:H label*:l milestone=:m no-maintainer-edit !project*:p !recover= reviewer*:r !template=:T title=:t web:w
pr list | graphql | app= assignee*:a author=:A base=:B draft:d head=:H label*:l limit=:L search=:S state=:s web:w {_SHOW}
pr view | graphql | comments:c web:w {_SHOW}
pr merge | graphql | !admin !author-email=:A auto body=:b body-file=:F delete-branch:d disable-auto match-head-commit= merge:m rebase:r squash:s subject=:t
pr edit | graphql | add-assignee* add-label* !add-project* add-reviewer* !attach* base=:B body=:b body-file=:F milestone=:m remove-assignee* remove-label* remove-milestone !remove-project* remove-reviewer* title=:t
pr close | graphql | comment=:c delete-branch:d
pr comment | graphql | !attach* body=:b body-file=:F create-if-none delete-last edit-last !editor:e web:w ~yes
pr review | graphql | approve:a body=:b body-file=:F comment:c request-changes:r
pr checks | graphql | ~fail-fast ~interval=:i !required ~watch web:w {_SHOW}
pr diff | graphql | ~allow-escape-sequences ~color= !exclude*:e name-only ~patch web:w
pr ready | graphql | undo
pr reopen | graphql | comment=:c
pr checkout | graphql | !branch=:b !detach ~force:f ~recurse-submodules !worktree=
pr status | graphql | ~conflict-status:c {_SHOW}
pr update-branch | graphql | !rebase
pr lock | graphql | reason=:r
pr unlock | graphql |
pr revert | graphql | body=:b body-file=:F draft:d title=:t
issue create | graphql | assignee*:a !attach* !blocked-by= !blocking= body=:b body-file=:F !editor:e label*:l milestone=:m parent= !project*:p !recover= !template=:T title=:t type= web:w
issue list | graphql | app= assignee=:a author=:A label*:l limit=:L mention= milestone=:m search=:S state=:s type= web:w {_SHOW}
issue view | graphql | comments:c web:w {_SHOW}
issue edit | graphql | add-assignee* !add-blocked-by= !add-blocking= add-label* !add-project* !add-sub-issue* !attach* body=:b body-file=:F milestone=:m !parent= remove-assignee* !remove-blocked-by= !remove-blocking= remove-label* remove-milestone !remove-parent !remove-project* !remove-sub-issue= remove-type title=:t type=
issue close | graphql | comment=:c duplicate-of= reason=:r
issue reopen | graphql | comment=:c
issue comment | graphql | !attach* body=:b body-file=:F create-if-none delete-last edit-last !editor:e web:w ~yes
issue delete | graphql | ~yes
issue lock | graphql | reason=:r
issue unlock | graphql |
issue pin | graphql |
issue unpin | graphql |
issue transfer | graphql |
issue develop | graphql | base=:b !branch-repo= !checkout:c list:l name=:n !worktree=
issue status | graphql | {_SHOW}
label create | rest | color=:c description=:d force:f
label edit | rest | color=:c description=:d name=:n
label delete | rest | ~yes
label list | graphql | limit=:L !order= !search=:S !sort= web:w {_SHOW}
label clone | graphql | force:f
release create | rest | !discussion-category= draft:d !fail-on-no-commits generate-notes ~latest notes=:n notes-file=:F !notes-from-tag !notes-start-tag= prerelease:p target= title=:t ~verify-tag
release list | graphql | !exclude-drafts !exclude-pre-releases limit=:L !order=:O {_SHOW}
release view | rest | web:w {_SHOW}
release edit | rest | !discussion-category= draft ~latest notes=:n notes-file=:F prerelease tag= target= title=:t ~verify-tag
release delete | rest | cleanup-tag ~yes:y
release upload | rest | ~clobber
release delete-asset | rest | ~yes:y
release download | rest | ~allow-escape-sequences ~archive=:A ~clobber ~dir=:D ~output=:O ~pattern*:p ~skip-existing
release verify | rest |
run list | rest | ~all:a branch=:b commit=:c !created= event=:e limit=:L status=:s user=:u workflow=:w {_SHOW}
run view | rest | !attempt=:a exit-status job=:j log log-failed ~verbose:v web:w {_SHOW}
run rerun | rest | ~debug:d failed job=:j
run cancel | rest | ~force
run delete | rest |
run watch | rest | ~compact exit-status ~interval=:i
run download | rest | ~dir=:D ~name*:n ~pattern*:p
workflow list | rest | all:a limit=:L {_SHOW}
workflow view | rest | !ref=:r web:w !yaml:y
workflow run | graphql unless ref | field*:F json raw-field*:f ref=:r
workflow enable | rest |
workflow disable | rest |
repo view | graphql | !branch=:b web:w {_SHOW}
repo edit | rest | ~accept-visibility-change-consequences add-topic* !allow-forking !allow-update-branch default-branch= delete-branch-on-merge description=:d !enable-advanced-security enable-auto-merge !enable-discussions enable-issues enable-merge-commit !enable-projects enable-rebase-merge !enable-secret-scanning !enable-secret-scanning-push-protection enable-squash-merge enable-wiki homepage=:h !remove-topic* !squash-merge-commit-message= !template visibility=
repo create | graphql | add-readme ~clone:c description=:d !disable-issues !disable-wiki !gitignore=:g !homepage=:h !include-all-branches !internal !license=:l ~private public !push ~remote=:r !source=:s !team=:t !template=:p
repo delete | rest | ~yes ~confirm
repo archive | graphql | ~yes:y
repo unarchive | graphql | ~yes:y
repo rename | rest | ~yes:y
repo fork | rest | ~clone ~default-branch-only !fork-name= org= ~remote ~remote-name=
repo list | graphql | !archived !fork !language=:l limit=:L !no-archived !source !topic* !visibility= {_SHOW}
repo sync | graphql unless branch | ~branch=:b ~force ~source=:s
repo clone | graphql | ~no-upstream ~upstream-remote-name=:u
repo set-default | graphql | unset:u view:v
repo deploy-key | rest | ~allow-write:w title=:t
repo autolink | rest |
secret set | rest | ~app=:a ~body=:b env=:e ~env-file=:f ~no-repos-selected ~no-store org=:o ~repos*:r user:u ~visibility=:v
secret delete | rest | ~app=:a env=:e org=:o user:u
secret list | rest | app=:a env=:e org=:o user:u {_SHOW}
variable set | rest | ~body=:b env=:e ~env-file=:f org=:o ~repos*:r ~visibility=:v
variable delete | rest | env=:e org=:o
variable list | rest | env=:e org=:o {_SHOW}
variable get | rest | env=:e org=:o {_SHOW}
search issues | rest | app= archived assignee= author= closed= commenter= comments= created= include-prs interactions= involves= label* language= limit=:L locked match* mentions= milestone= no-assignee no-label no-milestone no-project order= owner* project= reactions= repo*:R search-type= sort= state= team-mentions= updated= visibility* web:w {_SHOW}
search prs | rest | app= archived assignee= author= base=:B checks= closed= commenter= comments= created= draft head=:H interactions= involves= label* language= limit=:L locked match* mentions= merged merged-at= milestone= no-assignee no-label no-milestone no-project order= owner* project= reactions= repo*:R review= review-requested= reviewed-by= sort= state= team-mentions= updated= visibility* web:w {_SHOW}
search code | rest | extension= filename= language= limit=:L match* owner* repo*:R size= web:w {_SHOW}
search repos | rest | archived created= followers= forks= good-first-issues= help-wanted-issues= include-forks= language= license* limit=:L match* number-topics= order= owner* size= sort= stars= topic* updated= visibility* web:w {_SHOW}
search commits | rest | author= author-date= author-email= author-name= committer= committer-date= committer-email= committer-name= hash= limit=:L merge order= owner* parent= repo*:R sort= tree= visibility* web:w {_SHOW}
api | path | allow-escape-sequences cache= field*:F header*:H hostname= include:i input= jq=:q method=:X paginate preview*:p raw-field*:f silent slurp template=:t verbose
auth status | graphql | active:a hostname=:h show-token:t {_SHOW}
cache delete | rest | ~all:a ~ref=:r ~succeed-on-no-caches=
cache list | rest | key=:k limit=:L order=:O ref=:r sort=:S {_SHOW}
gist create | rest | desc=:d filename=:f ~public:p web:w
gist edit | graphql | ~add=:a desc=:d ~filename=:f ~remove=:r
gist delete | rest | ~yes
gist rename | graphql |
gist list | graphql | limit=:L public secret
gist view | rest | filename=:f files raw:r web:w
ssh-key add | rest | title=:t ~type=
ssh-key delete | rest | ~yes:y
gpg-key add | rest | title=:t
gpg-key delete | rest | ~yes:y
project create | graphql | ~owner= title=
project edit | graphql | ~owner= title= ~description=:d ~readme= ~visibility=
project delete | graphql | ~owner=
project item-add | graphql | ~owner= ~url=
project item-create | graphql | ~owner= title= body=
project item-edit | graphql | ~id= ~project-id= ~field-id= ~text= ~number= ~date= ~single-select-option-id= ~iteration-id= title= body= ~clear
project item-delete | graphql | ~owner= ~id=
project item-archive | graphql | ~owner= ~id= ~undo
project close | graphql | ~owner= ~undo
project field-create | graphql | ~owner= ~name= ~data-type= ~single-select-options*
codespace create | rest | ~branch=:b ~display-name=:d ~machine=:m
codespace delete | rest | ~all codespace=:c ~force:f
ruleset list | graphql | limit=:L org=:o parents:p web:w
ruleset view | rest | org=:o parents:p web:w
ruleset check | graphql if default | default org=:o parents:p web:w
"""

ALIASES: Final = {"new": "create", "ls": "list", "co": "checkout", "remove": "delete"}
"""Names of subcommands that mean another one."""
LOCAL: Final = frozenset({
    "auth", "config", "completion", "help", "version", "status", "browse", "org", "attestation", "preview",
    "--version", "--help", "alias list", "alias set", "alias delete", "alias import",
    "extension list", "extension search", "extension browse", "extension install", "extension remove",
    "extension upgrade", "codespace list", "codespace view", "codespace logs", "repo gitignore", "repo license",
})  # fmt: skip
"""Groups and commands that stay on the machine, or only read what no model has."""


class Command(msgspec.Struct, frozen=True):
    """One row: ``flags`` take no value, ``values`` one, ``lists`` several; ``letters`` are short names.
    ``api`` is as the table spells it.

    ``refused`` are options that no model carries out, ``idle`` those that change nothing here.
    """

    name: str
    api: str
    flags: frozenset[str]
    values: frozenset[str]
    lists: frozenset[str]
    letters: dict[str, str]
    refused: frozenset[str] = frozenset()
    idle: frozenset[str] = frozenset()


@functools.cache
def commands() -> dict[str, Command]:
    """The commands of the table by name (``pr create``)."""
    found = {}
    for line in TABLE.strip().splitlines():
        name, api, options = (part.strip() for part in line.split("|"))
        flags, lists = set[str](), set[str]()
        values, letters = {"repo"}, {"R": "repo"}
        marked: dict[str, set[str]] = {"!": set(), "~": set()}
        for option in options.split():
            long, _, letter = option.lstrip("!~").partition(":")
            bare = long.rstrip("=*")
            (values if long.endswith("=") else lists if long.endswith("*") else flags).add(bare)
            letters |= {letter: bare} if letter else {}
            marked.get(option[0], set()).add(bare)
        values -= lists  # searches take several repositories
        kinds = (frozenset(flags), frozenset(values), frozenset(lists))
        found[name] = Command(name, api, *kinds, letters, frozenset(marked["!"]), frozenset(marked["~"]))
    return found


class GhFailed(Exception):  # noqa: N818 - gh's own failure, as the agent is to see it
    """The command fails as gh would; ``out`` is what it prints before it complains, ``code`` its exit code."""

    def __init__(self, said: str, out: str = "", code: int = 1) -> None:
        super().__init__(said)
        self.out, self.code = out, code


class GhFlag(GhFailed):
    """An option or command that this ``gh`` does not know: it fails in gh's words, and is told besides."""


class GhUnknown(Exception):  # noqa: N818 - see above
    """The command or option is one that no model carries out; it is refused and told, never dropped."""


class Around(msgspec.Struct, frozen=True):
    """Where a command stands: the clone's repository (``owner/name``) and branch, the text of a file (None
    where there is none; ``-`` is the input), and the message of the last commit."""

    repository: str = ""
    branch: str = ""
    file: Callable[[str], str | None] = lambda _: None
    message: str = ""


class Asked(msgspec.Struct, frozen=True):
    """One command: its row, words, every option's values in order (a flag's is ``""``), where it stands.

    ``lenient``: another version of gh, or gh in a terminal, may carry out what this one refuses.
    """

    command: Command
    words: tuple[str, ...]
    options: dict[str, list[str]]
    around: Around
    lenient: bool = False

    def has(self, *names: str) -> bool:
        return any(name in self.options for name in names)

    def one(self, name: str) -> str | None:
        """The option's last value; None where it is not given."""
        return self.options[name][-1] if name in self.options else None

    def listed(self, *names: str) -> list[str] | None:
        """The values of options that may be repeated, cut at commas; None where none is given."""
        given = [value for name in names for value in self.options.get(name, [])]
        parts = [part.strip() for value in given for part in value.split(",")]
        return [part for part in parts if part] if any(name in self.options for name in names) else None

    @property
    def api(self) -> str:
        """What the command asks with these options: ``rest``, ``graphql``, or (``gh api``) ``path``."""
        api, _, condition = self.command.api.partition(" ")
        kind, _, option = condition.partition(" ")
        return "rest" if kind and self.has(option) == (kind == "unless") else api

    @property
    def face(self) -> str:
        """The face that reads the command's operations."""
        return GH_GRAPHQL if self.api == "graphql" else GH

    @property
    def repository(self) -> str:
        """``owner/name``: given, in a URL, or that of the clone.

        Raises:
            GhFailed: none of them is known.
        """
        given = self.one("repo")
        if given is not None:
            return "/".join(given.removesuffix(".git").split("/")[-2:])
        url = next((match for word in self.words if (match := URL.match(word))), None)
        if url is not None:
            return url[1]
        if not self.around.repository:
            raise GhFailed("fatal: not a git repository (or any of the parent directories): .git")
        return self.around.repository


URL: Final = lazy_pattern(
    r"https?://[^/]+/([\w.-]+/[\w.-]+?)(?:\.git)?(?:/(?:pull|issues|actions/runs)/(\d+))?(?:[/#?].*)?\Z"
)


def parse_gh(argv: Sequence[str], around: Around, *, lenient: bool = False) -> Asked | None:
    """A command line without ``gh`` itself, taken apart; None for what stays on the machine.

    Raises:
        GhUnknown: nobody here knows that command.
        GhFailed: an option is unknown or lacks its value, in gh's words.
    """
    words = _plain(argv)
    if not words or "--help" in argv:
        return None
    command, rest = _command_of(list(argv), words)
    if command is None or ("-h" in rest and "h" not in command.letters):
        return None
    found, options = _options(command, rest, lenient)
    return Asked(command, tuple(found), options, around, lenient)


def _plain(argv: Sequence[str]) -> list[str]:
    """What is no option; ``-R`` may stand before the command and takes a value."""
    return [
        argument
        for before, argument in itertools.pairwise(["", *argv])
        if not argument.startswith("-") and before not in ("-R", "--repo")
    ]


def _command_of(argv: list[str], words: list[str]) -> tuple[Command | None, list[str]]:
    group = words[0]
    if group in commands():
        argv.remove(group)
        return commands()[group], argv
    name = words[1] if len(words) > 1 else ""
    if name:
        full = f"{group} {ALIASES.get(name, name)}"
        if full in commands() and full not in LOCAL:
            argv.remove(group)
            argv.remove(name)
            return commands()[full], argv
        if full in LOCAL:
            return None, argv
    if group in LOCAL or (not name and group in GROUPS):
        return None, argv
    if group not in GROUPS:
        raise GhFlag(f'unknown command "{group}" for "gh"\n\nUsage:  gh <command> <subcommand> [flags]\n')
    if group in _WHOLE:
        raise GhFlag(f'unknown command "{name}" for "gh {group}"\n\nUsage:  gh {group} <command> [flags]\n')
    raise GhUnknown(f"gh {group} {name}")


GROUPS: Final = frozenset(
    [
        "agent-task",
        "alias",
        "api",
        "attestation",
        "auth",
        "browse",
        "cache",
        "co",
        "codespace",
        "completion",
        "config",
        "copilot",
        "discussion",
        "extension",
        "gist",
        "gpg-key",
        "help",
        "issue",
        "label",
        "licenses",
        "org",
        "pr",
        "preview",
        "project",
        "release",
        "repo",
        "ruleset",
        "run",
        "search",
        "secret",
        "skill",
        "ssh-key",
        "status",
        "variable",
        "version",
        "workflow",
    ]
)
"""What may stand first behind ``gh`` 2.103; anything else is an extension or a mistake."""

_WHOLE: Final = frozenset(("cache", "label", "pr", "run", "search", "secret", "variable", "workflow"))
"""The groups of which ``TABLE`` has every command."""


def _options(command: Command, argv: list[str], lenient: bool) -> tuple[list[str], dict[str, list[str]]]:
    words: list[str] = []
    options: dict[str, list[str]] = {}
    rest = list(argv)
    while rest:
        argument = rest.pop(0)
        if argument == "--":
            words += rest
            break
        if not argument.startswith("-") or argument == "-":
            words.append(argument)
            continue
        for name, value in _named(command, argument, lenient):
            if name in command.flags:
                options.setdefault(name, []).append(value or "")
                continue
            if value is None:
                if not rest:
                    raise GhFailed(f"flag needs an argument: {argument}")
                value = rest.pop(0)
            options.setdefault(name, []).append(value)
    return words, options


def _named(command: Command, argument: str, lenient: bool) -> list[tuple[str, str | None]]:
    """The options of one argument, each with the value that stands in it: ``-dt x`` is two."""
    if argument.startswith("--"):
        name, equals, value = argument[2:].partition("=")
        known = name in command.flags | command.values | command.lists
        if not lenient and (not known or name in command.refused):
            raise GhFlag(f"unknown flag: --{name}")
        if not known:
            return []
        return [(name, value if equals else None)]
    found: list[tuple[str, str | None]] = []
    letters = argument[1:]
    while letters:
        letter, letters = letters[0], letters[1:]
        name = command.letters.get(letter, "")
        if not lenient and (not name or name in command.refused):
            raise GhFlag(f"unknown shorthand flag: {letter!r} in {argument}")
        if not name:
            return found
        if name in command.flags:
            found.append((name, None))
            continue
        return [*found, (name, letters.removeprefix("=") or None)]
    return found
