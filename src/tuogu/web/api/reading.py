"""The pulls: within the key's scope, by cursor. In: a mark to go on from. Out: a page and the next mark.

Never: a count wider than the scope, personal data but by the choke point, more queries for more rows.
"""

from __future__ import annotations

from typing import Annotated, Any

from django.http import Http404, HttpResponse
from ninja import Query

from tuogu import clock
from tuogu.books import queries as books
from tuogu.integration import actions as integration
from tuogu.integration import queries as machines
from tuogu.ledger import queries as ledger
from tuogu.notices import queries as notices
from tuogu.org import queries as org
from tuogu.plans import queries as plans
from tuogu.rules import queries as rules
from tuogu.web import personal
from tuogu.web.api import shapes
from tuogu.web.api.application import api
from tuogu.web.api.door import ApiRequest
from tuogu.web.api.problems import problem
from tuogu.web.api.pushing import REFUSALS

After = Annotated[int, Query(ge=0, le=2**62)]
Mark = Annotated[str, Query(pattern=r"^[0-9~\-]{0,40}$")]


@api.get(
    "/custody",
    url_name="custody",
    operation_id="custody",
    response={200: shapes.CustodyPage, **REFUSALS},
    tags=["pull"],
)
def custody(request: ApiRequest, policy: shapes.Number | None = None, after: After = 0) -> Any:
    """Who holds what: one policy, or every policy that moved after entry `after` of the ledger (0 = from the beginning). A
    policy that moves again comes again."""
    scope = request.caller.scope
    if policy is not None:
        found = books.custody_now(scope, policy)
        if found is None:
            raise Http404
        return {"items": _custody([found]), "next": after, "more": False}
    page, more = books.entries_after(scope, after, size=_size())
    held = books.custody_of_subjects(scope, [entry.subject_id for entry in page])
    return {"items": _custody(held), "next": page[-1].id if page else after, "more": more}


@api.get(
    "/policies/{number}/custody/history", url_name="history", operation_id="history",
    response={200: shapes.History, **REFUSALS}, tags=["pull"],
)  # fmt: skip
def history(request: ApiRequest, number: shapes.Number) -> Any:
    """Every entry about one policy, in custody and every other relation, newest first."""
    subject = books.policy_subject(request.caller.scope, number)
    if subject is None:
        raise Http404
    turns = [turn for found in ledger.turns_of(subject).values() for turn in found]
    newest = sorted((turn.assignment for turn in turns), key=lambda entry: -entry.id)
    return {"policy_number": number, "items": machines.told_changes(newest)}


@api.get(
    "/changes",
    url_name="changes",
    operation_id="changes",
    response={200: shapes.ChangePage, **REFUSALS},
    tags=["pull"],
)
def changes(request: ApiRequest, after: After = 0) -> Any:
    """The ledger's entries in their order. Only sealed ones, so that no smaller id appears behind `next` later."""
    page, more = books.entries_after(request.caller.scope, after, size=_size())
    return {"items": machines.told_changes(page), "next": page[-1].id if page else after, "more": more}


@api.get(
    "/customers/{number}",
    url_name="customer",
    operation_id="customer",
    response={200: shapes.Customer, **REFUSALS},
    tags=["pull"],
)
def customer(request: ApiRequest, response: HttpResponse, number: shapes.Number) -> Any:
    """One customer, masked; in clear for a key to which a second person has granted it. In the access log either way."""
    caller, at = request.caller, clock.now()
    if not books.customer_within(caller.scope, number):
        raise Http404
    rulebook = rules.applicable(clock.business_today())
    if caller.clear and not integration.count_clear(
        caller.key, per_day=rulebook["integration.clear_per_day"], at=at
    ):
        return problem("too_many_looks")
    found = personal.shown_to_machine(number, person=caller.person, key=caller.key, clear=caller.clear, at=at)
    if found is None:
        raise Http404
    response["Cache-Control"] = "no-store"
    return {
        "customer_number": found.number, "name": found.name, "phone": found.phone, "id_number": found.id_number,
        "address": found.address, "masked": not caller.clear,
    }  # fmt: skip


@api.get(
    "/people/{staff_number}/holdings", url_name="holdings", operation_id="holdings",
    response={200: shapes.Holdings, **REFUSALS}, tags=["pull"],
)  # fmt: skip
def holdings(request: ApiRequest, staff_number: shapes.Number) -> Any:
    """How much one person holds now, by relation."""
    found = org.staff_ids([staff_number])["custodian_id"].to_list()
    visible = org.custodians_within(request.caller.scope)
    if not found or (visible is not None and found[0] not in visible):
        raise Http404
    counts = ledger.held_kinds(found[0])
    items = [{"relation": relation, "kind": kind, "held": held} for relation, kind, held in counts]
    return {"staff_number": staff_number, "items": items}


@api.get(
    "/plans",
    url_name="plans",
    operation_id="plans",
    response={200: shapes.ReleasePage, **REFUSALS},
    tags=["pull"],
)
def calendar(request: ApiRequest, after: After = 0) -> Any:
    """The calendar of approved plans: which instalment falls due when, and what has been posted."""
    lines, more = plans.calendar(request.caller.scope, after=after, size=_size())
    items = [
        {
            "id": line.id, "plan_id": line.plan, "strategy": line.strategy, "instalment": line.instalment,
            "attempt": line.attempt, "due_date": line.due_date, "state": line.state, "pieces": line.pieces,
            "batch_id": line.batch,
        }
        for line in lines
    ]  # fmt: skip
    return {"items": items, "next": lines[-1].id if lines else after, "more": more}


@api.get(
    "/notices",
    url_name="notices",
    operation_id="notices",
    response={200: shapes.NoticePage, **REFUSALS},
    tags=["pull"],
)
def open_notices(request: ApiRequest, after: Mark = "") -> Any:
    """Contracts whose holder has not been told yet, by the day they fall due."""
    today = clock.business_today()
    page = notices.case_page(
        request.caller.scope, notices.CaseFilter(view="open"), today=today, rulebook=rules.applicable(today),
        after=after, size=_size(),
    )  # fmt: skip
    labels = org.labels(row.leaver for row in page.rows)
    items = [
        {
            "id": row.id, "code": row.code, "policy_number": row.policy_number, "holder_number": row.holder_number,
            "leaver": labels.get(row.leaver), "left_date": row.leave_date, "state": row.state,
            "due_date": row.due_date, "red": row.red,
        }
        for row in page.rows
    ]  # fmt: skip
    return {"items": items, "next": page.after}


def _custody(found: list[books.CustodyNow]) -> list[dict[str, Any]]:
    labels = org.labels(row.custodian_id for row in found if row.custodian_id is not None)
    return [
        {
            "policy_number": row.number, "holder_number": row.holder_number, "institution_code": row.institution_code,
            "state": row.state, "custodian": labels.get(row.custodian_id) if row.custodian_id else None,
            "since_date": row.since_date, "entry_id": row.entry.id if row.entry else None,
            "kind": row.entry.kind if row.entry else None, "batch_id": row.entry.batch_id if row.entry else None,
            "batch_key": row.entry.batch_key if row.entry else None,
        }
        for row in found
    ]  # fmt: skip


def _size() -> int:
    return int(rules.applicable(clock.business_today())["integration.page_rows"])
