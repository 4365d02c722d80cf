"""The addresses that REST gives with its objects: one table a record, one line an address.

``<name>`` is a field of the row; ``<api>``, ``<repo>`` and ``<page>`` are the API, the row's repository
in it, and the repository's page. What stands in braces is GitHub's own template, for clients to fill in.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Final

from routine_harness.plain import Record
from routine_harness.world.github.records.derived import API, WEB

_ADDRESSES: Final[dict[str, str]] = {
    "user": """
url                     <api>/users/<login>
html_url                <web>/<login>
avatar_url              https://avatars.githubusercontent.com/u/<id>?v=4
followers_url           <api>/users/<login>/followers
following_url           <api>/users/<login>/following{/other_user}
gists_url               <api>/users/<login>/gists{/gist_id}
starred_url             <api>/users/<login>/starred{/owner}{/repo}
subscriptions_url       <api>/users/<login>/subscriptions
organizations_url       <api>/users/<login>/orgs
repos_url               <api>/users/<login>/repos
events_url              <api>/users/<login>/events{/privacy}
received_events_url     <api>/users/<login>/received_events
""",
    "repository": """
url                     <repo>
html_url                <page>
archive_url             <repo>/{archive_format}{/ref}
assignees_url           <repo>/assignees{/user}
blobs_url               <repo>/git/blobs{/sha}
branches_url            <repo>/branches{/branch}
collaborators_url       <repo>/collaborators{/collaborator}
comments_url            <repo>/comments{/number}
commits_url             <repo>/commits{/sha}
compare_url             <repo>/compare/{base}...{head}
contents_url            <repo>/contents/{+path}
contributors_url        <repo>/contributors
deployments_url         <repo>/deployments
downloads_url           <repo>/downloads
events_url              <repo>/events
forks_url               <repo>/forks
git_commits_url         <repo>/git/commits{/sha}
git_refs_url            <repo>/git/refs{/sha}
git_tags_url            <repo>/git/tags{/sha}
hooks_url               <repo>/hooks
issue_comment_url       <repo>/issues/comments{/number}
issue_events_url        <repo>/issues/events{/number}
issues_url              <repo>/issues{/number}
keys_url                <repo>/keys{/key_id}
labels_url              <repo>/labels{/name}
languages_url           <repo>/languages
merges_url              <repo>/merges
milestones_url          <repo>/milestones{/number}
notifications_url       <repo>/notifications{?since,all,participating}
pulls_url               <repo>/pulls{/number}
releases_url            <repo>/releases{/id}
stargazers_url          <repo>/stargazers
statuses_url            <repo>/statuses/{sha}
subscribers_url         <repo>/subscribers
subscription_url        <repo>/subscription
tags_url                <repo>/tags
teams_url               <repo>/teams
trees_url               <repo>/git/trees{/sha}
clone_url               <page>.git
svn_url                 <page>
git_url                 git://github.com/<full_name>.git
ssh_url                 git@github.com:<full_name>.git
""",
    "pull": """
url                     <repo>/pulls/<number>
issue_url               <repo>/issues/<number>
diff_url                <html_url>.diff
patch_url               <html_url>.patch
commits_url             <repo>/pulls/<number>/commits
review_comments_url     <repo>/pulls/<number>/comments
review_comment_url      <repo>/pulls/comments{/number}
comments_url            <repo>/issues/<number>/comments
statuses_url            <repo>/statuses/<head_sha>
""",
    "issue": """
url                     <repo>/issues/<number>
repository_url          <repo>
comments_url            <repo>/issues/<number>/comments
labels_url              <repo>/issues/<number>/labels{/name}
events_url              <repo>/issues/<number>/events
""",
    "comment": """
url                     <repo>/issues/comments/<id>
issue_url               <repo>/issues/<number>
""",
    "review": """
pull_request_url        <repo>/pulls/<number>
""",
    "review_comment": """
url                     <repo>/pulls/comments/<id>
pull_request_url        <repo>/pulls/<number>
""",
    "label": """
url                     <repo>/labels/<name>
""",
    "milestone": """
url                     <repo>/milestones/<number>
html_url                <page>/milestone/<number>
labels_url              <repo>/milestones/<number>/labels
""",
    "tag": """
zipball_url             <repo>/zipball/refs/tags/<name>
tarball_url             <repo>/tarball/refs/tags/<name>
""",
    "commit": """
url                     <repo>/commits/<sha>
comments_url            <repo>/commits/<sha>/comments
""",
    "file": """
blob_url                <page>/blob/<ref>/<filename>
raw_url                 <page>/raw/<ref>/<filename>
contents_url            <repo>/contents/<filename>?ref=<ref>
""",
    "status": """
url                     <repo>/statuses/<sha>
""",
    "check": """
url                     <repo>/check-runs/<id>
html_url                <page>/runs/<id>
""",
    "workflow": """
url                     <repo>/actions/workflows/<id>
html_url                <page>/blob/main/<path>
badge_url               <page>/actions/workflows/<path>/badge.svg
""",
    "run": """
url                     <repo>/actions/runs/<id>
jobs_url                <repo>/actions/runs/<id>/jobs
logs_url                <repo>/actions/runs/<id>/logs
check_suite_url         <repo>/check-suites/<id>
artifacts_url           <repo>/actions/runs/<id>/artifacts
cancel_url              <repo>/actions/runs/<id>/cancel
rerun_url               <repo>/actions/runs/<id>/rerun
workflow_url            <repo>/actions/workflows/<workflow_id>
""",
    "job": """
url                     <repo>/actions/jobs/<id>
run_url                 <repo>/actions/runs/<run_id>
check_run_url           <repo>/check-runs/<id>
""",
    "artifact": """
url                     <repo>/actions/artifacts/<id>
archive_download_url    <repo>/actions/artifacts/<id>/zip
""",
    "release": """
url                     <repo>/releases/<id>
assets_url              <repo>/releases/<id>/assets
upload_url              https://uploads.github.com/repos/<repository>/releases/<id>/assets{?name,label}
tarball_url             <repo>/tarball/<tag_name>
zipball_url             <repo>/zipball/<tag_name>
""",
    "asset": """
url                     <repo>/releases/assets/<id>
browser_download_url    <page>/releases/download/<tag_name>/<name>
""",
    "team": """
url                     <api>/organizations/<organization>/team/<id>
html_url                <web>/orgs/<organization>/teams/<slug>
members_url             <api>/organizations/<organization>/team/<id>/members{/member}
repositories_url        <api>/organizations/<organization>/team/<id>/repos
""",
    "organization": """
url                     <api>/orgs/<login>
html_url                <web>/<login>
avatar_url              https://avatars.githubusercontent.com/u/<id>?v=4
repos_url               <api>/orgs/<login>/repos
events_url              <api>/orgs/<login>/events
hooks_url               <api>/orgs/<login>/hooks
issues_url              <api>/orgs/<login>/issues
members_url             <api>/orgs/<login>/members{/member}
public_members_url      <api>/orgs/<login>/public_members{/member}
""",
    "installation": """
html_url                <web>/organizations/<account>/settings/installations/<id>
access_tokens_url       <api>/app/installations/<id>/access_tokens
repositories_url        <api>/installation/repositories
""",
    "comparison": """
url                     <repo>/compare/<base>...<head>
html_url                <page>/compare/<base>...<head>
permalink_url           <page>/compare/<base>...<head>
diff_url                <page>/compare/<base>...<head>.diff
patch_url               <page>/compare/<base>...<head>.patch
""",
}


def addresses_of(record: str, row: Mapping[str, object]) -> Record:
    """The addresses of a ``record``; without those that need a field which ``row`` lacks."""
    name = row.get("full_name") if record == "repository" else row.get("repository")
    places = {**row, "api": API, "web": WEB, "repo": f"{API}/repos/{name}", "page": f"{WEB}/{name}"}
    return {
        field: template.format_map(places)
        for field, template, needed in _templates(record)
        if all(places.get(one) is not None for one in needed)
    }


@functools.cache
def _templates(record: str) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Field, its address as ``str.format`` reads it, and the fields that stand in it."""
    found = []
    for line in _ADDRESSES.get(record, "").strip().splitlines():
        field, address = line.split()
        needed = tuple(re.findall(r"<(\w+)>", address))
        escaped = address.replace("{", "{{").replace("}", "}}")
        found.append((field, re.sub(r"<(\w+)>", r"{\1}", escaped), needed))
    return tuple(found)
