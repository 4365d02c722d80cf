"""What each command of ``gh`` comes to: operations with their arguments, without a world.

Static reading, scripted and imported runs, the live shim and faults ask here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from routine_harness.plain import Json
from routine_harness.world.github.gh.command_line import URL, Around, Asked, GhFailed, GhUnknown, parse_gh
from routine_harness.world.github.gh.gh_api import plan_api
from routine_harness.world.github.gh.gh_item_steps import ITEM_PLANS
from routine_harness.world.github.gh.gh_plan import (
    Plan,
    bare_step,
    body_of,
    first_word,
    limit_of,
    not_simulated,
    options_of,
    step_of,
)
from routine_harness.world.github.operations.operation import Arguments
from routine_harness.world.github.records.derived import WEB
from routine_harness.world.github.tools.tool_calls import Step


def plan_gh(argv: Sequence[str], around: Around, *, lenient: bool = False) -> Plan | None:
    """The plan of a command line without ``gh`` itself; None for what stays on the machine.

    With ``lenient`` options that this ``gh`` does not know are passed over: another version may.

    Raises:
        GhFailed: as gh itself would fail.
        GhUnknown: no model carries that out.
    """
    asked = parse_gh(argv, around, lenient=lenient)
    if asked is None:
        return None
    if asked.command.name == "api":
        return plan_api(asked)
    if asked.has("web"):
        return Plan(asked)
    planned = _PLANS[asked.command.name](asked)
    return planned if isinstance(planned, Plan) else Plan(asked, tuple(planned))


def files_of(argv: Sequence[str], around: Around) -> list[str]:
    """The files that a command reads, each once, as it names them; ``-`` is the input."""
    found: dict[str, None] = {}

    def file(name: str) -> str:
        found[name] = None
        return "{}"

    try:
        plan_gh(argv, msgspec.structs.replace(around, file=file))
    except (GhFailed, GhUnknown):
        return []
    return list(found)


def _label(operation: str) -> Callable[[Asked], list[Step]]:
    def plan(asked: Asked) -> list[Step]:
        color = (asked.one("color") or "").removeprefix("#") or None
        given = options_of(asked, "description new_name=name force+")
        return [step_of(asked, operation, name=first_word(asked), color=color, **given)]

    return plan


_RELEASED: Final = "name=title body draft? prerelease? target_commitish=target"


def _release_create(asked: Asked) -> list[Step]:
    tag, notes = first_word(asked), body_of(asked, "notes", "notes-file")
    if notes is None and asked.has("generate-notes"):
        notes = f"**Full Changelog**: {WEB}/{asked.repository}/commits/{tag}"
    files = [word.partition("#")[0] for word in asked.words[1:]] or None
    given = options_of(asked, _RELEASED, body=notes)
    return [step_of(asked, "release.create", tag_name=tag, **given, files=files)]


def _release_edit(asked: Asked) -> list[Step]:
    body = body_of(asked, "notes", "notes-file")
    given = options_of(asked, f"tag_name=tag {_RELEASED}", body=body)
    return [step_of(asked, "release.update", tag=first_word(asked), **given)]


def _release_delete(asked: Asked) -> list[Step]:
    steps = [step_of(asked, "release.delete", tag=first_word(asked))]
    return (
        [*steps, step_of(asked, "tag.delete", tag=first_word(asked))] if asked.has("cleanup-tag") else steps
    )


def _release_upload(asked: Asked) -> list[Step]:
    names = [word.partition("#")[0].rsplit("/", 1)[-1] for word in asked.words[1:]]
    return [step_of(asked, "asset.upload", tag=first_word(asked), name=name) for name in names]


def _release_view(asked: Asked) -> list[Step]:
    if asked.words:
        return [step_of(asked, "release.by_tag", tag=asked.words[0])]
    return [step_of(asked, "release.latest")]


def _run_list(asked: Asked) -> list[Step]:
    given = options_of(asked, "workflow_id=workflow branch event status actor=user head_sha=commit")
    return [step_of(asked, "run.list", **given, limit=limit_of(asked))]


def _run_id(asked: Asked) -> Arguments:
    url = URL.match(first_word(asked))
    text = (url[2] or "") if url else asked.words[0]
    return {"run_id": int(text) if text.isdecimal() else text}


def _run_view(asked: Asked) -> list[Step]:
    job = asked.one("job")
    if job is not None and (asked.has("log", "log-failed") or not asked.words):
        return [step_of(asked, "job.get", job_id=int(job) if job.isdecimal() else job)]
    return [step_of(asked, "run.get", **_run_id(asked))]


def _of_run(operation: str) -> Callable[[Asked], list[Step]]:
    def plan(asked: Asked) -> list[Step]:
        job = asked.one("job") if operation == "run.rerun" else None
        if job is not None:
            return [step_of(asked, "job.rerun", job_id=int(job) if job.isdecimal() else job)]
        failed = operation == "run.rerun" and asked.has("failed")
        return [step_of(asked, "run.rerun_failed" if failed else operation, **_run_id(asked))]

    return plan


def _workflow_run(asked: Asked) -> list[Step]:
    pairs = asked.options.get("raw-field", []) + asked.options.get("field", [])
    inputs = dict(pair.partition("=")[::2] for pair in pairs) or None
    return [
        step_of(asked, "workflow.start", workflow_id=first_word(asked), ref=asked.one("ref"), inputs=inputs)
    ]


def _of_workflow(operation: str) -> Callable[[Asked], list[Step]]:
    return lambda asked: [step_of(asked, operation, workflow_id=first_word(asked))]


def _home(asked: Asked) -> str:
    """The repository that the first word names, else that of the clone."""
    if not asked.words:
        return asked.repository
    url = URL.match(asked.words[0])
    named = url[1] if url else asked.words[0]
    return named if "/" in named else f"@me/{named}"


def _of_home(operation: str, **fixed: Any) -> Callable[[Asked], list[Step]]:
    return lambda asked: [bare_step(operation, repository=_home(asked), **fixed)]


_SETTINGS: Final = """
description homepage visibility default_branch=default-branch
has_issues=enable-issues? has_wiki=enable-wiki? allow_auto_merge=enable-auto-merge?
delete_branch_on_merge=delete-branch-on-merge? allow_squash_merge=enable-squash-merge?
allow_merge_commit=enable-merge-commit? allow_rebase_merge=enable-rebase-merge? topics=add-topic*
"""


def _repo_edit(asked: Asked) -> list[Step]:
    return [bare_step("repository.update", repository=_home(asked), **options_of(asked, _SETTINGS))]


def _repo_create(asked: Asked) -> list[Step]:
    owner, _, name = first_word(asked).rpartition("/")
    given = options_of(asked, "description private auto_init=add-readme+", private=not asked.has("public"))
    return [bare_step("repository.create", name=name, organization=owner or None, **given)]


def _repo_rename(asked: Asked) -> list[Step]:
    return [step_of(asked, "repository.update", name=first_word(asked))]


def _repo_fork(asked: Asked) -> list[Step]:
    return [bare_step("repository.fork", repository=_home(asked), **options_of(asked, "organization=org"))]


def _setting(operation: str) -> Callable[[Asked], list[Step]]:
    def plan(asked: Asked) -> list[Step]:
        elsewhere = asked.one("org") or asked.has("user")
        given = options_of(asked, "environment=env organization=org")
        place = {} if elsewhere else {"repository": asked.repository}
        return [bare_step(operation, **place, name=first_word(asked), **given)]

    return plan


def _key(operation: str) -> Callable[[Asked], list[Step]]:
    return lambda asked: [bare_step(operation, title=asked.one("title") or (asked.words or ("",))[-1])]


def _deploy_key(asked: Asked) -> list[Step]:
    verb = (asked.words or ("list",))[0]
    operation = {"add": "add_key", "delete": "delete_key"}.get(verb)
    return [] if operation is None else [step_of(asked, operation, title=asked.one("title"))]


def _named(operation: str, options: str = "", word: str = "name") -> Callable[[Asked], list[Step]]:
    """An operation that is not simulated, with what its first word and options say of it."""

    def plan(asked: Asked) -> list[Step]:
        first = {word: asked.words[0]} if asked.words else {}
        return [bare_step(operation, **(first | options_of(asked, options)))]

    return plan


def _search(operation: str, kind: str = "") -> Callable[[Asked], list[Step]]:
    def plan(asked: Asked) -> list[Step]:
        terms = [f'"{word}"' if " " in word and ":" not in word else word for word in asked.words]
        for option in asked.options:
            terms += [] if option in _NO_TERMS else _term(asked, option)
        terms += [f"in:{asked.one('match')}"] if asked.has("match") else []
        of = {"kind": kind} if kind and not asked.has("include-prs") else {}
        given = options_of(asked, "sort order")
        return [bare_step(operation, query=" ".join(terms), limit=limit_of(asked), **given, **of)]

    return plan


_NO_TERMS: Final = frozenset(
    ("limit", "json", "jq", "template", "sort", "order", "web", "include-prs", "match")
)
"""Options of a search that are no term of its query."""


def _term(asked: Asked, option: str) -> list[str]:
    if option.startswith("no-"):
        return [f"no:{option[3:]}"]
    if option in ("state", "draft", "merged", "archived", "locked"):
        value = asked.one(option) or "true"
        return (
            [f"is:{value}"]
            if option == "state"
            else [f"{'is' if option == 'merged' else option}:{'merged' if option == 'merged' else value}"]
        )
    values = asked.listed(option) if option in asked.command.lists else [asked.one(option) or ""]
    qualifier = {"owner": "user", "merged-at": "merged", "app": "author"}.get(option, option)
    return [f'{qualifier}:"{value}"' if " " in value else f"{qualifier}:{value}" for value in values or ()]


def _none(_: Asked) -> list[Step]:
    return []


_PLANS: Final[dict[str, Callable[[Asked], Json]]] = {
    **ITEM_PLANS,
    "label create": _label("label.create"),
    "label edit": _label("label.update"),
    "label delete": _label("label.delete"),
    "label list": lambda asked: [step_of(asked, "label.list", limit=limit_of(asked))],
    "label clone": not_simulated,
    "release create": _release_create,
    "release list": lambda asked: [step_of(asked, "release.list", limit=limit_of(asked))],
    "release view": _release_view,
    "release edit": _release_edit,
    "release delete": _release_delete,
    "release upload": _release_upload,
    "release delete-asset": lambda asked: [
        step_of(asked, "asset.delete", tag=first_word(asked), name=(asked.words[1:] or ("",))[0])
    ],
    "release download": _release_view,
    "release verify": _release_view,
    "run list": _run_list,
    "run view": _run_view,
    "run watch": _of_run("run.get"),
    "run download": lambda asked: [step_of(asked, "run.artifacts", **_run_id(asked))],
    "run rerun": _of_run("run.rerun"),
    "run cancel": _of_run("run.cancel"),
    "run delete": _of_run("run.delete"),
    "workflow list": lambda asked: [step_of(asked, "workflow.list", limit=limit_of(asked))],
    "workflow view": _of_workflow("workflow.get"),
    "workflow run": _workflow_run,
    "workflow enable": _of_workflow("workflow.enable"),
    "workflow disable": _of_workflow("workflow.disable"),
    "repo view": _of_home("repository.get"),
    "repo list": lambda asked: [
        bare_step("repository.list", owner=(asked.words or ("",))[0], limit=limit_of(asked))
    ],
    "repo clone": _of_home("repository.get"),
    "repo set-default": _none,
    "repo edit": _repo_edit,
    "repo create": _repo_create,
    "repo delete": _of_home("repository.delete"),
    "repo archive": _of_home("repository.update", archived=True),
    "repo unarchive": _of_home("repository.update", archived=False),
    "repo rename": _repo_rename,
    "repo fork": _repo_fork,
    "repo sync": _of_home("sync_fork"),
    "repo deploy-key": _deploy_key,
    "repo autolink": not_simulated,
    "secret set": _setting("set_secret"),
    "secret delete": _setting("delete_secret"),
    "secret list": _none,
    "variable set": _setting("set_variable"),
    "variable delete": _setting("delete_variable"),
    "variable list": _none,
    "variable get": _none,
    "search issues": _search("search.issues", "issue"),
    "search prs": _search("search.pulls", "pr"),
    "search code": _search("search.code"),
    "search repos": _search("search.repositories"),
    "search commits": _search("search.commits"),
    "auth status": lambda _: [bare_step("me.get")],
    "cache delete": _named("delete_cache"),
    "cache list": _none,
    "gist create": _named("create_gist", "description=desc filename", "path"),
    "gist edit": _named("update_gist", "description=desc", "gist_id"),
    "gist rename": _named("update_gist", word="gist_id"),
    "gist delete": _named("delete_gist", word="gist_id"),
    "gist list": _none,
    "gist view": _none,
    "ssh-key add": _key("add_key"),
    "ssh-key delete": _key("delete_key"),
    "gpg-key add": _key("add_key"),
    "gpg-key delete": _key("delete_key"),
    "project create": _named("project_create", "title"),
    "project edit": _named("project_update", "title"),
    "project delete": _named("project_delete"),
    "project close": _named("project_update"),
    "project item-add": _named("project_update"),
    "project item-create": _named("project_update", "title body"),
    "project item-edit": _named("project_update", "title body"),
    "project item-delete": _named("project_update"),
    "project item-archive": _named("project_update"),
    "project field-create": _named("project_update"),
    "codespace create": _named("codespace_create", "name=repo"),
    "codespace delete": _named("codespace_delete", "name=codespace"),
    "ruleset list": _none,
    "ruleset view": _none,
    "ruleset check": _none,
}
"""Command → what it comes to."""
