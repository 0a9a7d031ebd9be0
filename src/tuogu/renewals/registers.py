"""The responsibility register of a branch and month: locked on its day, afterwards amended (S3-05, A-25).

In: a moment. Out: Register with its lines and a digest that binds them; Amendment. Never: a locked line changed, a change of
the responsible person after the lock without its amendment.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from tuogu.core.custody import business_date
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.renewals import listing
from tuogu.renewals.failures import RenewalUnknown, refused
from tuogu.renewals.models import Amendment, ListedCase, MonthlyList, Naming, Register, RegisterLine
from tuogu.renewals.standing import held, running, unnamed
from tuogu.renewals.storing import append

_NOTE = {"subject_id": pl.Int64, "note": pl.String}
_AMENDED = {"subject_id": pl.Int64, "person_id": pl.Int64, "reason": pl.String}
_FOUND = {"subject_id": pl.Int64, "register_id": pl.Int64}


def roll_registers(*, by: int, at: datetime) -> int:
    """Once a day: lock the registers whose day has come. Returns how many."""
    today, locked = business_date(at), 0
    for month, lists in _by_month().items():
        filed = set(Register.objects.filter(month=month).values_list("institution_code", flat=True))
        for code, day in sorted(_lock_days(lists).items()):
            if code not in filed and today >= day:
                _lock(code, month, by=by, at=at)
                locked += 1
    return locked


def _lock_days(lists: list[MonthlyList]) -> dict[str, date]:
    """Branch → the day on which its register of these lists is locked: whatever was sent late, because the book came late or
    the run was missed, has its filing days from the day on which it was sent (A-25)."""
    days = {one.pk: listing.days_of(one).locked_on for one in lists}
    rows = ListedCase.objects.filter(monthly_list__in=lists).order_by()
    found: dict[str, date] = {}
    for code, of in rows.values_list("institution_code", "monthly_list").distinct():
        found[code] = max(days[of], found.get(code, days[of]))
    return found


def file_register(institution: str, month: date, *, scope: Scope, by: int, at: datetime) -> int:
    """A branch files its register before the day: nothing may wait any more. Returns its id."""
    if institution not in org.institutions_within(scope):
        raise RenewalUnknown(institution)
    first = month.replace(day=1)
    found = Register.objects.filter(institution_code=institution, month=first).first()
    if found is not None:
        return int(found.pk)
    cases = ListedCase.objects.filter(
        institution_code=institution, monthly_list__in=_by_month().get(first, [])
    )
    if not cases.exists():
        raise refused(_("这个月没有下发给该机构的清单"))
    waiting = unnamed().filter(pk__in=cases.values("pk")).count()
    if waiting:
        raise refused(_("还有 %(count)s 件没有明确责任人，不能备案") % {"count": waiting})
    return _lock(institution, first, by=by, at=at)


@transaction.atomic
def _lock(institution: str, month: date, *, by: int, at: datetime) -> int:
    lists = _by_month()[month]
    frame = held(running().filter(institution_code=institution, monthly_list__in=lists))
    frame = frame.join(_sources_found(frame["subject_id"].to_list()), on="subject_id", how="left").sort(
        "policy_number"
    )
    frame = frame.with_columns(pl.col("note").fill_null(""))
    made = Register.objects.create(
        institution_code=institution,
        month=month,
        locked_date=business_date(at),
        digest=_digest(frame),
        by_id=by,
        at=at,
    )
    lines = frame.select(
        pl.lit(made.pk, pl.Int64).alias("register_id"), "subject_id", pl.col("custodian_id").alias("person_id"),
        pl.col("note").alias("source_found"),
    )  # fmt: skip
    append(RegisterLine, lines, at=at, moment="")
    return int(made.pk)


def amend(subject: int, person: int, *, reason: str, by: int, at: datetime) -> bool:
    """Note a change of the responsible person after the lock; nothing where the register is still open. Whoever makes
    somebody responsible calls this in the same transaction."""
    one = pl.DataFrame([(subject, person, reason)], schema=_AMENDED, orient="row")
    return amend_many(one, by=by, at=at) == 1


def amend_many(changed: pl.DataFrame, *, by: int, at: datetime) -> int:
    """`amend` of changed[subject_id, person_id, reason] at once; returns how many lines were written."""
    if changed.is_empty():
        return 0
    rows = ListedCase.objects.filter(pk__in=changed["subject_id"].to_list())
    place = {
        subject: (code, day.replace(day=1))
        for subject, code, day in rows.values_list("pk", "institution_code", "monthly_list__run_date")
    }
    months = {month for _code, month in place.values()}
    locked = {
        (code, month): key
        for code, month, key in Register.objects.filter(month__in=months).values_list(
            "institution_code", "month", "pk"
        )
    }
    found = {subject: locked[where] for subject, where in place.items() if where in locked}
    registers = pl.DataFrame(list(found.items()), schema=_FOUND, orient="row")
    lines = changed.join(registers, on="subject_id").with_columns(by_id=pl.lit(by, pl.Int64))
    return append(Amendment, lines.sort("subject_id"), at=at)


def digest_of(register: Register) -> str:
    """The digest of the lines as they stand: equal to the stored one, or somebody has been at them."""
    fields = register.lines.values_list("subject_id", "subject__number", "person_id", "source_found")
    schema = {"subject_id": pl.Int64, "policy_number": pl.String, "custodian_id": pl.Int64, "note": pl.String}
    return _digest(pl.DataFrame(list(fields), schema=schema, orient="row").sort("policy_number"))


def _digest(frame: pl.DataFrame) -> str:
    """SHA-256 of the lines: policy number, custodian id, how the source was found; by policy number."""
    lines = frame.select(pl.format("{}|{}|{}\n", "policy_number", "custodian_id", "note")).to_series()
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _sources_found(subjects: list[int]) -> pl.DataFrame:
    """How the source of those whose seller is unknown was found: what the last who named somebody said; not the machine."""
    unknown = ListedCase.objects.filter(pk__in=subjects, source_known=False).values("pk")
    told = Naming.objects.filter(subject__in=unknown).exclude(by=org.machine()).order_by("pk")
    notes = dict(told.values_list("subject_id", "note"))
    return pl.DataFrame(list(notes.items()), schema=_NOTE, orient="row")


def _by_month() -> dict[date, list[MonthlyList]]:
    found: dict[date, list[MonthlyList]] = {}
    for monthly in MonthlyList.objects.order_by("run_date"):
        found.setdefault(monthly.run_date.replace(day=1), []).append(monthly)
    return found
