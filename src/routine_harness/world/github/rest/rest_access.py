"""Accounts and rights as the REST API shows them: collaborators, teams, organisations, protected branches."""

from __future__ import annotations

from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.github.operations.operation import Arguments
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.derived import (
    API,
    WEB,
    user_row,
)
from routine_harness.world.github.rest.addresses import addresses_of
from routine_harness.world.github.rest.rest_kinds import (
    repository_named,
    user,
)
from routine_harness.world.state import World


def permission(world: World, given: Arguments, rows: Record) -> Json:
    kept = {name: rows[name] for name in ("permission", "role_name")}
    return {**kept, "user": collaborator(world, given, rows)}


_ROLES: Final = ("pull", "triage", "push", "maintain", "admin")
_AS_RIGHT: Final = {"read": "pull", "write": "push", "none": ""}


def _permissions(role: str) -> dict[str, bool]:
    """The rights of a role: its own and all below it."""
    right = _AS_RIGHT.get(role, role)
    most = _ROLES.index(right) if right in _ROLES else -1
    return {name: at <= most for at, name in enumerate(_ROLES)}


def invitation(world: World, _: Arguments, row: Record) -> Json:
    """The invitation that GitHub answers with; the world counts it as taken at once."""
    identity = tables.user_id(f"{row['repository']}/invitations/{row['login']}")
    return {
        "id": identity, "node_id": str(identity), "permissions": row["role_name"], "expired": False,
        "inviter": user(world, row, tables.me(world)), "invitee": user(world, row, row["login"]),
        "repository": repository_named(world, row, row["repository"]), "created_at": tables.now(world),
        "url": f"{API}/user/repository_invitations/{identity}",
        "html_url": f"{WEB}/{row['repository']}/invitations",
    }  # fmt: skip


def collaborator(world: World, _: Arguments, row: Record) -> Json:
    role = row.get("role_name") or "write"
    return {**user(world, row, row["login"]), "role_name": role, "permissions": _permissions(role)}


def team_of(world: World, _: Arguments, team: Record) -> Json:
    identity = team.get("id") or tables.user_id(f"{team['organization']}/{team['slug']}")
    row = {"id": identity, "name": team["slug"], "privacy": "closed", **team}
    kept = ("id", "name", "slug", "description", "privacy", "created_at", "updated_at")
    return {
        **{name: row.get(name) for name in kept}, "node_id": row.get("node_id") or str(identity),
        "permission": row.get("permission") or "pull", "type": "organization", "parent": None,
        "members_count": len(row.get("members") or ()), "repos_count": row.get("repos_count") or 0,
        **addresses_of("team", row), "organization": _owner_of_team(world, team["organization"]),
    }  # fmt: skip


def _owner_of_team(world: World, login: str) -> Record:
    row = user_row(world, login)
    counts = ("public_repos", "public_gists", "followers", "following")
    kept = {name: row.get(name) for name in ("login", "id", "description", "created_at", "updated_at")}
    kept |= {"archived_at": row.get("archived_at")}
    kept |= {name: row[name] for name in ("name", "company", "email") if row.get(name)}
    return {
        **kept, "node_id": row.get("node_id") or str(row["id"]), "type": "Organization",
        **{name: row.get(name) or 0 for name in counts}, **addresses_of("organization", row),
        "has_organization_projects": True, "has_repository_projects": True,
    }  # fmt: skip


def simple_user(world: World, given: Arguments, row: Record) -> Record:
    return {**user(world, row, row["login"]), **_named_only(row)}


def _named_only(row: Record) -> Record:
    return {name: row[name] for name in ("name", "email") if row.get(name)}


_FLAGS: Final = (
    "required_linear_history", "allow_force_pushes", "allow_deletions", "block_creations",
    "required_conversation_resolution", "lock_branch", "allow_fork_syncing",
)  # fmt: skip


def protection_of(world: World, given: Arguments, rows: Json) -> Json:
    """The rules of a protected branch; a switch is an object, people are objects."""
    place = f"{API}/repos/{given['repository']}/branches/{given['branch']}/protection"
    shown: Record = {"url": place}
    for name, value in (rows or {}).items():
        if name in _FLAGS:
            shown[name] = value if isinstance(value, dict) else {"enabled": bool(value)}
        elif name in ("enforce_admins", "required_signatures"):
            on = value.get("enabled") if isinstance(value, dict) else value
            shown[name] = {"url": f"{place}/{name}", "enabled": bool(on)}
        elif name in _RULES and isinstance(value, dict):
            shown[name] = {"url": f"{place}/{name}", **_RULES[name], **_named(world, value)}
        elif value is not None:
            shown[name] = value
    if isinstance(checks := shown.get("required_status_checks"), dict):
        contexts = checks.get("contexts") or [check["context"] for check in checks.get("checks") or ()]
        checks |= {"contexts": contexts, "contexts_url": f"{checks['url']}/contexts"}
        checks.setdefault("checks", [{"context": name, "app_id": None} for name in contexts])
    off = {name: {"enabled": False} for name in _FLAGS[:5]}
    return {**off, "enforce_admins": {"url": f"{place}/enforce_admins", "enabled": False}, **shown}


_RULES: Final[dict[str, Record]] = {
    "required_status_checks": {"strict": False},
    "required_pull_request_reviews": {
        "dismiss_stale_reviews": False, "require_code_owner_reviews": False,
        "required_approving_review_count": 1,
    },
    "restrictions": {},
}  # fmt: skip
"""Part of a protection → what GitHub fills in."""


def _named(world: World, rule: Record) -> Record:
    """``rule`` with people, teams and apps as objects where they were given by name."""
    shown = dict(rule)
    for name, value in rule.items():
        if isinstance(value, dict):
            shown[name] = _named(world, value)
        elif name == "users":
            shown[name] = [user(world, rule, one) if isinstance(one, str) else one for one in value or ()]
        elif name in ("teams", "apps"):
            shown[name] = [{"slug": one} if isinstance(one, str) else one for one in value or ()]
    return shown


def organization(world: World, _: Arguments, row: Record) -> Json:
    """An organisation as it was recorded; else what a login tells."""
    shown = {**_owner_of_team(world, row["login"]), **row}
    return {"public_members_count": 0, **shown}


def installation(world: World, _: Arguments, row: Record) -> Json:
    account = user(world, row, row.get("account"))
    target = {} if account is None else {"target_id": account["id"], "target_type": account["type"]}
    return {
        "repository_selection": "all", "permissions": {}, "events": [], "single_file_name": None,
        "suspended_by": None, "suspended_at": None, "created_at": None, "updated_at": None, **target,
        **addresses_of("installation", row), **row, "account": account,
    }  # fmt: skip
