"""Where a drafted case goes, beside its routine: case, payload and a large world, all of them or none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from routine_harness.errors import Problem, UsageError
from routine_harness.interop.case_drafts import CaseDraft, case_text
from routine_harness.plain import Json
from routine_harness.routine.layout import CASES, PAYLOADS, WORLDS
from routine_harness.routine.spec import Routine
from routine_harness.routine.yaml_writer import yaml_text
from routine_harness.store.cases import load_case_file
from routine_harness.store.files import read_document, shown
from routine_harness.store.policies import load_policy
from routine_harness.store.redact import make_redactor, write_redacted
from routine_harness.store.restoring import refuse_replacing, restoring
from routine_harness.store.routines import load_routine, owners_of, routine_of_case

SUFFIX: Final = ".yaml"
_LINES: Final = 60
"""Lines of a world that a case holds itself; a larger one gets a file of its own."""


class CasePlace(msgspec.Struct, frozen=True):
    """A case that is to be written, and the routine that it will belong to."""

    case: Path
    routine: Routine
    named: str = ""

    @classmethod
    def of(cls, case: Path, named: str) -> CasePlace:
        """The place of ``case``; ``named`` tells which routine, where several lie beside it.

        Raises:
            HarnessError: it is no YAML file in a routine's ``cases``, or the routine cannot be read.
        """
        if case.suffix != SUFFIX:
            hint = f"write routines/NAME/cases/NEW{SUFFIX}"
            raise UsageError(Problem(shown(case), 0, f"expected a case's file, NAME{SUFFIX}", hint))
        place = Path(os.path.abspath(case))  # noqa: PTH100 - links are kept: a case is where it is seen
        owner = routine_of_case(place, named, owners_of(place))
        return cls(case, load_routine(owner), named)

    @property
    def home(self) -> Path:
        """The routine's folder, or the case's where it lies in no ``cases``."""
        folder = self.case.parent
        return folder.parent if Path(os.path.abspath(folder)).name == CASES else folder  # noqa: PTH100

    @property
    def payload(self) -> Path:
        return self.home / PAYLOADS / f"{self.case.stem}.json"

    @property
    def world(self) -> Path:
        return self.home / WORLDS / f"{self.case.stem}.yaml"

    def recorded_trigger(self, recording: Path) -> Mapping[str, Json] | None:
        """The ``trigger`` of the case beside this one whose recording it is; None where there is none.

        Raises:
            SpecError: that case's file cannot be read.
        """
        beside = self.case.parent / f"{recording.stem}{SUFFIX}"
        if recording.resolve().parent.parent != self.home.resolve() or not beside.is_file():
            return None
        value = read_document(beside).value
        trigger = value.get("trigger") if isinstance(value, dict) else None
        return trigger if isinstance(trigger, dict) else None


def write_case(
    draft: CaseDraft, place: CasePlace, environment: Mapping[str, str], *, force: bool = False
) -> tuple[Path, ...]:
    """Write ``draft``; the files that were written, the case first. It loads, or nothing is written.

    ``environment`` is searched for secrets to keep out of the files.

    Raises:
        UsageError: files are there already and ``force`` is not given, or one cannot be written.
        SpecError: what was told makes no case.
    """
    redactor = make_redactor(load_policy(place.case.parent).redact, environment)
    # Redacted as values, so that no secret hides behind the way in which a file spells it.
    draft = msgspec.structs.replace(
        draft,
        subject=redactor.text(draft.subject),
        trigger=redactor.value(draft.trigger),
        world=redactor.value(draft.world),
        payload=redactor.value(draft.payload),
    )
    texts: dict[Path, str] = {}
    world = yaml_text(draft.world) if draft.world else ""
    if world.count("\n") > _LINES:
        texts[place.world] = f"# Written from {draft.source}.\n{world}"
    text, payload = case_text(
        draft, place.case.stem, place.routine, routine_key=place.named,
        world_file=f"../worlds/{place.world.name}" if place.world in texts else "",
    )  # fmt: skip
    texts = {place.case: text, **texts, **({place.payload: payload} if payload else {})}
    refuse_replacing(texts, force=force)
    with restoring(texts):
        for path, each in texts.items():
            write_redacted(path, each, redactor)
        load_case_file(place.case)
    return tuple(texts)
