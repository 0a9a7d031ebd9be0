"""Opens cases: by a person, about one policy; or many at once, from what the books and the ledger say.

In: a kind, what it is about, who, when. Out: cases with their first line. Never: a second case of one kind about one policy
while the first runs, a case about a policy that nobody holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from tuogu.books import queries as books
from tuogu.cases import lapsing, whose
from tuogu.cases.appending import sealed
from tuogu.cases.failures import refused
from tuogu.cases.kinds import OF_A_POLICY, OPENED, Kind, machine
from tuogu.cases.models import Case, CaseStep
from tuogu.core import paper_lists
from tuogu.core.custody import business_date
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.rules import queries as rules

OPENERS = {  # who may open which kind; "system" opens the others
    Kind.DIFFICULT: "custodian", Kind.HARD: "custodian", Kind.DISPATCHED: "custodian", Kind.PAPERS: "custodian",
    Kind.LAPSED: "custodian", Kind.PROBLEM: "quality",
}  # fmt: skip


@dataclass(frozen=True)
class Matter:
    """What a case is about, before it is opened."""

    kind: str
    about: str  # names it within its kind: a subject, a customer, a batch with two people
    subject: int | None = None
    policy_number: str = ""
    customer_number: str = ""
    topic: str = ""
    former: int | None = None
    other: int | None = None
    batch: int | None = None
    due_date: date | None = None


@transaction.atomic
def open_case(
    kind: str,
    policy: str,
    *,
    topic: str = "",
    other: int | None = None,
    why: str = "",
    by: int,
    at: datetime,
) -> int:
    """Open a case about a policy; returns its id. `topic`: of papers, the service; `other`: of a dispatched piece, who shall
    serve it once; `why`: of a problem."""
    if kind not in OF_A_POLICY:
        raise refused(_("个案种类：请选择"))
    today = business_date(at)
    now = books.custody_now(Scope.everything(), policy)
    if now is None or now.custodian_id is None:
        raise refused(_("保单：没有这一件，或现在没有责任人"))
    subject = books.policy_subject(Scope.everything(), policy)
    assert subject is not None  # it was found just now
    about = f"{subject}:{topic}" if kind == Kind.PAPERS else str(subject)
    matter = Matter(
        kind, about, subject, policy, now.holder_number, topic, other=other,
        due_date=_due(kind, subject, today),
    )  # fmt: skip
    _judge(matter, now.custodian_id, why, by, today)
    return _open_many([matter], by=by, at=at, texts={"reason": why.strip()} if why.strip() else {})[0]


def open_all(matters: Sequence[Matter], *, by: int, at: datetime) -> list[int]:
    """Open those of `matters` that have no running case: whole rows, a flat number of statements."""
    running = running_about(matters[0].kind) if matters else set()
    wanted = [one for one in matters if one.about not in running]
    return _open_many(wanted, by=by, at=at) if wanted else []


def running_about(kind: str) -> set[str]:
    """What the running cases of a kind are about."""
    return {key.split("/")[1] for key in running(kind).values_list("key", flat=True)}


def running(kind: str) -> QuerySet[Any]:
    """Cases of a kind in which something is still owed; annotated with their `state`."""
    return with_state(Case.objects.filter(kind=kind)).exclude(state__in=machine(kind).closed)


def with_state(cases: QuerySet[Case]) -> QuerySet[Any]:
    """Cases with the state of their last step."""
    last = CaseStep.objects.filter(case=OuterRef("pk")).order_by("-seq").values("target")[:1]
    return cases.annotate(state=Subquery(last))


def _judge(matter: Matter, holder: int, why: str, by: int, today: date) -> None:
    part = OPENERS[Kind(matter.kind)]
    draft = Case(
        kind=matter.kind,
        subject_id=matter.subject,
        customer_number=matter.customer_number,
        other_id=matter.other,
    )
    if part not in whose.parts(draft, by, today):
        raise refused(
            _("%(kind)s由%(who)s立案") % {"kind": _(Kind(matter.kind).label), "who": whose.words([part])}
        )
    book = rules.applicable(today)
    if matter.kind == Kind.PAPERS and matter.topic not in paper_lists.services(book):
        raise refused(_("保全服务：请选择"))
    if matter.kind == Kind.LAPSED:
        lapsing.must_be_lapsed(matter.subject)
    if matter.kind == Kind.PROBLEM and not why.strip():
        raise refused(_("问题件：请写明情况"))
    if matter.kind == Kind.DISPATCHED:
        if matter.other is None or not org.may_receive(matter.other, today) or org.is_pool(matter.other):
            raise refused(_("受托的收展员：请填在岗人员的工号"))
        if matter.other in (holder, by):
            raise refused(_("受托的收展员：不能是现责任人"))


def _due(kind: str, subject: int, today: date) -> date | None:
    """Before which day a report is owed (S1-31), or the last day of a notice (S4-20); as the case opens."""
    if kind == Kind.LAPSED:
        return lapsing.grace_end(subject, rules.applicable(today), today)
    if kind != Kind.DIFFICULT:
        return None
    day: date = books.care_cases(subjects=[subject])["next_due_date"][0]
    return None if day == date.max else day  # stored for a policy on which nothing falls due


@transaction.atomic
def _open_many(
    matters: Sequence[Matter], *, by: int, at: datetime, texts: dict[str, str] | None = None
) -> list[int]:
    today = business_date(at)
    version = rules.applicable(today).version
    before = _times(matters)
    rows = [
        Case(
            key=f"{one.kind}/{one.about}/{before[one.about] + 1}", kind=one.kind, subject_id=one.subject,
            policy_number=one.policy_number, customer_number=one.customer_number, topic=one.topic,
            former_id=one.former, other_id=one.other, batch_id=one.batch, due_date=one.due_date, rulebook=version,
            opened_by_id=by, opened_date=today, opened_at=at,
        )
        for one in matters
    ]  # fmt: skip
    if any(one.about in running_about(one.kind) for one in matters):
        raise refused(_("这一件已有同类个案在办"))
    try:
        with transaction.atomic():
            made = Case.objects.bulk_create(rows, batch_size=500)
    except IntegrityError:
        raise refused(_("这一件刚被别人立案")) from None
    CaseStep.objects.bulk_create(
        [
            CaseStep(
                case=row, seq=1, name=OPENED, source="", target=machine(row.kind).first, by_id=by, at=at, day=today,
                texts_sealed=sealed(texts or {}),
            )
            for row in made
        ],
        batch_size=500,
    )  # fmt: skip
    return [int(row.pk) for row in made]


def _times(matters: Iterable[Matter]) -> Counter[str]:
    """How often each was the matter of a case of its kind before."""
    found: Counter[str] = Counter()
    by_kind: dict[str, set[str]] = {}
    for one in matters:
        by_kind.setdefault(one.kind, set()).add(one.about)
    for kind, wanted in by_kind.items():
        keys = Case.objects.filter(kind=kind)
        if len(wanted) == 1:
            keys = keys.filter(key__startswith=f"{kind}/{next(iter(wanted))}/")
        found.update(
            about
            for about in (key.split("/")[1] for key in keys.values_list("key", flat=True))
            if about in wanted
        )
    return found
