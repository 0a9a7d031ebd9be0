"""A late task comes before the next post, step by step (P-20).

In: open tasks past their day, who holds what, posts. Out: one row a task and step. Never: a step twice, the holder
told of the own lateness as a superior.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import polars as pl
from django.db import connection, transaction

from tuogu.books import queries as books
from tuogu.bulk import drop, fetch, load
from tuogu.core.custody import business_date
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.rules import queries as rules
from tuogu.work.limits import escalation_steps
from tuogu.work.models import Escalation

_LATE = """
SELECT t.id, t.subject_id, t.due_date, h.custodian_id
FROM work_task t
JOIN ledger_holding h ON h.subject_id = t.subject_id AND h.custodian_id IS NOT NULL
                     AND h.relation IN ('custody', 'development')
LEFT JOIN work_taskend x ON x.task_id = t.id
LEFT JOIN work_escalation s ON s.task_id = t.id AND s.step = %s
WHERE x.task_id IS NULL AND s.id IS NULL AND t.due_date <= %s
ORDER BY t.id
"""
_ROWS = {"task": pl.Int64, "subject_id": pl.Int64, "due_date": pl.Date, "custodian_id": pl.Int64}
_INSERT = f"""
INSERT INTO {Escalation._meta.db_table} (task_id, step, at, told_id)
SELECT n.task, n.step, %s, n.told FROM work_told n
WHERE NOT EXISTS (SELECT 1 FROM {Escalation._meta.db_table} e WHERE e.task_id = n.task AND e.step = n.step)
"""


@transaction.atomic
def tick(*, by: int, at: datetime) -> int:  # noqa: ARG001 - rounds name who acts; here nobody decides
    """Write down every step that is due and was not yet; returns how many."""
    today = business_date(at)
    steps = list(enumerate(escalation_steps(rules.applicable(today)), 1))
    found = [(step, role, _late(step, today - timedelta(days=days))) for step, (days, role) in steps]
    if all(rows.is_empty() for _step, _role, rows in found):
        return 0
    tree = _Tree(today)
    return sum(_write(step, rows, tree.told(rows, role), at) for step, role, rows in found if len(rows))


def _late(step: int, until: date) -> pl.DataFrame:
    with connection.cursor() as cursor:
        params = [step, connection.ops.adapt_datefield_value(until)]
        return fetch(cursor, _ROWS, _LATE, params).unique("task", maintain_order=True)


def _write(step: int, rows: pl.DataFrame, told: pl.Series, at: datetime) -> int:
    frame = rows.select("task", step=pl.lit(step, pl.Int64)).with_columns(told.cast(pl.Int64).alias("told"))
    with connection.cursor() as cursor:
        load(cursor, "work_told", frame)
        cursor.execute(_INSERT, [connection.ops.adapt_datetimefield_value(at)])
        made = cursor.rowcount
        drop(cursor, "work_told")
    return int(made)


class _Tree:
    """Who holds a post nearest above a custodian, on one day."""

    def __init__(self, on: date) -> None:
        everywhere = Scope.everything()
        people = org.people(everywhere, on).select("custodian_id", "team_code", "institution_code")
        self._places = {person: team or code for person, team, code in people.iter_rows()}
        self._parents = org.parents()
        self._posts: dict[tuple[str, str], list[int]] = {}
        for post in org.posts(everywhere, on):
            if post.from_date <= on:
                self._posts.setdefault((post.role, post.institution_code), []).append(post.person)

    def told(self, rows: pl.DataFrame, role: str) -> pl.Series:
        """Of each row the holder of the post, null = nobody holds it."""
        cases = books.care_cases(subjects=rows["subject_id"]).select("subject_id", "institution_code")
        keyed = rows.join(cases, on="subject_id", how="left").select("custodian_id", "institution_code")
        pairs = keyed.unique()
        named = pairs.with_columns(
            pl.Series(
                "told", [self._above(who, code, role) for who, code in pairs.iter_rows()], dtype=pl.Int64
            )
        )
        return keyed.join(
            named,
            on=["custodian_id", "institution_code"],
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )["told"]

    def _above(self, custodian: int, managing: str | None, role: str) -> int | None:
        for code in self._upwards(self._places.get(custodian) or managing):
            others = [one for one in self._posts.get((Role(role).value, code), []) if one != custodian]
            if others:
                return min(others)
        return None

    def _upwards(self, code: str | None) -> Iterator[str]:
        while code:
            yield code
            code = self._parents.get(code)
