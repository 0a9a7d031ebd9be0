"""Reads of institutions, people, pools, roles and scope.

Custodians are ids (int) outside this room. Reads that list people take a Scope. Names are decrypted only by
`names`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

import polars as pl
from django.db.models import Count, Max, OuterRef, Q, Subquery

from tuogu.core.custody import business_date
from tuogu.core.tables import INSTITUTIONS, PEOPLE
from tuogu.moment import once
from tuogu.org.absences import KINDS as ABSENCE_KINDS
from tuogu.org.absences import AbsenceRow, absence, absences, absent, away_from, present_days
from tuogu.org.audited import audit_tables
from tuogu.org.grounds import institutions_within
from tuogu.org.house import (
    Node,
    above,
    house,
    node,
    parents,
    placed_pools,
    pools_at,
    posts_at,
    regions_within,
)
from tuogu.org.models import Custodian, DutyRoster, Institution, StaffRecord, Token
from tuogu.org.nonempty import nonempty
from tuogu.org.people import people_to_update
from tuogu.org.places import institutions_above, team_choices, team_members, widest_post
from tuogu.org.posts import (
    Duty,
    PostHeld,
    duties_from,
    duties_of,
    holders_of_posts,
    pools,
    post,
    post_history,
    posts,
    posts_of,
    roster,
)
from tuogu.org.register import (
    DatedRecord,
    StaffContact,
    StaffFilter,
    StaffPage,
    StaffRow,
    dated_records,
    institution_choices,
    staff_contact,
    staff_home,
    staff_page,
    staff_row,
    staff_totals,
    within,
)
from tuogu.org.scope import Scope
from tuogu.org.standing import BUFFER_KEY, KnownAs, Standing, known_as, roles_of, scope_of, standing
from tuogu.org.substitutes import SubstituteRow, acting_for, substitute_of, substitutes_from, substitution
from tuogu.org.tree import judge_institutions
from tuogu.vault import open_texts

__all__ = [
    "ABSENCE_KINDS",
    "BUFFER_KEY",
    "MACHINE_KEY",
    "PEOPLE_IN_POST",
    "AbsenceRow",
    "DatedRecord",
    "Duty",
    "KnownAs",
    "Node",
    "PoolDuty",
    "PostHeld",
    "StaffContact",
    "StaffFilter",
    "StaffPage",
    "StaffRow",
    "Standing",
    "SubstituteRow",
    "above",
    "absence",
    "absences",
    "absent",
    "acting_for",
    "audit_tables",
    "away_from",
    "buffer_group",
    "custodians_within",
    "dated_records",
    "duties_from",
    "duties_of",
    "duty_person",
    "holders_of_posts",
    "house",
    "institution_choices",
    "institutions",
    "institutions_above",
    "institutions_below",
    "institutions_within",
    "is_person",
    "is_pool",
    "judge_institutions",
    "known_as",
    "labels",
    "left_dates",
    "machine",
    "may_receive",
    "names",
    "node",
    "nonempty",
    "parents",
    "people",
    "people_mark",
    "people_to_update",
    "person_by_token",
    "placed_pools",
    "pool",
    "pool_duties",
    "pools",
    "pools_at",
    "pools_without_duty",
    "post",
    "post_history",
    "posts",
    "posts_at",
    "posts_of",
    "present_days",
    "receiving",
    "regions_within",
    "roles_of",
    "roster",
    "scope_of",
    "staff_contact",
    "staff_home",
    "staff_ids",
    "staff_list",
    "staff_page",
    "staff_row",
    "staff_totals",
    "standing",
    "substitute_of",
    "substitutes_from",
    "substitution",
    "team_choices",
    "team_members",
    "tokens_exist",
    "widest_post",
    "within",
]

MACHINE_KEY = "machine"
_FEW = 500  # names in one query; of more, everything is read and what is wanted kept
PEOPLE_IN_POST = {
    "custodian_id": pl.Int64,
    "staff_number": pl.String,
    "series": pl.String,
    "rank": pl.String,
    "supervisor": pl.Boolean,
    "team_code": pl.String,
    "institution_code": pl.String,
    "hired_date": pl.Date,
    "left_date": pl.Date,
}


def buffer_group() -> int:
    """Id of the buffer group (保全组) of this database."""
    return _by_key(BUFFER_KEY)


def machine() -> int:
    """Id of the machine: the actor of acts that no person started. It never holds anything."""
    return _by_key(MACHINE_KEY)


def pool(key: str) -> int:
    """Id of a pool by its key; Custodian.DoesNotExist when there is none."""
    return int(Custodian.objects.values_list("id", flat=True).get(key=key, kind="pool"))


def _by_key(key: str) -> int:
    return int(Custodian.objects.values_list("id", flat=True).get(key=key))


def is_pool(custodian_id: int) -> bool:
    """True for a pool, False for a person, the machine or an unknown id."""
    return Custodian.objects.filter(id=custodian_id, kind="pool").exists()


def is_person(custodian_id: int) -> bool:
    """True for a person, in post or not."""
    return Custodian.objects.filter(id=custodian_id, kind="person").exists()


def _in_post(on: date) -> Q:
    return Q(until_date__isnull=True) & (Q(left_date__isnull=True) | Q(left_date__gt=on))


def receiving(on: date) -> list[int]:
    """Ids of everyone who may be given something on day `on`: pools, and people in post. Ascending."""
    people = StaffRecord.objects.filter(_in_post(on)).values_list("person_id", flat=True)
    pools = Custodian.objects.filter(kind="pool").values_list("id", flat=True)
    return sorted({*people, *pools})


def left_dates(persons: Iterable[int]) -> dict[int, date]:
    """Person → the leave date that is written, of those who have one."""
    rows = StaffRecord.objects.filter(until_date__isnull=True, person_id__in=list(persons))
    return {person: day for person, day in rows.values_list("person_id", "left_date") if day}


def may_receive(custodian_id: int, on: date) -> bool:
    """`receiving` of one custodian."""
    if StaffRecord.objects.filter(_in_post(on), person_id=custodian_id).exists():
        return True
    return is_pool(custodian_id)


@once
def people(scope: Scope, on: date | None = None) -> pl.DataFrame:
    """Current records of people within scope, by staff number; with `on`, only those in post that day.

    Columns: PEOPLE_IN_POST. Nothing encrypted is read.
    """
    if on is not None:
        return people(scope).filter(pl.col("left_date").is_null() | (pl.col("left_date") > on))
    rows = within(scope, StaffRecord.objects.filter(until_date__isnull=True))
    fields = rows.order_by("staff_number").values_list(
        "person_id", "staff_number", "series", "rank", "supervisor", "team__code", "institution__code",
        "hired_date", "left_date",
    )  # fmt: skip
    return pl.DataFrame(list(fields), schema=PEOPLE_IN_POST, orient="row")


def people_mark() -> str:
    """Changes with every record of staff, leave day and institution."""
    people_of = StaffRecord.objects.filter(until_date__isnull=True)
    found = people_of.aggregate(n=Count("pk"), last=Max("pk"), left=Count("left_date"), day=Max("left_date"))
    tree = Institution.objects.aggregate(n=Count("pk"), at=Max("recorded_at"))
    return ".".join(str(value) for value in (*found.values(), *tree.values()))


@once
def custodians_within(scope: Scope, institutions: frozenset[str] | None = None) -> frozenset[int] | None:
    """Ids of people and pools within scope; None = all (no filter needed). `institutions`: those within scope, where
    the caller has read them already."""
    if scope.all_rows:
        return None
    visible = institutions_within(scope) if institutions is None else institutions
    people_ids = within(scope, StaffRecord.objects.filter(until_date__isnull=True))
    pool_ids = Custodian.objects.filter(kind="pool", institution__code__in=visible)
    return (
        frozenset(people_ids.values_list("person_id", flat=True))
        | frozenset(pool_ids.values_list("id", flat=True))
        | scope.custodian_ids
    )


def looked_up(scope: Scope) -> Scope:
    """The same scope with its institutions looked up once: for one request, which asks for them again and again."""
    return replace(scope, within=institutions_within(scope))


def institutions_below(code: str) -> frozenset[str]:
    """That institution and everything below it; empty when unknown."""
    return institutions_within(Scope(institution_codes=frozenset({code})))


def staff_ids(staff_numbers: Iterable[str] | None = None) -> pl.DataFrame:
    """custodian_id of each current staff number (all, or those given); unknown numbers are absent.

    Columns: staff_number, custodian_id, left_date; by staff number.
    """
    rows = StaffRecord.objects.filter(until_date__isnull=True)
    wanted = None if staff_numbers is None else sorted(set(staff_numbers))
    if wanted is not None and len(wanted) <= _FEW:
        rows = rows.filter(staff_number__in=wanted)
    frame = pl.DataFrame(
        list(rows.order_by("staff_number").values_list("staff_number", "person_id", "left_date")),
        schema={"staff_number": pl.String, "custodian_id": pl.Int64, "left_date": pl.Date},
        orient="row",
    )
    return frame if wanted is None else frame.filter(pl.col("staff_number").is_in(wanted))


def labels(custodian_ids: Iterable[int]) -> dict[int, str]:
    """What to print for a custodian: staff number of a person, name of a pool. Nothing is decrypted."""
    ids = set(custodian_ids)
    found = dict(Custodian.objects.filter(id__in=ids).exclude(kind="person").values_list("id", "name"))
    people_rows = StaffRecord.objects.filter(person_id__in=ids, until_date__isnull=True)
    return {**found, **dict(people_rows.values_list("person_id", "staff_number"))}


def names(custodian_ids: Iterable[int]) -> dict[int, str | None]:
    """Names of people, decrypted, and of pools. Who calls this shows personal data and must say so."""
    ids = set(custodian_ids)
    rows = list(
        StaffRecord.objects.filter(person_id__in=ids, until_date__isnull=True).values_list(
            "person_id", "name_sealed"
        )
    )
    opened = open_texts([sealed for _, sealed in rows])
    found: dict[int, str | None] = {person: name for (person, _), name in zip(rows, opened, strict=True)}
    others = ids - found.keys()  # mostly people are asked for: then one query is enough
    if others:
        pools = Custodian.objects.filter(id__in=others).exclude(kind="person")
        found |= dict(pools.values_list("id", "name"))
    return found


def duty_person(pool_id: int, on: date) -> int | None:
    """Who answers for the pool on that day; None = nobody is named, which `pools_without_duty` reports."""
    return (
        DutyRoster.objects.filter(_running(on), pool_id=pool_id).values_list("person_id", flat=True).first()
    )


@dataclass(frozen=True)
class PoolDuty:
    """A pool and who answers for it; None = nobody is named."""

    pool: int
    key: str
    name: str
    person: int | None


@once
def pool_duties(on: date) -> list[PoolDuty]:
    """Every pool with who answers for it on that day, the buffer group first."""
    answers = DutyRoster.objects.filter(_running(on), pool_id=OuterRef("pk")).values("person_id")[:1]
    rows = Custodian.objects.filter(kind="pool").annotate(answers=Subquery(answers)).order_by("id")
    found = [
        PoolDuty(pool, key or "", name, person)
        for pool, key, name, person in rows.values_list("id", "key", "name", "answers")
    ]
    return sorted(found, key=lambda duty: duty.key != BUFFER_KEY)


def pools_without_duty(on: date) -> list[int]:
    """Ids of pools for which nobody answers on that day, ascending. Must be empty."""
    return sorted(duty.pool for duty in pool_duties(on) if duty.person is None)


def _running(on: date) -> Q:
    return Q(from_date__lte=on) & (Q(until_date__isnull=True) | Q(until_date__gt=on))


def tokens_exist() -> bool:
    """Whether anybody holds a token that works."""
    return Token.objects.filter(revoked_at__isnull=True).exists()


def person_by_token(token: str, *, at: datetime) -> int | None:
    """The person whose token this is; None when unknown, revoked, or the person has left by then."""
    digest = hashlib.sha256(token.encode()).digest()
    person = (
        Token.objects.filter(digest=digest, issued_at__lte=at)
        .filter(Q(revoked_at__isnull=True) | Q(revoked_at__gt=at))
        .values_list("person_id", flat=True)
        .first()
    )
    return person if person is not None and may_receive(person, business_date(at)) else None


def institution_names(codes: Iterable[str | None]) -> dict[str, str]:
    """Names of the institutions by code; unknown codes are absent."""
    wanted = {code for code in codes if code}
    return dict(Institution.objects.filter(code__in=wanted).values_list("code", "name")) if wanted else {}


@once
def institutions() -> pl.DataFrame:
    """INSTITUTIONS as stored, by code."""
    fields = ("code", "name", "level", "parent__code", "region_code")
    rows = list(Institution.objects.order_by("code").values_list(*fields))
    return pl.DataFrame(rows, schema=dict(INSTITUTIONS), orient="row")


def staff_list() -> pl.DataFrame:
    """PEOPLE as stored: current records by staff number, decrypted. Who calls this reads personal data."""
    fields = {
        "staff_number": "staff_number", "name": "name_sealed", "series": "series", "rank": "rank",
        "supervisor": "supervisor", "team_code": "team__code", "institution_code": "institution__code",
        "phone": "phone_sealed", "address": "home_sealed", "trait": "trait", "hired_date": "hired_date",
        "left_date": "left_date", "recruiter_number": "recruiter_number",
    }  # fmt: skip
    records = StaffRecord.objects.filter(until_date__isnull=True).order_by("staff_number")
    columns = list(zip(*records.values_list(*fields.values()), strict=True)) or [() for _ in fields]
    frame = {
        name: open_texts(values) if field.endswith("_sealed") else list(values)
        for (name, field), values in zip(fields.items(), columns, strict=True)
    }
    return pl.DataFrame(frame, schema=dict(PEOPLE))
