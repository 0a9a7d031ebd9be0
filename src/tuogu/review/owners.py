"""Who owes a work log, and who stands above (S1-18): read from people, posts and the tree of institutions.

In: a day. Out: OWNERS of core.inspection, ids by staff number. Never: a superior who is the person, a person of a series
or at a post that writes no logs (an auditor, whoever keeps the machines), a query for each person.

Direct supervisor: the nearest team lead, from the team upwards. Team head (大主管): the next team lead further up.
Manager: the nearest department manager, else the manager of the branch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from tuogu.core.inspection.tables import OWNERS
from tuogu.core.tables import conform
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.rules import queries as rules

_MANAGERS = (Role.DEPARTMENT_MANAGER, Role.BRANCH_MANAGER)


_ABOVE = {  # who takes a check: where a superior is missing, the next one up
    "supervisor": ("supervisor_number", "head_number", "manager_number"),
    "head": ("head_number", "manager_number"),
    "department": ("manager_number",),
    "management": ("manager_number",),
}


@dataclass(frozen=True)
class Owners:
    """`frame`: OWNERS. `ids`: custodian of each staff number in post. `above`: level → person → who checks that log."""

    frame: pl.DataFrame
    ids: dict[str, int]
    above: dict[str, dict[int, int]]

    def checker(self, level: str, person: int) -> int | None:
        """Who inspects that person's log at this level; None = nobody stands above, or no log is owed."""
        return self.above[level].get(person)


def owners(on: date) -> Owners:
    """Everybody in post on that day who owes a log."""
    people, book, house = org.people(Scope.everything(), on), rules.applicable(on), _House(on)
    wanted = people.filter(
        pl.col("series").is_in(list(book["inspection.log_series"]))
        & pl.col("staff_number").is_in(house.holding(book["inspection.log_posts"]))
    )
    rows = [
        (row["staff_number"], "management" if row["supervisor"] else "sales", *house.above(row))
        for row in wanted.iter_rows(named=True)
    ]
    frame = pl.DataFrame(rows, schema=OWNERS, orient="row")
    ids = dict(people.select("staff_number", "custodian_id").iter_rows())
    frame = conform(frame.sort("staff_number"), OWNERS)
    return Owners(frame, ids, {level: _checkers(frame, ids, level) for level in _ABOVE})


def _checkers(frame: pl.DataFrame, ids: dict[str, int], level: str) -> dict[int, int]:
    of = frame.filter((pl.col("series") == "management") == (level == "management"))
    found = of.select("staff_number", by=pl.coalesce(_ABOVE[level])).drop_nulls()
    return {ids[number]: ids[by] for number, by in found.iter_rows() if by in ids}


class _House:
    """The tree with the superiors at each institution, read once."""

    def __init__(self, on: date) -> None:
        tree = org.institutions()
        self._parents = dict(tree.select("institution_code", "parent_code").iter_rows())
        self._levels = dict(tree.select("institution_code", "level").iter_rows())
        self._leads: dict[str, list[str]] = defaultdict(list)
        self._managers: dict[str, dict[str, list[str]]] = {role: defaultdict(list) for role in _MANAGERS}
        self._holding: dict[str, set[str]] = defaultdict(set)
        for post in org.posts(Scope.everything(), on):
            if post.from_date > on:
                continue
            self._holding[post.role].add(post.staff_number)
            if not post.institution_code:
                continue
            if post.role == Role.TEAM_LEAD:
                self._leads[post.institution_code].append(post.staff_number)
            elif post.role in self._managers:
                self._managers[post.role][post.institution_code].append(post.staff_number)

    def holding(self, roles: Iterable[str]) -> list[str]:
        """Staff numbers of whoever holds one of these posts."""
        return sorted({number for role in roles for number in self._holding[role]})

    def above(self, row: dict[str, str]) -> tuple[str | None, str | None, str | None, str | None]:
        """department_code, supervisor, head and manager of a person."""
        number, place = row["staff_number"], row["team_code"] or row["institution_code"]
        way = list(self._way(place))
        leads = [other for code in way for other in self._leads.get(code, ()) if other != number]
        supervisor = leads[0] if leads else None
        head = next(
            (other for other in leads if other != supervisor and self._higher(other, supervisor, way)), None
        )
        manager = next(
            (
                other
                for role in _MANAGERS
                for code in way
                for other in self._managers[role].get(code, ())
                if other != number
            ),
            None,
        )
        department = next(
            (code for code in way if self._levels.get(code) == "department"), row["institution_code"]
        )
        return department, supervisor, head, manager

    def _higher(self, one: str, other: str | None, way: list[str]) -> bool:
        """Whether `one` leads further up than `other`: two leads of one team are not each other's head."""
        first = next(i for i, code in enumerate(way) if other in self._leads.get(code, ()))
        return any(one in self._leads.get(code, ()) for code in way[first + 1 :])

    def _way(self, code: str | None) -> Iterator[str]:
        while code:
            yield code
            code = self._parents.get(code)
