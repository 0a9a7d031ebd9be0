"""One policy: its record, why it is with whom it is, who held it on a day, and a clear look with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu import clock
from tuogu.accesslog import queries as seen
from tuogu.accesslog.failures import RevealRefused
from tuogu.books import queries as books
from tuogu.books.people import ShownCustomer
from tuogu.core.explain import ExplanationError
from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import EntryKind, Relation
from tuogu.org import queries as org
from tuogu.org.rights import Right
from tuogu.plans import queries as plans
from tuogu.plans.archive import ArchiveBroken
from tuogu.web import personal
from tuogu.web.ledger.turns import moments
from tuogu.web.lists.tools import beside_links, list_url, trailed
from tuogu.web.paging import day_of
from tuogu.web.policies.lists import DEFAULT_SORT, LIST
from tuogu.web.policies.reading import wanted_of
from tuogu.web.viewer import ViewerRequest

_FIELDS = ("phone", "id_number", "address", "name")  # what may be asked for in clear
_LOOKS = 6


@never_cache
@require_safe
def record(request: ViewerRequest, number: str) -> HttpResponse:
    """Everything known of one policy; opening it is noted."""
    found, viewer = _record_or_404(request, number), request.viewer
    personal.opened(viewer, subject_kind="policy", subject=number)
    return render(request, "policies/record.html", _context(request, found))


@never_cache
@require_POST
def reveal(request: ViewerRequest, number: str) -> HttpResponse:
    """One customer's field in clear, for this answer only: the reason is written down and the look is counted."""
    found, viewer = _record_or_404(request, number), request.viewer
    listed, who = found.listed, request.POST.get("who", "")
    field = request.POST.get("field", "")
    if who not in (listed.holder_number, listed.insured_number) or field not in (*_FIELDS, "all"):
        raise Http404
    customers, refusal = personal.masked(found.people), ""
    fields = _FIELDS if field == "all" else (field,)
    try:
        clear = personal.revealed(
            viewer, who, policy=number, fields=",".join(fields), reason=request.POST.get("reason", "")
        )
        customers[who] = _uncovered(customers[who], clear, fields)
    except RevealRefused as refused:
        refusal = str(refused)
    context = _people(request, found, customers) | {"refusal": refusal, "clear": "" if refusal else who}
    return render(request, "policies/_people.html", context)


@require_safe
def why(request: ViewerRequest, number: str) -> HttpResponse:
    """Why it is with whom it is; with `again`, derived anew from the stored inputs of the plan."""
    viewer, again = request.viewer, bool(request.GET.get("again"))
    found = books.policy_reasons(viewer.scope, number, as_of=viewer.today)
    if found is None:
        raise Http404
    turns = _turns(found.subjects)
    heads = {relation: _head(rows) for relation, rows in turns.items()}
    current = heads.get(Relation.CUSTODY)
    ask, failure, explained = plans.derived_again if again else plans.why, "", None
    try:
        explained = ask(number, head_batch=current.batch_id if current else None)
    except (ExplanationError, ArchiveBroken) as broken:
        failure = str(broken)
    beside = _beside(found, number, heads)
    if not viewer.can(Right.READ_BOOKS):  # what is planned for others is not told before its release (S0-23)
        explained = explained if explained and explained.released else None
        beside = [line for line in beside if line.why.released]
    context = {
        "number": number,
        "reasons": found.reasons,
        "why": explained,
        "beside": [(relation_words()[line.relation], line.why) for line in beside],
        "current": current,
        "again": again,
        "failure": failure,
        **_named(explained, current),
    }
    return render(request, "policies/_why.html", context)


@require_safe
def beside(request: ViewerRequest, number: str) -> HttpResponse:
    """Previous and next in the list that the record was opened from, asked for after the page stands."""
    viewer, query = request.viewer, trailed(request)
    if query is None or not viewer.may("policies:list"):
        raise Http404
    found = books.policies_beside(
        viewer.scope,
        wanted_of(request, query),
        number,
        as_of=viewer.today,
        sort=query.get("sort") or DEFAULT_SORT,
    )
    if found is None:
        raise Http404
    context = beside_links("policies:record", found, query)
    return render(request, "lists/_beside.html", context)


@require_safe
def held(request: ViewerRequest, number: str) -> HttpResponse:
    """Who was responsible on day `on`, as known on day `known` (N-01)."""
    subject = books.visible_subject(request.viewer.scope, number)
    if subject is None:
        raise Http404
    on, known = day_of(request.GET.get("on", "")), day_of(request.GET.get("known", ""))
    if on is None:
        return render(request, "policies/_held.html", {"on": None})
    now_known = ledger.custodian_on(subject, Relation.CUSTODY, on)
    then = (
        now_known
        if known is None
        else ledger.custodian_on(subject, Relation.CUSTODY, on, clock.day_end(known))
    )
    duty = org.duty_person(then, on) if then and org.is_pool(then) else None
    called = org.known_as([now_known, then, duty])
    context = {
        "on": on,
        "known": known,
        "then": called.get(then or 0),
        "now": called.get(now_known or 0),
        "same": then == now_known,
        "duty": called.get(duty or 0),
    }
    return render(request, "policies/_held.html", context)


def _turns(subjects: Mapping[str, int]) -> dict[str, list[ledger.Turn]]:
    """The history of each relation of a policy: a query for the policy, one for its holder if a plan spoke of him."""
    known = {subject: ledger.turns_of(subject) for subject in set(subjects.values())}
    return {name: known[subject][name] for name, subject in subjects.items() if name in known[subject]}


def _head(turns: Sequence[ledger.Turn]) -> ledger.Assignment | None:
    return next((turn.assignment for turn in turns if turn.assignment.effective_until is None), None)


def _beside(
    found: books.PolicyReasons, number: str, heads: Mapping[str, ledger.Assignment | None]
) -> list[plans.BesideWhy]:
    """The plans behind supervision of the policy and development of its holder."""
    numbers = {Relation.SUPERVISION.value: number, Relation.DEVELOPMENT.value: found.holder_number}
    batches = {relation: head.batch_id if head else None for relation, head in heads.items()}
    return plans.beside(numbers, head_batches=batches)


def relation_words() -> dict[str, str]:
    """Words for the relations of a policy, the last being its holder's."""
    return {
        Relation.CUSTODY.value: _("责任"),
        Relation.OWNERSHIP.value: _("归属"),
        Relation.SUPERVISION.value: _("督导"),
        Relation.DEVELOPMENT.value: _("投保人开发权"),
    }


def _named(explained: plans.Why | None, current: ledger.Assignment | None) -> dict[str, Any]:
    """Names of the candidates by staff number, and of who holds it now."""
    numbers = [c.staff_number for c in explained.explanation.candidates] if explained else []
    ids = dict(org.staff_ids(numbers).select("staff_number", "custodian_id").iter_rows()) if numbers else {}
    holder = current.new_custodian_id if current else None
    called = org.known_as([*ids.values(), holder])
    return {
        "names": {number: called[i].name for number, i in ids.items()},
        "holder": called[holder].name if holder is not None else "",
    }


def _record_or_404(request: ViewerRequest, number: str) -> books.PolicyRecord:
    found = books.policy_record(request.viewer.scope, number, as_of=request.viewer.today)
    if found is None:
        raise Http404
    return found


def _context(request: ViewerRequest, found: books.PolicyRecord) -> dict[str, Any]:
    listed = found.listed
    customers = personal.masked(found.people)
    histories = _turns(found.subjects)
    turns = histories.get(Relation.CUSTODY, [])
    looks = seen.who_looked("policy", listed.number, limit=_LOOKS)
    ids = {row.custodian_id for row in found.family} | {h.custodian_id for h in found.relations.values()}
    ids |= {
        i
        for turn in turns
        for i in (turn.assignment.new_custodian_id, turn.assignment.by, turn.assignment.approved_by)
    }
    ids |= {look.person for look in looks}
    called = org.known_as(ids)
    names = {i: known.name for i, known in called.items()}
    return _people(request, found, customers) | {
        "holder": customers.get(listed.holder_number),
        "in_list": request.GET.get("in", "") if request.viewer.may("policies:list") else "",
        "list_url": list_url(LIST, trailed(request) or QueryDict()),
        "due_in": (listed.next_due_date - request.viewer.today).days if listed.next_due_date else None,
        "unit": plans.unit_codes([listed.subject_id]).get(listed.subject_id, ""),
        "family": [_kin(row, customers, found) for row in found.family],
        "family_premium_fen": sum(row.yearly_premium_fen for row in found.family),
        "relations": _relations(found, histories, called),
        "moments": moments(turns, names),
        "looks": looks,
        "names": names,
        "institution": org.institution_names([listed.institution_code]).get(listed.institution_code or "", ""),
    }  # fmt: skip


def _people(
    request: ViewerRequest, found: books.PolicyRecord, customers: dict[str, ShownCustomer]
) -> dict[str, Any]:
    """What the part of the record about people needs, masked or uncovered."""
    listed = found.listed
    return {
        "policy": listed,
        "contract": found.contract,
        "riders": found.riders,
        "reasons": found.reasons,
        "holder": customers.get(listed.holder_number),
        "insured": customers.get(listed.insured_number or ""),
        "insured_is_holder": listed.insured_number in (None, listed.holder_number),
        "fields": [
            ("phone", _("手机")),
            ("address", _("地址")),
            ("id_number", _("证件号")),
            ("all", _("全部")),
        ],
    }


def _uncovered(masked: ShownCustomer, clear: ShownCustomer, fields: tuple[str, ...]) -> ShownCustomer:
    return replace(masked, **{field: getattr(clear, field) for field in fields})


def _kin(
    row: books.ListedRow, customers: dict[str, ShownCustomer], found: books.PolicyRecord
) -> dict[str, Any]:
    return {
        "policy": row,
        "holder": customers.get(row.holder_number),
        "insured": customers.get(row.insured_number or row.holder_number),
        "sum_insured_fen": found.sums_insured_fen.get(row.number),
        "this": row.number == found.listed.number,
    }


def _relations(
    found: books.PolicyRecord, histories: Mapping[str, Sequence[ledger.Turn]], called: dict[int, org.KnownAs]
) -> list[dict[str, Any]]:
    """Each relation that there is: who holds it now, since when, by which act. Nobody: it ended."""
    words, ended = relation_words(), org.KnownAs(_("无（已终止）"), "")
    lines = []
    for name, holder in found.relations.items():
        acts = {turn.assignment.id: turn.assignment for turn in histories.get(name, ())}
        act = acts.get(holder.entry_id)
        lines.append(
            {
                "word": words[name],
                "who": called.get(holder.custodian_id or 0, ended),
                "since": holder.since_date,
                "kind": _(str(EntryKind(act.kind).label)) if act else "",
                "rule": act.rule if act else "",
            }
        )
    return lines
