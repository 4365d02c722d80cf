"""Writes ``docs/connectors``; a test holds it to the code."""

from __future__ import annotations

from pathlib import Path

from routine_harness.report.connector_pages import connector_pages


def main() -> None:
    """Write every page, and remove the pages that have no connector any more."""
    folder = Path(__file__).parent / "connectors"
    folder.mkdir(exist_ok=True)
    pages = connector_pages()
    for stale in set(folder.glob("*.md")) - {folder / name for name in pages}:
        stale.unlink()
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
