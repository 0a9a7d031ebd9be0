"""What a list of customers is narrowed to, and in which order it stands.

In: what is visible, CustomerFilter, a sort key. Out: conditions on ListedCustomer. Never: a condition answered by a policy
that is out of scope.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from tuogu.books.filters import held_by, month_of, searched
from tuogu.books.models import ListedCustomer, ListedPolicy
from tuogu.books.search import Search, holders_found
from tuogu.books.visible import Visible
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org

CUSTOMER_VIEWS = ("all", "orphans", "due", "several", "complaint", "uncoded", "ended")
CUSTOMER_SORTS = {
    "due": "next_due_date",
    "premium": "yearly_premium_fen",
    "policies": "policies_live",
    "number": "number",
}
_COLUMN_OF_DIGITS = {
    6: "district_code",
    9: "street_code",
    12: "community_code",
}  # by GB/T 2260 and its extension
SEVERAL = 2  # policies: more than one


@dataclass(frozen=True)
class CustomerFilter:
    """What to show; empty fields narrow nothing.

    view         one of CUSTOMER_VIEWS: with live policies, held or as insured; holders of live orphans; with a due day in
                 the month of the day; with several live policies; who has complained; whose address waits for a person;
                 whose policies have all ended
    region, street   code of where the customer lives: everything below it
    custodian, team  somebody, or anybody of that team, holds a live policy of the customer
    numbers      only these (a selection)
    """

    view: str = "all"
    region: str = ""
    street: str = ""
    orphan_type: str = ""
    institution: str = ""
    team: str = ""
    custodian: int | None = None
    policies_min: int | None = None
    due_from: date | None = None
    due_until: date | None = None
    search: Search | None = None
    numbers: tuple[str, ...] = ()


def condition(seen: Visible, wanted: CustomerFilter, as_of: date) -> Q:
    """Everything that `wanted` says, and what is visible."""
    ended = wanted.view == "ended"
    found = (
        _visible(seen, live=False) & ~_visible(seen, live=True)
        if ended
        else _visible(seen, live=not wanted.numbers)
    )
    if wanted.view == "complaint":
        found &= Q(complaint=True)
    if wanted.view == "uncoded":
        found &= Q(community_code__isnull=True)
    if wanted.street:
        found &= Q(street_code=wanted.street)
    if wanted.region:
        column = _COLUMN_OF_DIGITS.get(len(wanted.region))
        found &= Q(**{column: wanted.region}) if column else Q(community_code__startswith=wanted.region)
    if wanted.numbers:
        found &= Q(number__in=wanted.numbers)
    if wanted.search is not None:
        found &= _searched(seen, wanted.search)
    return found & _of_policies(seen, wanted, as_of)


def _visible(seen: Visible, *, live: bool) -> Q:
    """Whoever holds a policy within scope or is insured by one; with `live`, a live one."""
    if seen.everything:
        return Q(policies_live__gt=0) | Q(insured_in__gt=0) if live else Q()
    policies = ListedPolicy.objects.filter(seen.condition(), **({"live": True} if live else {}))
    if seen.only_people:
        insured = policies.exclude(insured_number__isnull=True)
        return Q(number__in=policies.values("holder_number")) | Q(number__in=insured.values("insured_number"))
    of_customer = policies.filter(Q(holder_number=OuterRef("pk")) | Q(insured_number=OuterRef("pk")))
    own = Q(institution_code__in=sorted(seen.institutions))
    return (own & Q(policies_live__gt=0) if live else own) | Q(Exists(of_customer))


def _of_policies(seen: Visible, wanted: CustomerFilter, as_of: date) -> Q:
    """Conditions that a live policy of the customer answers; each may be answered by another policy."""
    live = ListedPolicy.objects.filter(seen.condition(), live=True)
    first, until = month_of(as_of)
    found = Q()
    if wanted.view == "orphans":
        found &= Q(orphan=True) if seen.everything else _holds(live.filter(orphan=True))
    if wanted.view == "due":
        found &= _holds(live.filter(state="in_force", next_due_date__gte=first, next_due_date__lt=until))
    if wanted.view == "several":
        found &= _holds_at_least(seen, live, SEVERAL)
    if wanted.policies_min:
        found &= _holds_at_least(seen, live, wanted.policies_min)
    if wanted.orphan_type:
        found &= _holds(live.filter(orphan=True, orphan_type=wanted.orphan_type))
    if wanted.institution:
        found &= _holds(live.filter(institution_code__in=org.institutions_below(wanted.institution)))
    if wanted.custodian is not None:
        found &= _holds(live.filter(held_by(wanted.custodian)))
    if wanted.team:
        found &= _holds(live.filter(subject_id__in=ledger.held_by(org.team_members(wanted.team))))
    if wanted.due_from or wanted.due_until:
        due = live.filter(state="in_force")
        due = due.filter(next_due_date__gte=wanted.due_from) if wanted.due_from else due
        found &= _holds(due.filter(next_due_date__lt=wanted.due_until) if wanted.due_until else due)
    return found


def _holds(policies: QuerySet[ListedPolicy]) -> Q:
    return Q(number__in=policies.values("holder_number"))


def _holds_at_least(seen: Visible, live: QuerySet[ListedPolicy], least: int) -> Q:
    kept = Q(policies_live__gte=least)  # over everything stored: no less than within scope
    if seen.everything:
        return kept
    counted = live.values("holder_number").annotate(n=Count("pk")).filter(n__gte=least)
    return kept & Q(number__in=counted.values("holder_number"))


def _searched(seen: Visible, search: Search) -> Q:
    """Whoever carries the name, phone or ID; or who holds or is insured by the policy that was named."""
    if search.personal:
        return Q(number__in=holders_found(search))
    policies = ListedPolicy.objects.filter(seen.condition() & searched(search))
    insured = policies.exclude(insured_number__isnull=True)
    return _holds(policies) | Q(number__in=insured.values("insured_number"))


# --- order and keyset marks -------------------------------------------------------------------------


def order_of(sort: str) -> tuple[str, bool]:
    """Column and whether it descends; an unknown key is the default order, by due day."""
    column = CUSTOMER_SORTS.get(sort.removeprefix("-"))
    return (column, sort.startswith("-")) if column else (CUSTOMER_SORTS["due"], False)


def beyond(mark: str, sort: str, *, backwards: bool) -> Q:
    """Rows after the customer `mark` in that order (before when `backwards`); an unknown customer matches nothing."""
    column, descending = order_of(sort)
    value = ListedCustomer.objects.filter(pk=mark).values_list(column, flat=True).first()
    if value is None:
        return Q(pk__in=[])
    way = "lt" if descending != backwards else "gt"
    if column == "number":
        return Q(**{f"number__{way}": mark})
    return Q(**{f"{column}__{way}e": value}) & (
        Q(**{f"{column}__{way}": value}) | Q(**{column: value, f"number__{way}": mark})
    )


def ordering(sort: str, *, backwards: bool = False) -> Iterable[str]:
    """For `order_by`."""
    column, descending = order_of(sort)
    sign = "-" if descending != backwards else ""
    return (f"{sign}{column}",) if column == "number" else (f"{sign}{column}", f"{sign}number")
