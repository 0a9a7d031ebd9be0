"""What is true of tasks and custody, counted slowly and by other means than the product's: case by case, day by day.

In: what was known of customers on which days (`Spell`), what was done for them (`Fact`), or the stored rows. Out: every duty
that was owed with what became of it; faults as lines. Never: a look at core.timeline's columns or at how `work` ends tasks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tuogu.core.reference import timeline as slow
from tuogu.core.timeline.obligations import Obligation

Name = tuple[int, str, date]  # subject, duty, anchor's day
EVENTS = {
    "papers_complete",
    "papers_answered",
    "second_meeting",
    "missed_visit",
}  # anchors told by records and papers
BEFORE_DAYS = 400  # a policy year and the days by which a duty may open ahead
_SHOWS = {  # what a record of this kind and outcome shows to have been done
    ("visit", "met"): "visit", ("call", "reached"): "call", ("call", "refused"): "call", ("sms", "sent"): "sms",
    ("wecom", "sent"): "wecom", ("wecom", "reached"): "wecom", ("letter", "sent"): "letter", ("card", "sent"): "card",
}  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """A record that counts. `subjects`: the policies it served; `checked`: of these, checked and tidied up."""

    client_key: str
    customer: str
    kind: str
    outcome: str
    day: date
    recorded_at: datetime
    subjects: tuple[int, ...]
    checked: tuple[int, ...] = ()
    told_loss: bool = False
    appointed: bool = False

    def shown(self) -> list[dict[str, Any]]:
        """Evidence, as rows."""
        known = _SHOWS.get((self.kind, self.outcome))
        kinds = [known] if known else []
        kinds += ["loss_notice"] if self.told_loss else []
        kinds += ["appointment"] if self.appointed else []
        lines = [(subject, kind) for subject in (None, *self.subjects) for kind in kinds]
        lines += [(subject, "check_up") for subject in self.checked]
        return [
            {"subject_id": subject, "customer_number": self.customer, "kind": kind, "day": self.day}
            for subject, kind in lines
        ]


@dataclass(frozen=True)
class Spell:
    """What was known of one customer's policies (rows of CASES, `held`) on the rolls from `first` to `last`."""

    first: date
    last: date
    rows: tuple[Mapping[str, Any], ...]

    def row(self, subject: int) -> Mapping[str, Any] | None:
        return next((row for row in self.rows if row["subject_id"] == subject and row["held"]), None)


@dataclass(frozen=True)
class Owed:
    """One duty and what became of it: done, void, waived, late or open."""

    opens: date
    due: date
    needed: int
    state: str


class Truth:
    """The duties of one customer. `began`: the first day ever rolled; `roll_at`: when a day is rolled."""

    def __init__(self, duties: Sequence[Obligation], began: date, end_at: datetime, roll_at: Any) -> None:
        self.duties = {duty.key: duty for duty in duties if duty.anchor not in EVENTS}
        self.began, self.end_at, self.roll_at = began, end_at, roll_at

    def of(
        self, spells: Sequence[Spell], facts: Sequence[Fact], waived: Mapping[Name, datetime]
    ) -> dict[Name, Owed]:
        """Every duty that opened by the last roll and was not over before the first."""
        found: dict[Name, tuple[slow.Found, Spell]] = {}
        for spell in spells:
            for row in self._opened(spell):
                found.setdefault((row[0], row[1], row[2]), (row, spell))
        return {
            name: self._became(row, self._void_at(name, made, spells, found), facts, waived.get(name))
            for name, (row, made) in found.items()
        }

    def _opened(self, spell: Spell) -> list[slow.Found]:
        rows = [row for row in spell.rows if row["held"]]
        since = spell.first - timedelta(days=BEFORE_DAYS)
        every = slow.occurrences(rows, [], [(date.min, tuple(self.duties.values()))], since, spell.last)
        return [row for row in every if row[4] >= self.began]

    def _void_at(
        self, name: Name, made: Spell, spells: Sequence[Spell], found: Mapping[Name, Any]
    ) -> datetime | None:
        """When the duty ended because the policy owes it no longer, or a new custody began it anew."""
        subject, key, anchor = name
        duty = self.duties[key]
        for spell in spells:
            if spell.first <= made.first:
                continue
            row = spell.row(subject)
            gone = row is None or not slow.owes(row, duty)
            received = None if row is None else row["received_date"]
            anew = (
                duty.anchor == "received"
                and received
                and received > anchor
                and (subject, key, received) in found
            )
            if gone or anew:
                return self.roll_at(spell.first)
        return None

    def _became(
        self, row: slow.Found, void: datetime | None, facts: Sequence[Fact], waived: datetime | None
    ) -> Owed:
        subject, _key, _anchor, opens, due, needed = row
        over = min([moment for moment in (void, waived) if moment], default=None)
        cut = over or self.end_at
        proof = [line for fact in facts if fact.recorded_at < cut for line in fact.shown()]
        customer = {"subject_id": subject, "customer_number": facts[0].customer if facts else None}
        last = self.end_at.date()
        state = slow.standing([row], [customer], proof, list(self.duties.values()), last)[0][2]
        if state in {"met", "met_late"}:
            return Owed(opens, due, needed, "done")
        return Owed(opens, due, needed, state if over is None else "waived" if over == waived else "void")


# --- what the database says -------------------------------------------------------------------------------------------


def stored_tasks(subjects: Iterable[int]) -> dict[Name, Owed]:
    """The tasks of duties of these subjects; what is neither ended nor late is open. AssertionError: one is there twice."""
    from tuogu.work.kinds import Asked
    from tuogu.work.models import Task

    rows = (
        Task.objects.filter(subject_id__in=list(subjects))
        .exclude(obligation__in=Asked.values)
        .select_related("end")
    )
    found = {}
    for task in rows:
        name = (task.subject_id, task.obligation, task.anchor_date)
        assert name not in found, f"twice: {name}"
        end = getattr(task, "end", None)
        found[name] = Owed(task.opens_date, task.due_date, task.needed, end.outcome if end else "open")
    return found


def stored_facts() -> list[Fact]:
    """Every record that stands."""
    from tuogu.work.models import Record, RecordPolicy

    served, checked = defaultdict(list), defaultdict(list)
    for record, subject, tidy in RecordPolicy.objects.values_list("record_id", "subject_id", "checked"):
        served[record].append(subject)
        checked[record] += [subject] * tidy
    return [
        Fact(
            row.client_key, row.customer_number, row.kind, row.outcome, row.happened_date, row.recorded_at,
            tuple(sorted(served[row.pk])), tuple(sorted(checked[row.pk])), "loss_notice" in row.services,
            row.next_at is not None,
        )
        for row in Record.objects.filter(corrected_by__isnull=True).order_by("pk")
    ]  # fmt: skip


def custody_faults() -> list[str]:
    """Ledger verified, holdings rebuilt are the holdings that were, every live policy has one custodian."""
    from tuogu.books import queries as books
    from tuogu.ledger import actions, queries
    from tuogu.ledger.models import Holding

    def holdings() -> list[tuple[Any, ...]]:
        return sorted(
            Holding.objects.values_list("subject_id", "relation", "custodian_id", "since_date", "entry_id")
        )

    faults = [f"ledger: {problem}" for problem in queries.verify().problems]
    before = holdings()
    actions.rebuild_holdings()
    faults += [] if holdings() == before else ["holdings differ from the entries"]
    cases = books.care_cases()
    nobody = cases.filter(cases["live"] & cases["custodian_id"].is_null())["policy_number"].to_list()
    return faults + [f"nobody holds {number}" for number in nobody]


def task_faults(duties: Sequence[Obligation], as_of: date) -> list[str]:
    """Tasks of duties that are done without proof, or proved and not done; customers with a record are counted one by one,
    all others must have nothing done."""
    from tuogu.books import queries as books
    from tuogu.work.models import Record, Task, TaskEnd

    facts: dict[str, list[Fact]] = defaultdict(list)
    for fact in stored_facts():
        facts[fact.customer].append(fact)
    cases = books.care_cases(holders=facts)
    of = dict(cases.select("subject_id", "customer_number").iter_rows())
    known = {duty.key: duty for duty in duties}
    faults = []
    for name, task in stored_tasks(of).items():
        if name[1] not in known or task.state in {"void", "waived"}:
            continue
        customer = of[name[0]]
        row = (*name, task.opens, task.due, task.needed)
        proof = [line for fact in facts[customer] for line in fact.shown()]
        case = {"subject_id": name[0], "customer_number": customer}
        met = slow.standing([row], [case], proof, list(duties), as_of)[0][2] in {"met", "met_late"}
        if met != (task.state == "done"):
            faults.append(f"{name}: {task.state}, but the records say {'done' if met else 'not done'}")
    done = set(TaskEnd.objects.filter(outcome="done").values_list("task__subject_id", flat=True))
    faults += [f"done without a record: subject {subject}" for subject in sorted(done - of.keys())]
    keys = Counter(Record.objects.values_list("client_key", flat=True))
    faults += [f"record twice: {key}" for key, times in keys.items() if times > 1]
    held = set(cases.filter(cases["custodian_id"].is_not_null())["subject_id"])
    loose = Task.objects.filter(end__isnull=True, subject_id__in=list(of.keys() - held)).count()
    return faults + ([f"{loose} open tasks of policies that nobody holds"] if loose else [])
