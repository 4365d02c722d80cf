"""The user's credential: which one counts, what cannot be one, and that none is ever shown."""

from __future__ import annotations

import httpx2
import pytest

pytest.importorskip("mcp")

from support.model_api import framed, standing_in

from routine_harness.errors import AgentError, CredentialError
from routine_harness.redaction.redactor import Redactor
from routine_harness.redaction.values import MODEL_CREDENTIALS, secret_variables
from routine_harness.serve.credential import (
    API,
    API_KEY,
    BEDROCK,
    FORMS,
    GATEWAY_TOKEN,
    SUBSCRIPTION,
    VERTEX,
    Credential,
    Form,
    client_environment,
    cost_words,
    find_credential,
)
from routine_harness.serve.mcp import build_application
from routine_harness.serve.model import ModelEndpoint
from routine_harness.serve.model_session import ModelSession
from routine_harness.serve.server import ServerThread, listen
from routine_harness.serve.streams import FrameReader, MalformedStream, Turn

KEY = {"ANTHROPIC_API_KEY": "sk-ant-api03-KEYKEYKEY"}
OAUTH = {"CLAUDE_CODE_OAUTH_TOKEN": "sk-ant-oat01-SUBSUBSUB"}
TOKEN = {"ANTHROPIC_AUTH_TOKEN": "gateway-token-1"}
GATEWAY = {"ANTHROPIC_BASE_URL": "https://gateway.example.com/v/"}
ON_BEDROCK = {
    "CLAUDE_CODE_USE_BEDROCK": "1", "ANTHROPIC_BEDROCK_BASE_URL": "https://gateway.example.com/bedrock",
    "CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1", "AWS_REGION": "eu-central-1",
}  # fmt: skip
ON_VERTEX = {
    "CLAUDE_CODE_USE_VERTEX": "true", "ANTHROPIC_VERTEX_BASE_URL": "https://gateway.example.com/vertex/v1",
    "CLAUDE_CODE_SKIP_VERTEX_AUTH": "1", "ANTHROPIC_VERTEX_PROJECT_ID": "acme-ml",
    "CLOUD_ML_REGION": "us-east5",
}  # fmt: skip

PROJECT = "/projects/p/locations/us-east5/publishers/anthropic/models/"


@pytest.mark.parametrize(
    ("environment", "form", "variable"),
    [
        (KEY, API_KEY, "ANTHROPIC_API_KEY"),
        (OAUTH, SUBSCRIPTION, "CLAUDE_CODE_OAUTH_TOKEN"),
        (KEY | OAUTH, API_KEY, "ANTHROPIC_API_KEY"),
        (TOKEN | GATEWAY, GATEWAY_TOKEN, "ANTHROPIC_AUTH_TOKEN"),
        (TOKEN | GATEWAY | KEY | OAUTH, GATEWAY_TOKEN, "ANTHROPIC_AUTH_TOKEN"),
        (TOKEN | KEY, API_KEY, "ANTHROPIC_API_KEY"),
        (GATEWAY | KEY, API_KEY, "ANTHROPIC_API_KEY"),
        (GATEWAY | OAUTH, SUBSCRIPTION, "CLAUDE_CODE_OAUTH_TOKEN"),
        (ON_BEDROCK, BEDROCK, ""),
        (ON_BEDROCK | TOKEN | KEY | OAUTH, BEDROCK, "ANTHROPIC_AUTH_TOKEN"),
        (ON_BEDROCK | TOKEN | {"AWS_BEARER_TOKEN_BEDROCK": "ABSK-long"}, BEDROCK, "AWS_BEARER_TOKEN_BEDROCK"),
        (ON_VERTEX | TOKEN, VERTEX, "ANTHROPIC_AUTH_TOKEN"),
        (ON_VERTEX | {"CLAUDE_CODE_USE_VERTEX": "0"} | OAUTH, SUBSCRIPTION, "CLAUDE_CODE_OAUTH_TOKEN"),
    ],
)
def test_one_credential_counts_by_the_clis_precedence(
    environment: dict[str, str], form: Form, variable: str
) -> None:
    """A cloud's switch, a gateway's token, a key, a subscription's token: in this order."""
    found = find_credential(environment)
    assert (found.form, found.variable) == (form, variable)
    assert found.secret == environment.get(variable, "")


def test_what_is_not_used_is_told_and_nothing_is_shown() -> None:
    """The key wins over the subscription, which is said, because it is billed."""
    found = find_credential(KEY | OAUTH)
    assert found.told == (
        "ANTHROPIC_API_KEY: an API key, billed by the token; "
        "CLAUDE_CODE_OAUTH_TOKEN is set, too, and not used"
    )
    assert "not billed" in find_credential(OAUTH).told
    assert find_credential(TOKEN | GATEWAY).told.endswith(" (https://gateway.example.com/v)")
    assert find_credential(ON_BEDROCK).told.startswith("no token: Bedrock by way of a gateway (https://")
    for secrets in (KEY, OAUTH, TOKEN | GATEWAY, ON_VERTEX | TOKEN):
        found = find_credential(secrets)
        assert found.secret
        assert found.secret not in repr(found) + found.told


def test_cost_under_a_subscription_is_what_it_would_be() -> None:
    """A subscription's tokens are not billed; what they would cost is said so."""
    assert not find_credential(OAUTH).billed
    assert find_credential(KEY).billed
    assert cost_words(12_345, 0.5, billed=False) == "12,345 tokens, would cost $0.50 under an API key"
    assert cost_words(12_345, 0.5) == "12,345 tokens, $0.50"


@pytest.mark.parametrize(
    ("environment", "said", "hint"),
    [
        ({}, "needs a credential for the model", "claude setup-token"),
        ({}, "needs a credential for the model", "--script"),
        ({"CLAUDE_CODE_OAUTH_TOKEN": ""}, "needs a credential for the model", "CLAUDE_CODE_OAUTH_TOKEN"),
        (
            TOKEN,
            "ANTHROPIC_AUTH_TOKEN: a gateway's token, and ANTHROPIC_BASE_URL is not set",
            "CLAUDE_CODE_OAUTH_TOKEN",
        ),
        (
            TOKEN | OAUTH | GATEWAY | {"ANTHROPIC_BASE_URL": "gateway"},
            "BASE_URL to be an address, found 'gateway'",
            API,
        ),
        (
            KEY | {"ANTHROPIC_BASE_URL": "https://me:secret-word@gateway.example.com"},
            "a name or a password",
            API,
        ),
        (KEY | {"ANTHROPIC_BASE_URL": KEY["ANTHROPIC_API_KEY"]}, "BASE_URL to be an address", API),
        (
            {"CLAUDE_CODE_OAUTH_TOKEN": "sk-ant-oat01-SUB\nSUBSUB"},
            "OAUTH_TOKEN to be one word",
            "claude setup-token",
        ),
        ({"CLAUDE_CODE_OAUTH_TOKEN": "sk-ant-oat01-SUBSUB\n"}, "or a line break", "claude setup-token"),
        ({"CLAUDE_CODE_OAUTH_TOKEN": "sk-ant-oat01-SÜBSUB"}, "to be ASCII", "claude setup-token"),
        ({"CLAUDE_CODE_OAUTH_TOKEN": "abc"}, "to be a credential, found 3 characters", "claude setup-token"),
        (
            {"CLAUDE_CODE_OAUTH_TOKEN": KEY["ANTHROPIC_API_KEY"]},
            "belongs into ANTHROPIC_API_KEY",
            "setup-token",
        ),
        (
            {"ANTHROPIC_API_KEY": OAUTH["CLAUDE_CODE_OAUTH_TOKEN"]},
            "belongs into CLAUDE_CODE_OAUTH_TOKEN",
            "Console",
        ),
        ({"CLAUDE_CODE_USE_BEDROCK": "1"}, "ANTHROPIC_BEDROCK_BASE_URL is not set", "gateway's address"),
        (
            {"CLAUDE_CODE_USE_BEDROCK": "1"},
            "CLAUDE_CODE_SKIP_BEDROCK_AUTH is not set",
            "the gateway signs in",
        ),
        (
            ON_VERTEX | {"ANTHROPIC_VERTEX_PROJECT_ID": ""},
            "ANTHROPIC_VERTEX_PROJECT_ID is not set",
            "gateway",
        ),
        (KEY | {"CLAUDE_CODE_USE_FOUNDRY": "1"}, "a cloud that a live run cannot reach", "unset"),
    ],
)
def test_what_cannot_be_a_credential_is_one_clear_error(
    environment: dict[str, str], said: str, hint: str
) -> None:
    """The variable is named, and how to mend it; its value is shown nowhere."""
    with pytest.raises(AgentError) as caught:
        find_credential(environment)
    [problem] = [problem for problem in caught.value.problems if said in problem.message]
    assert hint in problem.hint
    text = str(caught.value)
    assert not any(value in text for value in environment.values() if "sk-ant" in value or "secret" in value)
    assert "secret-word" not in text


def test_every_credential_is_a_secret_whatever_its_words() -> None:
    """The variables of the table are those whose values never reach a file, plain words too."""
    assert {name for form in FORMS for name in form.variables} == set(MODEL_CREDENTIALS)
    for name in MODEL_CREDENTIALS:
        secrets = secret_variables({name: "plainword"})
        assert secrets == {name: "plainword"}
        assert "plainword" not in Redactor(secrets).text("the agent printed plainword here")


@pytest.mark.parametrize("form", FORMS)
def test_the_clients_environment_finds_the_same_form(form: Form) -> None:
    """What makes the CLI ask the harness is read back as the same form, and holds the session's token."""
    kept = {"ANTHROPIC_VERTEX_PROJECT_ID": "p"} if form is VERTEX else {}
    given = client_environment(form, "http://127.0.0.1:1", "session-token", kept)
    assert find_credential(given) == Credential(
        "session-token", "http://127.0.0.1:1", form, form.variables[-1], kept
    )


@pytest.mark.parametrize(
    ("credential", "path", "sent"),
    [
        (
            Credential("sk-ant-oat01-S", form=SUBSCRIPTION),
            "/v1/messages",
            {"authorization": "Bearer sk-ant-oat01-S"},
        ),
        (Credential("sk-ant-api03-K"), "/v1/messages", {"x-api-key": "sk-ant-api03-K"}),
        (Credential("gate-1", form=GATEWAY_TOKEN), "/v1/messages", {"authorization": "Bearer gate-1"}),
        (
            Credential("gate-1", form=BEDROCK),
            "/model/us.anthropic.claude-x-v1%3A0/invoke",
            {"authorization": "Bearer gate-1"},
        ),
        (Credential("", form=BEDROCK), "/model/a.claude-x/invoke-with-response-stream", {}),
        (Credential("gate-1", form=VERTEX), f"{PROJECT}c:rawPredict", {"authorization": "Bearer gate-1"}),
    ],
)
def test_the_token_of_the_session_is_exchanged(
    credential: Credential, path: str, sent: dict[str, str]
) -> None:
    """What arrives has the credential's header alone, the client's own headers, and the path as it was."""
    with standing_in(lambda _: "hello") as (real, seen):
        session, answer = asking(credential, real, path)
        assert answer.status_code == 200
    [asked] = seen
    assert {
        name: asked.headers[name] for name in ("authorization", "x-api-key") if name in asked.headers
    } == sent
    assert asked.path == path
    assert asked.headers["anthropic-beta"] == "oauth-2025-04-20,other"
    assert asked.headers["x-app"] == "cli"
    assert "x-strange" not in asked.headers
    assert session.token not in str(asked)
    assert session.token.startswith(credential.prefix)


@pytest.mark.parametrize(
    "path",
    ["/v1/messages", "/model/../v1/messages/invoke", "/model/x/converse",
     f"{PROJECT}count-tokens:rawPredict"],
)  # fmt: skip
def test_only_the_sessions_own_interface_is_forwarded(path: str) -> None:
    """A path of another interface, and one that asks no model, is not found, and nothing is sent."""
    with standing_in(lambda _: "hello") as (real, seen):
        _, answer = asking(Credential("gate-1", form=BEDROCK), real, path)
    assert answer.status_code == 404
    assert seen == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_credential_is_bad_input_with_the_servers_words(status: int) -> None:
    """An expired token, in the API's own words without the token, and how to get another."""
    secret = "sk-ant-oat01-EXPIREDEXPIRED"
    said = f"OAuth token has expired: {secret}"
    with standing_in(lambda _: "", status=status, said=said) as (real, _):
        session, answer = asking(
            Credential(secret, form=SUBSCRIPTION, variable="CLAUDE_CODE_OAUTH_TOKEN"), real
        )
    assert answer.status_code == 403  # the CLI does not ask again
    with pytest.raises(AgentError) as caught:
        session.left()
    [problem] = caught.value.problems
    assert problem.message.startswith(
        f"the model's API refuses CLAUDE_CODE_OAUTH_TOKEN ({status}): OAuth token has expired"
    )
    assert "claude setup-token" in problem.hint
    assert secret not in str(caught.value) + answer.text


def test_how_a_subscriptions_limits_stand_reaches_the_cli() -> None:
    """The CLI waits by the headers of the API's answer; nothing else of them reaches it."""
    headers = {"anthropic-ratelimit-unified-status": "allowed", "retry-after": "9", "set-cookie": "a=b"}
    with standing_in(lambda _: "", status=429, said="busy", headers=headers) as (real, _):
        session, answer = asking(Credential("sk-ant-oat01-S", form=SUBSCRIPTION), real)
    assert answer.status_code == 429
    assert answer.headers["anthropic-ratelimit-unified-status"] == "allowed"
    assert answer.headers["retry-after"] == "9"
    assert "set-cookie" not in answer.headers
    assert session.left() == []


@pytest.mark.parametrize(
    ("reset", "hint"),
    [
        ("1780318800", "try again after 2026-06-01 13:00 UTC, or set ANTHROPIC_API_KEY, which is billed"),
        ("", "try again later, or set ANTHROPIC_API_KEY"),
        ("9" * 40, "try again later"),
    ],
)
def test_a_used_up_limit_is_bad_input_and_no_failed_run(reset: str, hint: str) -> None:
    """Nothing that the agent did has brought it about: when it begins anew is said."""
    headers = {"anthropic-ratelimit-unified-status": "rejected", "anthropic-ratelimit-unified-reset": reset}
    with standing_in(lambda _: "", status=429, said="over the limit", headers=headers) as (real, _):
        session, _ = asking(Credential("sk-ant-oat01-S", real, SUBSCRIPTION, "CLAUDE_CODE_OAUTH_TOKEN"), real)
    with pytest.raises(CredentialError) as caught:
        session.left()
    [problem] = caught.value.problems
    assert problem.message == (
        "the model's API says that the limit of CLAUDE_CODE_OAUTH_TOKEN is used up (429): over the limit"
    )
    assert problem.hint.startswith(hint)


def test_frames_are_read_in_any_pieces_and_passed_on_as_they_are() -> None:
    """Bedrock's stream says what a turn was and what it cost; a broken one is malformed."""
    stream = framed(Turn(({"type": "text", "text": "hi"},)), "m")
    for size in (1, 7, len(stream)):
        reader = FrameReader()
        passed = b"".join(reader.feed(stream[at : at + size]) for at in range(0, len(stream), size))
        assert passed == stream
        assert reader.complete
        assert reader.blocks.content() == ({"type": "text", "text": "hi"},)
        assert "output_tokens" in reader.usage
    for broken in (b"\0" * 20, stream[:8] + b"\1\1\1\1" + stream[12:], b"\xff" * 12):
        with pytest.raises(MalformedStream):
            FrameReader().feed(broken)


def asking(
    credential: Credential, real: str, path: str = "/v1/messages"
) -> tuple[ModelSession, httpx2.Response]:
    """A request through the endpoint, as the CLI sends it; its session and the answer."""
    session = ModelSession(Credential(credential.secret, real, credential.form, credential.variable))
    endpoint = ModelEndpoint()
    endpoint.open(session)
    server = ServerThread(build_application({}, endpoint.routes()), listen("127.0.0.1", 0), lambda *_: None)
    body = {"messages": [{"role": "user", "content": "go"}], "tools": []}
    headers = {
        "authorization": f"Bearer {session.token}", "anthropic-beta": "oauth-2025-04-20,other",
        "x-app": "cli", "x-strange": "x",
    }  # fmt: skip
    try:
        with httpx2.Client() as client:
            request = client.build_request(
                "POST", f"http://127.0.0.1:{server.port}", json=body, headers=headers
            )
            request.url = request.url.copy_with(raw_path=path.encode())
            return session, client.send(request)
    finally:
        server.close()
