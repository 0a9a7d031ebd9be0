"""What the page of a plan shows, made ready for its template.

In: the viewer, the plan's head, board, calendar and changes. Out: template variables. Never: a query; a right that the
permission table does not give.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from tuogu.files.certificate_words import FACT_TOPICS
from tuogu.files.report_charts import NEAR, heat_class
from tuogu.plans import queries as plans
from tuogu.web.viewer import Viewer


@dataclass(frozen=True)
class Step:
    """One step of the approval line. state: done | now | later."""

    number: int
    word: str
    state: str


@dataclass(frozen=True)
class Acts:
    """What the viewer may do to this plan, and why not where a post would allow it."""

    decide: bool
    release: bool
    change_calendar: bool
    ask_undo: bool
    make: bool
    withdraw: bool  # the own draft, before anybody decided
    override: bool  # may say why a release beyond the visits is let through: never who made the plan
    own: bool  # the viewer made it
    adjust: bool  # a draft may be revised by hand
    approved_it: bool


def plan_page(
    viewer: Viewer,
    head: plans.PlanHead,
    board: plans.Board,
    calendar: list[plans.ReleaseRow],
    changes: plans.ChangePage,
) -> dict[str, Any]:
    """Variables of plans/plan.html."""
    due = [row for row in calendar if row.state == "scheduled" and row.due_date <= viewer.today]
    return {
        "head": head,
        "board": board,
        "calendar": calendar,
        "changes": changes,
        "change_rows": changes.rows.to_dicts(),
        "steps": steps(head),
        "acts": acts(viewer, head, due),
        "due": due,
        "due_pieces": sum(row.pieces for row in due),
        "teams": teams(board),
        "heat": heat(board, head),
        "heat_key": heat_key(board.band.low, board.band.high),
        "sums": sums(board, month_order(head)),
        "comparison": comparison(head, board, changes),
        "histogram": histogram(board),
        "some_held": any(row.now_held for row in board.managers),
        "mean_km": mean_km(board),
        "adjacent": head.moved_adjacent,
        "broken": round(board.figures.get("broken_managers", 0) + board.figures.get("broken_teams", 0)),
        "month_numbers": month_order(head),
        "calendar_rule": calendar_rule(board),
        "away": sum(row.taken_back for row in calendar) if head.state == "approved" else 0,
        "certificate": [line for line in board.certificate if line.topic not in FACT_TOPICS],
        "feasibility": [line for line in board.certificate if line.topic == FACT_TOPICS[0]],
        "others": [line for line in board.certificate if line.topic == FACT_TOPICS[1]],
        "asked": [row for row in calendar if row.undo_asked],
        "overlaps": overlaps_of(viewer, head),
        "revisions": plans.revisions(head),
    }


def overlaps_of(viewer: Viewer, head: plans.PlanHead) -> list[plans.Overlap]:
    """Other approved plans with the same subjects still to release."""
    return plans.overlaps([head], viewer.scope).get(head.id, [])


def steps(head: plans.PlanHead) -> list[Step]:
    """预演 → 送审 → 审批 → 下发: a stored plan has been submitted."""
    reached = {"awaiting": 3, "rejected": 3, "approved": 4, "archived": 4}[head.state]
    done = head.state == "archived" or (head.instalments > 0 and head.posted == head.instalments)
    words = [_("预演"), _("送审"), _("审批"), _("下发")]
    return [
        Step(n, word, "done" if n < reached or done else "now" if n == reached else "later")
        for n, word in enumerate(words, 1)
    ]


def acts(viewer: Viewer, head: plans.PlanHead, due: list[plans.ReleaseRow]) -> Acts:
    """Rights by post, and by who did what to this plan before."""
    own, approved_it = head.made_by == viewer.person, head.decided_by == viewer.person
    return Acts(
        decide=head.state == "awaiting" and viewer.may("plans:decide", "POST") and not own,
        release=bool(due) and viewer.may("plans:release", "POST") and not approved_it,
        change_calendar=head.state == "approved" and viewer.may("plans:cancel", "POST"),
        ask_undo=viewer.may("plans:undo", "POST"),
        make=viewer.may("plans:new", "POST"),
        withdraw=own and head.state == "awaiting" and viewer.may("plans:withdraw", "POST"),
        override=not own,
        own=own,
        adjust=head.state == "awaiting" and viewer.may("plans:adjust", "POST"),
        approved_it=approved_it,
    )


def teams(board: plans.Board) -> list[dict[str, Any]]:
    """Managers by team, with the team's pieces of a year."""
    found: dict[str, list[plans.ManagerRow]] = {}
    for row in board.managers:
        found.setdefault(row.team, []).append(row)
    return [{"name": name, "year": sum(r.year for r in rows), "rows": rows} for name, rows in found.items()]


def month_order(head: plans.PlanHead) -> list[int]:
    """The twelve months of the plan's year, the first one first, as on the home page."""
    return [(head.as_of.month - 1 + later) % 12 + 1 for later in range(12)]


def calendar_rule(board: plans.Board) -> str:
    """Why a quarter that lies too near the instalment before is skipped."""
    said = _(
        "首期之后，各期定在 %(months)s 月的 1 日；接收后 %(days)s 天内完成首轮拜访，距上一期不足 %(days)s 天的季度跳过。"
    )
    return said % {
        "months": _("、").join(str(month) for month in board.release_months),
        "days": board.release_window,
    }


def heat(board: plans.Board, head: plans.PlanHead) -> list[dict[str, Any]]:
    """Rows of the heat table: a cell is its pieces, its tint and where its policies are listed."""
    url, low, high = reverse("plans:rows", args=[head.id]), board.band.low, board.band.high
    order = month_order(head)

    def cells(row: plans.ManagerRow, months: tuple[int, ...], linked: bool) -> list[dict[str, Any]]:
        return [
            {
                "due": due, "css": heat_class(due, low, high),
                "url": f"{url}?manager={row.staff_number}&month={n}" if linked and due else "",
            }
            for n, due in ((n, months[n - 1]) for n in order)
        ]  # fmt: skip

    return [
        {
            "row": row, "plan": cells(row, row.months, True), "now": cells(row, row.now_months, False),
            "url": f"{url}?manager={row.staff_number}",
        }
        for row in board.managers
    ]  # fmt: skip


def heat_key(low: int, high: int) -> list[tuple[str, str]]:
    """Fill and meaning of each tint of the heat table."""
    return [
        ("h0", _("低于 %(n)s") % {"n": low}),
        ("h1", f"{low}–{low + NEAR - 1}"),
        ("h2", f"{low + NEAR}–{high - NEAR}"),
        ("h4", f"{high - NEAR + 1}–{high}"),
        ("h5", _("高于 %(n)s") % {"n": high}),
    ]


def sums(board: plans.Board, order: list[int]) -> dict[str, Any]:
    """Feet of the tables, months in `order`."""
    rows = board.managers
    return {
        "months": [sum(row.months[n - 1] for row in rows) for n in order],
        "now_months": [sum(row.now_months[n - 1] for row in rows) for n in order],
        "year": sum(row.year for row in rows),
        "now_year": sum(row.now_year for row in rows),
        "held": sum(row.held for row in rows),
        "change": sum(row.change for row in rows),
        "least": min((row.least for row in rows), default=0),
        "most": max((row.most for row in rows), default=0),
        "unplaced": sum(row.policies for row in board.unplaced),
    }


def mean_km(board: plans.Board) -> str:
    """The plan's mean distance, in kilometres with two decimals."""
    metres = board.figures.get("mean_distance_m")
    return "—" if metres is None else f"{metres / 1000:.2f}"


def comparison(
    head: plans.PlanHead, board: plans.Board, changes: plans.ChangePage
) -> list[tuple[str, str, str, str, str]]:
    """The plan beside today: (figure, now, plan, change, tone); the whole comparison is a page of its own."""
    years, now_years = [r.year for r in board.managers], [r.now_year for r in board.managers]
    spread = max(years, default=0) - min(years, default=0)
    now_spread = max(now_years, default=0) - min(now_years, default=0)
    held, now_held = sum(r.held for r in board.managers), sum(r.now_held for r in board.managers)
    far, now_far = board.figures.get("mean_distance_m"), board.now_mean_distance_m
    share = changes.posted / head.total if head.total else 0.0
    rows = [
        _counted(_("越界人月"), board.band.now_outside, board.band.outside, "lower"),
        _counted(_("有客户经理的件数"), now_held, held, "higher"),
        _counted(_("全年件数极差"), now_spread, spread, "" if now_held < held else "lower"),
    ]
    if far is not None:
        rows.append(_far(now_far, far))
    return [*rows, (_("换人件数占比"), "—", f"{share:.1%}", "", "")]


def histogram(board: plans.Board) -> dict[str, Any]:
    """Person-months by pieces due, for the chart; the words go with the numbers."""
    inside = [
        f"{b.low}–{b.high}" for b in board.bars if b.low >= board.band.low and b.high <= board.band.high
    ]
    held = any(row.now_held for row in board.managers)
    return {
        "bins": [f"{b.low}–{b.high}" for b in board.bars],
        "plan": [b.planned for b in board.bars],
        "now": [b.now for b in board.bars] if held else None,
        "inside": [inside[0], inside[-1]] if inside else [],
        "words": {"unit": _("人月"), "plan": _("本方案"), "now": _("现行")},
    }


def _counted(word: str, now: int, plan: int, better: str) -> tuple[str, str, str, str, str]:
    change = plan - now
    good = change < 0 if better == "lower" else change > 0
    tone = "" if not change or not better else "good" if good else "bad"
    return word, f"{now:,}", f"{plan:,}", f"{change:+,}".replace("-", "−") if change else "0", tone


def _far(now: float | None, plan: float) -> tuple[str, str, str, str, str]:
    here = f"{plan / 1000:.2f} km"
    if now is None:
        return _("件均距离"), "—", here, "", ""
    change = f"{(plan - now) / 1000:+.2f}".replace("-", "−")
    return _("件均距离"), f"{now / 1000:.2f} km", here, change, ""
