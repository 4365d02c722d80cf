"""A file that exists only while a library insists on reading one, readable by its owner alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def private_file(content: bytes) -> Iterator[str]:
    """A path under which ``content`` can be read: anonymous memory where the system has it."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("routine-harness")
        try:
            os.write(descriptor, content)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    import tempfile

    with tempfile.NamedTemporaryFile() as file:  # 0600 by itself
        file.write(content)
        file.flush()
        yield file.name
