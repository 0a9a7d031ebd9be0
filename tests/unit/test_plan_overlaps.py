"""Two approved plans that give the same subjects to different people; a draft that its maker takes back; a plan's words."""

from __future__ import annotations

import polars as pl
import pytest

from ledger_world import moment
from plan_desk import AS_OF, Desk, approve, make_desk
from territory_books import standard_rules
from tuogu.core.check import check_plan
from tuogu.core.plan import make_plan
from tuogu.ledger.kinds import Relation
from tuogu.org.scope import Scope
from tuogu.plans import actions, queries
from tuogu.plans.models import PlanRow, StoredPlan
from tuogu.web.plans.words import counted, words_of

pytestmark = [pytest.mark.database, pytest.mark.django_db]
ALL = Scope.everything()


@pytest.fixture
def desk() -> Desk:
    return make_desk()


def second_plan(desk: Desk, *, strategy: str, relation: str = Relation.CUSTODY) -> int:
    """Another draft over the same policies, filed under another strategy: what overlaps are about is its rows."""
    rules = standard_rules()
    plan = make_plan(desk.book, rules, AS_OF, 2, 20_000)
    stored = actions.store_plan(
        plan, desk.book, rules, check_plan(plan, desk.book, rules), by=desk.clerk, at=moment(AS_OF)
    )
    StoredPlan.objects.filter(pk=stored).update(strategy=strategy, relation=relation)
    return stored


def found(*plans: int) -> dict[int, list[queries.Overlap]]:
    return queries.overlaps([queries.plan_head(plan, ALL) for plan in plans], ALL)


def differing(desk: Desk, other: int, instalments: set[int]) -> int:
    """Subjects that both plans place with different people, the first plan in these instalments."""
    mine = PlanRow.objects.filter(plan_id=desk.plan, instalment__in=instalments)
    here = dict(mine.values_list("subject_id", "custodian_id"))
    there = dict(PlanRow.objects.filter(plan_id=other).values_list("subject_id", "custodian_id"))
    return sum(there.get(subject, receiver) != receiver for subject, receiver in here.items())


@pytest.mark.req("P-03")
def test_a_draft_names_the_approved_plan_that_still_has_its_subjects_to_release(desk):
    other = second_plan(desk, strategy="match")
    assert found(desk.plan, other) == {}, "two drafts bind nobody"
    approve(desk)
    both = differing(desk, other, {1, 2, 3, 4})
    assert both > 0
    assert found(other)[other] == [queries.Overlap(desk.plan, "territory", both)]
    assert found(desk.plan) == {}, "the draft has nothing scheduled"


@pytest.mark.req("P-03", "S0-25")
def test_what_overlaps_is_what_the_other_plan_lists_as_changed_after_the_release(desk):
    other = second_plan(desk, strategy="match")
    approve(desk)
    all_four = found(other)[other][0].subjects
    actions.release_due(by=desk.clerk, at=moment(AS_OF, 11))
    left = queries.unit_changes(other, ALL, on=AS_OF).moved_since
    assert left == differing(desk, other, {1}) > 0
    assert dict(queries.change_register(other, ALL, on=AS_OF).not_released)["方案之后责任人已变动"] == left
    assert found(other)[other][0].subjects == all_four - left, "what is released waits no more"


def test_plans_of_one_strategy_or_of_two_relations_do_not_overlap(desk):
    same, elsewhere = (
        second_plan(desk, strategy="territory"),
        second_plan_of_another_seed(desk),
    )
    approve(desk)
    assert found(same, elsewhere) == {}


def second_plan_of_another_seed(desk: Desk) -> int:
    rules = standard_rules()
    plan = make_plan(desk.book, rules, AS_OF, 3, 20_000)
    stored = actions.store_plan(plan, desk.book, rules, pl.DataFrame(), by=desk.clerk, at=moment(AS_OF))
    StoredPlan.objects.filter(pk=stored).update(strategy="supervise", relation=Relation.SUPERVISION)
    return stored


@pytest.mark.req("P-25", "N-04")
def test_only_the_maker_takes_a_draft_back_and_only_before_the_decision(desk):
    with pytest.raises(actions.PlanRefused, match="只有编制人可以撤回"):
        actions.withdraw(desk.plan, by=desk.lead, at=moment(AS_OF, 9))
    actions.withdraw(desk.plan, by=desk.clerk, at=moment(AS_OF, 9))
    head = queries.plan_head(desk.plan, ALL)
    assert (head.state, head.withdrawn, head.note) == ("rejected", True, "编制人撤回")
    assert queries.attention(ALL, AS_OF, days_ahead=7).sent_back == (), "nobody sent it back"
    with pytest.raises(actions.PlanRefused, match="不能撤回"):
        actions.withdraw(desk.plan, by=desk.clerk, at=moment(AS_OF, 9))
    with pytest.raises(actions.PlanRefused, match="不能再审批"):
        approve(desk)


def test_days_are_given_of_the_instalments_that_hold_something(desk):
    PlanRow.objects.filter(plan_id=desk.plan, instalment=2).update(instalment=3)
    days = approve(desk)
    assert len(days) == len(desk.scheduled()) == queries.plan_head(desk.plan, ALL).instalments == 3


@pytest.mark.parametrize(
    ("strategy", "holder", "number", "five"),
    [
        ("match", "责任人", "保单号", "5 件"),
        ("centre", "开发权人", "客户号", "5 位客户"),
        ("supervise", "督导专员", "保单号", "5 件"),
    ],
)
def test_words_follow_the_relation_and_the_subject(strategy, holder, number, five):
    words = words_of(strategy)
    assert (words.holder, words.number, counted(5, strategy)) == (holder, number, five)
