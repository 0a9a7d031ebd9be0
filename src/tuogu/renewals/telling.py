"""What this room tells `work`: who is responsible for which motor policy of a customer, so that a talk about renewal can be
recorded and its task be seen (S3-08, S3-10); and the file for head office, told to `exports`.

In: a customer, subjects. Out: subjects with numbers and custodians. Never: a policy that has ended.
"""

from __future__ import annotations

from collections.abc import Iterable

from tuogu.bulk import in_parts
from tuogu.exports import kinds
from tuogu.ledger import queries as ledger
from tuogu.org.rights import Right
from tuogu.renewals.call_out_file import build
from tuogu.renewals.models import MotorPolicy
from tuogu.work import actions as work

_AT_ONCE = 10_000  # below the parameter limits of both databases
CALL_OUT_FILE = kinds.Kind(
    "renewal_call_out", "总公司统一呼出清单", (Right.KEEP_RENEWALS, Right.CALL_OUT), build, canaries=False
)


def join_in() -> None:
    """Records, task lists and files know of motor policies."""
    work.also_holds(held, lines)
    kinds.register(CALL_OUT_FILE)


def held(customer: str) -> list[tuple[int, str, int]]:
    """(subject, number, custodian) of the motor policies of a customer for which somebody is responsible."""
    numbers = dict(MotorPolicy.objects.filter(holder_number=customer).values_list("pk", "number"))
    if not numbers:
        return []
    now = ledger.holders_of(numbers)
    return [
        (subject, number, now[subject].custodian_id)  # type: ignore[misc]  # not None: asked below
        for subject, number in sorted(numbers.items())
        if subject in now and now[subject].custodian_id is not None
    ]


def lines(subjects: Iterable[int]) -> dict[int, tuple[str, str]]:
    """(number, customer) of the motor policies among some subjects."""
    wanted, found = sorted(set(subjects)), dict[int, tuple[str, str]]()
    for part in in_parts(wanted, _AT_ONCE):
        rows = MotorPolicy.objects.filter(pk__in=part)
        found |= {
            pk: (number, holder) for pk, number, holder in rows.values_list("pk", "number", "holder_number")
        }
    return found
