"""Random histories of stored books: the sums that a refresh adds to and takes off from are those that a rebuild counts."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date

import pytest

import branch as tiny
from cast import Cast
from listed_world import GONE, MANAGER, OTHER, PLACES, STRANGER, import_rows, policy_rows
from tuogu.books import actions, listing
from tuogu.books.models import Customer, ListedPolicy, ListedSum, Policy

pytestmark = [pytest.mark.database, pytest.mark.django_db(databases="__all__")]
STEPS = 25
_KEYS = (
    "institution_code",
    "state",
    "live",
    "orphan",
    "orphan_type",
    "service_class",
    "route",
    "street_code",
)


def kept() -> dict[tuple[object, ...], tuple[int, int, int]]:
    """The stored lines by kind; a kind twice or a line of nothing would show."""
    figures = ("policies", "yearly_premium_fen", "households")
    rows = list(ListedSum.objects.values_list(*_KEYS, *figures))
    found = {row[: len(_KEYS)]: row[len(_KEYS) :] for row in rows}
    assert len(found) == len(rows)
    return found


def counted() -> dict[tuple[object, ...], tuple[int, int, int]]:
    """The same by counting the listed policies one by one."""
    policies: Counter[tuple[object, ...]] = Counter()
    premium: Counter[tuple[object, ...]] = Counter()
    households: Counter[tuple[object, ...]] = Counter()
    for row in ListedPolicy.objects.values(*_KEYS, "yearly_premium_fen", "counts_holder"):
        kind = tuple("" if row[name] is None else row[name] for name in _KEYS)
        policies[kind] += 1
        premium[kind] += row["yearly_premium_fen"]
        households[kind] += row["counts_holder"]
    return {kind: (n, premium[kind], households[kind]) for kind, n in policies.items()}


class Books:
    """Stored rows that change by chance; each change says which numbers it touched."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def change(self) -> dict[str, list[str]]:
        return self.chance.choice(
            (self.lapse, self.pay, self.resell, self.pass_on, self.move, self.manage, self.lose)
        )()

    def some(self) -> list[Policy]:
        rows = list(Policy.objects.order_by("number"))
        return self.chance.sample(rows, self.chance.choice((1, 1, 2, 9)))

    def _set(self, **values: object) -> dict[str, list[str]]:
        chosen = [row.number for row in self.some()]
        Policy.objects.filter(number__in=chosen).update(**values)
        return {"policies": chosen}

    def lapse(self) -> dict[str, list[str]]:
        return self._set(
            state=self.chance.choice(("in_force", "lapsed", "surrendered")), lapse_date=date(2023, 3, 1)
        )

    def pay(self) -> dict[str, list[str]]:
        return self._set(premium_fen=self.chance.randrange(0, 900_000))

    def resell(self) -> dict[str, list[str]]:
        return self._set(agent_number=self.chance.choice((MANAGER, OTHER, GONE)))

    def pass_on(self) -> dict[str, list[str]]:
        return self._set(holder_number=self.chance.choice(self.some()).holder_number)

    def manage(self) -> dict[str, list[str]]:
        return self._set(institution_code=self.chance.choice(("B", "X", None)))

    def move(self) -> dict[str, list[str]]:
        chosen = [row.holder_number for row in self.some()]
        Customer.objects.filter(number__in=chosen).update(
            community_code=self.chance.choice((None, *PLACES)), code_status="coded"
        )
        return {"customers": chosen}

    def lose(self) -> dict[str, list[str]]:
        chosen = [row.number for row in self.some()][:2]
        Policy.objects.filter(number__in=chosen).delete()
        return {"policies": chosen}


@pytest.mark.parametrize("seed", range(4))
def test_after_any_change_the_sums_are_those_of_a_rebuild(cast: Cast, seed: int) -> None:
    import_rows(cast, [
        *policy_rows(25, agent=MANAGER), *policy_rows(10, agent=GONE, first=100),
        *policy_rows(5, agent=STRANGER, institution="X", first=300),
    ])  # fmt: skip
    books = Books(seed)
    assert kept() == counted()
    seen = set(kept())
    for step in range(STEPS):
        changed = listing.touched(**books.change())
        listing.refresh(changed, tiny.RULEBOOK, cast.today)
        assert kept() == counted(), f"step {step}"
        seen |= set(kept())
    assert len(seen) > len(kept()), "kinds came and went"
    before = kept()
    actions.rebuild_listing(as_of=cast.today)
    assert kept() == before


def test_one_change_writes_the_lines_of_its_kinds_only(cast: Cast) -> None:
    import_rows(cast, [*policy_rows(25, agent=MANAGER), *policy_rows(10, agent=GONE, first=100)])
    before = dict(ListedSum.objects.values_list("pk", "policies"))
    Policy.objects.filter(number="P00000001").update(state="terminated")
    listing.refresh(listing.touched(policies=["P00000001"]), tiny.RULEBOOK, cast.today)
    after = dict(ListedSum.objects.values_list("pk", "policies"))
    assert sum(after.values()) == sum(before.values()) == 35
    assert sum(after.get(pk) != n for pk, n in before.items()) == 1, (
        "the line that lost one; the others stand"
    )
    assert len(set(after) - set(before)) == 1, "and a line of its own for the ended policy"
