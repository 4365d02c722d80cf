"""What a case's cassettes answer to a program inside, beside what they have put into the world."""

from __future__ import annotations

from routine_harness.case.plan import Setting
from routine_harness.live.egress import HttpResponse
from routine_harness.live.outside import Held
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.cassette_index import index_interactions
from routine_harness.store.cassettes import load_cassette, recorded


def held_answers(setting: Setting) -> Held:
    """The cassettes of a case for one run, from their beginning.

    Raises:
        RecordingError: one cannot be read.
    """
    paths = CaseFiles(setting.case, setting.routine).cassette_paths
    index = index_interactions([each for path in paths if recorded(path) for each in load_cassette(path)])

    def answer(method: str, url: str, body: bytes) -> HttpResponse | None:
        held = index.answer(method, url, body)
        if held is None:
            return None
        headers = {name: values[0] for name, values in held.headers.items() if values}
        return HttpResponse(held.status, headers, held.plain)

    return answer
