"""The environment's network level: which hosts a program inside may ask.

GitHub and the connectors bypass the list, even where the level is none.
Source: https://code.claude.com/docs/en/cloud-environments, text of October 2026.
"""

from __future__ import annotations

from typing import Final

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
    *PACKAGES, "api.anthropic.com", "docs.anthropic.com", "docs.claude.com", "code.claude.com", "gitlab.com",
    "registry.gitlab.com", "bitbucket.org", "registry-1.docker.io", "auth.docker.io", "index.docker.io",
    "hub.docker.com", "download.docker.com", "gcr.io", "mcr.microsoft.com", "public.ecr.aws",
    "dl.google.com", "storage.googleapis.com", "sourceforge.net", "packagecloud.io",
    "schema.org", "json-schema.org", "json.schemastore.org",
)  # fmt: skip
"""What the level trusted lets through: package registries and the like. The platform's own list is
longer and changes; what matters here is that a host of nobody's is not on it."""

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
