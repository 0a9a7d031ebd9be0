"""Moves custody where a step of a table says so: by the ledger, by two people, and only what the proposer saw.

In: a case, a step with `moves`, the person who agrees. Out: a sealed batch of one. Never: a move by who proposed it, a move
of a policy that somebody else has come to hold since.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from tuogu.cases.failures import refused
from tuogu.cases.models import Case, CaseStep
from tuogu.cases.needs import Given
from tuogu.core.custody import business_date
from tuogu.core.machines import MACHINES
from tuogu.core.steps import Step
from tuogu.ledger import actions as ledger_actions
from tuogu.ledger import queries as ledger
from tuogu.ledger.results import REASONS
from tuogu.org import queries as org


def head_of(subject: int) -> int:
    """The entry by which the policy is held now."""
    held = ledger.holders_of([subject]).get(subject)
    if held is None or held.custodian_id is None:
        raise refused(_("这件保单现在没有责任人"))
    return held.entry_id


def move(
    case: Case, row: Step, history: Sequence[CaseStep], given: Given, *, by: int, at: datetime
) -> int | None:
    """The batch; None where the policy lies there already."""
    subject = case.subject_id
    assert subject is not None  # tables that move custody are about policies
    receiver = _receiver(case, row, given, business_date(at))
    held = ledger.holders_of([subject])[subject]
    proposal = next(step for step in reversed(history) if step.name in row.not_by and "head" in step.facts)
    if proposal.facts["head"] != held.entry_id:
        raise refused(_("报告之后责任人已变动，请退回重报"))
    if held.custodian_id == receiver:
        return None
    result = ledger_actions.transfer(
        subject, receiver, expected_head=held.entry_id, key=f"case:{case.pk}:{history[-1].seq + 1}",
        by=proposal.by_id, approved_by=by, effective_date=business_date(at), recorded_at=at,
        rule=MACHINES[case.kind].req, reason_code=f"case_{case.kind}",
    )  # fmt: skip
    if result.stale.height:
        why = REASONS[result.stale["reason"][0]]
        raise refused(_(why))
    return result.batch_id


def _receiver(case: Case, row: Step, given: Given, today: date) -> int:
    if row.moves == "collector":
        assert case.other_id is not None  # a dispatched piece names its collector
        return case.other_id
    if row.moves == "specialist" and given.receiver is not None:
        if not org.may_receive(given.receiver, today):
            raise refused(_("接收人已离司或不是可接收的责任人"))
        return given.receiver
    return org.buffer_group()
