"""The pushes. In: rows and an Idempotency-Key. Out: 200 with every rejected row, or 202 with the job that does it.

Never: long work in a request, a second way into the books (jobs.push_taking, which goes the way of a file).
"""

from __future__ import annotations

from typing import Annotated, Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from ninja import Header, Schema, Status
from pydantic import Field

from tuogu import clock
from tuogu.integration.queries import Answer
from tuogu.jobs import push_taking
from tuogu.jobs.flow import FlowRefused
from tuogu.rules import queries as rules
from tuogu.web.api import shapes
from tuogu.web.api.application import api
from tuogu.web.api.door import ApiRequest

IdempotencyKey = Annotated[str, Field(pattern=r"^[\x21-\x7e]{8,128}$"), Header(alias="Idempotency-Key")]
REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 429), shapes.Problem)
ANSWERS: dict[int, Any] = {200: shapes.PushAnswer, 202: shapes.JobAnswer, **REFUSALS}


@api.post(
    "/policies", url_name="push_policies", operation_id="push_policies", response=ANSWERS, tags=["push"]
)
def push_policies(
    request: ApiRequest, response: HttpResponse, content: shapes.PoliciesPush, idempotency_key: IdempotencyKey
) -> Any:
    """Main policies and riders, as rows of the template's sheet. Rows not sent stay as they are."""
    return _take(request, response, "policies", content, idempotency_key)


@api.post(
    "/customers", url_name="push_customers", operation_id="push_customers", response=ANSWERS, tags=["push"]
)
def push_customers(
    request: ApiRequest,
    response: HttpResponse,
    content: shapes.CustomersPush,
    idempotency_key: IdempotencyKey,
) -> Any:
    """Customers. Push them before the policies that name them."""
    return _take(request, response, "customers", content, idempotency_key)


@api.post("/people", url_name="push_people", operation_id="push_people", response=ANSWERS, tags=["push"])
def push_people(
    request: ApiRequest, response: HttpResponse, content: shapes.PeoplePush, idempotency_key: IdempotencyKey
) -> Any:
    """Staff. A left_date gives the whole book of that person to the buffer group."""
    return _take(request, response, "people", content, idempotency_key)


@api.post(
    "/institutions",
    url_name="push_institutions",
    operation_id="push_institutions",
    response=ANSWERS,
    tags=["push"],
)
def push_institutions(
    request: ApiRequest,
    response: HttpResponse,
    content: shapes.InstitutionsPush,
    idempotency_key: IdempotencyKey,
) -> Any:
    """Institutions, parents before or beside their children."""
    return _take(request, response, "institutions", content, idempotency_key)


@api.post("/motor", url_name="push_motor", operation_id="push_motor", response=ANSWERS, tags=["push"])
def push_motor(
    request: ApiRequest, response: HttpResponse, content: shapes.MotorPush, idempotency_key: IdempotencyKey
) -> Any:
    """Motor policies, as rows of the template's sheet. Push the customers who own the vehicles before."""
    return _take(request, response, "motor", content, idempotency_key)


@api.post("/events", url_name="push_events", operation_id="push_events", response=ANSWERS, tags=["push"])
def push_events(
    request: ApiRequest, response: HttpResponse, content: shapes.EventsPush, idempotency_key: IdempotencyKey
) -> Any:
    """Leavers, and policies whose state changes."""
    return _take(request, response, "events", content, idempotency_key)


@api.get(
    "/jobs/{job}",
    url_name="job",
    operation_id="job",
    response={200: shapes.JobAnswer, **REFUSALS},
    tags=["push"],
)
def job(request: ApiRequest, job: Annotated[int, Field(ge=1, le=2**62)]) -> Any:
    """A push that was answered by 202: only of the key that sent it."""
    found = push_taking.standing(request.caller.key, job)
    if found is None:
        raise Http404
    return _told_job(found)


def _take(
    request: ApiRequest, response: HttpResponse, kind: str, content: Schema, idempotency_key: str
) -> Any:
    rulebook = rules.applicable(clock.business_today())
    plain = content.model_dump(mode="json", exclude_none=True)
    rows = len(plain.get("rows", plain.get("events", ())))
    limit = rulebook["integration.rows_max"]
    if rows > limit:
        raise FlowRefused(gettext("一次最多 %(limit)d 行，请分几次推送") % {"limit": limit})
    found = push_taking.take(
        request.caller, kind=kind, idempotency_key=idempotency_key, body=request.body, content=plain, rows=rows,
        rulebook=rulebook, clock=clock.now,
    )  # fmt: skip
    if found.replayed:
        response["Idempotency-Replayed"] = "true"
    if found.state == "done" and found.job is None:
        return found.content
    return Status(202, _told_job(found))


def _told_job(found: Answer) -> dict[str, Any]:
    done = found.state == "done"
    return {
        "id": found.push, "url": reverse("api:job", args=[found.push]), "state": found.state,
        "done_percent": 100 if done else push_taking.done_percent(found), "result": found.content if done else None,
        "detail": found.content.get("detail", "") if found.state == "refused" else "",
    }  # fmt: skip
