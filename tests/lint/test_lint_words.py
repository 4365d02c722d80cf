"""Words that are taken for something else: names of services, and prompts in other languages."""

from __future__ import annotations

import pytest
import yaml
from lint_fragments import codes, lint

from routine_harness.lint.language import is_english


def alarms(prompt: str, connector: str = "") -> list[str]:
    """The findings about access and prompt of one routine with one connector."""
    data = {"name": "x", "connectors": [connector] if connector else [], "prompt": prompt}
    return codes(lint(yaml.safe_dump(data, allow_unicode=True)))


@pytest.mark.parametrize(
    ("connector", "said"),
    [
        ("google-calendar", "Read the events of today in Google Calendar."),
        ("google_calendar", "Read the events of today in the Google calendar."),
        ("Google Calendar", "Read today's events in google-calendar."),
        ("calendar", "Read today's events in Google Calendar."),
        ("google-calendar", "Say which meetings clash."),
        ("google-drive", "Read the file in Google Drive."),
        ("microsoft-teams", "Post the result in Microsoft Teams."),
        ("acme-billing", "Read the invoices in Acme Billing."),
        ("aws-cloudwatch", "Read the newest alarms of CloudWatch."),
        ("slack", "Post the result in slack."),
        ("slack", "Send a Slack message."),
        ("slack", "Post to #builds."),
        ("linear", "Create a linear ticket for each."),
        ("linear", "Close ENG-12."),
        ("linear", "Use `linear` for what you find."),
        ("google-calendar", "Call mcp__claude_ai_Google_Calendar__list_events."),
        ("notion", "Write it into the Notion page."),
    ],
)
def test_a_service_is_known_in_each_of_its_spellings(connector: str, said: str) -> None:
    """It is mentioned, and it is granted."""
    found = alarms(said, connector)
    assert "access.unused-grant" not in found
    assert "access.not-granted" not in found


@pytest.mark.parametrize(
    ("connector", "said"),
    [
        ("linear", "Replace the linear scan by an index."),
        ("linear", "Linear search is too slow here; make it run in linear time."),
        ("linear", "Fit a linear regression to the numbers."),
        ("slack", "Cut me some slack and keep the answer short."),
        ("slack", "Leave some slack in the estimate, and do not slack off."),
        ("notion", "Keep to the notion of a unit test."),
        ("google-calendar", "Fix the failing build in the repository."),
    ],
)
def test_a_word_of_english_is_no_mention(connector: str, said: str) -> None:
    """The grant is unused, and without the grant nothing is missed."""
    assert "access.unused-grant" in alarms(said, connector)
    assert "access.not-granted" not in alarms(said)


def test_what_is_used_and_not_granted_is_still_told() -> None:
    """By a service's name, and by a tool's."""
    assert "access.not-granted" in alarms("Create an event in Google Calendar for each release.")
    assert "access.not-granted" in alarms("Call mcp__claude_ai_Google_Calendar__list_events.", "slack")
    assert "access.not-granted" in alarms("Create a ticket in Linear for each failure.", "slack")


FOREIGN = [
    "Prüfe jeden neuen Pull Request auf Sicherheitslücken und schreibe für jeden Fund ein Ticket in Linear.",
    "Lies die Issues der Woche und poste eine Zusammenfassung in den Kanal #team.",
    "Lis les tickets de la semaine et publie un résumé dans le canal #equipe. Ne ferme jamais un ticket.",
    "Revisa cada pull request y crea un issue por cada error. No hagas merge.",
    "Revise cada pull request e crie uma issue para cada erro. Não faça merge.",
    "Controlla ogni pull request e crea una issue per ogni errore che trovi.",
    "Controleer elke pull request en maak een issue voor elke fout.",
    "Sprawdź każdy pull request i utwórz issue dla każdego błędu.",
    "毎朝、新しい Issue を読み、ラベルを付けてください。",
    "Проверь каждый pull request и создай issue для каждой ошибки.",
]


@pytest.mark.parametrize("prompt", FOREIGN)
@pytest.mark.parametrize("connector", ["slack", "linear"])
def test_a_prompt_in_another_language_gets_no_finding_of_english_words(prompt: str, connector: str) -> None:
    """Nothing is missed in it that only English words could say."""
    assert not is_english(prompt)
    assert alarms(prompt, connector) == []


def test_what_rests_on_no_words_is_still_told_of_it() -> None:
    """A secret is one in every language."""
    assert "prompt.secret" in alarms(FOREIGN[0] + " Nimm ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8")


@pytest.mark.parametrize(
    "prompt",
    [
        "x",
        "Review open pull requests.",
        "Bump dependencies; résumé parsing included.",
        "Answer questions of users in German ('Wie geht das?') with a link to the docs.",
        "Run `le la les un une` and report what it prints to the team.",
    ],
)
def test_short_and_quoting_prompts_pass_for_english(prompt: str) -> None:
    """What cannot be told is judged as English."""
    assert is_english(prompt)
