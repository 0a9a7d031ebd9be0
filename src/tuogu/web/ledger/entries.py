"""The distribution record (分单记录): entries of the ledger as people look for them, and the history of one policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.books import queries as books
from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import Relation, SubjectKind
from tuogu.ledger.queries import Assignment
from tuogu.org import queries as org
from tuogu.web.ledger.reading import chips_of, kinds, relations, wanted_of
from tuogu.web.ledger.turns import moments, reason_words
from tuogu.web.lists.tools import opens_in_default, saved_views, tabs_with
from tuogu.web.paging import pager_of, size_of
from tuogu.web.parts import View
from tuogu.web.viewer import ViewerRequest

LIST = "entries"


@require_safe
def record(request: ViewerRequest) -> HttpResponse:
    """One page of entries, newest first."""
    if elsewhere := opens_in_default(request, LIST):
        return elsewhere
    query, size = request.GET, size_of(request.GET)
    page = books.assignment_page(
        request.viewer.scope,
        wanted_of(query),
        after=query.get("after"),
        before=query.get("before"),
        size=size,
    )
    context = {
        **shown_entries(page.rows),
        **tabs_of(request, "ledger:entries"),
        "kinds": kinds(),
        "relations": relations(),
        "chips": chips_of(query),
        "clear_url": reverse("ledger:entries"),
        "seal": ledger.seal_state(),
        "page": pager_of(query, shown=len(page.rows), before=page.before, after=page.after),
    }
    return render(request, "ledger/entries.html", context)


@require_safe
def count(request: ViewerRequest) -> HttpResponse:
    """The totals row, asked for after the page stands."""
    found = books.assignment_count(request.viewer.scope, wanted_of(request.GET))
    return render(request, "ledger/_count.html", {"count": found})


@require_safe
def history(request: ViewerRequest, number: str) -> HttpResponse:
    """Every assignment of one policy, by relation; the single lines may be narrowed to one trigger (P-18)."""
    subject = books.visible_subject(request.viewer.scope, number)
    if subject is None:
        raise Http404
    found, kind = ledger.turns_of(subject), request.GET.get("kind", "")
    every = [turn.assignment for turns in found.values() for turn in turns]
    shown = shown_entries(every)
    there = Counter(entry.kind for entry in every)
    context = {
        **shown,
        "number": number,
        "entries": [(entry, reason) for entry, reason in shown["entries"] if kind in ("", entry.kind)],
        "triggers": [View(_("全部"), "?", len(every), current=not kind)]
        + [
            View(word, f"?kind={code}", there[code], current=code == kind)
            for code, word in kinds()
            if there[code]
        ],
        "histories": [
            (_(str(Relation(name).label)), moments(turns, shown["names"])) for name, turns in found.items()
        ],
        "seal": ledger.seal_state(),
    }
    return render(request, "ledger/history.html", context)


def tabs_of(request: ViewerRequest, url_name: str) -> dict[str, Any]:
    """The two lists of the ledger as tabs, and the saved views of the entries beside them."""
    words = {"ledger:entries": _("分单记录"), "ledger:batches": _("批次")}
    built_in = [View(word, f"{reverse(name)}?", current=name == url_name) for name, word in words.items()]
    saved = saved_views(request, LIST)
    return saved | {"tabs": tabs_with(saved["saved_tabs"], built_in)}


def shown_entries(entries: Iterable[Assignment]) -> dict[str, Any]:
    """Entries with the names and words that a table of them needs."""
    rows = list(entries)
    people = {i for e in rows for i in (e.old_custodian_id, e.new_custodian_id, e.by, e.approved_by)}
    return {
        "entries": [(entry, reason_words(entry.reason_code)) for entry in rows],
        "names": {i: known.name for i, known in org.known_as(people).items()},
        "kind_words": dict(kinds()),
        "relation_words": dict(relations()),
        "only_policies": all(entry.subject_kind == SubjectKind.POLICY for entry in rows),
        "holder_heads": _holder_heads({entry.relation for entry in rows}),
    }


def _holder_heads(found: set[str]) -> tuple[str, str]:
    """Headings of who held it before and who holds it now: the word of the one relation on the page, else a word for all."""
    words = {
        Relation.CUSTODY.value: (_("原责任人"), _("新责任人")),
        Relation.OWNERSHIP.value: (_("原归属"), _("新归属")),
        Relation.DEVELOPMENT.value: (_("原开发权"), _("新开发权")),
        Relation.SUPERVISION.value: (_("原督导"), _("新督导")),
    }
    only = next(iter(found)) if len(found) == 1 else ""
    return words.get(only, (_("原持有方"), _("新持有方")))
