"""Connectors that a package brings as a declaration among its data files."""

from __future__ import annotations

import dataclasses
from importlib import resources
from typing import Final

from routine_harness.errors import SpecError
from routine_harness.routine.document import load_document
from routine_harness.world.columns import Columns
from routine_harness.world.declared.connector import DeclaredConnector, declared_connector
from routine_harness.world.declared.parse import parse_connector
from routine_harness.world.notation import Schema

FILE: Final = "connector.yaml"
ANYTHING: Final[Schema] = {}


def packaged_connector(package: str, file: str = FILE) -> DeclaredConnector:
    """The connector that the data file ``file`` of ``package`` declares, in the format of
    ``connectors/NAME.yaml``.

    Raises:
        SpecError: with every problem of the declaration.
    """
    data = resources.files(package).joinpath(file).read_bytes()
    declaration, problems = parse_connector(load_document(data, f"{package}/{file}"))
    if problems:
        raise SpecError(*problems)
    tables = {name: dict.fromkeys(declaration.columns(name), ANYTHING) for name in declaration.tables}
    return dataclasses.replace(declared_connector(declaration), columns=Columns(tables))
