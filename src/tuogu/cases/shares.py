"""The share of a policy's income that goes with an assignment (收益继承比例, P-14), filed with the entry of the ledger.

In: assignments of the ledger. Out: a dated row for each orphan given to a person, with the share that the rulebook of its
day names for its type. Never: an entry of the ledger changed (it is sealed as it is), a share changed afterwards.

A table beside the ledger, not a column in it: the line of an entry is what the chain of seals covers, and its meaning must
not change; the type of an orphan is the books' to say, which the ledger does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from tuogu.books import queries as books
from tuogu.bulk import in_parts
from tuogu.cases.models import IncomeShare
from tuogu.cases.ruling import CaseRules
from tuogu.core.custody import business_date
from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import EntryKind, Relation
from tuogu.org import queries as org

_ASSIGNS = (EntryKind.RELEASE, EntryKind.TRANSFER, EntryKind.CLAIM)


def file(moves: Sequence[ledger.Assignment], *, at: datetime) -> int:
    """File the shares of those of `moves` that give an orphan to a person; how many."""
    pools = {pool for pool, _key, _name in org.pools()}
    given = [
        one
        for one in moves
        if one.kind in _ASSIGNS
        and one.relation == Relation.CUSTODY
        and one.new_custodian_id is not None
        and one.new_custodian_id not in pools
    ]
    types = books.orphan_types([one.subject_id for one in given])
    of_day: dict[date, CaseRules] = {}
    rows = []
    for one in given:
        if one.subject_id in types:
            rules = of_day.setdefault(one.effective_date, CaseRules.on(one.effective_date))
            kind = types[one.subject_id]
            rows.append(
                IncomeShare(
                    entry_id=one.id, orphan_type=kind, share_bp=rules.income_share_bp[kind],
                    rulebook=rules.book.version, at=at,
                )
            )  # fmt: skip
    IncomeShare.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def file_claims(*, at: datetime) -> int:
    """Shares of what people claimed from pools of late: claims come one by one, without a batch."""
    since = business_date(at) - timedelta(days=CaseRules.on(business_date(at)).look_back_days)
    claims = ledger.entries().filter(
        kind=EntryKind.CLAIM, recorded_date__gte=since, relation=Relation.CUSTODY
    )
    missing = claims.exclude(pk__in=IncomeShare.objects.values("entry_id")).order_by("pk")
    return file(ledger.told(list(missing)), at=at)


def of_entries(entries: Iterable[int]) -> dict[int, int]:
    """Entry of the ledger → share in hundredths of a percent; entries without one are absent. One query a thousand."""
    wanted, found = sorted(set(entries)), dict[int, int]()
    for part in in_parts(wanted, 1000):
        rows = IncomeShare.objects.filter(entry_id__in=part)
        found |= dict(rows.values_list("entry_id", "share_bp"))
    return found
