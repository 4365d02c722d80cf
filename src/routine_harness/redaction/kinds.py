"""What secrets look like: kinds of tokens by their published shapes, as data.

Patterns are RE2 syntax. ``trigger`` is a short part that every secret of the kind has, so that one
pass over a text tells which kinds are worth a search. Where a pattern has a group, the group is the
secret and the rest is what gives it away.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class SecretKind(NamedTuple):
    """One kind of secret.

    ``certain`` says that the shape is a secret's and nothing else; of the others only what stands
    around them speaks for it, so that placeholders are left out.
    """

    name: str
    trigger: str
    pattern: str
    certain: bool = True


def _kind(name: str, trigger: str, pattern: str, *, certain: bool = True) -> SecretKind:
    return SecretKind(name, trigger, pattern, certain)


_NAMES: Final = (
    r"passw(?:or)?d|pwd|secret|client[_-]?secret|api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key|"
    r"auth[_-]?token|access[_-]?token"
)
"""How a name ends that holds a secret."""


_HEADERS: Final = (
    r"(?i:proxy-authorization|authorization|x-api-key|api-key|x-auth-token|x-access-token|private-token|"
    r"x-goog-api-key|x-amz-security-token|x-vault-token|x-gitlab-token|x-shopify-access-token|x-csrf-token|"
    r"ocp-apim-subscription-key|x-slack-signature|x-hub-signature(?:-256)?)"
)
SECRET_HEADERS: Final = frozenset({
    "authorization", "proxy-authorization", "x-api-key", "api-key", "x-auth-token", "x-access-token",
    "private-token", "x-goog-api-key", "x-amz-security-token", "x-vault-token", "x-gitlab-token",
    "x-shopify-access-token", "x-csrf-token", "ocp-apim-subscription-key", "x-slack-signature",
    "x-hub-signature", "x-hub-signature-256", "cookie", "set-cookie", "deploy-token", "job-token",
})  # fmt: skip
"""Header names, in lower case, whose whole value is secret."""

KINDS: Final[tuple[SecretKind, ...]] = (
    # a private key comes first: what is inside may look like anything
    _kind(
        "private-key",
        "-----BEGIN ",
        r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
        r"(?:(?s:.)*?-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|[A-Za-z0-9+/=\s\\:,-]*)",
    ),
    _kind("putty-key", "PuTTY-User-Key", r"PuTTY-User-Key-File-\d: (?s:.)*?Private-MAC: [0-9a-f]+"),
    _kind("age-key", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    # code hosts
    _kind("github-token", r"gh[pousr]_", r"\bgh[pousr]_[A-Za-z0-9]{30,255}"),
    _kind("github-fine-grained-token", "github_pat_", r"\bgithub_pat_[A-Za-z0-9_]{22,255}"),
    _kind("gitlab-token", r"gl(?:pat|dt|rt|soat|cbt|ptt|ft|imt|agent|oas|ffct)-",
          r"\bgl(?:pat|dt|rt|soat|cbt|ptt|ft|imt|agent|oas|ffct)-[A-Za-z0-9_=.-]{20,}"),
    _kind("bitbucket-token", "ATBB", r"\bATBB[A-Za-z0-9]{24,}"),
    _kind("atlassian-token", "AT[AC]TT3", r"\bAT[AC]TT3[A-Za-z0-9_=-]{60,}"),
    # chat and boards
    _kind("slack-token", "xox[a-z]", r"\bxox(?:[abeoprs]|e\.xox[bp])-[A-Za-z0-9-]{10,}"),
    _kind("slack-app-token", "xapp-", r"\bxapp-\d-[A-Z0-9]+-\d+-[a-f0-9]{32,}"),
    _kind("slack-webhook", "hooks.slack.com",
          r"hooks\.slack\.com/((?:services|workflows|triggers)/[A-Za-z0-9/_-]{20,})"),
    _kind("linear-key", "lin_(?:api|oauth|wh)_", r"\blin_(?:api|oauth|wh)_[A-Za-z0-9]{24,}"),
    _kind("notion-token", "ntn_", r"\bntn_[A-Za-z0-9]{40,}"),
    _kind("notion-secret", "secret_", r"\bsecret_[A-Za-z0-9]{43}\b"),
    _kind("discord-token", "[MNO][A-Za-z0-9_-]{5}",
          r"\b[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}"),
    _kind("discord-webhook", "/webhooks/",
          r"discord(?:app)?\.com/api/webhooks/(\d{17,20}/[A-Za-z0-9_-]{60,})"),
    _kind("telegram-token", ":AA", r"\b\d{8,10}:AA[A-Za-z0-9_-]{33}"),
    _kind("teams-webhook", "webhook.office.com", r"webhook\.office\.com/(webhookb2/[A-Za-z0-9@/-]{60,})"),
    _kind("asana-token", r"/\d\d\d", r"\b[0-2]/\d{16}(?:/\d{16})?:[a-f0-9]{32}\b"),
    _kind("airtable-token", r"pat[A-Za-z0-9]", r"\bpat[A-Za-z0-9]{14}\.[a-f0-9]{64}\b"),
    _kind("figma-token", "fig[dour]_", r"\bfig[dour]_[A-Za-z0-9_-]{38,}"),
    # models
    _kind("anthropic-key", "sk-ant-", r"\bsk-ant-[A-Za-z0-9_-]{20,}"),
    _kind("openai-key", "sk-", r"\bsk-(?:(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{32,})"),
    _kind("openrouter-key", "sk-or-", r"\bsk-or-(?:v\d-)?[A-Za-z0-9]{32,}"),
    _kind("huggingface-token", "hf_", r"\b(?:hf|api_org)_[A-Za-z0-9]{30,}"),
    _kind("replicate-token", "r8_", r"\br8_[A-Za-z0-9]{37}\b"),
    _kind("groq-key", "gsk_", r"\bgsk_[A-Za-z0-9]{40,}"),
    _kind("xai-key", "xai-", r"\bxai-[A-Za-z0-9]{60,}"),
    _kind("perplexity-key", "pplx-", r"\bpplx-[A-Za-z0-9]{40,}"),
    # clouds
    _kind("aws-key", "A(?:KIA|SIA|BIA|CCA)", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"),
    _kind("aws-secret", "(?i:aws_?.{0,20}(?:secret|session))",
          r"(?i:aws_?(?:secret_?access_?key|secret_?key|session_?token))[\"'\\]*\s*[=:]\s*[\"'\\]*([A-Za-z0-9/+=]{40,})"),
    _kind("aws-secret-value", "(?i:SecretAccessKey|SessionToken)",
          r"(?i:SecretAccessKey|SessionToken)[\"'\\]*\s*[=:>]\s*[\"'\\]*([A-Za-z0-9/+=]{40,})"),
    _kind("aws-bedrock-key", "(?:ABSK|bedrock-api-key-)",
          r"\b(?:ABSK[A-Za-z0-9+/=]{100,}|bedrock-api-key-[A-Za-z0-9+/=]{40,})"),
    _kind("google-key", "AIza", r"\bAIza[A-Za-z0-9_-]{35}"),
    _kind("google-oauth-token", r"ya29\.", r"\bya29\.[A-Za-z0-9_-]{20,}"),
    _kind("google-oauth-secret", "GOCSPX-", r"\bGOCSPX-[A-Za-z0-9_-]{28}"),
    _kind("google-refresh-token", "1//0", r"\b1//0[A-Za-z0-9_-]{40,}"),
    _kind("azure-storage-key", "AccountKey=", r"AccountKey=([A-Za-z0-9+/]{86}==)"),
    _kind("azure-client-secret", "8Q~", r"[A-Za-z0-9_~.-]{3}8Q~[A-Za-z0-9_~.-]{31,34}"),
    _kind("azure-sas", "sig=", r"[?&;]sig=([A-Za-z0-9%/+=]{40,})"),
    _kind("digitalocean-token", "do[opr]_v1_", r"\bdo[opr]_v1_[a-f0-9]{64}"),
    _kind("heroku-key", "HRKU-", r"\bHRKU-[A-Za-z0-9_-]{36,}"),
    _kind("fly-token", "(?:FlyV1|fm[12]_|fo1_)", r"\b(?:FlyV1 )?(?:fm[12]|fo1)_[A-Za-z0-9+/=_-]{40,}"),
    _kind("netlify-token", "nfp_", r"\bnfp_[A-Za-z0-9]{36,}"),
    _kind("vercel-token", "vc[a-z]_", r"\bvc[apikr]_[A-Za-z0-9]{24,}"),
    _kind("cloudflare-key", r"v1\.0-", r"\bv1\.0-[a-f0-9]{24}-[a-f0-9]{140,}"),
    _kind("databricks-token", "dapi", r"\bdapi[a-f0-9]{32}(?:-\d)?\b"),
    _kind("planetscale-token", "pscale_", r"\bpscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{32,}"),
    _kind("supabase-key", "sb(?:p|_secret)_", r"\b(?:sbp_[a-f0-9]{40}|sb_secret_[A-Za-z0-9_-]{20,})"),
    _kind("neon-key", "napi_", r"\bnapi_[a-z0-9]{60,}"),
    # delivery
    _kind("npm-token", "npm_", r"\bnpm_[A-Za-z0-9]{36}\b"),
    _kind("npmrc-token", "_authToken", r"_authToken\s*=\s*([A-Za-z0-9_-]{20,})"),
    _kind("pypi-token", "pypi-", r"\bpypi-[A-Za-z0-9_-]{50,}"),
    _kind("rubygems-key", "rubygems_", r"\brubygems_[a-f0-9]{48}\b"),
    _kind("crates-token", "cio", r"\bcio[A-Za-z0-9]{32}\b"),
    _kind("nuget-key", "oy2", r"\boy2[a-z0-9]{43}\b"),
    _kind("docker-token", "dckr_", r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}"),
    _kind("jfrog-token", "AKCp", r"\bAKCp[A-Za-z0-9]{60,}"),
    _kind("terraform-token", r"\.atlasv1\.", r"\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,}"),
    _kind("pulumi-token", "pul-", r"\bpul-[a-f0-9]{40}\b"),
    _kind("vault-token", r"hv[bsr]\.", r"\bhv[bsr]\.[A-Za-z0-9_-]{24,}"),
    _kind("doppler-token", r"dp\.", r"\bdp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9_.-]{40,}"),
    _kind("onepassword-token", "ops_", r"\bops_eyJ[A-Za-z0-9+/=_-]{40,}"),
    # what watches and what sells
    _kind("sentry-token", "sntry[su]_", r"\bsntry[su]_[A-Za-z0-9+/=_-]{40,}"),
    _kind("sentry-dsn", r"@o\d|sentry\.io", r"https://([a-f0-9]{32}(?::[a-f0-9]{32})?)@[A-Za-z0-9.-]+/\d+"),
    _kind("newrelic-key", "NRAK-|NRII-|NRJS-", r"\bNR(?:AK|II|JS)-[A-Za-z0-9_-]{19,}"),
    _kind("grafana-token", "gl(?:c|sa)_", r"\bgl(?:c|sa)_[A-Za-z0-9+/=_]{32,}"),
    _kind("honeycomb-key", "hca?ik_", r"\bhc[a-z]ik_[A-Za-z0-9]{58}|\bhcaik_[A-Za-z0-9]{40,}"),
    _kind("dynatrace-token", r"dt0c01\.", r"\bdt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    _kind("posthog-key", "ph[cx]_", r"\bphx_[A-Za-z0-9]{40,}"),
    _kind("stripe-key", "(?:sk|rk)_(?:live|test)_", r"\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}"),
    _kind("webhook-secret", "whsec_", r"\bwhsec_[A-Za-z0-9+/=]{24,}"),
    _kind("square-token", "sq0", r"\bsq0[a-z]{3}-[A-Za-z0-9_-]{22,}"),
    _kind("shopify-token", "shp(?:at|ca|pa|ss)_", r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    _kind("twilio-key", "SK[0-9a-f]", r"\bSK[0-9a-f]{32}\b"),
    _kind("sendgrid-key", r"SG\.", r"\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}"),
    _kind("mailgun-key", "key-", r"\bkey-[0-9a-f]{32}\b"),
    _kind("mailchimp-key", "-us", r"\b[0-9a-f]{32}-us\d{1,2}\b"),
    _kind("postman-key", "PMAK-", r"\bPMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    # shapes of many services
    _kind("jwt", "eyJ", r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"),
    _kind("url-password", r"://[^\s/@:\"'<>\\]*:[^\s/@\"'<>\[]+@",
          r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/@:\"'<>\\]*:([^\s/@\"'<>\[\]]+)@"),
    _kind("url-token", r"://[A-Za-z0-9_.~%+-]{16,}@", r"://([A-Za-z0-9_.~%+-]{16,})@", certain=False),
    _kind("signed-url", r"(?i:[-?&;](?:signature|security-token|credential|sig|hmac|token|jwt)=)",
          r"(?i:[?&;](?:x-(?:amz|goog)-(?:signature|security-token|credential)|signature|sig|hmac|token|jwt)=)"
          r"([A-Za-z0-9%/+=_.~-]{20,})", certain=False),
    _kind("authorization", "(?i:authorization)",
          r"(?i:authorization)[\"'\\]*\s*[:=]\s*\[?\s*[\"'\\]*(?:(?i:bearer|token|basic|digest|apikey|negotiate)\s+)?"
          r"([A-Za-z0-9._~+/=:-]{8,})", certain=False),
    _kind("header", "(?i:api-?key|-token|-signature|subscription-key)",
          _HEADERS + r"[\"'\\]*\s*[:=]\s*\[?\s*[\"'\\]*([A-Za-z0-9._~+/=:-]{8,})", certain=False),
    _kind("cookie", "(?i:cookie)",
          r"(?i:set-cookie|cookie)[\"'\\]*\s*:\s*\[?\s*[\"'\\]*([A-Za-z0-9_.-]+=[^\s\"'\\\[]{8,}(?:;\s*[A-Za-z0-9_.-]+=[^\s\"'\\;\[]*)*)",
          certain=False),
    _kind("secret-value", rf"(?i:(?:{_NAMES})[\"'\\]*\s*(?:=>|[:=]))",
          rf"(?i:{_NAMES})[\"'\\]*\s*(?:=>|[:=])\s*[\"'\\]*([^\s\"'\\,;<>{{}}()\[\]$&|`]{{8,}})",
          certain=False),
)  # fmt: skip

EMAIL: Final = _kind("email", "@", r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
