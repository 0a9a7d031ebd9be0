"""How a policy came to the viewer: the last steps of its custody, in words.

In: a policy number that the caller has found among what the viewer holds. Out: moments for the timeline, newest first.
Never: a step that is not in the ledger.
"""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import EntryKind, Relation
from tuogu.org import queries as org
from tuogu.web.parts import Moment
from tuogu.web.templatetags.tuogu import day

STEPS_MAX = 4
WORDS = {
    EntryKind.OPEN: _("建档时起由其负责"),
    EntryKind.RELEASE: _("按批准的分配方案下发"),
    EntryKind.CLAIM: _("从公共池认领"),
    EntryKind.TRANSFER: _("经批准调整"),
    EntryKind.LEAVE: _("原责任人离司，由保全组接管"),
    EntryKind.RETURN_TO_POOL: _("退回公共池"),
    EntryKind.UNDO: _("撤销下发，回到原责任人"),
    EntryKind.CLOSE: _("保单终止"),
    EntryKind.REOPEN: _("保单恢复有效"),
}


def origin(number: str) -> list[Moment]:
    """The newest steps of custody; the first is the one in force."""
    steps = ledger.history(number, relation=Relation.CUSTODY).tail(STEPS_MAX).rows(named=True)[::-1]
    names = org.names(step["new_custodian_id"] for step in steps if step["new_custodian_id"] is not None)
    return [
        Moment(
            head=names.get(step["new_custodian_id"]) or "—",
            tag=gettext(EntryKind(step["kind"]).label),
            when=day(step["effective_date"]),
            text=str(WORDS[EntryKind(step["kind"])]),
            current=place == 0,
        )
        for place, step in enumerate(steps)
    ]
