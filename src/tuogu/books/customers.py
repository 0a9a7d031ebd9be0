"""The list of customers: one page by keyset, what it adds up to, and who stands beside whom in it.

In: a scope, CustomerFilter, a sort key, a mark. Out: one row a customer, told from the policies within scope only. Never: a
customer of whom no policy is within scope, a sum over policies that are not, personal data, more queries for more rows.

Rows are filtered and sorted by what is kept of each customer; where a customer has policies outside the scope, conditions
on policies are asked of those within it, and so are all the figures. A mark is a customer's number: the value behind it is
looked up, so that no figure stands in an address.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet, Sum

from tuogu.books.customer_filters import CustomerFilter, beyond, condition, ordering
from tuogu.books.listed import place_words
from tuogu.books.listing import NEVER_DUE
from tuogu.books.models import ListedCommunity, ListedCustomer, ListedPolicy
from tuogu.books.visible import Visible, visible
from tuogu.ledger import queries as ledger
from tuogu.org.scope import Scope

_POLICY = (
    "subject_id", "holder_number", "insured_number", "live", "state", "orphan", "orphan_type", "yearly_premium_fen",
    "next_due_date",
)  # fmt: skip


@dataclass(frozen=True)
class CustomerRow:
    """One customer as lists show it; every figure counts policies within scope only.

    custodians: who holds the live policies, the one with most first; insured_in: live policies of others.
    """

    number: str
    live: int
    every: int
    insured_in: int
    yearly_premium_fen: int
    next_due_date: date | None
    orphan_types: tuple[str, ...]
    complaint: bool
    place: str | None
    custodians: tuple[int, ...]
    unheld: int  # live policies without a custodian: none, ever


@dataclass(frozen=True)
class CustomersPage:
    """One page; marks of the pages around it, null where there is none."""

    rows: tuple[CustomerRow, ...]
    before: str | None
    after: str | None


@dataclass(frozen=True)
class CustomerTotals:
    """What a whole view adds up to: customers, the live policies that they hold, their yearly premium."""

    customers: int
    policies: int
    yearly_premium_fen: int


def customer_page(
    scope: Scope,
    wanted: CustomerFilter,
    *,
    as_of: date,
    sort: str = "due",
    after: str | None = None,
    before: str | None = None,
    size: int = 40,
) -> CustomersPage:
    """The first page, the one after the customer `after`, or the one before the customer `before`."""
    seen = visible(scope)
    listed = found(seen, wanted, as_of)
    mark, backwards = before or after, before is not None
    if mark:
        listed = listed.filter(beyond(mark, sort, backwards=backwards))
    rows = list(listed.order_by(*ordering(sort, backwards=backwards))[: size + 1])
    more, page = len(rows) > size, rows[:size]
    if backwards:
        page.reverse()
    earlier = more if backwards else after is not None
    later = backwards or more
    return CustomersPage(
        shown_customers(seen, page),
        page[0].pk if page and earlier else None,
        page[-1].pk if page and later else None,
    )


def customer_totals(scope: Scope, wanted: CustomerFilter, *, as_of: date) -> CustomerTotals:
    """What the whole view adds up to: the second request of the list."""
    seen = visible(scope)
    listed = found(seen, wanted, as_of)
    if seen.everything:
        told = listed.aggregate(n=Count("pk"), policies=Sum("policies_live"), fen=Sum("yearly_premium_fen"))
        return CustomerTotals(int(told["n"]), int(told["policies"] or 0), int(told["fen"] or 0))
    held = ListedPolicy.objects.filter(seen.condition(), live=True, holder_number__in=listed.values("pk"))
    told = held.aggregate(policies=Count("pk"), fen=Sum("yearly_premium_fen"))
    return CustomerTotals(listed.count(), int(told["policies"]), int(told["fen"] or 0))


def customer_view_counts(scope: Scope, *, as_of: date) -> dict[str, int]:
    """How many customers each view holds for this scope: the tabs of the list."""
    seen = visible(scope)
    views = ("all", "orphans", "due", "several", "complaint", "uncoded", "ended")
    return {view: found(seen, CustomerFilter(view=view), as_of).count() for view in views}


def policies_of_customers(scope: Scope, wanted: CustomerFilter, *, as_of: date) -> QuerySet[ListedPolicy]:
    """The live policies within scope that the customers of a view hold: what is handed on with them, nothing left behind."""
    seen = visible(scope)
    numbers = found(seen, wanted, as_of).values("pk")
    return ListedPolicy.objects.filter(seen.condition(), live=True, holder_number__in=numbers)


def found(seen: Visible, wanted: CustomerFilter, as_of: date) -> QuerySet[ListedCustomer]:
    """The customers of a view within scope."""
    return ListedCustomer.objects.filter(condition(seen, wanted, as_of))


def shown_customers(seen: Visible, page: list[ListedCustomer]) -> tuple[CustomerRow, ...]:
    """Rows with their figures within scope, places and custodians: three queries, however many."""
    numbers = [row.pk for row in page]
    within = ListedPolicy.objects.filter(seen.condition())
    held = list(within.filter(holder_number__in=numbers).values_list(*_POLICY, named=True))
    insured = within.filter(insured_number__in=numbers, live=True).values_list(
        "insured_number", "holder_number"
    )
    insures = Counter(who for who, holder in insured if who != holder)
    heads = ledger.holders_of([p.subject_id for p in held if p.live])
    places = {
        place.community_code: place_words(place.street, place.community)
        for place in ListedCommunity.objects.filter(
            pk__in={r.community_code for r in page if r.community_code}
        )
    }
    of_holder: dict[str, list[Any]] = {number: [] for number in numbers}
    for policy in held:
        of_holder[policy.holder_number].append(policy)
    shown = []
    for row in page:
        policies = of_holder[row.pk]
        live = [p for p in policies if p.live]
        dues = [p.next_due_date for p in live if p.state == "in_force" and p.next_due_date != NEVER_DUE]
        holders = Counter(heads[p.subject_id].custodian_id if p.subject_id in heads else None for p in live)
        unheld = holders.pop(None, 0)
        shown.append(
            CustomerRow(
                number=row.pk,
                live=len(live),
                every=len(policies),
                insured_in=insures[row.pk],
                yearly_premium_fen=sum(p.yearly_premium_fen for p in live),
                next_due_date=min(dues, default=None),
                orphan_types=tuple(sorted({p.orphan_type for p in live if p.orphan and p.orphan_type})),
                complaint=row.complaint,
                place=places.get(row.community_code or ""),
                custodians=tuple(i for i, _ in holders.most_common() if i is not None),
                unheld=unheld,
            )
        )
    return tuple(shown)
