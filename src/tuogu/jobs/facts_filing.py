"""A sheet of facts becomes filed facts: alone, as `tuogu facts` sends it, beside what is stored of people and departments.

In: the cells of a file, who signs, when. Out: what was accepted and rejected, and what filing did. Never: a row filed that
intake rejected; another sheet of the file stored (an import does that, and files its facts in its own transaction).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from tuogu.core.centre.score_card import known_ranks
from tuogu.core.custody import business_date
from tuogu.core.intake import standardise
from tuogu.core.intake_tables import Intake, RawWorkbook
from tuogu.core.intake_titles import SHEET_TITLES
from tuogu.core.tables import CUSTOMERS, INSTITUTIONS, PEOPLE, POLICIES, Books, conform, empty
from tuogu.jobs.flow import FlowRefused, day_described
from tuogu.jobs.progress import Steps
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import actions as plans
from tuogu.rules import queries as rules

SHEET = "facts"


@dataclass(frozen=True)
class FiledSheet:
    """The sheet as read and judged, and the counts of `plans.actions.file_facts`."""

    raw: RawWorkbook
    intake: Intake
    counts: dict[str, int]


def file_sheet(
    raw: RawWorkbook, *, by: int, at: datetime, progress: Steps, scope: Scope | None = None
) -> FiledSheet:
    """File the accepted rows of the sheet of facts, all or none. FlowRefused when the file has no such sheet. `scope`: a row
    about somebody outside is rejected like one about nobody."""
    if SHEET not in raw.sheets:
        raise FlowRefused(
            f"文件里没有“{SHEET_TITLES[SHEET]}”表；请对照模板（tuogu template）填写工作表名和表头"
        )
    today = business_date(at)
    alone = RawWorkbook({SHEET: raw.sheets[SHEET]}, raw.ignored, raw.notes, raw.format, raw.data_date)
    day = day_described(raw, given=None, default=today, today=today)
    with progress.step("核对考核指标"):
        intake = standardise(
            alone,
            day,
            stored=_known(day, scope or Scope.everything()),
            ranks=known_ranks(rules.applicable(day)),
        )
    with progress.step("登记考核指标"):
        counts = plans.file_facts(intake.facts, by=by, at=at)
    return FiledSheet(alone, intake, counts)


def _known(day: date, scope: Scope) -> Books:
    """What facts may speak of: staff numbers and institutions within scope; nothing is decrypted for it."""
    visible, staff, institutions = org.custodians_within(scope), org.staff_ids(), org.institutions()
    if visible is not None:
        staff = staff.filter(pl.col("custodian_id").is_in(sorted(visible)))
        within = sorted(org.institutions_within(scope))
        institutions = institutions.filter(pl.col("institution_code").is_in(within))
    staff = staff.select("staff_number")
    people = staff.with_columns(pl.lit(None, t).alias(c) for c, t in PEOPLE.items() if c != "staff_number")
    return Books(
        policies=empty(POLICIES),
        customers=empty(CUSTOMERS),
        people=conform(people, PEOPLE),
        institutions=conform(institutions, INSTITUTIONS),
        data_date=day,
    )
