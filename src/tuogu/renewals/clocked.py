"""What the clock reads of this room: every running policy as a row of core.motor.

In: a day. Out: CLOCKED, FIRED, holidays, limits by version. Never: a name, a plate or a phone; a custodian kept in a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import polars as pl
from django.db import connection

from tuogu.bulk import drop, fetch, load
from tuogu.core.motor.clock import BEFORE, CLOCKED, ORDER
from tuogu.core.motor.holidays import table
from tuogu.core.motor.limits import Limits
from tuogu.core.motor.tables import FIRED
from tuogu.core.tables import Schema, conform
from tuogu.data.festivals import FESTIVALS, festival_days
from tuogu.data.workdays import is_working_day
from tuogu.org import queries as org
from tuogu.privacy import queries as privacy
from tuogu.privacy.kinds import Channel
from tuogu.privacy.kinds import Purpose as Used
from tuogu.renewals.models import MonthlyList
from tuogu.rules import queries as rules
from tuogu.work import queries as work
from tuogu.work.kinds import Purpose

_ROWS: Schema = {
    "subject_id": pl.Int64, "policy_number": pl.String, "holder_number": pl.String, "institution_code": pl.String,
    "premium_fen": pl.Int64, "important": pl.Int64, "fleet_number": pl.String, "expiry_date": pl.Date,
    "claim_due_date": pl.Date, "listed_date": pl.Date, "rulebook": pl.String, "custodian_id": pl.Int64,
    "outcome": pl.String, "withdrawn": pl.Int64, "named": pl.Int64,
}  # fmt: skip
_SPOKEN: Schema = {"subject_id": pl.Int64, "own_contacts": pl.Int64}
_SQL = """
SELECT m.subject_id, m.number, m.holder_number, m.institution_code, m.premium_fen,
       CASE WHEN m.important THEN 1 ELSE 0 END, m.fleet_number, m.expiry_date, l.claim_due_date, r.run_date, r.rulebook,
       h.custodian_id, e.outcome, CASE WHEN e.withdrawn THEN 1 ELSE 0 END,
       CASE WHEN EXISTS (SELECT 1 FROM renewals_naming n WHERE n.subject_id = m.subject_id) THEN 1 ELSE 0 END
FROM renewals_motorpolicy m
LEFT JOIN renewals_listedcase l ON l.subject_id = m.subject_id
LEFT JOIN renewals_monthlylist r ON r.id = l.monthly_list_id
LEFT JOIN ledger_holding h ON h.subject_id = m.subject_id AND h.relation = 'custody'
LEFT JOIN renewals_ended e ON e.subject_id = m.subject_id
     AND e.seq = (SELECT MAX(x.seq) FROM renewals_ended x WHERE x.subject_id = m.subject_id)
{where} ORDER BY m.subject_id
"""
_STATED = """
SELECT s.subject_id, s.intention FROM renewals_clocked c CROSS JOIN renewals_stated s
WHERE s.subject_id = c.subject_id
  AND s.id = (SELECT x.id FROM renewals_stated x JOIN work_record r ON r.id = x.record_id
              WHERE x.subject_id = s.subject_id ORDER BY r.happened_at DESC, x.id DESC LIMIT 1)
ORDER BY s.subject_id
"""  # what was said last, not what was told last: a phone without network tells late
_TRUTH = """
SELECT t.customer_number, CASE WHEN t."true" THEN 1 ELSE 0 END
FROM (SELECT DISTINCT c.holder_number FROM renewals_clocked c) h CROSS JOIN renewals_truthmark t
WHERE t.customer_number = h.holder_number
  AND t.id = (SELECT MAX(x.id) FROM renewals_truthmark x WHERE x.customer_number = t.customer_number)
ORDER BY t.customer_number
"""
_AT_WORK = "WHERE m.expiry_date <= %s AND (e.outcome IS NULL OR e.withdrawn OR e.outcome = 'elsewhere')"
_FIRED = f"""
SELECT f.subject_id, f.step, f."round", f.fired_date FROM renewals_rolled r
JOIN renewals_firedstep f ON f.subject_id = r.subject_id
WHERE f.step IN ({", ".join(f"'{step}'" for step in ORDER)}) ORDER BY f.subject_id, f.id
"""
_FEW = 10_000  # ids in one query; of more, everything is read and what is wanted kept
_SHIFT = timedelta(days=31)  # more than two holidays, one behind the other, move a day
_ABOUT = timedelta(days=120)  # before a case: its first step, and the longest holiday


def cases(on: date, *, subjects: Iterable[int] | None = None) -> pl.DataFrame:
    """CLOCKED of all policies, or of these, by subject; who is not listed yet keeps the rulebook of the day."""
    wanted = None if subjects is None else sorted(set(subjects))
    few = wanted is not None and len(wanted) <= _FEW
    where = f"WHERE m.subject_id IN ({', '.join(map(str, wanted or ())) or 'NULL'})" if few else ""
    with connection.cursor() as cursor:
        rows = fetch(cursor, _ROWS, _SQL.format(where=where))
    fleets = _fleets() if few else _counted(rows)
    if wanted is not None and not few:
        rows = rows.filter(pl.col("subject_id").is_in(wanted))
    return _clocked(rows, fleets, _own_contacts(rows, wanted), on)


def at_work(on: date) -> pl.DataFrame:
    """CLOCKED of those for which a step may be due by a day: cover ends within reach of the farthest step, and the case has
    not ended for good. What a roll reads grows with what is open, not with the years. Contacts are not counted."""
    versions = set(MonthlyList.objects.values_list("rulebook", flat=True)) | {rules.applicable(on).version}
    farthest = max(getattr(one, name) for one in limits(versions, on).values() for name in BEFORE.values())
    until = connection.ops.adapt_datefield_value(on + timedelta(days=farthest) + _SHIFT)
    with connection.cursor() as cursor:
        rows = fetch(cursor, _ROWS, _SQL.format(where=_AT_WORK), [until])
    return _clocked(rows, _fleets(), pl.DataFrame(schema=_SPOKEN), on)


def _clocked(rows: pl.DataFrame, fleets: pl.DataFrame, spoken: pl.DataFrame, on: date) -> pl.DataFrame:
    """CLOCKED of stored rows."""
    with connection.cursor() as cursor:
        load(cursor, "renewals_clocked", rows.select("subject_id", "holder_number"))
        stated = fetch(cursor, {"subject_id": pl.Int64, "intention": pl.String}, _STATED)
        truth = fetch(cursor, {"holder_number": pl.String, "judged": pl.Int64}, _TRUTH)
        drop(cursor, "renewals_clocked")
    refused = privacy.refused(Used.MARKETING, Channel.SMS, on)["customer_number"].implode()
    pools = {duty.pool for duty in org.pool_duties(on)}
    in_post = [one for one in org.receiving(on) if one not in pools]
    found = (
        rows.join(stated, on="subject_id", how="left", maintain_order="left")
        .join(truth, on="holder_number", how="left", maintain_order="left")
        .join(fleets, on="fleet_number", how="left", maintain_order="left")
        .join(spoken, on="subject_id", how="left", maintain_order="left")
    )
    ended = (pl.col("outcome").is_not_null() & (pl.col("withdrawn") == 0)).fill_null(False)
    return conform(
        found.with_columns(
            important=pl.col("important") == 1,
            named=pl.col("named") == 1,
            ended=ended,
            outcome=pl.when(ended).then("outcome"),
            fleet_vehicles=pl.col("fleet_vehicles").fill_null(0),
            own_contacts=pl.col("own_contacts").fill_null(0),
            custodian_in_post=pl.col("custodian_id").is_in(in_post).fill_null(False),
            opted_out=pl.col("holder_number").is_in(refused),
            data_true=pl.col("judged") == 1,
            rulebook=pl.col("rulebook").fill_null(rules.applicable(on).version),
        ),
        CLOCKED,
    )


def fired(cases: pl.DataFrame) -> pl.DataFrame:
    """FIRED: the steps of the clock that happened to these cases."""
    with connection.cursor() as cursor:
        load(cursor, "renewals_rolled", cases.select("subject_id"))
        found = fetch(cursor, FIRED, _FIRED)
        drop(cursor, "renewals_rolled")
    return found


def limits_of(cases: pl.DataFrame, on: date) -> dict[str, Limits]:
    """Limits by version, as the cases name them (S3-07)."""
    return limits(cases["rulebook"].unique().to_list(), on)


def limits(versions: Iterable[str], on: date) -> dict[str, Limits]:
    """Limits of these versions; one that is adopted no longer under its name is the one of the day."""
    today = rules.applicable(on)
    known = {book.version: book for book in (today, *(rules.applicable(day) for day in rules.adopted_days()))}
    first = rules.applicable(date.min)
    known.setdefault(first.version, first)
    return {version: Limits.of(known.get(version, today)) for version in versions}


def holidays(first: date, last: date) -> pl.DataFrame:
    """HOLIDAYS that may touch a case of these days."""
    rows = []
    for year in range((first - _ABOUT).year, (last + _ABOUT).year + 1):
        for festival in FESTIVALS:
            days = festival_days(year, festival)
            if days is not None:
                rows.append((_WORDS.get(festival, festival), *days, _working_before(days[0])))
    return table(rows)


_WORDS: Mapping[str, str] = {"tomb_sweeping": "qingming"}  # as the rulebook calls it


def _working_before(day: date) -> date:
    before = day - timedelta(days=1)
    while not is_working_day(before):
        before -= timedelta(days=1)
    return before


def _counted(rows: pl.DataFrame) -> pl.DataFrame:
    named = rows.filter(pl.col("fleet_number") != "")
    return named.group_by("fleet_number").agg(fleet_vehicles=pl.len().cast(pl.Int64))


def _fleets() -> pl.DataFrame:
    sql = "SELECT fleet_number, COUNT(*) FROM renewals_motorpolicy WHERE fleet_number <> '' GROUP BY fleet_number"
    with connection.cursor() as cursor:
        return fetch(cursor, {"fleet_number": pl.String, "fleet_vehicles": pl.Int64}, sql)


def _own_contacts(rows: pl.DataFrame, wanted: list[int] | None) -> pl.DataFrame:
    """How often the responsible person spoke with the customer since the policy was listed, up to its last day (S3-08)."""
    found = work.contacts_for(Purpose.RENEWAL, wanted)
    since = rows.select("subject_id", "custodian_id", "listed_date", "expiry_date")
    counted = found.join(since, on="subject_id").filter(
        (pl.col("person_id") == pl.col("custodian_id"))
        & (pl.col("happened_date") >= pl.col("listed_date").fill_null(date.min))
        & (pl.col("happened_date") <= pl.col("expiry_date"))
    )
    return counted.group_by("subject_id").agg(own_contacts=pl.len().cast(pl.Int64))
