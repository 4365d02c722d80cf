"""Releases and the files attached to them."""

from __future__ import annotations

from typing import Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import (
    Answer,
    Arguments,
    applied,
    find_repository,
    not_found,
    number,
    paged,
    respond,
    validation_failed,
)
from routine_harness.world.github.contents import resolve_ref
from routine_harness.world.github.show import pick, show_release
from routine_harness.world.state import Record, World


def _newest_first(world: World, repository: str) -> list[Record]:
    rows = tables.of_repository(world, "releases", repository)
    return sorted(rows, key=lambda row: str(row["created_at"]), reverse=True)


def list_releases(world: World, arguments: Arguments) -> Answer:
    repository = find_repository(world, arguments, "failed to list releases")["full_name"]
    shown = [show_release(world, row) for row in paged(_newest_first(world, repository), arguments)]
    return respond(world, pick(shown, arguments.get("fields")))


def get_latest_release(world: World, arguments: Arguments) -> Answer:
    repository = find_repository(world, arguments, "failed to get latest release")["full_name"]
    rows = _newest_first(world, repository)
    latest = next((row for row in rows if not row["draft"] and not row["prerelease"]), None)
    if latest is None:
        raise not_found("failed to get latest release", "GET", f"repos/{repository}/releases/latest")
    return respond(world, show_release(world, latest))


def get_release_by_tag(world: World, arguments: Arguments) -> Answer:
    tag = arguments["tag"]
    doing = f"failed to get release by tag: {tag}"
    repository = find_repository(world, arguments, doing)["full_name"]
    rows = [row for row in tables.rows(world, "releases", "tag_name", tag, repository) if not row["draft"]]
    if not rows:
        raise not_found(doing, "GET", f"repos/{repository}/releases/tags/{tag}")
    return respond(world, show_release(world, rows[0]))


_FIELDS: Final = ("tag_name", "target_commitish", "name", "body", "draft", "prerelease")


def create_release(world: World, arguments: Arguments) -> Answer:
    doing = "failed to create release"
    row = find_repository(world, arguments, doing)
    repository, tag = row["full_name"], arguments["tag_name"]
    if any(not one["draft"] for one in tables.rows(world, "releases", "tag_name", tag, repository)):
        raise validation_failed(doing, resource="Release", code="already_exists", field="tag_name")
    after, identity = tables.next_id(world)
    given: Record = {name: arguments[name] for name in _FIELDS if arguments.get(name) is not None}
    release: Record = {
        "repository": repository, "id": identity, "name": tag, "body": "",
        "draft": False, "prerelease": False,
        "target_commitish": row["default_branch"], "author": tables.me(world), "assets": [],
        "created_at": tables.now(world),
        "html_url": f"https://github.com/{repository}/releases/tag/{tag}", **given,
    }  # fmt: skip
    if not release["draft"]:
        release["published_at"] = tables.now(world)
    after = _tagged(tables.put(after, "releases", release), release)
    shown = show_release(after, release)
    return applied(world, after, shown, target=f"{repository}@{tag}", id=identity, url=release["html_url"])


def _tagged(world: World, release: Record) -> World:
    """A release that is no draft makes its tag, unless that is there."""
    repository, tag = release["repository"], release["tag_name"]
    if release["draft"] or tables.get(world, "tags", repository, tag) is not None:
        return world
    sha = resolve_ref(world, repository, release["target_commitish"])
    sha = sha or tables.digest("tip", repository, release["target_commitish"])
    return tables.put(world, "tags", {"repository": repository, "name": tag, "sha": sha})


def _find(world: World, arguments: Arguments, doing: str) -> Record:
    repository = find_repository(world, arguments, doing)["full_name"]
    release = tables.get(world, "releases", repository, number(arguments, "release_id"))
    if release is None:
        raise not_found(doing, "GET", f"repos/{repository}/releases/{number(arguments, 'release_id')}")
    return release


def update_release(world: World, arguments: Arguments) -> Answer:
    release = _find(world, arguments, "failed to update release")
    given: Record = {name: arguments[name] for name in _FIELDS if arguments.get(name) is not None}
    row = {**release, **given}
    if release["draft"] and not row["draft"]:
        row["published_at"] = tables.now(world)
    after = world if row == release else _tagged(tables.put(world, "releases", row), row)
    target = f"{row['repository']}@{row['tag_name']}"
    return applied(
        world, after, show_release(after, row), target=target, tag=row["tag_name"], url=row["html_url"]
    )


def delete_release(world: World, arguments: Arguments) -> Answer:
    release = _find(world, arguments, "failed to delete release")
    target = f"{release['repository']}@{release['tag_name']}"
    return applied(
        world, tables.remove(world, "releases", release), "", target=target, tag=release["tag_name"]
    )


def upload_release_asset(world: World, arguments: Arguments) -> Answer:
    doing = "failed to upload release asset"
    release, name = _find(world, arguments, doing), arguments["name"]
    if any(asset["name"] == name for asset in release["assets"]):
        raise validation_failed(doing, resource="ReleaseAsset", code="already_exists", field="name")
    after, identity = tables.next_id(world)
    asset = {
        "id": identity,
        "name": name,
        "label": arguments.get("label"),
        "size": len(str(arguments.get("content") or "").encode()),
        "state": "uploaded",
        "uploader": tables.me(world),
        "created_at": tables.now(world),
        "browser_download_url": f"https://github.com/{release['repository']}/releases/download/{release['tag_name']}/{name}",
    }
    after = tables.change(after, "releases", release, assets=[*release["assets"], asset])
    target = f"{release['repository']}@{release['tag_name']}"
    return applied(world, after, asset, target=target, id=identity, url=asset["browser_download_url"])


OPERATIONS: Final = {
    "list_releases": list_releases,
    "get_latest_release": get_latest_release,
    "get_release_by_tag": get_release_by_tag,
    "create_release": create_release,
    "update_release": update_release,
    "delete_release": delete_release,
    "upload_release_asset": upload_release_asset,
}
