"""The hook of a live run: hands what the CLI tells it to the harness, and its answer back.

Its argument says what is asked: whether a fault of the case befalls the call (``fault``), or whether the
policy lets it pass (``guard``). Runs alone, with the standard library, wherever the sandbox has a Python.
"""

from __future__ import annotations

import os
import sys
import urllib.request


def main() -> int:
    request = urllib.request.Request(  # noqa: S310 - loopback, set by the harness
        os.environ["ROUTINE_HOOK_URL"] + "/" + sys.argv[1],
        sys.stdin.buffer.read(),
        {"content-type": "application/json", "authorization": "Bearer " + os.environ["ROUTINE_TOKEN"]},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as response:
        sys.stdout.write(response.read().decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
