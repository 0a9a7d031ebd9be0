"""What an import would do to the rows that are stored: which are new, change, stay as they are or are older; which columns
change; which addresses would wait for a person; who is named that nobody knows. Writes nothing.

In: the intake and the classified book that `actions.import_books` would get, and what is stored. Out: counts, and the staff
numbers that nobody bears. Never: what a cell holds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import polars as pl
from django.db.models import Model

from tuogu.books.address_known import BY_HAND, NOT_CODABLE
from tuogu.books.address_queue import DOUBTFUL
from tuogu.books.erasing import beside_tombstones
from tuogu.books.homes import without_known_people
from tuogu.books.models import Customer, Policy, Rider
from tuogu.core.intake_tables import Intake
from tuogu.core.row_changes import FieldChange, row_changes
from tuogu.core.tables import LIVE_STATES, Book, Books
from tuogu.org import queries as staff
from tuogu.rules import queries as rules

_NO_REASON = "no_region"  # what the desk calls an address without a reason
_STATUS: dict[str, pl.DataType | type[pl.DataType]] = {
    "key": pl.String, "status": pl.String, "reason": pl.String, "confidence": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True)
class Rows:
    """The accepted rows of one kind, each in one of four lots; `fields` tells of the changed ones."""

    kind: str
    new: int
    changed: int
    same: int
    stale: int  # what is stored is of the same day or newer: the row is not taken
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True)
class Ahead:
    """`queue`: reason → addresses that would begin to wait at the address desk; `leaving`: those that would stop waiting.
    `strangers`: agent_number, policies: named by live policies, borne by nobody, not even in this file."""

    rows: tuple[Rows, ...]
    queue: dict[str, int]
    leaving: int
    strangers: pl.DataFrame


def ahead(intake: Intake, book: Book, stored: Books, *, on: date) -> Ahead:
    """What the import would do on the business day `on`. `stored`: everything in the books, read before the file."""
    books = replace(
        intake.books, customers=beside_tombstones(intake.books.customers, intake.books.policies).kept
    )  # L-07: erased people are not written
    mains, riders = ("main", Policy), ("rider", Rider)
    rows = [
        _rows("customers", books.customers, stored.customers, "customer_number", Customer, books.data_date)
    ]
    for (part, model), kind in zip((mains, riders), ("policies", "riders"), strict=True):
        given, known = books.policies.filter(kind=part), stored.policies.filter(kind=part)
        rows.append(_rows(kind, given, known, "policy_number", model, books.data_date))
    fresh = without_known_people(books) if intake.returned else books
    rows.append(_people(fresh.people, stored.people, books.people.height - fresh.people.height, on))
    queue, leaving = _queue(books, book, on)
    return Ahead(tuple(row for row in rows if row.new + row.changed + row.same + row.stale), queue, leaving,
                 _strangers(books, stored))  # fmt: skip


def _rows(
    kind: str, given: pl.DataFrame, stored: pl.DataFrame, key: str, model: type[Model], day: date
) -> Rows:
    days = list(model._default_manager.values_list("number", "data_date"))
    known = pl.DataFrame(days, schema={key: pl.String, "stored_date": pl.Date}, orient="row")
    taken = given.join(known.filter(pl.col("stored_date") >= day), on=key, how="anti")
    old = taken.join(known, on=key, how="semi").height
    changed, fields = row_changes(taken, stored, key)
    return Rows(kind, taken.height - old, changed, old - changed, given.height - taken.height, tuple(fields))


def _people(given: pl.DataFrame, stored: pl.DataFrame, stale: int, on: date) -> Rows:
    """A leave date that lies ahead is not recorded yet, and one that stands is never moved later."""
    known = stored.select("staff_number", stored_left="left_date")
    beside = given.join(known, on="staff_number", how="left", maintain_order="left")
    day, before = pl.col("left_date"), pl.col("stored_left")
    kept = (day.is_not_null() & before.is_not_null() & (day >= before)) | (day > on).fill_null(False)
    beside = beside.with_columns(
        pl.col("supervisor").fill_null(False), left_date=pl.when(kept).then(before).otherwise(day)
    ).select(given.columns)
    changed, fields = row_changes(beside, stored, "staff_number")
    old = given.join(stored, on="staff_number", how="semi").height
    return Rows("people", given.height - old, changed, old - changed, stale, tuple(fields))


def _queue(books: Books, book: Book, on: date) -> tuple[dict[str, int], int]:
    """Of customers with a live policy, as the desk lists them: who begins to wait and why; who stops."""
    line = float(rules.applicable(on)["regions.doubtful_below"])
    days = list(
        Customer.objects.values_list("number", "data_date", "code_status", "code_reason", "code_confidence")
    )
    schema = {**_STATUS, "stored_date": pl.Date}
    order = ("key", "stored_date", "status", "reason", "confidence")
    stored = pl.DataFrame(days, schema={name: schema[name] for name in order}, orient="row")
    live = book.books.policies.filter(pl.col("state").is_in(LIVE_STATES))
    numbers = pl.concat([live["holder_number"], live["insured_number"]]).drop_nulls().unique()
    located = book.located.join(books.customers.select(key="customer_number"), on="key", how="semi").filter(
        pl.col("key").is_in(numbers.implode())
    )
    written = located.join(stored.filter(pl.col("stored_date") >= books.data_date), on="key", how="anti")
    after = written.select("key", why=_why(line))
    before = stored.join(written, on="key", how="semi").select("key", before=_why(line))
    both = after.join(before, on="key", how="left")
    begins = both.filter(pl.col("why").is_not_null() & pl.col("before").is_null())
    stops = both.filter(pl.col("why").is_null() & pl.col("before").is_not_null())
    counts = begins.group_by("why").len().sort("len", "why", descending=[True, False])
    return dict(counts.iter_rows()), stops.height


def _why(line: float) -> pl.Expr:
    """Why an address waits, by the rule of the desk; null = it does not."""
    reason = pl.col("reason").fill_null("")
    unrecognised = (pl.col("status") == "manual") & (reason != NOT_CODABLE)
    doubtful = (pl.col("status") == "coded") & (pl.col("confidence") < line) & (reason != BY_HAND)
    named = pl.when(reason == "").then(pl.lit(_NO_REASON)).otherwise(reason)
    return pl.when(unrecognised).then(named).when(doubtful.fill_null(False)).then(pl.lit(DOUBTFUL))


def _strangers(books: Books, stored: Books) -> pl.DataFrame:
    """agent_number, policies: the most often named first."""
    known = pl.concat(
        [staff.staff_ids()["staff_number"], stored.people["staff_number"], books.people["staff_number"]]
    )
    live = books.policies.filter(
        (pl.col("kind") == "main") & pl.col("state").is_in(LIVE_STATES) & pl.col("agent_number").is_not_null()
    )
    unknown = live.filter(~pl.col("agent_number").is_in(known.drop_nulls().unique().implode()))
    return (
        unknown.group_by("agent_number")
        .agg(pl.len().alias("policies"))
        .sort("policies", "agent_number", descending=[True, False])
    )
