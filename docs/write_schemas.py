"""Writes the JSON Schemas of the package from the forms of the files; a test holds both together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final, get_args

from routine_harness.adversity.attacks import PackForm
from routine_harness.agents.recording import Header
from routine_harness.case.case_form import CaseForm
from routine_harness.case.read_confirmed import ConfirmedForm
from routine_harness.case.world_form import WorldFileForm
from routine_harness.report.world_schema import with_columns
from routine_harness.routine.form import FileForm
from routine_harness.routine.form_schema import file_schema
from routine_harness.routine.routine_form import RoutineForm
from routine_harness.routine.struct_schema import lines_schema
from routine_harness.session.transcript import Entry
from routine_harness.verdict.policy_form import PolicyForm
from routine_harness.world.declared.declaration_form import ConnectorForm

FOLDER: Final = Path(__file__).parents[1] / "src" / "routine_harness" / "schemas"
FORMS: Final[tuple[type[FileForm], ...]] = (
    RoutineForm, PolicyForm, CaseForm, ConfirmedForm, ConnectorForm, PackForm,
)  # fmt: skip


def schema_texts() -> dict[str, str]:
    """Name of the file → its text."""
    schemas = {form.part: file_schema(form) for form in FORMS}
    schemas["recording"] = lines_schema(
        "recording",
        "A line of a recording",
        "Line 1 is the header; then, per run, start, turns, messages, calls, results and end.",
        (Header, *get_args(Entry)),
    )
    schemas["world"] = with_columns(file_schema(WorldFileForm))
    return {
        f"{name}.json": json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in schemas.items()
    }


def main() -> None:
    """Write every schema."""
    for name, text in schema_texts().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
