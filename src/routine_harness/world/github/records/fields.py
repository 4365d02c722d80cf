# ruff: noqa: E501 - a line is a row of the table
"""The fields of GitHub's records: one table a record, one line a field.

A line holds the row's name, its kind, and its name in REST (and webhooks), in the answers of the MCP
server and in ``gh --json``. ``=`` is the row's own name, ``.`` means that the face does not show it;
``!`` that the MCP server shows it although it is empty; ``name:kind`` that one face spells it by
another kind. What a kind looks like, each face says. A new field is one line here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Final, Literal, NamedTuple

from routine_harness.plain import Json, Record
from routine_harness.world.state import World

Face = Literal["rest", "mcp", "gh"]


class Field(NamedTuple):
    """One field in one face: the row's name, how it is spelt there, and by which kind."""

    row: str
    name: str
    kind: str
    always: bool


TABLES: Final[dict[str, str]] = {
    "pull": """
number              plain       =   =!  =
title               plain       =   =!:item_text  =
body                plain       =   =:item_text   =:text
state               plain       =   =!  =:state
draft               flag        =   =!  isDraft
merged              flag        =   =!  .
mergeable           plain       =   .   mergeable:mergeable
mergeable_state     plain       =:merge_state   =   mergeStateStatus:upper
html_url            plain       =   =   url
user                person      =   =   author:author
author_association  plain       =   .   .
labels              labels      =   =:names   =
assignees           people      =   =:names   =
requested_reviewers people      =   =:names   reviewRequests:requests
requested_teams     list        =   .   .
merged_by           person      =   =:name   mergedBy
head                tip         =   =   headRefName:plain
head_sha            plain       .   .   headRefOid
head_repository     plain       .   .   headRepository:repository
head_repository     plain       .   .   headRepositoryOwner:owner
head_repository     plain       .   .   isCrossRepository:cross
base                tip         =   =   baseRefName:plain
base_sha            plain       .   .   baseRefOid
additions           n_additions =   =   =
deletions           n_deletions =   =   =
changed_files       n_files     =   =   changedFiles
commits             n_commits   =   =   =:commits
comments            n_comments  =   =   =:comments
review_comments     n_review_comments   =   .   .
created_at          time        =   =   createdAt
updated_at          time        =   =   updatedAt
closed_at           time        =   =   closedAt
merged_at           time        =   =   mergedAt
milestone           milestone   =   =   =
locked              flag        =   .   .
merge_commit_sha    plain       =   .   mergeCommit:oid
maintainer_can_modify flag      =   .   maintainerCanModify
auto_merge          plain       =   .   autoMergeRequest
state               plain       .   .   closed:closed
id                  plain       =   .   id:pull_node
number              plain       .   .   reviews:reviews
number              plain       .   .   latestReviews:reviews
number              plain       .   .   reviewDecision:decision
number              plain       .   .   files:files
number              plain       .   .   statusCheckRollup:rollup
number              plain       .   .   closingIssuesReferences:closing
number              plain       .   .   reactionGroups:reactions
id                  node        node_id .   .
""",
    "issue": """
number              plain       =   =!  =
title               plain       =   =!:item_text  =
body                plain       =   =:item_text   =:text
state               plain       =   =!  =:state
state_reason        plain       =   =   stateReason:upper
locked              flag        =   =   .
html_url            plain       =   =   url
user                person      =   =   author:author
author_association  plain       =   =   .
labels              labels      =   =:names   =
assignees           people      =   =!:names   =
milestone           milestone   =   =   =
comments            n_comments  =   =   =:comments
reactions           reactions   =   =   reactionGroups
created_at          time        =   =   createdAt
updated_at          time        =   =   updatedAt
closed_at           time        =   =   closedAt
closed_by           person      =   =:name   .
type                type        =   issue_type   .
state               plain       .   .   closed:closed
id                  plain       =   .   id:issue_node
pinned              flag        .   .   isPinned
number              plain       .   .   closedByPullRequestsReferences:closing
id                  node        node_id .   .
""",
    "found": """
id                  plain       =   =!  .
number              plain       =   =!  =
state               plain       =   =!  =:lower
title               plain       =   =!:any_text  =
body                plain       =   =:any_text   =:text
user                person      =   =:found_user   author:author
labels              labels      =   =!:rest_labels   =
assignees           people      =   =!:found_people   =
comments            n_comments       =   =!  commentsCount
locked              flag        =   =!  isLocked
created_at          time        =   =!  createdAt
updated_at          time        =   =!  updatedAt
closed_at           time        =   =   closedAt
html_url            plain       =   =!  url
number              plain       url:issue_url   url!:issue_url   .
repository          plain       repository_url:repository_url   repository_url!:repository_url   repository:repository
state_reason        plain       =   =   .
draft               flag        =   =   isDraft
author_association  plain       =   =   authorAssociation
milestone           milestone   =   =   .
number              plain       pull_request:pull_links   pull_request:pull_links   isPullRequest:is_pull
id                  plain       .   .   id:found_node
id                  node        node_id .   .
reactions           reactions   =   .   .
closed_by           person      =   .   .
""",
    "comment": """
id                  plain       =   =!  id:comment_node
body                plain       =   =:any_text   =:text
html_url            plain       =   =!  url
user                person      =   =   author:author
author_association  plain       =   =   authorAssociation:association
reactions           reactions   =   =   reactionGroups
created_at          time        =   =   createdAt
updated_at          time        =   =   .
id                  node        node_id .   .
""",
    "review": """
id                  plain       =   =!  id:review_node
state               plain       =   =!  =
body                plain       =   =:any_text   =:text
html_url            plain       =   =!  .
user                person      =   =   author:author
commit_id           plain       =   =   commit:oid
submitted_at        time        =   =   submittedAt
author_association  plain       =   =   authorAssociation:association
id                  node        node_id .   .
""",
    "review_comment": """
id                  plain       =   .   .
review              plain       pull_request_review_id   .   .
body                plain       =   =:any_text   .
path                plain       =   =!  .
line                plain       =   =   .
user                person      =   author:name   .
created_at          time        =   =   .
updated_at          time        =   =   .
html_url            plain       =   =!  .
id                  node        node_id .   .
side                side        =   .   .
diff_hunk           hunk        =   .   .
commit_id           head_of     =   .   .
original_commit_id  head_of     =   .   .
""",
    "label": """
id                  plain       =   =!:label_id   id:label_node
name                plain       =   =!  =
color               plain       =   =!  =
description         nullable    =   =!:text   =:text
default             flag        =   .   isDefault
name                plain       .   .   url:label_web
id                  node        node_id .   .
""",
    "milestone": """
number              plain       =   =!  =
title               plain       =   =!  =
state               plain       =   =!  =
description         plain       =   =!  =:text
due_on              time        =   =   dueOn
html_url            plain       =   =   .
created_at          time        =   =   .
closed_at           time        =   =   .
creator             person      =   .   .
id                  milestone_id =   .   .
id                  milestone_node node_id .   .
open_issues         n_open      =   .   .
closed_issues       n_closed    =   .   .
updated_at          time        =   .   .
""",
    "repository": """
id                  plain       =   =!  id:repository_node
name                plain       =   =!  =
full_name           plain       =   =!  nameWithOwner
owner               person      =   .   =:owner_of
description         plain       =   =   =:text
html_url            plain       =   =!  url
homepage            plain       =   .   homepageUrl
language            plain       =   =   primaryLanguage:language
stargazers_count    whole       =   =!  stargazerCount
forks_count         whole       =   =!  forkCount
open_issues_count   open_items  =   =!  .
updated_at          time        =   =!  updatedAt
created_at          time        =   =!  createdAt
pushed_at           time        =:pushed   .   pushedAt
topics              list        =   =   .
private             flag        =   =!  isPrivate
private             flag        visibility:visibility   .   visibility:shouted_visibility
fork                flag        =   =!  isFork
archived            flag        =   =!  isArchived
default_branch      plain       =   =!  defaultBranchRef:named
has_issues          flag        .   .   hasIssuesEnabled
license             license     =   .   .
id                  node        node_id .   .
forks               forks       =   .   .
open_issues         open_issues =   .   .
watchers            stars       =   .   .
watchers_count      stars       =   .   .
network_count       network     =   .   .
size                whole       =   .   .
has_issues          on          =   .   .
has_projects        on          =   .   .
has_wiki            on          =   .   .
has_downloads       on          =   .   .
has_pages           flag        =   .   .
has_discussions     flag        =   .   .
disabled            flag        =   .   .
mirror_url          plain       =   .   .
""",
    "user": """
login               plain       =   =!  =
id                  user_id     =   =!  =:user_node
html_url            user_link   =   profile_url!   .
avatar_url          plain       =   =   .
type                user_type   =   .   .
name                plain       =   .   =:text
email               plain       =   .   .
company             plain       =   .   .
id                  node_of_user node_id .   .
site_admin          flag        =   .   .
gravatar_id         text        =   .   .
bio                 plain       =   .   .
blog                text        =   .   .
location            plain       =   .   .
hireable            plain       =   .   .
followers           whole       =   .   .
following           whole       =   .   .
public_repos        n_repositories  =   .   .
public_gists        whole       =   .   .
created_at          time        =   .   .
updated_at          time        =   .   .
""",
    "branch": """
name                plain       =   =!  =
sha                 plain       commit:commit_link   =!:text   .
protected           flag        =   =!  .
""",
    "ref": """
ref                 plain       =   =!  .
ref                 plain       url:ref_url   url!:ref_url   .
sha                 plain       object:commit_object   object!:commit_object   .
ref                 ref_node    node_id .   .
""",
    "tag": """
name                plain       =   =!  .
sha                 plain       commit:commit_link   =!:text   .
sha                 node        node_id .   .
""",
    "commit": """
sha                 plain       =   =!  oid
html_url            commit_web  =   =!  .
message             plain       commit:git_commit   commit!:git_commit   messageHeadline:headline
message             plain       .   .   messageBody:rest_of_message
author              person      =   =   authors:authors
author              person      committer   committer   .
date                time        .   .   authoredDate
date                time        .   .   committedDate
parents             shas        =   .   .
stats               plain       =   =   .
sha                 node        node_id .   .
""",
    "pull_commit": """
sha                 plain       .   =!  .
html_url            commit_web  .   =!  .
message             plain       .   =:any_text   .
author              git_author  .   =   .
""",
    "file": """
filename            plain       =   =!  path
status              plain       =   =   changeType:upper
additions           plain       =   =   =
deletions           plain       =   =   =
changes             plain       =   =   .
patch               plain       =   =   .
previous_filename   plain       =   =   .
sha                 plain       =   .   .
""",
    "entry": """
type                plain       =   =!  .
size                plain       =   =!  .
name                plain       =   =!  .
path                plain       =   =!  .
sha                 plain       =   =!  .
path                plain       url:content_url   url!:content_url   .
sha                 plain       git_url:git_url   git_url!:git_url   .
path                plain       html_url:content_web   html_url!:content_web   .
path                plain       download_url:raw_url   download_url:raw_url   .
text_matches        plain       .   =   .
""",
    "status": """
id                  plain       =   .   .
state               plain       =   =!  =:upper
context             plain       =   =!  =
description         plain       =   =   .
target_url          plain       =   =   targetUrl:text
creator             person      =   .   .
created_at          time        =   =   startedAt
updated_at          time        =   =   .
id                  node        node_id .   .
avatar_url          plain       =   .   .
""",
    "check": """
id                  plain       =   =!  .
name                plain       =   =!  =
status              plain       =   =!  =:upper
conclusion          plain       =   =   =:upper
head_sha            plain       =   .   .
html_url            plain       =   =   .
details_url         plain       =   =   detailsUrl:details
started_at          time        =   =   startedAt
completed_at        time        =   =   completedAt
workflow_name       plain       .   .   workflowName:text
output              check_output =   .   .
id                  node        node_id .   .
external_id         plain       =   .   .
check_suite         check_suite =   .   .
pull_requests       list        =   .   .
""",
    "workflow": """
id                  plain       =   =!  =
name                plain       =   =!  =
path                plain       =   =!  =
state               plain       =   =!  =
html_url            plain       =   =   .
created_at          time        =   =   .
updated_at          time        =   =   .
id                  node        node_id .   .
""",
    "run": """
id                  plain       =   =!  databaseId
name                plain       =   =!  workflowName
name                plain       .   .   name
display_title       run_title   =   =   displayTitle
workflow_id         plain       =   =!  workflowDatabaseId
run_number          plain       =   =!  number
run_attempt         plain       =   =!  attempt
event               plain       =   =   =
status              plain       =   =   =:text
conclusion          plain       =   =   =:text
head_branch         plain       =   =   headBranch
head_sha            plain       =   =   headSha
path                plain       =   =   .
html_url            plain       =   =   url
pull_requests       run_pulls   =   =:list   .
actor               person      =:actor   =   .
triggering_actor    person      =:actor   =   .
created_at          time        =   =   createdAt
updated_at          time        =   =   updatedAt
run_started_at      time        =:run_start   =   startedAt:started
id                  plain       .   .   jobs:jobs
id                  node        node_id .   .
head_commit         run_commit  =   .   .
repository          repository_named =   .   .
repository          repository_named head_repository .   .
""",
    "job": """
id                  plain       =   =!  databaseId
run_id              plain       =   =!  .
name                plain       =   =!  =
workflow_name       plain       =   =   .
status              plain       =   =!  =:text
conclusion          plain       =   =   =:text
head_branch         plain       =   =   .
head_sha            plain       =:sha_of_run   =   .
html_url            plain       =   =   url
steps               list        =   =   steps:steps
created_at          time        =:start_of_run   =   .
started_at          time        =:start_of_run   =   startedAt
completed_at        time        =   =   completedAt
id                  node        node_id .   .
labels              list        =   .   .
runner_id           plain       =   .   .
runner_name         plain       =   .   .
runner_group_id     plain       =   .   .
runner_group_name   plain       =   .   .
""",
    "artifact": """
id                  plain       =   =!  .
name                plain       =   =   .
size_in_bytes       plain       =:whole   =   .
expired             flag        =   =!  .
created_at          time        =   =   .
id                  node        node_id .   .
expires_at          time        =   .   .
updated_at          time        =   .   .
""",
    "release": """
id                  plain       =   =!  databaseId
tag_name            plain       =   =!  tagName
name                plain       =   =:any_text   =:text
body                plain       =   =:any_text   =:text
html_url            plain       =   =!  url
published_at        time        =   =   publishedAt
prerelease          flag        =   =!  isPrerelease
draft               flag        =   =!  isDraft
author              person      =   =   author:author
target_commitish    plain       =   .   targetCommitish
created_at          time        =   .   createdAt
assets              assets      =   .   =:assets
id                  plain       .   .   isLatest:latest
id                  plain       .   .   isImmutable:never
id                  node        node_id .   .
immutable           flag        =   .   .
""",
    "asset": """
id                  plain       =   =!  id:asset_node
name                plain       =   =!  =
label               plain       =   =   =:text
state               plain       =:uploaded   =   =
size                whole       =   =   =
content_type        plain       =:bytes   =   contentType:text
download_count      whole       =   =   downloadCount
browser_download_url plain      =   =   url
created_at          time        =:made   =   createdAt
uploader            person      =   =   .
id                  node        node_id .   .
digest              plain       =   .   .
updated_at          made        =   .   .
""",
    "ruleset": """
id                  plain       =   =!  .
name                plain       =   =!  .
target              plain       =   =!  .
enforcement         plain       =   =!  .
conditions          plain       =   =!  .
rules               plain       =   =!  .
repository          plain       source  .   .
repository          ruled       source_type .   .
id                  node        node_id .   .
""",
    "collaborator": """
login               plain       =   =!  .
login               user_id     id:user_id   id!:user_id   .
role_name           role        =   =!  .
""",
    "reaction": """
id                  plain       =   =!  .
content             plain       =   =!  .
user                person      =   =   .
created_at          time        =   =   .
id                  node        node_id .   .
""",
    "issue_type": """
id                  plain       =:type_id   =   .
name                plain       =   =!  .
description         plain       =   =   .
id                  type_node   node_id .   .
""",
}  # fmt: skip
"""Record → its fields."""

_COLUMNS: Final[dict[Face, int]] = {"rest": 2, "mcp": 3, "gh": 4}


@functools.cache
def fields_of(record: str, face: Face) -> tuple[Field, ...]:
    """The fields of ``record`` that ``face`` shows, in their order."""
    found = []
    for line in TABLES[record].strip().splitlines():
        parts = line.split()
        if len(parts) < 5:
            continue
        spelt = parts[_COLUMNS[face]]
        if spelt != ".":
            name, _, kind = spelt.partition(":")
            always = "!" in spelt
            name = name.removesuffix("!")
            kind = (kind or parts[1]).removesuffix("!")
            found.append(Field(parts[0], parts[0] if name == "=" else name, kind, always))
    return tuple(found)


@functools.cache
def rows_of_kind(kind: str) -> frozenset[str]:
    """The names of the row fields that are of ``kind`` in any record."""
    lines = (line.split() for table in TABLES.values() for line in table.strip().splitlines())
    return frozenset(parts[0] for parts in lines if len(parts) == 5 and parts[1] == kind)


@functools.cache
def rows_of(record: str) -> tuple[str, ...]:
    """The names of a record's fields in a row, with the id that GraphQL gives it."""
    return tuple(dict.fromkeys([*(field.row for field in fields_of(record, "rest")), "node_id"]))


@functools.cache
def names_of_kind(kind: str) -> tuple[str, ...]:
    """What rows, REST and webhooks call the fields that are of ``kind`` in any record."""
    spelt = (field.name for name in TABLES for field in fields_of(name, "rest") if field.kind == kind)
    return tuple(dict.fromkeys([*sorted(rows_of_kind(kind)), *spelt]))


Kind = Callable[[World, Record, Json], Json]
"""The world, the whole row and the field's value → the value as a face spells it."""


def show_row(face: Face, kinds: Mapping[str, Kind], record: str, world: World, row: Record) -> Record:
    """``row`` as ``face`` shows a ``record``, its values spelt by ``kinds``.

    A kind that ``kinds`` lacks is spelt as it stands. The MCP server leaves empty values out.
    """
    shown: Record = {}
    compact = face == "mcp"
    for field in fields_of(record, face):
        value = row.get(field.row)
        kind = kinds.get(field.kind)
        if kind is not None:
            value = kind(world, row, value)
        if field.always or not compact or value not in _EMPTY:
            shown[field.name] = value
    return shown


_EMPTY: Final[tuple[Json, ...]] = (None, "", 0, False, [], {})
