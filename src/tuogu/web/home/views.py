"""Today's page: a board for desks, the phone's list for who works at customers' doors."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tuogu.books import queries as books
from tuogu.org import queries as org
from tuogu.plans import queries as plans
from tuogu.web.home.blocks import Ground, blocks
from tuogu.web.home.boards import layout_of
from tuogu.web.home.figures import figures
from tuogu.web.home.todo import DAYS_AHEAD, todos
from tuogu.web.viewer import ViewerRequest


@require_safe
def home(request: ViewerRequest) -> HttpResponse:
    """The board of the viewer's post."""
    viewer = request.viewer
    if viewer.only_phone:
        asked = request.GET.urlencode()  # such as ?theme=dark
        return redirect(reverse("phone:today") + (f"?{asked}" if asked else ""))
    layout, duties = layout_of(viewer.roles), org.pool_duties(viewer.today)
    stock = books.stock(viewer.scope, duties[0].pool)
    newest, data_date = books.newest_import()
    loads = plans.month_loads(viewer.scope, viewer.today)
    attention = plans.Attention()
    if "todo" in layout.wide and viewer.may("plans:list"):
        attention = plans.attention(viewer.scope, viewer.today, days_ahead=DAYS_AHEAD)
    ground = Ground(viewer, loads, books.without_custodian(), duties, attention.approved)
    context = {
        "layout": layout,
        "figures": figures(ground, stock),
        "todos": todos(ground, stock, attention, newest) if "todo" in layout.wide else [],
        "newest_import": newest,
        "data_date": data_date,
        "attention": attention,
    }
    context |= blocks(ground, (*layout.wide, *layout.narrow))
    return render(request, "home/board.html", context)
