"""What a family is insured for, and what is missing: the coverage analysis table (家庭保障分析表, S4-30).

In: MEMBERS, COVERS (the house's own policies and what customers showed of other insurers'), a day, the rulebook. Out:
the table with its sum, gaps by member. Never: a benefit computed from the sum insured (it is as entered: products
multiply differently), a lapsed or expired cover counted as protection, a member without a policy left out.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.labels import POLICY_STATES
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import B, D, I, S, Schema, conform

MEMBERS: Schema = {"member": S, "name": S, "sex": S, "birth_date": D, "relation": S}
COVERS: Schema = {  # one row a policy and insured member
    "cover": S,  # policy number, or the number of the hand-written record
    "member": S,
    "recorded": B,  # True: another insurer's, written down by hand
    "insurer": S,
    "product_name": S,
    "product_type": S,  # as in POLICIES; null where only `kinds` is known
    "kinds": S,  # what it protects against, keys of KINDS joined by ','; null = by its product type
    "effective_date": D,
    "sum_insured_fen": I,
    "premium_fen": I,  # of one instalment
    "payments_per_year": I,  # 0 = single
    "payment_term_years": I,
    "end_date": D,  # null = whole life
    "state": S,
    "benefit": S,  # the main benefits as entered
    "next_due_date": D,
}
KINDS = {"life": "身故保障", "health": "健康保障", "accident": "意外保障", "pension": "养老保障"}
FAMILY_TABLE: Schema = {
    "member": S,
    "name": S,
    "sex": S,
    "age": I,
    "insurer": S,
    "product_name": S,
    "effective_date": D,
    "sum_insured_fen": I,
    "yearly_premium_fen": I,  # 0 for a single premium
    "payment_term": S,  # 20年 | 趸交
    "cover_term": S,  # 终身 | 至2040-08-03
    "state": S,
    "benefit": S,
    "next_due_date": D,
    "cover": S,
    "recorded": B,
}
GAPS: Schema = {
    "member": S,
    "name": S,
    "kind": S,  # key of KINDS
    "standing": S,  # covered | lapsed (only lapsed covers) | missing
    "covers": I,  # covers in force of this kind
    "needed": B,  # at this age
}
_SEXES = {"M": "男", "F": "女"}
_PROTECTS = "in_force"


def family_table(members: pl.DataFrame, covers: pl.DataFrame, day: date) -> pl.DataFrame:
    """FAMILY_TABLE: a row a cover, by member in the order given, then by effective date; one empty row for who has none."""
    people = _aged(members, day)
    rows = people.join(conform(covers, COVERS), on="member", how="left", maintain_order="left")
    single = pl.col("payments_per_year") == 0
    table = rows.with_columns(
        sex=pl.col("sex").replace_strict(_SEXES, default=None, return_dtype=S),
        yearly_premium_fen=pl.col("premium_fen") * pl.col("payments_per_year"),
        payment_term=pl.when(single).then(pl.lit("趸交")).otherwise(pl.format("{}年", "payment_term_years")),
        cover_term=pl.when(pl.col("cover").is_not_null()).then(
            pl.coalesce(pl.format("至{}", pl.col("end_date").dt.to_string("%Y-%m-%d")), pl.lit("终身"))
        ),
        state=pl.col("state").replace_strict(POLICY_STATES, default=None, return_dtype=S),
    )
    ordered = table.sort("order", "effective_date", "cover", nulls_last=True)
    return conform(ordered.select(*FAMILY_TABLE), FAMILY_TABLE)


def yearly_premium_fen(covers: pl.DataFrame) -> int:
    """What the family pays a year for covers in force, single premiums apart."""
    paying = conform(covers, COVERS).filter(pl.col("state") == _PROTECTS)
    return int((paying["premium_fen"] * paying["payments_per_year"]).sum())


def gaps(members: pl.DataFrame, covers: pl.DataFrame, day: date, rulebook: Rulebook) -> pl.DataFrame:
    """GAPS of every member and kind, by member in the order given; what is `needed` and not `covered` is a gap."""
    types = rulebook["household.kinds_of_type"]
    derived = pl.col("product_type").replace_strict(types, default=None, return_dtype=S)
    kinds = pl.coalesce("kinds", derived).str.split(",")
    each = conform(covers, COVERS).with_columns(kind=kinds).explode("kind").drop_nulls("kind")
    alive = pl.col("end_date").is_null() | (pl.col("end_date") > day)
    started = pl.col("effective_date").fill_null(day) <= day
    counted = each.group_by("member", "kind").agg(
        covers=((pl.col("state") == _PROTECTS) & alive & started).sum().cast(I),
        lapsed=((pl.col("state") == "lapsed") & alive).sum(),
    )
    wanted = pl.DataFrame({"kind": list(KINDS), "rank": range(len(KINDS))}, schema={"kind": S, "rank": I})
    frame = _aged(members, day).join(wanted, how="cross").join(counted, on=["member", "kind"], how="left")
    first, last = rulebook["household.needed_from_age"], rulebook["household.needed_to_age"]
    from_age = pl.col("kind").replace_strict(first, return_dtype=I)
    to_age = pl.col("kind").replace_strict(last, return_dtype=I)
    covered = pl.col("covers").fill_null(0) > 0
    standing = (
        pl.when(covered)
        .then(pl.lit("covered"))
        .when(pl.col("lapsed").fill_null(0) > 0)
        .then(pl.lit("lapsed"))
        .otherwise(pl.lit("missing"))
    )
    told = frame.with_columns(
        covers=pl.col("covers").fill_null(0),
        standing=standing,
        needed=pl.col("age")
        .is_between(from_age, to_age)
        .fill_null(True),  # age unknown: asked rather than left out
    )
    return conform(told.sort("order", "rank").select(*GAPS), GAPS)


def _aged(members: pl.DataFrame, day: date) -> pl.DataFrame:
    """MEMBERS with their age on the day and their order."""
    birthday = pl.col("birth_date").dt.offset_by(
        pl.format("{}y", pl.lit(day.year) - pl.col("birth_date").dt.year())
    )
    before = (birthday > day).cast(I)
    age = pl.lit(day.year, I) - pl.col("birth_date").dt.year() - before
    return conform(members, MEMBERS).with_row_index("order").with_columns(age=age.cast(I))
