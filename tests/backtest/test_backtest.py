"""Archives through the triggers: counts, order, repeats, limits, and what is broken in them."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.triggers import clause, github, routine

from routine_harness.backtest import source
from routine_harness.backtest.events import read_events
from routine_harness.backtest.forecast import Rate, forecast_noise, measure_noise
from routine_harness.backtest.result import Backtest, Frequency, backtest_record
from routine_harness.backtest.run import nothing_read, run_backtest
from routine_harness.backtest.source import ArchiveProblem
from routine_harness.backtest.synthesize import lines, synthesize
from routine_harness.backtest.terminal import render_backtest, spoken
from routine_harness.routine.edition import load_edition
from routine_harness.routine.spec import Routine, ScheduleTrigger
from routine_harness.store.recordings import load_recording
from routine_harness.trigger.event import Event
from routine_harness.trigger.match import match_routine
from routine_harness.world.registry import Registry

TRIAGE = routine(
    github(
        clause("author", "is_not_one_of", ["dependabot[bot]"]),
        clause("is_draft", "equals", False),
        clause("title", "matches_regex", "(?i).*fix.*"),
        events=("pull_request.opened", "pull_request.synchronize"),
        branches=("main", "release/*"),
    )
)
MERGED = routine(github(clause("is_merged", "equals", True), events=("pull_request.closed",)), name="merged")


def _event(identity: Any, at: str, action: str = "opened", **pull: Any) -> dict[str, Any]:
    body = {"title": "Fix it", "draft": False, "user": {"login": "alice"}, "base": {"ref": "main"}, **pull}
    return {
        "id": str(identity),
        "type": "PullRequestEvent",
        "actor": {"login": "alice"},
        "repo": {"id": 1, "name": "acme/core"},
        "payload": {"action": action, "pull_request": body},
        "created_at": f"2026-05-04T{at}Z",
    }


def _write(path: Path, events: Iterable[Any]) -> Path:
    path.write_text("".join(f"{json.dumps(event)}\n" for event in events))
    return path


def _run(*paths: Path, routines: Iterable[Routine] = (TRIAGE,), **options: Any) -> Backtest:
    return run_backtest(list(routines), paths, **options)


def _counts(result: Backtest) -> list[tuple[str, int, int, int]]:
    return [(each.name, each.fired, each.skipped, each.undecided) for each in result.routines]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "full.json"
    synthesize(4000, path)
    return path


def _by_fires(path: Path, routines: Iterable[Routine]) -> dict[str, dict[str, int]]:
    """The same counts from whole events, one by one, each id once: what ``fires`` would say."""
    edition, seen = load_edition(), set()
    counts: dict[str, dict[str, int]] = {
        each.name: {"fired": 0, "skipped": 0, "undecided": 0} for each in routines
    }
    for event in read_events([path]):
        assert not isinstance(event, ArchiveProblem)
        if event.id in seen:
            continue
        seen.add(event.id)
        for each in routines:
            outcomes = [match.outcome for match in match_routine(each, event, edition)]
            counts[each.name][
                "fired" if "fired" in outcomes else "undecided" if "undecided" in outcomes else "skipped"
            ] += 1
    return counts


def test_backtest_and_fires_count_the_same(archive: Path) -> None:
    """One implementation of the filters: narrow decoding changes nothing."""
    result = _run(archive, routines=(TRIAGE, MERGED))
    assert _found(result) == _by_fires(archive, (TRIAGE, MERGED))
    assert (result.events, result.repeated, result.errors) == (4000, 0, 0)
    assert result.routines[0].fired > 100


def test_flat_records_count_as_the_events_they_were_taken_from(tmp_path: Path) -> None:
    """A flat record has one key for each filter field; both readers agree on it."""
    path = tmp_path / "flat.jsonl"
    synthesize(6000, path, flat=True)
    result = _run(path, routines=(TRIAGE, MERGED))
    assert _found(result) == _by_fires(path, (TRIAGE, MERGED))
    assert (result.events, result.repeated) == (5999, 1)


def test_real_archives_of_both_schemas_count_as_fires_does(shared_data: Path) -> None:
    """The recorded hours of 2015 and 2021; what the old one lacks is undecided."""
    folder = shared_data / "events"
    drafts = routine(github(clause("is_draft", "equals", False)), name="drafts")
    result = _run(folder, routines=(drafts, MERGED))
    assert _found(result) == _by_fires(folder, (drafts, MERGED))
    assert (result.events, result.errors, result.routines[0].undecided) == (804, 0, 30)


def test_parts_processes_and_packing_change_nothing(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One file whole, in many ranges, packed, in two processes: equal to the last number."""
    whole = _comparable(_run(archive, routines=(TRIAGE, MERGED), jobs=1))
    packed = tmp_path / "full.json.gz"
    packed.write_bytes(gzip.compress(archive.read_bytes(), 1))
    assert _comparable(_run(packed, routines=(TRIAGE, MERGED), jobs=1)) == whole
    monkeypatch.setattr(source, "RANGE", 1_234_567)
    assert _comparable(_run(archive, routines=(TRIAGE, MERGED), jobs=1)) == whole
    assert _comparable(_run(archive, routines=(TRIAGE, MERGED), jobs=2)) == whole


def _found(result: Backtest) -> dict[str, dict[str, int]]:
    return {
        each.name: {"fired": each.fired, "skipped": each.skipped, "undecided": each.undecided}
        for each in result.routines
    }


def _comparable(result: Backtest) -> dict[str, Any]:
    record = backtest_record(result)
    return {key: value for key, value in record.items() if key != "files"}


def test_a_copy_under_another_name_is_counted_once(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids are known across files, whichever process met them first."""
    folder = tmp_path / "both"
    folder.mkdir()
    for name in ("a.json", "b.json"):
        (folder / name).write_bytes(archive.read_bytes())
    monkeypatch.setattr(source, "RANGE", 5_000_000)
    once, twice = _run(archive), _run(folder, jobs=2)
    assert _counts(once) == _counts(twice)
    assert (twice.events, twice.repeated) == (4000, 4000)


@pytest.mark.parametrize("identity", ["17244207336", "31551770-5820-11eb-88e6-68940254608c"])
def test_an_id_that_comes_again_is_counted_once(tmp_path: Path, identity: str) -> None:
    """Within two hours; numeric ids of archives and those of deliveries alike."""
    path = _write(
        tmp_path / "a.json",
        [_event(identity, "09:00:00"), _event(identity, "09:00:00"), _event("5", "10:00:00")],
    )
    result = _run(path)
    assert (result.events, result.repeated, result.routines[0].fired) == (2, 1, 2)


def test_firings_are_put_in_order_before_the_limits_see_them(tmp_path: Path) -> None:
    """31 firings in one clock hour written backwards: the latest one is the one that is dropped."""
    events = [_event(n, f"09:{n:02d}:00") for n in range(31)]
    result = _run(_write(tmp_path / "a.json", reversed(events)))
    [triage] = result.routines
    assert (triage.fired, triage.ran, triage.dropped) == (31, 30, 1)
    assert triage.limits == {"github-per-routine": 1}
    assert triage.depends_on == ("github-per-routine", "case_sensitive", "empty_value", "limit_window")


@pytest.mark.parametrize(("plan", "assumed"), [("team", False), ("enterprise", True)])
def test_a_figure_that_is_ours_for_one_plan_alone_is_labelled_so(
    tmp_path: Path, plan: str, assumed: bool
) -> None:
    """The daily cap of April is published for teams; for enterprises it is by analogy."""
    path = _write(tmp_path / "a.json", [_event(n, f"09:{n:02d}:00") for n in range(26)])
    result = _run(path, edition="2026-04", account_plan=plan)
    figures = {limit.name: (limit.amount, limit.per, limit.assumed) for limit in result.limits}
    assert figures["runs-per-day"] == (25, "day", assumed)
    assert "runs-per-day" in result.routines[0].limits
    assert ("runs-per-day" in result.routines[0].depends_on) is assumed


def test_a_routine_names_the_undocumented_points_that_its_clauses_touch(tmp_path: Path) -> None:
    """Of clauses that events were put to, and only while nobody has answered them."""
    draft = routine(github(clause("is_draft", "equals", False)), name="draft")
    bare = routine(github(events=("pull_request",)), name="bare")
    labels = routine(github(clause("labels", "is_one_of", ["bug"]), events=("issues.opened",)), name="labels")
    issue = {"title": "It", "user": {"login": "a"}, "labels": [{"name": "bug"}]}
    opened = {**_event(2, "09:01:00"), "type": "IssuesEvent", "payload": {"action": "opened", "issue": issue}}
    path = _write(tmp_path / "a.json", [_event(1, "09:00:00")])
    both = _write(tmp_path / "b.json", [_event(1, "09:00:00"), opened])
    every = (TRIAGE, draft, bare, labels)
    touched = ("case_sensitive", "label_operators", "empty_value", "filters_elsewhere")
    text = ("case_sensitive", "empty_value")
    assert _depends_on(_run(path, routines=every)) == [text, (), ("bare_event_fires",), ()]
    assert _depends_on(_run(both, routines=every)) == [text, (), ("bare_event_fires",), touched]
    answered = _run(both, routines=every, overrides={"settings": {"case_sensitive": False}})
    assert _depends_on(answered) == [("empty_value",), (), ("bare_event_fires",), touched[1:]]


def test_a_label_on_a_draft_counts_as_one_that_fires_nothing(tmp_path: Path) -> None:
    """Under the rules of October; the routine names the point, and a policy can answer it."""
    labelled = [_event(n, f"09:0{n}:00", "labeled", draft=bool(n % 2)) for n in range(5)]
    opened = [_event(n, f"10:0{n}:00", draft=True) for n in range(7, 9)]
    path = _write(tmp_path / "a.json", [*labelled, *opened])
    own = routine(github(events=("pull_request.labeled", "pull_request.opened")), name="own")
    [found] = _run(path, routines=(own,)).routines
    assert (found.fired, found.depends_on) == (5, ("labeled_draft",))
    [answered] = _run(path, routines=(own,), overrides={"settings": {"labeled_draft": "fires"}}).routines
    assert (answered.fired, answered.depends_on) == (7, ())


def test_every_setting_that_nobody_has_answered_is_told(tmp_path: Path) -> None:
    """Whatever is known of its default; neither what was asked for, nor what no backtest depends on."""
    path = _write(tmp_path / "a.json", [_event(1, "09:00:00")])
    settings = {name for name, point in load_edition().settings.items() if point.part == "trigger"}
    open_points = settings - {"redelivery", "chained_fires"}
    assert set(_run(path).settings) == open_points
    answered = _run(path, any_repository=True, overrides={"settings": {"empty_value": "no_match"}})
    assert set(answered.settings) == open_points - {"repository_scope", "empty_value"}


def _depends_on(result: Backtest) -> list[tuple[str, ...]]:
    return [each.depends_on for each in result.routines]


def test_events_far_behind_their_time_are_counted_as_late(tmp_path: Path) -> None:
    """More than two hours behind the newest of the file; they still count as fired."""
    path = _write(tmp_path / "a.json", [_event(1, "12:00:00"), _event(2, "10:30:00"), _event(3, "09:00:00")])
    result = _run(path)
    assert (result.events, result.late, result.routines[0].fired) == (3, 1, 3)


def test_schedules_use_up_the_same_accounts_limits(tmp_path: Path) -> None:
    """Under the daily cap of April an hourly schedule leaves less for events."""
    hourly = routine(ScheduleTrigger(cron="5 * * * *"), name="hourly")
    path = _write(tmp_path / "a.json", [_event(n, f"{n // 2:02d}:{n % 2 * 30:02d}:00") for n in range(40)])
    alone = _run(path, edition="2026-04").routines[0]
    both = _run(path, edition="2026-04", routines=(TRIAGE, hourly))
    assert (alone.ran, alone.failed) == (25, 15)
    assert both.routines[0].ran < 25
    assert both.routines[1].scheduled == 20


def test_a_routine_fires_once_however_many_of_its_triggers_do(tmp_path: Path) -> None:
    """Firings are counted by event; another trigger of the same routine adds none."""
    twice = routine(github(), github(branches=("main",)))
    assert (
        _run(_write(tmp_path / "a.json", [_event(1, "09:00:00")]), routines=(twice,)).routines[0].fired == 1
    )


def test_the_mean_is_over_all_hours_and_days_that_the_archives_touch(tmp_path: Path) -> None:
    """Two firings in the first of four hours are half a firing an hour, not two."""
    quiet = _event(3, "12:59:00", draft=True)
    result = _run(_write(tmp_path / "a.json", [_event(1, "09:00:00"), _event(2, "09:01:00"), quiet]))
    [triage] = result.routines
    assert result.per_hour(triage) == Frequency(2, 0.5)
    assert result.per_day(triage) == result.per_week(triage) == Frequency(2, 2.0)
    assert [spoken(number) for number in (0, 0.0133, 0.5, 2.0, 9.96, 1406.2)] == [
        "0",
        "0.013",
        "0.5",
        "2",
        "10",
        "1,406",
    ]


def test_noise_is_forecast_from_runs_by_events_and_by_the_clock(tmp_path: Path) -> None:
    """What limits drop says nothing, nor does a routine that never runs; a channel is called by its name."""
    hourly = ScheduleTrigger(cron="7 * * * *")
    path = _write(tmp_path / "a.json", [_event(n, f"{9 + n // 40:02d}:{n % 40:02d}:00") for n in range(80)])
    both = msgspec.structs.replace(TRIAGE, triggers=(*TRIAGE.triggers, hourly), name="both")
    result = _run(path, routines=(TRIAGE, both, routine(hourly, name="hourly"), MERGED))
    rate = Rate(2, {"messages": {"alerts": 0.5}}, {"messages": {"alerts": 1}})
    noise = forecast_noise(result, {each.name: rate for each in result.routines})
    assert [(each.routine, each.worst_day) for each in noise.routines] == [
        ("triage", 60),
        ("both", 62),
        ("hourly", 2),
    ]
    assert noise.routines[0].mean_day == 30
    examples = Path(__file__).parents[2] / "example_routines/security-triage-pr/recordings"
    recordings = [found for path in sorted(examples.glob("*.jsonl")) if (found := load_recording(path))]
    assert "security-alerts" in measure_noise(recordings, Registry()).per_run["messages"]


def test_a_channels_limit_is_held_against_what_all_routines_post_to_it(tmp_path: Path) -> None:
    """Neither of two exceeds it alone; their worst days differ, and the stricter policy of theirs holds."""
    drafts = routine(github(clause("is_draft", "equals", True)), name="drafts")
    ready = routine(github(clause("is_draft", "equals", False)), name="ready")
    events = [_event(n, f"09:{n:02d}:00", draft=n < 6) for n in range(10)]
    events += [
        {**_event(n, f"09:{n:02d}:00", draft=n < 24), "created_at": f"2026-05-05T09:{n:02d}:00Z"}
        for n in range(20, 30)
    ]
    result = _run(_write(tmp_path / "a.json", events), routines=(drafts, ready))
    rates = {
        "drafts": Rate(
            1,
            {"messages": {"alerts": 1.0, "drafts": 1.0}, "tickets": {"Security": 1.0}},
            {"messages": {"alerts": 1, "drafts": 1}, "tickets": {"Security": 1}},
        ),
        "ready": Rate(1, {"messages": {"alerts": 2.0}}, {"messages": {"alerts": 2}}),
    }
    limits = {"drafts": 15, "ready": 13, "other": 1}
    [alerts, own] = forecast_noise(result, rates, limits).channels
    assert (alerts.channel, alerts.routines, alerts.limit) == ("alerts", ("drafts", "ready"), 13)
    assert (alerts.mean_day, alerts.worst_day, alerts.exceeded) == (15.0, 16.0, True)
    assert (own.channel, own.routines, own.limit, own.exceeded) == ("drafts", ("drafts",), 15, False)
    assert [each.limit for each in forecast_noise(result, rates).channels] == [None, None]
    told = render_backtest(result, forecast_noise(result, rates, limits)).splitlines()
    assert "  all messages to alerts: 15 / 16, over the policy's 13" in told
    assert not any("all messages to drafts" in line for line in told)


def test_starts_by_the_clock_that_a_limit_refuses_post_nothing(tmp_path: Path) -> None:
    """Under the daily cap of April an hourly schedule runs no more often than the account may."""
    busy = [routine(ScheduleTrigger(cron=f"{n} * * * *"), name=f"r{n}") for n in (5, 25)]
    path = _write(tmp_path / "a.json", [_event(n, f"{n:02d}:59:00", draft=True) for n in range(24)])
    result = _run(path, edition="2026-04", routines=busy)
    assert [each.scheduled for each in result.routines] == [23, 23]
    assert sum(sum(each.clock_days.values()) for each in result.routines) == 25


def test_clauses_that_never_decided_are_told(tmp_path: Path) -> None:
    """A clause decides an event if it alone keeps it from firing."""
    events = [
        _event(1, "09:00:00"),
        _event(2, "09:01:00", title="Add"),
        _event(3, "09:02:00", draft=True, title="Add"),
    ]
    [triage] = _run(_write(tmp_path / "a.json", events)).routines
    decided = {clause.field: (clause.failed, clause.decided) for clause in triage.clauses}
    assert decided == {"base_branch": (0, 0), "author": (0, 0), "is_draft": (1, 0), "title": (2, 1)}
    assert [clause.field for clause in triage.idle_clauses] == ["base_branch", "author", "is_draft"]


def test_everything_broken_is_reported_with_its_place_and_the_rest_is_counted(tmp_path: Path) -> None:
    """Broken lines, unknown types, values of wrong types, a missing file, an empty one, a cut gzip."""
    good = [json.dumps(_event(n, f"09:0{n}:00")) for n in range(4)]
    lines_ = [
        good[0],
        '{"id": "9", "type": ',
        good[1],
        '{"id":"8","type":"FooEvent","repo":{},"payload":{}}',
        good[2],
        "{}",
    ]
    mixed = tmp_path / "mixed.json"
    mixed.write_text("\n".join([*lines_, json.dumps(_event(7, "09:07:00", title=5)), good[3]]))
    (tmp_path / "empty.json").write_text("")
    packed = gzip.compress("\n".join(good * 2000).encode())
    (tmp_path / "cut.json.gz").write_bytes(packed[: len(packed) * 2 // 3])
    result = _run(tmp_path, tmp_path / "missing.json")
    places = {(Path(problem.file).name, problem.offset): problem.message for problem in result.problems}
    offset = len(good[0]) + 1
    assert places["mixed.json", offset].startswith("broken line")
    assert "FooEvent" in places["mixed.json", offset + len(lines_[1]) + 1 + len(good[1]) + 1]
    assert any("title" in message for message in places.values())
    assert "no such file" in places["missing.json", 0]
    assert "empty" in places["empty.json", 0]
    assert any(file == "cut.json.gz" and "broken off" in message for (file, _), message in places.items())
    assert result.errors == len(result.problems) == 7
    assert result.routines[0].fired == 4
    assert result.unknown == {"FooEvent": 1}
    assert nothing_read(result) == ()


def test_fires_and_backtest_tell_the_same_places_of_what_is_broken(tmp_path: Path) -> None:
    """The byte where a cut gzip ends, an unknown type and a broken line; the unknown event still counts."""
    good = [f"{json.dumps(_event(n, f'{n // 60 % 24:02d}:{n % 60:02d}:00'))}\n".encode() for n in range(4000)]
    packed = gzip.compress(b"".join(good))
    (tmp_path / "cut.json.gz").write_bytes(packed[: len(packed) * 2 // 3])
    odd = json.dumps({**_event(9999, "00:00:00"), "type": "FooEvent", "payload": {}}).encode() + b"\n"
    (tmp_path / "odd.json").write_bytes(good[0] + odd + good[1] + b'{"id": \n' + good[2])
    result = _run(tmp_path)
    found = list(read_events([tmp_path]))
    told = [each for each in found if isinstance(each, ArchiveProblem)]
    places = sorted((Path(each.file).name, each.offset) for each in told)
    assert places == sorted((Path(each.file).name, each.offset) for each in result.problems)
    [cut, unknown, broken] = places
    whole = [sum(map(len, good[:count])) for count in range(len(good))]
    assert cut[1] in whole[100:]
    assert (unknown[1], broken[1]) == (len(good[0]), len(good[0]) + len(odd) + len(good[1]))
    words = {each.message for each in (*told, *result.problems) if each.offset == unknown[1]}
    assert words == {"an event of the unknown type 'FooEvent'"}
    assert [
        each.name
        for each in found
        if isinstance(each, Event) and each.source.startswith(str(tmp_path / "odd"))
    ] == ["pull_request.opened", "FooEvent", "pull_request.opened", "pull_request.opened"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"headers": {"X-GitHub-Event": "foo"}, "payload": {"action": "bar"}}, "the unknown type 'foo'"),
        ({"event": "foo.bar", "repository": "acme/core", "created_at": "2026-05-04"}, "unknown type 'foo'"),
        ({"action": "bar", "repository": {"full_name": "acme/core"}}, "header X-GitHub-Event"),
        ({"foo": 1}, "no event that is known"),
    ],
)
def test_fires_and_backtest_say_the_same_of_an_event_that_nobody_knows(
    tmp_path: Path, value: Any, words: str
) -> None:
    """At the same byte, too, be there a byte order mark before it or not."""
    good = json.dumps(_event(1, "09:00:00"))
    for mark in ("", "\ufeff"):
        path = tmp_path / "a.json"
        path.write_text(f"{mark}{good}\n{json.dumps(value)}\n{{")
        told = [each for each in read_events([path]) if isinstance(each, ArchiveProblem)]
        counted = _run(path).problems
        for one, other in (told, counted):
            assert words in one.message
            assert (one.offset, other.offset) == (
                len(mark.encode()) + len(good) + 1,
                path.stat().st_size - 1,
            )


def test_where_nothing_can_be_read_the_problems_say_so(tmp_path: Path) -> None:
    """An empty archive alone is no backtest."""
    (tmp_path / "empty.json").write_text("")
    assert [problem.message for problem in nothing_read(_run(tmp_path))] == ["the archive is empty"]


def test_a_file_that_changes_while_it_is_read_is_told(tmp_path: Path) -> None:
    """What was there is counted; that it may not be all is an error."""
    first = _write(tmp_path / "a.json", [_event(1, "09:00:00")])
    second = _write(tmp_path / "b.json", [_event(2, "10:00:00")])

    def meddle(done: int, events: int) -> None:
        with second.open("a") as file:
            file.write(json.dumps(_event(3, "10:01:00")) + "\n")

    result = _run(first, second, jobs=1, on_progress=meddle)
    assert result.events == 2
    assert ["changed while it was read" in problem.message for problem in result.problems] == [True]


@pytest.mark.parametrize("form", ["body", "list", "delivery", "bom", "parquet", "parquet-text"])
def test_archives_come_in_many_forms(tmp_path: Path, form: str) -> None:
    """One webhook body over many lines, a list, deliveries with headers, a byte order mark, Parquet."""
    event = _event("1", "09:00:00")
    body = {**event["payload"], "repository": {"full_name": "acme/core"}}
    body["pull_request"] = {**body["pull_request"], "updated_at": "2026-05-04T09:00:00Z"}
    path = tmp_path / "a.json"
    if form == "body":
        path.write_text(json.dumps(body, indent=2))
    elif form == "list":
        path.write_text(json.dumps([event], indent=1))
    elif form == "delivery":
        headers = {"X-GitHub-Event": "pull_request", "X-GitHub-Delivery": "guid"}
        path.write_text(json.dumps({"headers": headers, "body": body}) + "\n")
    elif form == "bom":
        path.write_bytes(b"\xef\xbb\xbf" + json.dumps(event).encode() + b"\n")
    else:
        parquet = pytest.importorskip("pyarrow.parquet")
        from pyarrow import Table

        path = tmp_path / "a.parquet"
        rows = [event, _event("2", "09:01:00", title="Add")]
        if form == "parquet-text":
            rows = [{**row, "payload": json.dumps(row["payload"])} for row in rows]
        parquet.write_table(Table.from_pylist(rows), path)
    result = _run(path)
    assert (result.errors, result.routines[0].fired) == (0, 1)
    assert (
        len([each for each in read_events([path]) if not isinstance(each, ArchiveProblem)]) == result.events
    )


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_document_is_read_whole_however_large_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    """A list over many lines has no ranges: each of its events counts once, nothing is broken."""
    monkeypatch.setattr(source, "RANGE", 3_000)
    path = tmp_path / "a.json"
    path.write_text(json.dumps([_event(number, f"09:{number:02d}:00") for number in range(40)], indent=1))
    assert path.stat().st_size > 4 * source.RANGE
    result = _run(path, jobs=jobs)
    assert (result.events, result.errors, result.routines[0].fired) == (40, 0, 40)
    assert [isinstance(each, Event) for each in read_events([path])] == [True] * 40


def test_a_document_is_told_of_by_what_is_broken_in_it(tmp_path: Path) -> None:
    """What is no event in a list takes none of the others along; a document cut off is one error."""
    events = [_event(number, f"09:0{number}:00") for number in range(3)]
    path = tmp_path / "a.json"
    for text, counted, errors in (
        (json.dumps([*events, 5, {"foo": 1}], indent=1), 3, 2),
        (json.dumps(events, indent=1)[:-200], 0, 1),
        (json.dumps(events[0], indent=1)[:-200], 0, 1),
    ):
        path.write_text(text)
        found = list(read_events([path]))
        told = [each for each in found if isinstance(each, ArchiveProblem)]
        result = _run(path)
        assert (len(found) - len(told), len(told)) == (counted, errors)
        assert (result.events, result.errors) == (counted, errors)
    assert result.problems[0].message.startswith("broken document")
    assert told[0].message.startswith("broken document")


def test_an_event_of_a_large_file_is_named_by_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines are counted over the whole file, not anew in each of its ranges; none is read twice."""
    monkeypatch.setattr(source, "RANGE", 1_000)
    monkeypatch.setattr(source, "BLOCK", 500)
    path = _write(tmp_path / "a.jsonl", [_event(number, f"09:{number:02d}:00") for number in range(20)])
    path.write_text(path.read_text().replace("\n", "\n\n"))
    found = [each.source for each in read_events([path]) if isinstance(each, Event)]
    assert found == [f"{path}:{number}" for number in range(1, 41, 2)]


def test_a_parquet_row_whose_payload_is_no_json_is_told(tmp_path: Path) -> None:
    """By both readers, with the row's number; the rows beside it count."""
    parquet = pytest.importorskip("pyarrow.parquet")
    from pyarrow import Table

    path = tmp_path / "a.parquet"
    rows = [{**row, "payload": json.dumps(row["payload"])} for row in (_event(1, "09:00:00"),) * 2]
    parquet.write_table(Table.from_pylist([rows[0], {**rows[1], "payload": "{nonsense", "id": "2"}]), path)
    told = [each for each in read_events([path]) if isinstance(each, ArchiveProblem)]
    result = _run(path)
    assert [(each.offset, each.message[:10]) for each in told] == [(1, "broken row")]
    assert [(each.offset, each.message[:10]) for each in result.problems] == [(1, "broken row")]
    assert result.routines[0].fired == 1


def test_synthesized_archives_are_the_same_every_time() -> None:
    """The same number gives the same bytes; a repeated id comes once in 5,000."""
    first, second = list(lines(6000)), list(lines(6000))
    assert first == second
    assert len({msgspec.json.decode(line)["id"] for line in first}) == 5999


def test_a_synthesized_archive_has_the_mix_that_the_documentation_tells() -> None:
    """Of a hundred events about 49 are pushes, 16 open a pull request, 14 close one, 6 are of issues."""
    decoded = [msgspec.json.decode(line) for line in lines(20_000)]
    kinds = Counter((each["type"], each["payload"]["action"]) for each in decoded)
    shares = {
        action: kinds["PullRequestEvent", action] / 200 for action in ("synchronize", "opened", "closed")
    }
    assert {action: round(share) for action, share in shares.items()} == {
        "synchronize": 49,
        "opened": 16,
        "closed": 14,
    }
    assert round(sum(count for (kind, _), count in kinds.items() if kind == "IssuesEvent") / 200) == 6


def test_memory_does_not_grow_with_the_archive(tmp_path: Path, measure: Callable[[Path], int]) -> None:
    """Ten times the events take at most a few megabytes more, and less than 60 in all."""
    small, large = tmp_path / "small.json", tmp_path / "large.json"
    synthesize(20_000, small, flat=True)
    synthesize(200_000, large, flat=True)
    peaks = measure(small), measure(large)
    assert peaks[1] < 60
    assert peaks[1] - peaks[0] < 8
