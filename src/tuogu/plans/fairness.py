"""The fairness account (公平账, N-10) of what was released: from posted instalments of all strategies to ACCOUNT.

In: a relation, the first and last month, a Scope. Out: the account and the evenness of core. Never: policies in
custody, customers to develop and supervised policies in one sum (they are different work and have no common unit); a
piece that an undo or a reclaim took back, a piece released to a pool, a row about a person outside the scope (whose
equals are compared with the whole company all the same: the mean of a group names nobody).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from tuogu.core import fairness
from tuogu.core.basis import policy_communities
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import LIVE_STATES, empty
from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import SubjectKind
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import memory
from tuogu.plans.burdens import distances
from tuogu.plans.models import ScheduledRelease, StoredPlan
from tuogu.plans.reading import rulebook_of

_CONTRACT = (
    "policy_number", "main_policy_number", "holder_number", "insured_number", "state", "premium_fen", "payments_per_year",
)  # fmt: skip
_CLASSES = ("policy_number", "nature", "service_class")


@dataclass(frozen=True)
class FairnessAccount:
    """`account` and `evenness` as core.fairness describes them; the people of `account` lie within the scope."""

    account: pl.DataFrame
    evenness: pl.DataFrame


def fairness_account(
    scope: Scope, rulebook: Rulebook, *, relation: str, first: date, last: date
) -> FairnessAccount:
    """What everybody within scope has received in one relation in the months from `first` to `last`, both counted."""
    months = pl.date_range(first.replace(day=1), last.replace(day=1), "1mo", eager=True)
    released = _released(relation, months)
    whole = fairness.account(released, _members(months, released), rulebook)
    seen = org.people(scope)["staff_number"]
    mine = whole.filter(pl.col("staff_number").is_in(seen.implode()))
    groups = fairness.evenness(whole).join(mine.select("equals").unique(), on="equals", how="semi")
    return FairnessAccount(mine, groups.sort("equals", "month"))


def _released(relation: str, months: pl.Series) -> pl.DataFrame:
    """RELEASED of all posted instalments of a relation: what their batches gave and nobody took back."""
    posted = ScheduledRelease.objects.filter(plan__relation=relation, batch__isnull=False)
    releases = {r.batch_id: r for r in posted.select_related("plan__rulebook").order_by("id") if r.batch_id}
    if not releases:
        return empty(fairness.RELEASED)
    entries = ledger.still_given(releases, first=months[0], last=months.dt.month_end()[-1])
    people = org.staff_ids().select("staff_number", "custodian_id")
    rows = entries.join(people, on="custodian_id").select(
        "staff_number", "number", "batch_id",
        erased=pl.concat_str(pl.lit("#"), pl.col("subject_id").cast(pl.String)),
        month=pl.col("effective_date").dt.month_start(),
    )  # fmt: skip
    frames = [
        _described(releases[batch].plan, rows.filter(batch_id=batch))
        for batch in rows["batch_id"].unique().sort()
    ]
    return pl.concat([empty(fairness.RELEASED), *frames])


def _described(stored: StoredPlan, rows: pl.DataFrame) -> pl.DataFrame:
    """RELEASED: each piece with the policies behind it as the plan knew them; of an erased number only the piece."""
    column = "policy_number" if stored.subject_kind == SubjectKind.POLICY else "holder_number"
    policies = memory.table(stored, "books.policies", _CONTRACT).filter(
        pl.col("main_policy_number").is_null() & pl.col("state").is_in(LIVE_STATES)
    )
    located = memory.table(stored, "book.located", ("key", "community_code"))
    places = policy_communities(policies, located, rulebook_of(stored)["territory.address_basis"])
    behind = (
        policies.with_columns(places["community_code"])
        .join(memory.table(stored, "book.classified", _CLASSES), on="policy_number", how="left")
        .select(
            "community_code", "nature", "service_class", number=column,
            premium_fen=pl.col("premium_fen") * pl.max_horizontal("payments_per_year", 1),
        )
    )  # fmt: skip
    pieces = rows.join(behind, on="number", how="left")
    near = distances(stored, pieces.select("community_code", "staff_number").drop_nulls().unique())
    far = pieces.join(near, on=["community_code", "staff_number"], how="left").with_columns(
        pl.col("number").fill_null(pl.col("erased")), pl.col("premium_fen").fill_null(0), distance_m="metres"
    )
    return far.select(*fairness.RELEASED)


def _members(months: pl.Series, released: pl.DataFrame) -> pl.DataFrame:
    """MEMBERS: who was in post on a day of each month, and whoever was given something then; equals by today's rank."""
    staff = org.people(Scope.everything()).with_columns(
        equals=pl.concat_str(
            pl.col("series", "rank").fill_null("—"), pl.when("supervisor").then(pl.lit("主管")), separator=" · ",
            ignore_nulls=True,
        )
    )  # fmt: skip
    grid = staff.join(pl.DataFrame({"month": months}), how="cross")
    there = (pl.col("hired_date") <= pl.col("month").dt.month_end()) | pl.col("hired_date").is_null()
    still = (pl.col("left_date") > pl.col("month")) | pl.col("left_date").is_null()
    given = released.select("staff_number", "month", given=True).unique()
    rows = grid.join(given, on=["staff_number", "month"], how="left").filter(
        (there & still) | pl.col("given")
    )
    return rows.select(*fairness.MEMBERS).sort("staff_number", "month")
