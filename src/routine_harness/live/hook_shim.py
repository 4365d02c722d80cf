"""The hook of a live run: asks the harness whether a fault befalls the call that is about to be made.

Runs alone, with the standard library, wherever the sandbox has a Python.
"""

from __future__ import annotations

import os
import sys
import urllib.request


def main() -> int:
    request = urllib.request.Request(  # noqa: S310 - loopback, set by the harness
        os.environ["ROUTINE_HOOK_URL"],
        sys.stdin.buffer.read(),
        {"content-type": "application/json", "authorization": "Bearer " + os.environ["ROUTINE_TOKEN"]},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as response:
        sys.stdout.write(response.read().decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
