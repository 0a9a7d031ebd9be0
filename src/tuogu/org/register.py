"""The register of people as pages show it: lists by key, and one record with its history.

In: a scope, filters, a rule of masking. Out: plain rows. Never: a phone or a home decrypted for a list, or shown clear
unless `clear` is asked for by the choke point of personal data. Names of colleagues are not masked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
from django.db.models import Count, Q, QuerySet

from tuogu.core.masking import MaskRule, mask_text, masked_address
from tuogu.org.grounds import institutions_within, serving
from tuogu.org.models import Institution, Post, StaffRecord
from tuogu.org.scope import Scope
from tuogu.vault import hash_forms, open_text, open_texts


@dataclass(frozen=True)
class StaffFilter:
    """What the list is narrowed to; empty fields narrow nothing. `text`: a staff number's beginning, or a whole name."""

    text: str = ""
    institution_code: str = ""
    series: str = ""
    role: str = ""
    state: str = ""  # in_post | left


@dataclass(frozen=True)
class StaffRow:
    """One person of the list."""

    person: int
    staff_number: str
    name: str
    series: str
    rank: str
    supervisor: bool
    team: str
    institution: str
    hired_date: date | None
    left_date: date | None


@dataclass(frozen=True)
class StaffPage:
    """Rows by staff number, and the marks to go on from; None = that is the end."""

    rows: list[StaffRow]
    before: str | None
    after: str | None


@dataclass(frozen=True)
class DatedRecord:
    """What was true of a person in a period."""

    from_date: date
    until_date: date | None
    staff_number: str
    series: str
    rank: str
    supervisor: bool
    team: str
    institution: str
    recorded_at: datetime
    by: int


@dataclass(frozen=True)
class StaffContact:
    """Phone and home of a colleague, masked unless asked for in clear."""

    phone: str
    home: str


def staff_page(
    scope: Scope, wanted: StaffFilter, on: date, *, before: str = "", after: str = "", size: int = 50
) -> StaffPage:
    """One page by staff number: the first, the one after a number, or the one before a number."""
    rows = _wanted(scope, wanted, on).select_related("team", "institution")
    if before:
        found = list(rows.filter(staff_number__lt=before).order_by("-staff_number")[: size + 1])
        page, more = found[:size][::-1], len(found) > size
        return _page(page, before=more, after=bool(page))
    if after:
        rows = rows.filter(staff_number__gt=after)
    found = list(rows.order_by("staff_number")[: size + 1])
    return _page(found[:size], before=bool(after), after=len(found) > size)


def staff_totals(scope: Scope, wanted: StaffFilter, on: date) -> dict[str, int]:
    """all, in_post, left, supervisors of the filtered list: for its second request."""
    left = Q(left_date__isnull=False, left_date__lte=on)
    return _wanted(scope, wanted, on).aggregate(
        all=Count("id"),
        left=Count("id", filter=left),
        in_post=Count("id", filter=~left),
        supervisors=Count("id", filter=Q(supervisor=True) & ~left),
    )


def staff_row(scope: Scope, staff_number: str) -> StaffRow | None:
    """The current record behind a staff number within scope; None when there is none to see."""
    rows = within(scope, StaffRecord.objects.filter(until_date__isnull=True, staff_number=staff_number))
    found = rows.select_related("team", "institution").distinct()[:1]
    return next(iter(_rows(found)), None)


def dated_records(person: int) -> list[DatedRecord]:
    """Every record of a person, newest first: nothing encrypted is read."""
    rows = StaffRecord.objects.filter(person_id=person).select_related("team", "institution")
    return [
        DatedRecord(
            r.from_date, r.until_date, r.staff_number, r.series or "", r.rank or "", r.supervisor,
            r.team.name if r.team else "", r.institution.name if r.institution else "", r.recorded_at, r.by_id,
        )
        for r in rows.order_by("-from_date", "-id")
    ]  # fmt: skip


def staff_contact(person: int, rule: MaskRule, *, clear: bool = False) -> StaffContact:
    """Phone and home of one person. Who asks `clear` has counted the look."""
    record = StaffRecord.objects.filter(person_id=person, until_date__isnull=True).first()
    phone = open_text(record.phone_sealed) if record else None
    home = open_text(record.home_sealed) if record else None
    if not clear:
        phone = mask_text("phone", phone, rule) if phone else phone
        home = pl.select(masked_address(pl.lit(home))).item() if home else home
    return StaffContact(phone or "", home or "")


def staff_home(person: int) -> str:
    """The home of one person as written, for coding it by hand: never shown as it is."""
    record = StaffRecord.objects.filter(person_id=person, until_date__isnull=True).first()
    return (open_text(record.home_sealed) if record else "") or ""


def institution_choices(scope: Scope) -> list[tuple[str, str]]:
    """(code, name) of the institutions within scope, from the top of the tree down; names say their depth."""
    rows = Institution.objects.order_by("path")
    if not scope.all_rows:
        rows = rows.filter(code__in=institutions_within(scope))
    found = list(rows.values_list("code", "name", "path"))
    top = min((path.count("/") for _, _, path in found), default=0)
    return [(code, "\u3000" * (path.count("/") - top) + name) for code, name, path in found]


def within(scope: Scope, records: QuerySet[StaffRecord]) -> QuerySet[StaffRecord]:
    """Staff records whose institution or team lies at or below one of the scope, or whose person it names."""
    if scope.all_rows:
        return records
    seen = Q(person_id__in=scope.custodian_ids)
    for code in scope.institution_codes:
        seen |= Q(institution__path__contains=f"/{code}/") | Q(team__path__contains=f"/{code}/")
    if scope.region_prefixes:
        codes = serving(scope.region_prefixes)
        seen |= Q(institution__code__in=codes) | Q(team__code__in=codes)
    return records.filter(seen)


def _wanted(scope: Scope, wanted: StaffFilter, on: date) -> QuerySet[StaffRecord]:
    rows = within(scope, StaffRecord.objects.filter(until_date__isnull=True))
    if wanted.text:
        number = Q(staff_number__startswith=wanted.text)
        rows = rows.filter(number | Q(name_hash__in=hash_forms(wanted.text, "name")))
    if wanted.institution_code:
        below = f"/{wanted.institution_code}/"
        rows = rows.filter(Q(institution__path__contains=below) | Q(team__path__contains=below))
    if wanted.series:
        rows = rows.filter(series=wanted.series)
    if wanted.role:
        running = Q(from_date__lte=on) & (Q(until_date__isnull=True) | Q(until_date__gt=on))
        rows = rows.filter(person_id__in=Post.objects.filter(running, role=wanted.role).values("person_id"))
    if wanted.state == "left":
        rows = rows.filter(left_date__lte=on)
    if wanted.state == "in_post":
        rows = rows.filter(Q(left_date__isnull=True) | Q(left_date__gt=on))
    return rows


def _rows(records: Iterable[StaffRecord]) -> list[StaffRow]:
    found = list(records)
    names = open_texts([r.name_sealed for r in found])
    return [
        StaffRow(
            r.person_id, r.staff_number, name or "", r.series or "", r.rank or "", r.supervisor,
            r.team.name if r.team else "", r.institution.name if r.institution else "", r.hired_date, r.left_date,
        )
        for r, name in zip(found, names, strict=True)
    ]  # fmt: skip


def _page(records: list[StaffRecord], *, before: bool, after: bool) -> StaffPage:
    rows = _rows(records)
    return StaffPage(
        rows,
        before=rows[0].staff_number if rows and before else None,
        after=rows[-1].staff_number if rows and after else None,
    )
