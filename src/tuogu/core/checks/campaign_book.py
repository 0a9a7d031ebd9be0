"""What the book says about a campaign, recomputed for the checkers of its four strategies.

In: plan, book, rulebook. Out: persons, areas, departments, holdings, and breaches as VIOLATIONS. Never: an import from
`core.campaign` or `core.apportion`; a figure taken over from the plan, but one: which numbers are one person, where the
book no longer holds documents (an archived book has none).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import VIOLATIONS, Book, Plan

POOL_AREAS = {"pool:campaign-city": "city", "pool:campaign-county": "county"}
_PREFIX = "department:"
_CITY, _DISTRICT = 4, 6  # digits of a city and of a district code, GB/T 2260

Breach = tuple[str, str, str, str, str, str]  # rule, req, key, value, bound, detail


def breaches(found: Iterable[Breach]) -> pl.DataFrame:
    """VIOLATIONS of rows written out."""
    return pl.DataFrame(list(found), schema=VIOLATIONS, orient="row")


@dataclass(frozen=True)
class CampaignBook:
    """A plan of the campaign beside the book's own answers."""

    plan: Plan
    book: Book
    rulebook: Rulebook

    @cached_property
    def persons(self) -> dict[str, str]:
        """customer number → the smallest number of the same person, for persons with several."""
        customers = self.book.books.customers
        if customers["id_number"].null_count() == len(customers):
            said = self.plan.tables.get("duplicates")  # absent where a strategy asks for no persons
            return {} if said is None else dict(zip(said["customer_number"], said["person"], strict=True))
        keyed = customers.drop_nulls("id_number").filter(pl.col("id_number") != "")
        groups = keyed.group_by("id_type", "id_number").agg(numbers="customer_number")
        several = groups.filter(pl.col("numbers").list.len() > 1)["numbers"].to_list()
        return {number: min(group) for group in several for number in group}

    def person(self, column: str) -> pl.Expr:
        return pl.col(column).replace(self.persons)

    @cached_property
    def mains(self) -> pl.DataFrame:
        """Main policies with `person`."""
        policies = self.book.books.policies
        mains = policies.filter((pl.col("kind") == "main") & pl.col("holder_number").is_not_null())
        return mains.with_columns(person=self.person("holder_number"))

    # --- institutions ---------------------------------------------------------------------------

    @cached_property
    def _institutions(self) -> dict[str, tuple[str, str | None, str | None]]:
        """code → level, parent, region."""
        frame = self.book.books.institutions
        columns = (frame["institution_code"], frame["level"], frame["parent_code"], frame["region_code"])
        return {code: (level, parent, region) for code, level, parent, region in zip(*columns, strict=True)}

    def _up(self, code: str | None, wanted: Callable[[str], bool]) -> str | None:
        """The nearest institution from `code` upwards for which `wanted` holds."""
        seen = set()
        while code is not None and code in self._institutions and code not in seen:
            if wanted(code):
                return code
            seen.add(code)
            code = self._institutions[code][1]
        return None

    def department_of(self, code: str | None) -> str | None:
        levels = self.rulebook["campaign.department_levels"]
        return self._up(code, lambda c: self._institutions[c][0] in levels)

    def district_of(self, code: str | None) -> str | None:
        """The six digits of the nearest region that is a district."""

        def names_district(c: str) -> bool:
            region = self._institutions[c][2] or ""
            return len(region) >= _DISTRICT and region[4:6] != "00"

        found = self._up(code, names_district)
        return None if found is None else str(self._institutions[found][2])[:6]

    @cached_property
    def staff_department(self) -> dict[str, str]:
        people = self.book.books.people
        columns = (people["staff_number"], people["institution_code"], people["team_code"])
        found = {s: self.department_of(i) or self.department_of(t) for s, i, t in zip(*columns, strict=True)}
        return {staff: code for staff, code in found.items() if code is not None}

    def area(self, code: str | None) -> str | None:
        if code is None or len(code) < _DISTRICT or not code[4:6].isdecimal():
            return None
        return "city" if int(code[4:6]) <= self.rulebook["campaign.urban_district_max"] else "county"

    @cached_property
    def departments(self) -> dict[str, str | None]:
        """department → area: of the rulebook, else its district, most customers, most homes, the seat."""
        named = self.rulebook["campaign.department_areas"]
        homes = self.book.homes.select(staff="key", community="community_code")
        lives = self.book.located.select(holder_number="key", community="community_code")
        sold = self.mains.join(lives, on="holder_number").select("community", staff="agent_number")
        by_customers, by_homes = self._areas(sold), self._areas(homes)
        return {
            code: named.get(code)
            or self.area(self.district_of(code))
            or _larger(by_customers.get(code))
            or _larger(by_homes.get(code))
            or ("city" if self._up(code, self._is_city) else None)
            for code in self._institutions
            if self.department_of(code) == code
        }

    def _is_city(self, code: str) -> bool:
        region = self._institutions[code][2] or ""
        return bool(region) and (len(region) == _CITY or region[_CITY:] == "00")

    def _areas(self, places: pl.DataFrame) -> dict[str, Counter[str]]:
        """department → how many of its people's `places` (staff, community) lie in each area."""
        counted = places.group_by("staff", pl.col("community").str.head(6)).agg(n=pl.len())
        found: dict[str, Counter[str]] = {}
        for staff, community, count in counted.iter_rows():
            code, area = self.staff_department.get(staff), self.area(community)
            if code is not None and area is not None:
                found.setdefault(code, Counter())[area] += count
        return found

    # --- customers ------------------------------------------------------------------------------

    @cached_property
    def districts(self) -> pl.DataFrame:
        """institution_code, managed_in."""
        rows = [(code, self.district_of(code)) for code in self._institutions]
        return pl.DataFrame(
            rows, schema={"institution_code": pl.String, "managed_in": pl.String}, orient="row"
        )

    def areas_of(self, frame: pl.DataFrame) -> pl.DataFrame:
        """`frame` (holder_number, institution_code) with `area` of the customer."""
        lives = self.book.located.select(holder_number="key", community="community_code")
        frame = frame.join(lives, on="holder_number", how="left").join(
            self.districts, on="institution_code", how="left"
        )
        code = pl.coalesce(pl.col("community").str.head(6), "managed_in")
        known = {c: self.area(c) for c in frame.select(code.alias("c"))["c"].unique().drop_nulls()}
        return frame.with_columns(
            area=code.replace_strict(known or {"": None}, default=None, return_dtype=pl.String)
        )

    @cached_property
    def held(self) -> pl.DataFrame:
        """number, receiver, since of the development relation."""
        held = self.book.held
        mine = (pl.col("relation") == "development") & (pl.col("kind") == "customer")
        return held.filter(mine).select("number", "receiver", "since")

    @cached_property
    def refused(self) -> pl.Series:
        """Customer numbers to whom nothing may be offered (L-03)."""
        return self.book.refused["customer_number"].implode()

    @cached_property
    def away(self) -> set[str]:
        """Who is away on the plan's day."""
        day = self.plan.as_of
        rows = self.book.away.filter((pl.col("from_date") <= day) & (day < pl.col("until_date")))
        return set(rows["staff_number"])

    @cached_property
    def serving(self) -> set[str]:
        """Who is in post on the plan's day."""
        people = self.book.books.people
        left = pl.col("left_date").is_not_null() & (pl.col("left_date") <= self.plan.as_of)
        return set(people.filter(~left)["staff_number"])

    def department_of_receiver(self, receiver: str | None) -> str | None:
        if receiver is None:
            return None
        if receiver.startswith(_PREFIX):
            code = receiver[len(_PREFIX) :]
            return code if code in self.departments else None
        return self.staff_department.get(receiver)

    def placed_counts(self, *by: str) -> dict[tuple[object, ...], int]:
        """How many placements by these columns."""
        counted = self.plan.placements.group_by(*by).agg(n=pl.len())
        return {row[:-1]: row[-1] for row in counted.iter_rows()}

    def filed(self, key: str, first: date, last: date) -> dict[str, int]:
        """subject → sum of a fact over months; the last row of a month counts."""
        months = pl.col("month").is_between(first.replace(day=1), last.replace(day=1))
        rows = self.book.facts.filter((pl.col("key") == key) & months)
        latest = {
            (subject, month): value
            for subject, month, value in rows.select("subject", "month", "value").iter_rows()
        }
        total: Counter[str] = Counter()
        for (subject, _month), value in latest.items():
            total[subject] += value
        return dict(total)


def _larger(count: Counter[str] | None) -> str | None:
    if count is None or count["city"] == count["county"]:
        return None
    return "city" if count["city"] > count["county"] else "county"


def largest_remainder_breaches(
    counts: Mapping[str, int], weights: Mapping[str, int], total: int, req: str
) -> Iterable[Breach]:
    """Whole parts, and one more for nobody whose remainder is smaller than that of somebody who got none."""
    whole = sum(weights.values())
    if sum(counts.values()) != total:
        yield (
            "quota_sum",
            req,
            "/".join(sorted(counts)),
            str(sum(counts.values())),
            str(total),
            "配额之和不等于总数",
        )
    up: list[tuple[int, int, str]] = []
    down: list[tuple[int, int, str]] = []
    for key, weight in weights.items():
        floor, remainder = divmod(total * weight, whole)
        extra = counts.get(key, 0) - floor
        if extra not in (0, 1) or (extra and not remainder):
            yield (
                "quota",
                req,
                key,
                str(counts.get(key, 0)),
                f"{floor}–{floor + bool(remainder)}",
                "配额偏离应得件数一件以上",
            )
        (up if extra else down).append((remainder, weight, key))
    if up and down and min(up)[:2] < max(down)[:2]:
        least, most = min(up), max(down)
        yield (
            "quota_remainder",
            req,
            least[2],
            str(least[0]),
            f">= {most[0]}",
            f"余数小于未得尾数的 {most[2]}",
        )
    for key in sorted(counts.keys() - weights.keys()):
        yield ("quota", req, key, str(counts[key]), "0", "没有占比而得到配额")
