"""Registers of a plan as workbooks: the allocation register with the monthly list, and the register of changes.

In: a plan within scope, a reason. Out: exports of kinds "plan_register" and "plan_changes", customers masked.
Never: personal data that did not come through the choke point; an invented row (these papers are signed, counted and
archived); a file left behind on the server in clear.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from tuogu.core.strategies import TERRITORY
from tuogu.core.tables import Book, Plan
from tuogu.exports.kinds import BuildRefused, Kind, Order, Paper
from tuogu.files.registers import write_change_register, write_registers
from tuogu.files.strategy_register import write_strategy_register
from tuogu.org.rights import Right
from tuogu.plans import queries as plans
from tuogu.web import personal
from tuogu.web.exports.asking import answer
from tuogu.web.plans.visible import head_or_404
from tuogu.web.viewer import Viewer, ViewerRequest, viewer_of


@require_POST
def register(request: ViewerRequest, plan: int) -> HttpResponse:
    """The allocation register, the monthly due list of every manager, and the lists that go with them; or the list, what
    was left and every table of a plan without territories."""
    head = head_or_404(request.viewer, plan)
    title = _("登记表-方案%(plan)s") if head.strategy == TERRITORY.name else _("预分登记表-方案%(plan)s")
    return answer(
        request, kind=REGISTER.name, title=title % {"plan": plan}, query={"plan": plan}, rows=_pieces(head),
        fields=_MASKED, back=reverse("plans:plan", args=[plan]),
    )  # fmt: skip


@require_POST
def changes(request: ViewerRequest, plan: int) -> HttpResponse:
    """The register of changes: one row a policy that a release would move now."""
    viewer = request.viewer
    head_or_404(viewer, plan)
    found = plans.change_register(plan, viewer.scope, on=viewer.today)
    return answer(
        request, kind=CHANGES.name, title=_("更改对照-方案%(plan)s") % {"plan": plan}, query={"plan": plan},
        rows=found.rows.height, fields=_MASKED, back=reverse("plans:plan", args=[plan]),
    )  # fmt: skip


def _pieces(head: plans.PlanHead) -> int:
    made, _book = plans.load_plan(head.id)
    return made.assignments.height if head.strategy == TERRITORY.name else made.placements.height


def _build_register(order: Order) -> Paper:
    viewer, head = _of(order)
    made, book = plans.load_plan(head.id)
    made = plans.as_offered_today(made)  # L-03: no list holds who refused since
    if head.strategy != TERRITORY.name:
        return Paper(
            made.placements.height,
            lambda path: write_strategy_register(
                made,
                path,
                names=plans.receiver_names(),
                data_date=head.data_date.isoformat(),
                state=head.said,
            ),
        )
    made, book = _with_customers(made, book)
    moves = plans.change_register(head.id, viewer.scope, on=viewer.today)
    names = plans.manager_names(head.id, viewer.scope)

    def write(path: Path) -> None:
        write_registers(
            made, book, plans.rulebook_by_plan(head.id), path, names=names, masked=False, changes=moves.rows,
            state=head.said, not_released=moves.not_released,
        )  # fmt: skip

    return Paper(made.assignments.height, write)


def _build_changes(order: Order) -> Paper:
    viewer, head = _of(order)
    moves = plans.change_register(head.id, viewer.scope, on=viewer.today)
    made, book = _with_customers(*plans.load_plan(head.id))
    names = plans.manager_names(head.id, viewer.scope)

    def write(path: Path) -> None:
        write_change_register(
            made, book, plans.rulebook_by_plan(head.id), path, names=names, changes=moves.rows, masked=False,
            not_released=moves.not_released,
        )  # fmt: skip

    return Paper(moves.rows.height, write)


def _of(order: Order) -> tuple[Viewer, plans.PlanHead]:
    """The asker as they stand now, and the plan within their scope."""
    viewer = viewer_of(order.by)
    if viewer is None:
        raise BuildRefused(_("申请人已离司"))
    try:
        return viewer, plans.plan_head(order.query["plan"], viewer.scope)
    except plans.PlanUnknown as unknown:
        raise BuildRefused(str(unknown)) from unknown


def _with_customers(made: Plan, book: Book) -> tuple[Plan, Book]:
    """The stored book holds no personal column: those of the plan's customers come masked through the choke point."""
    spoken = pl.concat(
        [made.placements.select(policy_number="number"), made.unplaced.select("policy_number")]
    )
    mains = book.books.policies.join(spoken, on="policy_number", how="semi")
    wanted = pl.concat([mains["holder_number"], mains["insured_number"]]).drop_nulls().unique()
    shown = personal.masked(wanted.to_list())
    masked = pl.DataFrame(
        [(c.number, c.name, c.phone, c.address) for c in shown.values()],
        schema={"customer_number": pl.String, "name": pl.String, "phone": pl.String, "address": pl.String},
        orient="row",
    )
    customers = book.books.customers
    filled = customers.drop("name", "phone", "address").join(masked, on="customer_number", how="left")
    return made, replace(book, books=replace(book.books, customers=filled.select(customers.columns)))


_MASKED = "name,phone,address"
REGISTER = Kind("plan_register", gettext_noop("分配登记表"), Right.EXPORT, _build_register)
CHANGES = Kind("plan_changes", gettext_noop("更改对照表"), Right.EXPORT, _build_changes)
