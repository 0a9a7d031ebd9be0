"""The rule desk: a draft begun, changed number by number beside its source, tried, submitted, decided by another (N-09).

In: what a clerk types. Out: a draft; by a second person an adopted version with its day. Never: a number in force changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tuogu.core.plan import DEFAULT_EFFORT
from tuogu.core.rulebook import Problem, Rulebook, RulebookProblems
from tuogu.core.rulebook_changes import changes
from tuogu.core.rulebook_entry import EntryError, entry_of, read_entry
from tuogu.core.rulebook_words import allowed, citation, remarks, shown
from tuogu.core.strategies import STRATEGIES
from tuogu.jobs import actions as work
from tuogu.jobs import queries as jobs
from tuogu.org import queries as org
from tuogu.rules import actions
from tuogu.rules import drafts as rules
from tuogu.rules.failures import RulesError
from tuogu.web.paging import day_of
from tuogu.web.rules.rows import change_row
from tuogu.web.viewer import ViewerRequest

_REHEARSALS = 3  # of one draft, newest first
_SEED = 7


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """Every draft, newest first."""
    found = rules.drafts()
    people = {person for d in found for person in (d.made_by, d.decided_by) if person}
    return render(request, "rules/drafts.html", {"drafts": found, "names": org.names(people)})


@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: ViewerRequest) -> HttpResponse:
    """A new draft: its version, its day, the paper that orders it."""
    viewer, given, refusal = request.viewer, request.POST, ""
    if request.method == "POST":
        day = day_of(given.get("effective_date", ""))
        if day is None:
            refusal = _("请填写生效日；没有起草。")
        else:
            try:
                draft = actions.begin(
                    version=given.get("version", ""), effective_date=day, source=given.get("source", ""),
                    reason=given.get("reason", ""), by=viewer.person, at=viewer.now,
                )  # fmt: skip
                return redirect("rules:draft", draft)
            except RulesError as refused:
                refusal = str(refused)
    tomorrow = viewer.today + timedelta(days=1)
    context = {
        "given": given,
        "refusal": refusal,
        "tomorrow": tomorrow,
        "in_force": viewer.rulebook.version,
    }
    return render(request, "rules/begin.html", context, status=409 if refusal else 200)


@require_safe
def draft(request: ViewerRequest, draft_id: int) -> HttpResponse:
    """One draft: what it changes, what is wrong with it, who decides."""
    found = _found(draft_id)
    base, book, wrong = rules.draft_book(draft_id)
    rehearsals = [
        job for job in jobs.jobs(request.viewer.person, kind="rehearsal")
        if job.arguments["draft"] == draft_id
    ][:_REHEARSALS]  # fmt: skip
    context = {
        "rehearsals": rehearsals, "strategies": [(s.name, s.label) for s in STRATEGIES.values()],
        "draft": found, "base": base, "problems": [_said(base, problem) for problem in wrong],
        "rows": _rows(found, base, book), "own": found.made_by == request.viewer.person,
        "names": org.names({p for p in (found.made_by, found.decided_by) if p}), "today": request.viewer.today,
    }  # fmt: skip
    return render(request, "rules/draft.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: ViewerRequest, draft_id: int, key: str) -> HttpResponse:
    """One number: what it is, where it comes from, what it may be; POST gives it a new value or leaves it as it was."""
    found, viewer, refusal = _found(draft_id), request.viewer, ""
    base, _book, _wrong = rules.draft_book(draft_id)
    parameter = base.parameters.get(key)
    if parameter is None:
        raise Http404
    if request.method == "POST":
        try:
            if request.POST.get("keep"):
                actions.take_back(draft_id, key=key, by=viewer.person)
            else:
                value = read_entry(parameter, request.POST.get("value", ""))
                actions.change(
                    draft_id, key=key, value=value, note=request.POST.get("note", ""), by=viewer.person
                )
            return redirect("rules:draft", draft_id)
        except (EntryError, RulesError) as refused:
            refusal = str(refused)
        except RulebookProblems as refused:
            refusal = _("；").join(f"{problem.wrong}" for problem in refused.problems)
    changed = found.changes.get(key)
    context = {
        "draft": found, "parameter": parameter, "value": shown(parameter), "cited": citation(parameter.source),
        "words": remarks(parameter), "allowed": allowed(parameter.form) if parameter.form else "",
        "entry": entry_of(_with(parameter, changed)), "note": changed[1] if changed else "",
        "given": request.POST, "changed": changed is not None, "refusal": refusal,
    }  # fmt: skip
    return render(request, "rules/change.html", context, status=409 if refusal else 200)


@require_POST
def rehearse(request: ViewerRequest, draft_id: int) -> HttpResponse:
    """Ask what the draft would change: two plans on the same books, nothing written."""
    found, viewer, day = _found(draft_id), request.viewer, day_of(request.POST.get("as_of", ""))
    strategy = request.POST.get("strategy", "")
    if day is None or strategy not in STRATEGIES:
        messages.error(request, _("请选择分配方式和基准日；没有试算。"))
        return redirect("rules:draft", draft_id)
    wish = {
        "draft": draft_id, "as_of": day.isoformat(), "strategy": strategy, "options": {}, "seed": _SEED,
        "effort": DEFAULT_EFFORT,
    }  # fmt: skip
    title = _("试算制度 %(version)s") % {"version": found.version}
    work.ask(kind="rehearsal", title=title, arguments=wish, by=viewer.person, at=viewer.now)
    return redirect("rules:draft", draft_id)


@require_POST
def submit(request: ViewerRequest, draft_id: int) -> HttpResponse:
    """Hand it over for approval."""
    said = _("草案已提交；由另一位有权的人审批，批准前可以撤回。")
    return _act(request, draft_id, lambda: actions.submit(draft_id, by=request.viewer.person), said)


@require_POST
def withdraw(request: ViewerRequest, draft_id: int) -> HttpResponse:
    """Give up one's own draft."""
    viewer, said = request.viewer, _("草案已撤回；现行制度没有变化。")
    return _act(request, draft_id, lambda: actions.withdraw(draft_id, by=viewer.person, at=viewer.now), said)


@require_POST
def decide(request: ViewerRequest, draft_id: int) -> HttpResponse:
    """Approve or send back somebody else's draft."""
    viewer, note = request.viewer, request.POST.get("note", "")
    found = _found(draft_id)
    if request.POST.get("decision") == "approve":
        said = _(
            "制度 %(version)s 已批准，自 %(day)s 起实施；此前编制的方案按原版本复算。要改回来，另起草一个版本。"
        )
        told = said % {"version": found.version, "day": found.effective_date}
        return _act(
            request,
            draft_id,
            lambda: actions.approve(draft_id, by=viewer.person, at=viewer.now, note=note),
            told,
        )
    said = _("草案已退回；现行制度没有变化。")
    return _act(
        request, draft_id, lambda: actions.decline(draft_id, by=viewer.person, at=viewer.now, note=note), said
    )


def _act(request: ViewerRequest, draft_id: int, act: Callable[[], Any], said: str) -> HttpResponse:
    _found(draft_id)
    try:
        act()
        messages.success(request, said)
    except RulesError as refused:
        messages.error(request, str(refused))
    except RulebookProblems as refused:
        for problem in refused.problems:
            messages.error(request, str(problem))
    return redirect("rules:draft", draft_id)


def _found(draft_id: int) -> rules.Draft:
    found = rules.draft(draft_id)
    if found is None:
        raise Http404
    return found


def _with(parameter: Any, changed: tuple[Any, str] | None) -> Any:
    return parameter if changed is None else replace(parameter, value=changed[0])


def _said(base: Rulebook, problem: Problem) -> dict[str, str]:
    parameter = base.parameters.get(problem.key)
    return {"title": parameter.title if parameter else problem.key, "key": problem.key, "wrong": str(problem)}


def _rows(found: rules.Draft, base: Rulebook, book: Rulebook | None) -> list[dict[str, Any]]:
    """Each changed number old → new with its source; of a draft with faults, as it was typed."""
    whole = book or Rulebook(
        base.name, found.version, found.effective_date,
        base.parameters | {
            key: replace(base.parameters[key], value=value) for key, (value, _note) in found.changes.items()
        },
    )  # fmt: skip
    notes = {key: note for key, (_value, note) in found.changes.items()}
    origin = {key: citation(base.parameters[key].source) for key in found.changes}
    return [
        {"row": change_row(c), "note": notes.get(c.key, ""), "cited": origin[c.key]}
        for c in changes(base, whole)
    ]
