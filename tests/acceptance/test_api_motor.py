"""Motor policies by the core system's push: the way of a file's rows, once, within the key's scope (S3-01, P-12)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api_world import Machine, customers, institutions, make_machine, policies
from cast import Cast
from listed_world import MANAGER, STRANGER
from tuogu.books.models import ImportRun
from tuogu.integration.rights import MachineRight
from tuogu.ledger import queries as ledger
from tuogu.org.scope import Scope
from tuogu.renewals.models import MotorPolicy

pytestmark = [pytest.mark.database, pytest.mark.django_db(databases="__all__")]


@pytest.fixture
def machine(cast: Cast) -> Machine:
    """A key of branch B, whose three customers are pushed."""
    machine = make_machine(cast)
    assert machine.post("/institutions", institutions(cast)).status_code == 200
    assert machine.post("/customers", customers(cast, 0, 3)).json()["accepted"] == 3
    return machine


def motor(cast: Cast, *rows: dict[str, Any]) -> dict[str, Any]:
    """Motor policies M… of customers C000000 on, at branch B, sold by a manager in post."""
    given = [
        {
            "policy_number": f"M{i:04d}", "plate_number": f"浙B1234{i}", "holder_number": f"C{i:06d}",
            "premium_fen": 350_050,
            "start_date": f"{cast.today.year}-01-01", "expiry_date": f"{cast.today.year}-12-31", "agent_number": MANAGER,
            "institution_code": "B", "important": True,
        } | row
        for i, row in enumerate(rows)
    ]  # fmt: skip
    return {"data_date": str(cast.today), "rows": given}


@pytest.mark.req("S3-01")
def test_pushed_motor_rows_are_judged_as_a_file_s_and_stored_once(cast: Cast, machine: Machine):
    content = motor(cast, {}, {"plate_number": None}, {"holder_number": "C000999"})
    first = machine.post("/motor", content, idempotency="motor-once")
    assert first.status_code == 200, first.content
    told = first.json()
    assert (told["sent"], told["accepted"], told["rejected"]) == (3, 1, 2)
    reasons = {(line["row"], line["field"], line["reason"]) for line in told["rejections"]}
    assert reasons == {(2, "plate_number", "no_vehicle"), (3, "holder_number", "unknown_holder")}
    assert told["counts"]["motor_new"] == 1
    stored = MotorPolicy.objects.get()
    assert (stored.number, stored.premium_fen, stored.important) == ("M0000", 350_050, True), "fen, not yuan"
    held = ledger.holdings(Scope.everything(), kind="vehicle_case")
    assert held["number"].to_list() == ["M0000"], "somebody is responsible from the first moment"
    again = machine.post("/motor", content, idempotency="motor-once")
    assert again.json() == told
    assert again.headers["Idempotency-Replayed"] == "true"
    assert machine.post("/motor", motor(cast, {}, {}), idempotency="motor-once").status_code == 409
    assert MotorPolicy.objects.count() == 1


@pytest.mark.req("P-12")
def test_motor_rows_out_of_scope_are_rejected_known_or_not(cast: Cast, machine: Machine):
    whole = make_machine(cast, institution="")
    assert whole.post("/customers", customers(cast, 3, 1)).json()["accepted"] == 1
    theirs = policies(cast, 3, 1, agent=STRANGER, institution="X")
    assert whole.post("/policies", theirs).json()["accepted"] == 1
    taken = motor(
        cast, {"policy_number": "MX", "institution_code": "X", "agent_number": STRANGER, "premium_fen": 1}
    )
    assert whole.post("/motor", taken).json()["accepted"] == 1
    runs = ImportRun.objects.count()
    told = machine.post(
        "/motor",
        motor(
            cast,
            {"institution_code": "X"},
            {"policy_number": "MX"},  # brought over to B
            {"holder_number": "C000003"},  # a customer of X alone
            {"institution_code": "NOWHERE"},
        ),
    ).json()
    assert (told["accepted"], told["rejected"]) == (0, 4)
    assert {(line["row"], line["field"], line["reason"]) for line in told["rejections"]} == {
        (1, "institution_code", "out_of_scope"),
        (2, "policy_number", "out_of_scope"),
        (3, "holder_number", "out_of_scope"),
        (4, "institution_code", "out_of_scope"),
    }
    assert ImportRun.objects.count() == runs
    assert MotorPolicy.objects.get().premium_fen == 1


def test_the_interface_tells_of_motor_and_asks_for_the_right_of_books(cast: Cast, machine: Machine):
    told = json.loads(machine.get("/openapi.json").content)
    operation = told["paths"]["/api/v1/motor"]["post"]
    assert operation["operationId"] == "push_motor"
    row = told["components"]["schemas"]["MotorRow"]["properties"]
    assert row["plate_number"]["description"] == "车牌号"
    assert row["premium_fen"]["description"]
    reader = make_machine(cast, [MachineRight.READ_CUSTODY])
    assert reader.post("/motor", motor(cast, {})).status_code == 403
