"""What `tuogu release` asks of the plans' room: never for a plan that nobody has decided, once others were posted."""

from __future__ import annotations

import pytest

from ledger_world import moment
from plan_desk import AS_OF, approve, make_desk
from tuogu.cli.release import _to_release
from tuogu.org import actions as org
from tuogu.org import queries as staff
from tuogu.org.roles import Role
from tuogu.plans.models import StoredPlan

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_a_scoped_signer_releases_the_decided_plans_alone(monkeypatch: pytest.MonkeyPatch):
    desk = make_desk()
    (institution,) = StoredPlan.objects.get(pk=desk.plan).institution_codes
    org.appoint(
        desk.clerk, Role.RESOURCE_CLERK, institution_code=institution, from_date=AS_OF, by=staff.machine(),
        at=moment(AS_OF, 9),
    )  # fmt: skip
    monkeypatch.setattr("tuogu.cli.database.business_today", lambda: AS_OF)
    assert _to_release(None, desk.clerk) == [], (
        "awaiting: asking for it would be refused after others were posted"
    )
    approve(desk)
    assert _to_release(None, desk.clerk) == [desk.plan]
