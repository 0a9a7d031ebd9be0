"""The application that ninja serves: refusals as problem details, an OpenAPI document that says so.

In: exceptions of the views. Out: answers. Never: what was sent, or the text of an exception, in an answer or a log.
"""

from __future__ import annotations

import logging
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from tuogu.integration.actions import IntegrationRefused, KeyReused
from tuogu.jobs.flow import FlowRefused
from tuogu.ledger.failures import LedgerError
from tuogu.web.api.body import StrictParser
from tuogu.web.api.problems import MEDIA_TYPE, problem

log = logging.getLogger("tuogu.api")
_JSON = "application/json"
_ERRORS_MAX = 50
_OWN = "urn:tuogu:problem:"


class Api(NinjaAPI):
    """ninja's, with problem details and the key in the document."""

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        schema = super().get_openapi_schema(**kwargs)
        schema["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        schema["security"] = [{"key": []}]
        for path in schema["paths"].values():
            for operation in path.values():
                for status, answer in operation["responses"].items():
                    content = answer.get("content", {})
                    if int(status) >= 400 and _JSON in content:
                        content[MEDIA_TYPE] = content.pop(_JSON)
        return schema


api = Api(
    title="tuogu", version="1", urls_namespace="api", docs_url=None, parser=StrictParser(),
    description="Custody of policies: push books and events, pull custody and tasks.",
)  # fmt: skip


@api.exception_handler(ValidationError)
def invalid(_request: HttpRequest, found: ValidationError) -> HttpResponse:
    """Where and what, never the value."""
    errors = [{"pointer": _pointer(e.get("loc", ())), "code": str(e.get("type", ""))} for e in found.errors]
    return problem("invalid", errors=errors[:_ERRORS_MAX])


@api.exception_handler(HttpError)
def unreadable(_request: HttpRequest, _found: HttpError) -> HttpResponse:
    """A body that is no JSON."""
    return problem("bad_request")


@api.exception_handler(Http404)
def unknown(_request: HttpRequest, _found: Http404) -> HttpResponse:
    """Unknown and out of scope look alike."""
    return problem("not_found")


@api.exception_handler(KeyReused)
def reused(_request: HttpRequest, found: KeyReused) -> HttpResponse:
    """One idempotency key, one content."""
    return problem("in_progress", headers={"Retry-After": "5"}) if found.same else problem("key_reused")


@api.exception_handler(FlowRefused)
@api.exception_handler(LedgerError)
@api.exception_handler(IntegrationRefused)
def refused(_request: HttpRequest, found: Exception) -> HttpResponse:
    """The rooms' own sentence: Chinese, without a person in it."""
    return problem("refused", detail=str(found))


@api.exception_handler(Exception)
def failed(_request: HttpRequest, _found: Exception) -> HttpResponse:
    """Ours; the log says its type and place."""
    log.exception("api failed")
    return problem("failed")


def _pointer(location: Any) -> str:
    """/body/rows/3/name, as far as the location is ours to tell: names of fields and positions."""
    parts = [str(part) for part in location if not str(part).startswith(("function-", "lax-"))]
    return "/" + "/".join(part[:64] for part in parts)
