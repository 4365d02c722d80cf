"""The environment's network level: which hosts a program inside may ask.

GitHub and the connectors bypass the list, even where the level is none.
Source: https://code.claude.com/docs/en/cloud-environments, text of October 2026.
"""

from __future__ import annotations

import ipaddress
from typing import Final, Literal
from urllib.parse import SplitResult, urlsplit

from routine_harness.routine.spec import Environment

GITHUB: Final = (
    "github.com", "api.github.com", "codeload.github.com", "raw.githubusercontent.com",
    "objects.githubusercontent.com", "uploads.github.com", "gist.github.com", "ghcr.io",
)  # fmt: skip

PACKAGES: Final = (
    "registry.npmjs.org", "www.npmjs.com", "npmjs.com", "yarnpkg.com", "registry.yarnpkg.com", "pypi.org",
    "www.pypi.org", "files.pythonhosted.org", "pythonhosted.org", "test.pypi.org", "pypi.python.org",
    "rubygems.org", "www.rubygems.org", "api.rubygems.org", "index.rubygems.org", "crates.io",
    "www.crates.io", "index.crates.io", "static.crates.io", "static.rust-lang.org", "rustup.rs",
    "proxy.golang.org", "sum.golang.org", "index.golang.org", "golang.org", "goproxy.io", "pkg.go.dev",
    "repo.maven.apache.org", "repo1.maven.org", "maven.org", "repo.maven.org", "central.maven.org",
    "plugins.gradle.org", "gradle.org", "services.gradle.org", "packagist.org", "repo.packagist.org",
    "nuget.org", "api.nuget.org", "www.nuget.org", "hex.pm", "repo.hex.pm", "pub.dev", "hackage.haskell.org",
    "cocoapods.org", "archive.ubuntu.com", "security.ubuntu.com", "ports.ubuntu.com", "deb.nodesource.com",
    "nodejs.org", "deb.debian.org",
)  # fmt: skip
TRUSTED: Final = (
    *PACKAGES,
    "api.anthropic.com", "statsig.anthropic.com", "docs.anthropic.com", "docs.claude.com",
    "platform.claude.com", "code.claude.com", "claude.ai", "www.github.com", "npm.pkg.github.com",
    "pkg-npm.githubusercontent.com", "avatars.githubusercontent.com", "camo.githubusercontent.com",
    "gitlab.com", "www.gitlab.com", "registry.gitlab.com", "bitbucket.org", "www.bitbucket.org",
    "api.bitbucket.org", "registry-1.docker.io", "auth.docker.io", "index.docker.io", "hub.docker.com",
    "www.docker.com", "download.docker.com", "production.cloudflare.docker.com", "gcr.io", "*.gcr.io",
    "mcr.microsoft.com", "*.data.mcr.microsoft.com", "public.ecr.aws", "cloud.google.com",
    "accounts.google.com", "gcloud.google.com", "dl.google.com", "*.googleapis.com", "azure.com",
    "portal.azure.com", "microsoft.com", "www.microsoft.com", "*.microsoftonline.com",
    "packages.microsoft.com", "dotnet.microsoft.com", "dot.net", "visualstudio.com", "dev.azure.com",
    "*.amazonaws.com", "*.api.aws", "oracle.com", "www.oracle.com", "java.com", "www.java.com", "java.net",
    "www.java.net", "download.oracle.com", "yum.oracle.com", "pypa.io", "ruby-lang.org",
    "www.ruby-lang.org", "rvm.io", "get.rvm.io", "www.rust-lang.org", "www.golang.org", "kotlinlang.org",
    "spring.io", "repo.spring.io", "cpan.org", "metacpan.org", "api.pub.dev", "haskell.org", "swift.org",
    "www.swift.org", "*.ubuntu.com", "launchpad.net", "ppa.launchpad.net", "*.nixos.org", "dl.k8s.io",
    "pkgs.k8s.io", "k8s.io", "releases.hashicorp.com", "apt.releases.hashicorp.com",
    "rpm.releases.hashicorp.com", "hashicorp.com", "repo.anaconda.com", "conda.anaconda.org",
    "anaconda.org", "apache.org", "www.apache.org", "archive.apache.org", "downloads.apache.org",
    "eclipse.org", "download.eclipse.org", "www.nodejs.org", "statsig.com", "api.statsig.com", "sentry.io",
    "*.sentry.io", "*.datadoghq.com", "*.datadoghq.eu", "sourceforge.net", "*.sourceforge.net",
    "packagecloud.io", "*.packagecloud.io", "schema.org", "json-schema.org", "json.schemastore.org",
    "*.modelcontextprotocol.io",
)  # fmt: skip
"""What the level trusted lets through. The platform's own list changes; what matters here is that a
host of nobody's is not on it."""

DENIED: Final = "host_not_allowed"


def is_allowed(host: str, environment: Environment) -> bool:
    """Whether a request to ``host`` passes the environment's network."""
    host = host.lower().rstrip(".")
    if host in GITHUB or environment.network == "full":
        return True
    if environment.network == "none":
        return False
    listed = environment.allowed_domains if environment.network == "custom" else TRUSTED
    return any(_matches(host, domain.lower()) for domain in listed)


def _matches(host: str, domain: str) -> bool:
    """Whether ``domain`` covers ``host``; a leading ``*.`` covers subdomains."""
    return host.endswith(domain[1:]) if domain.startswith("*.") else host == domain


def denial(host: str) -> str:
    """What the platform's proxy says where a host is not let through."""
    return f"Host not in allowlist: {host}\n"


Reach = Literal["loopback", "granted", "allowed", "trusted", "unlisted", "unreached"]
"""What a host is to a routine: this machine, GitHub where repositories are granted, a domain that the
user wrote, one of the trusted defaults, any other one under ``full``, or one behind the proxy's 403."""


def reach_of(host: str, environment: Environment, *, github: bool) -> Reach:
    """What ``host`` is to a routine in ``environment``; ``github`` says whether repositories are granted."""
    host = host.lower().rstrip(".")
    if is_loopback(host):
        return "loopback"
    if host in GITHUB and github:
        return "granted"
    if environment.network != "none" and any(
        _matches(host, each.lower()) for each in environment.allowed_domains
    ):
        return "allowed"
    if not is_allowed(host, environment):
        return "unreached"
    listed = host in GITHUB or any(_matches(host, domain) for domain in TRUSTED)
    return "trusted" if listed else "unlisted"


def is_loopback(host: str) -> bool:
    """Whether ``host`` is the machine itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def split_url(url: str) -> SplitResult:
    """The parts of an address; of one that is none (``http://[]``), its text as a path."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", url, "", "")
