"""Rules about what goes into the prompt: the fire payload, placeholders, secrets."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Final

from routine_harness.finding import Severity
from routine_harness.lint.rule import Mark, rule
from routine_harness.lint.secrets import find_secrets
from routine_harness.lint.subject import Subject
from routine_harness.lint.words import Words
from routine_harness.routine.placeholders import find_placeholders

_PROMPT: Final = ("prompt",)
_PAYLOAD: Final = Words(
    r"\bpayload\b|routine-fire|\bfire (?:text|request|body)\b|\b(?:request|call|trigger)(?:['’]s)? (?:text|"
    r"body)\b|"
    r"\b(?:text|body|details?|input|data) (?:of|in|from|with|sent (?:by|with)|passed (?:by|with|in)|"
    r"that came with) the (?:fire|request|call|trigger|caller|api)\b|"
    r"`text`"
)


@rule("prompt.payload-ignored", english=True)
def payload_ignored(subject: Subject) -> Iterator[Mark]:
    """An api trigger, and a prompt that never refers to the fire payload.

    The text of a fire request reaches the model inside a `<routine-fire-payload>` block that is marked as
    untrusted: nothing in it is followed unless the routine's own prompt says so. A prompt that does not
    mention the block makes the text inert: the alert that fired the routine is not even read. Beside a
    schedule the api trigger may be a way to start the same work by hand, so such routines are let alone.

    Bad:
        triggers: [{type: api}]
        prompt: |
          Find the cause of the alert and say which change introduced it.

    Good:
        triggers: [{type: api}]
        prompt: |
          The payload block holds an alert. Find its cause and say which change
          introduced it.
    """
    api = subject.api()
    if (
        api
        and not subject.schedules()
        and subject.edition.payload.opt_in
        and not _PAYLOAD.search(subject.prose)
    ):
        yield Mark(
            message="the prompt never refers to the fire payload, so the text of a fire request is ignored",
            path=("triggers", api[0][0]),
            words="api",
            hint="say what the `<routine-fire-payload>` block holds and what to take from it",
        )


_KNOWN: Final = ("repository", "trigger_type")


@rule("prompt.unknown-placeholder", fixable=True)
def unknown_placeholder(subject: Subject) -> Iterator[Mark]:
    """A placeholder that the platform does not know stays in the prompt as it is written.

    Known are `{{repository}}`, `{{trigger_type}}` and `{{routine: Name}}`. The model sees the braces of any
    other one and guesses. `${{ … }}`, the notation of GitHub Actions, is left alone here.

    Bad:
        prompt: |
          Look at the pull requests of {{repositry}}.

    Good:
        prompt: |
          Look at the pull requests of {{repository}}.
    """
    prompt = subject.routine.prompt
    for placeholder in find_placeholders(prompt):
        if placeholder.known:
            continue
        words = prompt[placeholder.start : placeholder.end]
        close = difflib.get_close_matches(placeholder.name.strip().lower(), _KNOWN, 1, 0.8)
        yield Mark(
            message=f"{words} is no placeholder, and reaches the model as it stands",
            path=_PROMPT,
            words=words,
            offset=placeholder.start,
            hint=f"did you mean {{{{{close[0]}}}}}?"
            if close
            else "known are {{repository}}, {{trigger_type}}, {{routine: Name}}",
            fix=f"{{{{{close[0]}}}}}" if close else None,
        )


@rule("prompt.secret", Severity.ERROR)
def secret(subject: Subject) -> Iterator[Mark]:
    """The prompt holds what looks like a secret.

    A saved prompt is read by everyone who can open the routine and is copied into every transcript. Take
    a secret in it as published: revoke it, and pass the new one as a network secret of the environment.

    Bad:
        prompt: |
          Call the status page with the header
          `Authorization: Bearer ghp_R2d2c3poBb8K2soL3mandoGr0guBoba9F`.

    Good:
        prompt: |
          Call the status page; its credentials are added to the request by the
          environment.
    """
    for found in find_secrets(subject.routine.prompt):
        yield Mark(
            message=f"the prompt holds what looks like a secret ({found.kind})",
            path=_PROMPT,
            words=found.words,
            offset=found.offset,
            hint="revoke it, and hand it over as a network secret of the environment",
        )


RULES: Final = (payload_ignored, unknown_placeholder, secret)
