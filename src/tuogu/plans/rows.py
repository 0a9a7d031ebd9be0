"""The policies of a plan, one by one: what stands behind each number of its page.

In: a plan, a Scope, a RowFilter. Out: one page of rows. Never: a customer; a policy that the plan does not speak of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from tuogu.core.labels import UNPLACED_REASONS
from tuogu.core.tables import MONTH_COLUMNS
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import SubjectKind
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import memory
from tuogu.plans.heads import seen
from tuogu.plans.models import StoredPlan
from tuogu.plans.strategy_board import receiver_names


@dataclass(frozen=True)
class RowFilter:
    """What is asked for; '' and 0 ask for nothing. `reason` lists policies without a manager instead of assigned ones."""

    manager: str = ""  # staff number
    month: int = 0  # 1..12
    unit: str = ""
    community: str = ""  # official code
    instalment: int = 0
    lever: str = ""
    reason: str = ""
    street: str = ""  # official code
    text: str = ""  # part of a policy number, or the beginning of a unit code


@dataclass(frozen=True)
class RowChoices:
    """What a filter of a plan's rows may ask for: (code, name) of receivers and streets, numbers of instalments."""

    receivers: list[tuple[str, str]]
    streets: list[tuple[str, str]]
    instalments: list[int]


@dataclass(frozen=True)
class PlannedPolicy:
    """One policy of a plan. `manager` is null for one without; `holder` is who holds it today (null = closed)."""

    number: str
    unit_code: str
    community: str
    manager: str | None
    holder: str | None
    instalment: int | None
    lever: str
    months: tuple[int, ...]
    reason: str
    detail: str


@dataclass(frozen=True)
class RowPage:
    """Rows from `first` on, of `total`."""

    rows: list[PlannedPolicy]
    first: int
    total: int


def plan_rows_page(
    plan_id: int, scope: Scope, wanted: RowFilter, *, first: int = 1, size: int = 40
) -> RowPage:
    """One page of the plan's policies, by unit and number."""
    stored = seen(plan_id, scope)
    frame = _unplaced(stored, wanted) if wanted.reason else _assigned(stored, wanted)
    page = frame.slice(first - 1, size)
    return RowPage(_listed(stored, page), first, frame.height)


def row_choices(plan_id: int, scope: Scope) -> RowChoices:
    """The values that the plan's placements have."""
    stored = seen(plan_id, scope)
    rows = memory.table(stored, "placements").select("receiver", "instalment")
    names = receiver_names(set(rows["receiver"]))
    receivers = sorted(
        ((r, names.get(r, r)) for r in names.keys() & set(rows["receiver"])), key=lambda p: p[0]
    )
    return RowChoices(receivers, _streets(stored), rows["instalment"].drop_nulls().unique().sort().to_list())


def in_street(stored: StoredPlan, frame: pl.DataFrame, street: str) -> pl.DataFrame:
    """Those rows of frame[community_code] that lie in a street."""
    places = memory.table(stored, "book.communities").filter(pl.col("street_code") == street)
    return frame.join(places.select("community_code"), on="community_code", how="semi")


def named_by(text: str, number: str) -> pl.Expr:
    """Whether a row's number has this text in it, or its unit code begins with it."""
    begins = pl.col("unit_code").str.starts_with(text).fill_null(False)
    return pl.col(number).str.contains(text, literal=True) | begins


def _streets(stored: StoredPlan) -> list[tuple[str, str]]:
    used = memory.table(stored, "assignments").select("community_code").unique()
    places = memory.table(stored, "book.communities").join(used, on="community_code", how="semi")
    named = places.select("street_code", pl.concat_str("district", "street")).unique("street_code")
    return list(named.sort("street_code").iter_rows())


def manager_name(plan_id: int, scope: Scope, staff_number: str) -> str:
    """The name of an account manager of the plan; the number itself where nobody has it."""
    if not staff_number:
        return ""
    seen(plan_id, scope)
    ids = org.staff_ids([staff_number])["custodian_id"].to_list()
    return (org.names(ids).get(ids[0]) if ids else None) or staff_number


def manager_names(plan_id: int, scope: Scope) -> dict[str, str]:
    """Staff number → name of everybody on record, as registers print them."""
    seen(plan_id, scope)
    people = org.staff_ids()
    names = org.names(people["custodian_id"])
    return {number: names.get(i) or number for number, i, _left in people.iter_rows()}


def reason_label(reason: str) -> str:
    """The word for a reason of UNPLACED."""
    return UNPLACED_REASONS.get(reason, reason)


def _assigned(stored: StoredPlan, wanted: RowFilter) -> pl.DataFrame:
    asked = {
        "staff_number": wanted.manager, "unit_code": wanted.unit, "community_code": wanted.community,
        "instalment": wanted.instalment, "lever": wanted.lever,
    }  # fmt: skip
    frame = memory.table(stored, "assignments")
    for column, value in asked.items():
        if value:
            frame = frame.filter(pl.col(column) == value)
    if wanted.month:
        frame = frame.filter(pl.col(MONTH_COLUMNS[wanted.month - 1]) > 0)
    if wanted.street:
        frame = in_street(stored, frame, wanted.street)
    if wanted.text:
        frame = frame.filter(named_by(wanted.text, "policy_number"))
    return frame.sort("unit_code", "policy_number")


def _unplaced(stored: StoredPlan, wanted: RowFilter) -> pl.DataFrame:
    frame = memory.table(stored, "unplaced").filter(pl.col("reason") == wanted.reason)
    return frame.filter(pl.col("policy_number").str.contains(wanted.text, literal=True)).sort("policy_number")


def _listed(stored: StoredPlan, page: pl.DataFrame) -> list[PlannedPolicy]:
    places = memory.table(stored, "book.communities").select("community_code", "street", "community")
    held = custody.holders_by_number(page["policy_number"], kind=SubjectKind.POLICY)
    page = page.with_columns(
        holder_id=pl.Series([held.get(number) for number in page["policy_number"]], dtype=pl.Int64)
    )
    if "community_code" in page.columns:
        page = page.join(places, on="community_code", how="left", maintain_order="left")
        people = org.staff_ids(page["staff_number"]).rename({"custodian_id": "manager_id"})
        page = page.join(people.drop("left_date"), on="staff_number", how="left", maintain_order="left")
    ids = [page[name].drop_nulls().to_list() for name in ("manager_id", "holder_id") if name in page.columns]
    names = org.names({i for part in ids for i in part})
    return [_policy(row, names) for row in page.iter_rows(named=True)]


def _policy(row: dict[str, Any], names: dict[int, str | None]) -> PlannedPolicy:
    placed = "unit_code" in row
    return PlannedPolicy(
        number=row["policy_number"],
        unit_code=row["unit_code"] if placed else "",
        community=f"{row['street']} {row['community']}" if placed else "",
        manager=(names.get(row["manager_id"]) or row["staff_number"]) if placed else None,
        holder=names.get(row["holder_id"]),
        instalment=row["instalment"] if placed else None,
        lever=row["lever"] if placed else "",
        months=tuple(number for number, name in enumerate(MONTH_COLUMNS, 1) if placed and row[name]),
        reason="" if placed else row["reason"],
        detail="" if placed else row["detail"],
    )
