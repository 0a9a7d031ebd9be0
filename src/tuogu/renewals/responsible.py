"""Makes somebody responsible: the one way by which a motor policy moves from a pool or a colleague to a person.

In: a policy, a person, the rule. Out: the entry of the ledger, or none where the person was responsible already. Never: two
winners of one case (`locked` orders them), custody moved without an entry, an owner of record touched.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as custody
from tuogu.org import queries as org
from tuogu.renewals.failures import RenewalRefused, refused
from tuogu.renewals.models import ListedCase

_WORDS = {
    "unknown_subject": "台账中没有这件", "not_in_pool": "刚刚已由别人负责", "claimant_left": "此人已离司或不能接收",
    "head_moved": "刚刚已由别人负责", "closed": "已结束，不能再认领", "already_in_pool": "已在公共池",
}  # fmt: skip


def locked(subject: int) -> ListedCase | None:
    """The case, held until the transaction ends: whoever comes second sees what the first has done."""
    return ListedCase.objects.select_for_update(of=("self",)).filter(pk=subject).first()


@transaction.atomic
def make_responsible(
    subject: int, person: int, *, by: int, at: datetime, rule: str, reason: str, only_from_pool: bool = False
) -> int | None:
    """Returns the entry; None = the person was responsible before. RenewalRefused when it has ended, when somebody else has
    it and `only_from_pool`, or when the person may not receive."""
    holder = custody.holders_of([subject]).get(subject)
    if holder is None or holder.custodian_id is None:
        raise refused(_("这件已结束，不能再认领"))
    if holder.custodian_id == person:
        return None
    if not org.is_pool(holder.custodian_id):
        if only_from_pool:
            raise refused(taken(holder.custodian_id))
        back = ledger.return_to_pool(subject, by=by, recorded_at=at, rule=rule, reason_code=reason)
        if not back.done:
            raise _lost(back.reason, back.custodian_id)
    done = ledger.claim(subject, person, by=by, recorded_at=at, rule=rule, reason_code=reason)
    if not done.done:
        raise _lost(done.reason, done.custodian_id)
    return done.entry_id


def taken(holder: int) -> str:
    """Who has it now."""
    return _("刚刚已由 %(who)s 负责") % {"who": org.labels([holder]).get(holder, "")}


def _lost(reason: str | None, holder: int | None) -> RenewalRefused:
    if reason in ("not_in_pool", "head_moved") and holder is not None and not org.is_pool(holder):
        return refused(taken(holder))
    return refused(_(_WORDS.get(reason or "", reason or "")))
