"""What one record says, and what a record must say to be accepted.

In: the fields of a form or of the phone's outbox. Out: `Said`, or a refusal that names the field. Never: a refusal without
a way of collecting (S1-24), a card entry with one of its three items missing (S1-28), a day in the future.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

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

CARD = {"content": "本次服务内容", "attitude": "客户的态度", "questions": "问题解答及处理结果"}  # S1-28
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
    ("kind", "方式", Kind, False), ("purpose", "目的", Purpose, False), ("outcome", "结果", Outcome, False),
    ("reason", "服务理由", Reason, False), ("attitude", "态度", Attitude, True),
    ("no_visit", "不能拜访的原因", NoVisit, True), ("collection_method", "收费方式", Collection, True),
    ("next_kind", "下次方式", Kind, True),
)  # fmt: skip


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
        raise WorkRefused(f"{wrong}；没有写入任何数据")


def _problems(said: Said, limits: Limits, at: datetime, *, backdated: bool) -> Iterator[str]:
    yield from _wrong_words(said)
    yield from _wrong_moments(said, limits, at, backdated=backdated)
    yield from _wrong_texts(said, limits)
    yield from _wrong_papers(said, limits)


def _wrong_words(said: Said) -> Iterator[str]:
    if not said.client_key or len(said.client_key) > 64:  # a UUID, with room to spare
        yield "记录编号：缺失或过长"
    for name, label, words, empty in _WORDS:
        value = getattr(said, name)
        if value not in words.values and not (empty and value == ""):
            yield f"{label}：请选择"
    if said.outcome not in _HAPPENS.get(said.kind, ()):
        yield f"结果：“{Kind(said.kind).label}”没有这样的结果"
    if set(said.services) - set(Service.values):
        yield "基本服务：有不认识的项目"
    if said.outcome == Outcome.REFUSED and not said.collection_method:
        yield "收费方式：客户不愿见面的，请确认续收保费方式"  # S1-24


def _wrong_moments(said: Said, limits: Limits, at: datetime, *, backdated: bool) -> Iterator[str]:
    if said.happened_at.tzinfo is None or said.happened_at > at:
        yield "时间：不能晚于现在"
    elif backdated and business_date(said.happened_at) < business_date(at) - timedelta(
        days=limits.backdated_days
    ):
        yield f"时间：最多补记 {limits.backdated_days} 天内的"
    if said.next_at is not None and (
        said.next_at.tzinfo is None
        or said.next_at <= said.happened_at
        or said.next_at > at + timedelta(days=limits.ahead_days)
    ):
        yield f"下次时间：应晚于本次，且在 {limits.ahead_days} 天内"
    if (said.next_at is None) != (said.next_kind == ""):
        yield "下次方式：与下次时间一起填写"


def _wrong_texts(said: Said, limits: Limits) -> Iterator[str]:
    if set(said.card) - set(CARD):
        yield "服务卡：有不认识的项目"
    for name, text in (*said.card.items(), ("note", said.note)):
        if len(text) > limits.text_chars_max:
            yield f"{CARD.get(name, '备注')}：最多 {limits.text_chars_max} 个字"
    if said.card or (said.kind == Kind.VISIT and said.outcome == Outcome.MET):
        for name, label in CARD.items():
            if not said.card.get(name, "").strip():
                yield f"{label}：服务卡三项都要填写"  # S1-28
    if set(said.answers) - set(ANSWERS):
        yield "约访问题：有不认识的项目"
    for name, answer in said.answers.items():  # S4-22
        question, known = ANSWERS[name]
        if answer not in known:
            yield f"{question}请从选项中选择"


def _wrong_papers(said: Said, limits: Limits) -> Iterator[str]:
    if len(said.papers) > limits.papers_max:
        yield f"附件：最多 {limits.papers_max} 个"
    if any(not paper.content or len(paper.content) > limits.paper_bytes_max for paper in said.papers):
        yield f"附件：每个最大 {limits.paper_bytes_max // 1024} KB，不能为空"
    if said.satisfaction is not None and not any(paper.kind == "signature" for paper in said.papers):
        yield "满意度调查问卷：请客户亲笔签名"  # S1-33
    if set(said.checked) - set(said.policies):
        yield "检查整理：只能勾选本次服务的保单"
