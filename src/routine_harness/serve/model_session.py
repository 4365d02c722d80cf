"""A session of the model endpoint: who answers it, what it has cost, and what went wrong.

The user's credential is held in memory alone.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from routine_harness.errors import AgentError, CredentialError
from routine_harness.plain import Json
from routine_harness.serve.conversation import Conversation
from routine_harness.serve.credential import API_KEY, Credential, Interface, client_environment
from routine_harness.serve.modes import Mode, ModelProblem
from routine_harness.serve.spending import WEIGHTS, Spending, price
from routine_harness.session.transcript import Usage

BROKEN: Final = "model.malformed-stream"
REFUSED: Final = "model.credential-refused"
UNUSABLE: Final = (BROKEN, REFUSED, "model.unreachable", "recording.exhausted")
"""Problems of what the user has given to play the model: nothing that the agent did brings them about,
so that they are bad input, and not the outcome of a run."""


class ModelSession:
    """What one session may ask, what it has cost, and what went wrong."""

    def __init__(
        self,
        source: Mode | Credential,
        *,
        tools: Sequence[str] | None = None,
        spending: Spending | None = None,
        watch: Callable[[bytes], None] | None = None,
    ) -> None:
        """``source`` plays the model, or opens the real one; ``tools`` are the routine's own tools,
        ``spending`` is what it and the sessions before it may spend."""
        prefix = source.prefix if isinstance(source, Credential) else ""
        self.token = f"{prefix}routine-{secrets.token_urlsafe(24)}"
        self.source = source
        self.tools = tools
        self.spending = spending or Spending()
        self.usage = Usage()
        self.problems: list[ModelProblem] = []
        self.watch = watch
        self.conversation = Conversation()
        self._lock = threading.Lock()
        self._got_over = 0

    @property
    def interface(self) -> Interface:
        """How the client asks."""
        return self.source.form.interface if isinstance(self.source, Credential) else "messages"

    def client_environment(self, url: str) -> dict[str, str]:
        """The variables that make the CLI ask this session at ``url``, as the user's credential would."""
        if isinstance(self.source, Credential):
            return client_environment(self.source.form, url, self.token, self.source.kept)
        return client_environment(API_KEY, url, self.token, {})

    def spend(self, counts: Mapping[str, int], model: str) -> None:
        """Add what one answer has cost."""
        taken = sum(counts.get(name, 0) for name in WEIGHTS)
        weighed = sum(counts.get(name, 0) * weight for name, weight in WEIGHTS.items())
        given = counts.get("output_tokens", 0)
        price_in, price_out = price(model)
        with self._lock:
            self.usage = Usage(
                self.usage.input_tokens + taken,
                self.usage.output_tokens + given,
                round(self.usage.cost_usd + (weighed * price_in + given * price_out) / 1e6, 6),
            )

    def answered(self) -> None:
        """The model has answered whole: of an answer that broke off before the client has asked again."""
        self._got_over = len(self.problems)

    def refuse(self, problem: ModelProblem) -> Json:
        """Keep a problem; the answer that ends the client's request with it."""
        self.problems.append(problem)
        if problem.code == REFUSED:  # after a 400 the CLI 2.1.332 asks five times more, after this twice
            return error_response(403, "permission_error", problem.shown)
        return error_response(400, "invalid_request_error", problem.shown)

    @property
    def refused(self) -> ModelProblem | None:
        """Why the credential was refused, if it was: the API is not asked again with it."""
        return next((problem for problem in self.problems if problem.code == REFUSED), None)

    def left(self, *, finished: bool = False) -> list[ModelProblem]:
        """The problems that the client did not get over; one that has ``finished`` got over broken answers.

        Raises:
            CredentialError: the user's credential was refused.
            AgentError: what was given to play the model cannot play it.
        """
        left = [
            problem
            for position, problem in enumerate(self.problems)
            if problem.code != BROKEN or (position >= self._got_over and not finished)
        ]
        unusable = [problem for problem in left if problem.code in UNUSABLE]
        if unusable:
            raised = CredentialError if unusable[0].code == REFUSED else AgentError
            raise raised(unusable[0].problem)
        return left

    @property
    def exhausted(self) -> bool:
        return self.spending.reached(self.usage.cost_usd)


def error_response(status: int, kind: str, message: str) -> Json:
    """The API's error envelope."""
    from starlette.responses import JSONResponse

    return JSONResponse({"type": "error", "error": {"type": kind, "message": message}}, status)
