"""What a plan changes, beside today's custody (P-03): the rows that a release would post, unit by unit and one by one.

In: a stored plan. Out: frames of units and of policies, as of now. Never: a policy that stays where it is; a row that the
release itself would not be asked to post.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from tuogu.core.changes import BUFFER, CHANGES
from tuogu.core.tables import Schema, conform
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import memory
from tuogu.plans.heads import seen
from tuogu.plans.models import StoredPlan
from tuogu.plans.standing import standing_now, to_post, version

UNIT_CHANGES: Schema = {
    "unit_code": pl.String,
    "street": pl.String,
    "community": pl.String,
    "old": pl.String,  # name of who holds them now; the buffer group by its name
    "old_number": pl.String,  # staff number; null of a pool
    "new": pl.String,
    "new_number": pl.String,
    "lever": pl.String,  # unit | adjacent | return
    "policies": pl.Int64,
    "moved_since": pl.Int64,  # of these, policies whose custody changed after the plan was made: a release leaves them
    "why": pl.String,
}
POLICY_CHANGES: Schema = {
    "number": pl.String,
    "unit_code": pl.String,
    "instalment": pl.Int64,
    "lever": pl.String,
    "old_id": pl.Int64,
    "old": pl.String,
    "new_id": pl.Int64,
    "new": pl.String,
    "moved_since": pl.Boolean,
    "gone": pl.Boolean,  # who shall get it may no longer receive: a release leaves it
}


@dataclass(frozen=True)
class ChangePage:
    """Some rows of UNIT_CHANGES; `units` rows and `policies` in all, `communities` that get another custodian. `gone`
    policies of `leavers` people who may no longer receive stand apart: no row speaks of them."""

    rows: pl.DataFrame
    first: int
    units: int
    policies: int
    communities: int
    moved_since: int
    gone: int
    leavers: int

    @property
    def posted(self) -> int:
        """What releases of the plan would post today."""
        return self.policies - self.moved_since


def unit_changes(plan_id: int, scope: Scope, *, on: date, first: int = 1, size: int = 20) -> ChangePage:
    """One page of the changes by unit as of the day `on`, the largest first; `first` is the number of its first row."""
    stored = seen(plan_id, scope)
    leavers = _leavers(stored, on)
    rows = memory.derived(
        (stored.digest, "units", version(stored), leavers), lambda: _by_unit(stored, leavers)
    )
    gone = (
        to_post(standing_now(stored)).filter(pl.col("custodian_id").is_in(leavers)).height if leavers else 0
    )
    page = _named(_numbered(rows.slice(first - 1, size)), ("old", "new"))
    return ChangePage(
        page.select(*UNIT_CHANGES),
        first,
        rows.height,
        int(rows["policies"].sum()),
        rows["community_code"].n_unique(),
        int(rows["moved_since"].sum()),
        gone,
        len(leavers),
    )


def policy_changes(plan_id: int, scope: Scope, *, on: date) -> pl.DataFrame:
    """POLICY_CHANGES of the whole plan, by unit and number; what a release would leave is marked, not left out."""
    stored = seen(plan_id, scope)
    rows = _moving(stored, _leavers(stored, on)).select(
        "number", "unit_code", "instalment", "lever", old_id="holder_id", new_id="custodian_id",
        moved_since="moved_since", gone="gone",
    ).with_columns(old="old_id", new="new_id")  # fmt: skip
    return _named(rows, ("old", "new")).select(*POLICY_CHANGES).sort("unit_code", "number")


@dataclass(frozen=True)
class ChangeRegister:
    """`rows`: CHANGES of core that releases would post today (staff numbers, or 'buffer'). Left out of them, counted:
    `gone` whose receiver may no longer receive, `moved_since` whose custody changed after the plan."""

    rows: pl.DataFrame
    gone: int
    moved_since: int

    @property
    def not_released(self) -> list[tuple[str, int]]:
        """Why a release would leave how many where they are."""
        return [("接收人已离司", self.gone), ("方案之后责任人已变动", self.moved_since)]


def change_register(plan_id: int, scope: Scope, *, on: date) -> ChangeRegister:
    """What the register of changes lists, as of the day `on`."""
    stored = seen(plan_id, scope)
    people = org.staff_ids().select("staff_number", "custodian_id")
    moving = _moving(stored, _leavers(stored, on))
    gone, moved = moving.filter("gone"), moving.filter(pl.col("moved_since") & ~pl.col("gone"))
    rows = moving.filter(~pl.col("gone") & ~pl.col("moved_since")).select(
        "holder_id", policy_number="number", new_id="custodian_id"
    )
    for column, key in (("old_custodian", "holder_id"), ("new_custodian", "new_id")):
        rows = rows.join(people.rename({"staff_number": column, "custodian_id": key}), on=key, how="left")
    filled = pl.col("old_custodian", "new_custodian").fill_null(BUFFER)
    table = conform(rows.with_columns(filled).select(*CHANGES).sort("policy_number"), CHANGES)
    return ChangeRegister(table, gone.height, moved.height)


def _leavers(stored: StoredPlan, on: date) -> tuple[int, ...]:
    """People whom the plan gives policies and who may not receive any on the day `on`."""
    planned = memory.derived(
        (stored.digest, "receivers"), lambda: frozenset(standing_now(stored)["custodian_id"].to_list())
    )
    return tuple(sorted(planned - set(org.receiving(on))))


def _moving(stored: StoredPlan, leavers: tuple[int, ...]) -> pl.DataFrame:
    """The rows that releases of the plan would be asked to post now."""
    # 0 = had no entry in the plan's relation, as a customer whom nobody developed yet
    return to_post(standing_now(stored)).with_columns(
        moved_since=pl.col("head").fill_null(0) != pl.col("expected_head"),
        gone=pl.col("custodian_id").is_in(leavers),
    )


def _by_unit(stored: StoredPlan, leavers: tuple[int, ...]) -> pl.DataFrame:
    tables = memory.tables(stored, ("units", "candidates", "book.communities"))
    places = tables["units"].select("unit_code", "community_code").unique("unit_code")
    names = tables["book.communities"].select("community_code", "street", "community")
    reasons = tables["candidates"].filter(pl.col("verdict") == "chosen")
    reasons = reasons.sort(pl.col("policy_number").is_not_null(), "policy_number").unique(
        "unit_code", keep="first"
    )
    grouped = (
        _moving(stored, leavers)
        .filter(~pl.col("gone"))
        .group_by("unit_code", "lever", old=pl.col("holder_id"), new=pl.col("custodian_id"))
        .agg(policies=pl.len().cast(pl.Int64), moved_since=pl.col("moved_since").sum().cast(pl.Int64))
    )
    return (
        grouped.join(places, on="unit_code", how="left")
        .join(names, on="community_code", how="left")
        .join(reasons.select("unit_code", why="detail"), on="unit_code", how="left")
        .sort("policies", "unit_code", "old", "new", descending=[True, False, False, False])
    )


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    """With the staff numbers of `old` and `new`: two people may share a name."""
    people = org.staff_ids().select("custodian_id", "staff_number")
    for column in ("old", "new"):
        numbers = people.rename({"custodian_id": column, "staff_number": f"{column}_number"})
        rows = rows.join(numbers, on=column, how="left", maintain_order="left")
    return rows


def _named(rows: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
    """Custodian ids in `columns` as names; nobody (closed) stays null."""
    ids = {i for name in columns for i in rows[name].drop_nulls().to_list()}
    names = {i: name or "" for i, name in org.names(ids).items()}
    return rows.with_columns(
        pl.col(name).replace_strict(list(names), list(names.values()), default=None, return_dtype=pl.String)
        for name in columns
    )
