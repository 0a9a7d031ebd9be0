"""What lists read is what the stored books say: after an import, a correction, a leaver, and as days pass."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

import branch as tiny
from cast import Cast
from listed_world import GONE, MANAGER, OTHER, STRANGER, customer_rows, import_rows, policy_rows
from tuogu.books import actions, queries
from tuogu.books.models import ListedPolicy, ListedSum
from tuogu.core.dues import next_due_dates
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.rules import queries as rules

EVERYTHING = Scope.everything()
database = pytest.mark.django_db(databases="__all__")
pytestmark = pytest.mark.database


def stored() -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Every listed policy and every sum, as values."""
    sums = [f.attname for f in ListedSum._meta.concrete_fields if f.attname != "id"]
    return (
        list(ListedPolicy.objects.order_by("pk").values_list()),
        sorted(ListedSum.objects.values_list(*sums), key=str),
    )


def branch_of(cast: Cast) -> None:
    """40 policies of the manager, 20 of a leaver, 10 of team 2, 5 managed elsewhere."""
    import_rows(
        cast,
        [
            *policy_rows(40, agent=MANAGER),
            *policy_rows(20, agent=GONE, first=100),
            *policy_rows(10, agent=OTHER, first=200),
            *policy_rows(5, agent=STRANGER, institution="X", first=300),
        ],
    )


@database
def test_an_import_lists_what_a_rebuild_would_list(cast: Cast) -> None:
    branch_of(cast)
    before = stored()
    assert len(before[0]) == 75
    assert ListedPolicy.objects.filter(orphan=True).count() == 20
    assert actions.rebuild_listing(as_of=cast.today) == 75
    assert [row[1:] for row in stored()[0]] == [row[1:] for row in before[0]]
    assert stored()[1] == before[1]


@database
def test_a_leaver_makes_orphans_of_the_whole_book_and_a_rebuild_agrees(cast: Cast) -> None:
    branch_of(cast)
    actions.leave(
        cast.people[Role.ACCOUNT_MANAGER], leave_date=cast.today, recorded_at=cast.now,
        by=cast.people[Role.RESOURCE_CLERK],
    )  # fmt: skip
    assert ListedPolicy.objects.filter(orphan=True).count() == 60
    assert set(ListedPolicy.objects.filter(agent_number=MANAGER).values_list("orphan_source", flat=True)) == {
        "leaver"
    }
    held = queries.policy_totals(EVERYTHING, queries.PolicyFilter(view="buffer"), as_of=cast.today)
    assert held.policies == 60
    kept = stored()
    actions.rebuild_listing(as_of=cast.today)
    assert stored() == kept


@database
def test_a_second_policy_with_an_agent_in_post_turns_the_holders_orphan_into_a_non_pure_one(
    cast: Cast,
) -> None:
    branch_of(cast)
    assert ListedPolicy.objects.get(number="P00000100").orphan_type == "pure"
    more = policy_rows(1, agent=OTHER, first=900)[0] | {"holder_number": "C000100"}
    import_rows(cast, [more], customer_rows([policy_rows(1, agent=OTHER, first=900)[0]]), days_ago=0)
    assert ListedPolicy.objects.get(number="P00000100").orphan_type == "non_pure"
    total = queries.policy_totals(EVERYTHING, queries.PolicyFilter(), as_of=cast.today)
    assert (total.policies, total.households) == (76, 75), "one holder, one household"
    kept = stored()
    actions.rebuild_listing(as_of=cast.today)
    assert stored() == kept


@database
def test_a_policy_that_moves_to_another_holder_changes_both_families(cast: Cast) -> None:
    branch_of(cast)
    import_rows(cast, [policy_rows(1, agent=OTHER, first=200)[0] | {"holder_number": "C000100"}], days_ago=0)
    assert ListedPolicy.objects.get(number="P00000100").orphan_type == "non_pure"
    assert not ListedPolicy.objects.filter(holder_number="C000200").exists()
    kept = stored()
    actions.rebuild_listing(as_of=cast.today)
    assert stored() == kept


@database
def test_a_new_month_moves_the_due_days_and_nothing_else_is_derived(cast: Cast) -> None:
    branch_of(cast)
    first, following = queries.month_of(cast.today)
    due = ListedPolicy.objects.filter(next_due_date__gte=first, next_due_date__lt=following).count()
    assert due > 0
    assert actions.roll_listing(as_of=cast.today) == 0, "today again changes nothing"
    assert actions.roll_listing(as_of=following) == due
    kept = stored()
    actions.rebuild_listing(as_of=following)
    assert stored() == kept


@database
def test_the_sums_are_the_counts(cast: Cast) -> None:
    branch_of(cast)
    assert queries.view_counts(EVERYTHING, as_of=cast.today) == {
        "all": 75, "orphans": 20, "lapsed": 0, "buffer": 20,
        "manual": ListedPolicy.objects.filter(community_code=None).count(),
        "due": queries.policy_totals(EVERYTHING, queries.PolicyFilter(view="due"), as_of=cast.today).policies,
    }  # fmt: skip
    total = queries.policy_totals(EVERYTHING, queries.PolicyFilter(), as_of=cast.today)
    assert (total.policies, total.households) == (75, 75)
    assert total.yearly_premium_fen == sum(ListedPolicy.objects.values_list("yearly_premium_fen", flat=True))


@database
@pytest.mark.req("P-12")
@pytest.mark.parametrize("sort", ["due", "-due", "premium", "-premium", "number", "-number"])
def test_pages_of_every_order_hold_each_policy_once_forwards_and_backwards(cast: Cast, sort: str) -> None:
    branch_of(cast)
    scope = org.scope_of(cast.people[Role.TEAM_LEAD], cast.today)
    seen, after, pages = [], None, []
    while True:
        page = queries.policy_page(
            scope, queries.PolicyFilter(), as_of=cast.today, sort=sort, after=after, size=7
        )
        seen += [row.number for row in page.rows]
        pages.append(page)
        if page.after is None:
            break
        after = page.after
    assert sorted(seen) == sorted(
        ListedPolicy.objects.filter(agent_number=MANAGER).values_list("number", flat=True)
    )
    assert pages[0].before is None
    for earlier, later in pairwise(pages):
        back = queries.policy_page(
            scope, queries.PolicyFilter(), as_of=cast.today, sort=sort, before=later.before, size=7
        )
        assert back.rows == earlier.rows


@database
@pytest.mark.req("P-12")
def test_a_post_sees_its_subtree_and_what_its_people_hold(cast: Cast) -> None:
    branch_of(cast)

    def seen(person: int, **wanted: str) -> set[str]:
        scope = org.scope_of(person, cast.today)
        rows = queries.policy_page(scope, queries.PolicyFilter(**wanted), as_of=cast.today, size=200).rows
        return {row.number for row in rows}

    own = {row["policy_number"] for row in policy_rows(40, agent=MANAGER)}
    inside = set(ListedPolicy.objects.filter(institution_code="B").values_list("number", flat=True))
    assert seen(cast.people[Role.ACCOUNT_MANAGER]) == own
    assert seen(cast.people[Role.TEAM_LEAD]) == own, "the team's own books; nothing of team 2"
    assert seen(cast.people[Role.RESOURCE_CLERK]) == inside, "the branch and everything below it"
    assert len(inside) == 70
    assert seen(cast.people[Role.RESOURCE_CLERK], institution="H") == inside, "a filter never widens a scope"
    assert seen(cast.people[Role.RESOURCE_CLERK], institution="X") == set()
    assert seen(cast.stranger) == {row["policy_number"] for row in policy_rows(5, agent=STRANGER, first=300)}
    assert (
        queries.policy_record(org.scope_of(cast.stranger, cast.today), "P00000001", as_of=cast.today) is None
    )


@database
@pytest.mark.req("P-12")
def test_a_filter_on_a_parent_lists_everything_below_it(cast: Cast) -> None:
    branch_of(cast)
    everything = ListedPolicy.objects.filter(live=True)

    def found(**wanted: str) -> int:
        return queries.policy_totals(EVERYTHING, queries.PolicyFilter(**wanted), as_of=cast.today).policies

    assert found(institution="H") == 75, "the head office and everything below it"
    assert found(institution="B") == 70
    assert found(region="330203") == everything.exclude(community_code=None).count()
    assert found(region="330203001") == everything.filter(street_code="330203001").count() > 0
    assert found(region=tiny.BAISHA) == everything.filter(community_code=tiny.BAISHA).count() > 0


@database
@pytest.mark.req("S0-24")
def test_what_nobody_may_hold_is_with_the_buffer_group(cast: Cast) -> None:
    branch_of(cast)
    orphans = list(ListedPolicy.objects.filter(orphan=True, live=True).values_list("pk", flat=True))
    assert {h.custodian_id for h in ledger.holders_of(orphans).values()} == {org.buffer_group()}
    buffer = org.scope_of(cast.people[Role.BUFFER_MEMBER], cast.today)
    page = queries.policy_page(buffer, queries.PolicyFilter(view="buffer"), as_of=cast.today, size=100)
    assert {row.subject_id for row in page.rows} == set(orphans)


@database
@pytest.mark.parametrize(
    ("typed", "kind", "found"),
    [
        ("P00000100", "policy", {"P00000100"}),
        ("0105", "tail", {"P00000105"}),
        ("13800000107", "phone", {"P00000107"}),
        ("138 0000 0107", "phone", {"P00000107"}),
        ("330203198001010108", "id", {"P00000108"}),
        ("什么也没有", "name", set()),
        ("01010203", "display", None),
        ("0101020301", "display", None),
        ("?", "name", set()),
        ("", "unknown", set()),
        ("12345", "unknown", set()),
    ],
)
def test_the_search_box_reads_numbers_codes_and_people(
    cast: Cast, typed: str, kind: str, found: set[str] | None
) -> None:
    branch_of(cast)
    search = queries.read_search(typed)
    assert search.kind == kind
    wanted = queries.PolicyFilter(search=search)
    page = queries.policy_page(EVERYTHING, wanted, as_of=cast.today, size=100)
    if found is None:
        assert {row.display_code for row in page.rows} == {"01010203"}
    else:
        assert {row.number for row in page.rows} == found
    if search.personal:
        assert typed.replace(" ", "") not in search.value, "only the hash goes on"


def test_the_next_due_day_is_the_first_that_due_months_counts() -> None:
    on = date(2026, 2, 10)
    rows = [
        {"policy_number": "yearly", "inception_date": date(2015, 2, 9)},
        {"policy_number": "month_end", "inception_date": date(2020, 8, 31), "payments_per_year": 2},
        {"policy_number": "monthly", "inception_date": date(2020, 1, 10), "payments_per_year": 12},
        {"policy_number": "paid_up", "inception_date": date(2006, 2, 1)},
        {"policy_number": "to_come", "inception_date": date(2027, 1, 1)},
        {"policy_number": "single", "premium_mode": "single", "payments_per_year": 0},
    ]
    found = dict(next_due_dates(tiny.policies(*rows), on).iter_rows())
    assert found == {
        "yearly": date(2027, 2, 9), "month_end": date(2026, 2, 28), "monthly": on, "paid_up": None,
        "to_come": date(2027, 1, 1), "single": None,
    }  # fmt: skip


@database
def test_customers_leave_the_books_masked_unless_asked_in_clear(cast: Cast) -> None:
    branch_of(cast)
    masked = queries.shown_customers(["C000001", "C000002", "nobody"])
    assert set(masked) == {"C000001", "C000002"}
    shown = masked["C000001"]
    assert (shown.name, shown.phone, shown.id_number) == ("张**", "138****0001", "330***********0001")
    assert shown.address == "宁波市海曙区白云街道白沙社区*幢***室"
    clear = queries.shown_customers(["C000001"], clear=True)["C000001"]
    assert (clear.name, clear.phone) == ("张三", "13800000001")
    assert rules.applicable(cast.today)["masking.name_head"] == 1


@database
def test_many_customers_cost_as_many_queries_as_a_few(cast: Cast, django_assert_num_queries: object) -> None:
    branch_of(cast)
    few = [f"C{i:06d}" for i in range(3)]
    with django_assert_num_queries(2):  # type: ignore[operator]  # the rulebook's version, the customers
        queries.shown_customers(few)
    with django_assert_num_queries(2):  # type: ignore[operator]
        queries.shown_customers(f"C{i:06d}" for i in range(40))
