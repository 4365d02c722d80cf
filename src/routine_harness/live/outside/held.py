"""What a case's cassettes answer to a program inside, beside what they have put into the world."""

from __future__ import annotations

from routine_harness.case.plan import Setting
from routine_harness.live.outside.egress import HttpResponse
from routine_harness.live.outside.pages import Held
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.cassette_index import index_interactions


def held_answers(setting: Setting) -> Held:
    """The cassettes of a case for one run, from their beginning.

    Raises:
        RecordingError: one cannot be read.
    """
    index = index_interactions(CaseFiles(setting.case, setting.routine).interactions)

    def answer(method: str, url: str, body: bytes) -> HttpResponse | None:
        held = index.answer(method, url, body)
        if held is None:
            return None
        headers = {name: values[0] for name, values in held.headers.items() if values}
        return HttpResponse(held.status, headers, held.plain)

    return answer
