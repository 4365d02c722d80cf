"""Proof of a command's effects by what it printed.

Git's lines of refs, addresses and refusals decide. Where nothing was printed, the command's own words do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from routine_harness.world.effect import Effect, EffectOutcome
from routine_harness.world.failures import refused_effects, says_already, shell_failures
from routine_harness.world.git_output import PushedRef, Subject, printed_subjects, pushed_refs
from routine_harness.world.tool import ToolResult

_MOVED: Final[dict[str, EffectOutcome]] = {
    "pushed": "applied", "deleted": "applied", "rejected": "refused", "same": "unchanged",
}  # fmt: skip
_UP_TO_DATE: Final = "Everything up-to-date"
_BACKGROUND: Final = "Command running in background with ID:"


class Printed(msgspec.Struct, frozen=True):
    """What a command printed, as far as it tells of effects; ``git`` and ``asked`` are refusals.

    ``closing`` says whether the output ends with what an outward write said, so that words of a
    failure are its own although the exit code is masked.
    """

    text: str
    failed: bool
    closing: bool
    refs: tuple[PushedRef, ...]
    subjects: tuple[Subject, ...]
    git: str
    asked: str

    @classmethod
    def of(cls, result: ToolResult, command: str, variables: Mapping[str, str] | None = None) -> Printed:
        """What ``result`` holds, which ``command`` printed."""
        text = result.text
        git, asked = shell_failures(text)
        closing = bool(git or asked or result.is_error) and _ends_in_write(command, variables)
        if not closing and not result.is_error:
            git = asked = ""
        return cls(text, result.is_error, closing, pushed_refs(text), printed_subjects(text), git, asked)

    def refused_after(self, subject: Subject) -> bool:
        """Whether the words of the refusal stand below the address of a record."""
        address = self.text.rfind(subject.url or f"#{subject.number}")
        return not self.asked or self.text.rfind(self.asked) > address

    @property
    def failure(self) -> str:
        """Why the command, or a part of it, failed; empty where nothing says so."""
        if self.failed:
            return self.git or self.asked or self.text.strip()[:200] or "an error without words"
        return self.git or self.asked


def _ends_in_write(command: str, variables: Mapping[str, str] | None) -> bool:
    # Imported here: the shell's grammar costs 20 ms that a run without commands need not pay.
    from routine_harness.world.shell.command_reading import ends_in_write

    return ends_in_write(command, variables)


def proved_effects(read: Sequence[Effect], printed: Printed) -> tuple[Effect, ...]:
    """``read`` with what became of each by what was printed, and pushes that only the print tells."""
    if printed.text.startswith(_BACKGROUND):  # nothing has been answered yet
        return tuple(read)
    refs = list(printed.refs)
    asked = [effect for effect in read if not _is_push(effect) and effect.noun != "command"]
    lost = asked[-1] if asked and printed.closing and (printed.asked or printed.failed) else None
    named = {_ref_of(effect) for effect in read}
    found: list[Effect] = []
    broken = False
    for effect in read:
        proved = list(_proved(effect, refs, named, printed, lost=effect is lost, after_failure=broken))
        broken = broken or (_is_push(effect) and any(one.outcome == "refused" for one in proved))
        found += proved
    unread = any(effect.kind.startswith("command.") for effect in read) or len(refs) < len(printed.refs)
    return (*found, *(_told(ref, "") for ref in refs if unread))


def _is_push(effect: Effect) -> bool:
    return effect.kind in ("branch.pushed", "branch.deleted", "tag.pushed", "tag.deleted")


def _ref_of(effect: Effect) -> str | None:
    """The branch or tag that an effect is on."""
    return effect.fields.get("branch") or effect.fields.get("tag")


def _proved(
    effect: Effect,
    refs: list[PushedRef],
    named: Collection[str | None],
    printed: Printed,
    *,
    lost: bool,
    after_failure: bool,
) -> Iterator[Effect]:
    """``lost``: the output ends with the refusal of this one; ``after_failure``: a push before it failed."""
    if effect.noun == "command":
        yield _became(effect, "refused" if printed.failed else "applied")
    elif _is_push(effect):
        yield from _pushed(effect, refs, named, printed)
    else:
        yield _answered(effect, printed, lost=lost, after_failure=after_failure)


def _pushed(
    effect: Effect, refs: list[PushedRef], named: Collection[str | None], printed: Printed
) -> Iterator[Effect]:
    """A push, a branch or a tag deleted, by its own lines of refs.

    Lines that no command names are those of the branch that was checked out.
    """
    deletes = effect.kind.endswith(".deleted")
    fitting = [ref for ref in refs if ref.moved == "rejected" or (ref.moved == "deleted") == deletes]
    own = [ref for ref in fitting if ref.name == _ref_of(effect)] or [
        ref for ref in fitting if ref.name not in named
    ]
    for ref in own:
        refs.remove(ref)
        told = _told(ref, str(effect.fields.get("repository") or ""))
        yield msgspec.structs.replace(told, fields={**effect.fields, **told.fields})
    if own:
        return
    if _UP_TO_DATE in printed.text:
        yield _became(effect, "unchanged")
    elif printed.git or printed.failed:
        yield _became(effect, "refused")
    else:
        yield _became(effect, "applied")


def _told(ref: PushedRef, repository: str) -> Effect:
    """The effect that a line of refs tells of by itself."""
    noun = "tag" if ref.tag else "branch"
    verb = "deleted" if ref.moved == "deleted" else "pushed"
    # A session's proxy serves other addresses than GitHub's; the path is the same.
    home = ref.repository or repository
    fields = {"repository": home, noun: ref.name, **({"force": True} if ref.force else {})}
    return Effect(
        f"{noun}.{verb}", "github", f"{home}@{ref.name}", {k: v for k, v in fields.items() if v},
        _MOVED[ref.moved], tool="Bash",
    )  # fmt: skip


def _answered(effect: Effect, printed: Printed, *, lost: bool, after_failure: bool) -> Effect:
    """What gh, or a request, did: an address proves it, a refusal disproves it."""
    own = next((one for one in printed.subjects if _concerns(one, effect)), None)
    if own is not None and lost and printed.refused_after(own):
        own = None
    if own is not None and not _says_already(printed.text, own, made=effect.kind.endswith(".created")):
        return _became(_completed(effect, own), "applied")
    if own is not None:
        return _became(effect, "unchanged")
    if printed.asked or printed.failed or after_failure:
        [refused] = refused_effects((effect,), printed.asked or (printed.text if printed.failed else ""))
        return refused
    return _became(effect, "applied")


def _concerns(subject: Subject, effect: Effect) -> bool:
    """Whether a printed record is the one that the effect is on, or that it has made."""
    repository, number = effect.fields.get("repository"), effect.fields.get("number")
    if effect.connector != "github" or repository not in (None, "", subject.repository):
        return False
    if number is not None:
        return str(number) == str(subject.number)
    made = {"pull_request.created": "pulls", "ticket.created": "issues"}.get(effect.kind)
    return made is not None and made == subject.table


def _completed(effect: Effect, subject: Subject) -> Effect:
    told = {"repository": subject.repository, "number": subject.number, "url": subject.url}
    fields = {**{name: value for name, value in told.items() if value}, **effect.fields}
    target = effect.target if "#" in effect.target else f"{subject.repository}#{subject.number}"
    return msgspec.structs.replace(effect, fields=fields, target=target)


def _says_already(text: str, subject: Subject, *, made: bool) -> bool:
    """Whether it was so already; gh names a pull request that is there on the line after."""
    named = f"#{subject.number}"
    return any((made or named in line) and says_already(line) for line in text.splitlines())


def _became(effect: Effect, outcome: EffectOutcome) -> Effect:
    return msgspec.structs.replace(effect, outcome=outcome)
