"""A routine file's values → Routine, with every problem named by line.

What a schedule means is ``schedule``'s; what the platform sends is the platform edition's business.
"""

from __future__ import annotations

from routine_harness.pattern import lazy_pattern
from routine_harness.routine.document import Document
from routine_harness.routine.form_reader import read_file
from routine_harness.routine.glob import glob_regex
from routine_harness.routine.named_files import NamedFiles, read_followed, read_prompt
from routine_harness.routine.reader import Reader, flag_hint, kind_of, suggestion
from routine_harness.routine.regex import compile_filter_regex
from routine_harness.routine.routine_form import (
    ConnectorForm,
    EnvironmentForm,
    RepositoryForm,
    RoutineForm,
)
from routine_harness.routine.schedule import check_schedule
from routine_harness.routine.spec import (
    ApiTrigger,
    Binding,
    Environment,
    Filter,
    GithubTrigger,
    Grant,
    Repository,
    Routine,
    ScheduleTrigger,
    Trigger,
)
from routine_harness.routine.trigger_form import ApiForm, FilterForm, GithubForm, ScheduleForm

_CONNECTOR = lazy_pattern(r"[a-z0-9][a-z0-9_.-]*\Z")
_FULL_NAME = lazy_pattern(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+\Z")
_URL = lazy_pattern(
    r"(?:(?:https?|ssh|git)://(?:[^@/\s]+@)?|git@)(?P<host>[A-Za-z0-9.-]+)(?::\d+)?[:/](?P<name>[^\s?#]+?)/?\Z"
)
_FLAGS = ("is_draft", "is_merged", "from_fork")
_LISTED = ("is_one_of", "is_not_one_of")


def parse_routine(document: Document, files: NamedFiles | None = None) -> Routine:
    """The routine that ``document`` spells; ``files`` are those that it names, None where it has none.

    Raises:
        SpecError: every problem found, in the order of lines.
    """
    reader, form = read_file(document, RoutineForm)
    repositories = _repositories(reader, form.repositories)
    prompt, prompt_source = read_prompt(reader, form, files)
    names = tuple(repository.full_name for repository in repositories)
    triggers = (_trigger(reader, trigger, names) for trigger in form.triggers)
    routine = Routine(
        name=form.name,
        title=form.title_,
        description=form.description,
        enabled=form.enabled,
        repositories=repositories,
        connectors=_grants(reader, form.connectors),
        tools=form.tools,
        environment=_environment(reader, form.environment or EnvironmentForm()),
        model=form.model,
        triggers=tuple(triggers),
        prompt=prompt,
        source=document.source,
        prompt_source=prompt_source,
        reads_files=read_followed(reader, form, repositories, files),
    )
    reader.raise_problems()
    return routine


def _repositories(reader: Reader, forms: tuple[RepositoryForm, ...]) -> tuple[Repository, ...]:
    found: dict[str, Repository] = {}
    for form in forms:
        if not form.repository:
            continue
        place = parse_repository(form.repository)
        if place is None:
            found_words = kind_of(form.repository)
            reader.problem(form.below("repository"), f"expected a repository, found {found_words}", form.hint)
            continue
        host, name = place
        if name in found:
            reader.problem(form.place, f"the repository {name} is listed twice")
        found[name] = Repository(name, host, form.branch, form.unrestricted_pushes)
    return tuple(found.values())


def parse_repository(text: object) -> tuple[str, str] | None:
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


def _grants(reader: Reader, forms: tuple[ConnectorForm, ...]) -> tuple[Grant, ...]:
    """The granted connectors; those that are written short add up."""
    found: dict[str, Grant] = {}
    for form in forms:
        grant = _grant(reader, form)
        if grant is None:
            continue
        known = found.get(grant.connector)
        if known is not None and form.is_short:
            grant = Grant(grant.connector, known.bindings + grant.bindings, known.allow, known.deny)
        elif known is not None:
            reader.problem(form.place, f"the connector {grant.connector} is listed twice", "merge the two")
        found[grant.connector] = grant
    return tuple(found.values())


def _grant(reader: Reader, form: ConnectorForm) -> Grant | None:
    name = parse_connector(form.connector)
    if name is None:
        if form.connector or form.is_short:
            message = f"expected the name of a connector, found {kind_of(form.connector)}"
            reader.problem(form.below("connector"), message, "write slack or slack:channel")
        return None
    bindings = tuple(Binding(each) for each in form.binding)
    bindings += tuple(Binding(each.name, each.id) for each in form.bindings if each.name)
    tools = form.tools
    return Grant(name, bindings, *((tools.allow, tools.deny) if tools is not None else ()))


def parse_connector(name: str) -> str | None:
    """The name of a connector in lower case; None for what is none."""
    lowered = name.lower().replace(" ", "-")
    return lowered if _CONNECTOR.match(lowered) else None


def _environment(reader: Reader, form: EnvironmentForm) -> Environment:
    domains, network = form.allowed_domains, form.network
    if domains and network != "custom":
        message = f"allowed_domains has no effect with network: {network}"
        reader.problem(form.below("allowed_domains"), message, "write network: custom")
    if network == "custom" and not domains:
        reader.problem(form.below("network"), "network: custom needs allowed_domains")
    installed = form.github is None or form.github.app_installed
    return Environment(network, domains, form.variables, form.setup, form.absent, installed, form.hosted)


def _trigger(
    reader: Reader, form: GithubForm | ScheduleForm | ApiForm, repositories: tuple[str, ...]
) -> Trigger:
    """One trigger; a github one may name only ``repositories``."""
    if isinstance(form, GithubForm):
        return _github(reader, form, repositories)
    return _schedule(reader, form) if isinstance(form, ScheduleForm) else ApiTrigger(form.enabled)


def _github(reader: Reader, form: GithubForm, repositories: tuple[str, ...]) -> GithubTrigger:
    for index, glob in enumerate(form.branches):
        try:
            glob_regex(glob.removeprefix("!"))
        except ValueError as error:
            hint = "write a branch or a glob such as release/*"
            reader.problem(form.below("branches", index), str(error), hint)
    names = tuple(name.removeprefix("github:") for name in form.repositories)
    for index, name in enumerate(names):
        if name not in repositories:
            hint = suggestion(name, repositories, "its repositories")
            reader.problem(form.below("repositories", index), f"the routine has no repository {name!r}", hint)
    filters = (_filter(reader, each) for each in form.filters if each.sound)
    return GithubTrigger(
        events=form.events,
        branches=form.branches,
        filters=tuple(each for each in filters if each is not None),
        repositories=names,
        enabled=form.enabled,
    )


def _filter(reader: Reader, form: FilterForm) -> Filter | None:
    field, operator, operand, path = form.field, form.operator, form.value, form.below("value")
    listed = operator in _LISTED
    if listed and not (isinstance(operand, list) and operand):
        reader.problem(path, f"{operator} takes a list, found {kind_of(operand)}", "write value: [a, b]")
        return None
    wanted, words = (bool, "true or false") if field in _FLAGS else (str, "a text")
    if field in _FLAGS and operator not in ("equals", *_LISTED):
        message = f"{operator} cannot judge {field}, which is true or false"
        reader.problem(form.below("operator"), message, "use equals")
        return None
    noted = len(reader.problems)
    for element, place in reader.items(operand, path, "values") if listed else [(operand, path)]:
        if not isinstance(element, wanted):
            unquoted = wanted is str and not isinstance(element, dict | list)
            hint = "quote it" if unquoted else flag_hint(element)
            reader.problem(place, f"{field} {operator} takes {words}, found {kind_of(element)}", hint)
    if len(reader.problems) > noted:
        return None
    predicate = reader.predicate({operator: operand}, path, compile_filter_regex)
    return None if predicate is None else Filter(field, operator, operand, predicate)


def _schedule(reader: Reader, form: ScheduleForm) -> ScheduleTrigger:
    trigger = ScheduleTrigger(form.cron, form.preset, form.at, form.once, form.timezone, form.enabled)
    for key, message, hint in check_schedule(trigger) if form.sound else ():
        reader.problem(form.below(key) if key else form.place, message, hint)
    return trigger
