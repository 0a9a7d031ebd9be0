"""Writes of the books: one import is one transaction that stores rows and opens, closes and reopens custody.

Keyword-only `by` (custodian id) and `recorded_at` (moment). Idempotent by content: the same rows with the same data
date change nothing, in whatever order, and a killed import leaves nothing behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
from django.db import transaction

from tuogu.books import listing, queries
from tuogu.books.address_known import learn_addresses, learn_missing_addresses
from tuogu.books.also_stored import also_stores, note_stored
from tuogu.books.amending import amend_customers
from tuogu.books.codebook_following import follow_codebook
from tuogu.books.coding_by_hand import code_by_hand, code_pattern, not_codable, undo_coding
from tuogu.books.content import content_digest
from tuogu.books.erasing import erase_customer, without_erased
from tuogu.books.failures import CodingRefused, ImportRefused
from tuogu.books.homes import store_homes, without_known_people
from tuogu.books.homes_by_hand import code_home, home_not_codable, undo_home
from tuogu.books.models import Coordinate, DisplayCode, ImportRun, MissingFromFull, Reject
from tuogu.books.reverting import Reverted, ask_revert, confirm_revert, decline_revert, revert_import
from tuogu.books.rows import contract_rows, customer_rows
from tuogu.bulk import insert_rows, upsert
from tuogu.core.custody import business_date
from tuogu.core.intake_tables import Intake
from tuogu.core.places import place_communities
from tuogu.core.tables import LIVE_STATES, Book, Books
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as custody
from tuogu.ledger.results import LeaveResult
from tuogu.org import actions as org
from tuogu.org import queries as staff
from tuogu.org.scope import Scope
from tuogu.regions import queries as regions_room
from tuogu.rules import queries as rules

__all__ = [
    "CodingRefused",
    "ImportRefused",
    "ImportResult",
    "Reverted",
    "also_stores",
    "amend_customers",
    "ask_revert",
    "code_by_hand",
    "code_home",
    "code_pattern",
    "confirm_revert",
    "decline_revert",
    "erase_customer",
    "follow_codebook",
    "home_not_codable",
    "import_books",
    "learn_addresses",
    "learn_missing_addresses",
    "leave",
    "not_codable",
    "note_stored",
    "rebuild_listing",
    "revert_import",
    "roll_listing",
    "undo_coding",
    "undo_home",
]  # fmt: skip
SOURCE_SYSTEM = "core"  # one installation reads one core system
_EARLIEST = date(2000, 1, 1)  # an older data date is a slip of the pen
RULE_OPEN = "N-01"
RULE_LEAVE = "S0-25"


@dataclass(frozen=True)
class ImportResult:
    """What an import did. `already`: this content was imported before, nothing changed."""

    import_run: int
    already: bool
    counts: dict[str, int]


def import_books(
    intake: Intake,
    book: Book,
    *,
    file_name: str,
    coverage: str,
    code_book_version: str,
    by: int,
    recorded_at: datetime,
    scope: Scope | None = None,
) -> ImportResult:
    """Store the accepted rows of `intake` and open custody of every live main policy.

    `book` is the same intake coded and classified: an orphan opens with the buffer group, any other policy with its
    agent. `coverage` is 'full' (rows missing from the file go to a review list, nothing closes by itself) or
    'partial'; a full file speaks of what lies in `scope` (None = everything).

    Raises ImportRefused when the data date lies ahead or is not given.
    """
    books = intake.books
    today = business_date(recorded_at)
    if not _EARLIEST <= books.data_date <= today:
        raise ImportRefused(f"数据日期 {books.data_date} 不在 2000-01-01 至今天({today})之间")
    digest = content_digest(intake, coverage)
    with transaction.atomic():
        before = ImportRun.objects.filter(content_digest=digest, reverted_at__isnull=True).first()
        if before is not None:
            return ImportResult(before.pk, True, before.counts)
        run = ImportRun.objects.create(
            content_digest=digest, file_name=file_name[:255], data_date=books.data_date, coverage=coverage,
            counts={}, by_id=by, recorded_at=recorded_at,
        )  # fmt: skip
        known = staff.staff_ids()
        fresh = without_known_people(books) if intake.returned else books
        counts, leaves = _store_people(fresh, by=by, at=recorded_at)
        counts |= _store_contracts(books, book, run, by=by, at=recorded_at)
        run.batches += leaves
        counts["stale"] += books.people.height - fresh.people.height
        counts |= _store_places(book, run, code_book_version)
        store_homes(book.homes, fresh.people["staff_number"], data_date=run.data_date, import_run=run.pk)
        counts["rejected"] = _store_rejects(intake, run)
        if coverage == "full":
            counts["missing_from_full"] = _list_missing(intake, run, scope)
        _list(book, known, today)
        run.counts, run.sheets = counts, intake.counts.to_dicts()
        run.save(update_fields=["counts", "sheets", "batches"])
    ledger.seal_pending(by=by, recorded_at=recorded_at)
    return ImportResult(run.pk, False, counts)


@transaction.atomic
def leave(
    person: int,
    *,
    leave_date: date,
    recorded_at: datetime,
    by: int,
    rule: str = RULE_LEAVE,
    reason_code: str = "left",
) -> LeaveResult:
    """Write the leave date, move the whole book to the buffer group, and show its policies as orphans from now on.

    As `ledger.actions.leave`, whose refusals it passes on; this is the leave that every face calls.
    """
    result = ledger.leave(
        person, leave_date=leave_date, recorded_at=recorded_at, by=by, rule=rule, reason_code=reason_code
    )
    today = business_date(recorded_at)
    numbers = staff.staff_ids().filter(pl.col("custodian_id") == person)["staff_number"]
    listing.refresh(listing.touched(agents=numbers), rules.applicable(today), today)
    return result


@transaction.atomic
def rebuild_listing(*, as_of: date) -> int:
    """Derive anew everything that lists read, from the stored books and the code book; returns the policies listed."""
    codes = queries.community_codes()
    regions = regions_room.codebook(sorted({code[:4] for code in codes}), as_of).regions
    listing.name_communities(
        place_communities(
            pl.Series(codes, dtype=pl.String), regions, queries.display_codes(), queries.stored_coordinates()
        )
    )
    return listing.rebuild(rules.applicable(as_of), as_of)


@transaction.atomic
def roll_listing(*, as_of: date) -> int:
    """Derive anew what only the passing of days changes (a due day gone by, a long lapse); returns the policies listed.

    Meant for every morning; the same day again changes nothing.
    """
    rulebook = rules.applicable(as_of)
    stale = queries.numbers_out_of_date(as_of, rulebook["orphan.long_lapsed_months"])
    return listing.refresh(listing.touched(policies=stale), rulebook, as_of)


def _store_people(books: Books, *, by: int, at: datetime) -> tuple[dict[str, int], list[int]]:
    """Institutions and people; whoever is known and has left gives the whole book to the buffer group at once, by the leave
    batch that every face posts. Newcomers who had left get theirs too. Returns counts, and the batches of those known."""
    institutions = org.sync_institutions(books.institutions, by=by, at=at)
    synced = org.sync_people(books.people, by=by, at=at)
    moved, leaves = 0, []
    for row in synced.leaving.iter_rows(named=True):  # a handful of people; each act is set-based
        result = ledger.leave(
            row["custodian_id"], leave_date=row["left_date"], recorded_at=at, by=by, rule=RULE_LEAVE
        )
        moved += result.moved
        leaves += [] if result.batch_id is None else [result.batch_id]
    ledger.note_leaves(synced.gone, by=by, recorded_at=at, rule=RULE_LEAVE)
    _name_duty(by=by, at=at)
    counts = {"institutions": institutions, "people_new": synced.created, "people_updated": synced.updated,
              "people_left": synced.leaving.height, "moved_by_leaving": moved}  # fmt: skip
    return counts, leaves


def _list(book: Book, known: pl.DataFrame, today: date) -> None:
    """Bring the lists up to date with what this import stored. `known`: the staff ids from before it."""
    books, now = book.books, staff.staff_ids()
    listing.name_communities(book.communities)
    agents = pl.concat([known, now]).filter(pl.struct(pl.all()).is_unique())["staff_number"]
    changed = listing.touched(
        policies=books.policies["policy_number"], customers=books.customers["customer_number"], agents=agents
    )
    listing.refresh(changed, rules.applicable(today), today)


def _name_duty(*, by: int, at: datetime) -> None:
    """Somebody must answer for the buffer group from the first import on: where nobody does, the first of the service
    series, its supervisors before others, by staff number. A branch names whom it likes afterwards."""
    today, buffer = business_date(at), staff.buffer_group()
    if buffer not in staff.pools_without_duty(today):
        return
    service = staff.people(Scope.everything(), today).filter(series="service")
    first = service.sort("supervisor", "staff_number", descending=[True, False]).head(1)
    for person in first["custodian_id"]:
        org.set_duty(buffer, person, from_date=today, by=by, at=at)


def _store_contracts(books: Books, book: Book, run: ImportRun, *, by: int, at: datetime) -> dict[str, int]:
    kept = without_erased(books.customers, books.policies, at=at)  # L-07: erased people stay erased
    customers = customer_rows(kept, book.located, run.data_date, run.pk)
    stored = upsert("books_customer", "number", customers)
    mains = books.policies.filter(kind="main")
    opened = _open(mains, book.classified, run, by=by, at=at)
    contracts = contract_rows(mains, run.data_date, run.pk).drop("main_policy_number")
    contracts = contracts.join(custody.subject_ids(SOURCE_SYSTEM).drop("kind"), on="number")
    policies = upsert("books_policy", "number", contracts)
    riders = upsert(
        "books_rider", "number", contract_rows(books.policies.filter(kind="rider"), run.data_date, run.pk)
    )
    ended = _follow_states(contracts, book.classified, run, by=by, at=at)
    return {
        "customers": stored.written, "policies": policies.written, "riders": riders.written,
        "customers_updated": stored.updated, "policies_updated": policies.updated, "riders_updated": riders.updated,
        "stale": stored.stale + policies.stale + riders.stale, **opened, **ended,
        **({"erased": out} if (out := books.customers.height - kept.height) else {}),
    }  # fmt: skip


def _open(
    mains: pl.DataFrame, classified: pl.DataFrame, run: ImportRun, *, by: int, at: datetime
) -> dict[str, int]:
    """First custody for every main policy; one that has ended already is closed again by `_follow_states`, so that
    each subject of the ledger has a whole history."""
    first = mains.join(classified.select("policy_number", "orphan"), on="policy_number", how="left")
    agents = staff.staff_ids().select(agent_number="staff_number", owner_id="custodian_id")
    first = first.join(agents, on="agent_number", how="left").select(
        kind=pl.lit("policy"),
        source_system=pl.lit(SOURCE_SYSTEM),
        number="policy_number",
        custodian_id=pl.when(pl.col("orphan")).then(None).otherwise(pl.col("owner_id")),
        owner_id="owner_id",
        effective_date=pl.lit(run.data_date),
        reason_code=pl.when(pl.col("orphan")).then(pl.lit("orphan")).otherwise(pl.lit("agent_in_post")),
    )
    opened = ledger.open_custody(first, by=by, recorded_at=at, rule=RULE_OPEN)
    run.batches = [opened.batch_id]
    return {"opened": opened.opened, "opened_buffer": opened.to_buffer, "already_open": opened.existing}


def _follow_states(
    contracts: pl.DataFrame, classified: pl.DataFrame, run: ImportRun, *, by: int, at: datetime
) -> dict[str, int]:
    """Close custody of what has ended, reopen what lives again; only where this file is the newest word."""
    day, newest = run.data_date, queries.written_by(run.pk, contracts)
    held = custody.holdings(Scope.everything()).select("subject_id", holder_id="custodian_id")
    both = newest.join(held, on="subject_id", how="left")  # closed custody has no holder
    live = pl.col("state").is_in(LIVE_STATES)
    ended = both.filter(~live & pl.col("holder_id").is_not_null())
    alive = both.filter(live & pl.col("holder_id").is_null())
    agents = staff.staff_ids().select(agent_number="staff_number", agent_id="custodian_id")
    orphans = classified.select(pl.col("policy_number").alias("number"), "orphan")
    alive = alive.join(agents, on="agent_number", how="left").join(orphans, on="number", how="left")
    closed = ledger.close(
        ended.select("subject_id", effective_date=pl.lit(day)),
        by=by, recorded_at=at, rule=RULE_OPEN, reason_code="ended",
    )  # fmt: skip
    reopened = ledger.reopen(
        alive.select(
            "subject_id",
            custodian_id=pl.when(pl.col("orphan")).then(None).otherwise(pl.col("agent_id")),
            effective_date=pl.lit(day),
        ),
        by=by, recorded_at=at, rule=RULE_OPEN, reason_code="lives_again",
    )  # fmt: skip
    run.batches += [act.batch_id for act in (closed, reopened) if act]
    return {"closed": closed.posted if closed else 0, "reopened": reopened.posted if reopened else 0}


def _store_places(book: Book, run: ImportRun, code_book_version: str) -> dict[str, int]:
    """Display codes in use (given once) and coordinates (the newest import wins)."""
    DisplayCode.objects.bulk_create(
        [
            DisplayCode(community_code=c, display_code=d, code_book_version=code_book_version)
            for c, d in book.communities.select("community_code", "display_code").drop_nulls().iter_rows()
        ],
        ignore_conflicts=True,
    )
    points = book.books.coordinates
    Coordinate.objects.bulk_create(
        [Coordinate(import_run=run, **row) for row in points.iter_rows(named=True)],
        update_conflicts=True,
        unique_fields=["region_code"],
        update_fields=["longitude", "latitude", "datum", "source", "import_run"],
    )
    return {"coordinates": points.height}


def _store_rejects(intake: Intake, run: ImportRun) -> int:
    reasons = intake.rejects.select("sheet", "row", "reason", "detail", header="column")
    insert_rows(Reject._meta.db_table, reasons.with_columns(import_run_id=pl.lit(run.pk, pl.Int64)))
    return intake.rejects.select("sheet", "row").n_unique()


def _list_missing(intake: Intake, run: ImportRun, scope: Scope | None) -> int:
    """Stored numbers that a full file does not hold: listed for a person, never closed here."""
    missing = queries.numbers_missing_from(intake, scope)
    insert_rows(MissingFromFull._meta.db_table, missing.with_columns(import_run_id=pl.lit(run.pk, pl.Int64)))
    return missing.height
