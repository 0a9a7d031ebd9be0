"""Plans without territories to look at: the page of one, a whole table of it, its placements. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.core.labels import LEVERS
from tuogu.core.sheets import NUMERIC
from tuogu.core.strategies import STRATEGIES
from tuogu.files.certificate_words import FACT_TOPICS
from tuogu.files.strategy_words import figure_text, objective_text, unit_of
from tuogu.plans import queries as plans
from tuogu.web.paging import filter_chips, first_of, numbered
from tuogu.web.parts import Chip
from tuogu.web.plans.page import acts, overlaps_of, steps
from tuogu.web.plans.visible import head_or_404
from tuogu.web.templatetags.plan_words import staff_no
from tuogu.web.viewer import Viewer, ViewerRequest

_ROWS_A_PAGE = 40
_BIN = 5  # pieces of one bar of a comparison


def strategy_page(viewer: Viewer, head: plans.PlanHead) -> dict[str, Any]:
    """Variables of plans/strategy.html."""
    board = plans.strategy_board(head.id, viewer.scope)
    calendar = plans.releases(head.id, viewer.scope)
    due = [row for row in calendar if row.state == "scheduled" and row.due_date <= viewer.today]
    return {
        "head": head,
        "strategy": STRATEGIES[head.strategy],
        "options": options_said(head),
        "objective": objective_text(head.objective, head.metric),
        "lower_bound": objective_text(head.lower_bound, head.metric),
        "unit": unit_of(head.metric),
        "board": board,
        "calendar": calendar,
        "due": due,
        "due_pieces": sum(row.pieces for row in due),
        "steps": steps(head),
        "acts": acts(viewer, head, due),
        "asked": [row for row in calendar if row.undo_asked],
        "overlaps": overlaps_of(viewer, head),
        "revisions": plans.revisions(head),
        "instalments_mean": instalments_mean(head, calendar),
        "away": sum(row.taken_back for row in calendar) if head.state == "approved" else 0,
        "instalments": range(1, max((len(row.instalments) for row in board.receivers), default=1) + 1),
        "numeric": NUMERIC,
        "with_rows": {row.receiver for row in board.receivers},
        "sums": {
            "placed": sum(r.pieces for r in board.receivers),
            "instalments": [
                sum(column) for column in zip(*(r.instalments for r in board.receivers), strict=True)
            ],
            "unplaced": sum(r.pieces for r in board.unplaced),
        },
        **certificate_parts(board),
    }


def instalments_mean(head: plans.PlanHead, calendar: list[plans.ReleaseRow]) -> str:
    """When an instalment goes out: its day once there is one, before that what instalments are for."""
    days = {row.instalment: row.due_date for row in calendar}  # the latest attempt comes last
    if days:
        said = [_("第 %(n)s 期 %(day)s") % {"n": n, "day": day} for n, day in sorted(days.items())]
        return _("下发日：%(days)s") % {"days": _("、").join(said)}
    chosen = STRATEGIES[head.strategy]
    if chosen.quarterly:
        return _("分期下发，逐期消化拜访量；首期日期在批准时定，其余按季。")
    if chosen.months:
        return _("第 1 期即第一批，第 2 期即第二批；第一批日期在批准时定。")
    return ""


def certificate_parts(board: plans.StrategyBoard) -> dict[str, Any]:
    """The certificate's lines by topic."""
    return {
        "certificate": [line for line in board.certificate if line.topic not in FACT_TOPICS],
        "feasibility": [line for line in board.certificate if line.topic == FACT_TOPICS[0]],
        "others": [line for line in board.certificate if line.topic == FACT_TOPICS[1]],
    }


def options_said(head: plans.PlanHead) -> list[tuple[str, str]]:
    """The planner's choices in words."""
    labels = {option.name: option for option in STRATEGIES[head.strategy].options}
    return [
        (labels[name].label, dict(labels[name].choices).get(value, value))
        for name, value in sorted(head.options.items())
        if value and name in labels
    ]


def comparison_page(viewer: Viewer, head: plans.PlanHead, against: plans.PlanHead | None) -> dict[str, Any]:
    """Variables of plans/strategy_compare.html; a plan of another kind counts as none."""
    alike = [h for h in plans.plan_heads(viewer.scope) if comparable(h, head)]
    other = against if against is not None and comparable(against, head) else None
    found = plans.compare_strategy(head.id, viewer.scope, against=other.id if other else None)
    words = {
        "unit": _("人月"),
        "plan": _("方案 %(id)s") % {"id": head.id},
        "now": _("方案 %(id)s") % {"id": other.id} if other else _("现行"),
    }
    return {
        "head": head,
        "against": other,
        "found": found,
        "others": [
            (
                h.id,
                _("方案 %(id)s，%(what)s，%(day)s")
                % {"id": h.id, "what": _(h.strategy_label), "day": h.as_of},
            )
            for h in alike[:_ROWS_A_PAGE]
        ],
        "figures": [
            (
                label,
                "—" if before is None else figure_text(before, label),
                "—" if after is None else figure_text(after, label),
            )
            for label, before, after in found.figures
        ],
        "sums": _summed(found),
        "month_numbers": range(1, 13),
        "histogram": _bars(found, words),
        "visited": STRATEGIES[head.strategy].moves_visits,
        "before": words["now"],
        "after": words["plan"],
    }


def comparable(one: plans.PlanHead, other: plans.PlanHead) -> bool:
    """Two plans of the same subjects in the same relation."""
    return one.id != other.id and (one.subject_kind, one.relation) == (other.subject_kind, other.relation)


def _summed(found: plans.StrategyComparison) -> dict[str, Any]:
    people = found.people
    return {
        "before": sum(r.before for r in people),
        "after": sum(r.after for r in people),
        "gained": sum(r.gained for r in people),
        "lost": sum(r.lost for r in people),
        "premium_before": sum(r.premium_before_fen for r in people),
        "premium_after": sum(r.premium_after_fen for r in people),
        "months": [sum(column) for column in zip(*(r.months_after for r in people), strict=True)],
        "months_before": [sum(column) for column in zip(*(r.months_before for r in people), strict=True)],
    }


def _bars(found: plans.StrategyComparison, words: Mapping[str, str]) -> dict[str, Any]:
    """For the chart; shaded are the bins that lie whole in the band of the plan's rulebook."""
    bins = {low: f"{low}–{low + _BIN - 1}" for low, _before, _after in found.bars}
    inside = [word for low, word in bins.items() if low >= found.band[0] and low + _BIN - 1 <= found.band[1]]
    return {
        "bins": list(bins.values()),
        "now": [before for _low, before, _after in found.bars],
        "plan": [after for _low, _before, after in found.bars],
        "inside": [inside[0], inside[-1]] if inside else [],
        "words": words,
    }


@require_safe
def sheet(request: ViewerRequest, plan: int, name: str) -> HttpResponse:
    """One table of a strategy, whole."""
    viewer, head, first = request.viewer, head_or_404(request.viewer, plan), first_of(request.GET)
    page = plans.sheet_page(plan, viewer.scope, name, first=first, size=_ROWS_A_PAGE)
    if page is None:
        raise Http404
    url = reverse("plans:sheet", args=[plan, name])
    context = {
        "head": head,
        "page": page,
        "numeric": NUMERIC,
        "with_rows": (),
        "pager": numbered(url, request.GET, first, _ROWS_A_PAGE, page.total),
    }
    return render(request, "plans/sheet.html", context)


@require_safe
def placed(request: ViewerRequest, plan: int) -> HttpResponse:
    """The subjects of a plan: who gets what, or what was left for one reason."""
    viewer, head, first = request.viewer, head_or_404(request.viewer, plan), first_of(request.GET)
    wanted = _wanted(request.GET)
    rows, total = plans.placed_page(plan, viewer.scope, wanted, first=first, size=_ROWS_A_PAGE)
    url, choices = reverse("plans:placed", args=[plan]), plans.row_choices(plan, viewer.scope)
    context = {
        "head": head,
        "rows": rows,
        "total": total,
        "wanted": wanted,
        "choices": choices,
        "kept": ("reason", "lever"),
        "instalments": [(n, _("第 %(n)s 期") % {"n": n}) for n in choices.instalments],
        "chips": _chips(request.GET, rows),
        "clear_url": url,
        "pager": numbered(url, request.GET, first, _ROWS_A_PAGE, total),
        "adjustable": not wanted.reason and head.state == "awaiting" and viewer.may("plans:adjust", "POST"),
        "narrowed": wanted != plans.PlacedFilter(),
    }
    return render(request, "plans/placed.html", context)


def _wanted(query: Mapping[str, str]) -> plans.PlacedFilter:
    instalment = query.get("instalment", "")
    return plans.PlacedFilter(
        receiver=query.get("receiver", ""), lever=query.get("lever", ""),
        instalment=int(instalment) if instalment.isdecimal() and len(instalment) < 3 else 0,
        reason=query.get("reason", ""), text=query.get("text", "").strip(),
    )  # fmt: skip


def _chips(query: Mapping[str, str], rows: list[Any]) -> list[Chip]:
    names = {
        "receiver": _("接收人"), "lever": _("方式"), "instalment": _("期次"), "reason": _("未分配原因"),
        "text": _("号码含"),
    }  # fmt: skip
    reason = plans.reason_label(query.get("reason", ""))
    words = {
        "reason": {query.get("reason", ""): _(reason) if reason else ""},
        "lever": {code: _(word) for code, word in LEVERS.items() if code == query.get("lever")},
    }
    if rows and not query.get("reason"):
        words["receiver"] = {query.get("receiver", ""): _with_number(rows[0].receiver_name, rows[0].receiver)}
    return filter_chips(query, names, words)


def _with_number(name: str, receiver: str) -> str:
    number = staff_no(receiver)
    return f"{name} {number}" if number and number != name else name
