"""The fairness account of posted releases: what counts, what an undo takes out, who sees whom."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from ledger_world import moment
from plan_desk import AS_OF, Desk, approve, make_desk
from territory_books import standard_rules
from tuogu.core.fairness import ACCOUNT, EVENNESS
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import Relation
from tuogu.ledger.models import Subject
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import actions, queries

pytestmark = [pytest.mark.req("N-10"), pytest.mark.database, pytest.mark.django_db]
ALL = Scope.everything()
NOVEMBER, DECEMBER, JANUARY = date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)


@pytest.fixture
def desk() -> Desk:
    """A desk whose first instalment is posted in December."""
    made = make_desk()
    approve(made)
    actions.release_due(by=made.clerk, at=moment(AS_OF, 11))
    return made


def account(scope: Scope = ALL, first: date = DECEMBER, last: date = DECEMBER) -> queries.FairnessAccount:
    return queries.fairness_account(
        scope, standard_rules(), relation=Relation.CUSTODY, first=first, last=last
    )


def test_what_was_released_is_what_is_accounted(desk):
    found = account(first=NOVEMBER, last=JANUARY)
    assert dict(found.account.schema) == ACCOUNT.schema
    assert dict(found.evenness.schema) == EVENNESS.schema
    first = queries.table_of(desk.plan, "assignments").filter(instalment=1)
    premiums = desk.book.books.policies.select(
        "policy_number", premium_fen=pl.col("premium_fen") * pl.max_horizontal("payments_per_year", 1)
    )
    expected = first.join(premiums, on="policy_number").group_by("staff_number").agg(
        pieces=pl.len().cast(pl.Int64), premium_fen=pl.col("premium_fen").sum()
    )  # fmt: skip
    december = found.account.filter(month=DECEMBER)
    assert december.filter(pl.col("pieces") > 0).select("staff_number", "pieces", "premium_fen").rows() == (
        expected.sort("staff_number").rows()
    )
    assert found.account.filter(month=NOVEMBER)["pieces"].sum() == 0
    assert found.account.filter(month=JANUARY)["pieces_total"].sum() == first.height
    assert december["difficulty"].sum() >= 100 * first.height
    assert december["distance_m"].sum() > 0
    assert (found.evenness["people"] <= len(desk.people)).all()


def test_an_undone_release_is_taken_out(desk):
    released = desk.scheduled()[0]
    assert account().account["pieces"].sum() > 0
    actions.undo_release(released["id"], by=desk.clerk, approved_by=desk.lead, at=moment(AS_OF, 12))
    assert account().account["pieces"].sum() == 0


def test_a_piece_that_went_back_to_a_pool_leaves_the_account(desk):
    """A reclaim posts a release to a pool; undone, the piece is given again."""
    before = account().account["pieces"].sum()
    held = custody.holdings(ALL, custodian_id=_receiver(desk)).sort("subject_id").head(3)
    pool = org.buffer_group()
    posted = ledger.post_batch(
        held.select("subject_id", custodian_id=pl.lit(pool, pl.Int64), expected_head="head"), key="reclaim",
        by=desk.clerk, approved_by=desk.lead, effective_date=AS_OF, recorded_at=moment(AS_OF, 12), rule="S2-10",
        reason_code="lot",
    )  # fmt: skip
    assert account().account["pieces"].sum() == before - 3
    ledger.undo_batch(
        posted.batch_id, key="reclaim-undone", by=desk.clerk, approved_by=desk.lead, recorded_at=moment(AS_OF, 13),
        rule="N-04", reason_code="undo",
    )  # fmt: skip
    assert account().account["pieces"].sum() == before
    ledger.return_to_pool(
        int(held["subject_id"][0]), pool_id=pool, by=desk.clerk, recorded_at=moment(AS_OF, 14), rule="N-08",
        reason_code="returned",
    )  # fmt: skip
    assert account().account["pieces"].sum() == before - 1


def test_relations_have_accounts_of_their_own(desk):
    for relation in (Relation.DEVELOPMENT, Relation.SUPERVISION):
        found = queries.fairness_account(
            ALL, standard_rules(), relation=relation, first=DECEMBER, last=DECEMBER
        )
        assert found.account["pieces"].sum() == 0


def _receiver(desk: Desk) -> int:
    """Somebody who was given more than three."""
    rows = account().account.filter(pl.col("pieces") > 3)
    return desk.people[rows["staff_number"][0]]


def test_an_erased_number_stays_a_piece(desk):
    before = account().account
    gone = queries.table_of(desk.plan, "assignments").filter(instalment=1)["policy_number"][0]
    Subject.objects.filter(number=gone).update(number=None)
    after = account().account
    assert after["pieces"].sum() == before["pieces"].sum()
    assert after["premium_fen"].sum() < before["premium_fen"].sum()


def test_people_see_their_own_and_are_compared_with_everybody(desk):
    whole = account()
    me = next(iter(whole.account.filter(pl.col("pieces") > 0)["staff_number"]))
    mine = account(Scope(custodian_ids=frozenset({desk.people[me]})))
    assert mine.account.equals(whole.account.filter(staff_number=me))
    assert mine.evenness.equals(whole.evenness.filter(equals=mine.account["equals"][0]))
    nothing = account(Scope.nothing())
    assert nothing.account.is_empty()
    assert nothing.evenness.is_empty()


def test_before_any_release_there_is_an_empty_account():
    made = make_desk()
    found = account()
    assert found.account["pieces"].sum() == 0
    assert found.account.height == len(made.people)
    assert found.evenness["pieces_even_bp"].to_list() == [None] * found.evenness.height
