"""Further policies of the demo's campaign customers: the new business of the month, through the import of a file.

In: the released customers by department, the day of the first wave. Out: imported policies, sold by the departments' people.
Never: a purchase before the first wave went out, or after today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from tuogu.books import actions as books
from tuogu.core.classify import classify
from tuogu.core.intake_tables import COUNTS, Intake
from tuogu.core.tables import (
    COMMUNITIES,
    CUSTOMERS,
    INSTITUTIONS,
    LOCATED,
    PEOPLE,
    POLICIES,
    REJECTS,
    Book,
    Books,
    Schema,
    conform,
    empty,
)
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.synth.vocabulary import SAVINGS

if TYPE_CHECKING:
    from tuogu.cli.demo_month import Month

PRODUCT = next(one for one in SAVINGS if one.type == "annuity")
_BOUGHT = (38, 27, 17, 68, 12, 8, 5, 2)  # of a hundred released customers, by department


def staff(month: Month, department: str) -> pl.DataFrame:
    """The people of a department; in a small city one may have none, then somebody of the branch."""
    own = org.people(Scope(institution_codes=frozenset({department})), month.today)
    return month.free if own.is_empty() else own


def sell(month: Month, released: Mapping[str, Sequence[str]], begun: date) -> None:
    """Further policies of the released customers, spread over the days since."""
    rows = list[dict[str, Any]]()
    span = (month.today - begun).days - 1
    for department, of_hundred in zip(sorted(released), _BOUGHT, strict=False):
        sellers = staff(month, department).select("staff_number", "institution_code").rows()
        buyers = released[department][: len(released[department]) * of_hundred // 100]
        for place, customer in enumerate(buyers):
            agent, institution = sellers[place % len(sellers)]
            day = begun + timedelta(days=1 + place * span // len(buyers))
            rows.append(_policy(customer, agent, institution, day, place))
    new = pl.DataFrame(rows, schema_overrides=POLICIES)
    _import(month, conform(_filled(new, POLICIES), POLICIES))


def _policy(customer: str, agent: str, institution: str, day: date, place: int) -> dict[str, Any]:
    return {
        "policy_number": f"HD{day:%Y%m%d}{customer}", "kind": "main", "product_name": PRODUCT.name,
        "product_type": PRODUCT.type, "protection": PRODUCT.protection, "premium_mode": "regular", "payments_per_year": 1,
        "premium_fen": 300_000 + place % 7 * 100_000, "sum_insured_fen": 5_000_000,
        "payment_term_years": 5 if place % 3 == 2 else 10, "inception_date": day,
        "end_date": day.replace(year=day.year + PRODUCT.cover_years, day=1), "state": "in_force", "holder_number": customer,
        "insured_number": customer, "agent_number": agent, "institution_code": institution, "components": "single",
    }  # fmt: skip


def _filled(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    lacking = [pl.lit(None, kind).alias(name) for name, kind in schema.items() if name not in frame.columns]
    return frame.with_columns(lacking).select(*schema)


def _import(month: Month, policies: pl.DataFrame) -> None:
    """The new business of the month as a file of further rows."""
    brought = Books(
        policies=policies, customers=empty(CUSTOMERS), people=empty(PEOPLE), institutions=empty(INSTITUTIONS),
        data_date=month.today,
    )  # fmt: skip
    staff = org.staff_ids().select("staff_number", "left_date")
    known = Books(
        policies=policies, customers=empty(CUSTOMERS), people=_filled(staff, PEOPLE), institutions=empty(INSTITUTIONS),
        data_date=month.today,
    )  # fmt: skip
    book = Book(
        books=brought, located=empty(LOCATED), homes=empty(LOCATED),
        classified=classify(known, empty(LOCATED), month.rulebook, month.today), communities=empty(COMMUNITIES),
        neighbours=pl.DataFrame(schema={"community_a": pl.String, "community_b": pl.String}),
    )  # fmt: skip
    counts = pl.DataFrame(
        [("policies", "保单", len(policies), len(policies), 0, 0, 0, 0)], schema=COUNTS, orient="row"
    )
    books.import_books(
        Intake(brought, empty(REJECTS), empty(REJECTS), counts), book, file_name="活动新单.xlsx", coverage="partial",
        code_book_version="", by=month.who("resource_clerk"), recorded_at=month.at,
    )  # fmt: skip
