"""What duties are counted from, and what a list of duties shows: main policies with their custody, by the set.

In: subjects, holders, or nothing (everything). Out: CASES frames with who holds each now; lines of a list. Never: a
name, phone or address; a policy at a time.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from django.db import connection

from tuogu.books.listing import NEVER_DUE
from tuogu.books.models import Customer, ImportRun, ListedCommunity, ListedCustomer, ListedPolicy
from tuogu.bulk import Cursor, fetch, in_parts, relation_of
from tuogu.core.custody import business_date
from tuogu.core.tables import Schema
from tuogu.core.timeline.tables import CASES
from tuogu.ledger.kinds import EntryKind

_GIVEN = (EntryKind.RELEASE, EntryKind.TRANSFER, EntryKind.CLAIM, EntryKind.UNDO)
_READ: Schema = {
    **CASES,
    "custodian_id": pl.Int64,  # null = closed
    "since_date": pl.Date,  # of the present custody
    "came_by": pl.String,  # kind of the entry that began it
    "in_person": pl.Int64,
    "entered_date": pl.Date,
    "import_run": pl.Int64,
    "community_code": pl.String,
    "institution_code": pl.String,
    "next_due_date": pl.Date,
    "product_type": pl.String,
    "insured_number": pl.String,
}
CARE: Schema = {
    **CASES,
    **{name: _READ[name] for name in ("custodian_id", "since_date", "community_code", "institution_code")},
    **{name: _READ[name] for name in ("next_due_date", "product_type", "insured_number")},
    "told_date": pl.Date,  # on which something about it was last stored
}
_SQL = """
SELECT l.subject_id, l.number, l.holder_number, l.service_class, l.nature, l.orphan, l.live, l.state, NULL, l.inception_date,
       p.end_date, l.lapse_date, p.premium_mode, l.payments_per_year, l.payment_term_years, c.birth_date,
       h.custodian_id, h.since_date, e.kind, CASE WHEN o.kind = 'person' THEN 1 ELSE 0 END, e.recorded_date,
       p.import_run_id, l.community_code, l.institution_code, l.next_due_date, p.product_type, l.insured_number
FROM {asked} books_listedpolicy l
JOIN books_policy p ON p.subject_id = l.subject_id
LEFT JOIN books_customer c ON c.number = l.holder_number
LEFT JOIN ledger_holding h ON h.subject_id = l.subject_id AND h.relation = 'custody'
LEFT JOIN ledger_entry e ON e.id = h.entry_id
LEFT JOIN org_custodian o ON o.id = h.custodian_id
"""
LINES: Schema = {
    "subject_id": pl.Int64, "policy_number": pl.String, "customer_number": pl.String, "community_code": pl.String,
    "community": pl.String, "street": pl.String, "state": pl.String, "product_name": pl.String,
}  # fmt: skip
_LISTED = (
    "subject_id",
    "number",
    "holder_number",
    "community_code",
    "street_code",
    "state",
    "product_name",
)


def care_cases(
    *, subjects: Iterable[int] | None = None, holders: Iterable[str] | None = None
) -> pl.DataFrame:
    """CARE of these subjects, or of everything that these customers hold, or of all main policies; by subject.

    `received_date`: since when a person has it by release, transfer or claim; null where it was never handed over, or
    lies in a pool.
    """
    with connection.cursor() as cursor:
        if subjects is not None:
            found = _asked_for(cursor, "subject_id", pl.Int64, subjects)
        elif holders is not None:
            found = _asked_for(cursor, "holder_number", pl.String, holders)
        else:
            found = fetch(cursor, _READ, _SQL.format(asked="") + " ORDER BY l.subject_id")
    handed = pl.col("came_by").is_in([str(kind) for kind in _GIVEN]) & (pl.col("in_person") == 1)
    return found.with_columns(
        received_date=pl.when(handed).then("since_date"),
        next_due_date=pl.when(pl.col("next_due_date") != NEVER_DUE).then("next_due_date"),
        told_date=pl.max_horizontal(_stored(), "entered_date"),
    ).select(*CARE)


def _asked_for(
    cursor: Cursor, column: str, kind: type[pl.DataType], values: Iterable[object]
) -> pl.DataFrame:
    """The rows of these values. CROSS JOIN: SQLite then begins with the few asked for, not with all."""
    with relation_of(cursor, "care_asked", column, kind, values) as (relation, given):
        narrowed = _SQL.format(asked=f"{relation} a CROSS JOIN") + f" WHERE l.{column} = a.{column}"
        return fetch(cursor, _READ, f"{narrowed} ORDER BY l.subject_id", given)


def _stored() -> pl.Expr:
    """The business day on which the import that last wrote the policy was taken."""
    days = {int(pk): business_date(at) for pk, at in ImportRun.objects.values_list("pk", "recorded_at")}
    return pl.col("import_run").replace_strict(days, default=None, return_dtype=pl.Date)


_BATCH = 10_000  # numbers of one query: below the parameter limits of both databases


def care_lines(subjects: Iterable[int]) -> pl.DataFrame:
    """LINES of main policies, and of customers whose development is held (policy_number null), by subject."""
    wanted = sorted(set(subjects))
    rows = [
        row
        for part in in_parts(wanted, _BATCH)
        for row in ListedPolicy.objects.filter(pk__in=part).values_list(*_LISTED)
    ]
    names = _communities(row[3] for row in rows)
    told = [
        (row[0], row[1], row[2], row[3], *names.get(row[3], (None, None)), row[5], row[6]) for row in rows
    ]
    return pl.DataFrame(told, schema=LINES, orient="row").sort("subject_id")


def community_of_customers(numbers: Iterable[str]) -> dict[str, tuple[str | None, str | None]]:
    """Customer → (community code, name) of the own address."""
    rows = list(
        ListedCustomer.objects.filter(pk__in=sorted(set(numbers))).values_list("pk", "community_code")
    )
    names = _communities(code for _number, code in rows)
    return {number: (code, names.get(code, (None, None))[0]) for number, code in rows}


def _communities(codes: Iterable[str | None]) -> dict[str | None, tuple[str, str]]:
    rows = ListedCommunity.objects.filter(pk__in=sorted({code for code in codes if code}))
    return {row.pk: (row.community, row.street) for row in rows}


PEOPLE: Schema = {
    "customer_number": pl.String, "birth_date": pl.Date, "reachable": pl.Boolean, "info_accurate": pl.Boolean,
    "complaint": pl.Boolean,
}  # fmt: skip


def care_people(numbers: Iterable[str]) -> pl.DataFrame:
    """PEOPLE: birth date, whether there is a phone that was not found wrong, what is known of the data; by number."""
    wanted = sorted(set(numbers))
    rows = [
        (row[0], row[1], row[2] is not None and row[3] is not False, row[4], row[5])
        for part in in_parts(wanted, _BATCH)
        for row in Customer.objects.filter(number__in=part).values_list(
            "number", "birth_date", "phone_hash", "contactable", "info_accurate", "complaint"
        )
    ]
    return pl.DataFrame(rows, schema=PEOPLE, orient="row").sort("customer_number")
