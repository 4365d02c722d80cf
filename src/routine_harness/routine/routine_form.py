"""The keys of routine.yaml: what each means, what it takes, an example.

Whether the values make sense together is `routine.parse`'s business.
"""

# Without `from __future__ import annotations`: the types are read when the file is, and texts cost 1 ms more.
from typing import Annotated, Literal

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Record
from routine_harness.routine.edition_rules import Hosted
from routine_harness.routine.form import NOT_BLANK, FileForm, Form, Note, Short, Text, key
from routine_harness.routine.reader import Reader
from routine_harness.routine.trigger_form import ApiForm, GithubForm, ScheduleForm

Program = Annotated[
    str,
    Text(
        "the name of a program",
        r"[A-Za-z0-9_][A-Za-z0-9_.+-]*",
        "write absent: [gh], without folder or options",
    ),
]
Domain = Annotated[
    str,
    Text("a domain", r"[^/]*[^/\s][^/]*", "write api.example.com or *.example.com, without scheme or path"),
]
RoutineName = Annotated[
    str,
    Text(
        "a name of letters, digits, '-', '_' and '.'",
        r"[A-Za-z0-9][A-Za-z0-9._-]*",
        "put any other text into title:",
    ),
]
FilePath = Annotated[str, Text("the path of a file", fits=str.strip, schema=NOT_BLANK)]
PromptText = Annotated[str, Text("a prompt", fits=str.strip, schema=NOT_BLANK)]


_VARIABLE = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class RepositoryForm(Form, frozen=True, kw_only=True):
    what = "a repository"
    hint = "write github:owner/name"
    part = "repository"
    short = Short(
        lambda text, note: {"repository": text},
        {"description": "github:owner/name, owner/name or a clone URL.", "type": "string", "pattern": "/"},
    )
    examples = ("github:acme/core",)

    repository: Annotated[str, key("The repository as github:owner/name.", "github:acme/core", pattern="/")]
    branch: Annotated[str | None, key("The branch that is checked out; else the default branch.", "main")] = (
        None
    )
    unrestricted_pushes: Annotated[
        bool, key("Whether the session may push to any branch, and not to claude/ branches alone.", False)
    ] = False


class BindingForm(Form, frozen=True, kw_only=True):
    what = "a binding"
    short = Short(lambda text, note: {"name": text}, {"type": "string"})

    name: Annotated[str, key("The place's name: a channel, a project.", "security-alerts")]
    id: Annotated[
        str | None, key("The id of the place, where the name alone is not enough.", "C0123456789")
    ] = None


class ToolListsForm(Form, frozen=True, kw_only=True):
    what = "tools"

    allow: Annotated[
        tuple[str, ...], key("Tools that it may use; left out, all.", ["list_issues", "save_issue"])
    ] = ()
    deny: Annotated[tuple[str, ...], key("Tools that it may not use.", ["delete_comment"])] = ()

    def check(self, reader: Reader) -> None:
        for name in sorted(set(self.allow) & set(self.deny)):
            reader.problem(self.below("deny"), f"the tool {name} is both allowed and denied")


def _connector_and_binding(text: str, note: Note) -> Record:
    connector, colon, binding = (part.strip() for part in text.partition(":"))
    if colon and not binding:
        note(f"expected a binding after {text!r}", f"write {connector}:name or {connector}")
    return {"connector": connector, **({"binding": binding} if binding else {})}


class ConnectorForm(Form, frozen=True, kw_only=True):
    what = "a connector"
    hint = "write slack, slack:channel or {connector: slack, …}"
    part = "connector"
    short = Short(
        _connector_and_binding, {"description": "connector or connector:binding.", "type": "string"}
    )
    examples = (
        {"connector": "slack", "bindings": [{"name": "security-alerts", "id": "C0123456789"}]},
        "slack:security-alerts",
    )

    connector: Annotated[
        str, key("The connector's name: slack, linear, or one that a file declares.", "linear")
    ]
    binding: Annotated[tuple[str, ...], key("The place that the routine is meant for.", "Security")] = ()
    bindings: Annotated[
        tuple[BindingForm, ...],
        key("The places that it reaches: channels, projects, calendars; left out, all.", msgspec.UNSET),
    ] = ()
    tools: Annotated[ToolListsForm | None, key("Which of its tools the routine may use.")] = None


class AppForm(Form, frozen=True, kw_only=True):
    what = "github"

    app_installed: Annotated[
        bool, key("Whether the organisation has installed the Claude GitHub App.", True)
    ] = True


class EnvironmentForm(Form, frozen=True, kw_only=True):
    what = "an environment"
    part = "environment"

    network: Annotated[
        Literal["none", "trusted", "full", "custom"],
        key("How far the session reaches; trusted is the platform's own list of domains.", "custom"),
    ] = "trusted"
    allowed_domains: Annotated[
        tuple[Domain, ...],
        key(
            "Domains of a custom network, without scheme or path; *.example.com covers subdomains.",
            ["api.example.com", "*.example.org"],
        ),
    ] = ()
    variables: Annotated[
        dict[str, str],
        key(
            "Environment variables of the session by name.",
            {"TEAM": "security"},
            propertyNames={"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
        ),
    ] = {}
    setup: Annotated[str, key("The setup script.", "pip install uv")] = ""
    absent: Annotated[
        tuple[Program, ...], key("Programs that the environment lacks, where the prompt cares.", ["gh"])
    ] = ()
    github: Annotated[
        AppForm | None,
        key(
            "How the organisation connected GitHub; app_installed: whether it has installed the Claude "
            "GitHub App (default: true)."
        ),
    ] = None
    hosted: Annotated[
        Hosted, key("Who runs the environment: the platform's cloud (default), or the team itself.", "cloud")
    ] = "cloud"

    def check(self, reader: Reader) -> None:
        for name in self.variables:
            if not _VARIABLE.match(name):
                reader.problem(self.below("variables", name), f"{name!r} cannot name a variable")


class FollowedFileForm(Form, frozen=True, kw_only=True):
    what = "a file that the agent reads"
    plural = "files"
    hint = "quote it"
    short = Short(lambda text, note: {"file": text}, {"type": "string", **NOT_BLANK}, "the path of a file")
    lone = True

    file: Annotated[
        FilePath,
        key(
            "A path from the repository's root.",
            ".agents/prompts/triage.md",
            needs="write {file: .agents/prompts/x.md}",
        ),
    ]
    repository: Annotated[
        str | None,
        key("In which of the routine's repositories the agent finds it; by default the first.", "acme/core"),
    ] = None


class PromptFileForm(Form, frozen=True, kw_only=True):
    what = "a prompt"

    file: Annotated[
        FilePath,
        key(
            "A text file whose whole text is the prompt.",
            "prompt.md",
            needs="write prompt: {file: prompt.md}",
        ),
    ]


_TRIGGERS = [
    {
        "type": "github",
        "events": ["pull_request.opened"],
        "branches": ["main"],
        "filters": [{"field": "is_draft", "operator": "equals", "value": False}],
    },
    {"type": "schedule", "cron": "7 9 * * 1", "timezone": "Europe/Berlin"},
    {"type": "api"},
]


def _absent_instead(commands: object) -> str:
    named = list(map(str, commands)) if isinstance(commands, dict) and commands else ["gh"]
    return f"write environment: {{absent: [{', '.join(named)}]}}; what programs print is said in a case"


class RoutineForm(FileForm, frozen=True, kw_only=True):
    what = "a routine"
    part = "routine"
    title = "A routine"
    said = "What is saved of a routine: prompt, repositories, connectors, environment, triggers."
    gone = {"commands": _absent_instead}
    examples = ({"name": "weekly-report", "prompt": {"file": "prompt.md"}},)

    name: Annotated[
        RoutineName, key("The routine's name.", "security-triage", needs="name it as its folder is named")
    ]
    title_: Annotated[
        str, key("Any text that people know the routine by.", "Security triage: SQL injections")
    ] = msgspec.field(default="", name="title")
    description: Annotated[
        str,
        key(
            "What the routine is for, in a sentence.",
            "Files a ticket for each SQL injection of a pull request.",
        ),
    ] = ""
    enabled: Annotated[bool, key("Whether its triggers are switched on.", True)] = True
    repositories: Annotated[
        tuple[RepositoryForm, ...], key("What is cloned for every run; grants GitHub.")
    ] = ()
    connectors: Annotated[
        tuple[ConnectorForm, ...],
        key(
            "What else the routine may use.",
            [
                "slack:security-alerts",
                {
                    "connector": "linear",
                    "binding": "Security",
                    "tools": {"allow": ["list_issues", "save_issue"]},
                },
            ],
        ),
    ] = ()
    tools: Annotated[
        tuple[str, ...] | None, key("The agent's own tools; left out, all of them.", ["Bash", "Read", "Grep"])
    ] = None
    environment: Annotated[
        EnvironmentForm | None, key("Where the session runs: its network, variables and programs.")
    ] = None
    model: Annotated[
        str | None,
        key("The model that the routine is saved with; left out, the account's default.", "claude-opus-5-5"),
    ] = None
    triggers: Annotated[
        tuple[GithubForm | ScheduleForm | ApiForm, ...], key("What starts the routine.", _TRIGGERS)
    ] = ()
    reads_files: Annotated[
        tuple[FollowedFileForm, ...],
        key(
            "Files of the repository that the prompt tells the agent to follow, from its root.",
            [".agents/prompts/triage.md"],
        ),
    ] = ()
    prompt: Annotated[
        PromptText | PromptFileForm,
        key(
            "What the agent reads, or the file that holds it; {{repository}}, {{trigger_type}} and "
            "{{routine: Name}} are filled in.",
            "Read the diff of the pull request in {{repository}}. Look for an open ticket\nfirst. For each "
            'SQL injection without one, create a Linear ticket in the\nproject "Security".\n',
        ),
    ]
