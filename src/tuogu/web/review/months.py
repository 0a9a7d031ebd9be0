"""The month's close: what would be filed, what stands in the way, what was filed."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.core.fact_figures import shown
from tuogu.core.facts import FACT_KEYS
from tuogu.org import queries as org
from tuogu.review import actions
from tuogu.review import queries as review
from tuogu.web.review.reading import names_of, rooms, told
from tuogu.web.templatetags.tuogu import num
from tuogu.web.viewer import Viewer, ViewerRequest

_SHOWN = 60


@require_safe
def months(request: ViewerRequest) -> HttpResponse:
    """What closing the chosen month of the chosen institution would file."""
    viewer = request.viewer
    places = [(row.code, row.name) for row in org.house(viewer.scope, viewer.today)]
    code = request.GET.get("institution") or (places[0][0] if places else "")
    if code not in dict(places):
        raise Http404
    month = _month(request.GET.get("month", ""), viewer)
    seen = review.outlook(month, code, on=viewer.today)
    done = review.closes(viewer.scope)
    context = {
        "rooms": rooms(viewer, "months"),
        "places": places,
        "place_names": dict(places),
        "code": code,
        "month": month,
        "months": _choices(viewer.today),
        "seen": seen,
        "over": (month + timedelta(days=32)).replace(day=1) <= viewer.today,
        "facts": [
            (
                row["subject"],
                FACT_KEYS[row["key"]].label,
                shown(row["key"], row["value"], row["text"]),
                row["source_ref"],
            )
            for row in seen.facts.head(_SHOWN).iter_rows(named=True)
        ],
        "total": seen.facts.height,
        "done": done,
        "names": names_of(row.by for row in done),
    }
    return render(request, "review/months.html", context)


@require_POST
def close(request: ViewerRequest) -> HttpResponse:
    """File the facts of a month."""
    viewer, post = request.viewer, request.POST
    code = post.get("institution", "")
    if code not in {row.code for row in org.house(viewer.scope, viewer.today)}:
        raise Http404
    month = _month(post.get("month", ""), viewer)

    def act() -> str:
        counted = actions.close_month(
            month, code, by=viewer.person, at=viewer.now, unmarked_fail=bool(post.get("unmarked_fail"))
        )
        said = _("已登记 %(filed)s 项，更正 %(corrected)s 项，%(same)s 项不变；撤销处罚时自动更正。")
        return said % {
            "filed": num(counted["filed"]), "corrected": num(counted["corrected"]), "same": num(counted["unchanged"]),
        }  # fmt: skip

    told(request, act)
    return redirect(f"/review/months/?institution={code}&month={month:%Y-%m}")


def _month(text: str, viewer: Viewer) -> date:
    """'2026-10' → its first day; the month before today's where nothing was chosen."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return (viewer.today.replace(day=1) - timedelta(days=1)).replace(day=1)


def _choices(today: date) -> list[date]:
    found = [today.replace(day=1)]
    while len(found) < 13:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found
