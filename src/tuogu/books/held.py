"""What one person holds, as a phone shows it: the customers by place, what falls due when, what came of late.

In: a custodian and the day. Out: `Held`, read by two queries, and what can be told from it without another. Never: a
policy that the ledger has not given to this person (an instalment that is not released is not here), personal data.

Cost grows with what the person holds, a few hundred policies, not with the branch.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import polars as pl
from django.db.models import Q

from tuogu.books.held_rows import Arrival, CustomerPage, HeldBeside, HeldCustomer, HeldPolicy, Month
from tuogu.books.models import ListedCommunity, ListedPolicy
from tuogu.core.dues import due_months, next_due_dates
from tuogu.core.tables import MONTH_COLUMNS
from tuogu.ledger.kinds import EntryKind, Relation

GIVEN = (EntryKind.RELEASE, EntryKind.TRANSFER, EntryKind.CLAIM)  # entrusted to somebody by a decision
_LISTED = {
    "number": pl.String,
    "tail": pl.String,
    "product_name": pl.String,
    "state": pl.String,
    "premium_fen": pl.Int64,
    "payments_per_year": pl.Int64,
    "payment_term_years": pl.Int64,
    "yearly_premium_fen": pl.Int64,
    "holder_number": pl.String,
    "insured_number": pl.String,
    "orphan": pl.Boolean,
    "orphan_type": pl.String,
    "nature": pl.String,
    "service_class": pl.String,
    "community_code": pl.String,
    "inception_date": pl.Date,
    "lapse_date": pl.Date,
}
_CUSTODY = {"since_date": pl.Date, "came_by": pl.String}  # kind of the entry that gave it
_PLACE = {"community_code": pl.String, "community": pl.String, "street": pl.String, "district": pl.String}


@dataclass(frozen=True)
class Held:
    """Everything live that a person holds today. `frame`: one row a policy, by number."""

    frame: pl.DataFrame
    today: date

    @cached_property
    def policies(self) -> int:
        """How many."""
        return self.frame.height

    def arrivals(self, window_days: int) -> list[Arrival]:
        """What came within the last `window_days` days, newest first."""
        since = self.today - timedelta(days=window_days)
        given = self.frame.filter(pl.col("came_by").is_in(list(GIVEN)), pl.col("since_date") > since)
        counted = given.group_by("since_date").agg(
            customers=pl.col("holder_number").n_unique(), policies=pl.len()
        )
        return [
            Arrival(
                row["since_date"],
                row["customers"],
                row["policies"],
                row["since_date"] + timedelta(days=window_days),
            )
            for row in counted.sort("since_date", descending=True).iter_rows(named=True)
        ]

    def dues(self, first: date, until: date) -> list[HeldPolicy]:
        """Policies whose next piece falls due in [first, until), by day."""
        due = pl.col("next_due_date")
        return _policies(self.frame.filter(due >= first, due < until).sort("next_due_date", "number"))

    def passed(self) -> list[HeldPolicy]:
        """Policies of which a piece fell due earlier in this month, by day. Whether it was paid, the core system knows."""
        return _policies(
            self.frame.filter(pl.col("passed_due_date").is_not_null()).sort("passed_due_date", "number")
        )

    def lapsed(self) -> list[HeldPolicy]:
        """Lapsed policies, the newest lapse first."""
        rows = self.frame.filter(state="lapsed")
        return _policies(rows.sort("lapse_date", "number", descending=[True, False], nulls_last=True))

    def months(self) -> list[Month]:
        """Pieces due in each of the twelve months from this one on; only policies in force pay."""
        start = self.today.replace(day=1)
        paying = self.frame.filter(state="in_force")
        dues = due_months(_contracts(paying), start).join(
            paying.select("orphan", policy_number="number"), on="policy_number"
        )
        sums = {
            orphan: dues.filter(orphan=orphan).select(pl.col(MONTH_COLUMNS).sum()).row(0)
            for orphan in (True, False)
        }
        firsts = [_month_after(start, later) for later in range(len(MONTH_COLUMNS))]
        return [Month(first, sums[True][first.month - 1], sums[False][first.month - 1]) for first in firsts]

    def customers(
        self,
        *,
        size: int,
        after: str = "",
        tail: str = "",
        due_in: date | None = None,
        since: date | None = None,
    ) -> CustomerPage:
        """One page by place. `tail`: only holders of a policy that ends so; `due_in`: policies due in that month;
        `since`: policies held from that day."""
        found = self._narrowed(tail.upper(), due_in, since)
        grouped = _by_holder(found)
        rows = grouped.filter(pl.col("mark") > after) if after else grouped
        page = rows.head(size)
        shown = tuple(HeldCustomer(**row) for row in page.iter_rows(named=True))
        more = rows.height > size
        return CustomerPage(shown, grouped.height, found.height, shown[-1].mark if more else None)

    def beside(self, number: str) -> HeldBeside | None:
        """The neighbours of a policyholder in the whole list; None for somebody who is only insured."""
        order = _by_holder(self.frame)["number"].to_list()
        if number not in order:
            return None
        at = order.index(number)
        before, after = order[at - 1] if at else "", order[at + 1] if at + 1 < len(order) else ""
        return HeldBeside(before, after, at + 1, len(order))

    def of_customer(self, number: str) -> list[HeldPolicy]:
        """The policies held of this customer, as holder or insured; what falls due next first. Empty = not ours."""
        ours = (pl.col("holder_number") == number) | (pl.col("insured_number") == number).fill_null(False)
        return _policies(self.frame.filter(ours).sort("next_due_date", "number", nulls_last=True))

    def _narrowed(self, tail: str, due_in: date | None, since: date | None) -> pl.DataFrame:
        """A number that fits brings the other policies of its holder along; a month or a day only what it names."""
        frame = self.frame if since is None else self.frame.filter(since_date=since)
        if tail:
            fits = frame.filter(pl.col("tail").str.to_uppercase() == tail).select("holder_number")
            frame = frame.join(fits.unique(), on="holder_number", how="semi")
        if due_in is not None:
            start = self.today.replace(day=1)
            paying = frame.filter(state="in_force")
            falls = due_months(_contracts(paying), start).filter(pl.col(f"m{due_in.month:02d}") > 0)
            frame = paying.join(falls.select(number="policy_number"), on="number", how="semi")
        return frame


def held_by_person(custodian: int, today: date, *, customer: str = "") -> Held:
    """Everything that `custodian` holds now; with `customer` only what this one owns or is insured by."""
    rows = ListedPolicy.objects.filter(
        subject__holdings__relation=Relation.CUSTODY, subject__holdings__custodian_id=custodian
    ).order_by("number")
    if customer:
        rows = rows.filter(Q(holder_number=customer) | Q(insured_number=customer))
    fields = rows.values_list(*_LISTED, "subject__holdings__since_date", "subject__holdings__entry__kind")
    schema = {**_LISTED, **_CUSTODY}
    columns = list(zip(*fields, strict=True)) or [()] * len(schema)
    frame = pl.DataFrame(
        [
            pl.Series(name, values, dtype=kind)
            for (name, kind), values in zip(schema.items(), columns, strict=True)
        ]
    )
    frame = frame.join(_due_days(frame, today), on="number", how="left")
    return Held(frame.join(_places(frame), on="community_code", how="left"), today)


def _due_days(frame: pl.DataFrame, today: date) -> pl.DataFrame:
    """number, next_due_date, passed_due_date of policies in force."""
    contracts = _contracts(frame.filter(state="in_force"))
    following = next_due_dates(contracts, today)
    of_month = next_due_dates(contracts, today.replace(day=1)).rename({"next_due_date": "passed_due_date"})
    passed = of_month.filter(pl.col("passed_due_date") < today)
    return following.join(passed, on="policy_number", how="left").rename({"policy_number": "number"})


def _contracts(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of POLICIES that tell when instalments fall due."""
    regular = pl.when(pl.col("payments_per_year") > 0).then(pl.lit("regular")).otherwise(pl.lit("single"))
    return frame.select(
        "payments_per_year",
        "inception_date",
        "payment_term_years",
        policy_number="number",
        premium_mode=regular,
    )


def _places(frame: pl.DataFrame) -> pl.DataFrame:
    codes = frame["community_code"].drop_nulls().unique().to_list()
    rows = ListedCommunity.objects.filter(pk__in=codes).values_list(*_PLACE)
    return pl.DataFrame(list(rows), schema=_PLACE, orient="row")


def _by_holder(frame: pl.DataFrame) -> pl.DataFrame:
    """HeldCustomer rows by place, then by due day; without one last. The mark is their order, and tells nobody's name."""
    due = pl.col("next_due_date")
    place = pl.col("community_code").drop_nulls().first().fill_null("~")
    return (
        frame.sort("next_due_date", nulls_last=True)
        .group_by("holder_number", maintain_order=True)
        .agg(
            pl.col("street", "community").drop_nulls().first(),
            tail=pl.col("tail").first(),
            policies=pl.len(),
            lapsed=(pl.col("state") == "lapsed").sum(),
            first_due=due.min(),
            next_due_fen=pl.col("premium_fen").filter(due == due.min()).sum(),
            yearly_premium_fen=pl.col("yearly_premium_fen").sum(),
            since_date=pl.col("since_date").max(),
            place=place,
        )
        .with_columns(
            mark=pl.concat_str(
                "place", pl.col("first_due").dt.to_string("%Y%m%d").fill_null("~"), "holder_number", separator=":"
            )
        )
        .sort("mark")
        .select(
            "street", "community", "tail", "policies", "lapsed", "next_due_fen", "yearly_premium_fen", "since_date", "mark",
            number="holder_number", next_due_date="first_due",
        )
    )  # fmt: skip


def _policies(frame: pl.DataFrame) -> list[HeldPolicy]:
    return [
        HeldPolicy(**row) for row in frame.select(list(HeldPolicy.__dataclass_fields__)).iter_rows(named=True)
    ]


def _month_after(first: date, later: int) -> date:
    months = first.year * 12 + first.month - 1 + later
    return date(months // 12, months % 12 + 1, 1)
