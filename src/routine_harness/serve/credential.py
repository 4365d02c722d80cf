"""The user's credential for the model: where it is found, how the CLI shows it, and who pays.

One table says all of that, a row for each form of credential, in the order of precedence of the CLI. A
credential is held in memory alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal
from urllib.parse import urlsplit

import msgspec

from routine_harness.errors import CredentialError, Problem
from routine_harness.redaction.redactor import Redactor
from routine_harness.redaction.values import MIN_SECRET, secret_variables

API: Final = "https://api.anthropic.com"
KEY: Final = "ANTHROPIC_API_KEY"
OAUTH: Final = "CLAUDE_CODE_OAUTH_TOKEN"
TOKEN: Final = "ANTHROPIC_AUTH_TOKEN"  # noqa: S105 - a name
GATEWAY: Final = "ANTHROPIC_BASE_URL"
SETUP: Final = "`claude setup-token` prints a subscription's token, valid for a year"

Header = Literal["x-api-key", "authorization"]
Interface = Literal["messages", "bedrock", "vertex"]


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """One form of credential.

    ``variables`` may hold it, the first that is set does; ``address`` names the gateway. ``switch`` turns the
    form on, and then ``skip`` keeps the CLI from signing in to the cloud itself, and ``needs`` are set. The
    CLI inside gets ``kept`` as they are: none is secret. ``mend`` says how to get another credential.
    """

    variables: tuple[str, ...]
    header: Header
    words: str
    mend: str
    address: str = GATEWAY
    needs_address: bool = False
    switch: str = ""
    skip: str = ""
    needs: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    interface: Interface = "messages"
    subscription: bool = False


_MODELS: Final = (
    "ANTHROPIC_MODEL", "ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_DEFAULT_SONNET_MODEL",
    "ANTHROPIC_DEFAULT_HAIKU_MODEL", "ANTHROPIC_SMALL_FAST_MODEL",
)  # fmt: skip
"""The names that models have at a cloud, which are its customer's own."""
_AT_GATEWAY: Final = "see what the gateway expects"

BEDROCK: Final = Form(
    variables=("AWS_BEARER_TOKEN_BEDROCK", TOKEN),
    header="authorization",
    words="Bedrock by way of a gateway",
    mend=_AT_GATEWAY,
    address="ANTHROPIC_BEDROCK_BASE_URL",
    needs_address=True,
    switch="CLAUDE_CODE_USE_BEDROCK",
    skip="CLAUDE_CODE_SKIP_BEDROCK_AUTH",
    kept=("AWS_REGION", "AWS_DEFAULT_REGION", *_MODELS),
    interface="bedrock",
)
VERTEX: Final = Form(
    variables=(TOKEN,),
    header="authorization",
    words="Vertex by way of a gateway",
    mend=_AT_GATEWAY,
    address="ANTHROPIC_VERTEX_BASE_URL",
    needs_address=True,
    switch="CLAUDE_CODE_USE_VERTEX",
    skip="CLAUDE_CODE_SKIP_VERTEX_AUTH",
    needs=("ANTHROPIC_VERTEX_PROJECT_ID",),
    kept=("ANTHROPIC_VERTEX_PROJECT_ID", "CLOUD_ML_REGION", *_MODELS),
    interface="vertex",
)
GATEWAY_TOKEN: Final = Form(
    variables=(TOKEN,),
    header="authorization",
    words="a gateway's token",
    mend=_AT_GATEWAY,
    needs_address=True,
)
API_KEY: Final = Form(
    variables=(KEY,),
    header="x-api-key",
    words="an API key, billed by the token",
    mend=f"make a new key in the Claude Console, or unset it: {SETUP}, for {OAUTH}",
)
SUBSCRIPTION: Final = Form(
    variables=(OAUTH,),
    header="authorization",
    words="a subscription's token, which counts against its limits and is not billed",
    mend=f"{SETUP}: set {OAUTH} to it",
    subscription=True,
)
FORMS: Final = (BEDROCK, VERTEX, GATEWAY_TOKEN, API_KEY, SUBSCRIPTION)
"""In the order of precedence that the CLI's page on authentication states (read 2026-11)."""
ELSEWHERE: Final = ("CLAUDE_CODE_USE_FOUNDRY", "CLAUDE_CODE_USE_MANTLE", "CLAUDE_CODE_USE_ANTHROPIC_AWS")
"""Switches of the CLI for clouds that the harness does not reach."""
_KINDS: Final = {"sk-ant-oat": OAUTH, "sk-ant-api": KEY}
"""How credentials of Anthropic begin, and the variable in which each belongs."""
_PREFIX: Final = re.compile(r"sk-ant-[a-z]+\d*-")


class Credential(msgspec.Struct, frozen=True):
    """The model behind an address, and what opens it: never shown and never written.

    ``variable`` held the ``secret``; ``unused`` are variables of other credentials that are set, too.
    """

    secret: str
    url: str = API
    form: Form = API_KEY
    variable: str = KEY
    kept: Mapping[str, str] = {}
    unused: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Credential(variable={self.variable!r}, url={self.url!r})"

    @property
    def headers(self) -> dict[str, str]:
        """The header that opens the model; none where the gateway asks for none."""
        if not self.secret:
            return {}
        header = self.form.header
        return {header: self.secret if header == "x-api-key" else f"Bearer {self.secret}"}

    @property
    def prefix(self) -> str:
        """How the credential begins, by which the CLI tells a key from a subscription's token."""
        found = _PREFIX.match(self.secret)
        return found[0] if found else ""

    @property
    def told(self) -> str:
        """Which credential this is, without it: one sentence, with what else is set and not used."""
        by = self.variable or "no token"
        at = f" ({self.url})" if self.url != API else ""
        if not self.unused:
            return f"{by}: {self.form.words}{at}"
        are = "is" if len(self.unused) == 1 else "are"
        return f"{by}: {self.form.words}{at}; {' and '.join(self.unused)} {are} set, too, and not used"

    @property
    def billed(self) -> bool:
        """Whether each token costs money; a subscription's do not."""
        return not self.form.subscription


def tell_credential(environment: Mapping[str, str]) -> str:
    """Which credential a live run would use, or what is wrong with it; it is not shown."""
    try:
        return find_credential(environment).told
    except CredentialError as error:
        return error.problems[0].message


def cost_words(tokens: int, usd: float, *, billed: bool = True) -> str:
    """What sessions have taken: tokens and money, or what the tokens of a subscription would cost."""
    return f"{tokens:,} tokens, " + (f"${usd:.2f}" if billed else f"would cost ${usd:.2f} under an API key")


def client_environment(form: Form, url: str, token: str, kept: Mapping[str, str]) -> dict[str, str]:
    """The variables that make the CLI ask ``url`` and show ``token`` as it shows a credential of ``form``;
    ``kept`` are the user's own."""
    return {
        **kept,
        **{name: "1" for name in (form.switch, form.skip) if name},
        form.address: url,
        form.variables[-1]: token,
    }


def find_credential(environment: Mapping[str, str]) -> Credential:
    """The credential that the CLI would use in this environment.

    Raises:
        CredentialError: there is none, or what there is cannot be one; all problems at once.
    """
    form = _chosen(environment)
    problems = [*_problems(form, environment)]
    if problems:
        raise CredentialError(*problems)
    variable = _set(form, environment)
    others = dict.fromkeys(name for other in FORMS for name in other.variables if environment.get(name))
    return Credential(
        environment[variable] if variable else "",
        (environment.get(form.address) or API).rstrip("/"),
        form,
        variable,
        {name: value for name in form.kept if (value := environment.get(name))},
        tuple(name for name in others if name != variable),
    )


def asks_for_credential(environment: Mapping[str, str]) -> bool:
    """Whether anything in the environment says how the model is to be opened."""
    elsewhere = any(_on(environment, name) for name in ELSEWHERE)
    return elsewhere or any(_is_given(form, environment) for form in FORMS)


def _chosen(environment: Mapping[str, str]) -> Form:
    """The form that the environment asks for; a gateway's token counts where a gateway is named, and where
    nothing else is set."""
    elsewhere = [name for name in ELSEWHERE if _on(environment, name)]
    if elsewhere:
        hint = f"unset {elsewhere[0]}, or go by way of a gateway that speaks the Messages API ({GATEWAY})"
        raise CredentialError.at("", 0, f"{elsewhere[0]} names a cloud that a live run cannot reach", hint)
    given = [form for form in FORMS if _is_given(form, environment)]
    if given:
        return next(
            (form for form in given if form is not GATEWAY_TOKEN or environment.get(GATEWAY)), given[0]
        )
    hint = (
        f"set {OAUTH} ({SETUP}) or {KEY} (billed by the token), "
        "or record from a script (--script) or another recording (--play)"
    )
    raise CredentialError.at("", 0, "a live run needs a credential for the model, and there is none", hint)


def _problems(form: Form, environment: Mapping[str, str]) -> list[Problem]:
    found = []
    variable, url = _set(form, environment), environment.get(form.address, "")
    chosen = f"{form.switch or variable}: {form.words}"
    if not url and form.needs_address:
        told = f"; a subscription's token goes into {OAUTH}" if form is GATEWAY_TOKEN else ""
        hint = f"set it to the gateway's address{told}"
        found.append(Problem("", 0, f"{chosen}, and {form.address} is not set", hint))
    if url and (said := _no_address(form.address, url, environment)):
        found.append(Problem("", 0, said, f"such as {API}"))
    if form.skip and not _on(environment, form.skip):
        hint = "set it to 1: the gateway signs in to the cloud, not the CLI"
        found.append(Problem("", 0, f"{chosen}, and {form.skip} is not set", hint))
    found += [
        Problem("", 0, f"{chosen}, and {name} is not set", "the CLI asks the gateway under it")
        for name in form.needs
        if not environment.get(name)
    ]
    if variable and (said := _no_credential(variable, environment[variable])):
        found.append(Problem("", 0, said, form.mend))
    return found


def _no_address(name: str, url: str, environment: Mapping[str, str]) -> str:
    """What keeps ``url`` from being an address; a secret in its place is not shown."""
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or any(letter.isspace() for letter in url):
        shown = Redactor(secret_variables(environment)).text(url)
        return f"expected {name} to be an address, found {shown!r}"
    if parts.username or parts.password:
        return f"expected {name} to be an address alone, found one with a name or a password in it"
    return ""


def _no_credential(variable: str, secret: str) -> str:
    """What keeps ``secret`` from being a credential; it is not shown."""
    belongs = next((name for prefix, name in _KINDS.items() if secret.startswith(prefix)), variable)
    if any(letter.isspace() or not letter.isprintable() for letter in secret):
        return f"expected {variable} to be one word, found white space in it, or a line break"
    if not secret.isascii():
        return f"expected {variable} to be ASCII, found other letters in it"
    if len(secret) < MIN_SECRET:
        return f"expected {variable} to be a credential, found {len(secret)} characters"
    if variable in (KEY, OAUTH) and belongs != variable:
        return f"{variable} holds what belongs into {belongs}"
    return ""


def _is_given(form: Form, environment: Mapping[str, str]) -> bool:
    """Whether the environment asks for ``form``: by its switch, or by a credential of it."""
    return _on(environment, form.switch) if form.switch else bool(_set(form, environment))


def _set(form: Form, environment: Mapping[str, str]) -> str:
    """The first variable of ``form`` that is set; empty where none is."""
    return next((name for name in form.variables if environment.get(name)), "")


def _on(environment: Mapping[str, str], switch: str) -> bool:
    """Whether a switch is on, as the CLI reads it."""
    return environment.get(switch, "").strip().lower() in ("1", "true", "yes", "on")
