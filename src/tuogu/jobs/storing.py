"""The two halves of the flow that write: a branch's file into the books, and a plan that awaits a second person.

In: the cells of a file, or a wish for a plan; who signs; a clock, read at the moment of storing. Out: what was stored,
with the values of core it came from. Never: custody moved by a plan (a draft writes nothing that is live).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

import polars as pl
from django.db import transaction

from tuogu.books import actions as books_actions
from tuogu.books import queries as books
from tuogu.core.intake_tables import Intake, RawWorkbook
from tuogu.core.rulebook import Rulebook
from tuogu.core.strategies import TERRITORY
from tuogu.core.tables import Book, Books, Plan
from tuogu.data.codebook import Codebook
from tuogu.jobs import flow
from tuogu.jobs.asked import Clock
from tuogu.jobs.canaries import without_canaries
from tuogu.jobs.flow import BranchFile, FlowRefused
from tuogu.jobs.import_scope import judge_of
from tuogu.jobs.plan_ground import at_home, earlier_plan, part_of, to_plan
from tuogu.jobs.progress import Steps
from tuogu.notices import actions as notices
from tuogu.org.scope import Scope
from tuogu.plans import actions as plans_actions
from tuogu.regions import queries as regions
from tuogu.renewals import actions as renewals
from tuogu.rules import queries as rules


@dataclass(frozen=True)
class Prepared:
    """A file before it is stored, and what was `stored` before it."""

    file: BranchFile
    book: Book
    codebook: Codebook
    stored: Books

    @property
    def whole(self) -> bool:
        """Nothing was stored before, so `book` is all there will be."""
        return self.stored.policies.is_empty()


@dataclass(frozen=True)
class Imported:
    """A stored file: what it was before, and what storing did."""

    prepared: Prepared
    result: books_actions.ImportResult
    facts: dict[
        str, int
    ]  # of plans.actions.file_facts; empty where the file brought none, or was imported before
    motor: dict[str, int] = field(default_factory=dict)  # of renewals.actions.import_motor; the same


@dataclass(frozen=True)
class Drafted:
    """A stored plan with the values it was made from. `regions` names the code book's communities."""

    plan_id: int
    plan: Plan
    violations: pl.DataFrame
    book: Book
    rulebook: Rulebook
    regions: pl.DataFrame


def prepare_file(
    raw: RawWorkbook,
    *,
    data_date: date,
    classified_on: date,
    city: str | None,
    progress: Steps,
    scope: Scope | None = None,
) -> Prepared:
    """Everything up to storing. Writes nothing. Rows outside `scope` are rejected (P-12); None = they were judged before."""
    stored = books.stored_books()
    rulebook = rules.applicable(classified_on)
    raw = without_canaries(raw)
    file = flow.standardise_file(raw, data_date, city, stored, rulebook, progress, outside=judge_of(scope))
    book, codebook = flow.code_and_classify(
        file.books, file.city, classified_on, rulebook, books.display_codes(), progress,
        codebook_of=partial(regions.codebook, on=classified_on), decided=books.decided_addresses,
        decided_homes=books.decided_homes,
    )  # fmt: skip
    return Prepared(file, book, codebook, stored)


def import_file(
    raw: RawWorkbook,
    *,
    name: str,
    coverage: str,
    data_date: date,
    classified_on: date,
    city: str | None,
    by: int,
    clock: Clock,
    progress: Steps,
    scope: Scope | None = None,
) -> Imported:
    """Standardise, classify and store a file in one transaction. FlowRefused when it is refused as a whole; `scope` as
    for `prepare_file`."""
    prepared = prepare_file(
        raw, data_date=data_date, classified_on=classified_on, city=city, progress=progress, scope=scope
    )
    with progress.step("入库并建立责任台账"):
        intake, at = prepared.file.intake, clock()
        try:
            with transaction.atomic():  # the facts of a file stand and fall with it
                result = books_actions.import_books(
                    intake, prepared.book, file_name=name, coverage=coverage,
                    code_book_version=prepared.codebook.version, by=by, recorded_at=at, scope=scope,
                )  # fmt: skip
                if not result.already:  # what the address desk groups by
                    books_actions.learn_addresses(intake.books.customers["customer_number"], on=classified_on)
                brings = intake.facts.height and not result.already
                facts = plans_actions.file_facts(intake.facts, by=by, at=at) if brings else {}
                motor = _store_motor(intake, result, by=by, at=at)
        except books_actions.ImportRefused as refusal:
            raise FlowRefused(str(refusal)) from refusal
        notices.open_cases(
            by=by, at=at
        )  # L-01: of the file's leavers; killed before this, the tick opens them
    return Imported(prepared, result, facts, motor)


def _store_motor(
    intake: Intake, result: books_actions.ImportResult, *, by: int, at: datetime
) -> dict[str, int]:
    """The sheet of motor policies, beside the books; the import's row names what it stored."""
    if result.already or intake.motor.is_empty():
        return {}
    stored = renewals.store_motor(intake.motor, data_date=intake.books.data_date, by=by, at=at)
    books_actions.note_stored(result.import_run, stored.counts, stored.batches)
    return stored.counts


def draft_plan(
    *,
    city: str | None,
    as_of: date,
    seed: int,
    effort: int,
    afresh: bool,
    planner: Callable[[], int],
    clock: Clock,
    progress: Steps,
    prepared: Prepared | None = None,
    strategy: str = TERRITORY.name,
    options: Mapping[str, str] | None = None,
    rulebook_version: str = "",
    scope: Scope | None = None,
) -> Drafted:
    """Plan what is stored now by `strategy`, check it, and store the draft. `rulebook_version`: another adopted version than
    the one in force on the day; such a draft is a what-if, which nobody can approve (N-04).

    `planner` is asked for at the end: an import just before may be what brings that person into the database. `afresh`:
    do not keep the people and unit codes of the approved plan. `prepared`: the file that was stored just before; where it
    is all there is, it is not read back. `scope`: only what its institutions manage is planned (P-12); None = everything.
    """
    rulebook = rules.chosen(rulebook_version, as_of)
    part = part_of(scope)
    if prepared is not None and prepared.whole and not rulebook_version:
        book, codebook = prepared.book, prepared.codebook
    else:
        book, codebook = _stored_book(city, as_of, rulebook, progress, part)
    book = to_plan(book, as_of, strategy, options or {}, part)
    plan, violations = flow.plan_and_check(
        book, rulebook, as_of, seed, effort, None if afresh else earlier_plan(strategy, part), progress,
        strategy=strategy, options=options,
    )  # fmt: skip
    with progress.step("保存方案，待审批"):
        plan_id = plans_actions.store_plan(plan, book, rulebook, violations, by=planner(), at=clock())
    return Drafted(plan_id, plan, violations, book, rulebook, codebook.regions)


def rehearse(
    rulebook: Rulebook,
    *,
    as_of: date,
    seed: int,
    effort: int,
    strategy: str,
    options: Mapping[str, str],
    progress: Steps,
    scope: Scope | None = None,
) -> Plan:
    """The plan that a rulebook would give on what is stored now, afresh. Writes nothing (N-04). `scope` as of a draft."""
    part = part_of(scope)
    book, _codebook = _stored_book(None, as_of, rulebook, progress, part)
    book = to_plan(book, as_of, strategy, options, part)
    return flow.plan_and_check(
        book, rulebook, as_of, seed, effort, None, progress, strategy=strategy, options=options
    )[0]


def _stored_book(
    city: str | None, as_of: date, rulebook: Rulebook, progress: Steps, part: Scope | None
) -> tuple[Book, Codebook]:
    """What is planned is what is stored now, not what a file would have liked."""
    with progress.step("读取在库数据"):
        stored = books.stored_books()
    if stored.policies.is_empty():
        raise FlowRefused("库中还没有保单；请先导入")
    return flow.code_and_classify(
        stored, city or flow.city_of(at_home(stored, part)), as_of, rulebook, books.display_codes(), progress,
        codebook_of=partial(regions.codebook, on=as_of), decided=books.decided_addresses,
        decided_homes=books.decided_homes,
    )  # fmt: skip
