"""Inspection of logs (S1-18…S1-21): the supervisor's mark, the team head's and the manager's look, the department's random
check and its recheck.

In: whose log of which day, what was found, who and when. Out: a check that stays. Never: somebody who checks the own log or
one that is not theirs to check, points beyond the full, a random check of somebody whom no lot drew, a second recheck.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tuogu import vault
from tuogu.core.custody import business_date
from tuogu.core.inspection.logs import full_points
from tuogu.core.inspection.tables import LEVELS, OUTCOMES
from tuogu.org import queries as org
from tuogu.review.failures import ReviewRefused
from tuogu.review.locking import hold
from tuogu.review.logs import newest
from tuogu.review.lot_reads import drew
from tuogu.review.models import Check, Session
from tuogu.review.owners import Owners, owners
from tuogu.rules import queries as rules

REMARK_CHARS_MAX = 500


@dataclass(frozen=True, kw_only=True)
class Found:
    """What an inspection found. `found_points`: what the log is worth, hundredths; only of a log that was seen."""

    outcome: str = "seen"
    found_points: int | None = None
    noted: bool = False  # the supervisor's mark is said to be wrong
    remark: str = ""
    session: str = ""  # of a supervisor's check


@transaction.atomic
def inspect(
    level: str, person: int, log_date: date, found: Found, *, by: int, at: datetime, lot: int | None = None
) -> int:
    """File a check; returns its id. ReviewRefused says why not."""
    hold()
    today = business_date(at)
    _require_fit(level, found, today)
    _require_other(level, person, by, owners(today), today)
    if log_date > today:
        raise ReviewRefused(_("不能检查以后的日志"))
    if level == "department" and (lot is None or not drew(lot, person)):
        raise ReviewRefused(_("部门随机抽查只检查抽签抽中的人"))
    mark = Check.objects.filter(level="supervisor", person_id=person, log_date=log_date).first()
    if level == "supervisor" and mark is not None:
        raise ReviewRefused(_("这一天的日志已经批阅，批阅后不能更改"))
    return _written(level, person, log_date, found, mark, by=by, at=at, lot=lot)


@transaction.atomic
def recheck(check_id: int, found: Found, *, by: int, at: datetime) -> int:
    """Look again at a log that could not be shown; returns the check's id."""
    hold()
    today = business_date(at)
    first = Check.objects.filter(pk=check_id).first()
    if first is None or first.level != "department" or first.outcome != "absent":
        raise ReviewRefused(_("只有当时不能出示的随机抽查可以重查"))
    if Check.objects.filter(recheck_of=first).exists():
        raise ReviewRefused(_("这一次抽查已经重查过"))
    _require_fit("department", found, today)
    _require_other("department", first.person_id, by, owners(today), today)
    mark = Check.objects.filter(
        level="supervisor", person_id=first.person_id, log_date=first.log_date
    ).first()
    return _written(
        "department",
        first.person_id,
        first.log_date,
        found,
        mark,
        by=by,
        at=at,
        lot=first.lot_id,
        recheck_of=first,
    )


def _require_fit(level: str, found: Found, today: date) -> None:
    full = full_points(rules.applicable(today))
    if level not in LEVELS or found.outcome not in OUTCOMES:
        raise ReviewRefused(_("没有这种检查或结果"))
    if found.session and (level != "supervisor" or found.session not in Session.values):
        raise ReviewRefused(_("早会、夕会只用于主管检查"))
    if found.outcome == "seen" and not (found.found_points is not None and 0 <= found.found_points <= full):
        raise ReviewRefused(_("请给出 0 至 %(n)s 分的评分") % {"n": full // 100})
    if found.outcome != "seen" and found.found_points is not None:
        raise ReviewRefused(_("没有看到的日志不能评分"))
    if found.outcome != "seen" and level != "department":
        raise ReviewRefused(_("不能出示或遗失只在部门随机抽查时登记；主管检查时未填写的日志自动记为未填"))
    if len(found.remark) > REMARK_CHARS_MAX:
        raise ReviewRefused(_("意见超过 %(n)s 字") % {"n": REMARK_CHARS_MAX})


def _require_other(level: str, person: int, by: int, known: Owners, today: date) -> None:
    if by == person:
        raise ReviewRefused(_("不能检查自己的日志"))
    due = known.checker(level, person)
    if due is None:
        raise ReviewRefused(_("这个人没有须检查的日志，或上面没有检查人"))
    if by != due and due not in org.acting_for(by, today):
        raise ReviewRefused(
            _("%(what)s由 %(who)s 负责") % {"what": _(LEVELS[level]), "who": org.labels([due]).get(due, "")}
        )


def _written(
    level: str, person: int, log_date: date, found: Found, mark: Check | None, *, by: int, at: datetime,
    lot: int | None, recheck_of: Check | None = None,
) -> int:  # fmt: skip
    seen = newest(person, log_date) if found.outcome == "seen" else None
    if found.outcome == "seen" and seen is None:
        raise ReviewRefused(_("这一天没有日志，不能评分"))
    marked = mark if found.outcome == "seen" and level != "supervisor" else None
    try:
        with transaction.atomic():
            made = Check.objects.create(
                level=level, person_id=person, log_date=log_date, log=seen, checked_date=business_date(at),
                session=found.session, outcome=found.outcome, marked_points=marked.found_points if marked else None,
                marker_id=marked.by_id if marked else None, found_points=found.found_points, noted=found.noted,
                remark_sealed=vault.seal_text(found.remark) if found.remark else None, recheck_of=recheck_of, lot_id=lot,
                by_id=by, at=at,
            )  # fmt: skip
    except IntegrityError as twice:
        raise ReviewRefused(_("已经检查过")) from twice
    return int(made.pk)
