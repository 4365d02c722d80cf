"""A diff with a key in it is recorded without the key, and replays without divergence."""

from __future__ import annotations

import textwrap
from pathlib import Path

from routine_harness.harness import check_case
from routine_harness.store.redact import committed_files, scan_files

ONE, TWO = "AKIA" + "ONE2345" * 2 + "XY", "AKIA" + "TWO6789" * 2 + "ZZ"
TOKEN = "hunter2-hunter2-hunter2"
FILES = {
    "routine.yaml": """\
        name: triage
        repositories: [github:acme/core]
        triggers: [{type: api}]
        prompt: Look for keys in the diff and comment.
        """,
    "cases/keys.yaml": f"""\
        trigger: {{api: {{text: go}}}}
        record_with: {{scripted: ../agents/triage.py::triage}}
        world:
          github:
            repositories: [{{full_name: acme/core}}]
            pulls:
              - {{repository: acme/core, number: 4, title: Add keys, user: alice, head: keys, base: main,
                 body: "token {TOKEN}",
                 files: [{{filename: b.py, patch: "@@ -0,0 +1,2 @@\\n+B = '{TWO}'\\n+A = '{ONE}'"}}]}}
        expect:
          comments: {{count: 1}}
          snapshot: true
          idempotent: false
        """,
    "agents/triage.py": f"""\
        def triage(session):
            where = dict(owner="acme", repo="core")
            session.call("github.pull_request_read", method="get", pullNumber=4, **where)
            diff = session.call("github.pull_request_read", method="get_diff", pullNumber=4, **where).text
            body = "found {ONE}" if "{ONE}" in diff else "clean"
            session.call("github.add_issue_comment", issue_number=4, body=body, **where)
            session.say(body)
        """,
}


def test_a_diff_with_keys_replays_without_divergence(tmp_path: Path) -> None:
    """Recording, snapshot and replay agree, and no secret is in a file that the harness wrote."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(textwrap.dedent(text))
    case = tmp_path / "cases" / "keys.yaml"
    environment = {"API_TOKEN": TOKEN}
    recorded = check_case(case, record="once", update_snapshots=True, environment=environment)
    assert recorded.pair is not None
    assert ONE in recorded.pair.first.effects[0].fields["body"]
    replayed = check_case(case, environment=environment)
    assert [f.code for f in replayed.verdict.findings if f.code.startswith(("recording.", "snapshot."))] == []
    assert replayed.pair is not None
    assert "[redacted:aws-key#" in replayed.pair.first.effects[0].fields["body"]
    written = [path for folder in ("recordings", "snapshots") for path in (tmp_path / folder).iterdir()]
    assert len(written) == 2
    for path in written:
        text = path.read_text()
        for secret in (ONE, TWO, TOKEN):
            assert secret not in text, path
        assert "[redacted:aws-key#1]" in text
    assert not scan_files(written)


def test_check_scans_what_is_committed(tmp_path: Path) -> None:
    """A secret in a case or a world is found where it stands."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(textwrap.dedent(text))
    found = scan_files(committed_files(tmp_path / "routine.yaml"))
    assert [finding.data["kind"] for finding in found] == ["aws-key", "aws-key"]
    assert {finding.location.file.rpartition("/")[2] for finding in found if finding.location} == {
        "keys.yaml"
    }
