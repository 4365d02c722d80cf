"""The webhook events of GitHub by name, whether or not a trigger can listen to them.

From the definitions of octokit/webhooks (14.2.0), and the requests to bypass, dismiss and exempt that
GitHub sends beside them; GH Archive's types are in ``arrivals``.
"""

from __future__ import annotations

from typing import Final

from routine_harness.trigger.arrivals import ARCHIVE_TYPES

_OTHERS: Final = """
    branch_protection_configuration branch_protection_rule bypass_request_push_ruleset
    bypass_request_secret_scanning check_run check_suite code_scanning_alert custom_property
    custom_property_values dependabot_alert deploy_key deployment deployment_protection_rule
    deployment_review deployment_status discussion_comment dismissal_request_code_scanning
    dismissal_request_dependabot dismissal_request_secret_scanning exemption_request_push_ruleset
    exemption_request_secret_scanning github_app_authorization installation
    installation_repositories installation_target issue_dependencies label marketplace_purchase
    membership merge_group meta milestone org_block organization package page_build
    personal_access_token_request ping project project_card project_column projects_v2
    projects_v2_item projects_v2_status_update registry_package repository repository_advisory
    repository_dispatch repository_import repository_ruleset repository_vulnerability_alert
    secret_scanning_alert secret_scanning_alert_location secret_scanning_scan security_advisory
    security_and_analysis star status sub_issues team workflow_dispatch workflow_job workflow_run
"""

WEBHOOKS: Final = frozenset((*ARCHIVE_TYPES.values(), *_OTHERS.split()))
"""Every event that is known; one that is not here is of an unknown type."""
