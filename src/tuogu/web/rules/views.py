"""`/rules/`: the numbers in force, the versions, what differs between two of them."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.core.rulebook_changes import changes
from tuogu.rules import drafts as rules
from tuogu.web.paging import filter_chips
from tuogu.web.parts import View
from tuogu.web.rules.books import Shelf, shelf
from tuogu.web.rules.rows import PARTS, change_row, document_of, rows_of
from tuogu.web.viewer import ViewerRequest


@require_safe
def parameters(request: ViewerRequest) -> HttpResponse:
    """Every parameter of a book, by part: value, requirement, source, since when."""
    query, books = request.GET, shelf(request.viewer.today)
    book = books.named(query.get("version", ""))
    part = query.get("part", "") if query.get("part") in PARTS else ""
    words = query.get("q", "").strip()
    context = {
        "book": book,
        "in_force": book == books.now,
        "drafting": _drafting(request),
        "rows": rows_of(book, books.since(book), part, words),
        "part": part,
        "document": document_of(part) if part else "",
        "tabs": _tabs(part, {name: query[name] for name in ("version", "q") if query.get(name)}),
        "versions": _choices(books),
        "chips": filter_chips(query, {"version": _("版本"), "q": _("查找")}, {}, kept=("part",)),
        "clear_url": f"{reverse('rules:list')}?{urlencode({'part': part} if part else {})}",
    }
    return render(request, "rules/list.html", context)


@require_safe
def versions(request: ViewerRequest) -> HttpResponse:
    """Every version with its dates, who adopted it, and how much it changed."""
    return render(request, "rules/versions.html", {"versions": shelf(request.viewer.today).versions()})


@require_safe
def compare(request: ViewerRequest) -> HttpResponse:
    """What differs between two versions; without words of the address: the last two."""
    query, books = request.GET, shelf(request.viewer.today)
    last = [book.rulebook for book in books.books][-2:]
    old = books.named(query.get("old") or last[0].version)
    new = books.named(query.get("new") or last[-1].version)
    context = {
        "old": old, "new": new, "versions": _choices(books),
        "rows": [change_row(change) for change in changes(old, new)],
    }  # fmt: skip
    return render(request, "rules/compare.html", context)


def _drafting(request: ViewerRequest) -> list[rules.Draft]:
    """The viewer's own open drafts: a number on this page can go into one."""
    if not request.viewer.may("rules:change", "POST"):
        return []
    return [
        draft for draft in rules.drafts(open_only=True)
        if draft.state == "open" and draft.made_by == request.viewer.person
    ]  # fmt: skip


def _tabs(part: str, kept: dict[str, str]) -> list[View]:
    names = {"": _("全部"), **PARTS}
    return [
        View(str(name), "?" + urlencode({**({"part": code} if code else {}), **kept}), current=code == part)
        for code, name in names.items()
    ]


def _choices(books: Shelf) -> list[tuple[str, str]]:
    """(version, version with its day), newest first."""
    return [
        (book.rulebook.version, f"{book.rulebook.version} · {book.rulebook.effective_date}")
        for book in books.books[::-1]
    ]
