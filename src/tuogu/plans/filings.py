"""What departments file before a campaign's first wave (S2-15): a responsible person, and their own detailed rules.

In: a department, the campaign's year, a person or rules (words and perhaps a file). Out: filings with a digest that covers
the one before; what is still missing of the departments that a release gives to. Never: a filing changed; a first wave to
a department that has not filed both, unless the house allows it and a second person says why.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from tuogu.core.strategies import STRATEGIES
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans.failures import PlanRefused
from tuogu.plans.models import DepartmentFiling, PlanRow, StoredPlan
from tuogu.plans.reach import covers

Kind = DepartmentFiling.Kind
DEPARTMENT = "department:"
FILE_BYTES_MAX = 5_000_000  # a scanned document; more is no set of rules


@dataclass(frozen=True)
class FilingLine:
    """One filing; the file itself is fetched by its id."""

    id: int
    department_code: str
    department: str
    year: int
    kind: str
    label: str
    number: int
    person: int | None
    person_name: str
    text: str
    file_name: str
    digest: str
    filed_by: int
    filed_by_name: str
    filed_at: datetime


@dataclass(frozen=True)
class DepartmentState:
    """What a department has filed for a year: its newest filings, None where there is none."""

    code: str
    name: str
    person: FilingLine | None
    rules: FilingLine | None

    @property
    def missing(self) -> list[str]:
        """Words of what is still to be filed."""
        found = {Kind.PERSON: self.person, Kind.RULES: self.rules}
        return [str(kind.label) for kind, filing in found.items() if filing is None]


@transaction.atomic
def file_person(department: str, *, year: int, person: int, note: str = "", by: int, at: datetime) -> int:
    """Name who is responsible; PlanRefused for somebody who is not in post that day or of no department on record."""
    _require(department, by)
    if person not in org.receiving(at.date()):
        raise PlanRefused("专人须是在职人员")
    return _file(department, year, Kind.PERSON, by, at, person=person, text=note.strip())


@transaction.atomic
def file_rules(
    department: str, *, year: int, text: str, file_name: str = "", content: bytes = b"", by: int, at: datetime
) -> int:
    """File the department's own rules; PlanRefused without words or with too large a file."""
    _require(department, by)
    if not text.strip():
        raise PlanRefused("请写出分配细则的要点；全文可附文件")
    if len(content) > FILE_BYTES_MAX:
        raise PlanRefused(f"文件超过 {FILE_BYTES_MAX:,} 字节")
    return _file(
        department,
        year,
        Kind.RULES,
        by,
        at,
        text=text.strip(),
        file_name=file_name if content else "",
        content=content,
    )


def departments_of(stored: StoredPlan, instalment: int | None = None) -> list[str]:
    """Codes of the departments that a plan, or one instalment of it, gives to."""
    rows = PlanRow.objects.filter(plan=stored)
    rows = rows if instalment is None else rows.filter(instalment=instalment)
    given = set(rows.values_list("custodian_id", flat=True).distinct())
    keys = [key for pool, key, _name in org.pools() if pool in given]
    return sorted(key.removeprefix(DEPARTMENT) for key in keys if key.startswith(DEPARTMENT))


def states(departments: Iterable[str], year: int) -> list[DepartmentState]:
    """What each department has filed for a year."""
    codes = sorted(set(departments))
    newest: dict[tuple[str, str], FilingLine] = {}
    for line in _lines(
        DepartmentFiling.objects.filter(department_code__in=codes, year=year).order_by("number")
    ):
        newest[line.department_code, line.kind] = line
    names = org.institution_names(codes)
    return [
        DepartmentState(
            code, names.get(code, code), newest.get((code, Kind.PERSON)), newest.get((code, Kind.RULES))
        )
        for code in codes
    ]


def not_filed(stored: StoredPlan, instalment: int) -> str:
    """What departments have still to file before this instalment may go out, in a sentence; '' = nothing (S2-15)."""
    lacking = [s for s in states(departments_of(stored, instalment), stored.as_of.year) if s.missing]
    said = "；".join(f"{s.name}（{s.code}）缺{'、'.join(s.missing)}" for s in lacking)
    return f"以下部门尚未完成 {stored.as_of.year} 年的报备，第一批不能下发：{said}" if said else ""


def filings(scope: Scope, year: int) -> list[FilingLine]:
    """Every filing of a year by departments within scope, the newest first."""
    found = _lines(DepartmentFiling.objects.filter(year=year).order_by("-pk"))
    return [line for line in found if covers(scope, [line.department_code])]


def filed_content(filing_id: int, scope: Scope) -> tuple[str, bytes] | None:
    """Name and bytes of a filed file within scope; None when there is none."""
    row = DepartmentFiling.objects.filter(pk=filing_id).first()
    if row is None or row.content is None or not covers(scope, [row.department_code]):
        return None
    return row.file_name, bytes(row.content)


def campaign_departments(scope: Scope) -> list[str]:
    """Departments within scope that stored plans which ask for filings give to."""
    wanted = [name for name, chosen in STRATEGIES.items() if chosen.filings_first]
    live = StoredPlan.objects.filter(strategy__in=wanted).exclude(
        state__in=(StoredPlan.State.REJECTED, StoredPlan.State.ARCHIVED)
    )
    codes = {code for stored in live for code in departments_of(stored)}
    return sorted(code for code in codes if covers(scope, [code]))


def broken_seals() -> list[int]:
    """Filings whose content or predecessor is not what their digest covers."""
    broken: list[int] = []
    last: dict[tuple[str, int, str], str] = {}
    for row in DepartmentFiling.objects.order_by("pk"):
        key = (row.department_code, row.year, row.kind)
        if row.digest != _digest(row) or row.previous_digest != last.get(key, ""):
            broken.append(row.pk)
        last[key] = row.digest
    return broken


def _require(department: str, by: int) -> None:
    found = org.institutions().filter(pl.col("institution_code") == department)
    if found.is_empty():
        raise PlanRefused(f"没有机构 {department}")
    if not org.is_person(by):
        raise PlanRefused("报备须由在册人员进行")


def _file(
    department: str,
    year: int,
    kind: str,
    by: int,
    at: datetime,
    *,
    person: int | None = None,
    text: str = "",
    file_name: str = "",
    content: bytes = b"",
) -> int:
    own = DepartmentFiling.objects.filter(department_code=department, year=year, kind=kind)
    last = own.order_by("-number").first()
    row = DepartmentFiling(
        department_code=department, year=year, kind=kind, number=last.number + 1 if last else 1, person_id=person,
        text=text, file_name=file_name, content=content or None, previous_digest=last.digest if last else "",
        filed_by_id=by, filed_at=at,
    )  # fmt: skip
    row.digest = _digest(row)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as taken:
        raise PlanRefused("刚刚有人报备了同一项；请刷新后再看") from taken
    return row.pk


def _digest(row: DepartmentFiling) -> str:
    """SHA-256 over what was filed, by whom and what was filed before it."""
    content = hashlib.sha256(bytes(row.content or b"")).hexdigest()
    words = [
        row.department_code, row.year, row.kind, row.number, row.person_id, row.text, row.file_name, content,
        row.previous_digest, row.filed_by_id, row.filed_at.timestamp(),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()


def _lines(rows: QuerySet[DepartmentFiling]) -> list[FilingLine]:
    found = list(rows.defer("content"))
    names = org.names({i for r in found for i in (r.person_id, r.filed_by_id) if i is not None})
    places = org.institution_names({r.department_code for r in found})
    return [
        FilingLine(
            r.pk, r.department_code, places.get(r.department_code, r.department_code), r.year, r.kind,
            r.get_kind_display(), r.number, r.person_id, names.get(r.person_id or 0) or "", r.text, r.file_name, r.digest,
            r.filed_by_id, names.get(r.filed_by_id) or "", r.filed_at,
        )
        for r in found
    ]  # fmt: skip
