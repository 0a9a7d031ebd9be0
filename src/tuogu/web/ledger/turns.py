"""A history of the ledger as lines of a timeline: who, why, which days, which batch.

In: turns, names by custodian. Out: `Moment`s, newest entry first. Never: a line left out because a later one took its place
(it is struck through).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from tuogu.core.custody import Stint
from tuogu.core.labels import ENTRY_REASONS
from tuogu.ledger.kinds import EntryKind
from tuogu.ledger.queries import Assignment, Turn
from tuogu.web.parts import Moment
from tuogu.web.templatetags.tuogu import moment as moment_words


def moments(turns: Sequence[Turn], names: Mapping[int, str | None]) -> list[Moment]:
    """One line an entry."""
    return [
        Moment(
            head=names.get(turn.assignment.new_custodian_id or 0) or _("无人（已终止）"),
            tag=_(str(EntryKind(turn.assignment.kind).label)),
            when=_days(turn),
            text=_text(turn.assignment, names),
            mark=_("序 %(n)s") % {"n": turn.assignment.seq},
            current=any(stint.until_date is None for stint in turn.stints),
            replaced=not turn.stints,
            tone="info" if turn.assignment.kind == EntryKind.RELEASE else "",
        )
        for turn in turns
    ]


def reason_words(code: str) -> str:
    """The word for a reason code; `instalment_2` is 第 2 期; an unknown code as it is."""
    name, _mark, number = code.rpartition("_")
    if name == "instalment":
        return _("第 %(n)s 期") % {"n": number}
    if name == "transfer":
        return _("调整申请 %(n)s") % {"n": number}
    word = ENTRY_REASONS.get(code)
    return _(word) if word else code


def _days(turn: Turn) -> str:
    if not turn.stints:
        return _("%(day)s 起，已被后来的记录覆盖") % {"day": turn.assignment.effective_date}
    return _("；").join(_stint(stint) for stint in turn.stints)


def _stint(stint: Stint) -> str:
    if stint.until_date is None:
        return _("%(day)s 起") % {"day": stint.from_date}
    return _("%(first)s 起，至 %(until)s 前") % {"first": stint.from_date, "until": stint.until_date}


def _text(entry: Assignment, names: Mapping[int, str | None]) -> str:
    """Why, which batch, who approved, when it was recorded."""
    parts = [reason_words(entry.reason_code)]
    if entry.batch_id is not None:
        parts.append(_("批次 %(n)s") % {"n": entry.batch_id})
    if entry.approved_by is not None:
        parts.append(_("%(name)s 复核") % {"name": names.get(entry.approved_by) or "—"})
    parts.append(_("%(at)s 入账") % {"at": moment_words(entry.recorded_at)})
    return _("，").join(part for part in parts if part)
