"""The faces of GitHub besides its MCP server, as a tool call names the one that has read it (``server``)."""

from __future__ import annotations

from typing import Final

API: Final = "api.github.com"
"""A request of the REST API."""
GH: Final = "gh"
"""A command of ``gh`` that asks the REST API."""
GRAPHQL: Final = "graphql"
"""A field of a GraphQL document."""
GH_GRAPHQL: Final = "gh graphql"
"""A command of ``gh`` that asks by GraphQL."""
GIT: Final = "git"
"""A push that makes or deletes a ref, which the rule of pushes has let through."""
FACES: Final = (API, GH, GRAPHQL, GH_GRAPHQL, GIT)
OF_GH: Final = (GH, GH_GRAPHQL)
