"""Reading YAML and JSON into values with lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routine_harness.errors import HarnessError, Problem, SpecError
from routine_harness.routine.document import MAX_BYTES, load_document, parse_json
from routine_harness.routine.json_lines import scan_json
from routine_harness.routine.scalars import resolve_scalar

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("on", "on"), ("yes", "yes"), ("off", "off"), ("y", "y"),
        ("true", True), ("False", False), ("NULL", None), ("~", None), ("", None),
        ("12", 12), ("-7", -7), ("0o17", 15), ("0x1F", 31), ("017", 17), ("1_000", "1_000"), ("1:30", "1:30"),
        ("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0), ("1.2.3", "1.2.3"), ("+", "+"), ("-", "-"), (".", "."),
        ("2026-05-04", "2026-05-04"), ("2026-10", "2026-10"), ("2026-05-04T09:00Z", "2026-05-04T09:00Z"),
        ("nullable", "nullable"), ("trueish", "trueish"), ("<<", "<<"), ("=", "="),
    ],
)  # fmt: skip
def test_plain_scalars_are_those_of_yaml_1_2(text: str, value: Any) -> None:
    """What YAML 1.1 made flags, dates and sexagesimal numbers of are words."""
    found = resolve_scalar(text)
    assert (found, type(found)) == (value, type(value))
    if text != "-":  # alone, it opens a list
        assert load_document(f"key: {text}\n".encode(), "x.yaml").value == {"key": value}


def test_every_value_has_its_line() -> None:
    """A mapping's value stands on the line of its key, an element on its own."""
    source = load_document(
        b"# first\na: 1\nb:\n  - x\n  - {c: 2,\n     d: 3}\ne: |\n  text\n", "x.yaml"
    ).source
    assert source.line("a") == 2
    assert source.line("b") == 3
    assert source.line("b", 1) == 5
    assert source.line("b", 1, "d") == 6
    assert source.line("e") == 7
    assert source.line("b", 1, "nowhere", 3) == 5, "an unknown path has the line of its nearest ancestor"


def test_a_quoted_scalar_is_a_text() -> None:
    """Quotes make a text of anything, also under the tag ``!``."""
    value = load_document(b"a: '1'\nb: \"true\"\nc: ! 2\nd: !!str 3\ne: !!int '4'\nf: null\n", "x.yaml").value
    assert value == {"a": "1", "b": "true", "c": "2", "d": "3", "e": 4, "f": None}


def test_keys_are_texts_as_they_are_written() -> None:
    """A plain key is the text that stands there, whatever it would be as a value."""
    assert load_document(b"404: a\ntrue: b\nnull: c\n1.0: d\n", "x.yaml").value == {
        "404": "a", "true": "b", "null": "c", "1.0": "d",
    }  # fmt: skip


def test_an_alias_shares_its_value_and_points_at_itself() -> None:
    """An alias gives the anchored value, with the alias's own line."""
    document = load_document(b"a: &x {k: [1, 2]}\nb: *x\n", "x.yaml")
    assert document.value == {"a": {"k": [1, 2]}, "b": {"k": [1, 2]}}
    assert document.source.line("b", "k", 0) == 2


def test_a_byte_order_mark_is_dropped() -> None:
    """UTF-8 with a byte order mark reads as without it."""
    assert load_document(b"\xef\xbb\xbfa: 1\n", "x.yaml").value == {"a": 1}
    assert load_document(b"\xef\xbb\xbf[1]", "x.json").value == [1]


def test_windows_line_ends_count_lines_once() -> None:
    """CR LF ends one line, not two."""
    source = load_document(b"a: 1\r\nb: 2\r\n", "x.yaml").source
    assert source.line("b") == 2


def test_all_problems_of_keys_are_reported_together() -> None:
    """Two duplicate keys and a tag are three problems of one error."""
    with pytest.raises(SpecError) as caught:
        load_document(b"a: 1\na: 2\nb: !!set {}\nc: 1\nc: 2\n", "x.yaml")
    assert [problem.line for problem in caught.value.problems] == [2, 3, 5]


@pytest.mark.timeout(60)
def test_an_alias_bomb_is_refused() -> None:
    """A file of a few lines cannot stand for a million values, and is not unfolded to find that out."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(SpecError, match="stand for more than 100,000 values"):
        load_document("\n".join(lines).encode(), "x.yaml")


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_deep_nesting_is_refused_and_exhausts_nothing(opening: str) -> None:
    """Ten thousand levels give a clean error, never a RecursionError."""
    with pytest.raises(SpecError):
        load_document(opening.encode() * 10_000, "x.yaml")


def test_a_hundred_levels_are_enough_for_json_and_yaml_alike() -> None:
    """At the limit both read, one level above it both refuse."""
    for levels, fits in ((100, True), (101, False)):
        text = b"[" * levels + b"]" * levels
        for name in ("x.json", "x.yaml"):
            if fits:
                assert load_document(text, name).value
            else:
                with pytest.raises(SpecError, match="levels of nesting"):
                    load_document(text, name)


def test_keys_may_be_anchored_and_not_be_tagged() -> None:
    """An alias may name a key; a language tag on one is refused like anywhere else."""
    assert load_document(b"&k name: x\nother: *k\n", "x.yaml").value == {"name": "x", "other": "name"}
    with pytest.raises(SpecError, match="is not allowed here"):
        load_document(b"!!python/name:os.system x: 1\n", "x.yaml")


@pytest.mark.parametrize("name", ["x.json", "payload"])
def test_deep_json_is_refused(name: str) -> None:
    """Deep JSON is a clean error, too."""
    with pytest.raises(SpecError, match="levels of nesting"):
        parse_json(b"[" * 200_000 + b"]" * 200_000, name)


def test_a_large_payload_is_refused_before_it_is_parsed() -> None:
    """50 MB are more than GitHub ever delivers; that is all that is said of what is no JSON either."""
    with pytest.raises(SpecError, match=r"expected at most 25 MB, found 50.0 MB") as caught:
        parse_json(b" " * (2 * MAX_BYTES), "payload.json")
    assert len(caught.value.problems) == 1


def test_no_language_tag_is_ever_executed(tmp_path: Path) -> None:
    """A tag that would run code elsewhere is refused, and nothing ran."""
    witness = tmp_path / "executed"
    text = f"a: !!python/object/apply:os.system ['touch {witness}']\n"
    with pytest.raises(SpecError, match="is not allowed here"):
        load_document(text.encode(), "x.yaml")
    assert not witness.exists()


@given(JSON_VALUES)
def test_json_reads_the_same_as_json_and_as_yaml(value: Any) -> None:
    """A document in JSON has one value, whichever of the two readers takes it."""
    text = json.dumps(value, ensure_ascii=True)
    assert load_document(text.encode(), "x.json").value == value
    if "\\u" not in text and "1e" not in text.lower():  # YAML's escapes know no surrogate pairs
        assert load_document(text.encode(), "x.yaml").value == value


@given(JSON_VALUES, st.sampled_from([None, 1, 2]))
def test_lines_of_json_are_those_of_its_tokens(value: Any, indent: int | None) -> None:
    """Every path of a JSON value has a line, on which its key or text really stands."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    lines, repeated = scan_json(text)
    rows = text.split("\n")
    assert not repeated
    for path, part in _paths(value):
        assert path in lines
        if path and isinstance(path[-1], str):
            assert json.dumps(path[-1], ensure_ascii=False) in rows[lines[path] - 1]
        elif not isinstance(part, dict | list):
            assert json.dumps(part, ensure_ascii=False) in rows[lines[path] - 1]


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    found = [(path, value)]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        found += _paths(part, (*path, key))
    return found


@given(st.binary(max_size=200), st.sampled_from(["x.yaml", "x.json"]))
def test_any_bytes_give_a_value_or_a_clean_error(data: bytes, name: str) -> None:
    """Nothing but a HarnessError ever comes out of arbitrary bytes."""
    assert all(problem.file == name and problem.message for problem in _problems(data, name))


@given(st.text(st.sampled_from("a:-[]{},&*!|>'\"%@`#?\n\t ~<0."), max_size=60))
def test_any_text_of_yaml_s_own_characters_gives_a_value_or_a_clean_error(text: str) -> None:
    """YAML's indicators in any order never crash the reader."""
    assert all(problem.line >= 1 for problem in _problems(text.encode(), "x.yaml"))


def _problems(data: bytes, name: str) -> tuple[Problem, ...]:
    try:
        load_document(data, name)
    except HarnessError as error:
        return error.problems
    return ()


def test_a_part_of_a_document_shares_its_lines() -> None:
    """However many parts are taken, the lines are not gone through for each."""
    source = load_document(b"a:\n  b:\n  - c: 1\n  - c: 2\n", "x.yaml").source
    part = source.below("a").below("b")
    assert part.lines is source.lines
    assert [part.line(1, "c"), part.line(1, "missing"), part.line(), source.below("zz").line("c")] == [
        4,
        4,
        2,
        0,
    ]
