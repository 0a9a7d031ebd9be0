"""Schemathesis on the running application: whatever is sent, no 5xx, and answers as the document says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api_world import API, customers, institutions, make_machine, policies
from cast import Cast
from listed_world import OTHER
from tuogu.web.api.application import api

pytestmark = [pytest.mark.database, pytest.mark.django_db(databases="__all__")]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPERATIONS = 14


def fuzz(cast: Cast, examples: int) -> int:
    """Send so many requests to every operation, good and bad ones; returns how many answers were looked at."""
    machine = make_machine(cast)
    machine.post("/institutions", institutions(cast))
    machine.post("/customers", customers(cast, 0, 2))
    machine.post("/policies", policies(cast, 0, 2, agent=OTHER))
    application = get_wsgi_application()
    # Closing the connection would end the test's transaction (PostgreSQL). Here, since the test client connects it anew.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    document = api.get_openapi_schema()
    schema = schemathesis.openapi.from_dict(document)
    schema.app = application
    looked = 0
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) == OPERATIONS
    for operation in operations:
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):

            @settings(
                max_examples=examples,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def look(case: Any) -> None:
                nonlocal looked
                response = case.call(headers=machine.headers)
                case.validate_response(response, checks=CHECKS)
                assert response.status_code not in {403, 429}
                looked += 1

            look()
    return looked


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The pace of a key is another test's; afterwards requests close their connections again."""
    monkeypatch.setattr("tuogu.integration.actions.within_limit", lambda *_, **__: True)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_whatever_is_sent_the_api_answers_as_it_says(cast: Cast, unhurried: None):
    assert fuzz(cast, 2) >= OPERATIONS * 2


@pytest.mark.exhaustive
def test_a_great_many_of_them(cast: Cast, unhurried: None):
    assert fuzz(cast, 120) >= OPERATIONS * 100


def test_every_operation_asks_for_a_key(cast: Cast):
    from django.test import Client

    document = api.get_openapi_schema()
    for path, methods in document["paths"].items():
        for method in methods:
            address = path.replace("{number}", "P1").replace("{staff_number}", "1").replace("{job}", "1")
            assert address.startswith(API)
            assert getattr(Client(), method)(address).status_code == 401, address
