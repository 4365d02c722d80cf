"""The tools of the GitHub server that are known by schema and by read or write, and not simulated.

A call of one of these is answered from a recording, or refused by name.
"""

# ruff: noqa: E501 - a line is a row of the table

from __future__ import annotations

from typing import Final

from routine_harness.plain import Record

_STATES: Final = "state:triage|draft|published|closed"

_ITEM: Final[Record] = {
    "type": "object",
    "oneOf": [
        {"required": ["node_id"], "properties": {"node_id": {"type": "string"}}},
        {"required": ["item_id"], "properties": {"item_id": {"type": "integer"}}},
        {
            "required": ["item_owner", "item_repo", "issue_number"],
            "properties": {
                "item_owner": {"type": "string"},
                "item_repo": {"type": "string"},
                "issue_number": {"type": "integer"},
            },
        },
    ],
}
_SET_FIELD: Final[Record] = {
    "type": "object",
    "properties": {
        "field_id": {"type": "string"},
        "text_value": {"type": "string"},
        "number_value": {"type": "number"},
        "date_value": {"type": "string"},
        "single_select_option_id": {"type": "string"},
        "delete": {"type": "boolean"},
        "confidence": {"type": "string", "enum": ["LOW", "MEDIUM", "HIGH"]},
        "rationale": {"type": "string", "maxLength": 280},
        "is_suggestion": {"type": "boolean"},
    },
    "required": ["field_id"],
}
KNOWN_SHAPES: Final[Record] = {
    "project_items": {"type": "array", "items": _ITEM},
    "iterations": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "title": {"type": "string"},
                "start_date": {"type": "string"},
                "duration": {"type": "number"},
            },
            "required": ["title", "start_date", "duration"],
        },
    },
    "updated_field": {
        "type": "object",
        "oneOf": [{"required": ["id", "value"]}, {"required": ["name", "value"]}],
    },
    "set_fields": {"type": "array", "items": _SET_FIELD, "minItems": 1},
    "plain_text_or_null": {"anyOf": [{"type": "string"}, {"type": "null"}]},
}

KNOWN: Final = f"""
granular | set_issue_fields | @ issue_number*:n1 fields*:set_fields | Set custom fields of an issue.
read | list_issue_fields | owner* repo | List the custom fields of issues.
read | find_duplicate | @ issue_number*:n confidence_threshold:n % | Look for issues that say the same.
read | issue_dependency_read | method*:get_blocked_by|get_blocking @ issue_number*:n % | Read what an issue waits for, or holds up.
write | issue_dependency_write | method*:add|remove type*:blocked_by|blocking @ issue_number*:n related_issue_number*:n related_owner related_repo | Say that one issue waits for another.
write | assign_copilot_to_issue | @ issue_number*:n base_ref custom_instructions | Give an issue to Copilot.
write | assign_copilot_to_issue_with_intent | @ issue_number*:n base_ref custom_instructions rationale*:rationale confidence*:LOW|MEDIUM|HIGH is_suggestion*:b | Give an issue to Copilot, with reasons.
write | request_copilot_review | @ pullNumber*:n | Ask Copilot for a review.
read | ui_get | method*:labels|assignees|milestones|issue_types|branches|issue_fields|reviewers owner* repo | What a form offers to choose from.
read | get_file_blame | @ path* ref start_line:n1 end_line:n1 perPage:n1-100 after | Who last changed each line of a file.
read | list_gists | username since % | List gists.
read | get_gist | gist_id* | Read a gist.
write | create_gist | filename* content* description public:b=false | Create a gist.
write | update_gist | gist_id* filename* content* description | Change a gist.
read | list_discussions | owner* repo category orderBy:CREATED_AT|UPDATED_AT direction:ASC|DESC perPage:n1-100 after | List discussions.
read | get_discussion | @ discussionNumber*:n | Read a discussion.
read | get_discussion_comments | @ discussionNumber*:n includeReplies:b perPage:n1-100 after | Read a discussion's comments.
read | list_discussion_categories | owner* repo | List the categories of discussions.
destructive | discussion_comment_write | method*:add|reply|update|delete|mark_answer|unmark_answer owner repo discussionNumber:n commentNodeID body | Write, change or delete a discussion's comment, or mark the answer.
read | list_notifications | filter:default|include_read_notifications|only_participating since before owner repo % | List the agent's notifications.
read | get_notification_details | notificationID* | Read a notification.
write | dismiss_notification | threadID* state*:read|done | Mark a notification as read or done.
write | mark_all_notifications_read | lastReadAt owner repo | Mark every notification as read, of one repository if it is named.
destructive | manage_notification_subscription | notificationID* action*:ignore|watch|delete | Watch, ignore or leave a thread.
destructive | manage_repository_notification_subscription | @ action*:ignore|watch|delete | Watch, ignore or leave a repository.
read | projects_list | method*:list_projects|list_project_fields|list_project_items|list_project_status_updates|list_project_views owner* owner_type:user|org project_number:n query fields:s[] field_names:s[] per_page:n after before | List projects, or what is in one.
read | projects_get | method*:get_project|get_project_field|get_project_item|get_project_status_update|get_project_view owner owner_type:user|org project_number:n field_id:n item_id:n fields:s[] field_names:s[] status_update_id view_id | Read a project, or one thing of it.
destructive | projects_write | method*:add_project_item|update_project_item|update_project_items|delete_project_item|create_project_status_update|create_project_view|update_project_view|delete_project_view|create_project|create_iteration_field owner* owner_type:user|org project_number:n item_type:issue|pull_request item_owner item_repo item_id:n issue_number:n pull_request_number:n items:project_items updated_field:updated_field body status:INACTIVE|ON_TRACK|AT_RISK|OFF_TRACK|COMPLETE start_date target_date title name layout:table|board|roadmap filter:plain_text_or_null view_id visible_fields:s[] visible_field_names:s[] field_name iteration_duration:n iterations:iterations | Change a project.
read | list_starred_repositories | username sort:created|updated direction:asc|desc % | The repositories that a user has starred.
write | star_repository | @ | Star a repository.
write | unstar_repository | @ | Take a star back.
read | get_code_quality_finding | @ findingNumber*:n | Read a finding of code quality.
read | get_code_scanning_alert | @ alertNumber*:n | Read an alert of code scanning.
read | list_code_scanning_alerts | @ state:open|closed|dismissed|fixed=open ref severity:critical|high|medium|low|warning|note|error tool_name % | List alerts of code scanning.
read | get_dependabot_alert | @ alertNumber*:n | Read an alert of Dependabot.
read | list_dependabot_alerts | @ state:open|fixed|dismissed|auto_dismissed=open severity:low|medium|high|critical perPage:n1-100 after | List alerts of Dependabot.
read | get_secret_scanning_alert | @ alertNumber*:n | Read an alert of secret scanning.
read | list_secret_scanning_alerts | @ state:open|resolved secret_type resolution:false_positive|wont_fix|revoked|pattern_edited|pattern_deleted|used_in_tests % | List alerts of secret scanning.
read | get_global_security_advisory | ghsaId* | Read a published advisory.
read | list_global_security_advisories | ghsaId type:reviewed|malware|unreviewed=reviewed cveId ecosystem:actions|composer|erlang|go|maven|npm|nuget|other|pip|pub|rubygems|rust severity:unknown|low|medium|high|critical cwes:s[] isWithdrawn:b affects published updated modified | List published advisories.
read | list_repository_security_advisories | @ direction:asc|desc sort:created|updated|published {_STATES} | List a repository's advisories.
read | list_org_repository_security_advisories | org* direction:asc|desc sort:created|updated|published {_STATES} | List an organisation's advisories.
"""
