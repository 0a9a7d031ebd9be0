"""What samples and marks of truth say about people goes to the penalty ledger of `review` (S3-01, S3-22).

In: answers of a return visit, a customer whose data proved untrue. Out: findings filed about whoever was responsible, and
about whoever typed the data in. Never: a sum of money (the rulebook's), a finding about a pool, one entry charged twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from tuogu.core.custody import business_date
from tuogu.core.inspection.tables import FOUND_KINDS
from tuogu.org import queries as org
from tuogu.renewals.models import MotorPolicy
from tuogu.review import actions as review

SAMPLE, ENTRY = "renewal_sample", "renewal_entry"
_ANSWERS = {  # answer → what a no says
    "data_true": "data_untrue", "service_done": "service_missing", "procedure_kept": "procedure_broken",
    "satisfied": "unsatisfied",
}  # fmt: skip
_GOOD = "all_good"


def of_sample(
    sampled: int, number: str, people: Iterable[int], answers: Mapping[str, bool], *, by: int, at: datetime
) -> int:
    """File what the four answers say of whoever was responsible; how many findings are new."""
    kinds = [kind for answer, kind in _ANSWERS.items() if not answers[answer]] or [_GOOD]
    day = business_date(at)
    rows = [
        review.FoundRow(str(sampled), person, kind, day, f"{FOUND_KINDS[kind].words}（车险保单 {number}）")
        for person in people for kind in kinds
    ]  # fmt: skip
    return review.file_findings(SAMPLE, rows, by=by, at=at)


def of_untrue(customer: str, *, by: int, at: datetime) -> int:
    """File against whoever typed in each policy of a customer whose data proved untrue; once for each policy, for ever."""
    rows = MotorPolicy.objects.filter(holder_number=customer).exclude(entrant_number="")
    typed = list(rows.order_by("number").values_list("number", "entrant_number"))
    known = org.staff_ids([entrant for _number, entrant in typed]).select("staff_number", "custodian_id")
    ids, kind, day = dict(known.iter_rows()), "entry_untrue", business_date(at)
    found = [
        review.FoundRow(number, ids[entrant], kind, day, f"{FOUND_KINDS[kind].words}（车险保单 {number}）")
        for number, entrant in typed if entrant in ids
    ]  # fmt: skip
    return review.file_findings(ENTRY, found, by=by, at=at)
