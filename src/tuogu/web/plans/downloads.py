"""Registers of a plan as workbooks: the allocation register with the monthly list, and the register of changes.

In: a plan within scope. Out: an xlsx with customers masked, counted in the access log. Never: personal data that did not
come through the choke point; a file left behind on the server.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.accesslog import actions as accesslog
from tuogu.core.strategies import TERRITORY
from tuogu.core.tables import Book, Plan
from tuogu.files.registers import write_change_register, write_registers
from tuogu.files.strategy_register import write_strategy_register
from tuogu.plans import queries as plans
from tuogu.web import personal
from tuogu.web.plans.visible import head_or_404
from tuogu.web.viewer import ViewerRequest

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def register(request: ViewerRequest, plan: int) -> HttpResponse:
    """The allocation register, the monthly due list of every manager, and the lists that go with them."""
    viewer = request.viewer
    head = head_or_404(viewer, plan)
    if head.strategy != TERRITORY.name:
        return _of_strategy(request, head)
    made, book = _with_customers(*plans.load_plan(plan))
    changes = plans.change_register(plan, viewer.scope, on=viewer.today)
    names = plans.manager_names(plan, viewer.scope)

    def write(path: Path) -> None:
        write_registers(
            made, book, plans.rulebook_by_plan(plan), path, names=names, masked=False, changes=changes.rows,
            state=head.said, not_released=changes.not_released,
        )  # fmt: skip

    return _sent(
        request,
        write,
        _("登记表-方案%(plan)s") % {"plan": plan},
        f"plan {plan} register",
        made.assignments.height,
    )


def _of_strategy(request: ViewerRequest, head: plans.PlanHead) -> HttpResponse:
    """The list, what was left, and every table of a plan without territories."""
    made, _book = plans.load_plan(head.id)

    def write(path: Path) -> None:
        write_strategy_register(
            made, path, names=plans.receiver_names(), data_date=head.data_date.isoformat(), state=head.said
        )

    name = _("预分登记表-方案%(plan)s") % {"plan": head.id}
    return _sent(request, write, name, f"plan {head.id} register", made.placements.height)


@require_safe
def changes(request: ViewerRequest, plan: int) -> HttpResponse:
    """The register of changes: one row a policy that a release would move now."""
    viewer = request.viewer
    head_or_404(viewer, plan)
    found = plans.change_register(plan, viewer.scope, on=viewer.today)
    made, book = _with_customers(*plans.load_plan(plan))
    names = plans.manager_names(plan, viewer.scope)

    def write(path: Path) -> None:
        write_change_register(
            made, book, plans.rulebook_by_plan(plan), path, names=names, changes=found.rows, masked=False,
            not_released=found.not_released,
        )  # fmt: skip

    return _sent(
        request, write, _("更改对照-方案%(plan)s") % {"plan": plan}, f"plan {plan} changes", found.rows.height
    )


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


def _sent(
    request: ViewerRequest, write: Callable[[Path], None], name: str, subject: str, rows: int
) -> HttpResponse:
    viewer = request.viewer
    with tempfile.TemporaryDirectory(prefix="tuogu-register-") as folder:
        path = Path(folder) / "register.xlsx"
        write(path)
        content = path.read_bytes()
    accesslog.record_export(by=viewer.person, subject=subject, rows=rows, at=viewer.now, fields="masked")
    response = HttpResponse(content, content_type=XLSX)
    response.headers["Content-Disposition"] = str(
        content_disposition_header(as_attachment=True, filename=f"{name}.xlsx")
    )
    return response
