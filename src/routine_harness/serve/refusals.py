"""Answers of the API after which no credential opens it: it is refused, or its limit is used up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from routine_harness.redaction.redactor import Redactor
from routine_harness.routine.document import NOT_JSON
from routine_harness.serve.credential import KEY, Credential
from routine_harness.serve.modes import ModelProblem
from routine_harness.verdict.words import clip

REFUSED: Final = "model.credential-refused"
STATUSES: Final = (401, 403)
SPENT: Final = ("anthropic-ratelimit-unified-status", "rejected")
"""The header that tells a subscription's used-up limit from a moment's crowd (seen in the CLI 2.1.332)."""
RESET: Final = "anthropic-ratelimit-unified-reset"
LONGEST: Final = 200
"""Characters that are shown of what the API says."""


def read_refusal(
    credential: Credential, status: int, headers: Mapping[str, str], body: bytes
) -> ModelProblem | None:
    """What an answer says against the credential; none where it says something else."""
    name, value = SPENT
    if status == 429 and headers.get(name) == value:
        told, hint = "says that the limit of {} is used up", _until(headers.get(RESET, ""))
    elif status in STATUSES:
        told, hint = "refuses {}", credential.form.mend
    else:
        return None
    message = _message(body)
    # Whoever refuses may repeat what he refuses.
    said = clip(Redactor({credential.variable: credential.secret}).text(message), LONGEST)
    shown = told.format(credential.variable or "a request without a token")
    text = f"the model's API {shown} ({status})" + (f": {said}" if said else "")
    return ModelProblem(REFUSED, text, file=credential.url, hint=hint)


def _until(reset: str) -> str:
    """When the limit begins anew, and what to do meanwhile."""
    if not reset.isdecimal() or len(reset) > len("9999999999"):
        return f"try again later, or set {KEY}, which is billed by the token"
    instant = datetime.fromtimestamp(int(reset), UTC)
    return f"try again after {instant:%Y-%m-%d %H:%M} UTC, or set {KEY}, which is billed by the token"


def _message(body: bytes) -> str:
    """The message of an error of the API's, or of a gateway's."""
    try:
        answer = msgspec.json.decode(body)
    except NOT_JSON:
        return ""
    error = answer.get("error", answer) if isinstance(answer, dict) else answer
    message = error.get("message", "") if isinstance(error, dict) else error
    return message if isinstance(message, str) else ""
