"""The words of this room: kinds of cases, and which of them the machines of `core.machines` stand for.

In: nothing. Out: enumerations, machines by kind. Never: a state that is written here a second time.
"""

from __future__ import annotations

from django.db import models

from tuogu.core.inspection.tables import RECEIPT_STEPS
from tuogu.core.machines import MACHINES
from tuogu.core.steps import Machine

OPENED = "open"  # the name of the first line of every case


class Kind(models.TextChoices):
    """What a case is about. Penalties have a room of their own."""

    SERVICE = "service", "服务流程"
    DIFFICULT = "difficult", "疑难件"
    HARD = "hard", "困难件"
    LAPSED = "lapsed", "失效件"
    DISPATCHED = "dispatched", "外派件"
    PROBLEM = "problem", "问题件"
    PAPERS = "papers", "保全协办"
    HAND_OVER = "hand_over", "工作交接"


OF_A_POLICY = frozenset({Kind.DIFFICULT, Kind.HARD, Kind.LAPSED, Kind.DISPATCHED, Kind.PROBLEM, Kind.PAPERS})


class ReceiptAct(models.TextChoices):
    """What is done with policies that were handed out (S1-34). The first five are asked for by the rule."""

    SIGNED = "signed", RECEIPT_STEPS["signed"]
    BOUND = "bound", RECEIPT_STEPS["bound"]
    CARDED = "carded", RECEIPT_STEPS["carded"]
    REGISTERED = "registered", RECEIPT_STEPS["registered"]
    VISITED = "visited", RECEIPT_STEPS["visited"]
    FEEDBACK = "feedback", "反馈办结"
    REFUSED = "refused", "拒绝接受"
    WITH_CAUSE = "with_cause", "认定有正当理由"
    WITHOUT_CAUSE = "without_cause", "认定无故拒绝"


ASKED_FOR = tuple(ReceiptAct(code) for code in RECEIPT_STEPS)


def machine(kind: str) -> Machine:
    """The table of steps of a kind of case."""
    return MACHINES[kind]
