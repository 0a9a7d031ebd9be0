"""Local changes to the code book: what is refused, what they do, and that no code is ever given twice (N-12)."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import toy_regions
from tuogu.core.address import Gazetteer, locate
from tuogu.core.codebook_changes import CHANGES, applied, problems, summed, used_codes
from tuogu.core.coding import allot_display_codes, resolve_code
from tuogu.data.codebook import REGIONS
from tuogu.data.codebook.history import EVENTS

BAIHE, DANFENG, BAISHA = "990101002001", "990101002002", "990101002003"
STREET = "990101002"


class Book:
    """What `resolve_code` and the gazetteer read."""

    def __init__(self, regions: pl.DataFrame, events: pl.DataFrame) -> None:
        self.regions, self.events = regions, events
        self.elsewhere, self.uncoded, self.traditional = regions.head(0), pl.DataFrame(), {}

    def after(self, *rows: tuple[str | None, ...]) -> Book:
        changes = changes_of(*rows)
        assert problems(changes, self.regions, self.events).is_empty()
        return Book(*applied(changes, self.regions, self.events, year=2026))


def toy() -> Book:
    plain = toy_regions.regions()
    columns = [
        pl.col(name) if name in plain.columns else pl.lit(None, kind).alias(name)
        for name, kind in REGIONS.items()
    ]
    return Book(plain.select(columns), pl.DataFrame(schema=EVENTS))


def changes_of(*rows: tuple[str | None, ...]) -> pl.DataFrame:
    """kind, old_code, old_name, new_code, new_name, parent_code of each row."""
    return pl.DataFrame([(i, *row) for i, row in enumerate(rows, start=1)], schema=CHANGES, orient="row")


def add(code: str, name: str = "新社区", parent: str = STREET) -> tuple[str | None, ...]:
    return ("add", None, None, code, name, parent)


def split(old: str, *parts: tuple[str, str]) -> list[tuple[str | None, ...]]:
    return [("split", old, None, code, name, STREET) for code, name in parts]


def told(*rows: tuple[str | None, ...]) -> list[str]:
    book = toy()
    return problems(changes_of(*rows), book.regions, book.events)["problem"].to_list()


@pytest.mark.parametrize(
    ("rows", "part"),
    [
        ([("burn", BAIHE, None, None, None, None)], "不是新增"),
        ([("retire", None, None, None, None, None)], "没有写原代码"),
        ([("retire", "990101002009", None, None, None, None)], "没有原代码"),
        ([("retire", BAIHE, "丹凤社区", None, None, None)], "现在叫“白鹤社区”"),
        ([("retire", BAIHE, None, DANFENG, None, None)], "停用没有新代码"),
        ([("rename", BAIHE, None, BAIHE, "白鹤社区", None)], "现在就叫"),
        ([("rename", BAIHE, None, "990101002004", "甲社区", None)], "更名不换代码"),
        ([add(BAIHE)], "用过，永不再用"),
        ([add("99010100200")], "应为 9 位"),
        ([add("990101002004", parent="990101009")], "不以上级"),
        ([add("990101009001", parent="990101009")], "不在编码簿中"),
        ([add("990101002004"), add("990101002004", "另一社区")], "不止一处"),
        (split(BAIHE, ("990101002004", "东社区")), "只拆成一个"),
        ([("retire", STREET, None, None, None, None)], "3 个下级"),
        (
            [("rename", BAIHE, None, BAIHE, "甲社区", None), ("retire", BAIHE, None, None, None, None)],
            "不止一次",
        ),
        ([("merge", BAIHE, None, STREET, None, None)], "不是同一级"),
    ],
)
def test_what_cannot_be_done_is_told_by_row(rows: list[tuple[str | None, ...]], part: str) -> None:
    found = told(*rows)
    assert any(part in text for text in found), found


def test_a_split_a_merge_and_a_rename_lead_an_old_code_to_today() -> None:
    one = toy().after(*split(BAIHE, ("990101002004", "鹤东社区"), ("990101002005", "鹤西社区")))
    two = one.after(("merge", "990101002004", None, DANFENG, None, None))
    three = two.after(("rename", DANFENG, None, None, "丹凤新社区", None))
    assert resolve_code(BAIHE, one) == ("990101002004", "990101002005")
    assert resolve_code(BAIHE, three) == (DANFENG, "990101002005")
    assert resolve_code("990101002004", three) == (DANFENG,)
    names = dict(three.regions.select("code", "name").iter_rows())
    assert names[DANFENG] == "丹凤新社区"
    assert BAIHE not in names
    assert three.regions["code"].is_sorted()
    assert three.regions.schema == pl.Schema(REGIONS)


def test_a_retired_code_falls_back_to_its_street_and_is_never_given_again() -> None:
    gone = toy().after(("retire", BAISHA, None, None, None, None))
    assert resolve_code(BAISHA, gone) == (STREET,)
    again = problems(changes_of(add(BAISHA, "白沙社区")), gone.regions, gone.events)
    assert again["problem"].to_list() == [f"代码 {BAISHA} 用过，永不再用"]


def test_display_codes_are_never_given_again_either() -> None:
    places = toy_regions.communities()
    first = allot_display_codes(places)
    part = "990101002004"
    after = pl.concat(
        [
            places.filter(pl.col("community_code") != BAIHE),
            places.head(1).with_columns(
                community_code=pl.lit(part), community=pl.lit("鹤东社区"), street_code=pl.lit(STREET)
            ),
        ]
    )
    second = allot_display_codes(after, first)
    given_before = set(first["display_code"])
    assert second.filter(community_code=part)["display_code"][0] not in given_before


def test_addresses_written_with_a_former_name_follow_it_and_of_a_split_go_to_a_person() -> None:
    import branch as tiny

    renamed = toy().after(("rename", BAIHE, None, None, "白鹤湖社区", None))
    cut = toy().after(*split(BAIHE, ("990101002004", "鹤东社区"), ("990101002005", "鹤西社区")))
    frame = pl.DataFrame({"key": ["1"], "address": ["XX市江东区白鹤街道白鹤社区3幢201"]})

    def found(book: Book) -> dict[str, object]:
        gazetteer = Gazetteer.build(book.regions, book.events)
        return locate(frame, gazetteer, tiny.RULEBOOK, "9901").row(0, named=True)

    assert (found(toy())["community_code"], found(renamed)["community_code"]) == (BAIHE, BAIHE)
    told_of_split = found(cut)
    assert (told_of_split["status"], told_of_split["reason"]) == ("manual", "ambiguous")
    assert told_of_split["candidates"] == "990101002004,990101002005"


def test_changes_are_counted_as_people_count_them() -> None:
    rows = [*split(BAIHE, ("990101002004", "东"), ("990101002005", "西")), add("990101002006")]
    assert summed(changes_of(*rows)) == {"add": 1, "split": 1}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "split", "merge", "rename", "retire"]), st.integers(0, 50), st.integers(0, 50)
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_whatever_is_changed_no_code_is_reused_and_every_code_resolves(
    steps: list[tuple[str, int, int]],
) -> None:
    book, ever, number = toy(), {}, 10
    for code, name in toy().regions.select("code", "name").iter_rows():
        ever[code] = name
    for kind, a, b in steps:
        alive = book.regions.filter(pl.col("parent_code") == STREET)["code"].to_list()
        if not alive:
            break
        old, other = alive[a % len(alive)], alive[b % len(alive)]
        fresh = [f"{STREET}{number + i:03d}" for i in range(2)]
        rows: list[tuple[str | None, ...]]
        if kind == "add":
            rows = [add(fresh[0])]
        elif kind == "split":
            rows = split(old, (fresh[0], f"甲{number}"), (fresh[1], f"乙{number}"))
        elif kind == "merge" and other != old:
            rows = [("merge", old, None, other, None, None)]
        elif kind == "rename":
            rows = [("rename", old, None, None, f"名{number}", None)]
        else:
            rows = [("retire", old, None, None, None, None)]
        number += 2
        before = used_codes(book.regions, book.events)
        book = book.after(*rows)
        fresh_codes = set(book.regions["code"]) - before
        assert not fresh_codes & set(ever)  # nothing that was ever given
        ever |= dict.fromkeys(fresh_codes, "")
    today = set(book.regions["code"])
    for code in ever:  # N-12: each leads to something in force, itself where it still is
        heirs = resolve_code(code, book)
        assert heirs
        assert set(heirs) <= today
        assert (code in today) == (heirs == (code,))
