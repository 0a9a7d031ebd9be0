"""What an import would do if it were stored now, counted as the import itself counts. Writes nothing, locks nothing.

In: the intake and classified book that `actions.import_books` would get. Out: its counts in advance. Never: a different
figure from the one the import then gives, as long as nobody else writes in between (a test compares).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl
from django.db.models import Model

from tuogu.books.content import content_digest
from tuogu.books.erasing import beside_tombstones
from tuogu.books.homes import without_known_people
from tuogu.books.missing import numbers_missing_from
from tuogu.books.models import Customer, ImportRun, Policy, Rider
from tuogu.core.intake_tables import Intake
from tuogu.core.tables import LIVE_STATES, Book, Books
from tuogu.ledger import queries as custody
from tuogu.org import queries as staff
from tuogu.org.scope import Scope

SOURCE_SYSTEM = "core"


@dataclass(frozen=True)
class Forecast:
    """`already`: the import that held the same content; then `counts` are its own and nothing would change."""

    already: int | None
    counts: dict[str, int]
    in_post: pl.Series  # staff numbers that may receive once it is stored; empty where nothing would change


def forecast(intake: Intake, book: Book, *, coverage: str, on: date, scope: Scope | None = None) -> Forecast:
    """The counts of `import_books(intake, book, coverage=coverage, scope=scope)` on the business day `on`. OrgError, with
    the words of the import, where its institutions or people do not fit what is stored."""
    same = ImportRun.objects.filter(content_digest=content_digest(intake, coverage), reverted_at__isnull=True)
    before = same.first()
    if before is not None:
        return Forecast(before.pk, before.counts, pl.Series(dtype=pl.String))
    books = intake.books
    staff.judge_institutions(books.institutions)
    fresh = without_known_people(books) if intake.returned else books
    people = _people(fresh, on)
    counts = {"institutions": _changed_institutions(books.institutions), **people.counts}
    counts |= _contracts(books, book.classified, people.in_post)
    counts["stale"] += books.people.height - fresh.people.height
    counts |= {
        "coordinates": book.books.coordinates.height,
        "rejected": intake.rejects.select("sheet", "row").n_unique(),
    }
    if coverage == "full":
        counts["missing_from_full"] = numbers_missing_from(intake, scope).height
    return Forecast(None, counts, people.in_post)


def _changed_institutions(given: pl.DataFrame) -> int:
    """New institutions and those of which something changes, its place in the tree included. A few hundred rows."""
    stored = {row["institution_code"]: row for row in staff.institutions().iter_rows(named=True)}
    wanted = stored | {row["institution_code"]: row for row in given.iter_rows(named=True)}

    def path(of: dict[str, dict[str, str | None]], code: str | None) -> list[str]:
        steps: list[str] = []
        while code and code in of and code not in steps:
            steps.append(code)
            code = of[code]["parent_code"]
        return steps

    return sum(
        code not in stored or wanted[code] != stored[code] or path(wanted, code) != path(stored, code)
        for code in given["institution_code"]
    )


@dataclass(frozen=True)
class _People:
    counts: dict[str, int]
    in_post: pl.Series  # staff numbers that may receive once the import is stored


def _people(books: Books, on: date) -> _People:
    """Who is new, who leaves with how many pieces, and who is in post afterwards."""
    stored = staff.staff_ids().rename({"left_date": "stored_left"})
    given = books.people.select("staff_number", "left_date").join(
        stored, on="staff_number", how="left", nulls_equal=False
    )
    known = given.filter(pl.col("custodian_id").is_not_null())
    leaving = known.filter(
        (pl.col("left_date") <= on)
        & (pl.col("stored_left").is_null() | (pl.col("left_date") < pl.col("stored_left")))
    )
    moved = sum(
        custody.preview_leave(person, leave_date=day).moved
        for person, day in leaving.select("custodian_id", "left_date").iter_rows()
    )
    gone = (pl.col("left_date") <= on) | (
        pl.col("left_date").is_not_null() & pl.col("stored_left").is_not_null()
    )
    stays = given.filter(~gone.fill_null(False))["staff_number"]
    elsewhere = stored.join(given, on="staff_number", how="anti").filter(
        pl.col("stored_left").is_null() | (pl.col("stored_left") > on)
    )
    counts = {
        "people_new": given.height - known.height,
        "people_updated": staff.people_to_update(
            books.people, on=on, new_institutions=books.institutions["institution_code"].to_list()
        ),
        "people_left": leaving.height,
        "moved_by_leaving": moved,
    }
    return _People(counts, pl.concat([stays, elsewhere["staff_number"]]))


def _contracts(books: Books, classified: pl.DataFrame, in_post: pl.Series) -> dict[str, int]:
    day, kept = books.data_date, beside_tombstones(books.customers, books.policies).kept  # L-07
    mains, riders = books.policies.filter(kind="main"), books.policies.filter(kind="rider")
    customers, customers_updated = _written(kept.select(number="customer_number"), Customer, day)
    written, updated = _written(mains.rename({"policy_number": "number"}), Policy, day)
    written_riders, riders_updated = _written(riders.select(number="policy_number"), Rider, day)
    subjects = custody.subject_ids(SOURCE_SYSTEM).select("number")
    first = mains.rename({"policy_number": "number"}).join(subjects, on="number", how="anti")
    orphans = classified.select(pl.col("policy_number").alias("number"), "orphan")
    to_buffer = first.join(orphans, on="number", how="left").filter(
        pl.col("orphan").fill_null(False) | ~pl.col("agent_number").is_in(in_post.implode()).fill_null(False)
    )
    held = custody.holdings(Scope.everything(), kind="policy").select("number")
    live = pl.col("state").is_in(LIVE_STATES)
    holds = pl.concat([held, first.select("number")])
    return {
        "customers": customers.height, "policies": written.height, "riders": written_riders.height,
        "customers_updated": customers_updated, "policies_updated": updated, "riders_updated": riders_updated,
        "stale": kept.height + mains.height + riders.height
        - customers.height - written.height - written_riders.height,
        "opened": first.height, "opened_buffer": to_buffer.height, "already_open": mains.height - first.height,
        "closed": written.filter(~live).join(holds, on="number", how="semi").height,
        "reopened": written.filter(live).join(holds, on="number", how="anti").height,
        **({"erased": out} if (out := books.customers.height - kept.height) else {}),
    }  # fmt: skip


def _written(given: pl.DataFrame, model: type[Model], day: date) -> tuple[pl.DataFrame, int]:
    """The rows that are new, or newer than what is stored; and how many of them are stored already."""
    rows = list(model._default_manager.values_list("number", "data_date"))
    stored = pl.DataFrame(rows, schema={"number": pl.String, "stored_date": pl.Date}, orient="row")
    written = given.join(stored.filter(pl.col("stored_date") >= day), on="number", how="anti")
    return written, written.join(stored, on="number", how="semi").height
