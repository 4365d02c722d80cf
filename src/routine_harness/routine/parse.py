"""A routine file's values → Routine, with every problem named by line.

The trigger clauses are read by ``routine.parse_triggers``; what a schedule means is ``schedule``'s.
"""

from __future__ import annotations

from typing import Any, Final, Literal, cast

from routine_harness.pattern import lazy_pattern
from routine_harness.routine.document import Document
from routine_harness.routine.named_files import NamedFiles, read_followed, read_prompt
from routine_harness.routine.parse_triggers import read_triggers
from routine_harness.routine.reader import Fields, Reader, kind_of
from routine_harness.routine.spec import Binding, Environment, Grant, Path, Repository, Routine

ROUTINE_KEYS: Final = (
    "name", "title", "description", "enabled", "repositories", "connectors", "tools",
    "environment", "model", "triggers", "reads_files", "prompt",
)  # fmt: skip
NETWORK_LEVELS: Final = ("none", "trusted", "full", "custom")
HOSTED: Final = ("cloud", "self")

_NAME = lazy_pattern(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")
_CONNECTOR = lazy_pattern(r"[a-z0-9][a-z0-9_.-]*\Z")
_FULL_NAME = lazy_pattern(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+\Z")
_URL = lazy_pattern(
    r"(?:(?:https?|ssh|git)://(?:[^@/\s]+@)?|git@)(?P<host>[A-Za-z0-9.-]+)(?::\d+)?[:/](?P<name>[^\s?#]+?)/?\Z"
)
_PROGRAM = lazy_pattern(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*\Z")
_VARIABLE = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def parse_routine(document: Document, files: NamedFiles | None = None) -> Routine:
    """The routine that ``document`` spells; ``files`` are those that it names, None where it has none.

    Raises:
        SpecError: every problem found, in the order of lines.
    """
    reader = Reader(document.source)
    top = reader.fields(_without_moved(reader, document.value), (), (*ROUTINE_KEYS, "$schema"), "a routine")
    repositories = _repositories(top)
    prompt, prompt_source = read_prompt(top, files)
    routine = Routine(
        name=_name(top),
        title=top.text("title"),
        description=top.text("description"),
        enabled=top.flag("enabled", True),
        repositories=repositories,
        connectors=_grants(top),
        tools=top.texts("tools") if top.data.get("tools") is not None else None,
        environment=_environment(top),
        model=top.optional_text("model"),
        triggers=read_triggers(top, tuple(repository.full_name for repository in repositories)),
        prompt=prompt,
        source=document.source,
        prompt_source=prompt_source,
        reads_files=read_followed(top, repositories, files),
    )
    reader.raise_problems()
    return routine


def _name(top: Fields) -> str:
    if not top.require("name", "name it as its folder is named"):
        return ""
    name = top.text("name")
    if isinstance(top.data["name"], str) and not _NAME.match(name):
        top.problem(
            "name",
            f"expected a name of letters, digits, '-', '_' and '.', found {kind_of(name)}",
            "put any other text into title:",
        )
    return name


def _repositories(top: Fields) -> tuple[Repository, ...]:
    found: dict[str, Repository] = {}
    for value, path in top.items("repositories", "repositories"):
        repository = _repository(top.reader, value, path)
        if repository is None:
            continue
        if repository.full_name in found:
            top.reader.problem(path, f"the repository {repository.full_name} is listed twice")
        found[repository.full_name] = repository
    return tuple(found.values())


def _repository(reader: Reader, value: Any, path: Path) -> Repository | None:
    if not isinstance(value, dict):
        place = parse_repository(value)
        if place is None:
            reader.problem(path, f"expected a repository, found {kind_of(value)}", "write github:owner/name")
            return None
        return Repository(place[1], host=place[0])
    fields = reader.fields(value, path, ("repository", "branch", "unrestricted_pushes"), "a repository")
    branch, unrestricted = fields.optional_text("branch"), fields.flag("unrestricted_pushes")
    if not fields.require("repository"):
        return None
    inner = _repository(reader, fields.text("repository"), fields.at("repository"))
    return None if inner is None else Repository(inner.full_name, inner.host, branch, unrestricted)


def parse_repository(text: Any) -> tuple[str, str] | None:
    """Host and ``owner/name`` of ``github:owner/name``, ``owner/name`` or a clone URL, else None.

    The host of GitHub itself is written ``github``; another server keeps its host name.
    """
    if not isinstance(text, str):
        return None
    url = _URL.match(text)
    host, name = ("github.com", text.removeprefix("github:")) if url is None else (url["host"], url["name"])
    name = name.removesuffix(".git")
    if not _FULL_NAME.match(name):
        return None
    return ("github" if host.lower() in ("github.com", "www.github.com", "ssh.github.com") else host), name


def _grants(top: Fields) -> tuple[Grant, ...]:
    found: dict[str, Grant] = {}
    for value, path in top.items("connectors", "connectors"):
        grant = _grant(top.reader, value, path)
        if grant is None:
            continue
        known = found.get(grant.connector)
        if known is not None and not isinstance(value, str):
            top.reader.problem(path, f"the connector {grant.connector} is listed twice", "merge the two")
        elif known is not None:
            grant = Grant(grant.connector, known.bindings + grant.bindings, known.allow, known.deny)
        found[grant.connector] = grant
    return tuple(found.values())


def _grant(reader: Reader, value: Any, path: Path) -> Grant | None:
    if isinstance(value, str):
        connector, colon, binding = (part.strip() for part in value.partition(":"))
        if colon and not binding:
            reader.problem(
                path, f"expected a binding after {value!r}", f"write {connector}:name or {connector}"
            )
        name = _connector(reader, connector, path)
        return None if name is None else Grant(name, (Binding(binding),) if binding else ())
    if not isinstance(value, dict):
        hint = "write slack, slack:channel or {connector: slack, …}"
        reader.problem(path, f"expected a connector, found {kind_of(value)}", hint)
        return None
    fields = reader.fields(value, path, ("connector", "binding", "bindings", "tools"), "a connector")
    bindings = tuple(Binding(name) for name in fields.texts("binding"))
    bindings += fields.each("bindings", "bindings", lambda each, at: _binding(reader, each, at))
    allow, deny = _tool_lists(fields)
    if not fields.require("connector"):
        return None
    name = _connector(reader, fields.text("connector"), fields.at("connector"))
    return None if name is None else Grant(name, bindings, allow, deny)


def parse_connector(name: str) -> str | None:
    """The name of a connector in lower case; None for what is none."""
    lowered = name.lower().replace(" ", "-")
    return lowered if _CONNECTOR.match(lowered) else None


def _connector(reader: Reader, name: str, path: Path) -> str | None:
    """The connector's name in lower case, or None with a problem noted."""
    lowered = parse_connector(name)
    if lowered is not None:
        return lowered
    reader.problem(
        path, f"expected the name of a connector, found {kind_of(name)}", "write slack or slack:channel"
    )
    return None


def _binding(reader: Reader, value: Any, path: Path) -> Binding | None:
    if isinstance(value, str):
        return Binding(value)
    fields = reader.fields(value, path, ("name", "id"), "a binding")
    return Binding(fields.text("name"), fields.optional_text("id")) if fields.require("name") else None


def _tool_lists(fields: Fields) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if fields.data.get("tools") is None:
        return (), ()
    tools = fields.reader.fields(fields.data["tools"], fields.at("tools"), ("allow", "deny"), "tools")
    allow, deny = tools.texts("allow"), tools.texts("deny")
    for name in sorted(set(allow) & set(deny)):
        tools.problem("deny", f"the tool {name} is both allowed and denied")
    return allow, deny


def _without_moved(reader: Reader, value: Any) -> Any:
    """``value`` without the key that once named absent programs; a problem says what to write."""
    if not isinstance(value, dict) or "commands" not in value:
        return value
    given = value["commands"]
    named = list(map(str, given)) if isinstance(given, dict) and given else ["gh"]
    hint = f"write environment: {{absent: [{', '.join(named)}]}}; what programs print is said in a case"
    reader.problem(("commands",), "a routine has no key 'commands'", hint)
    return {key: inner for key, inner in value.items() if key != "commands"}


def _environment(top: Fields) -> Environment:
    if top.data.get("environment") is None:
        return Environment()
    known = ("network", "allowed_domains", "variables", "setup", "absent", "github", "hosted")
    fields = top.reader.fields(top.data["environment"], top.at("environment"), known, "an environment")
    network = fields.choice("network", NETWORK_LEVELS, "trusted")
    domains = fields.texts("allowed_domains")
    for index, domain in enumerate(domains):
        if "/" in domain or not domain.strip():
            fields.reader.problem(
                (*fields.at("allowed_domains"), index),
                f"expected a domain, found {kind_of(domain)}",
                "write api.example.com or *.example.com, without scheme or path",
            )
    if domains and network != "custom":
        fields.problem(
            "allowed_domains",
            f"allowed_domains has no effect with network: {network}",
            "write network: custom",
        )
    if network == "custom" and not domains:
        fields.problem("network", "network: custom needs allowed_domains")
    variables = fields.text_map("variables")
    for name in variables:
        if not _VARIABLE.match(name):
            fields.reader.problem((*fields.at("variables"), name), f"{name!r} cannot name a variable")
    level = cast('Literal["none", "trusted", "full", "custom"]', network)
    hosted = cast('Literal["cloud", "self"]', fields.choice("hosted", HOSTED, "cloud"))
    return Environment(
        level, domains, variables, fields.text("setup"), _absent(fields), _app_installed(fields), hosted
    )


def _app_installed(fields: Fields) -> bool:
    """Whether the organisation has installed the Claude GitHub App; it has, where nothing is said."""
    if fields.data.get("github") is None:
        return True
    github = fields.reader.fields(fields.data["github"], fields.at("github"), ("app_installed",), "github")
    return github.flag("app_installed") if "app_installed" in github else True


def _absent(fields: Fields) -> tuple[str, ...]:
    programs = fields.texts("absent")
    for index, program in enumerate(programs):
        if not _PROGRAM.match(program):
            hint = "write absent: [gh], without folder or options"
            message = f"expected the name of a program, found {kind_of(program)}"
            fields.reader.problem((*fields.at("absent"), index), message, hint)
    return programs
