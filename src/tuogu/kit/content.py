"""What stands on the pages of a printed register, frozen when it is printed, and the digest that proves it (S1-29, N-18).

In: what a person holds; a stored page. Out: lines in clear, pages of them, digests. Never: a customer whose data may only
be kept (L-07); a digest that could be guessed back to a phone (it is salted); a line that is not the one that was printed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from hashlib import sha256

import polars as pl

from tuogu import vault
from tuogu.books import queries as books
from tuogu.core.dues import due_months, next_due_dates
from tuogu.kit.kinds import VISITS, RegisterKind
from tuogu.kit.models import Page
from tuogu.kit.visits import visits_of
from tuogu.privacy import queries as privacy

_GIVEN = ("release", "transfer", "claim")  # kinds of ledger entries that entrust a policy to somebody
_DECEMBER = 12


@dataclass(frozen=True)
class Line:
    """One policy on a page, in clear: the eight columns of S1-29 with the due day and the numbers behind the names; on a
    sheet of visits the day of the visit and why to go, in Chinese (S4-21)."""

    policy_number: str
    product_name: str | None
    inception_date: str | None  # ISO
    sum_insured_fen: int | None
    premium_fen: int | None
    due_date: str | None  # ISO
    holder_number: str
    holder: str | None
    insured_number: str | None
    insured: str | None
    phone: str | None
    address: str | None
    visit_date: str | None = None  # ISO
    reasons: str = ""

    @property
    def customers(self) -> set[str]:
        """Everybody named on the line."""
        return {self.holder_number, *([self.insured_number] if self.insured_number else [])}


def lines_of(kind: str, person: int, first_date: date) -> list[Line]:
    """What a register of this kind would hold today, in its order."""
    held = books.carried_by(person)
    blocked = list(privacy.blocked_numbers())
    kept = held.filter(
        ~pl.col("holder_number").is_in(blocked) & ~pl.col("insured_number").fill_null("").is_in(blocked)
    )
    if kind in VISITS:
        week = kind == RegisterKind.VISIT_WEEK
        return _named(_to_visit(kept, visits_of(person, first_date, week=week), first_date))
    frame = _due_in(kept, first_date) if kind == RegisterKind.CONTACT else _given_on(kept, first_date)
    return _named(frame)


def _due_in(held: pl.DataFrame, first: date) -> pl.DataFrame:
    """The policies in force with an instalment due in the month of `first`, by due day."""
    paying = held.filter(pl.col("state") == "in_force")
    start = first.replace(day=1)
    falls = due_months(paying, start).filter(pl.col(f"m{start.month:02d}") > 0).select("policy_number")
    days = next_due_dates(paying, start)
    found = paying.join(falls, on="policy_number", how="semi").join(days, on="policy_number", how="left")
    return found.sort("next_due_date", "policy_number")


def _given_on(held: pl.DataFrame, day: date) -> pl.DataFrame:
    """The policies that somebody's decision gave to the person on that day, by customer."""
    given = held.filter(pl.col("came_by").is_in(_GIVEN), pl.col("since_date") == day)
    days = next_due_dates(given.filter(pl.col("state") == "in_force"), day)
    return given.join(days, on="policy_number", how="left").sort("holder_number", "policy_number")


def _to_visit(held: pl.DataFrame, visits: pl.DataFrame, day: date) -> pl.DataFrame:
    """The live policies of the customers to be visited, by the day of the visit, with the reasons of each."""
    met = held.join(visits.select("holder_number", "visit_date").unique(), on="holder_number")
    days = next_due_dates(met.filter(pl.col("state") == "in_force"), day)
    why = visits.select("policy_number", "reasons").drop_nulls("policy_number")
    found = met.join(days, on="policy_number", how="left").join(why, on="policy_number", how="left")
    return found.sort("visit_date", "holder_number", "policy_number")


def _named(frame: pl.DataFrame) -> list[Line]:
    people = {n for column in ("holder_number", "insured_number") for n in frame[column].drop_nulls()}
    known = books.shown_customers(people, clear=True)
    lines = []
    for row in frame.iter_rows(named=True):
        holder, insured = known.get(row["holder_number"]), known.get(row["insured_number"] or "")
        lines.append(
            Line(
                row["policy_number"], row["product_name"], _iso(row["inception_date"]), row["sum_insured_fen"],
                row["premium_fen"], _iso(row["next_due_date"]), row["holder_number"], holder.name if holder else None,
                row["insured_number"], insured.name if insured else None, holder.phone if holder else None,
                holder.address if holder else None, _iso(row.get("visit_date")), row.get("reasons") or "",
            )
        )  # fmt: skip
    return lines


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def month_end(first: date) -> date:
    """The last day of the month of `first`."""
    following = date(first.year + first.month // _DECEMBER, first.month % _DECEMBER + 1, 1)
    return following - timedelta(days=1)


def canonical(place: int, pages: int, salt: str, lines: Sequence[Line]) -> str:
    """The text of which the digest is taken, and which is sealed."""
    told = {"page": place, "of": pages, "salt": salt, "lines": [asdict(line) for line in lines]}
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(text: str) -> str:
    """SHA-256 of a canonical text."""
    return sha256(text.encode()).hexdigest()


def opened(page: Page) -> list[Line] | None:
    """The lines of a stored page; None where a person on it was erased, or the content is not the one of the digest."""
    if page.content_sealed is None:
        return None
    text = vault.open_text(bytes(page.content_sealed))
    if text is None or digest_of(text) != page.digest:
        return None
    return [Line(**line) for line in json.loads(text)["lines"]]
