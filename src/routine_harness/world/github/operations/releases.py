"""Releases, their tags, and the files attached to them."""

from __future__ import annotations

from typing import Final

from routine_harness.plain import Record
from routine_harness.world.github.operations.contents import resolve_ref
from routine_harness.world.github.operations.operation import (
    Arguments,
    Done,
    applied,
    find_repository,
    find_row,
    found,
    full_name,
    invalid,
    not_found,
)
from routine_harness.world.github.records import tables
from routine_harness.world.state import World


def list_releases(world: World, arguments: Arguments) -> Done:
    """Newest first."""
    rows = tables.of_repository(world, "releases", full_name(world, arguments))
    return found(world, sorted(rows, key=lambda row: str(row["created_at"]), reverse=True))


def get_release(world: World, arguments: Arguments) -> Done:
    return found(world, find_row(world, "releases", arguments, "release_id"))


def get_latest_release(world: World, arguments: Arguments) -> Done:
    rows = list_releases(world, arguments).rows
    latest = next((row for row in rows if not row["draft"] and not row["prerelease"]), None)
    if latest is None:
        raise not_found()
    return found(world, latest)


def get_release_by_tag(world: World, arguments: Arguments) -> Done:
    return found(world, _tagged_as(world, full_name(world, arguments), arguments["tag"]))


def _tagged_as(world: World, repository: str, tag: str) -> Record:
    for row in tables.rows(world, "releases", "tag_name", tag, repository):
        if not row["draft"]:
            return row
    raise not_found()


_FIELDS: Final = ("tag_name", "target_commitish", "name", "body", "draft", "prerelease")


def create_release(world: World, arguments: Arguments) -> Done:
    row = find_repository(world, arguments)
    repository, tag = row["full_name"], arguments["tag_name"]
    if any(not one["draft"] for one in tables.rows(world, "releases", "tag_name", tag, repository)):
        raise invalid(resource="Release", code="already_exists", field="tag_name")
    after, identity = tables.next_id(world)
    given: Record = {name: arguments[name] for name in _FIELDS if arguments.get(name) is not None}
    release: Record = {
        "repository": repository, "id": identity, "name": tag, "body": None,
        "draft": False, "prerelease": False,
        "target_commitish": row["default_branch"], "author": tables.me(world), "assets": [],
        "created_at": tables.now(world),
        "html_url": f"https://github.com/{repository}/releases/tag/{tag}", **given,
    }  # fmt: skip
    if not release["draft"]:
        release["published_at"] = tables.now(world)
    after = tag_release(tables.put(after, "releases", release), release)
    for name in arguments.get("files") or ():  # gh uploads what stands behind the tag
        file = {"repository": repository, "release_id": identity, "name": name.rsplit("/", 1)[-1]}
        done = upload_asset(after, file)
        after, release = done.world, tables.get(done.world, "releases", repository, identity) or release
    return applied(world, after, release, target=f"{repository}@{tag}", id=identity, url=release["html_url"])


def tag_release(world: World, release: Record) -> World:
    """A release that is no draft has its tag: it is made, unless it is there."""
    repository, tag = release["repository"], release["tag_name"]
    if release["draft"] or tables.get(world, "tags", repository, tag) is not None:
        return world
    sha = resolve_ref(world, repository, release["target_commitish"])
    sha = sha or tables.digest("tip", repository, release["target_commitish"])
    return tables.put(world, "tags", {"repository": repository, "name": tag, "sha": sha})


def _named(world: World, arguments: Arguments) -> Record:
    """The release that an id or, as gh names it, a tag names."""
    if "release_id" in arguments:
        return find_row(world, "releases", arguments, "release_id")
    return _tagged_as(world, full_name(world, arguments), arguments["tag"])


def update_release(world: World, arguments: Arguments) -> Done:
    release = _named(world, arguments)
    given: Record = {name: arguments[name] for name in _FIELDS if arguments.get(name) is not None}
    row = {**release, **given}
    if release["draft"] and not row["draft"]:
        row["published_at"] = tables.now(world)
    after = world if row == release else tag_release(tables.put(world, "releases", row), row)
    target = f"{row['repository']}@{row['tag_name']}"
    return applied(world, after, row, target=target, tag=row["tag_name"], url=row["html_url"])


def delete_release(world: World, arguments: Arguments) -> Done:
    release = _named(world, arguments)
    target = f"{release['repository']}@{release['tag_name']}"
    after = tables.remove(world, "releases", release)
    return applied(world, after, target=target, tag=release["tag_name"])


def list_assets(world: World, arguments: Arguments) -> Done:
    release = find_row(world, "releases", arguments, "release_id")
    return found(world, [asset_row(release, asset) for asset in release["assets"]])


def asset_row(release: Record, asset: Record) -> Record:
    """A release's asset, with what it has from its release."""
    shared = {name: release.get(name) for name in ("repository", "tag_name", "created_at")}
    return {**shared, "uploader": release.get("author"), **asset}


def upload_asset(world: World, arguments: Arguments) -> Done:
    release, name = _named(world, arguments), arguments["name"]
    if any(asset["name"] == name for asset in release["assets"]):
        raise invalid(resource="ReleaseAsset", code="already_exists", field="name")
    after, identity = tables.next_id(world)
    place = f"https://github.com/{release['repository']}/releases/download/{release['tag_name']}"
    asset = {
        "id": identity, "name": name, "label": arguments.get("label"), "state": "uploaded",
        "size": len(str(arguments.get("content") or "").encode()), "uploader": tables.me(world),
        "created_at": tables.now(world), "browser_download_url": f"{place}/{name}",
    }  # fmt: skip
    after = tables.change(after, "releases", release, assets=[*release["assets"], asset])
    target = f"{release['repository']}@{release['tag_name']}"
    shown = asset_row(release, asset)
    return applied(world, after, shown, target=target, id=identity, url=asset["browser_download_url"])


def _find_asset(world: World, arguments: Arguments) -> tuple[Record, Record]:
    """A release and its asset: by the asset's id, or as gh names it, by the release's tag and a name."""
    for release in tables.of_repository(world, "releases", full_name(world, arguments)):
        for asset in release["assets"]:
            named = (release["tag_name"], asset["name"]) == (arguments.get("tag"), arguments.get("name"))
            if asset["id"] == arguments["asset_id"] if "asset_id" in arguments else named:
                return release, asset
    raise not_found()


def get_asset(world: World, arguments: Arguments) -> Done:
    release, asset = _find_asset(world, arguments)
    return found(world, asset_row(release, asset))


def update_asset(world: World, arguments: Arguments) -> Done:
    """Another name or label of an asset."""
    release, asset = _find_asset(world, arguments)
    given: Record = {name: arguments[name] for name in ("name", "label") if name in arguments}
    row = {**asset, **given}
    kept = [row if one is asset else one for one in release["assets"]]
    after = tables.change(world, "releases", release, assets=kept)
    return _of_asset(world, after, release, row)


def delete_asset(world: World, arguments: Arguments) -> Done:
    release, asset = _find_asset(world, arguments)
    kept = [one for one in release["assets"] if one is not asset]
    return _of_asset(world, tables.change(world, "releases", release, assets=kept), release, asset)


def _of_asset(world: World, after: World, release: Record, asset: Record) -> Done:
    target = f"{release['repository']}@{release['tag_name']}"
    rows = asset_row(release, asset)
    return applied(world, after, rows, target=target, tag=release["tag_name"], id=asset["id"])
