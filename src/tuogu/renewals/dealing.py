"""What happens by itself to listed policies that nobody claimed: told late, opened to the city, dealt (S3-04, S3-06).

In: a moment. Out: steps, namings. Never: somebody who is away or has left; a turn without its explanation; a case taken
from a person in post, who stays responsible where the branch said nothing.
"""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
from django.db import transaction

from tuogu.core.custody import business_date
from tuogu.core.motor import claims
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import SubjectKind
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.pools.queries import PoolRules
from tuogu.renewals import firing, listing, registers
from tuogu.renewals.failures import RenewalRefused
from tuogu.renewals.kinds import Round, Step
from tuogu.renewals.models import FiredStep, MonthlyList, Naming
from tuogu.renewals.responsible import make_responsible
from tuogu.renewals.standing import held, running, unnamed
from tuogu.renewals.storing import append
from tuogu.rules import queries as rules

RULE = "S3-06"
_C = pl.col


def roll_claims(*, by: int, at: datetime) -> int:
    """Once a day, for every list whose rounds have passed; again changes nothing. Returns how many cases moved on."""
    today, moved = business_date(at), 0
    for monthly in MonthlyList.objects.order_by("run_date"):
        days = listing.days_of(monthly)
        with transaction.atomic():
            if today > days.claim_due:
                moved += _open_to_city(monthly, days, at)
            if today >= days.dealt_on:
                moved += _keep_holders(monthly, by, at) + _deal(monthly, by, at)
    return moved


def _open_to_city(monthly: MonthlyList, days: claims.Rounds, at: datetime) -> int:
    """Day 6: nobody was named. Whoever is held by a pool is open to the whole city."""
    late = held(unnamed().filter(monthly_list=monthly))
    steps = [(Step.CLAIM_LATE, late), (Step.CITY_OPEN, late.filter(_C("pool")))]
    return sum(firing.fire(_steps(cases, step, days.city_from), at=at) for step, cases in steps)


def _keep_holders(monthly: MonthlyList, by: int, at: datetime) -> int:
    """Unnamed, but a person in post has it: that person is responsible."""
    kept = held(unnamed().filter(monthly_list=monthly)).filter(~_C("pool"))
    return append(
        Naming,
        kept.select(
            "subject_id", pl.lit(str(Round.BRANCH)).alias("round"), "institution_code",
            _C("custodian_id").alias("person_id"), pl.lit("认领期满未确认，现责任人不变").alias("note"),
            pl.lit(by, pl.Int64).alias("by_id"),
        ),
        at=at,
    )  # fmt: skip


def _deal(monthly: MonthlyList, by: int, at: datetime) -> int:
    """Whoever a pool still holds, also because the person has left since; not while a second allocation runs."""
    second = FiredStep.objects.filter(step__in=(Step.SECOND_OPEN, Step.SECOND_CITY_OPEN)).values("subject_id")
    remaining = held(running().filter(monthly_list=monthly).exclude(subject_id__in=second)).filter(_C("pool"))
    if remaining.is_empty():
        return 0
    city = takers(business_date(at))
    own = _by_branch(city, remaining["institution_code"].unique().to_list())
    dealt = claims.deal(
        remaining.select(*claims.REMAINING), own, city, seed=monthly.run_date.toordinal()
    ).join(remaining.select("subject_id", "institution_code"), on="subject_id")
    made = _given(dealt, by, at)
    named = made.select(
        "subject_id", pl.lit(str(Round.CITY)).alias("round"), "institution_code", _C("custodian_id").alias("person_id"),
        "entry_id", _explained(made).alias("note"), pl.lit(by, pl.Int64).alias("by_id"),
    )  # fmt: skip
    append(Naming, named, at=at)
    registers.amend_many(named.select("subject_id", "person_id", reason="note"), by=by, at=at)
    firing.fire(_steps(made, Step.DEALT, business_date(at), person=True), at=at)
    return made.height


def _given(dealt: pl.DataFrame, by: int, at: datetime) -> pl.DataFrame:
    """The dealt rows that moved, with the entry; one claim each, so that whoever claims in this very moment keeps it."""
    entries = dict[int, int | None]()
    for subject, person in dealt.select("subject_id", "custodian_id").iter_rows():
        try:
            entries[subject] = make_responsible(
                subject, person, by=by, at=at, rule=RULE, reason="dealt_by_turn", only_from_pool=True
            )
        except RenewalRefused:
            continue
    moved = pl.DataFrame(
        list(entries.items()), schema={"subject_id": pl.Int64, "entry_id": pl.Int64}, orient="row"
    )
    return dealt.join(moved, on="subject_id")


def _explained(made: pl.DataFrame) -> pl.Expr:
    """Why it was this person's turn."""
    who = org.labels(made["custodian_id"].to_list())
    number = _C("custodian_id").replace_strict(who, default="", return_dtype=pl.String)
    among = (
        pl.when(_C("within") == "branch").then(pl.lit("本机构")).otherwise(pl.lit("本机构无人可接收，全辖"))
    )
    return pl.format(
        "期满无人认领，按轮次指派：{}可接收 {} 人，{} 现有 {} 件为最少（同数按轮次）",
        among,
        "among",
        number,
        "held",
    )


def takers(today: date) -> pl.DataFrame:
    """claims.TAKERS of the whole city: in post, present, of a series that claims; at the place where each works."""
    rule = PoolRules.of(rules.applicable(today))
    rows = org.people(Scope.everything(), today).filter(~_C("custodian_id").is_in(sorted(org.absent(today))))
    rows = rows.filter(_C("series").is_in([one for one in rows["series"].unique() if rule.may_series(one)]))
    loads = custody.loads(Scope.everything(), kind=SubjectKind.VEHICLE_CASE).select("custodian_id", "held")
    return rows.join(loads, on="custodian_id", how="left").select(
        institution_code=pl.coalesce("team_code", "institution_code"), custodian_id="custodian_id",
        staff_number="staff_number", held=_C("held").fill_null(0),
    )  # fmt: skip


def _by_branch(city: pl.DataFrame, codes: list[str]) -> pl.DataFrame:
    """Each branch with the people who work at or below it."""
    parts = [
        city.filter(_C("institution_code").is_in(sorted(org.institutions_below(code)))).with_columns(
            institution_code=pl.lit(code)
        )
        for code in codes
    ]
    return pl.concat([city.clear(), *parts])


def _steps(cases: pl.DataFrame, step: Step, due: date, *, person: bool = False) -> pl.DataFrame:
    whose = _C("custodian_id") if person else pl.when(~_C("pool")).then(_C("custodian_id"))
    return cases.select(
        "subject_id", step=pl.lit(str(step)), round=pl.lit(1, pl.Int64), due_date=pl.lit(due), reason=pl.lit(""),
        person_id=whose,
    )  # fmt: skip
