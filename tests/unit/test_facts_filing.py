"""Facts in the database: filed, corrected by a further row, never changed; and what plans read beside them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from django.db import DatabaseError, connection, transaction

import ledger_world
from ledger_world import JANUARY, World, asked, moment, open_policies
from plan_desk import make_desk
from territory_books import make_book
from tuogu.core.plan import book_digest
from tuogu.core.tables import FACTS, HELD, INSTITUTIONS
from tuogu.ledger import actions as ledger
from tuogu.ledger.kinds import Relation
from tuogu.org import actions as org_actions
from tuogu.org import append_only
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import archive, queries
from tuogu.plans.actions import PlanRefused, file_facts
from tuogu.plans.models import EligibilityFact

pytestmark = [pytest.mark.database, pytest.mark.django_db]
world = ledger_world.fresh_world

MARCH, OCTOBER = date(2026, 3, 1), date(2026, 10, 1)
NOW, LATER = moment(date(2026, 11, 22)), moment(date(2026, 12, 2))
EVERYTHING = Scope.everything()
RATE = {"key": "attendance", "month": MARCH, "value": 9550, "source_ref": "三月考勤记录"}


@pytest.fixture
def branch(world: World) -> World:
    """The world with a department D1 below the branch B."""
    tree = pl.DataFrame(
        [("B", "分公司", "branch", None, None), ("D1", "营销一部", "department", "B", None)],
        schema=INSTITUTIONS,
        orient="row",
    )
    org_actions.sync_institutions(tree, by=world.clerk, at=moment(JANUARY))
    return world


def frame(*rows: dict[str, object]) -> pl.DataFrame:
    """FACTS: attendance of T00002 in March unless a row says otherwise."""
    base = dict.fromkeys(FACTS) | {"subject": "T00002"} | RATE
    return pl.DataFrame([base | row for row in rows], schema=FACTS, orient="row")


def filed(*rows: dict[str, object], at: object = NOW, by: int) -> dict[str, int]:
    return file_facts(frame(*rows), by=by, at=at)  # type: ignore[arg-type]


def counting() -> list[tuple[str, int | None, str | None]]:
    """(subject, value, source) of what counts, in the order of the frame."""
    return queries.facts_of(EVERYTHING).select("subject", "value", "source_ref").rows()


@pytest.mark.req("S1-22", "N-16")
def test_a_correction_is_a_further_row_and_the_later_one_counts(branch: World) -> None:
    assert filed({}, by=branch.clerk) == {"filed": 1, "corrected": 0, "unchanged": 0}
    correction = {"value": 9000, "source_ref": "更正单第12号", "author": "T00003"}
    assert filed(correction, at=LATER, by=branch.clerk) == {"filed": 0, "corrected": 1, "unchanged": 0}
    assert counting() == [("T00002", 9000, "更正单第12号")]
    old, new = (
        queries.facts_page(EVERYTHING, queries.FactFilter(versions=True)).lines[place] for place in (1, 0)
    )
    assert (old.number, old.figure, old.counts, old.source_ref) == (1, "95.5%", False, "三月考勤记录")
    assert (new.number, new.figure, new.counts, new.author) == (2, "90%", True, "T00003")
    assert queries.facts_page(EVERYTHING, queries.FactFilter()).total == 1


def test_the_same_again_writes_nothing_and_a_return_to_the_first_figure_is_a_correction(
    branch: World,
) -> None:
    filed({}, by=branch.clerk)
    assert filed({}, at=LATER, by=branch.clerk)["unchanged"] == 1
    filed({"value": 1}, by=branch.clerk)
    assert filed({}, by=branch.clerk)["corrected"] == 1
    assert EligibilityFact.objects.count() == 3
    assert counting() == [("T00002", 9550, "三月考勤记录")]


def test_rows_of_one_frame_correct_each_other_in_their_order(branch: World) -> None:
    other = {"subject": "D1", "key": "completions"}
    done = filed({"value": 1}, {"value": 1}, {"value": 2}, other, {"value": 3}, by=branch.clerk)
    assert done == {"filed": 2, "corrected": 2, "unchanged": 1}
    assert counting() == [("D1", 9550, "三月考勤记录"), ("T00002", 3, "三月考勤记录")]
    assert sorted(EligibilityFact.objects.values_list("number", "value")) == [
        (1, 1),
        (1, 9550),
        (2, 2),
        (3, 3),
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"subject": "T99999"}, "既不是在册工号，也不是部门代码"),
        ({"subject": "B"}, "也不是部门代码"),
        ({"subject": "buffer"}, "也不是部门代码"),
        ({"key": "tides"}, "没有这项指标"),
        ({"month": date(2026, 12, 1)}, "月份晚于今天"),
        ({"month": None}, "月份晚于今天"),
        ({"value": 100_001}, "数值超出范围"),
        ({"value": -1}, "数值超出范围"),
        ({"value": None}, "应为数值"),
        ({"key": "rank"}, "应为文字"),
        ({"source_ref": " "}, "没有写明来源"),
        ({"author": "T99999"}, "登记人不在册"),
        ({"key": "discretion", "value": 900}, "没有写明登记人"),
    ],
)
def test_one_bad_row_and_nothing_is_filed(branch: World, change: dict[str, object], words: str) -> None:
    with pytest.raises(PlanRefused, match=words):
        filed({"subject": "T00003"}, change, by=branch.clerk)
    assert EligibilityFact.objects.count() == 0


@pytest.mark.req("N-16")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE plans_eligibilityfact SET value = 1",
        "DELETE FROM plans_eligibilityfact",
        "INSERT INTO plans_eligibilityfact (custodian_id, month, key, number, value, source_ref, filed_by_id, filed_at)"
        " SELECT custodian_id, month, key, number, 1, source_ref, filed_by_id, filed_at FROM plans_eligibilityfact",
    ],
)
def test_the_database_refuses_to_change_a_filed_fact(branch: World, statement: str) -> None:
    filed({}, by=branch.clerk)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert counting() == [("T00002", 9550, "三月考勤记录")]
    assert append_only.missing_in("plans") == []


@pytest.mark.req("S1-07", "N-16")
def test_marchs_rate_read_in_december_is_marchs_rate(branch: World) -> None:
    filed({"value": 8000, "subject": "T00003"}, {"value": 6000, "subject": "T00004"}, by=branch.clerk)
    published = queries.facts_of(EVERYTHING, MARCH, MARCH)
    filed({"month": OCTOBER, "value": 1}, {"month": date(2026, 12, 1), "value": 2}, at=LATER, by=branch.clerk)
    assert queries.facts_of(EVERYTHING, MARCH, MARCH).equals(published)
    assert published["value"].mean() == 7000
    assert queries.facts_of(EVERYTHING, date(2026, 4, 1))["month"].to_list() == [OCTOBER, date(2026, 12, 1)]


def test_who_sees_a_fact(branch: World) -> None:
    filed({}, {"subject": "D1", "key": "completions"}, by=branch.clerk)
    below = Scope(institution_codes=frozenset({"B"}))
    assert queries.facts_of(below)["subject"].to_list() == ["D1"]
    assert [line.subject for line in queries.facts_page(below, queries.FactFilter(versions=True)).lines] == [
        "D1"
    ]
    assert queries.facts_of(Scope.nothing()).is_empty()
    only = queries.FactFilter(subject="T00002", month=date(2026, 3, 31), key="attendance")
    assert queries.facts_page(EVERYTHING, only).total == 1
    assert queries.facts_page(EVERYTHING, replace(only, key="rank")).total == 0


def test_a_page_after_the_first(branch: World) -> None:
    rows = [{"month": date(2025, month, 1)} for month in range(1, 13)]
    filed(*rows, by=branch.clerk)
    page = queries.facts_page(EVERYTHING, queries.FactFilter(), first=11, size=10)
    assert [line.month for line in page.lines] == [date(2025, 2, 1), date(2025, 1, 1)]
    assert page.total == 12


# --- what plans read of the ledger ---------------------------------------------------------------------------


@pytest.mark.req("S1-05")
def test_held_says_who_holds_what_in_every_relation_and_how_often_it_was_released(branch: World) -> None:
    ann, department = branch.people[0], org.pool("department:D1")
    own = org_actions.ensure_pool("pool:test", "试验池", branch.clerk, by=branch.clerk, at=moment(JANUARY))
    first, second, ended = open_policies(branch, 3, None)
    customers = pl.DataFrame({"kind": ["customer"] * 2, "source_system": "customers", "number": ["C1", "C2"]})
    ledger.register_subjects(customers)
    known = dict(ledger_world.queries.subject_ids("customers").select("number", "subject_id").iter_rows())
    february, march = date(2026, 2, 1), date(2026, 3, 1)
    ledger.post_batch(
        asked([first, second], ann), key="a", effective_date=february, **branch.signed(february)
    )
    ledger.post_batch(asked([first], branch.people[1]), key="b", effective_date=march, **branch.signed(march))
    for number, receiver in (("C1", department), ("C2", own)):
        ledger.post_batch(
            pl.DataFrame(
                {"subject_id": [known[number]], "custodian_id": [receiver], "expected_head": [None]},
                schema_overrides={"expected_head": pl.Int64},
            ),
            relation=Relation.DEVELOPMENT, key=number, effective_date=march, **branch.signed(march),
        )  # fmt: skip
    ledger.close(
        pl.DataFrame({"subject_id": [ended], "effective_date": [march]}),
        recorded_at=moment(march, 12), by=branch.clerk, rule="N-01", reason_code="ended",
    )  # fmt: skip
    assert queries.held_frame().rows() == [  # P00000002 ended: nobody holds it
        ("C1", "customer", "development", "department:D1", march, 1),
        ("C2", "customer", "development", "pool:test", march, 1),
        ("P00000000", "policy", "custody", "T00003", march, 2),
        ("P00000001", "policy", "custody", "T00002", february, 1),
    ]


def test_nothing_held_is_an_empty_frame(branch: World) -> None:
    assert queries.held_frame().equals(pl.DataFrame(schema=HELD))
    assert dict(queries.receivers().iter_rows())[branch.buffer] == "buffer"


def test_a_book_for_planning_has_facts_and_holdings_and_the_archive_keeps_them() -> None:
    desk = make_desk(policies=60, managers=2)
    filed({"subject": "M01"}, by=desk.clerk)
    book = queries.for_planning(desk.book)
    assert (book.facts.height, book.held.height) == (1, 60)
    plan, _ = queries.load_plan(desk.plan)
    packed = archive.pack(plan, book, pl.DataFrame())
    frames = {
        n: archive.unpack_frame(n, content, archive.digest_of(content)) for n, content in packed.items()
    }
    head = {"certificate": archive.certificate_as_json(plan.certificate)} | {
        name: getattr(plan, name)
        for name in ("as_of", "seed", "effort", "rulebook_version", "book_digest", "strategy", "options")
    }
    _, again = archive.unpack(frames, head, book.books.data_date)
    assert again.facts.equals(book.facts)
    assert again.held.equals(book.held)
    older = {name: frame for name, frame in frames.items() if name not in ("book.facts", "book.held")}
    assert archive.unpack(older, head, book.books.data_date)[1].held.is_empty()


def test_the_digest_of_a_book_covers_facts_and_holdings() -> None:
    book = make_book(policies=30, managers=2)
    fact = frame({})
    held = pl.DataFrame([("P1", "policy", "custody", "T1", MARCH, 0)], schema=HELD, orient="row")
    digests = {
        book_digest(replace(book, facts=facts, held=rows))
        for facts in (pl.DataFrame(schema=FACTS), fact, frame({"value": 1}))
        for rows in (pl.DataFrame(schema=HELD), held, held.with_columns(times=pl.lit(1, pl.Int64)))
    }
    assert len(digests) == 9


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"subject": "D1"}, "按人员填报"),
        ({"key": "completions", "value": 3}, "按部门填报"),
        ({"key": "discretion", "value": 900, "author": "T00002"}, "自己不能给自己打分"),
    ],
)
@pytest.mark.req("S1-16")
def test_a_fact_fits_its_subject_and_its_author(branch: World, row: dict[str, object], why: str) -> None:
    with pytest.raises(PlanRefused, match=why):
        file_facts(frame(row), by=branch.clerk, at=NOW)
    assert not EligibilityFact.objects.exists()


@pytest.mark.req("S2-05")
def test_a_year_s_premium_is_filed_under_one_month(branch: World) -> None:
    def premium(month: date, value: int) -> pl.DataFrame:
        return frame({"subject": "D1", "key": "premium", "month": month, "value": value})

    file_facts(premium(date(2025, 12, 1), 100), by=branch.clerk, at=NOW)
    with pytest.raises(PlanRefused, match="2025-12"):
        file_facts(premium(date(2025, 3, 1), 200), by=branch.clerk, at=NOW)
    assert file_facts(premium(date(2025, 12, 1), 300), by=branch.clerk, at=LATER)["corrected"] == 1
    assert file_facts(premium(date(2024, 12, 1), 300), by=branch.clerk, at=LATER)["filed"] == 1
