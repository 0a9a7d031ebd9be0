"""One customer's sheets: the policy check-up (S4-31) and the family's coverage with its gaps (S4-30).

In: a scope, a customer, a day. Out: frames of `core.check_up` and `core.household`; names masked unless asked for in clear.
Never: a customer out of scope, a policy of kin out of scope, an age guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from tuogu.books import queries as books
from tuogu.core.check_up import CHECKED, check_up
from tuogu.core.dues import next_due_dates
from tuogu.core.household import COVERS, MEMBERS, family_table, gaps, yearly_premium_fen
from tuogu.core.intake_titles import TITLES
from tuogu.core.masking import mask_rule, masked_name
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import D, I, conform
from tuogu.org.scope import Scope
from tuogu.work import queries as work
from tuogu.work.checked import checked_on

SELF, KIN = "本人", "同一保单的亲属"
_TOLD = "told:"  # before the id of a row that the customer's words made
_ALSO = {"product": "product_name", "protects": "kinds"}  # names by which a page may have written it down
_ROWS = frozenset({"cover", "member", "recorded"})  # said by the row itself
_NEEDED = ("name", "sex", "birth_date", "id_number", "phone", "address")  # of a customer's record


@dataclass(frozen=True)
class Family:
    """`table`: FAMILY_TABLE; `gaps`: GAPS; `premium_fen`: what is paid a year for covers in force."""

    table: pl.DataFrame
    gaps: pl.DataFrame
    premium_fen: int
    numbers: tuple[str, ...]  # of members who are customers
    told: tuple[dict[str, Any], ...]  # id, relation, name of members as the customer told
    outside: tuple[dict[str, Any], ...]  # id, insurer, product_name of other insurers' policies

    @property
    def lacking(self) -> pl.DataFrame:
        """The gaps: what is needed and not covered."""
        return self.gaps.filter(pl.col("needed") & (pl.col("standing") != "covered"))


def family(scope: Scope, number: str, day: date, rulebook: Rulebook, *, clear: bool = False) -> Family | None:
    """The coverage of the customer's family; None for who is out of scope or unknown."""
    if not books.visible_customer(scope, number):
        return None
    numbers = books.family_of(scope, number)
    told = _told(number, rulebook, clear=clear)
    members = pl.concat([_customers(numbers, rulebook, clear=clear), told])
    own = _own_covers(books.carried_of(scope, numbers), day, rulebook)
    outside = _outside(number, day)
    covers = pl.concat([own, outside])
    covers = covers.filter(pl.col("member").is_in(members["member"].implode()))
    return Family(
        family_table(members, covers, day), gaps(members, covers, day, rulebook), yearly_premium_fen(covers),
        tuple(numbers), _rows(told, "member", "relation", "name"), _rows(outside, "cover", "insurer", "product_name"),
    )  # fmt: skip


def _rows(frame: pl.DataFrame, key: str, *names: str) -> tuple[dict[str, Any], ...]:
    """These columns, with the id of the row that was written down."""
    identified = frame.select(pl.col(key).str.strip_prefix(_TOLD).cast(pl.Int64).alias("id"), *names)
    return tuple(identified.iter_rows(named=True))


def sheet(scope: Scope, number: str, day: date, rulebook: Rulebook) -> pl.DataFrame | None:
    """SHEET of the policies that the customer holds or that insure the customer; None for who is out of scope."""
    if not books.visible_customer(scope, number):
        return None
    every = books.carried_of(scope, books.family_of(scope, number))
    mains = every.filter(
        pl.col("main_policy_number").is_null()
        & ((pl.col("holder_number") == number) | (pl.col("insured_number") == number))
    )
    riders = every.join(mains.select(main_policy_number="policy_number"), on="main_policy_number", how="semi")
    policies = pl.concat([mains, riders])
    days = next_due_dates(policies.filter(pl.col("state") == "in_force"), day)
    checked = policies.join(days, on="policy_number", how="left").with_columns(
        missing=pl.col("holder_number").replace_strict(
            _missing(policies), default="", return_dtype=pl.String
        ),
        beneficiary_named=pl.lit(None, pl.Boolean),  # the core system's file does not tell
        checked_date=pl.coalesce("main_policy_number", "policy_number").replace_strict(
            _checked(mains), default=None, return_dtype=pl.Date
        ),
    )
    return check_up(checked.select(*CHECKED), day, rulebook)


def _missing(policies: pl.DataFrame) -> dict[str, str]:
    """Holder → what the record lacks, in words."""
    filled = books.filled(policies["holder_number"].unique().to_list())
    return {
        row["customer_number"]: "、".join(TITLES["customers"][name] for name in _NEEDED if not row[name])
        for row in filled.iter_rows(named=True)
    }


def _checked(mains: pl.DataFrame) -> dict[str, date]:
    """Policy → day on which it was last checked and tidied up."""
    subjects = dict(mains.select("subject_id", "policy_number").iter_rows())
    return {subjects[subject]: day for subject, day in checked_on(list(subjects)).items()}


def _customers(numbers: list[str], rulebook: Rulebook, *, clear: bool) -> pl.DataFrame:
    known = books.shown_customers(numbers, clear=True)
    order = pl.DataFrame(
        {"number": numbers, "name": [known[n].name if n in known else None for n in numbers]}
    )
    frame = order.join(books.birth_dates(numbers), on="number", how="left", maintain_order="left")
    relation = pl.when(pl.col("member") == numbers[0]).then(pl.lit(SELF)).otherwise(pl.lit(KIN))
    return _members(frame.rename({"number": "member"}).with_columns(relation=relation), rulebook, clear=clear)


def _told(number: str, rulebook: Rulebook, *, clear: bool) -> pl.DataFrame:
    """Members of the family as the customer told."""
    rows = [
        {"member": f"{_TOLD}{one.id}", "name": one.name, "sex": one.sex or None, "birth_date": one.birth_date,
         "relation": one.relation}
        for one in work.members(number)
    ]  # fmt: skip
    return _members(pl.DataFrame(rows, schema=MEMBERS), rulebook, clear=clear)


def _members(frame: pl.DataFrame, rulebook: Rulebook, *, clear: bool) -> pl.DataFrame:
    shown = frame if clear else frame.with_columns(name=masked_name(pl.col("name"), mask_rule(rulebook)))
    return conform(shown.select(*MEMBERS).cast(dict(MEMBERS)), MEMBERS)  # type: ignore[arg-type]  # a Schema is one


def _own_covers(policies: pl.DataFrame, day: date, rulebook: Rulebook) -> pl.DataFrame:
    days = next_due_dates(policies.filter(pl.col("state") == "in_force"), day)
    single = pl.col("premium_mode") == "single"
    frame = policies.join(days, on="policy_number", how="left").with_columns(
        cover="policy_number",
        member=pl.coalesce("insured_number", "holder_number"),
        recorded=pl.lit(False),
        insurer=pl.lit(rulebook["notices.insurer"]),
        kinds=pl.lit(None, pl.String),
        effective_date="inception_date",
        payments_per_year=pl.when(single).then(0).otherwise(pl.col("payments_per_year")),
        benefit=pl.lit(None, pl.String),
    )
    return conform(frame.select(*COVERS).cast(dict(COVERS)), COVERS)  # type: ignore[arg-type]  # a Schema is one


def _outside(number: str, day: date) -> pl.DataFrame:
    """Policies of other insurers as the customer told; the customer's own where no member is named."""
    rows = [
        {
            **dict.fromkeys(COVERS), **told_cover(one.detail), "cover": f"{_TOLD}{one.id}", "recorded": True,
            "member": number if one.member is None else f"{_TOLD}{one.member}",
        }
        for one in work.outside_policies(number)
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=COVERS)
    ended = (pl.col("end_date") <= day).fill_null(value=False)
    return frame.with_columns(
        state=pl.when(ended).then(pl.lit("matured")).otherwise(pl.col("state").fill_null("in_force"))
    )


def told_cover(detail: Mapping[str, Any]) -> dict[str, Any]:
    """What a written-down policy says, by names of COVERS; what cannot be read as a day or a number is left out."""
    said = {_ALSO.get(name, name): value for name, value in detail.items()}
    if "yearly_premium_fen" in detail:
        said |= {"premium_fen": detail["yearly_premium_fen"], "payments_per_year": 1}
    return {
        name: _typed(COVERS[name], value)
        for name, value in said.items()
        if name in COVERS and name not in _ROWS
    }


def _typed(kind: Any, value: Any) -> Any:
    try:
        return date.fromisoformat(str(value)) if kind == D else int(value) if kind == I else str(value)
    except ValueError:
        return None
