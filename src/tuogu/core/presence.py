"""Who is away on the day of a plan, and therefore receives nothing (P-06).

In: a book with its calendar (`away`), a day. Out: who is away; the book as the choice of receivers reads it. Never: custody
or a sale of somebody who is away forgotten: they stay in post, they only belong to no series that receives.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import polars as pl

from tuogu.core.tables import Book, Certificate

KEEPS_SERIES = frozenset(
    {"supervise"}
)  # the series of who serves decides what is supervised: receivers are taken out there
NAMED_MAX = 20  # people named in a certificate
REASON = "receiver_away"


def away_on(book: Book, on: date) -> pl.DataFrame:
    """staff_number, until_date of who is away on that day, by staff number."""
    here = book.away.filter((pl.col("from_date") <= on) & (pl.col("until_date") > on))
    last = here.group_by("staff_number").agg(pl.col("until_date").max())
    return last.sort("staff_number")


def for_receivers(book: Book, on: date, strategy: str) -> Book:
    """The book in which nobody who is away that day belongs to a series: every strategy chooses receivers by series."""
    away = away_on(book, on)
    if away.is_empty() or strategy in KEEPS_SERIES:
        return book
    gone = pl.col("staff_number").is_in(away["staff_number"].implode())
    people = book.books.people.with_columns(series=pl.when(~gone).then("series"))
    return replace(book, books=replace(book.books, people=people))


def told(proof: Certificate, book: Book, on: date) -> Certificate:
    """The certificate with a line that names who was left out and until when; unchanged where nobody is away."""
    away = away_on(book, on)
    if away.is_empty():
        return proof
    last = pl.col("until_date") - timedelta(days=1)
    words = (
        away.head(NAMED_MAX).select(pl.format("{}（至{}）", "staff_number", last.cast(pl.String))).to_series()
    )
    more = "等" if away.height > NAMED_MAX else ""
    fact = ("不在岗，本次不接收", f"{away.height} 人：{'、'.join(words)}{more}")
    return replace(proof, feasibility=(*proof.feasibility, fact))
