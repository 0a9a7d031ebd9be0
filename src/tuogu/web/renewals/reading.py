"""What the pages of this room share: tabs, a case within scope, names, refusals, months of an address.

In: a request. Out: values for templates; 404 for what is not there or out of scope. Never: a rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from tuogu.core.motor.words import CALL_RESULTS, ENDS, INTENTIONS, OUTCOMES, STEPS
from tuogu.ledger.failures import LedgerError
from tuogu.org import queries as org
from tuogu.renewals import queries as renewals
from tuogu.web import personal
from tuogu.web.cases.words import staff_id
from tuogu.web.paging import day_of, id_of
from tuogu.web.parts import View
from tuogu.web.viewer import Viewer

Row = dict[str, Any]
TONES = {
    "claim": "info", "city": "warn", "kept": "", "contact": "", "call_all": "warn", "urge": "warn", "final": "bad",
    "second": "bad", "head_office": "bad", "lapsed": "bad",
}  # fmt: skip


def rooms(viewer: Viewer, here: str) -> list[View]:
    """The pages of this room that the viewer may open, as tabs."""
    pages = {
        "board": _("进度"), "branch": _("本机构"), "calendar": _("日历"), "claims": _("认领"), "open": _("公开认领"),
        "second": _("二次分配"), "calls": _("呼出与督促"), "call_outs": _("总公司呼出"), "registers": _("责任清单"),
        "typed": _("待见新保单"), "lapsed": _("脱保"), "sample": _("抽查回访"), "improvements": _("整改"),
        "rewards": _("奖励政策"),
    }  # fmt: skip
    return [
        View(title, reverse(f"renewals:{name}"), None, name == here)
        for name, title in pages.items()
        if viewer.may(f"renewals:{name}")
    ]


def case_or_404(viewer: Viewer, subject: int) -> renewals.MotorRow:
    """A motor policy within scope."""
    found = renewals.motor_policy(viewer.scope, subject)
    if found is None:
        raise Http404
    return found


def told(request: HttpRequest, act: Callable[[], str]) -> bool:
    """Do it and say what happened; a refusal says why, and that nothing was written."""
    try:
        said = act()
    except (renewals.RenewalRefused, LedgerError) as refused:
        messages.error(request, str(refused))
        return False
    except renewals.RenewalUnknown as unknown:
        raise Http404 from unknown
    messages.success(request, said)
    return True


def shown(rows: Iterable[Row]) -> Row:
    """What lines of cases are shown with: masked customers and plates, names, institutions, words."""
    lines = list(rows)
    people = {row.get("custodian_id") for row in lines} | {row.get("person_id") for row in lines}
    return {
        "customers": personal.masked(row["holder_number"] for row in lines if row.get("holder_number")),
        "plates": {key: plate for key, (plate, _frame) in renewals.vehicles(
            row["subject_id"] for row in lines).items()},
        "names": names_of(people), "places": places(row.get("institution_code") for row in lines), **words(),
    }  # fmt: skip


def words() -> Row:
    """Codes of this room in words, for templates."""
    return {
        "stages": {code: _(word) for code, word in renewals.STAGES.items()},
        "steps": {code: _(word) for code, word in STEPS.items()},
        "bands": {str(code): _(str(label)) for code, label in renewals.Band.choices},
        "intentions": {code: _(word) for code, word in INTENTIONS.items()},
        "ends": {code: _(word) for code, word in ENDS.items()},
        "outcomes": {code: _(word) for code, word in OUTCOMES.items()},
        "tones": TONES,
        "festivals": {
            "spring_festival": _("春节"), "labour_day": _("劳动节"), "national_day": _("国庆节"), "new_year": _("元旦"),
            "qingming": _("清明节"), "dragon_boat": _("端午节"), "mid_autumn": _("中秋节"),
        },
        "reasons": {
            "important": _("重要客户"), "premium": _("保费达到界线"), "fleet": _("大型团单"), "wont": _("客户明确不续"),
            "untrue": _("客户信息不实"), "unclaimed": _("二次分配后无人认领"),
        },
        "calls": {"reached": _("已联系上"), "no_answer": _("无人接听"), "wrong_contact": _("号码有误")},
        "results": {
            **{code: _(word) for code, word in CALL_RESULTS.items()},
        },
    }  # fmt: skip


def names_of(ids: Iterable[int | None]) -> dict[int, org.KnownAs]:
    """Names and staff numbers of people, names of pools: one query."""
    return org.known_as({one for one in ids if one is not None})


def places(codes: Iterable[str | None]) -> dict[str, str]:
    """Names of institutions by code."""
    return org.institution_names(codes)


def choices(viewer: Viewer, codes: Iterable[str]) -> list[tuple[str, str]]:
    """Institutions within scope that stand among some codes, with what is above them there: for a filter."""
    wanted = set(codes)
    parents = org.parents()
    for code in list(wanted):
        above = parents.get(code)
        while above:
            wanted.add(above)
            above = parents.get(above)
    return [(row.code, row.name) for row in org.house(viewer.scope, viewer.today) if row.code in wanted]


def month_of(text: str, today: date) -> date:
    """2026-11 → its first day; the month of today for anything else."""
    return day_of(f"{text}-01") or today.replace(day=1)


def month_given(post: Mapping[str, str]) -> date:
    """The month that a form gives; RenewalRefused for anything else."""
    given = post.get("month", "").strip()
    found = day_of(f"{given}-01")
    if found is None:
        raise renewals.RenewalRefused(
            _("月份：“%(given)s”读不出来，请填年和月，例如 2026-11；没有写入任何数据") % {"given": given[:20]}
        )
    return found


def past_day(given: str, field: str, today: date) -> date | None:
    """The day that a field of a form gives, today at the latest; None where it is empty. RenewalRefused names the field."""
    text = given.strip()
    found = day_of(text) if text else None
    if text and found is None:
        why = _("%(field)s：“%(given)s”不是日期，请填年月日，例如 2026-11-22；没有写入任何数据")
        raise renewals.RenewalRefused(why % {"field": field, "given": text[:20]})
    if found is not None and found > today:
        raise renewals.RenewalRefused(
            _("%(field)s：%(day)s 还没有到，最晚填今天；没有写入任何数据") % {"field": field, "day": found}
        )
    return found


def next_month(first: date) -> date:
    """The first day of the month after."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def month_before(first: date) -> date:
    """The first day of the month before."""
    return date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)


def months(today: date, count: int = 12) -> list[tuple[str, str]]:
    """The newest months for a choice."""
    found, first = [], today.replace(day=1)
    for _turn in range(count):
        found.append((f"{first:%Y-%m}", f"{first:%Y-%m}"))
        first = month_before(first)
    return found


def named_person(post: Any) -> int:
    """Who is named: chosen from the list, or typed as a staff number; RenewalRefused for nobody."""
    person = id_of(post.get("person", "")) or staff_id(post.get("number", ""))
    if person is None:
        raise renewals.RenewalRefused(_("请选择责任人，或填写工号；没有写入任何数据"))
    return person
