"""Return-visit programmes: the list, a new one, one with its summary, the visits behind a total, the paper (S0-06)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tuogu.core.truth import KINDS
from tuogu.corrections import actions
from tuogu.corrections import queries as corrections
from tuogu.corrections.failures import CorrectionRefused
from tuogu.corrections.queries import ProgrammeHead
from tuogu.corrections.words import OUTCOMES, RETURN_VISIT
from tuogu.org import queries as org
from tuogu.regions import queries as regions
from tuogu.web import personal
from tuogu.web.corrections.reading import institution_names, names_of, programme_or_404, rooms
from tuogu.web.paging import day_of, id_of
from tuogu.web.parts import Figure
from tuogu.web.viewer import Viewer, ViewerRequest

_ROWS = 50
_DAYS = 30  # a programme as proposed by the form
_BETWEEN = re.compile(r"[\s,;\uff0c\uff1b\u3001]+")


@require_safe
def programmes(request: ViewerRequest) -> HttpResponse:
    """Every programme within scope."""
    viewer = request.viewer
    found = corrections.programmes(viewer.scope)
    context = {
        **rooms(viewer, "programmes"),
        "programmes": found,
        "institutions": institution_names(p.institution_code for p in found),
        "names": names_of(p.made_by for p in found),
    }
    return render(request, "corrections/programmes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ViewerRequest) -> HttpResponse:
    """The form; `check` counts whom it would take (posted too: numbers fit no address), else POST freezes the list."""
    viewer, said = request.viewer, request.POST or request.GET
    refusal, count = "", None
    if "check" in request.POST:
        refusal, count = _counted(viewer, request.POST)
    elif request.method == "POST":
        try:
            made = _make(viewer, request.POST)
        except CorrectionRefused as refused:
            refusal = str(refused)
        else:
            found = programme_or_404(viewer, made)
            told = _("已建立回访计划“%(name)s”，名单冻结 %(n)s 位。不需要时不登记回访即可；名单不能更改。")
            messages.success(request, told % {"name": found.name, "n": f"{found.size:,}"})
            return redirect("corrections:programme", programme=made)
    scripts = corrections.usable_scripts(viewer.today, use=RETURN_VISIT)
    context = {
        **rooms(viewer, "programmes"), "said": said, "kinds_chosen": said.getlist("kinds"), "refusal": refusal,
        "zones": [(str(zone.id), zone.name) for zone in regions.zones(viewer.today)], "zones_chosen": said.getlist("zones"),
        "count": count, "scripts": scripts, "institution_options": org.institution_choices(viewer.scope),
        "kinds": [(kind, title) for kind, (title, _field) in KINDS.items()],
        "first": viewer.today.isoformat(), "until": (viewer.today + timedelta(days=_DAYS)).isoformat(),
        "below": viewer.rulebook["corrections.incomplete_below_bp"] // 100,
        "checked": corrections.newest_check(),
    }  # fmt: skip
    return render(request, "corrections/new_programme.html", context, status=400 if refusal else 200)


def _counted(viewer: Viewer, said: QueryDict) -> tuple[str, int | None]:
    try:
        return "", len(corrections.select(viewer.scope, _selection(said), viewer.rulebook, on=viewer.today))
    except CorrectionRefused as refused:
        return str(refused), None


def _selection(said: QueryDict) -> corrections.Selection:
    below = id_of(said.get("below", ""))
    region = said.get("region", "").strip()
    if region and not (region.isdecimal() and len(region) <= 12):
        raise CorrectionRefused(_("社区代码只写数字，例如 330203001；没有建立"))
    return corrections.Selection(
        institution_code=said.get("institution", ""),
        region=region,
        zones=tuple(zone for zone in map(id_of, said.getlist("zones")) if zone is not None),
        below_bp=None if not below else below * 100,
        kinds=tuple(kind for kind in said.getlist("kinds") if kind in KINDS),
        numbers=tuple(word for word in _BETWEEN.split(said.get("numbers", "").strip()) if word),
    )


def _make(viewer: Viewer, said: QueryDict) -> int:
    first, last = day_of(said.get("first", "")), day_of(said.get("until", ""))
    script = id_of(said.get("script", ""))
    if first is None or last is None or script is None:
        raise CorrectionRefused(_("请选择话术，写明起止日期；没有建立"))
    return actions.make_programme(
        viewer.scope, _selection(said), name=said.get("name", ""), purpose=said.get("purpose", ""), script_id=script,
        first_date=first, until_date=last + timedelta(days=1), hold_reason=said.get("hold", ""), by=viewer.person,
        at=viewer.now,
    )  # fmt: skip


@never_cache
@require_safe
def programme(request: ViewerRequest, programme: int) -> HttpResponse:
    """One programme: what it is, how far it is, its totals; each total leads to its rows."""
    viewer = request.viewer
    head = programme_or_404(viewer, programme)
    total = corrections.summary(viewer.scope, programme, viewer.rulebook)
    names = names_of([head.made_by, *(person for person, _n in total.by_caller)])
    base = reverse("corrections:visits", args=[programme])
    context = {
        **rooms(viewer, "programmes"),
        "head": head,
        "total": total,
        "names": names,
        "figures": _figures(viewer, head, total, base),
        "institutions": institution_names([head.institution_code]),
        "by_outcome": [(code, n, f"{base}?outcome={code}&counted=1") for code, n in total.by_outcome],
        "by_caller": [
            (names.get(person), n, f"{base}?by={person}&counted=1") for person, n in total.by_caller
        ],
        "by_day": [(day, n, f"{base}?day={day}&counted=1") for day, n in total.by_day],
        "open": head.open_on(viewer.today),
        "kinds": KINDS,
    }
    return render(request, "corrections/programme.html", context)


def _figures(viewer: Viewer, head: ProgrammeHead, total: corrections.Summary, base: str) -> list[Figure]:
    after, before = total.after_bp / 100, total.before_bp / 100
    rows = (
        reverse("corrections:register") + "?source=return_visit" if viewer.may("corrections:register") else ""
    )
    return [
        Figure(
            _("名单"), f"{head.size:,}", _("位"), _("建立时冻结"), "",
            _("建立回访计划时冻结的客户数"),
        ),
        Figure(
            _("已访"), f"{head.visited:,}", _("位"), _("回访记录 %(n)s 条") % {"n": f"{total.rows:,}"}, base,
            _("至少有一条回访记录的客户数；记录条数含被更正的"),
        ),
        Figure(
            _("核对上"), f"{head.share() * 100:.1f}", "%", _("%(n)s 位") % {"n": f"{head.reached:,}"},
            f"{base}?outcome=confirmed&counted=1", _("结果为接通并核对的客户数 ÷ 名单"),
        ),
        Figure(
            _("完整度"), f"{after:.1f}", "%", _("建立时 %(before)s%%") % {"before": f"{before:.1f}"}, "",
            _("名单上客户资料完整度（S0-05 的六项等权）的平均：现在，与建立时相比；更正要等清单更改后才算入"),
            "good" if after > before else "",
        ),
        Figure(
            _("登记的更正"), f"{total.amendments:,}", _("项"), "", rows,
            _("由这些回访登记、没有撤销的更正"),
        ),
    ]  # fmt: skip


@never_cache
@require_safe
def visits(request: ViewerRequest, programme: int) -> HttpResponse:
    """The rows behind a total."""
    viewer, asked = request.viewer, request.GET
    head = programme_or_404(viewer, programme)
    found = corrections.visit_page(
        viewer.scope, programme, before=id_of(asked.get("before", "")), size=_ROWS, **_wanted(asked)
    )
    shown = found[:_ROWS]
    context = {
        **rooms(viewer, "programmes"), "head": head, "visits": shown, "names": names_of(v.by for v in shown),
        "customers": personal.masked(v.customer_number for v in shown), "asked": asked,
        "callers": [(str(person), name) for person, name in names_of(_callers(programme, viewer)).items()],
        "older": shown[-1].id if len(found) > _ROWS else None,
    }  # fmt: skip
    return render(request, "corrections/visits.html", context)


def _callers(programme: int, viewer: Viewer) -> list[int]:
    return [person for person, _n in corrections.summary(viewer.scope, programme, viewer.rulebook).by_caller]


def _wanted(asked: QueryDict) -> dict[str, Any]:
    outcome = asked.get("outcome", "")
    return {
        "outcome": outcome if outcome in OUTCOMES else "", "by": id_of(asked.get("by", "")),
        "day": day_of(asked.get("day", "")), "customer": asked.get("customer", "").strip(),
        "corrected": False if asked.get("counted") else None,
    }  # fmt: skip
