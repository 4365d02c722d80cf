"""Tables and worlds as values."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from routine_harness.world.state import Table, World


def filled(count: int) -> Table:
    table = Table.empty(("state",))
    for number in range(count):
        state = "closed" if number % 3 == 0 else "open"
        table = table.put((number,), {"number": number, "state": state})
    return table


def test_rows_keep_the_order_of_insertion_across_pages() -> None:
    """A table gives its rows in the order in which they were put, however many pages they fill."""
    table = filled(1000)
    assert [record["number"] for record in table] == list(range(1000))
    assert table.keys() == [(number,) for number in range(1000)]


def test_an_update_keeps_the_place_of_its_row() -> None:
    """A record that is put again stays where it was."""
    table = filled(300).put((7,), {"number": 7, "state": "merged"})
    assert list(table)[7] == {"number": 7, "state": "merged"}
    assert len(table) == 300


def test_a_removed_row_is_gone_and_the_rest_stays() -> None:
    """Removal leaves the other rows in order, and a later row of the same key goes to the end."""
    table = filled(5).remove((2,))
    assert table.keys() == [(0,), (1,), (3,), (4,)]
    assert table.get((2,)) is None
    assert table.put((2,), {"number": 2, "state": "open"}).keys()[-1] == (2,)
    assert table.remove((99,)) is table


def test_find_uses_the_index_and_agrees_with_a_scan() -> None:
    """A look-up by an indexed field gives what a scan gives, also for a value that most rows have."""
    table = filled(500).put((1,), {"number": 1, "state": "merged"}).remove((4,))
    for state in ("open", "closed", "merged", "unknown"):
        assert table.find("state", state) == [r for r in table if r["state"] == state]
    assert table.find("number", 8) == [{"number": 8, "state": "open"}]
    assert table.find("state", "open", lambda r: r["number"] > 495) == [
        r for r in table if r["state"] == "open" and r["number"] > 495
    ]


def test_an_index_tells_true_from_one() -> None:
    """A field that changes from 1 to True is found under what it is now."""
    table = Table.empty(("flag",)).put(("a",), {"flag": 1}).put(("a",), {"flag": True})
    assert table.find("flag", True) == [{"flag": True}]
    assert table.remove(("a",)).find("flag", 1) == []


def test_an_old_table_never_changes() -> None:
    """Writes give another table; the one before them is as it was."""
    before = filled(600)
    shown = list(before)
    before.put((0,), {"number": 0, "state": "x"})
    before.remove((1,))
    before.put((600,), {"number": 600, "state": "open"})
    assert list(before) == shown


def test_tables_are_equal_by_rows_and_order() -> None:
    """Equality looks at keys, records and order, not at how the rows came about."""
    assert filled(300) == filled(300)
    assert filled(3) != filled(4)
    once = Table.empty().put((1,), {}).put((2,), {})
    other = Table.empty().put((0,), {}).remove((0,)).put((1,), {}).put((2,), {})
    assert once == other
    assert once != Table.empty().put((2,), {}).put((1,), {})


def test_a_table_without_rows_is_as_good_as_none() -> None:
    """A world whose table has been emptied holds the same records as one that never had it."""
    world = World().put("x.rows", (1,), {"id": 1}).remove("x.rows", (1,))
    assert world.same_records(World())
    assert world == World()


def test_counters_give_the_next_number() -> None:
    """A counter starts where it is told and goes up by one in the worlds that used it."""
    world, first = World().next_id("n", 10)
    later, second = world.next_id("n", 10)
    assert (first, second) == (10, 11)
    assert World().next_id("n", 10)[1] == 10
    assert later.counters["n"] == 12


STATES = st.sampled_from(["open", "closed", None, 1, True, [1]])


@given(st.lists(STATES, min_size=1, max_size=300), st.dictionaries(st.integers(0, 299), STATES, max_size=20))
def test_an_update_of_many_rows_is_that_of_each_in_turn(before: list[Any], after: dict[int, Any]) -> None:
    """The same rows in the same places, and the same answers by look-up; the old table is as it was."""
    table = Table.empty(("state",))
    for number, state in enumerate(before):
        table = table.put((number,), {"number": number, "state": state})
    rows = [((n,), {"number": n, "state": state}) for n, state in after.items() if n < len(before)]
    expected = table
    for key, record in rows:
        expected = expected.put(key, record)
    kept = table.items()
    updated = table.update(rows)
    assert updated.items() == expected.items()
    assert table.items() == kept
    for state in ("open", "closed", None, 1, True):
        assert updated.find("state", state) == expected.find("state", state)
