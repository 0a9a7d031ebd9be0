"""Reads of the filed facts: what counts of each subject, month and key, and every version that was ever filed.

In: a Scope, months, a filter. Out: FACTS for plans, pages of lines for people. Never: a fact of a person or department
outside the scope; an older version where a newer one was filed; more queries for more rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
from django.db import connection
from django.db.models import Count, Exists, Max, OuterRef, QuerySet

from tuogu.bulk import fetch
from tuogu.core.fact_figures import shown
from tuogu.core.facts import FACT_KEYS
from tuogu.core.tables import FACTS, conform
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans.held import DEPARTMENT, receivers
from tuogu.plans.models import EligibilityFact

_STORED = {
    "custodian_id": pl.Int64,
    "month": pl.Date,
    "key": pl.String,
    "number": pl.Int64,
    "value": pl.Int64,
    "text": pl.String,
    "source_ref": pl.String,
    "author_id": pl.Int64,
}
_NEWEST = """
SELECT custodian_id, month, key, number, value, text, source_ref, author_id
FROM (SELECT f.custodian_id, f.month, f.key, f.number, f.value, f.text, f.source_ref, f.author_id,
             ROW_NUMBER() OVER (PARTITION BY f.custodian_id, f.month, f.key ORDER BY f.number DESC) AS place
      FROM plans_eligibilityfact f WHERE f.month BETWEEN %s AND %s) numbered
WHERE place = 1
"""


@dataclass(frozen=True)
class FactFilter:
    """What is asked for; '' and None ask for everything. `versions`: also those that were corrected since."""

    subject: str = ""  # staff number or department code
    month: date | None = None
    key: str = ""
    versions: bool = False


@dataclass(frozen=True)
class FactLine:
    """One filed fact. `counts`: no later version was filed; `number`: 1 for the first, 2 for its first correction …"""

    subject: str
    month: date
    key: str
    label: str
    figure: str
    source_ref: str
    author: str
    number: int
    counts: bool
    filed_by: str
    filed_at: datetime


@dataclass(frozen=True)
class FactPage:
    """Lines from `first` on, of `total`."""

    lines: list[FactLine]
    first: int
    total: int


def facts_of(scope: Scope, first: date | None = None, last: date | None = None) -> pl.DataFrame:
    """FACTS that count of the months `first`..`last` (both counted; None = open): one row a subject, month and key, sorted
    by them."""
    found = newest(first, last)
    visible = org.custodians_within(scope)
    if visible is not None:
        found = found.filter(pl.col("custodian_id").is_in(sorted(visible)))
    people = org.staff_ids().select(author_id="custodian_id", author="staff_number")
    named = found.join(subjects(), on="custodian_id", how="inner").join(people, on="author_id", how="left")
    return conform(named.select(*FACTS), FACTS).sort("subject", "month", "key")


def facts_page(scope: Scope, wanted: FactFilter, *, first: int = 1, size: int = 40) -> FactPage:
    """One page of what was filed, newest months first; of one subject, month and key the newest version first."""
    rows = _rows(scope, wanted)
    ordered = rows.order_by("-month", "key", "custodian_id", "-number")[first - 1 : first - 1 + size]
    found = list(ordered.annotate(corrected=_later()))
    words = dict(subjects().select("custodian_id", "subject").iter_rows())
    people = org.labels({i for f in found for i in (f.author_id, f.filed_by_id) if i})
    lines = [
        FactLine(
            words.get(f.custodian_id, ""), f.month, f.key, FACT_KEYS[f.key].label if f.key in FACT_KEYS else f.key,
            shown(f.key, f.value, f.text), f.source_ref, people.get(f.author_id, ""), f.number, not f.corrected,
            people[f.filed_by_id], f.filed_at,
        )
        for f in found
    ]  # fmt: skip
    return FactPage(lines, first, rows.count())


def newest(first: date | None = None, last: date | None = None) -> pl.DataFrame:
    """The version that counts of each custodian, month and key, with ids instead of words."""
    adapt = connection.ops.adapt_datefield_value
    with connection.cursor() as cursor:
        return fetch(cursor, _STORED, _NEWEST, [adapt(first or date.min), adapt(last or date.max)])


def facts_known(key: str, first: date, last: date, *, known_at: datetime | None = None) -> pl.DataFrame:
    """custodian_id, month, value of one key in the months `first`..`last` as filed by a moment (None = now):
    for figures that must say the same years later (N-16)."""
    rows = EligibilityFact.objects.filter(key=key, month__range=(first, last))
    rows = rows if known_at is None else rows.filter(filed_at__lte=known_at)
    schema = {name: _STORED[name] for name in ("custodian_id", "month", "value")}
    found = list(rows.order_by("number", "pk").values_list(*schema))
    frame = pl.DataFrame(found, schema=schema, orient="row")
    return frame.unique(["custodian_id", "month"], keep="last", maintain_order=True)


def facts_mark() -> str:
    """Changes with every fact filed."""
    found = EligibilityFact.objects.aggregate(n=Count("pk"), last=Max("pk"))
    return f"{found['n']}.{found['last']}"


def subjects() -> pl.DataFrame:
    """custodian_id, subject: the word by which facts name each person (staff number) and department (its code)."""
    word = pl.col("receiver")
    named = receivers().filter(~word.str.contains(":", literal=True) | word.str.starts_with(DEPARTMENT))
    return named.filter(word != "buffer").select("custodian_id", subject=word.str.strip_prefix(DEPARTMENT))


def _rows(scope: Scope, wanted: FactFilter) -> QuerySet[EligibilityFact]:
    rows = EligibilityFact.objects.all()
    visible = org.custodians_within(scope)
    if visible is not None:
        rows = rows.filter(custodian_id__in=visible)
    if wanted.subject:
        of = subjects().filter(pl.col("subject") == wanted.subject)["custodian_id"]
        rows = rows.filter(custodian_id__in=of.to_list())
    if wanted.month:
        rows = rows.filter(month=wanted.month.replace(day=1))
    if wanted.key:
        rows = rows.filter(key=wanted.key)
    return rows if wanted.versions else rows.exclude(_later())


def _later() -> Exists:
    same = {name: OuterRef(name) for name in ("custodian_id", "month", "key")}
    return Exists(EligibilityFact.objects.filter(**same, number__gt=OuterRef("number")))
