"""A talk about a renewal with what the customer wants, from the page itself or from the outbox of a phone (S3-08, P-21).

In: a viewer, fields. Out: a record of `work` with the purpose of renewal, the intention heard in it, and words that say so.
Never: an intention without its record, a talk twice, one that is lost because the policy has moved meanwhile (it waits in a
conflict, and the intention stands in its note).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from tuogu.core.motor.words import INTENTIONS
from tuogu.org.scope import Scope
from tuogu.renewals import actions
from tuogu.renewals import queries as renewals
from tuogu.web.paging import id_of
from tuogu.web.phone.reading import Fields, said_of
from tuogu.web.viewer import Viewer
from tuogu.work import actions as work
from tuogu.work.kinds import Kind, Outcome, Purpose, Reason
from tuogu.work.said import CARD, Said

SUBJECT = "renewal"  # field: which policy; a record that has it is a talk about a renewal
KINDS = (Kind.CALL, Kind.WECHAT, Kind.VISIT)
NOBODY = "none"  # in the place of the intention: nobody was reached
_SPOKEN = {Kind.CALL: Outcome.REACHED, Kind.WECHAT: Outcome.REACHED, Kind.VISIT: Outcome.MET}
_MISSED = {Kind.CALL: Outcome.NO_ANSWER, Kind.VISIT: Outcome.NOT_HOME}


@dataclass(frozen=True)
class Talked:
    """What was filed, in words. `lacking`: why the intention was not; '' = it was. `again`: it had come before."""

    subject: int
    words: str
    lacking: str = ""
    again: bool = False


def file(viewer: Viewer, fields: Fields) -> Talked:
    """File one talk. WorkRefused, PrivacyRefused or RenewalRefused: nothing was written; Moved: it waits in a conflict."""
    row, intention = _policy(fields), str(fields.get("intention") or "")
    said = _said(viewer, row, intention, fields)
    # Two acts: a record that must wait for a person stays in its conflict, and the same key again states the intention.
    filed = work.record(said, by=viewer.person, at=viewer.now)
    if intention == NOBODY:
        words = _("已登记联系未果；不计入联系次数，请另约时间再联系。")
        return Talked(row.subject, words, again=filed.again)
    lacking = _state(viewer, row, intention, filed)
    if lacking:
        words = _("联系已登记；意向没有登记：%(why)s") % {"why": lacking}
        return Talked(row.subject, words, lacking, filed.again)
    words = _("已登记联系和续保意向；客户改变主意的，下次联系时再登记，以最后一次为准。")
    return Talked(row.subject, words, again=filed.again)


def _policy(fields: Fields) -> renewals.MotorRow:
    """The policy by its id, whoever has it by now: `work` says whether it is or was the viewer's, and names nothing else."""
    subject = id_of(str(fields.get(SUBJECT) or ""))
    row = renewals.motor_policy(Scope.everything(), subject) if subject is not None else None
    if row is None:
        raise renewals.RenewalRefused(_("这件业务不在您名下；没有写入任何数据"))
    return row


def _said(viewer: Viewer, row: renewals.MotorRow, intention: str, fields: Fields) -> Said:
    kind = str(fields.get("kind") or "")
    if kind not in {str(one) for one in KINDS}:
        raise renewals.RenewalRefused(_("请选择联系方式；没有写入任何数据"))
    if intention not in {NOBODY, *renewals.Intention.values}:
        raise renewals.RenewalRefused(_("请选择续保意向；没有写入任何数据"))
    missed = intention == NOBODY
    outcome = _MISSED.get(Kind(kind), Outcome.SENT) if missed else _SPOKEN[Kind(kind)]
    card = {}
    if outcome == Outcome.MET:
        card = {key: str(fields.get(f"card_{key}") or "").strip() for key in CARD}
    told = said_of(fields, MultiValueDict(), viewer.now)
    note = told.note
    if not missed and not renewals.answers_for(viewer.person, row.responsible, viewer.today):
        heard = _("续保意向：%(word)s") % {"word": _(INTENTIONS[intention])}
        note = "\n".join(filter(None, [heard, note]))
    return replace(
        told, customer=row.holder_number, outcome=str(outcome), reason=str(Reason.DUE), purpose=str(Purpose.RENEWAL),
        attitude="", card=card, note=note, policies=(row.number,), checked=(),
    )  # fmt: skip


def _state(viewer: Viewer, row: renewals.MotorRow, intention: str, filed: work.Filed) -> str:
    """State the intention, or say why not: the record stands all the same."""
    stated = renewals.story(row.subject, viewer.today).stated
    if filed.again and any(one.record == filed.record_id for one in stated):
        return ""
    try:
        actions.state_intention(
            row.subject, intention, record=filed.record_id, by=viewer.person, at=viewer.now
        )
    except (renewals.RenewalRefused, renewals.RenewalUnknown):
        if row.outcome:
            return _("这件业务已经结束")
        if not renewals.answers_for(viewer.person, row.responsible, viewer.today):
            return _("这件业务已不在您名下")
        return _("意向须来自一次联系上客户的记录")
    return ""
