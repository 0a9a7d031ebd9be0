"""The facts that plans read: one line a fact with its source and author, and what one fact was corrected from.

Filters, in the address:

subject    a staff number or a department's code
month      2026-10
key        an indicator of core.facts
versions   1 = also those that were corrected since

Nothing is filed here: facts come with a workbook, so that each has its row in a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.core.facts import FACT_KEYS
from tuogu.org import queries as org
from tuogu.plans import queries as plans
from tuogu.plans.queries import FactFilter, FactLine
from tuogu.web.paging import day_of, filter_chips, first_of, numbered
from tuogu.web.parts import Chip, Moment, View
from tuogu.web.templatetags.tuogu import moment
from tuogu.web.viewer import ViewerRequest

_ROWS_A_PAGE = 40
_VERSIONS_SHOWN = 200  # of one fact: nobody corrects a figure as often
_FILTERS = ("subject", "month", "key", "versions")


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """One page of facts, newest months first."""
    query, first, url = request.GET, first_of(request.GET), reverse("facts:list")
    page = plans.facts_page(request.viewer.scope, wanted_of(query), first=first, size=_ROWS_A_PAGE)
    context = {
        "lines": page.lines,
        "total": page.total,
        "names": _names(page.lines),
        "tabs": _tabs(query, url),
        "indicators": [(fact.key, _(fact.label)) for fact in FACT_KEYS.values()],
        "chips": _chips(query),
        "filtered": any(query.get(name) for name in _FILTERS),
        "clear_url": url,
        "pager": numbered(url, query, first, _ROWS_A_PAGE, page.total),
    }
    return render(request, "facts/list.html", context)


@require_safe
def history(request: ViewerRequest) -> HttpResponse:
    """Every version of one fact, the newest first; 404 for none, or one out of scope."""
    query = request.GET
    wanted = FactFilter(query.get("subject", ""), _month(query.get("month", "")), query.get("key", ""), True)
    if not (wanted.subject and wanted.month and wanted.key):
        raise Http404
    lines = plans.facts_page(request.viewer.scope, wanted, size=_VERSIONS_SHOWN).lines
    if not lines:
        raise Http404
    people = _people(lines)
    context = {
        "line": lines[0],
        "lines": lines,
        "who": _names(lines).get(lines[0].subject, ""),
        "people": people,
        "moments": [_moment(line, people) for line in lines],
    }
    return render(request, "facts/history.html", context)


def wanted_of(query: Mapping[str, str]) -> FactFilter:
    """The filter of the address."""
    return FactFilter(
        subject=query.get("subject", "").strip(),
        month=_month(query.get("month", "")),
        key=query.get("key", ""),
        versions=query.get("versions") == "1",
    )


def _month(text: str) -> date | None:
    return day_of(f"{text.strip()}-01")


def _names(lines: Iterable[FactLine]) -> dict[str, str]:
    """Names of the people and departments of the lines, by the word that facts have for them."""
    words = {line.subject for line in lines}
    ids = dict(org.staff_ids(sorted(words)).select("staff_number", "custodian_id").iter_rows())
    known = org.names(ids.values())
    people = {number: known.get(person) or "" for number, person in ids.items()}
    return org.institution_names(words) | people


def _people(lines: Iterable[FactLine]) -> dict[str, str]:
    """Names of who gave and filed the facts, by the label that the lines have for them."""
    labels = {label for line in lines for label in (line.author, line.filed_by) if label}
    ids = dict(org.staff_ids(sorted(labels)).select("staff_number", "custodian_id").iter_rows())
    known = org.names(ids.values())
    return {label: known.get(ids[label]) or label if label in ids else label for label in labels}


def _tabs(query: Mapping[str, str], url: str) -> list[View]:
    kept = {name: query[name] for name in _FILTERS if name != "versions" and query.get(name)}
    every = query.get("versions") == "1"

    def at(**more: str) -> str:
        given = kept | more
        return f"{url}?{urlencode(given)}" if given else url

    return [
        View(_("现行数值"), at(), None, not every),
        View(_("连同更正前的"), at(versions="1"), None, every),
    ]


def _chips(query: Mapping[str, str]) -> list[Chip]:
    names = {"subject": _("对象"), "month": _("月份"), "key": _("指标")}
    words = {"key": {fact.key: _(fact.label) for fact in FACT_KEYS.values()}}
    return filter_chips(query, names, words, kept=("versions",))


def _moment(line: FactLine, people: Mapping[str, str]) -> Moment:
    said = _("来源：%(source)s") % {"source": line.source_ref}
    if line.author:
        said += _("；登记人 %(who)s") % {"who": people[line.author]}
    filed = _("%(when)s 由 %(who)s 入库") % {"when": moment(line.filed_at), "who": people[line.filed_by]}
    first = line.number == 1
    return Moment(
        head=line.figure, tag=_("现行") if line.counts else "", when=filed, text=said,
        mark=_("首次登记") if first else _("第 %(n)s 次更正") % {"n": line.number - 1},
        current=line.counts, replaced=not line.counts, tone="good",
    )  # fmt: skip
