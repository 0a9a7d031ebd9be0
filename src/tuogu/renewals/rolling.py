"""Once a day: the steps of the clock that are due happen, each once, with what follows from it (S3-08…S3-18).

In: the stored policies, what has happened, the day. Out: rows of FiredStep, tasks of `work`, help asked. Never: a step
twice, anything for a case that has ended; a day that, rolled again, changes something.

The claim's own steps (late, open to the city, dealt) are those of claiming; messages leave in `messages`, outside of this
transaction.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl
from django.db import transaction

from tuogu.core.custody import business_date
from tuogu.core.motor import clock
from tuogu.core.motor.limits import Limits
from tuogu.ledger import actions as ledger
from tuogu.renewals import clocked
from tuogu.renewals.firing import FIRING, fire
from tuogu.renewals.kinds import Step
from tuogu.renewals.models import Ended, Support
from tuogu.rules import queries as rules
from tuogu.work import actions as work
from tuogu.work import queries as records
from tuogu.work.kinds import Asked, Purpose, Reason

CLAIMS = (Step.CLAIM_LATE,)  # claiming fires these itself
_CONTACTS = (Step.OWN_CONTACT, Step.LAPSED)  # steps that ask the responsible person to talk to the customer
_YEAR = "1y"
_AT_ONCE = 500
_LOOK_BACK = timedelta(days=60)  # ends that a pause of the rounds may have left unread


@transaction.atomic
def roll(*, by: int, at: datetime) -> int:
    """Everything due today or missed before; returns how many steps fired. Again fires nothing."""
    ledger.lock_shared()
    today = business_date(at)
    running = clocked.at_work(today)
    before = clocked.fired(running)
    _end_tasks(before, by=by, at=at)
    if running.is_empty():
        return 0
    limits = clocked.limits_of(running, today)
    holidays = clocked.holidays(today, today)
    found = clock.due(running, before, limits, holidays, today)
    steps = found.filter(~pl.col("step").is_in([str(one) for one in CLAIMS]))
    named = steps.join(running.select("subject_id", person_id="custodian_id"), on="subject_id")
    made = fire(named.select(*FIRING), at=at)
    _follow(named, running, limits, holidays, today, by=by, at=at)
    return made


def _follow(
    steps: pl.DataFrame, cases: pl.DataFrame, limits: dict[str, Limits], holidays: pl.DataFrame, today: date, *, by: int,
    at: datetime,
) -> None:  # fmt: skip
    """What the steps bring about."""

    def of(step: Step) -> pl.DataFrame:
        return steps.filter(pl.col("step") == str(step)).join(cases, on="subject_id")

    contact = of(Step.OWN_CONTACT)
    if len(contact):  # S3-10
        due = clock.contact_due(contact.select(*clock.CLOCKED), limits, holidays)
        rows = contact.join(due, on="subject_id").select(
            "subject_id", opens_date=pl.lit(today), due_date=pl.max_horizontal("contact_date", pl.lit(today)),
            key=pl.format("expiry:{}", "expiry_date"),
        )  # fmt: skip
        work.ask_tasks(rows, Asked.RENEWAL, Reason.DUE, at=at)
    _rescue(of(Step.LAPSED), limits, today, at=at)
    _next_year(of(Step.NEXT_YEAR), limits, today, at=at)
    _ask_help(of(Step.TO_LEADERS), by=by, at=at)


def _rescue(lapsed: pl.DataFrame, limits: dict[str, Limits], today: date, *, at: datetime) -> None:
    """A contact every period until the car is insured anywhere (S3-17)."""
    months = {version: one.lapsed_list_every_months for version, one in limits.items()}
    every = pl.col("rulebook").replace_strict(months, return_dtype=pl.Int64)
    last = pl.col("due_date").dt.offset_by(pl.format("{}mo", every)).dt.offset_by("-1d")
    rows = lapsed.select(
        "subject_id", opens_date=pl.lit(today), due_date=pl.max_horizontal(last, pl.lit(today)),
        key=pl.format("lapsed:{}", "round"),
    )  # fmt: skip
    work.ask_tasks(rows, Asked.RENEWAL, Reason.DUE, at=at)


def _next_year(steps: pl.DataFrame, limits: dict[str, Limits], today: date, *, at: datetime) -> None:
    """True data: a contact when the next insurance runs out. Untrue data: the truth first (S3-21)."""
    true, untrue = steps.filter(pl.col("reason") == ""), steps.filter(pl.col("reason") == "untrue")
    before = {version: one.list_from_days for version, one in limits.items()}
    ahead = {version: one.own_contact_before_days for version, one in limits.items()}
    due = pl.col("expiry_date").dt.offset_by(_YEAR).dt.offset_by(_back(before))
    rows = true.with_columns(due=pl.max_horizontal(due, pl.lit(today))).select(
        "subject_id", opens_date=pl.col("due").dt.offset_by(_back(ahead)), due_date="due",
        key=pl.format("expiry:{}", "expiry_date"),
    )  # fmt: skip
    work.ask_tasks(rows, Asked.NEXT_YEAR, Reason.DUE, at=at)
    repair = today + timedelta(days=int(rules.applicable(today)["work.repair_days"]))
    rows = untrue.select(
        "subject_id",
        opens_date=pl.lit(today),
        due_date=pl.lit(repair),
        key=pl.format("motor:{}", "expiry_date"),
    )
    work.ask_tasks(rows, Asked.DATA_REPAIR, Reason.DATA_CHANGE, at=at)


def _back(days: dict[str, int]) -> pl.Expr:
    return pl.format("-{}d", pl.col("rulebook").replace_strict(days, return_dtype=pl.Int64))


def _ask_help(steps: pl.DataFrame, *, by: int, at: datetime) -> None:
    """Important customers and large fleets to the city, others to the branch's leader (S3-14)."""
    known = set(Support.objects.values_list("subject_id", flat=True)) if len(steps) else set()
    Support.objects.bulk_create(
        [
            Support(
                subject_id=subject,
                asked_of="city" if why in clock.BIG else "leader",
                why=why,
                by_id=by,
                at=at,
            )
            for subject, why in steps.select("subject_id", "reason").iter_rows()
            if subject not in known
        ],
        batch_size=_AT_ONCE,
    )


def _end_tasks(fired: pl.DataFrame, *, by: int, at: datetime) -> None:
    """Tasks of cases that have ended are owed no longer; those of customers spoken to since are done."""
    since = at - _LOOK_BACK
    last = (
        Ended.objects.filter(at__gte=since).order_by("seq").values_list("subject_id", "outcome", "withdrawn")
    )
    stands = {subject: "" if withdrawn else outcome for subject, outcome, withdrawn in last}
    how = {subject: outcome for subject, outcome in stands.items() if outcome}
    gone = [subject for subject, outcome in how.items() if outcome != "elsewhere"]
    work.end_tasks(how, [Asked.RENEWAL], done=False, reason="业务已结束", by=by, at=at)
    work.end_tasks(gone, [Asked.NEXT_YEAR], done=False, reason="业务已结束", by=by, at=at)
    asked = fired.filter(pl.col("step").is_in([str(one) for one in _CONTACTS]))
    asked = asked.group_by("subject_id").agg(pl.col("fired_date").max())
    spoken = records.contacts_for(Purpose.RENEWAL, asked["subject_id"])
    met = spoken.join(asked, on="subject_id").filter(pl.col("happened_date") >= pl.col("fired_date"))
    work.end_tasks(met["subject_id"], [Asked.RENEWAL], done=True, reason="已联系客户", by=by, at=at)
