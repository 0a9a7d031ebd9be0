"""Writes of institutions, people, pools, duty, posts and tokens. Keyword-only `by` (custodian id) and `at`
(moment).

Bulk and idempotent: the same frame again changes nothing. Never: a leave date written here for somebody in
post — leaving moves a whole book, so only `ledger.actions.leave` may call `record_leaving`.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime

import polars as pl
from django.db import transaction
from django.db.models import F, Q

from tuogu.core.custody import business_date
from tuogu.core.tables import INSTITUTIONS, conform
from tuogu.org import queries
from tuogu.org.absences import end_absence, record_absence
from tuogu.org.failures import OrgError
from tuogu.org.models import Custodian, DutyRoster, Institution, Post, StaffRecord, Token
from tuogu.org.people import PeopleSync, sync_people
from tuogu.org.roles import Role
from tuogu.org.standing import lock_people
from tuogu.org.substitutes import end_of_leaver, end_substitute, set_substitute
from tuogu.org.tree import parents_first

__all__ = [
    "OrgError",
    "PeopleSync",
    "appoint",
    "end_absence",
    "end_post",
    "end_substitute",
    "ensure_pool",
    "is_region_code",
    "issue_token",
    "lock_person",
    "record_absence",
    "record_leaving",
    "revoke_tokens",
    "set_duty",
    "set_substitute",
    "sync_institutions",
    "sync_people",
    "take_back_leaving",
]

_TOKEN_BYTES = 32
_REGION_DIGITS = frozenset({2, 4, 6, 9, 12})
WITHOUT_PLACE = frozenset({Role.ACCOUNT_MANAGER, Role.BUFFER_MEMBER})  # see what they hold, wherever it lies


@transaction.atomic
def sync_institutions(frame: pl.DataFrame, *, by: int, at: datetime) -> int:
    """Create or correct institutions from an INSTITUTIONS frame; returns how many rows changed.

    A department gets its pool (`department:<code>`; its duty person is set apart). Institutions absent from
    the frame stay. OrgError when a parent is unknown or the tree has a loop. A few hundred rows: walked
    level by level.
    """
    wanted = {row["institution_code"]: row for row in conform(frame, INSTITUTIONS).iter_rows(named=True)}
    known = {i.code: i for i in Institution.objects.select_related("parent")}
    changed = 0
    for code in parents_first(wanted, known):
        row = wanted[code]
        parent = known.get(row["parent_code"]) if row["parent_code"] else None
        path = f"{parent.path if parent else '/'}{code}/"
        fields = {
            "name": row["name"], "level": row["level"], "region_code": row["region_code"], "path": path,
            "parent_id": parent.id if parent else None,
        }  # fmt: skip
        node = known.get(code) or Institution(code=code)
        if node.pk is None or any(getattr(node, name) != value for name, value in fields.items()):
            for name, value in {**fields, "by_id": by, "recorded_at": at}.items():
                setattr(node, name, value)
            node.save()
            changed += 1
        known[code] = node
        if row["level"] == "department":
            Custodian.objects.get_or_create(
                key=f"department:{code}", defaults={"kind": "pool", "name": row["name"], "institution": node}
            )
    return changed


@transaction.atomic
def ensure_pool(
    key: str, name: str, duty_person: int, *, institution_code: str | None = None, by: int, at: datetime
) -> int:
    """Create the pool unless it exists, and name its duty person from that day on; returns the pool's id."""
    institution = Institution.objects.get(code=institution_code) if institution_code else None
    pool, created = Custodian.objects.get_or_create(
        key=key, defaults={"kind": "pool", "name": name, "institution": institution}
    )
    if not created and pool.kind != "pool":
        raise OrgError(f"{key} 不是公共池")
    set_duty(pool.pk, duty_person, from_date=business_date(at), by=by, at=at)
    return int(pool.pk)


@transaction.atomic
def set_duty(pool_id: int, person: int, *, from_date: date, by: int, at: datetime) -> None:
    """From that day on `person` answers for the pool. OrgError unless the person is in post that day."""
    if not queries.is_person(person) or not queries.may_receive(person, from_date):
        raise OrgError("值班责任人必须是在职人员")
    running = DutyRoster.objects.filter(pool_id=pool_id, until_date__isnull=True).first()
    if running and running.person_id == person and running.from_date <= from_date:
        return
    DutyRoster.objects.filter(pool_id=pool_id, from_date__gte=from_date).delete()
    DutyRoster.objects.filter(
        Q(until_date__isnull=True) | Q(until_date__gt=from_date), pool_id=pool_id
    ).update(until_date=from_date)
    DutyRoster.objects.create(
        pool_id=pool_id, person_id=person, from_date=from_date, by_id=by, recorded_at=at
    )


@transaction.atomic
def appoint(
    person: int,
    role: Role | str,
    *,
    institution_code: str | None = None,
    region_code: str | None = None,
    everywhere: bool = False,
    from_date: date,
    by: int,
    at: datetime,
) -> None:
    """Give a role from that day on, at an institution, in a region (the beginning of official codes), at both, or
    everywhere; the same again changes nothing.

    OrgError for one's own post, for somebody not in post, for a day before today, for an unknown place, and for no place at
    all where the role sees by place: the whole company is said outright, never meant by silence.
    """
    if person == by:
        raise OrgError("不能任命自己；请由另一位安全管理员办理")
    if not queries.is_person(person) or not queries.may_receive(person, from_date):
        raise OrgError("只能任命在职人员")
    if from_date < business_date(at):
        raise OrgError("岗位不能倒签：起始日不得早于今天")
    institution = Institution.objects.filter(code=institution_code).first() if institution_code else None
    if institution_code and institution is None:
        raise OrgError(f"没有机构 {institution_code}")
    if region_code and not is_region_code(region_code):
        raise OrgError(f"区划代码 {region_code} 不对：应为 2、4、6、9 或 12 位数字")
    placed = bool(institution_code or region_code)
    if everywhere and placed:
        raise OrgError("全公司与机构、区域只能选一")
    if not (placed or everywhere or role in WITHOUT_PLACE):
        raise OrgError("请写明机构、区域或全公司；没有范围的岗位看不到任何数据")
    same = {
        "person_id": person, "role": Role(role), "institution": institution, "region_code": region_code or None,
        "everywhere": everywhere, "until_date": None,
    }  # fmt: skip
    Post.objects.get_or_create(**same, defaults={"from_date": from_date, "by_id": by, "recorded_at": at})


def is_region_code(code: str) -> bool:
    """Whether a text is the official code of a province, city, district, street or community."""
    return code.isascii() and code.isdigit() and len(code) in _REGION_DIGITS


@transaction.atomic
def end_post(post_id: int, *, until_date: date, by: int, at: datetime) -> bool:
    """End one post on that day (first day without it); False when it had ended already.

    OrgError for one's own post, and for a day before today: what was done while in post stays lawful.
    """
    post = Post.objects.filter(pk=post_id).first()
    if post is None:
        raise OrgError("没有这个岗位")
    if post.person_id == by:
        raise OrgError("不能撤销自己的岗位；请由另一位安全管理员办理")
    if until_date < business_date(at):
        raise OrgError("岗位不能倒签：截止日不得早于今天")
    running = Post.objects.filter(pk=post_id, until_date__isnull=True)
    return bool(running.update(until_date=max(until_date, post.from_date), ended_by=by, ended_at=at))


@transaction.atomic
def issue_token(person: int, *, by: int, at: datetime) -> str:
    """A new personal token, shown once; only its hash is stored. OrgError unless the person is in post."""
    if not queries.is_person(person) or not queries.may_receive(person, business_date(at)):
        raise OrgError("只有在职人员可以领取令牌")
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    digest = hashlib.sha256(token.encode()).digest()
    Token.objects.create(person_id=person, digest=digest, issued_at=at, issued_by_id=by)
    return token


def revoke_tokens(person: int, *, at: datetime) -> int:
    """All tokens of the person stop working at that moment; returns how many."""
    return Token.objects.filter(person_id=person, revoked_at__isnull=True).update(revoked_at=at)


def lock_person(person: int) -> None:
    """Hold the person's row until the transaction ends: claims of one person come one after the other. Inside a
    transaction only."""
    lock_people(person)


@transaction.atomic
def record_leaving(person: int, *, left_date: date, by: int, at: datetime) -> tuple[int, ...]:
    """Write the leave date, end posts, duties and tokens; returns pools for which nobody answers any more.

    Only `ledger.actions.leave` calls this, in the transaction that moves the book. An earlier date than the
    one written corrects it; a later one is left alone. OrgError for an unknown person or a day to come.
    """
    if left_date > business_date(at):
        raise OrgError("离司日期不得晚于记账日")
    record = StaffRecord.objects.filter(person_id=person, until_date__isnull=True).first()
    if record is None:
        raise OrgError("没有这名人员的在册记录")
    if record.left_date is None or record.left_date > left_date:
        StaffRecord.objects.filter(pk=record.pk).update(left_date=left_date, by_id=by, recorded_at=at)
    Post.objects.filter(person_id=person, until_date__isnull=True, from_date__gt=left_date).update(
        until_date=F("from_date")
    )
    Post.objects.filter(person_id=person, until_date__isnull=True).update(until_date=left_date)
    duties = DutyRoster.objects.filter(
        Q(until_date__isnull=True) | Q(until_date__gt=left_date), person_id=person
    )
    pools = set(duties.values_list("pool_id", flat=True))
    duties.filter(from_date__gt=left_date).update(until_date=F("from_date"))
    duties.filter(from_date__lte=left_date).update(until_date=left_date)
    end_of_leaver(person, left_date, by=by, at=at)
    revoke_tokens(person, at=at)
    return tuple(sorted(pools & set(queries.pools_without_duty(business_date(at)))))


@transaction.atomic
def take_back_leaving(person: int, *, left_date: date, by: int, at: datetime) -> None:
    """The person has not left after all: the date goes, and the posts that it ended run on. Tokens, duties and substitutes
    stay ended: somebody gives them anew.

    Only `ledger.actions.take_back_leave` calls this, in the transaction that gives the book back. OrgError when another
    leave date is written by now.
    """
    rows = StaffRecord.objects.filter(person_id=person, until_date__isnull=True, left_date=left_date)
    if not rows.update(left_date=None, by_id=by, recorded_at=at):
        raise OrgError("离司日期之后改过，不能随导入撤回")
    never = Q(
        from_date__gt=left_date, until_date=F("from_date")
    )  # the leave was back-dated to before the post
    ended = Post.objects.filter(Q(until_date=left_date) | never, person_id=person, ended_by__isnull=True)
    ended.update(until_date=None)
