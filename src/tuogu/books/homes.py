"""Where the staff live, to the community (S0-14): located at import, so that no page decrypts an address.

In: the homes that an import located; a Scope. Out: stored rows; the register, with those who have no code apart. Never:
an address, a street number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from tuogu.books.address_known import NOT_CODABLE, address_hashes, located_as_decided
from tuogu.books.models import ListedCommunity, StaffHome
from tuogu.bulk import upsert
from tuogu.core.tables import LOCATED, Books
from tuogu.data.codebook import Codebook
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.regions import queries as regions

STREET_DIGITS = 9  # of an official code
NOT_LOCATED = "not_located"  # in post, and no import since has located the home


@dataclass(frozen=True)
class Home:
    """One person in post. `community_code` is null for the exception list, `reason` then says why."""

    person: int
    staff_number: str
    name: str
    series: str
    supervisor: bool
    team: str
    district: str
    street: str
    community: str
    community_code: str | None
    confidence: float | None
    reason: str


def store_homes(homes: pl.DataFrame, given: pl.Series, *, data_date: date, import_run: int) -> int:
    """Keep where people live, LOCATED by staff number; a later data date wins. Returns how many were written.

    `given`: the staff numbers of the file. Of others only those are kept whose home nobody has located yet, so that the
    stored data date is that of the person's own row.
    """
    people = org.staff_ids().select("custodian_id", key="staff_number")
    located = list(StaffHome.objects.values_list("person_id", flat=True))
    own = pl.col("key").is_in(given.implode()) | ~pl.col("custodian_id").is_in(located)
    rows = homes.join(people, on="key").filter(own).select(
        "community_code", person_id="custodian_id", code_status="status", code_reason="reason",
        code_confidence="confidence", data_date=pl.lit(data_date), import_run_id=pl.lit(import_run, pl.Int64),
    )  # fmt: skip
    return upsert(StaffHome._meta.db_table, "person_id", rows).written


def without_known_people(books: Books) -> Books:
    """The books without the people of whom a row of the same or a later data date was stored: rejected rows that come
    back must not undo it."""
    ids = list(StaffHome.objects.filter(data_date__gte=books.data_date).values_list("person_id", flat=True))
    known = org.staff_ids().filter(pl.col("custodian_id").is_in(ids))
    return replace(books, people=books.people.join(known, on="staff_number", how="anti"))


def homes(scope: Scope, on: date, series: tuple[str, ...] = ()) -> list[Home]:
    """Everybody in post within scope on that day (of these series), by team, supervisors first."""
    people = org.people(scope, on)
    if series:
        people = people.filter(pl.col("series").is_in(series))
    people = people.sort(
        "team_code", "supervisor", "staff_number", descending=[False, True, False], nulls_last=True
    )
    ids = people["custodian_id"].to_list()
    stored = {home.person_id: home for home in StaffHome.objects.filter(person_id__in=ids)}
    codes = {home.community_code for home in stored.values() if home.community_code}
    named = {c.community_code: c for c in ListedCommunity.objects.filter(community_code__in=codes)}
    names = org.names(ids)
    teams = dict(org.institutions().select("institution_code", "name").iter_rows())
    return [
        _home(row, names.get(row["custodian_id"]) or "", teams, stored.get(row["custodian_id"]), named)
        for row in people.iter_rows(named=True)
    ]


def waiting_homes(scope: Scope, on: date) -> list[Home]:
    """Those in post within scope whose home an import could not locate and nobody has judged since."""
    found = [home for home in homes(scope, on) if not home.community_code]
    stored = set(
        StaffHome.objects.filter(person_id__in=[home.person for home in found]).values_list(
            "person_id", flat=True
        )
    )
    return [home for home in found if home.person in stored and home.reason != NOT_CODABLE]


def decided_homes(people: pl.DataFrame, codebook: Codebook) -> pl.DataFrame:
    """LOCATED rows of those `people` (staff_number, address) whose home a person has judged, as it is written now."""
    judged = regions.decided_homes()
    if not judged:
        return pl.DataFrame(schema=LOCATED)
    known = people.join(org.staff_ids(), on="staff_number").filter(pl.col("custodian_id").is_in(list(judged)))
    hashes = address_hashes(known["address"].to_list())
    rows = [
        row
        for (number, person), hashed in zip(
            known.select("staff_number", "custodian_id").iter_rows(), hashes, strict=True
        )
        if judged[person].home_hash == hashed
        and (
            row := located_as_decided(number, judged[person].outcome, judged[person].community_code, codebook)
        )
    ]
    return pl.DataFrame(rows, schema=LOCATED, orient="row").sort("key")


def live_in_one_street(one: int, other: int) -> bool:
    """Whether both people's homes are located, in the same street (P-05)."""
    codes = StaffHome.objects.filter(person_id__in=(one, other)).values_list("person_id", "community_code")
    streets = {person: code[:STREET_DIGITS] for person, code in codes if code}
    return len(streets) == len({one, other}) and len(set(streets.values())) == 1


def _home(
    row: dict[str, object],
    name: str,
    teams: dict[str, str],
    stored: StaffHome | None,
    named: dict[str, ListedCommunity],
) -> Home:
    code = stored.community_code if stored else None
    place = named.get(code) if code else None
    team = str(row["team_code"] or "")
    return Home(
        int(str(row["custodian_id"])), str(row["staff_number"]), name, str(row["series"]), bool(row["supervisor"]),
        teams.get(team, team), place.district if place else "", place.street if place else "",
        place.community if place else "", code, stored.code_confidence if stored else None,
        "" if code else (stored.code_reason or NOT_LOCATED) if stored else NOT_LOCATED,
    )  # fmt: skip
