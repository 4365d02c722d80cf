"""The options of one ``gh GROUP COMMAND``, and what they refer to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from routine_harness.world.shell.acts import Act, Word, call, effect
from routine_harness.world.shell.files import resolve
from routine_harness.world.shell.holes import has_hole, hole
from routine_harness.world.shell.options import Options, names, parse_options
from routine_harness.world.shell.scope import Text

if TYPE_CHECKING:
    from routine_harness.world.shell.reader import Reader

_ALIASES: Final = {"--repo": "-R", "--title": "-t", "--body": "-b", "--body-file": "-F", "--notes-file": "-F",
                   "--base": "-B", "--head": "-H", "--draft": "-d", "--label": "-l", "--assignee": "-a",
                   "--reviewer": "-r", "--milestone": "-m", "--comment": "-c", "--notes": "-n",
                   "--description": "-d", "--field": "-F", "--raw-field": "-f", "--ref": "-r"}  # fmt: skip


_VALUED: Final = names(
    "-R -t -b -F -B -H -l -a -r -m -p -T -c -n -q -L -s -S -A -j -u -e -o -D -O --add-label "
    "--remove-label --add-assignee --remove-assignee --add-reviewer --remove-reviewer --project "
    "--template --search --state --author --limit --json --jq --target --discussion-category "
    "--notes-start-tag --reason --subject --match-head-commit --author-email --env --org --visibility "
    "--job --attempt --homepage --license --gitignore --team --remote --source --default-branch --color "
    "--name --branch --workflow --user --event --created --commit --app --repos --type --parent "
    "--add-project --remove-project --add-topic --remove-topic --add-sub-issue --issue --interval "
    "--pattern --dir --output --owner --number --id --fork-name --body-text --add --filename "
    "--duplicate-of --recover"
)


_FLAGS: Final = {
    ("pr", "merge"): ("-m", "-r", "-s", "-d"),
    ("pr", "review"): ("-a", "-r", "-c"),
    ("pr", "create"): ("-d", "-e", "-f", "--draft"),
    ("pr", "comment"): ("-e",),
    ("release", "create"): ("-d", "-p"),
    ("release", "delete"): (),
    ("issue", "create"): ("-e",),
    ("issue", "list"): (),
    ("repo", "create"): ("-c",),
    ("gist", "create"): ("-p",),
    ("run", "rerun"): (),
    ("pr", "view"): ("-c",),
    ("issue", "view"): ("-c",),
}  # fmt: skip
"""Letters that take a value elsewhere in ``gh`` and none here."""


_MORE: Final = {
    "label": ("-d",),
    "repo": ("-d",),
    "gist": ("-d", "-f"),
    "workflow": ("-f",),
    "variable": ("-f",),
    "secret": ("-f",),
    "codespace": ("-d",),
}
"""Letters that take a value in one group only."""


class Gh:
    """One ``gh GROUP COMMAND …``: its options, and what they refer to."""

    def __init__(self, reader: Reader, group: str, name: str, rest: list[Word], stdin: Text) -> None:
        valued = (_VALUED | set(_MORE.get(group, ()))) - set(_FLAGS.get((group, name), ()))
        self.reader, self.stdin, self.name = reader, stdin, name
        self.options: Options = parse_options(rest, valued, _ALIASES)
        self.words = self.options.rest

    @property
    def repository(self) -> str:
        """``owner/name``: given, in a URL, in the environment, or that of the clone."""
        given = self.options.last("-R")
        if given is not None:
            return "/".join(given.text.split("/")[-2:])
        found = _url(self.words[0].text) if self.words else None
        if found:
            return found[1]
        return self.reader.scope.variables.get("GH_REPO") or self.reader.context.repository

    @property
    def number(self) -> int | str | None:
        """The pull request or issue that the first word names, if it is a number, a URL or not known."""
        if not self.words:
            return None
        text = self.words[0].text
        found = _url(text)
        digits = found[2] if found else text.removeprefix("#")
        if has_hole(digits):
            return digits.rpartition("/")[2]
        return int(digits) if digits.isdecimal() and len(digits) < 12 else None

    def has(self, *names: str) -> bool:
        return any(name in self.options for name in names)

    def text(self, *names: str) -> str | None:
        return self.options.text(*names)

    def listed(self, *names: str) -> list[str] | None:
        """Comma-separated values of repeatable options."""
        found = [part.strip() for word in self.options.texts(*names) for part in word.text.split(",")]
        return found or None

    def file(self, word: Word | None) -> str | None:
        """The text of a file that is known, or its input for ``-``; a hole for any other."""
        if word is None:
            return None
        if word.text == "-":
            text = self.stdin.text
        else:
            text = self.reader.file(resolve(self.reader.context.directory, word.text))
        return hole(f"$(cat {word.text})") if text is None else text

    @property
    def body(self) -> str | None:
        given = self.options.last("-b")
        return given.text if given is not None else self.file(self.options.last("-F"))

    def call(self, tool: str, **arguments: Any) -> Act:
        return call(tool, self.repository, **arguments)

    def effect(self, kind: str, **fields: Any) -> Act:
        return effect(kind, "github", repository=self.repository, **fields)


_URL: Final = re.compile(r"https?://[^/]+/([^/]+/[^/]+)/(?:pull|issues)/(\d+)")


def _url(text: str) -> re.Match[str] | None:
    """Repository and number in the address of a pull request or an issue."""
    return _URL.match(text)
