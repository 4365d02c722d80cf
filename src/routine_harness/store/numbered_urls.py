"""GitHub's numeric addresses as the ones with names: ``/repositories/4242`` is ``/repos/acme/core``.

The ``Link`` header of page one leads to numeric addresses, so that every later page of a recording stands
under one. Names come from records that show both, from ``Link`` and from redirects.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.routine.network import split_url
from routine_harness.store.interactions import Interaction, header, server_of

_GITHUB: Final = "api.github.com"
_KINDS: Final = {
    "repositories": re.compile(r"/repos/([^/]+/[^/]+)(?=/|\Z)"),
    "organizations": re.compile(r"/orgs/([^/]+)(?=/|\Z)"),
    "user": re.compile(r"/users/([^/]+)(?=/|\Z)"),
}
_PREFIX: Final = {"repositories": "/repos/", "organizations": "/orgs/", "user": "/users/"}
_NUMBERED: Final = re.compile(r"/(repositories|organizations|user)/(\d{1,18})(?=/|\Z)")
_LINKED: Final = re.compile(r"<([^>]+)>")
Names = dict[tuple[str, str], str]
"""Kind and number → name."""


def numbered_names(interactions: Sequence[Interaction]) -> Names:
    """The names behind the numbers in the addresses of ``interactions``, as far as these tell them."""
    wanted = {found for each in interactions if (found := _number_of(each)) is not None}
    names: Names = {}
    for each in interactions if wanted else ():
        if server_of(each.url) == _GITHUB:
            for kind, number, name in _told(each):
                if (kind, number) in wanted:
                    names.setdefault((kind, number), name)
    return names


def named_urls(interactions: Sequence[Interaction], names: Names) -> tuple[Interaction, ...]:
    """``interactions`` with ``names`` in the addresses of GitHub."""
    return tuple(_named(each, names) if names else each for each in interactions)


def named_rows(names: Names) -> list[tuple[str, Record]]:
    """What the names tell of GitHub's world: numbers of repositories and accounts."""
    rows: list[tuple[str, Record]] = []
    for (kind, number), name in names.items():
        if kind == "repositories":
            rows.append(("github.repositories", {"full_name": name, "id": int(number)}))
        else:
            organization = {"type": "Organization"} if kind == "organizations" else {}
            rows.append(("github.users", {"login": name, "id": int(number), **organization}))
    return rows


def _number_of(each: Interaction) -> tuple[str, str] | None:
    found = _NUMBERED.match(split_url(each.url).path) if server_of(each.url) == _GITHUB else None
    return None if found is None else (found[1], found[2])


def _named(each: Interaction, names: Names) -> Interaction:
    if server_of(each.url) != _GITHUB:
        return each
    parts = split_url(each.url)
    found = _NUMBERED.match(parts.path)
    name = names.get((found[1], found[2])) if found is not None else None
    if found is None or name is None:
        return each
    path = _PREFIX[found[1]] + name + parts.path[found.end() :]
    return msgspec.structs.replace(each, url=parts._replace(path=path).geturl())


def _told(each: Interaction) -> Iterator[tuple[str, str, str]]:
    """Kind, number and name that an interaction tells of: by its ``Link``, its redirect, its records."""
    path = split_url(each.url).path
    places = _LINKED.findall(header(each.headers, "link"))
    places += [header(each.headers, "location")] if 300 <= each.status < 400 else []
    for place in places:
        found = _NUMBERED.match(split_url(place).path)
        named = _KINDS[found[1]].match(path) if found is not None else None
        if found is not None and named is not None:
            yield found[1], found[2], named[1]
    if each.status < 300:
        yield from _of_records(each.json())


def _of_records(value: Json) -> Iterator[tuple[str, str, str]]:
    """The repositories and accounts that a JSON value shows with number and name."""
    pending = [value]
    while pending:
        one = pending.pop()
        pending += _parts(one)
        if not isinstance(one, dict) or type(one.get("id")) is not int:
            continue
        number, login = str(one["id"]), one.get("login")
        if isinstance(one.get("full_name"), str) and one["full_name"].count("/") == 1:
            yield "repositories", number, one["full_name"]
        if isinstance(login, str):
            yield "user", number, login
            yield "organizations", number, login


def _parts(value: Json) -> Iterable[Json]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
