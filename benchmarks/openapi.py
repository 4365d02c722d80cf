"""How GitHub's REST answers stand to GitHub's OpenAPI description: each route asked once in a sample world.

    python benchmarks/openapi.py

Why each deviation stays is in ``tests/world/github/test_github_openapi.py``.
The last line is ``routes N: ok N, deviations N in N, not described N``.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[0] = str(
    Path(__file__).resolve().parents[1] / "tests"
)  # in place of this folder, which has a `world`

from world.github_description import faults_of, responses_of  # noqa: E402
from world.github_requests import requests, sample_world  # noqa: E402

from routine_harness.world.github.connector import answer_request  # noqa: E402


def main() -> None:
    world = sample_world()
    fine = undescribed = faults = faulty = 0
    for request in requests():
        responses = responses_of(request.method, request.path)
        reply, _ = answer_request(world, request.method, request.path, request.query, request.body)
        if reply.failed:
            found = [f"answered {reply.status} {reply.value}"]
        elif responses is None:
            undescribed += 1
            print(f"not described  {request.operation.name}: {request.form}")
            continue
        else:
            found = faults_of(responses, reply.status, reply.value)
        print(f"{'deviations' if found else 'ok':<13}  {request.operation.name}: {request.form}")
        for line in found:
            print(f"    {line}")
        fine += not found
        faulty += bool(found)
        faults += len(found)
    total = fine + faulty + undescribed
    print(f"routes {total}: ok {fine}, deviations {faults} in {faulty}, not described {undescribed}")


if __name__ == "__main__":
    main()
