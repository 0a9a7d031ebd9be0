"""Cases as a list, as a board by state, and one by one.

In: a viewer, the query string. Out: pages. Never: a case out of scope (404), a customer in clear.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.cases import queries as cases
from tuogu.core.steps import Machine
from tuogu.org import queries as org
from tuogu.web import personal
from tuogu.web.cases.forms import forms_of, handover_words
from tuogu.web.cases.words import (
    TONES,
    kind_words,
    kinds,
    method_words,
    need_words,
    paper_words,
    part_words,
    rooms,
    topics,
)
from tuogu.web.paging import filter_chips, id_of, size_of
from tuogu.web.parts import Moment, View
from tuogu.web.viewer import Viewer, ViewerRequest
from tuogu.work import queries as work

VIEWS = ("mine", "open", "closed", "all")


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """Cases that wait for the viewer first; all within scope by tabs."""
    viewer, query = request.viewer, request.GET
    view = query.get("view", "mine")
    view = view if view in VIEWS else "mine"
    known = kind_words()
    kind = query.get("kind", "") if query.get("kind", "") in known else ""
    states = cases.machine(kind).states if kind else {}
    state = query.get("state", "") if query.get("state", "") in states else ""
    size = size_of(query)
    found = cases.case_page(
        viewer.scope, viewer.person, kind=kind, state=state, view=view, today=viewer.today,
        before=id_of(query.get("before", "")), size=size + 1,
    )  # fmt: skip
    rows = found[:size]
    titles = {"mine": _("待我办"), "open": _("在办"), "closed": _("已办结"), "all": _("全部")}
    words = {"kind": known, "state": {code: _(word) for code, word in states.items()}}
    context = {
        "rooms": rooms(viewer, "list"), "rows": rows, "view": view, "kinds": kinds(), "kind_words": known,
        "states": list(words["state"].items()),
        "views": [View(title, f"?view={name}", None, name == view) for name, title in titles.items()],
        "chips": filter_chips(query, {"kind": _("种类"), "state": _("状态")}, words, ["view"]) if kind or state else [],
        "older": f"?view={view}&kind={kind}&state={state}&before={rows[-1].id}" if len(found) > size else "",
        **shown(rows),
    }  # fmt: skip
    return render(request, "cases/list.html", context)


def shown(rows: list[cases.CaseRow]) -> dict[str, Any]:
    """What lines of cases are shown with."""
    return {
        "customers": personal.masked(row.customer_number for row in rows if row.customer_number),
        "people": org.known_as(i for row in rows for i in (row.former, row.other)),
        "acts": {row.id: part_words(row.parts) for row in rows}, "tones": TONES,
    }  # fmt: skip


@require_safe
def board(request: ViewerRequest) -> HttpResponse:
    """How many cases of each kind stand where, and who must act."""
    viewer = request.viewer
    counted = cases.counts(viewer.scope, viewer.person)
    tables = []
    for code, word in kinds():
        table = cases.machine(code)
        lines = [
            (
                state,
                label,
                counted.get((code, state), 0),
                table.is_closed(state),
                part_words(_next(table, state)),
            )
            for state, label in table.states.items()
        ]
        running = sum(n for _state, _label, n, closed, _acts in lines if not closed)
        tables.append({"kind": code, "label": word, "lines": lines, "open": running})
    overdue = cases.papers_overdue(viewer.scope, viewer.person, viewer.today)
    context = {"rooms": rooms(viewer, "board"), "tables": tables, "overdue": overdue, **shown(overdue)}
    return render(request, "cases/board.html", context)


def _next(table: Machine, state: str) -> list[str]:
    return list(dict.fromkeys(step.by for step in table.allowed(state)))


@require_safe
def record(request: ViewerRequest, case_id: int) -> HttpResponse:
    """One case: what it is about, its history, what the viewer may do now. At doors, the phone's own page."""
    context = case_context(request.viewer, case_id)
    if request.viewer.only_phone:
        return render(request, "phone/case.html", context | {"phone": True})
    return render(request, "cases/record.html", context | {"rooms": rooms(request.viewer, "list")})


def case_or_404(viewer: Viewer, case_id: int) -> cases.CaseRecord:
    """The case; 404 out of scope."""
    try:
        return cases.case_record(viewer.scope, viewer.person, case_id, viewer.today)
    except cases.CaseUnknown:
        raise Http404 from None


def case_context(viewer: Viewer, case_id: int) -> dict[str, Any]:
    """What desk and phone show of a case."""
    found = case_or_404(viewer, case_id)
    row = found.row
    people = org.known_as(
        [row.former, row.other, found.opened_by, *found.holders, *(line.by for line in found.history)]
    )
    numbers = (
        [row.customer_number] if row.customer_number else [customer for _policy, customer in found.lines]
    )
    words, texts = need_words(), personal.case_words(viewer, case_id)
    return {
        "found": found, "row": row, "forms": forms_of(viewer, found), "people": people, "kind_words": kind_words(),
        "customers": personal.masked(numbers), "topic": dict(topics(viewer.rulebook)).get(row.topic, ""),
        "papers": paper_words(), "moments": moments(found, people, words, texts), "tones": TONES,
        "acts": part_words(row.parts), "handover_words": handover_words(), "today": viewer.today,
        "card": cases.card_of(row.customer_number) if row.customer_number else None,
        "open_tasks": _open_tasks(viewer, found),
        "policy_url": reverse("policies:record", args=[row.policy_number]) if row.policy_number else "",
    }  # fmt: skip


def _open_tasks(viewer: Viewer, found: cases.CaseRecord) -> Counter[str]:
    """Of a hand-over: how many tasks are open for each policy under who has it now. They moved with custody (S4-34)."""
    if not found.lines or found.row.other is None:
        return Counter()
    tasks = work.tasks_of(found.row.other, viewer.today, view="all")
    return Counter(task.policy_number for task in tasks if task.policy_number)


def moments(
    found: cases.CaseRecord, people: dict[int, Any], words: dict[str, str], texts: dict[int, dict[str, str]]
) -> list[Moment]:
    """The history, newest first."""
    last = found.history[-1].seq
    return [
        Moment(
            head=_(line.label), tag=_(line.target), when=f"{line.day:%Y-%m-%d}",
            text=_("；").join([*_facts(line), *_said(texts.get(line.seq, {}), words)]),
            mark=people[line.by].name if line.by in people else "", current=line.seq == last,
            tone="bad" if line.facts.get("late") else "",
        )
        for line in reversed(found.history)
    ]  # fmt: skip


def _said(texts: dict[str, str], words: dict[str, str]) -> list[str]:
    return [
        _("%(what)s：%(text)s") % {"what": words.get(need, need), "text": text}
        for need, text in texts.items()
    ]


def _facts(line: cases.StepRow) -> list[str]:
    facts, told = line.facts, []
    if "method" in facts:
        reached = _("已联系上") if facts["reached"] else _("未联系上")
        told.append(_("，").join([method_words().get(facts["method"], facts["method"]), reached]))
    if "paper" in facts:
        told.append(paper_words().get(facts["paper"], facts["paper"]))
    if "due" in facts:
        told.append(_("最迟 %(day)s 提交柜面") % {"day": facts["due"]})
    if "late" in facts:
        told.append(_("逾期") if facts["late"] else _("按期"))
    if "card" in facts:
        told.append(_("卡号 %(n)s") % {"n": f"FW-{facts['card']:07d}"})
    if "digest" in facts:
        told.append(_("签名对应的清单摘要 %(mark)s") % {"mark": facts["digest"][:12]})
    if line.batch is not None:
        told.append(_("台账批次 %(n)s") % {"n": line.batch})
    return told
