"""``gh`` on a command line: its plan of operations (``world.github.gh_steps``) as acts."""

from __future__ import annotations

import itertools

from routine_harness.world.github.faces import GH
from routine_harness.world.github.gh.command_line import Around, GhFailed, GhFlag, GhUnknown
from routine_harness.world.github.gh.gh_json import print_json
from routine_harness.world.github.gh.gh_plan import Plan
from routine_harness.world.github.gh.gh_run import local_answer
from routine_harness.world.github.gh.gh_steps import plan_gh
from routine_harness.world.github.records.derived import WEB
from routine_harness.world.github.tools.tool_calls import call_of
from routine_harness.world.holes import has_hole, hole
from routine_harness.world.shell.acts import GH_FAILED, Act, Word, line_of, opaque
from routine_harness.world.shell.command_settings import remember_alias, without_alias
from routine_harness.world.shell.graphql_requests import graphql_request
from routine_harness.world.shell.http_requests import API_HOST, Request, request
from routine_harness.world.shell.options import parse_options
from routine_harness.world.shell.paths import resolve
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.script_reader import Reader
from routine_harness.world.shell.scripts import script_word, unknown_part


def gh(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """Read one gh command."""
    words = _plain_words(argv)
    group = words[0].text if words else ""
    aliases = dict(reader.context.aliases)
    if f"gh {group}" in aliases:
        return _aliased(reader, aliases[f"gh {group}"], group, argv, stdin)
    unknown = next((word for word in words[:2] if not word.known), None)
    if unknown is not None and group not in ("api", "search", "status", "browse", "auth", "help"):
        reader.undecided(f"gh's command is {unknown_part(unknown)}", line_of(argv), "gh")
        return Text()
    if [word.text for word in words[:2]] == ["alias", "set"]:
        _set_alias(reader, [word for word in argv[1:] if word not in words[:2]])
        return Text("")
    texts = [word.text for word in argv[1:]]
    try:
        plan = plan_gh(texts, _around(reader, stdin))
    except GhFailed as error:
        return _failed(reader, texts, stdin, error)
    except GhUnknown as error:
        reader.opaque(str(error), argv)
        return Text()
    if plan is None:
        local = local_answer(texts)
        return Text() if local.unknown else Text(local.out)
    if plan.request is not None:
        return _api(reader, argv, plan)
    if plan.local:
        reader.context = reader.context.on("")
    reader.looked = reader.looked or not plan.steps
    for step in plan.steps:
        call = call_of(step, plan.asked.face)
        reader.acts.append(Act("", {}, call.connector, call.tool, call.server, call.arguments, plan))
    printed = reader.answered()
    return Text(_repository_facts(plan)) if printed.text is None else printed


def _repository_facts(plan: Plan) -> str | None:
    """What ``gh repo view --json …`` prints, where only facts are asked for that its words tell."""
    asked = plan.asked
    wanted = asked.listed("json") or []
    if asked.command.name != "repo view" or not wanted or has_hole(" ".join(wanted)):
        return None
    repository = str(plan.steps[0][1]["repository"])
    owner, _, name = repository.partition("/")
    known = {
        "nameWithOwner": repository,
        "name": name,
        "owner": {"login": owner},
        "url": f"{WEB}/{repository}",
    }
    if has_hole(repository) or not set(wanted) <= set(known):
        return None
    try:
        return print_json({field: known[field] for field in wanted}, asked.one("jq"), asked.one("template"))
    except (GhFailed, GhUnknown):
        return None


def _failed(reader: Reader, texts: list[str], stdin: Text, error: GhFailed) -> Text:
    """A command that gh refuses itself: what it would do counts as attempted, as another gh may do it."""
    try:
        plan = plan_gh(texts, _around(reader, stdin), lenient=True)
    except (GhFailed, GhUnknown):
        plan = None
    if isinstance(error, GhFlag):
        what = f"gh {' '.join(texts[:2])}: {str(error).splitlines()[0]}"
        unread = opaque(what, line_of([Word("gh"), *map(Word, texts)]))
        reader.acts.append(unread._replace(refused=str(error)))
    reader.acts.append(Act(GH_FAILED, {"text": str(error)}))
    for step in plan.steps if plan is not None else ():
        call = call_of(step, plan.asked.face if plan is not None else GH)
        act = Act("", {}, call.connector, call.tool, call.server, call.arguments, refused=str(error))
        reader.acts.append(act)
    return reader.answered()


def _around(reader: Reader, stdin: Text) -> Around:
    """Where the command stands; what is not known of a file or of the input is a hole."""

    def file(path: str) -> str:
        if path == "-":
            return hole("$(cat)") if stdin.text is None else stdin.text
        text = reader.file(resolve(reader.context.directory, path))
        return hole(f"$(cat {path})") if text is None else text

    variables = reader.scope.variables
    return Around(
        repository=variables.get("GH_REPO") or reader.context.repository or hole("$(repository)"),
        branch=reader.context.head,
        file=file,
        message=reader.context.message or hole("$(git log -1 --format=%B)"),
    )


def _api(reader: Reader, argv: list[Word], plan: Plan) -> Text:
    """``gh api``: a request, or a GraphQL document."""
    asked = plan.request
    assert asked is not None  # noqa: S101 - a plan of `gh api` has one
    before = len(reader.acts)
    if asked.path == "/graphql":
        graphql_request(reader, argv, asked.body, plan)
        return reader.answered()
    path = asked.path.replace("/:owner/:repo", f"/{reader.context.repository}")
    request(reader, argv, Request(asked.method, f"https://{API_HOST}{path}", asked.body, query=asked.query))
    reader.acts[before:] = [act._replace(plan=plan) for act in reader.acts[before:]]
    return reader.answered()


def _set_alias(reader: Reader, rest: list[Word]) -> None:
    options = parse_options(rest, ())
    if len(options.rest) >= 2:
        value = options.rest[1].text
        script = value.startswith("!") or "-s" in options or "--shell" in options
        remember_alias(reader, "gh", options.rest[0].text, f"!{value.removeprefix('!')}" if script else value)


def _aliased(reader: Reader, value: str, name: str, argv: list[Word], stdin: Text) -> Text:
    """``gh land 7`` where ``land`` is an alias: ``$1`` takes a word, what is left is added."""
    words = [word for word in argv[1:] if word.text != name]
    if value.startswith("!"):
        with reader.aside():
            reader.scope.positional = words
            return script_word(reader, Word(value[1:]), argv, stdin)
    left = list(words)
    for number in range(len(words), 0, -1):
        if f"${number}" in value:
            value = value.replace(f"${number}", words[number - 1].quoted)
            left.remove(words[number - 1])
    with without_alias(reader, f"gh {name}"):
        return reader.read(" ".join(["gh", value, *(word.quoted for word in left)]), stdin)


def _plain_words(argv: list[Word]) -> list[Word]:
    """What is no option; ``-R`` may stand before the command and takes a value."""
    return [
        word
        for before, word in itertools.pairwise(argv)
        if not word.text.startswith("-") and before.text not in ("-R", "--repo")
    ]
