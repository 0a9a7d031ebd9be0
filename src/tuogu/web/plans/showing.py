"""Plans to look at: the register of plans, the page of one, its rows, changes, map and comparisons. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.core.labels import LEVERS
from tuogu.core.strategies import TERRITORY
from tuogu.plans import queries as plans
from tuogu.web.paging import filter_chips, first_of, numbered
from tuogu.web.parts import Chip, View
from tuogu.web.plans.page import plan_page
from tuogu.web.plans.strategy import comparable, comparison_page, strategy_page
from tuogu.web.plans.visible import head_or_404
from tuogu.web.viewer import ViewerRequest

_CHANGES_A_PAGE = 12
_ROWS_A_PAGE = 40
_PLANS_A_PAGE = 40
_BIN = 5  # pieces of one bar of a comparison
_STATES = ("awaiting", "approved", "rejected", "archived")


@require_safe
def register(request: ViewerRequest) -> HttpResponse:
    """Every plan that the scope covers, newest first, by state."""
    heads = plans.plan_heads(request.viewer.scope)
    state = request.GET.get("state", "")
    shown = [head for head in heads if head.state == state] if state in _STATES else heads
    first = first_of(request.GET)
    page = shown[first - 1 : first - 1 + _PLANS_A_PAGE]
    overlaps = plans.overlaps(page, request.viewer.scope)
    context = {
        "rows": [(head, overlaps.get(head.id, [])) for head in page],
        "tabs": _tabs(heads, state),
        "pager": numbered(reverse("plans:list"), request.GET, first, _PLANS_A_PAGE, len(shown)),
        "any": bool(heads),
        "can_make": request.viewer.may("plans:new", "POST"),
    }
    return render(request, "plans/list.html", context)


@require_safe
def plan(request: ViewerRequest, plan: int) -> HttpResponse:
    """One plan from every side, and what the viewer may do about it."""
    viewer = request.viewer
    head = head_or_404(viewer, plan)
    if head.strategy != TERRITORY.name:
        return render(request, "plans/strategy.html", strategy_page(viewer, head))
    context = plan_page(
        viewer, head, plans.board(plan, viewer.scope), plans.releases(plan, viewer.scope),
        plans.unit_changes(plan, viewer.scope, on=viewer.today, size=_CHANGES_A_PAGE),
    )  # fmt: skip
    return render(request, "plans/plan.html", context | _change_pager(request, plan, context["changes"]))


@require_safe
def picture(request: ViewerRequest, plan: int) -> JsonResponse:
    """The map's numbers: rings, who serves, homes by community. Metres on the plan's own plane."""
    head_or_404(request.viewer, plan)
    found = plans.picture(plan, request.viewer.scope)
    rows = reverse("plans:rows", args=[plan])
    places = [place | {"url": f"{rows}?community={place['key']}"} for place in found.places]
    words = {
        "pieces": _("件"), "pool": _("保全组"), "home": _("住址所在社区"), "chief": _("主管"), "now": _("现行"),
    }  # fmt: skip
    return JsonResponse(asdict(found) | {"places": places, "words": words})


@require_safe
def rows(request: ViewerRequest, plan: int) -> HttpResponse:
    """The policies behind a number of the page."""
    viewer, head, first = request.viewer, head_or_404(request.viewer, plan), first_of(request.GET)
    wanted = _row_filter(request.GET)
    page = plans.plan_rows_page(plan, viewer.scope, wanted, first=first, size=_ROWS_A_PAGE)
    url, choices = reverse("plans:rows", args=[plan]), plans.row_choices(plan, viewer.scope)
    context = {
        "head": head,
        "page": page,
        "wanted": wanted,
        "choices": choices,
        "kept": ("reason", "month", "unit", "community", "lever"),
        "instalments": [(n, _("第 %(n)s 期") % {"n": n}) for n in choices.instalments],
        "chips": _chips(request.GET, plans.manager_name(plan, viewer.scope, wanted.manager), choices),
        "pager": numbered(url, request.GET, first, _ROWS_A_PAGE, page.total),
        "clear_url": url,
        "adjustable": not wanted.reason and head.state == "awaiting" and viewer.may("plans:adjust", "POST"),
        "narrowed": wanted != plans.RowFilter(),
    }
    return render(request, "plans/rows.html", context)


@require_safe
def changes(request: ViewerRequest, plan: int) -> HttpResponse:
    """One page of the changes by unit: a fragment of the plan's page."""
    head = head_or_404(request.viewer, plan)
    viewer = request.viewer
    found = plans.unit_changes(
        plan, viewer.scope, on=viewer.today, first=first_of(request.GET), size=_CHANGES_A_PAGE
    )
    context = {"head": head, "changes": found, "change_rows": found.rows.to_dicts()}
    return render(request, "plans/_changes.html", context | _change_pager(request, plan, found))


@require_safe
def compare(request: ViewerRequest, plan: int) -> HttpResponse:
    """A plan beside today's custody, or beside another plan: who gains, who loses, how even, which months fail."""
    viewer, head = request.viewer, head_or_404(request.viewer, plan)
    other = request.GET.get("with", "")
    against = head_or_404(viewer, int(other)) if other.isdecimal() else None
    mixed = against is not None and against.strategy != head.strategy
    if head.strategy != TERRITORY.name or mixed:
        return render(request, "plans/strategy_compare.html", comparison_page(viewer, head, against))
    found = (
        plans.compare_plans(against.id, plan, viewer.scope)
        if against
        else plans.compare_with_now(plan, viewer.scope)
    )
    others = [h for h in plans.plan_heads(viewer.scope) if comparable(h, head)]
    carried = plans.compare_strategy(plan, viewer.scope, against=against.id if against else None)
    words = {"unit": _("人月"), "plan": _("方案 %(id)s") % {"id": plan},
             "now": _("方案 %(id)s") % {"id": against.id} if against else _("现行")}  # fmt: skip
    context = {
        "head": head,
        "against": against,
        "found": found,
        "carried": carried.people,
        "month_numbers": range(1, 13),
        "others": [
            (
                h.id,
                _("方案 %(id)s，%(what)s，%(day)s")
                % {"id": h.id, "what": _(h.strategy_label), "day": h.as_of},
            )
            for h in others[:_PLANS_A_PAGE]
        ],
        "histogram": _buckets(found, words, plans.band(plan, viewer.scope)),
        "figures": [_shown(figure) for figure in found.figures],
        "words": words,
    }
    return render(request, "plans/compare.html", context)


def _tabs(heads: list[plans.PlanHead], state: str) -> list[View]:
    url = reverse("plans:list")
    labels = {
        "awaiting": _("待审批"),
        "approved": _("已批准"),
        "rejected": _("已退回"),
        "archived": _("已归档"),
    }
    tabs = [View(_("全部"), url, len(heads), state not in _STATES)]
    return tabs + [
        View(label, f"{url}?state={code}", sum(h.state == code for h in heads), state == code)
        for code, label in labels.items()
    ]


def _row_filter(query: Mapping[str, str]) -> plans.RowFilter:
    def number(name: str) -> int:
        text = query.get(name, "")
        return int(text) if text.isdecimal() and len(text) < 3 else 0

    month = number("month")
    return plans.RowFilter(
        manager=query.get("manager", ""), month=month if month <= 12 else 0, unit=query.get("unit", ""),
        community=query.get("community", ""), instalment=number("instalment"), lever=query.get("lever", ""),
        reason=query.get("reason", ""), street=query.get("street", ""), text=query.get("text", "").strip(),
    )  # fmt: skip


def _chips(query: Mapping[str, str], manager: str, choices: plans.RowChoices) -> list[Chip]:
    names = {
        "manager": _("客户经理"), "month": _("应收月"), "unit": _("识别码"), "community": _("社区"), "street": _("街道"),
        "instalment": _("期次"), "lever": _("手段"), "reason": _("未安置原因"), "text": _("号码含"),
    }  # fmt: skip
    reason = plans.reason_label(query.get("reason", ""))
    words = {
        "manager": {query.get("manager", ""): manager},
        "street": dict(choices.streets),
        "lever": {code: _(word) for code, word in LEVERS.items() if code == query.get("lever")},
        "reason": {query.get("reason", ""): _(reason) if reason else ""},
    }
    return filter_chips(query, names, words)


def _change_pager(request: ViewerRequest, plan: int, page: plans.ChangePage) -> dict[str, Any]:
    url = reverse("plans:changes", args=[plan])
    return {"change_pager": numbered(url, {}, page.first, _CHANGES_A_PAGE, page.units)}


def _shown(figure: plans.Figure) -> dict[str, str]:
    """One figure of a comparison as text; the better side is marked where one direction is better."""

    def text(value: float | None) -> str:
        if value is None:
            return "—"
        if figure.name == "gap":
            return f"{value:.2%}"
        return f"{value:,.0f}" if value == round(value) or abs(value) >= 1000 else f"{value:,.3f}"

    known = figure.before is not None and figure.after is not None and figure.better
    tone = ""
    if known and figure.before != figure.after:
        tone = "good" if (figure.after or 0) < (figure.before or 0) else "bad"
    return {
        "label": _(figure.label),
        "before": text(figure.before),
        "after": text(figure.after),
        "tone": tone,
    }


def _buckets(found: plans.Comparison, words: Mapping[str, str], band: tuple[int, int]) -> dict[str, Any]:
    """For the chart; shaded are the bins that lie whole in the band of the plan's rulebook."""
    bins = {low: f"{low}–{low + _BIN - 1}" for low, _before, _after in found.bars}
    inside = [word for low, word in bins.items() if low >= band[0] and low + _BIN - 1 <= band[1]]
    return {
        "bins": list(bins.values()),
        "now": [before for _low, before, _after in found.bars],
        "plan": [after for _low, _before, after in found.bars],
        "inside": [inside[0], inside[-1]] if inside else [],
        "words": words,
    }
