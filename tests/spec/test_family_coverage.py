"""The family coverage table of the source, reproduced; gaps by member; the policy check-up sheet."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from territory_books import fill, standard_rules
from tuogu.core.check_up import CHECKED, check_up
from tuogu.core.household import COVERS, KINDS, MEMBERS, family_table, gaps, yearly_premium_fen
from tuogu.core.labels import POLICY_STATES

RULES = standard_rules()
DAY = date(2018, 3, 1)

# 来源 L508-545：江潮、欧露，各一件“**福”
FAMILY = """
成员 | 性别 | 年龄 | 投保公司 | 险种名称 | 生效日期   | 基本保额 | 年交保费 | 缴费期限 | 保险期间 | 状态 | 下次交费
江潮 | 男   | 52   | 中国人寿 | **福     | 2000-08-03 | 30000    | 2280     | 20年     | 终身     | 有效 | 2018-08-03
欧露 | 女   | 50   | 中国人寿 | **福     | 2000-08-03 | 30000    | 2130     | 20年     | 终身     | 有效 | 2018-08-03
"""
BENEFIT = "身故保障9万(扣除已理赔重疾)；重大疾病保障6万元"

# 年龄、保障（险种或写明的种类:状态:止期） → 身故、健康、意外、养老；（）里不需要
GAPS = """
生日       | 保障                                  | 身故    | 健康    | 意外    | 养老
1966-02-01 | life,health:in_force:-                | covered | covered | missing | missing
1966-02-01 | whole_life:in_force:-                 | covered | missing | missing | missing
1966-02-01 | health:lapsed:-                       | missing | lapsed  | missing | missing
1966-02-01 | health:lapsed:- health:in_force:-     | missing | covered | missing | missing
1966-02-01 | accident:in_force:2018-03-01          | missing | missing | missing | missing
1966-02-01 | accident:in_force:2018-03-02          | missing | missing | covered | missing
1966-02-01 | annuity:in_force:-                    | missing | missing | missing | covered
1966-02-01 | health:surrendered:-                  | missing | missing | missing | missing
2000-03-02 | -                                     | (missing) | missing | missing | (missing)
2000-03-01 | -                                     | missing | missing | missing | (missing)
1957-03-01 | -                                     | missing | missing | missing | (missing)
1952-03-01 | -                                     | (missing) | missing | missing | (missing)
-          | -                                     | missing | missing | missing | missing
"""

# 状态、失效日、应缴、满期、缺资料、受益人、检查日 → 发现
FINDINGS = """
状态     | 失效       | 应缴       | 满期       | 缺   | 受益人 | 检查       | 发现
in_force | -          | 2018-08-03 | -          | -    | 是     | 2018-01-01 | -
in_force | -          | 2018-02-28 | -          | -    | 是     | 2018-01-01 | 2018-02-28应缴未缴
in_force | -          | 2018-03-01 | -          | -    | 是     | 2018-01-01 | 2018-03-01应缴
in_force | -          | 2018-03-31 | -          | -    | 是     | 2018-01-01 | 2018-03-31应缴
in_force | -          | 2018-04-01 | -          | -    | 是     | 2018-01-01 | -
in_force | -          | -          | 2018-05-30 | -    | 是     | 2018-01-01 | 2018-05-30满期，可备领取资料
in_force | -          | -          | 2018-05-31 | -    | 是     | 2018-01-01 | -
in_force | -          | -          | 2018-02-01 | -    | -      | 2018-01-01 | 已于2018-02-01满期
lapsed   | 2016-03-01 | 2016-01-01 | -          | -    | 是     | 2018-01-01 | 失效，2018-03-01前可申请复效
lapsed   | 2016-02-29 | 2016-01-01 | -          | -    | 是     | 2018-01-01 | 失效，复效期已于2018-02-28届满
lapsed   | -          | -          | -          | -    | 是     | 2018-01-01 | 失效，可申请复效
in_force | -          | -          | -          | 电话、地址 | 否 | -      | 资料缺电话、地址；未指定身故受益人；尚未检查整理
"""


def table(text: str) -> list[list[str]]:
    """The cells of a text table without its heading."""
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()[1:]]


def day(cell: str) -> date | None:
    return None if cell == "-" else date.fromisoformat(cell)


def sample() -> tuple[pl.DataFrame, pl.DataFrame]:
    members = [
        {"member": "K1", "name": "江潮", "sex": "M", "birth_date": date(1966, 1, 9), "relation": "本人"},
        {"member": "K2", "name": "欧露", "sex": "F", "birth_date": date(1968, 2, 2), "relation": "配偶"},
    ]
    cover = {
        "recorded": False, "insurer": "中国人寿", "product_name": "**福", "product_type": "whole_life",
        "kinds": "life,health",
        "effective_date": date(2000, 8, 3), "sum_insured_fen": 3_000_000, "payments_per_year": 1, "payment_term_years": 20,
        "state": "in_force", "benefit": BENEFIT, "next_due_date": date(2018, 8, 3),
    }  # fmt: skip
    covers = [
        cover | {"cover": "P2", "member": "K2", "premium_fen": 213_000},
        cover | {"cover": "P1", "member": "K1", "premium_fen": 228_000},
    ]
    return fill(members, MEMBERS), fill(covers, COVERS)


@pytest.mark.req("S4-30")
def test_the_sample_of_the_source_is_reproduced() -> None:
    members, covers = sample()
    rows = family_table(members, covers, DAY)
    shown = rows.select(
        "name", "sex", pl.col("age").cast(pl.String), "insurer", "product_name",
        pl.col("effective_date").cast(pl.String), (pl.col("sum_insured_fen") // 100).cast(pl.String),
        (pl.col("yearly_premium_fen") // 100).cast(pl.String), "payment_term", "cover_term", "state",
        pl.col("next_due_date").cast(pl.String),
    )  # fmt: skip
    assert [list(row) for row in shown.rows()] == table(FAMILY)
    assert rows["benefit"].to_list() == [BENEFIT] * 2
    assert rows["yearly_premium_fen"].sum() == yearly_premium_fen(covers) == 441_000
    found = gaps(members, covers, DAY, RULES)
    missing = found.filter(pl.col("needed") & (pl.col("standing") != "covered"))
    assert missing.select("name", "kind").rows() == [
        (name, kind) for name in ("江潮", "欧露") for kind in ("accident", "pension")
    ]


@pytest.mark.req("S4-30")
def test_other_insurers_and_members_without_a_policy_stand_in_the_table() -> None:
    members, covers = sample()
    child = {"member": "K3", "name": "江小", "sex": "M", "birth_date": date(2010, 3, 2), "relation": "子女"}
    other = {
        "cover": "手录1", "member": "K1", "recorded": True, "insurer": "平安", "product_name": "意外险", "kinds": "accident",
        "premium_fen": 50_000, "payments_per_year": 0, "payment_term_years": 1, "end_date": date(2018, 12, 31),
        "state": "in_force",
    }  # fmt: skip
    members = pl.concat([fill([child], MEMBERS), members])
    covers = pl.concat([covers, fill([other], COVERS)])
    rows = family_table(members, covers, DAY)
    assert rows["name"].to_list() == ["江小", "江潮", "江潮", "欧露"]
    assert rows.row(0, named=True) | {"name": "", "member": "", "sex": "", "age": 0} == dict.fromkeys(rows.columns) | {
        "name": "", "member": "", "sex": "", "age": 0,
    }  # fmt: skip
    hand = rows.row(2, named=True)
    assert (hand["insurer"], hand["payment_term"], hand["cover_term"]) == ("平安", "趸交", "至2018-12-31")
    assert (hand["yearly_premium_fen"], hand["recorded"]) == (0, True)
    assert rows["age"].to_list() == [7, 52, 52, 50]
    assert yearly_premium_fen(covers) == 441_000


@pytest.mark.req("S4-30")
@pytest.mark.parametrize("row", table(GAPS))
def test_gaps_stand_where_protection_ended_or_never_was(row: list[str]) -> None:
    birth, covers, *expected = row
    member = fill([{"member": "K1", "name": "甲", "sex": "M", "birth_date": day(birth)}], MEMBERS)
    rows = []
    for n, word in enumerate([] if covers == "-" else covers.split()):
        what, state, end = word.split(":")
        kinds = what if set(what.split(",")) <= set(KINDS) else None
        rows.append({
            "cover": f"P{n}", "member": "K1", "product_type": what, "kinds": kinds, "state": state, "end_date": day(end),
        })  # fmt: skip
    found = gaps(member, fill(rows, COVERS), DAY, RULES)
    words = [
        f"{one['standing']}" if one["needed"] else f"({one['standing']})"
        for one in found.iter_rows(named=True)
    ]
    assert words == expected


@pytest.mark.req("S4-31")
@pytest.mark.parametrize("row", table(FINDINGS))
def test_the_sheet_says_what_to_see_to_with_its_day(row: list[str]) -> None:
    state, lapsed, due, end, missing, named, checked, finding = row
    policy = {
        "policy_number": "P1", "state": state, "lapse_date": day(lapsed), "next_due_date": day(due), "end_date": day(end),
        "missing": "" if missing == "-" else missing, "checked_date": day(checked),
        "beneficiary_named": {"是": True, "否": False}.get(named),
    }  # fmt: skip
    sheet = check_up(fill([policy], CHECKED), DAY, RULES)
    assert (sheet["findings"].item() or "-") == finding
    assert sheet["found"].item() == (0 if finding == "-" else len(finding.split("；")))


@pytest.mark.req("S4-31")
def test_riders_stand_below_their_main_policy_and_every_policy_is_listed() -> None:
    rows = [
        {"policy_number": number, "main_policy_number": main, "state": "in_force", "missing": ""}
        for number, main in (("R1", "P2"), ("P2", None), ("A9", "P2"), ("P1", None))
    ]
    sheet = check_up(fill(rows, CHECKED), DAY, RULES)
    assert sheet["policy_number"].to_list() == ["P1", "P2", "A9", "R1"]


def test_the_rulebook_knows_every_kind() -> None:
    for key in ("household.needed_from_age", "household.needed_to_age"):
        assert set(RULES[key]) == set(KINDS)
    assert set(RULES["household.kinds_of_type"].values()) <= set(KINDS)
    assert "in_force" in POLICY_STATES
