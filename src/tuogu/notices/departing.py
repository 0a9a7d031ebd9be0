"""The day on which a leaver's formalities were complete, from which the law's clock runs (L-01).

In: a person and a day. Out: the clocks of the cases, which open now where the leave was one of long ago; the day before it
in DepartureChange. Never: a day to come.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from tuogu.core.custody import business_date
from tuogu.notices.failures import NoticeRefused
from tuogu.notices.models import Departure, DepartureChange
from tuogu.notices.opening import open_cases_of, set_dues
from tuogu.org import queries as org
from tuogu.rules import queries as rules


@transaction.atomic
def set_formalities(person: int, day: date, *, by: int, at: datetime) -> None:
    """Write the day for the person's newest departure; the same day again changes nothing."""
    today = business_date(at)
    if day > today:
        raise NoticeRefused("手续办结日不能在今天之后；没有写入任何数据")
    open_cases_of(person, by=by, at=at)
    departure = Departure.objects.select_for_update().filter(person_id=person).order_by("-leave_date").first()
    if departure is None or person not in org.left_dates([person]):
        raise NoticeRefused("此人没有离司登记，不能写手续办结日；没有写入任何数据")
    if departure.formalities_date == day:
        return
    DepartureChange.objects.create(
        departure=departure, what="formalities_date", before_date=departure.formalities_date, after_date=day,
        by_id=by, at=at,
    )  # fmt: skip
    departure.formalities_date = day
    departure.save(update_fields=["formalities_date"])
    set_dues(departure, rules.applicable(today))
