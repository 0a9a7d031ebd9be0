"""Saved views: their page, saving one, changing one; and the columns that a person ticks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.lists import actions
from tuogu.lists import queries as lists
from tuogu.web.lists.tools import address_of
from tuogu.web.paging import fitting, id_of
from tuogu.web.viewer import ViewerRequest

_NO_CONTENT = 204


def list_words() -> dict[str, str]:
    """What the lists are called."""
    return {"policies": _("保单"), "customers": _("客户"), "entries": _("台账记录")}


@require_safe
def kept(request: ViewerRequest, list_name: str) -> HttpResponse:
    """The views of one list: rename, order, share, delete, and in which one it opens."""
    known = _known(list_name)
    views = lists.views_of(request.viewer.person, list_name, request.viewer.today)
    context = {
        "list_name": list_name,
        "word": list_words()[list_name],
        "list_url": reverse(known.url_name),
        "views": [(view, address_of(view)) for view in views],
        "opens": lists.default_view(request.viewer.person, list_name),
    }
    return render(request, "lists/views.html", context)


@require_POST
def save(request: ViewerRequest, list_name: str) -> HttpResponse:
    """Keep the address and the columns of the page under a name."""
    known, viewer, post = _known(list_name), request.viewer, request.POST
    query = post.get("query", "")
    try:
        view = actions.save_view(
            list_name, post.get("name", ""), query, post.getlist("column"), by=viewer.person, at=viewer.now
        )
        if post.get("share"):
            actions.share_view(view, by=viewer.person, at=viewer.now)
        if post.get("default"):
            actions.open_with(list_name, view, by=viewer.person, at=viewer.now)
    except actions.ListRefused as refused:
        messages.error(request, str(refused))
        return redirect(fitting(f"{reverse(known.url_name)}?{query.lstrip('?')}"))
    messages.success(request, _("已存为视图；在“管理视图”里可以改名、共享或删除。"))
    found = lists.visible_view(viewer.person, list_name, view, viewer.today)
    return redirect(address_of(found) if found else known.url_name)


@require_POST
def act(request: ViewerRequest, view: int) -> HttpResponse:
    """Rename, move, share, keep private or delete an own view."""
    viewer, post = request.viewer, request.POST
    signed: dict[str, Any] = {"by": viewer.person, "at": viewer.now}
    acts: dict[str, Callable[[], object]] = {
        "rename": lambda: actions.rename_view(view, post.get("name", ""), **signed),
        "earlier": lambda: actions.move_view(view, earlier=True, by=viewer.person),
        "later": lambda: actions.move_view(view, earlier=False, by=viewer.person),
        "share": lambda: actions.share_view(view, **signed),
        "private": lambda: actions.keep_private(view, **signed),
        "delete": lambda: actions.drop_view(view, by=viewer.person),
    }
    wanted, list_name = post.get("act", ""), post.get("list", "")
    if wanted not in acts or list_name not in lists.LISTS:
        raise Http404
    try:
        acts[wanted]()
    except actions.ListRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _said(wanted))
    return redirect("lists:views", list_name=list_name)


@require_POST
def default(request: ViewerRequest, list_name: str) -> HttpResponse:
    """In which view the list opens; without one, as for everybody."""
    _known(list_name)
    try:
        actions.open_with(
            list_name, id_of(request.POST.get("view", "")), by=request.viewer.person, at=request.viewer.now
        )
    except actions.ListRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("已记下打开清单时的视图；随时可以再改。"))
    return redirect("lists:views", list_name=list_name)


@require_POST
def columns(request: ViewerRequest, list_name: str) -> HttpResponse:
    """The columns as ticked. Asked by the page itself nothing changes there; by a form, back to the list."""
    known, post, viewer = _known(list_name), request.POST, request.viewer
    signed: dict[str, Any] = {"by": viewer.person}
    try:
        if post.get("usual"):
            actions.forget_columns(list_name, **signed)
        else:
            actions.choose_columns(
                list_name,
                post.getlist("column"),
                view_id=id_of(post.get("saved", "")),
                at=viewer.now,
                **signed,
            )
    except actions.ListRefused as refused:
        messages.error(request, str(refused))
        return HttpResponse(status=409) if request.headers.get("HX-Request") else redirect(known.url_name)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=_NO_CONTENT)
    return redirect(fitting(f"{reverse(known.url_name)}?{post.get('query', '').lstrip('?')}"))


def _said(act: str) -> str:
    return {
        "rename": _("已改名。"),
        "earlier": _("已前移。"),
        "later": _("已后移。"),
        "share": _("已共享：本机构及下级的人员能看到这个视图，行仍按各人的范围。点“不再共享”可收回。"),
        "private": _("已不再共享。"),
        "delete": _("已删除；需要时可在清单上重新存。"),
    }[act]


def _known(list_name: str) -> lists.KnownList:
    known = lists.LISTS.get(list_name)
    if known is None:
        raise Http404
    return known
