"""Return visits as they happened (S0-06, L-04): filed once, corrected only by a further row.

In: a programme, a customer on its list, what was said. Out: a visit with the programme's script version and an outcome, and
an amendment for each new value. Never: a visit without a script, an answer to what the script does not ask, a filed row
changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from tuogu import vault
from tuogu.core.amending import ADDRESS_PARTS, AMENDABLE, ASKED, address_of, title_of
from tuogu.core.custody import business_date
from tuogu.corrections.failures import CorrectionRefused
from tuogu.corrections.models import Programme, ReturnVisit, Withdrawal
from tuogu.corrections.registering import open_amendments, proposals, write
from tuogu.corrections.words import ANSWER_STATES, CHANNELS, OUTCOMES, REACHED
from tuogu.org import queries as staff
from tuogu.org.scope import Scope
from tuogu.privacy import queries as privacy
from tuogu.rules import queries as rules

_ADDRESS = "address."


@dataclass(frozen=True)
class Said:
    """What a visit found out. `answers`: field of the script → (state of ANSWER_STATES, new value as written)."""

    channel: str
    outcome: str
    visited_at: datetime
    answers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    note: str = ""
    next_at: datetime | None = None


@dataclass(frozen=True)
class Filed:
    """The visit, and the amendments that it proposes."""

    visit: int
    amendments: tuple[int, ...]


@transaction.atomic
def record_visit(
    scope: Scope, programme_id: int, customer_number: str, said: Said, *, by: int, at: datetime
) -> Filed:
    """File one visit or attempt. CorrectionRefused says what is missing; nothing was written then."""
    programme = _programme(programme_id, customer_number)
    if privacy.ground_of(customer_number):  # L-07
        raise CorrectionRefused("这位客户已停止处理个人信息，不能回访；没有写入")
    return _file(scope, programme, customer_number, said, by=by, at=at)


@transaction.atomic
def correct_visit(scope: Scope, visit_id: int, said: Said, *, why: str, by: int, at: datetime) -> Filed:
    """File how the visit really was: a new row beside the old one, which stays (L-04). What the old one proposed and no
    batch holds yet is withdrawn."""
    old = ReturnVisit.objects.select_related("programme__script").filter(pk=visit_id).first()
    if old is None:
        raise CorrectionRefused(f"没有回访记录 {visit_id}")
    if ReturnVisit.objects.filter(corrects=old).exists():
        raise CorrectionRefused("这条回访已被更正；请更正最新的一条。没有写入")
    if not why.strip():
        raise CorrectionRefused("更正回访须写明理由；没有写入")
    for amendment in open_amendments().filter(visit=old):
        Withdrawal.objects.create(amendment=amendment, reason="回访已更正", by_id=by, at=at)
    return _file(scope, old.programme, old.customer_number, said, by=by, at=at, corrects=old.pk, why=why)


def _file(
    scope: Scope, programme: Programme, customer_number: str, said: Said, *, by: int, at: datetime,
    corrects: int | None = None, why: str = "",
) -> Filed:  # fmt: skip
    _judge(programme, said, by, at)
    written = new_values(said.answers)
    proposed = proposals(scope, customer_number, written, keep_same=True)  # refuses who is out of scope, too
    visit = ReturnVisit.objects.create(
        programme=programme, customer_number=customer_number, script_id=programme.script_id,
        visited_at=said.visited_at, recorded_at=at, by_id=by, channel=said.channel, outcome=said.outcome,
        answers_sealed=_sealed(said), next_at=said.next_at, corrects_id=corrects,
        why_corrected_sealed=vault.seal_text(why.strip() or None),
    )  # fmt: skip
    evidence = f"回访 {visit.pk}，{CHANNELS[said.channel]}"
    made = write(proposed, source="return_visit", evidence=evidence, visit=visit.pk, by=by, at=at)
    return Filed(int(visit.pk), tuple(made))


def _programme(programme_id: int, customer_number: str) -> Programme:
    programme = Programme.objects.select_related("script").filter(pk=programme_id).first()
    if programme is None or not programme.targets.filter(customer_number=customer_number).exists():
        raise CorrectionRefused("这位客户不在回访名单上；没有写入")
    return programme


def _judge(programme: Programme, said: Said, by: int, at: datetime) -> None:
    """Refuse what does not make sense."""
    today = business_date(at)
    if not staff.is_person(by):
        raise CorrectionRefused("回访须由在册人员登记；没有写入")
    if not programme.first_date <= today < programme.until_date:
        raise CorrectionRefused(
            f"回访期间是 {programme.first_date} 至 {programme.until_date}（不含）；没有写入"
        )
    if said.channel not in CHANNELS or said.outcome not in OUTCOMES:
        raise CorrectionRefused("请选择回访方式和结果；没有写入")
    late = timedelta(days=rules.applicable(today)["corrections.visit_late_days"])
    if not at - late <= said.visited_at <= at:
        raise CorrectionRefused(f"回访时间须在最近 {late.days} 天之内，不能在以后；没有写入")
    if (said.outcome == "appointment") != (said.next_at is not None):
        raise CorrectionRefused("约时再访须写明约定时间，其他结果不写；没有写入")
    if said.next_at is not None and said.next_at <= said.visited_at:
        raise CorrectionRefused("约定时间须晚于本次回访；没有写入")
    _judge_answers(programme, said)


def _judge_answers(programme: Programme, said: Said) -> None:
    asked = {question["field"] for question in programme.script.questions}
    if not set(said.answers) <= asked:
        raise CorrectionRefused("有回答不在话术所问之列；没有写入")
    if said.answers and said.outcome not in REACHED:
        raise CorrectionRefused("没有核对上本人，不能登记回答；没有写入")
    if said.outcome in REACHED and not said.answers:
        raise CorrectionRefused("接通并核对须至少登记一项回答；没有写入")
    for name, (state, value) in said.answers.items():
        if state not in ANSWER_STATES or (state == "new") != bool(value.strip()):
            raise CorrectionRefused(f"{title_of(name)}：有变化须写明新的内容，其他情形不写；没有写入")


def new_values(answers: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """The new values among the answers, address parts joined in the standard form (S0-04)."""
    said = {name: value for name, (state, value) in answers.items() if state == "new"}
    try:
        address = address_of({part: said.get(_ADDRESS + part, "") for part in ADDRESS_PARTS})
    except ValueError as short:
        raise CorrectionRefused(f"{title_of('address')}：{short}。没有写入") from None
    plain = {name: value for name, value in said.items() if name in AMENDABLE and name in ASKED}
    return plain | ({"address": address} if address else {})


def _sealed(said: Said) -> bytes | None:
    """Answers and note in one ciphertext; None when there are neither."""
    if not said.answers and not said.note.strip():
        return None
    kept = {
        "answers": {name: list(answer) for name, answer in said.answers.items()},
        "note": said.note.strip(),
    }
    return vault.seal_text(json.dumps(kept, ensure_ascii=False))
