"""Apportionment at its edges: ties, refusals, what the certificate says, tables that have no rounding."""

from __future__ import annotations

import re
from fractions import Fraction

import polars as pl
import pytest

from tuogu.core.apportion import (
    ROUNDING,
    NoTable,
    as_printed,
    controlled_rounding,
    exact,
    largest_remainder,
    printed_difference,
    rounding_sheet,
    split_waves,
    top_up,
)
from tuogu.core.apportion.quotas import half_up
from tuogu.core.tables import conform
from tuogu.core.ties import tie_rank

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)


def just(said: str) -> str:
    """A pattern that only this whole message fits."""
    return f"^{re.escape(said)}$"


def by_key(frame: pl.DataFrame) -> dict[str, dict[str, object]]:
    return frame.rows_by_key("key", named=True, unique=True)


def before_by_hash(*keys: str, seed: int = 0) -> list[str]:
    """Keys in the order in which a tie favours them."""
    rank = dict(zip(keys, tie_rank(seed, "apportion", pl.Series(keys)), strict=True))
    return sorted(keys, key=rank.__getitem__)


# --- largest remainder


@pytest.mark.req("N-11")
@pytest.mark.parametrize("seed", range(6))
def test_a_tie_goes_by_hash_and_is_marked(seed: int) -> None:
    found = largest_remainder(1, {"a": 1, "b": 1, "c": 1}, seed=seed)
    first, *others = before_by_hash("a", "b", "c", seed=seed)
    assert (found.counts, found.left) == ({first: 1} | dict.fromkeys(others, 0), 0)
    rows = by_key(found.certificate)
    assert all(row["tie"] for row in rows.values())
    assert rows[first]["note"] == (
        "得尾数最后 1 件：余数 1/3 居第 1 位，与人并列，占比大者先，再按散列；单独四舍五入为 0，与此差 1 件"
    )
    assert rows[others[0]]["note"] == "余数 1/3 与末位并列，占比较小或散列在后，未得"


def test_every_key_can_win_a_tie() -> None:
    winners = {
        key
        for seed in range(40)
        for key, count in largest_remainder(1, {"a": 1, "b": 1}, seed=seed).counts.items()
        if count
    }
    assert winners == {"a", "b"}


def test_among_equal_remainders_the_larger_weight_is_first() -> None:
    found = largest_remainder(5, {"small": 1, "large": 9})  # 0.5 and 4.5
    assert found.counts == {"large": 5, "small": 0}
    assert found.certificate["tie"].to_list() == [True, True]


def test_equal_remainders_that_all_win_or_all_lose_are_no_tie() -> None:
    found = largest_remainder(
        10, {"a": 12, "b": 14, "c": 14}
    )  # 3, 3.5, 3.5 with one piece left: a tie of two
    assert dict(found.certificate.select("key", "tie").iter_rows()) == {"a": False, "b": True, "c": True}
    both = largest_remainder(8, {"a": 16, "b": 12, "c": 12})  # 3.2, 2.4, 2.4: one piece, to b or c
    assert both.certificate["tie"].to_list() == [False, True, True]
    won = largest_remainder(9, {"a": 14, "b": 14, "c": 17})  # 2.8, 2.8, 3.4: two pieces, a and b both served
    assert won.counts == {"a": 3, "b": 3, "c": 3}
    assert won.certificate["tie"].to_list() == [False, False, False]
    assert [str(note)[:7] for note in won.certificate["note"]] in (
        ["得尾数第 1 ", "得尾数最后 1", ""],
        ["得尾数最后 1", "得尾数第 1 ", ""],
    )


def test_whole_quotas_need_no_note() -> None:
    found = largest_remainder(4, {"b": 3, "a": 1})
    assert found.certificate.rows() == [
        ("a", "25%", "1", 1, "0", False, 1, False, ""),
        ("b", "75%", "3", 3, "0", False, 3, False, ""),
    ]
    assert list(found.counts) == ["a", "b"]


def test_a_share_of_zero_gets_nothing_and_nothing_can_be_shared() -> None:
    assert largest_remainder(7, {"a": 0, "b": 3, "c": 4}).counts == {"a": 0, "b": 3, "c": 4}
    assert largest_remainder(0, {"a": 1, "b": 2}).counts == {"a": 0, "b": 0}
    assert largest_remainder(1, {"a": 1}).counts == {"a": 1}


@pytest.mark.parametrize(
    ("total", "weights", "said"),
    [
        (-1, {"a": 1}, "总数不能为负：-1"),
        (1.0, {"a": 1}, "总数应为整数，不能是 1.0"),
        (True, {"a": 1}, "总数应为整数，不能是 True"),
        (1, {}, "没有可以分配的对象"),
        (1, {"a": 0, "b": 0}, "占比全部为零，无从分配"),
        (1, {"a": 2, "b": Fraction(-1, 2)}, "b 的占比不能为负：-0.5"),
        (1, {"a": 0.5}, "a 的占比应为整数或分数，不能是 0.5"),
        (1, {"a": True}, "a 的占比应为整数或分数，不能是 True"),
    ],
)
def test_what_cannot_be_shared_is_refused(total: int, weights: dict[str, int], said: str) -> None:
    for act in (largest_remainder, as_printed, printed_difference):
        with pytest.raises(ValueError, match=just(said)):
            act(total, weights)


# --- as printed


@pytest.mark.req("N-11")
def test_as_printed_refuses_to_hand_out_more_than_there_is() -> None:
    with pytest.raises(
        ValueError, match=just("各自四舍五入合计 6 件，比总数 5 件多 1 件，不能照此分配；请改用最大余数法")
    ):
        as_printed(5, {"a": 1, "b": 1})
    assert printed_difference(5, {"a": 1, "b": 1}).startswith(
        "各自四舍五入合计 6 件，比总数多 1 件；最大余数法："
    )


def test_as_printed_rounds_halves_up_and_says_what_is_left() -> None:
    found = as_printed(10, {"a": 25, "b": 33, "c": 42})  # 2.5, 3.3, 4.2
    assert (found.counts, found.left) == ({"a": 3, "b": 3, "c": 4}, 0)
    assert found.certificate.rows()[:2] == [
        ("a", "25%", "2.5", 2, "0.5", True, 3, False, "2.5 四舍五入为 3"),
        ("b", "33%", "3.3", 3, "0.3", False, 3, False, "3.3 四舍五入为 3"),
    ]
    short = as_printed(4, {"a": 1, "b": 1, "c": 1})
    assert (short.counts, short.left) == ({"a": 1, "b": 1, "c": 1}, 1)
    assert by_key(as_printed(4, {"a": 1, "b": 3}).certificate)["a"]["note"] == ""
    assert not by_key(as_printed(4, {"a": 1, "b": 3}).certificate)["a"]["extra"]


@pytest.mark.parametrize(("value", "whole"), [("2.5", 3), ("2.4999", 2), ("2.5001", 3), ("0", 0), ("0.5", 1)])
def test_half_up(value: str, whole: int) -> None:
    assert half_up(Fraction(value)) == whole


@pytest.mark.req("S2-06")
def test_the_difference_from_print_names_who_changes_and_nobody_else() -> None:
    city = {
        "一": Fraction("35.93"),
        "二": Fraction("25.52"),
        "三": Fraction("26.28"),
        "四": Fraction("3.60"),
        "五": Fraction("8.67"),
    }
    assert printed_difference(3936, city) == (
        "各自四舍五入合计 3935 件，比总数少 1 件；最大余数法：二 1004 → 1005，合计 3936 件"
    )
    assert printed_difference(3, {"a": 1, "b": 5}) == (  # 0.5 and 2.5; the larger share is first
        "各自四舍五入合计 4 件，比总数多 1 件；最大余数法：a 1 → 0，合计 3 件"
    )
    assert printed_difference(6, {"a": 1, "b": 5}) == ""
    rows = by_key(largest_remainder(3936, city).certificate)
    assert rows["二"]["note"] == "得尾数最后 1 件：余数 0.4672 居第 2 位；单独四舍五入为 1004，与此差 1 件"
    assert rows["一"]["note"] == ""


# --- the seed


def test_no_seed_is_seed_zero() -> None:
    """Equal claims of two keys whose order differs under seeds 0 and 1."""
    a, b = next(
        ("甲", other)
        for other in "乙丙丁戊己庚"
        if before_by_hash("甲", other, seed=0) != before_by_hash("甲", other, seed=1)
    )
    equal = {a: 1, b: 1}
    first = before_by_hash(a, b)[0]
    assert largest_remainder(1, equal).counts[first] == 1
    assert largest_remainder(1, equal, seed=1).counts[first] == 0
    assert top_up({}, 1, equal).counts[first] == 1
    assert top_up({}, 1, equal, seed=1).counts[first] == 0
    assert f"{first} 1 → " not in printed_difference(1, equal)
    assert f"{first} 1 → 0" in printed_difference(1, equal, seed=1)


def test_no_seed_is_seed_zero_in_tables_too() -> None:
    quotas = dict.fromkeys("甲乙丙丁戊己庚辛", 1)
    cells = {(key, wave): HALF for key in quotas for wave in ("1", "2")}
    tables = [controlled_rounding(cells, quotas, {"1": 4, "2": 4}, seed=seed) for seed in (0, 1)]
    waves = [split_waves(quotas, (50, 50), how="table", seed=seed) for seed in (0, 1)]
    assert controlled_rounding(cells, quotas, {"1": 4, "2": 4}) == tables[0] != tables[1]
    assert split_waves(quotas, (50, 50), how="table") == waves[0] != waves[1]


# --- top-ups


@pytest.mark.req("N-11")
def test_a_top_up_continues_and_says_what_is_new() -> None:
    found = top_up({"a": 3, "b": 1}, 2, {"a": 1, "b": 1})
    assert (found.counts, found.left) == ({"a": 3, "b": 3}, 0)
    assert found.certificate.rows() == [
        ("a", "50%", "3", 3, "0", False, 3, False, "已有 3 件，新得 0 件"),
        ("b", "50%", "3", 3, "0", False, 3, False, "已有 1 件，新得 2 件"),
    ]


def test_who_holds_too_much_keeps_it_and_a_weight_of_zero_gets_no_more() -> None:
    assert top_up({"a": 90, "old": 4}, 10, {"a": 1, "b": 1}).counts == {"a": 90, "b": 10, "old": 4}
    assert top_up({}, 3, {"a": 2, "b": 1, "c": 0}).counts == {"a": 2, "b": 1, "c": 0}
    assert top_up({"a": 2}, 0, {"b": 1}).counts == {"a": 2, "b": 0}
    assert by_key(top_up({"a": 90}, 10, {"a": 1, "b": 1}).certificate)["a"]["extra"]


def test_a_tied_last_piece_is_marked() -> None:
    found = top_up({"a": 1, "b": 1, "c": 5}, 1, {"a": 1, "b": 1, "c": 2})
    winner, loser = [key for key in before_by_hash("a", "b", "c") if key != "c"]
    assert found.counts == {winner: 2, loser: 1, "c": 5}
    rows = by_key(found.certificate)
    assert rows[winner]["note"] == "已有 1 件，新得 1 件，最后一件并列，占比大者先，再按散列"
    assert (rows[winner]["tie"], rows[loser]["tie"], rows["c"]["tie"]) == (True, True, False)
    heavier = top_up({"a": 1, "b": 4}, 1, {"a": 1, "b": 3})  # claims 3/1 and 9/3
    assert heavier.counts == {"a": 1, "b": 5}
    assert heavier.certificate["tie"].to_list() == [True, True]
    assert top_up({"a": 1, "b": 1}, 2, {"a": 1, "b": 1}).certificate["tie"].to_list() == [False, False]
    clear = top_up({}, 1, {"a": 4, "b": 3, "c": 2})
    assert clear.counts == {"a": 1, "b": 0, "c": 0}
    assert clear.certificate["tie"].to_list() == [False, False, False]


def test_top_up_refuses() -> None:
    with pytest.raises(ValueError, match=just("a 已有件数不能为负：-1")):
        top_up({"a": -1}, 1, {"a": 1})
    with pytest.raises(ValueError, match=just("占比全部为零，无从分配")):
        top_up({"a": 1}, 1, {"a": 0})
    with pytest.raises(ValueError, match=just("总数不能为负：-1")):
        top_up({"a": 1}, -1, {"a": 1})


# --- waves


@pytest.mark.req("S2-08")
@pytest.mark.parametrize("whole", [1, 100, 10_000])
def test_wave_shares_may_be_parts_percents_or_hundredths(whole: int) -> None:
    shares = (Fraction(6 * whole, 10), Fraction(4 * whole, 10))
    assert split_waves({"a": 1414}, shares) == {"a": (848, 566)}


@pytest.mark.req("S2-08")
def test_three_waves_and_more_lose_nothing_and_never_go_below_zero() -> None:
    assert split_waves({"a": 7, "b": 1}, (50, 30, 20)) == {"a": (4, 2, 1), "b": (1, 0, 0)}  # out: 3.5, 5.6, 7
    assert split_waves({"a": 1}, (30, 30, 40)) == {"a": (0, 1, 0)}
    assert split_waves({"a": 9}, (100,)) == {"a": (9,)}
    table = split_waves({"a": 5, "b": 5, "c": 5}, (34, 33, 33), how="table")
    assert [sum(wave) for wave in zip(*table.values(), strict=True)] == [5, 5, 5]
    assert {sum(waves) for waves in table.values()} == {5}


def test_more_than_nine_waves_keep_their_order() -> None:
    parts = tuple(Fraction(1, 4) if wave == 1 else Fraction(3, 4 * 11) for wave in range(12))
    assert split_waves({"a": 44}, parts, how="table") == {"a": (3, 11, *[3] * 10)}


def test_totals_that_no_table_has_are_chosen_anew() -> None:
    """Rows of 6 and 4 in five waves: 2 pieces in each wave fit no table, so the waves' totals are chosen with it."""
    parts = (Fraction(1, 6), Fraction(1, 4), Fraction(1, 6), Fraction(1, 6), Fraction(1, 4))
    quotas = {"a": 6, "b": 4}
    assert split_waves({"all": 10}, parts) == {"all": (2, 2, 2, 2, 2)}
    cells = {(key, str(i)): quotas[key] * part for key in quotas for i, part in enumerate(parts)}
    with pytest.raises(NoTable):
        controlled_rounding(cells, quotas, dict.fromkeys("01234", 2))
    found = split_waves(quotas, parts, how="table")
    assert {key: sum(waves) for key, waves in found.items()} == quotas
    sums = [sum(wave) for wave in zip(*found.values(), strict=True)]
    assert all(abs(count - 10 * part) < 1 for count, part in zip(sums, parts, strict=True))


@pytest.mark.req("S2-08")
@pytest.mark.parametrize(
    ("quotas", "shares", "how", "said"),
    [
        ({"a": 5}, (60, 30), "half_up", "各批次比例合计应为 100%，现为 90"),
        ({"a": 5}, (), "half_up", "各批次比例合计应为 100%，现为 0"),
        ({"a": 5}, (160, -60), "half_up", "批次比例不能为负：-60"),
        ({"a": 5}, (0.5, 0.5), "half_up", "批次比例应为整数或分数，不能是 0.5"),
        ({"a": 5}, (True,), "half_up", "批次比例应为整数或分数，不能是 True"),
        ({"a": -5}, (60, 40), "half_up", "a 的配额不能为负：-5"),
        ({"a": 5}, (60, 40), "down", "批次取整方式只能是 half_up、table，不能是 down"),
    ],
)
def test_waves_refuse(quotas: dict[str, int], shares: tuple[int, ...], how: str, said: str) -> None:
    with pytest.raises(ValueError, match=just(said)):
        split_waves(quotas, shares, how)


def test_empty_waves_are_allowed() -> None:
    assert split_waves({"a": 5}, (0, 100)) == {"a": (0, 5)}
    assert split_waves({"a": 0}, (60, 40)) == {"a": (0, 0)}


# --- tables


def test_whole_cells_stay() -> None:
    cells = {("a", "x"): 2, ("a", "y"): Fraction(3), ("b", "x"): 0}
    assert controlled_rounding(cells, {"a": 5, "b": 0}, {"x": 2, "y": 3}) == {
        ("a", "x"): 2,
        ("a", "y"): 3,
        ("b", "x"): 0,
    }
    assert controlled_rounding({}, {}, {}) == {}


def test_the_nearest_table_is_taken() -> None:
    cells = {
        ("a", "x"): Fraction("0.9"),
        ("a", "y"): Fraction("0.1"),
        ("b", "x"): Fraction("0.1"),
        ("b", "y"): Fraction("0.9"),
    }
    nearest = {("a", "x"): 1, ("a", "y"): 0, ("b", "x"): 0, ("b", "y"): 1}
    assert controlled_rounding(cells, {"a": 1, "b": 1}, {"x": 1, "y": 1}) == nearest
    assert controlled_rounding(cells, None, None) == nearest


def test_equally_near_tables_raise_the_smaller_cells() -> None:
    cells = {
        ("big", "x"): Fraction("9.5"), ("big", "y"): Fraction("8.5"),
        ("small", "x"): Fraction("2.5"), ("small", "y"): Fraction("1.5"),
    }  # fmt: skip
    found = controlled_rounding(cells, {"big": 18, "small": 4}, {"x": 12, "y": 10})
    assert found == {("big", "x"): 9, ("big", "y"): 9, ("small", "x"): 3, ("small", "y"): 1}


def test_chosen_totals_are_the_nearest_ones() -> None:
    """Column x adds up to 1.6, y to 1.4: x gets the piece although the cells would be as near the other way."""
    cells = {
        ("a", "x"): Fraction("0.8"),
        ("a", "y"): Fraction("0.7"),
        ("b", "x"): Fraction("0.8"),
        ("b", "y"): Fraction("0.7"),
    }
    found = controlled_rounding(cells, None, None)
    assert sum(found[row, "x"] for row in "ab") == 2
    assert sum(found[row, "y"] for row in "ab") == 1
    with pytest.raises(NoTable, match=just("总计 0.5 不是整数")):
        controlled_rounding({("a", "x"): HALF}, None, None)


def test_a_chosen_total_weighs_more_than_the_cells() -> None:
    """Rows add up to 1.49 and 0.51: one piece each, although 2 and 0 would be nearer cell by cell (by 0.08)."""
    cells = {
        ("a", "x"): Fraction("0.95"), ("a", "y"): Fraction("0.54"),
        ("b", "x"): Fraction("0.05"), ("b", "y"): Fraction("0.46"),
    }  # fmt: skip
    found = controlled_rounding(cells, None, None)
    assert found == {("a", "x"): 1, ("a", "y"): 0, ("b", "x"): 0, ("b", "y"): 1}
    turned = {(column, row): value for (row, column), value in cells.items()}
    assert controlled_rounding(turned, None, None) == {(c, r): n for (r, c), n in found.items()}
    assert controlled_rounding(cells, {"a": 2, "b": 0}, None)["a", "y"] == 1


def test_large_denominators_still_find_the_nearest_table() -> None:
    """Premiums of twelve digits: costs no longer fit exactly, and the difference of one part in ten million counts."""
    prime = 999_999_999_989
    near, far = Fraction(prime // 2 + 10**5, prime), Fraction(prime // 2 - 10**5, prime)
    for flipped in (False, True):
        one, other = (far, near) if flipped else (near, far)
        cells = {("a", "x"): one, ("a", "y"): 1 - one, ("b", "x"): other, ("b", "y"): 1 - other}
        found = controlled_rounding(cells, {"a": 1, "b": 1}, {"x": 1, "y": 1})
        assert found["a", "x"] == (not flipped)
        assert found["b", "x"] == flipped


def test_the_wave_table_gives_the_extra_piece_to_the_smaller_department() -> None:
    """848.4 and 620.4 are as far from their neighbours: 620.4 goes up."""
    table = split_waves({"a": 1414, "b": 1005, "c": 1034, "d": 142, "e": 341}, (60, 40), how="table")
    assert table == {"a": (848, 566), "b": (603, 402), "c": (621, 413), "d": (85, 57), "e": (205, 136)}


def test_one_side_given_the_other_chosen() -> None:
    cells = {("a", "x"): HALF, ("a", "y"): HALF, ("b", "x"): HALF, ("b", "y"): HALF}
    for found in (
        controlled_rounding(cells, {"a": 1, "b": 1}, None),
        controlled_rounding(cells, None, {"x": 1, "y": 1}),
    ):
        assert sorted(found.values()) == [0, 0, 1, 1]
        assert all(found[row, "x"] + found[row, "y"] == 1 for row in "ab")


@pytest.mark.parametrize(
    ("rows", "columns", "said"),
    [
        ({"a": 2, "b": 1}, {"x": 1, "y": 1}, "行合计对不上：a（合计 1，要求 2）"),
        ({"a": 0, "b": 3}, {"x": 1, "y": 1}, "行合计对不上：a（合计 1，要求 0）、b（合计 1，要求 3）"),
        ({"a": 1}, {"x": 1, "y": 1}, "行合计对不上：b（合计 1，要求 未给出）"),
        ({"a": 1, "b": 1}, {"x": 1, "y": 1, "z": 1}, "列合计对不上：z（合计 0，要求 1）"),
        ({"a": 1, "b": 1}, {"x": 2, "y": 0}, "列合计对不上：x（合计 0.75，要求 2）、y（合计 1.25，要求 0）"),
    ],
)
def test_totals_that_do_not_sum_are_named(rows: dict[str, int], columns: dict[str, int], said: str) -> None:
    cells = {
        ("a", "x"): Fraction(3, 8),
        ("a", "y"): Fraction(5, 8),
        ("b", "x"): Fraction(3, 8),
        ("b", "y"): Fraction(5, 8),
    }
    with pytest.raises(NoTable, match=just(said)):
        controlled_rounding(cells, rows, columns)


def test_rows_and_columns_that_disagree_are_refused() -> None:
    cells = {("a", "x"): Fraction(3, 4), ("a", "y"): Fraction(3, 4)}
    with pytest.raises(NoTable, match=just("行合计 2 与列合计 1 不相等")):
        controlled_rounding(cells, {"a": 2}, {"x": 1, "y": 0})
    with pytest.raises(NoTable, match=just("没有一张表能让每格只取上下整数而合计都对：a、y")):
        controlled_rounding({("a", "x"): HALF, ("b", "y"): HALF}, {"a": 1, "b": 0}, {"x": 0, "y": 1})
    with pytest.raises(ValueError, match=just("a × x 不能为负：-0.5")):
        controlled_rounding({("a", "x"): -HALF}, None, None)


# --- the certificate


def test_the_certificate_has_the_columns_of_its_sheet() -> None:
    for frame in (
        largest_remainder(5, {"a": 1, "b": 2}).certificate,
        as_printed(6, {"a": 1, "b": 2}).certificate,
        top_up({}, 5, {"a": 1, "b": 2}).certificate,
    ):
        conform(frame, ROUNDING.schema)
        assert frame.columns == list(ROUNDING.schema)
    own = rounding_sheet("lots", "件数", "部门", "receiver")
    assert (own.name, own.title, own.columns[0].heading, own.columns[0].kind) == (
        "lots",
        "件数",
        "部门",
        "receiver",
    )
    assert own.columns[1:] == ROUNDING.columns[1:]
    assert [column.name for column in ROUNDING.columns if column.total] == ["floor", "count"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction("1414.2048"), "1414.2048"),
        (Fraction(100, 3), "33 1/3"),
        (THIRD, "1/3"),
        (-THIRD, "-1/3"),
        (Fraction(-7, 3), "-2 1/3"),
        (Fraction(-5, 2), "-2.5"),
        (Fraction(0), "0"),
        (Fraction(12), "12"),
        (Fraction(1, 10**9), "0.000000001"),
        (Fraction(1, 10**10), "1/10000000000"),
        (Fraction("0.05"), "0.05"),
    ],
)
def test_exact_words(value: Fraction, text: str) -> None:
    assert exact(value) == text
