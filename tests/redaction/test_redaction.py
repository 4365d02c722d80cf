# ruff: noqa: E501 - tables of secrets read better unbroken
"""Secrets of every kind are replaced, deterministically, and nothing else is."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routine_harness.errors import SpecError
from routine_harness.redaction.kinds import KINDS
from routine_harness.redaction.redactor import Redactor, unnumbered
from routine_harness.redaction.values import secret_variables
from routine_harness.store.redact import make_redactor, redact_text, scan, scan_files, write_redacted
from routine_harness.verdict.policy.rules import Redaction


def make(pattern: str, length: int) -> str:
    """``length`` characters of an alphabet, without being a word."""
    return "".join(pattern[(7 * n + n // 3) % len(pattern)] for n in range(length))


HEX, WORD, UPPER, DIGITS = "0123456789abcdef", "aB3dE6gH9jKmN2pQr5", "ABCDEFGH23456789", "0123456789"
SECRETS = {
    "private-key": "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAK\n-----END RSA PRIVATE KEY-----",
    "putty-key": "PuTTY-User-Key-File-3: ssh-ed25519\nAAAA\nPrivate-MAC: 0a1b",
    "age-key": "AGE-SECRET-KEY-1" + make(UPPER, 58),
    "github-token": "ghp_" + make(WORD, 36),
    "github-fine-grained-token": "github_pat_" + make(WORD, 60),
    "gitlab-token": "glpat-" + make(WORD, 20),
    "bitbucket-token": "ATBB" + make(WORD, 32),
    "atlassian-token": "ATATT3" + make(WORD, 180),
    "slack-token": "xoxb-" + make(DIGITS, 12) + "-" + make(WORD, 24),
    "slack-app-token": "xapp-1-A0123-456789-" + make(HEX, 64),
    "slack-webhook": "https://hooks.slack.com/services/T0AB12CD3/B0AB12CD3/" + make(WORD, 24),
    "linear-key": "lin_api_" + make(WORD, 40),
    "notion-token": "ntn_" + make(WORD, 46),
    "notion-secret": "secret_" + make(WORD, 43),
    "discord-token": "M" + make(WORD, 23) + "." + make(WORD, 6) + "." + make(WORD, 30),
    "discord-webhook": "https://discord.com/api/webhooks/" + make(DIGITS, 18) + "/" + make(WORD, 68),
    "telegram-token": make("123456789", 9) + ":AA" + make(WORD, 33),
    "teams-webhook": "https://acme.webhook.office.com/webhookb2/" + make(HEX, 80),
    "asana-token": "1/" + make(DIGITS, 16) + ":" + make(HEX, 32),
    "airtable-token": "pat" + make(WORD, 14) + "." + make(HEX, 64),
    "figma-token": "figd_" + make(WORD, 40),
    "anthropic-key": "sk-ant-api03-" + make(WORD, 90),
    "openai-key": "sk-proj-" + make(WORD, 60),
    "huggingface-token": "hf_" + make(WORD, 34),
    "replicate-token": "r8_" + make(WORD, 37),
    "groq-key": "gsk_" + make(WORD, 52),
    "xai-key": "xai-" + make(WORD, 80),
    "perplexity-key": "pplx-" + make(WORD, 48),
    "aws-key": "AKIA" + make(UPPER, 16),
    "aws-secret": "aws_secret_access_key = " + make(WORD, 40),
    "aws-secret-value": '"SecretAccessKey": "' + make(WORD, 40) + '"',
    "aws-bedrock-key": "ABSK" + make(WORD, 110),
    "google-key": "AIza" + make(WORD, 35),
    "google-oauth-token": "ya29." + make(WORD, 60),
    "google-oauth-secret": "GOCSPX-" + make(WORD, 28),
    "google-refresh-token": "1//0" + make(WORD, 60),
    "azure-storage-key": "AccountKey=" + make(WORD, 86) + "==",
    "azure-client-secret": "aBc8Q~" + make(WORD, 34),
    "azure-sas": "https://x.blob.core.windows.net/a?sv=1&sig=" + make(WORD, 44),
    "digitalocean-token": "dop_v1_" + make(HEX, 64),
    "heroku-key": "HRKU-" + make(WORD, 60),
    "fly-token": "FlyV1 fm2_" + make(WORD, 80),
    "netlify-token": "nfp_" + make(WORD, 36),
    "vercel-token": "vcp_" + make(WORD, 40),
    "cloudflare-key": "v1.0-" + make(HEX, 24) + "-" + make(HEX, 146),
    "databricks-token": "dapi" + make(HEX, 32),
    "planetscale-token": "pscale_tkn_" + make(WORD, 43),
    "supabase-key": "sbp_" + make(HEX, 40),
    "neon-key": "napi_" + make("abc123xyz", 64),
    "npm-token": "npm_" + make(WORD, 36),
    "npmrc-token": "//registry.npmjs.org/:_authToken=" + make(WORD, 36),
    "pypi-token": "pypi-" + make(WORD, 120),
    "rubygems-key": "rubygems_" + make(HEX, 48),
    "crates-token": "cio" + make(WORD, 32),
    "nuget-key": "oy2" + make("abc123xyz", 43),
    "docker-token": "dckr_pat_" + make(WORD, 27),
    "jfrog-token": "AKCp" + make(WORD, 69),
    "terraform-token": make(WORD, 14) + ".atlasv1." + make(WORD, 67),
    "pulumi-token": "pul-" + make(HEX, 40),
    "vault-token": "hvs." + make(WORD, 90),
    "doppler-token": "dp.pt." + make(WORD, 43),
    "onepassword-token": "ops_eyJ" + make(WORD, 200),
    "sentry-token": "sntrys_" + make(WORD, 90),
    "sentry-dsn": "https://" + make(HEX, 32) + "@o12.ingest.sentry.io/345",
    "newrelic-key": "NRAK-" + make(UPPER, 27),
    "grafana-token": "glsa_" + make(WORD, 41),
    "honeycomb-key": "hcaik_" + make(WORD, 58),
    "dynatrace-token": "dt0c01." + make(UPPER, 24) + "." + make(UPPER, 64),
    "posthog-key": "phx_" + make(WORD, 43),
    "stripe-key": "sk_live_" + make(WORD, 24),
    "webhook-secret": "whsec_" + make(WORD, 32),
    "square-token": "sq0atp-" + make(WORD, 22),
    "shopify-token": "shpat_" + make(HEX, 32),
    "twilio-key": "SK" + make(HEX, 32),
    "sendgrid-key": "SG." + make(WORD, 22) + "." + make(WORD, 43),
    "mailgun-key": "key-" + make(HEX, 32),
    "mailchimp-key": make(HEX, 32) + "-us12",
    "postman-key": "PMAK-" + make(HEX, 24) + "-" + make(HEX, 34),
    "jwt": "eyJ" + make(WORD, 20) + ".eyJ" + make(WORD, 40) + "." + make(WORD, 43),
    "url-password": "postgres://admin:hunter2hunter2@db.example.org/x",
    "openrouter-key": "sk-or-v1-" + make(HEX, 64),
    "url-token": "https://" + make(HEX, 40) + "@git.example.org/acme/core.git",
    "signed-url": "https://files.example.org/a.zip?X-Amz-Signature=" + make(HEX, 64),
    "secret-value": "DB_PASSWORD=hunter2hunter2",
    "authorization": "Authorization: Bearer " + make(WORD, 30),
    "header": "X-Vault-Token: " + make(WORD, 30),
    "cookie": "Set-Cookie: session=" + make(WORD, 30) + "; theme=dark",
}
"""Kind → a text with a secret of that kind, none of them real."""


def secret_of(kind: str) -> str:
    """The secret in the example of ``kind``: what a leak would show."""
    tails = {"private-key": "MIIEow", "cookie": make(WORD, 30), "url-password": "hunter2hunter2"}
    tails |= {"url-token": make(HEX, 40), "secret-value": "hunter2hunter2"}
    return tails.get(kind) or max(SECRETS[kind].replace('"', " ").replace("\n", " ").split(), key=len)[-20:]


def test_every_kind_has_an_example() -> None:
    """The table of examples and the table of kinds name the same kinds, 40 or more."""
    assert set(SECRETS) == {kind.name for kind in KINDS}
    assert len(KINDS) >= 40


@pytest.mark.parametrize("kind", sorted(SECRETS))
@pytest.mark.parametrize(
    "frame", ["{}", "a {} b", "x = '{}'\n", '{{"k": "{}"}}', "({})", "diff --git\n+{}\n"]
)
def test_a_planted_secret_reaches_no_file(kind: str, frame: str, tmp_path: Path) -> None:
    """A secret of each kind, wherever it stands, is not in what is written; the rest is."""
    text = frame.format(SECRETS[kind])
    write_redacted(tmp_path / "out.txt", f"before\n{text}\nafter\n", Redactor())
    written = (tmp_path / "out.txt").read_text()
    if kind != "sentry-dsn":
        assert secret_of(kind) not in written
    assert f"[redacted:{kind}#1]" in written
    assert written.startswith("before\n")
    assert written.endswith("after\n")


@pytest.mark.parametrize("kind", sorted(set(SECRETS) - {"private-key", "putty-key"}))
def test_a_secret_inside_json_is_found(kind: str) -> None:
    """A value inside a JSON text loses its secret and stays JSON."""
    text = json.dumps({"text": SECRETS[kind], "after": 1})
    clean = redact_text(text)
    assert json.loads(clean)["after"] == 1
    assert "[redacted:" in clean


def test_an_escaped_private_key_is_found() -> None:
    """A private key whose line breaks are escaped, or whose end is missing, is redacted whole."""
    clean = redact_text(json.dumps({"key": SECRETS["private-key"], "other": "stays"}))
    assert json.loads(clean) == {"key": "[redacted:private-key#1]", "other": "stays"}
    cut = redact_text("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r\nZXktdjE")
    assert cut == "[redacted:private-key#1]"


def test_placeholders_are_numbered_by_first_appearance() -> None:
    """One secret has one placeholder in a file; another of its kind has the next number."""
    one, two = "AKIA" + "A" * 16, "AKIA" + "B" * 16
    redactor = Redactor()
    assert (
        redactor.text(f"{one} {two} {one}")
        == "[redacted:aws-key#1] [redacted:aws-key#2] [redacted:aws-key#1]"
    )
    assert redactor.text(two) == "[redacted:aws-key#2]"
    assert Redactor().text(two) == "[redacted:aws-key#1]"


def test_redacting_twice_changes_nothing() -> None:
    """Placeholders are left alone, also behind the names that give secrets away."""
    once = redact_text("\n".join(SECRETS.values()))
    assert redact_text(once) == once


def test_what_two_files_number_differently_compares_equal() -> None:
    """Without their numbers, placeholders of one kind are equal."""
    assert unnumbered("a [redacted:aws-key#3] b") == unnumbered("a [redacted:aws-key#1] b")


def test_variables_go_in_every_spelling() -> None:
    """A variable's value is redacted raw, escaped in JSON, in a URL and in base64."""
    value = 'p"ss wörd/1'
    redactor = Redactor({"DB_PASSWORD": value})
    spelt = [value, json.dumps(value), "p%22ss%20w%C3%B6rd%2F1", base64.b64encode(value.encode()).decode()]
    clean = redactor.text(" | ".join(spelt))
    assert clean.count("[redacted:variable-db-password#") == 4
    assert "ss" not in clean.replace("password", "")


NAMED = [
    "DB_PASSWORD={}", 'password: "{}"', '{{"password": "{}"}}', '{{\\"client_secret\\": \\"{}\\"}}', "apiKey = '{}'",
    "export APP_ACCESS_KEY={}", "AccountKey={};EndpointSuffix=x", "privateKey: {}", "--auth-token={}", "?access_token={}&x=1",
    "userPwd => '{}'", "db.passwd={}",
]  # fmt: skip


@pytest.mark.parametrize("frame", NAMED)
def test_a_value_under_a_secret_name_goes(frame: str) -> None:
    """Whatever the name begins with, and however key and value are joined."""
    text = frame.format("hunter2-hunter2")
    assert "hunter2" not in redact_text(text)
    assert "[redacted:secret-value#1]" in redact_text(text)


STAYS = [
    '{"key": "mit"}', '{"nextPageToken": "CAUQAA1234567890"}', "password: <password>", "DB_PASSWORD=$DB_PASSWORD",
    "DB_PASSWORD=${DB_PASSWORD:?}", 'password = os.environ["DB_PASSWORD"]', "password = get_password()", "api_key: str | None",
    "secret: SecretStr", "password: string", 'type="password"', '"password": "required"', "PASSWORD=changeme", "password: hunter2",
    "API_KEY=your-api-key", "api_key: xxxxxxxxxxxx", "PWD=/home/user/core", "secret: ${{ secrets.TOKEN }}", "private_key: /etc/ssl/key.pem",
    "git@github.com:acme/core.git", "https://github.com/acme/core.git", "https://user@example.org/x", "https://x.org/?page=2&sort=created",
    "the password is long enough", "Authorization: Bearer <token>", "AUTH_TOKEN=proxy-injected", "passwordless: enabled",
]  # fmt: skip


@pytest.mark.parametrize("text", STAYS)
def test_what_only_looks_like_a_secret_stays(text: str) -> None:
    """Placeholders, expressions, types and names of other things are no secrets."""
    assert redact_text(text) == text


def test_a_variable_goes_in_every_code(tmp_path: Path) -> None:
    """Hexadecimal, URLs and base64, padded, unpadded, URL-safe or inside a longer text."""
    value = "s3cr3t/value?of+mine~"
    inside = base64.b64encode(f"user:{value}@host".encode()).decode()
    forms = [
        value.encode().hex(), value.encode().hex().upper(), quote(value, safe=""),
        base64.b64encode(value.encode()).decode(), base64.b64encode(value.encode()).decode().rstrip("="),
        base64.urlsafe_b64encode(value.encode()).decode(), inside,
    ]  # fmt: skip
    for form in forms:
        assert "[redacted:variable-app-token#" in Redactor({"APP_TOKEN": value}).text(f"x {form} y"), form


def test_a_match_says_whether_it_is_certain() -> None:
    """A known shape and a variable's plain value are; what a name or a code gives away is not."""
    redactor = Redactor({"APP_TOKEN": "s3cr3t-value"})
    text = f"{SECRETS['github-token']} s3cr3t-value {b's3cr3t-value'.hex()} DB_PASSWORD=hunter2hunter2"
    assert [match.certain for match in redactor.find(text.encode())] == [True, True, False, False]


def test_the_session_of_public_reports_is_written_without_its_secrets(shared_data: Path) -> None:
    """None of the values that stand in it reaches a file."""
    clean = redact_text((shared_data / "reports" / "secrets.jsonl").read_text("utf-8"))
    for secret in (
        "sk-or-v1-0123",
        "hunter2hunter2",
        "0123456789abcdef0123456789abcdef01234567",
        "QUJDREVGR0hJ",
    ):
        assert secret not in clean


def test_secret_looking_variables_are_chosen_by_name() -> None:
    """Names decide; placeholders, paths, flags and words are no secrets."""
    environment = {
        "GITHUB_TOKEN": "abc123def456", "AWS_SECRET_ACCESS_KEY": "x" * 20 + "1", "MY_API_KEY": "k-1-2-3-4",
        "PATH": "/usr/bin:/bin", "TOKEN_FILE": "/run/token", "GH_TOKEN": "proxy-injected",
        "DEBUG_TOKEN": "true",
        "KEYBOARD": "qwerty-123", "EDITOR": "vim -x 123", "PLAIN": "value-123",
    }  # fmt: skip
    assert set(secret_variables(environment)) == {"GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "MY_API_KEY"}
    assert "PLAIN" in secret_variables(environment, ["PLAIN"])


def test_values_lose_headers_whole() -> None:
    """What stands under the name of a secret header goes, whatever it looks like."""
    clean = Redactor().value({"headers": {"Authorization": ["token abc"], "X-Api-Key": "q", "Accept": "*/*"}})
    assert clean == {
        "headers": {
            "Authorization": ["[redacted:authorization#1]"],
            "X-Api-Key": "[redacted:header#1]",
            "Accept": "*/*",
        }
    }


def test_emails_go_on_request() -> None:
    """E-mail addresses stay unless they are asked to go."""
    text = "by alice@example.org"
    assert redact_text(text) == text
    assert redact_text(text, Redaction(emails=True)) == "by [redacted:email#1]"


def test_patterns_add_and_never_replace() -> None:
    """A user's pattern is a further kind; the known ones stay."""
    redaction = Redaction(patterns={"Ticket No": "TICK-([0-9]{4})", "github-token": "never"})
    clean = redact_text(f"TICK-1234 {SECRETS['github-token']}", redaction)
    assert clean == "TICK-[redacted:ticket-no#1] [redacted:github-token#1]"


def test_a_malformed_pattern_is_named() -> None:
    """A pattern that RE2 refuses is a clear error."""
    with pytest.raises(SpecError, match="malformed pattern ticket"):
        make_redactor(Redaction(patterns={"ticket": "(?=x)"}))


@given(st.text())
def test_any_text_is_redacted_without_an_exception(text: str) -> None:
    """Redacting any text gives a text, twice the same."""
    assert Redactor().text(text) == Redactor().text(text)


def test_ordinary_code_is_left_alone(project: Path) -> None:
    """The project's own modules hold no secrets, and none is seen in them."""
    for path in sorted((project / "src" / "routine_harness" / "world").rglob("*.py")):
        assert not scan(path.read_bytes(), path.name), path


def test_real_deliveries_hold_no_secrets(shared_data: Path) -> None:
    """Real webhook deliveries raise no false alarm."""
    for path in sorted((shared_data / "webhooks").rglob("*.json")):
        assert not scan(path.read_bytes(), path.name), path


def test_scanning_says_where_and_shows_nothing(tmp_path: Path) -> None:
    """A finding names file, line, column and kind, and never the secret."""
    path = tmp_path / "case.yaml"
    path.write_text(f"a: 1\nkey: {SECRETS['github-token']}\nb: é {SECRETS['aws-key']}\n")
    first, second = scan_files([path, tmp_path / "gone.yaml"])[:2]
    assert (first.code, first.location.line, first.location.column) == ("secret.committed", 2, 6)  # type: ignore[union-attr]
    assert (second.location.line, second.location.column) == (3, 6)  # type: ignore[union-attr]
    assert SECRETS["github-token"] not in repr(first)
    assert scan_files([tmp_path / "gone.yaml"])[0].code == "secret.not-scanned"


@pytest.mark.timeout(120)
def test_megabytes_are_redacted_whole() -> None:
    """A long text hangs nothing, and every secret in it goes, under one placeholder."""
    page = "some ordinary line of a pull request, https://example.org/a/b?c=d\n" * 2000
    assert Redactor().text(f"{page}{SECRETS['jwt']}\n" * 30).count("[redacted:jwt#1]") == 30
