"""WeCom contacts handed over: planned here, asked of WeCom in calls of at most 100, followed until they are settled.

In: customers, a receiver. Out: hand-overs in the states waiting, done, refused, full; the link moves when WeCom says done.
Never: custody moved or waiting for it (a refused hand-over leaves the policy served as before: N-08), a call inside a
request or a transaction, more than the rulebook's hand-overs of somebody in post (P-11).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import Count

from tuogu import vault
from tuogu.core.custody import business_date
from tuogu.core.rulebook import Rulebook
from tuogu.notices.adapters.wecom import WeCom, WeComError
from tuogu.notices.failures import NoticeRefused
from tuogu.notices.models import OPEN_TRANSFERS, ContactChange, ContactLink, ContactTransfer
from tuogu.org import queries as org
from tuogu.rules import queries as rules

_COUNTED = (
    "planned",
    "sending",
    "waiting",
    "done",
    "refused",
    "full",
)  # what uses up a customer's hand-overs
_TAKEN = 0  # WeCom's number for "will be handed over"


@dataclass(frozen=True)
class Planned:
    """Hand-overs planned; the others by reason: open, same, unknown, too_old, too_often."""

    planned: int
    left: dict[str, int]


@transaction.atomic
def plan_transfers(customers: Collection[str], *, receiver: int, by: int, at: datetime) -> Planned:
    """Plan to hand the contacts of these customers to `receiver`. NoticeRefused when that person may not receive."""
    today = business_date(at)
    if org.is_pool(receiver) or not org.may_receive(receiver, today):
        raise NoticeRefused("接替人须是在职人员；没有写入任何数据")
    rulebook = rules.applicable(today)
    links = list(ContactLink.objects.select_for_update().filter(customer_number__in=sorted(set(customers))))
    left: Counter[str] = Counter({"unknown": len(set(customers)) - len(links)})
    gone = _left_dates(links)
    used = _used(links, at, rulebook)
    open_ones = set(
        ContactTransfer.objects.filter(link__in=links, state__in=OPEN_TRANSFERS).values_list(
            "link_id", flat=True
        )
    )
    rows = []
    for link in links:
        left_date = gone.get(link.person_id)
        leaver = left_date is not None and left_date <= today
        why = _why_not(
            link, receiver, left_date if leaver else None, used[link.pk], open_ones, today, rulebook
        )
        if why:
            left[why] += 1
            continue
        rows.append(
            ContactTransfer(
                link=link, customer_number=link.customer_number, kind="leaver" if leaver else "in_post",
                giver_id=link.person_id, receiver_id=receiver, left_date=left_date, asked_by_id=by, asked_at=at, next_at=at,
            )
        )  # fmt: skip
    ContactTransfer.objects.bulk_create(rows)
    ContactLink.objects.filter(pk__in=[row.link_id for row in rows]).update(state="pending")
    return Planned(len(rows), {why: n for why, n in left.items() if n})


def _why_not(
    link: ContactLink, receiver: int, left_date: date | None, used: int, open_ones: set[int], today: date,
    rulebook: Rulebook,
) -> str:  # fmt: skip
    if link.pk in open_ones:
        return "open"
    if link.person_id == receiver:
        return "same"
    if left_date is not None:
        return "too_old" if (today - left_date).days > rulebook["notices.wecom_leaver_days_max"] else ""
    return "too_often" if used >= rulebook["notices.wecom_in_post_max"] else ""


def _left_dates(links: Iterable[ContactLink]) -> dict[int, date]:
    people = {link.person_id for link in links}
    found = org.staff_ids().select("custodian_id", "left_date").drop_nulls()
    return {person: day for person, day in found.iter_rows() if person in people}


def _used(links: Iterable[ContactLink], at: datetime, rulebook: Rulebook) -> Counter[int]:
    """Hand-overs of somebody in post within the days, by link."""
    since = at - timedelta(days=rulebook["notices.wecom_in_post_days"])
    rows = ContactTransfer.objects.filter(
        link__in=list(links), kind="in_post", asked_at__gt=since, state__in=_COUNTED
    )
    return Counter(dict(rows.values("link_id").annotate(n=Count("pk")).values_list("link_id", "n")))


@transaction.atomic
def cancel_transfer(transfer: int, *, by: int, at: datetime) -> None:  # noqa: ARG001 - every act names who did it
    """Take back a hand-over that was not asked of WeCom yet."""
    found = ContactTransfer.objects.select_for_update().filter(pk=transfer, state="planned").first()
    if found is None:
        raise NoticeRefused("只有还没提交的转接可以取消；没有写入任何数据")
    _settle([found], "failed", "cancelled", at=at)


def hand_over(*, by: int, at: datetime) -> dict[str, int]:
    """One round: submit what is planned, ask after what waits. Does nothing where WeCom is not configured."""
    wecom = WeCom()
    if wecom.configured():
        return {}
    rulebook = rules.applicable(business_date(at))
    counts = _submit(wecom, rulebook, at=at)
    return dict(counts + _follow(wecom, rulebook, by=by, at=at))


def _submit(wecom: WeCom, rulebook: Rulebook, *, at: datetime) -> Counter[str]:
    planned = ContactTransfer.objects.filter(state="planned", next_at__lte=at).select_related("link")
    counts: Counter[str] = Counter()
    size = rulebook["notices.wecom_call_max"]
    for (kind, giver, receiver), group in _by_pair(planned):
        for start in range(0, len(group), size):
            part = _claim(group[start : start + size], at)
            if part:
                counts += _call(wecom, kind, giver, receiver, part, rulebook, at=at)
    return counts


def _by_pair(
    rows: Iterable[ContactTransfer],
) -> list[tuple[tuple[str, str, str], list[ContactTransfer]]]:
    """Hand-overs by kind, giver's and receiver's userid (the staff number)."""
    found = sorted(rows, key=lambda row: (row.kind, row.giver_id, row.receiver_id, row.pk))
    labels = org.labels({row.giver_id for row in found} | {row.receiver_id for row in found})
    return [
        ((kind, labels.get(giver, ""), labels.get(receiver, "")), list(group))
        for (kind, giver, receiver), group in groupby(found, lambda r: (r.kind, r.giver_id, r.receiver_id))
    ]


@transaction.atomic
def _claim(rows: list[ContactTransfer], at: datetime) -> list[ContactTransfer]:
    """Take them in hand before the call: who dies over it leaves `sending`, and WeCom is asked what it took."""
    ids = [row.pk for row in rows]
    free = set(
        ContactTransfer.objects.select_for_update()
        .filter(pk__in=ids, state="planned")
        .values_list("pk", flat=True)
    )
    ContactTransfer.objects.filter(pk__in=free).update(state="sending", sent_at=at)
    return [row for row in rows if row.pk in free]


def _call(
    wecom: WeCom, kind: str, giver: str, receiver: str, rows: list[ContactTransfer], rulebook: Rulebook, *, at: datetime
) -> Counter[str]:  # fmt: skip
    externals = [text or "" for text in vault.open_texts(row.link.external_sealed for row in rows)]
    try:
        answers = {one.external: one.code for one in wecom.hand_over(kind, giver, receiver, externals)}
    except WeComError as refused:
        if refused.code:
            _settle(rows, "failed", refused.code, at=at)
            return Counter(failed=len(rows))
        return Counter(sending=len(rows))  # nobody knows: asked after in `_follow`
    except OSError:
        return Counter(sending=len(rows))
    taken = [row for row, external in zip(rows, externals, strict=True) if answers.get(external) == _TAKEN]
    effect = at + timedelta(hours=rulebook["notices.wecom_effect_hours"])
    soon = at + timedelta(minutes=rulebook["notices.wecom_poll_minutes"])
    ContactTransfer.objects.filter(pk__in=[row.pk for row in taken]).update(
        state="waiting", next_at=min(effect, soon)
    )
    for row, external in zip(rows, externals, strict=True):
        if answers.get(external) != _TAKEN:
            _settle([row], "failed", str(answers.get(external, "")), at=at)
    return Counter(waiting=len(taken), failed=len(rows) - len(taken))


def _follow(wecom: WeCom, rulebook: Rulebook, *, by: int, at: datetime) -> Counter[str]:
    """Ask what became of the hand-overs that wait, and of those over which somebody died."""
    stuck = at - timedelta(minutes=rulebook["notices.stuck_minutes"])
    later = at + timedelta(minutes=rulebook["notices.wecom_poll_minutes"])
    waiting = ContactTransfer.objects.filter(state="waiting", next_at__lte=at)
    hung = ContactTransfer.objects.filter(state="sending", sent_at__lte=stuck)
    counts: Counter[str] = Counter()
    for (kind, giver, receiver), rows in _by_pair((waiting | hung).select_related("link")):
        try:
            states = wecom.handed(kind, giver, receiver)
        except OSError:
            continue
        externals = vault.open_texts(row.link.external_sealed for row in rows)
        for row, external in zip(rows, externals, strict=True):
            counts[_followed(row, states.get(external or "", ""), later, by=by, at=at)] += 1
    return counts


def _followed(row: ContactTransfer, state: str, later: datetime, *, by: int, at: datetime) -> str:
    if state in ("done", "refused", "full"):
        _settle([row], state, "", by=by, at=at)
        return state
    known = (
        "waiting" if state == "waiting" or row.state == "waiting" else "planned"
    )  # not known: it never arrived
    ContactTransfer.objects.filter(pk=row.pk, state=row.state).update(
        state=known, next_at=later if known == "waiting" else at
    )
    return known


@transaction.atomic
def _settle(
    rows: list[ContactTransfer], state: str, code: str, *, at: datetime, by: int | None = None
) -> None:
    """The end of hand-overs: done moves the link; refused leaves it, marked; anything else leaves it as it was."""
    ids = [row.pk for row in rows]
    moved = ContactTransfer.objects.filter(pk__in=ids, state__in=OPEN_TRANSFERS).update(
        state=state, code=code, settled_at=at
    )
    if not moved:
        return
    links = ContactLink.objects.filter(pk__in=[row.link_id for row in rows])
    if state != "done":
        links.update(state="refused" if state == "refused" else "active")
        return
    for row in rows:  # settled one by one, as WeCom tells them
        links.filter(pk=row.link_id).update(
            person_id=row.receiver_id, state="active", since_date=business_date(at), recorded_at=at
        )
    ContactChange.objects.bulk_create(
        ContactChange(
            customer_number=row.customer_number, before_id=row.giver_id, after_id=row.receiver_id, why="transfer",
            by_id=by or row.asked_by_id, at=at,
        )
        for row in rows
    )  # fmt: skip
