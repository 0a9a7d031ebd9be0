"""What one record says, and what a record must say to be accepted.

In: the fields of a form or of the phone's outbox. Out: `Said`, or a refusal that names the field. Never: a refusal without
a way of collecting (S1-24), a card entry with one of its three items missing (S1-28), a day in the future.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tuogu.core.calling import ANSWERS
from tuogu.core.custody import business_date
from tuogu.work.failures import WorkRefused
from tuogu.work.kinds import (
    Attitude,
    Collection,
    Kind,
    NoVisit,
    Outcome,
    Purpose,
    Reason,
    Service,
)

CARD = {  # words for gettext
    "content": gettext_noop("本次服务内容"),
    "attitude": gettext_noop("客户的态度"),
    "questions": gettext_noop("问题解答及处理结果"),
}  # S1-28
_HAPPENS: dict[str, frozenset[str]] = {  # which outcomes a kind can have
    Kind.CALL: frozenset({Outcome.REACHED, Outcome.NO_ANSWER, Outcome.REFUSED, Outcome.WRONG_CONTACT}),
    Kind.VISIT: frozenset({Outcome.MET, Outcome.NOT_HOME, Outcome.NO_SHOW, Outcome.REFUSED, Outcome.WRONG_CONTACT}),
    Kind.HANDED: frozenset({Outcome.MET, Outcome.NOT_HOME, Outcome.SENT}),
    Kind.EVENT: frozenset({Outcome.MET, Outcome.NO_SHOW}),
    Kind.WECHAT: frozenset({Outcome.SENT, Outcome.REACHED, Outcome.REFUSED, Outcome.WRONG_CONTACT}),
    Kind.SMS: frozenset({Outcome.SENT, Outcome.WRONG_CONTACT}),
    Kind.LETTER: frozenset({Outcome.SENT, Outcome.WRONG_CONTACT}),
    Kind.CARD: frozenset({Outcome.SENT}),
}  # fmt: skip
_WORDS: tuple[tuple[str, str, type[Any], bool], ...] = (  # field, 中文, its words, may stay empty
    ("kind", gettext_noop("方式"), Kind, False),
    ("purpose", gettext_noop("目的"), Purpose, False),
    ("outcome", gettext_noop("结果"), Outcome, False),
    ("reason", gettext_noop("服务理由"), Reason, False),
    ("attitude", gettext_noop("态度"), Attitude, True),
    ("no_visit", gettext_noop("不能拜访的原因"), NoVisit, True),
    ("collection_method", gettext_noop("收费方式"), Collection, True),
    ("next_kind", gettext_noop("下次方式"), Kind, True),
)


def outcomes_of(kind: str) -> frozenset[str]:
    """The outcomes that a kind of record can have."""
    return _HAPPENS.get(kind, frozenset())


@dataclass(frozen=True)
class Paper:
    """A photo, a signature or a form: `kind` of models.Attachment.What."""

    kind: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Said:
    """One record. `card`: the three items (keys of CARD); `answers`: codes of core.calling.ANSWERS; `conduct`: items of the
    checklist that were kept; `policies`: numbers served (none = all that the holder has), `checked`: those verified and
    tidied up; `place`: the check-in."""

    client_key: str
    customer: str
    kind: str
    outcome: str
    reason: str
    happened_at: datetime
    purpose: str = str(Purpose.SERVICE)
    attitude: str = ""
    no_visit: str = ""
    collection_method: str = ""
    services: tuple[str, ...] = ()
    next_at: datetime | None = None
    next_kind: str = ""
    card: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    conduct: tuple[str, ...] = ()
    note: str = ""
    place: Mapping[str, float | str] | None = None
    policies: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()
    satisfaction: Mapping[str, int] | None = None
    papers: tuple[Paper, ...] = ()
    offline: bool = False


@dataclass(frozen=True)
class Limits:
    """What the rulebook allows a record: `[work]`."""

    text_chars_max: int
    backdated_days: int
    ahead_days: int
    papers_max: int
    paper_bytes_max: int


def judge(said: Said, limits: Limits, at: datetime, *, backdated: bool = True) -> None:
    """WorkRefused with the first thing that is wrong, by field. `backdated`: whether old days are refused."""
    for wrong in _problems(said, limits, at, backdated=backdated):
        raise WorkRefused(_("%(why)s；没有写入任何数据") % {"why": wrong})


def _problems(said: Said, limits: Limits, at: datetime, *, backdated: bool) -> Iterator[str]:
    yield from _wrong_words(said)
    yield from _wrong_moments(said, limits, at, backdated=backdated)
    yield from _wrong_texts(said, limits)
    yield from _wrong_papers(said, limits)


def _wrong_words(said: Said) -> Iterator[str]:
    if not said.client_key or len(said.client_key) > 64:  # a UUID, with room to spare
        yield _("记录编号：缺失或过长")
    for name, label, words, empty in _WORDS:
        value = getattr(said, name)
        if value not in words.values and not (empty and value == ""):
            yield _("%(field)s：请选择") % {"field": _(label)}
    if said.outcome not in _HAPPENS.get(said.kind, ()):
        yield _("结果：“%(kind)s”没有这样的结果") % {"kind": _(Kind(said.kind).label)}
    if set(said.services) - set(Service.values):
        yield _("基本服务：有不认识的项目")
    if said.outcome == Outcome.REFUSED and not said.collection_method:
        yield _("收费方式：客户不愿见面的，请确认续收保费方式")  # S1-24


def _wrong_moments(said: Said, limits: Limits, at: datetime, *, backdated: bool) -> Iterator[str]:
    if said.happened_at.tzinfo is None or said.happened_at > at:
        yield _("时间：不能晚于现在")
    elif backdated and business_date(said.happened_at) < business_date(at) - timedelta(
        days=limits.backdated_days
    ):
        yield _("时间：最多补记 %(n)s 天内的") % {"n": limits.backdated_days}
    if said.next_at is not None and (
        said.next_at.tzinfo is None
        or said.next_at <= said.happened_at
        or said.next_at > at + timedelta(days=limits.ahead_days)
    ):
        yield _("下次时间：应晚于本次，且在 %(n)s 天内") % {"n": limits.ahead_days}
    if (said.next_at is None) != (said.next_kind == ""):
        yield _("下次方式：与下次时间一起填写")


def _wrong_texts(said: Said, limits: Limits) -> Iterator[str]:
    if set(said.card) - set(CARD):
        yield _("服务卡：有不认识的项目")
    for name, text in (*said.card.items(), ("note", said.note)):
        if len(text) > limits.text_chars_max:
            yield _("%(field)s：最多 %(n)s 个字") % {
                "field": _(CARD.get(name, gettext_noop("备注"))),
                "n": limits.text_chars_max,
            }
    if said.card or (said.kind == Kind.VISIT and said.outcome == Outcome.MET):
        for name, label in CARD.items():
            if not said.card.get(name, "").strip():
                yield _("%(field)s：服务卡三项都要填写") % {"field": _(label)}  # S1-28
    if set(said.answers) - set(ANSWERS):
        yield _("约访问题：有不认识的项目")
    for name, answer in said.answers.items():  # S4-22
        question, known = ANSWERS[name]
        if answer not in known:
            yield _("%(field)s请从选项中选择") % {"field": _(question)}


def _wrong_papers(said: Said, limits: Limits) -> Iterator[str]:
    if len(said.papers) > limits.papers_max:
        yield _("附件：最多 %(n)s 个") % {"n": limits.papers_max}
    if any(not paper.content or len(paper.content) > limits.paper_bytes_max for paper in said.papers):
        yield _("附件：每个最大 %(n)s KB，不能为空") % {"n": limits.paper_bytes_max // 1024}
    if said.satisfaction is not None and not any(paper.kind == "signature" for paper in said.papers):
        yield _("满意度调查问卷：请客户亲笔签名")  # S1-33
    if set(said.checked) - set(said.policies):
        yield _("检查整理：只能勾选本次服务的保单")
