"""What a campaign stands on, read for one look: its quotas, who holds what, who bought again. The quarter's own computation
(`core.campaign.standing`) on a narrow book, without decrypting anybody.

In: a campaign, a day. Out: Ground. Never: a second way to count; a name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl
from django.utils.translation import gettext_noop

from tuogu.books import queries as books
from tuogu.campaigns.models import Campaign
from tuogu.core.campaign.evaluation import Result, Stage, evaluate
from tuogu.core.campaign.purchases import COUNTED, PURCHASES, counted, purchases
from tuogu.core.campaign.regions import DEPARTMENT
from tuogu.core.campaign.standing import Standing, standing
from tuogu.core.custody import business_date
from tuogu.core.labels import CAMPAIGN_AREAS
from tuogu.core.proposal import Request
from tuogu.core.rulebook import Rulebook
from tuogu.core.strategies import StrategyError
from tuogu.core.tables import (
    CLASSIFIED,
    COMMUNITIES,
    CUSTOMERS,
    LOCATED,
    PEOPLE,
    POLICIES,
    Book,
    Books,
    Certificate,
    Plan,
    Schema,
    empty,
)
from tuogu.moment import once
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import queries as plans
from tuogu.rules import queries as rules

EVERYTHING = Scope.everything()
STAGES = {"q2": gettext_noop("第二季度"), "q3": gettext_noop("第三季度")}
_SECOND_WAVE = 2


@dataclass(frozen=True)
class Ground:
    """`begun`: day on which the first wave went out, None before. `request` and `stand`: None as long as nothing is out or
    the book cannot answer; `wrong` says why."""

    campaign: Campaign
    on: date
    rulebook: Rulebook
    begun: date | None
    stage: str
    quotas: pl.DataFrame  # COUNTED with the planned quota only, where nothing is out
    bought: pl.DataFrame = field(default_factory=lambda: empty(PURCHASES))
    request: Request | None = None
    stand: Standing | None = None
    wrong: str = ""

    @property
    def departments(self) -> list[str]:
        """Codes of the departments with a quota."""
        return sorted(self.quotas["department"].to_list())

    def counts(self, first: date, last: date) -> pl.DataFrame:
        """COUNTED: customers up to `last`, policies from `first` to `last`."""
        if self.stand is None:
            return self.quotas
        found = counted(self.stand, self.bought, first, last)
        rest = self.quotas.join(found, on="department", how="anti").with_columns(quota=pl.lit(0, pl.Int64))
        area = self.quotas.select("department", planned="area")
        found = found.join(area, on="department", how="left")
        found = found.with_columns(area=pl.coalesce("planned", "area")).select(*COUNTED)
        return pl.concat([found, rest]).sort("department")

    def results(self, stage: str, completions: str) -> list[Result]:
        """The quarter's test of each department as of today; StrategyError where it cannot be held."""
        if self.request is None or self.stand is None:
            raise StrategyError(self.wrong or "还没有下发过任何一批")
        options = {**self.request.options, "stage": stage, "completions": completions}
        return evaluate(replace(self.request, options=options), self.stand, Stage.of(stage, self.rulebook))


@once
def begun_on(plan: int) -> date | None:
    """The business day on which the first wave that still stands was posted."""
    days = [
        business_date(row.changed_at) for row in plans.releases(plan, EVERYTHING) if row.state == "posted"
    ]
    return min(days, default=None)


def stage_on(plan: int, on: date) -> str:
    """q2 until the second wave's day has come, q3 from then on."""
    second = [row.due_date for row in plans.releases(plan, EVERYTHING) if row.instalment == _SECOND_WAVE]
    return "q3" if second and min(second) <= on else "q2"


@once
def ground(campaign: Campaign, on: date) -> Ground:
    """Everything that a page of this campaign shows figures from."""
    rulebook, begun = rules.applicable(on), begun_on(campaign.plan_id)
    quotas = _quotas(campaign.plan_id)
    bare = Ground(campaign, on, rulebook, begun, stage_on(campaign.plan_id, on), quotas)
    if begun is None or begun > on:
        return bare
    sold = books.bought(begun, on)
    options = {
        "stage": bare.stage, "until": on.isoformat(), "first_release": begun.isoformat(), "early": "yes",
        "completions": "book", "draw_id": "", "seed_hex": "", "first": "both",
    }  # fmt: skip
    request = Request(
        _book(sold, on), rulebook, on, seed=0, effort=0, options=options, earlier=_plan(campaign.plan_id, on)
    )
    try:
        stand = standing(request)
    except StrategyError as refused:
        return replace(bare, wrong=str(refused))
    years = int(rulebook["campaign.follow_up.payment_years_min"])
    return replace(
        bare, request=request, stand=stand, bought=purchases(stand, request.book.books.policies, years)
    )


def _quotas(plan: int) -> pl.DataFrame:
    """COUNTED of the plan itself: quota and area, nothing done."""
    given = plans.table_of(plan, "placements").filter(pl.col("receiver").str.starts_with(DEPARTMENT))
    quotas = given.group_by("receiver").agg(quota=pl.len().cast(pl.Int64))
    shares = plans.table_of(plan, "own.shares").select("department", "area")
    words = {word: code for code, word in CAMPAIGN_AREAS.items()}
    shares = shares.with_columns(
        area=pl.col("area").replace_strict(words, default=None, return_dtype=pl.String)
    )
    found = quotas.join(shares, left_on="receiver", right_on="department", how="left")
    found = found.with_columns(department=pl.col("receiver").str.strip_prefix(DEPARTMENT))
    rest = [pl.lit(0, pl.Int64).alias(n) for n in COUNTED if n not in ("department", "area", "quota")]
    return found.with_columns(rest).select(*COUNTED).sort("department")


def _plan(plan: int, on: date) -> Plan:
    """The campaign's plan as far as a standing reads it: who was given to which department."""
    return Plan(
        unplaced=pl.DataFrame(),
        certificate=Certificate(metric="rounding", objective=0, lower_bound=0, gap=0.0, feasibility=(), contiguity=""),
        as_of=on, seed=0, effort=0, rulebook_version="", book_digest="", strategy="campaign",
        placements=plans.table_of(plan, "placements"),
    )  # fmt: skip


def _book(sold: pl.DataFrame, on: date) -> Book:
    people = org.people(EVERYTHING).select("staff_number", "team_code", "institution_code")
    narrow = Books(
        policies=_filled(sold.with_columns(kind=pl.lit("main")), POLICIES),
        customers=_filled(_same_people(sold["holder_number"].to_list()), CUSTOMERS),
        people=_filled(people, PEOPLE),
        institutions=org.institutions(),
        data_date=on,
    )
    return Book(
        books=narrow, located=empty(LOCATED), homes=empty(LOCATED), classified=empty(CLASSIFIED),
        communities=empty(COMMUNITIES), neighbours=pl.DataFrame(),
        facts=plans.facts_of(EVERYTHING), held=plans.held_frame(),
    )  # fmt: skip


def _same_people(holders: Iterable[str]) -> pl.DataFrame:
    """Every number of the persons who bought, under one invented document each: who is the same is known, the document
    itself is not read (A-41)."""
    same = (
        books.same_person(holders)
        .select(customer_number="same", id_number="person")
        .unique("customer_number")
    )
    return same.with_columns(id_type=pl.lit("person"))


def _filled(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """The frame in a schema; what it does not say is null."""
    lacking = [pl.lit(None, kind).alias(name) for name, kind in schema.items() if name not in frame.columns]
    return frame.with_columns(lacking).select(pl.col(name).cast(kind) for name, kind in schema.items())
