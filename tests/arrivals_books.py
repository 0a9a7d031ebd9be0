"""Books with new orphans for the tests of arrivals and block: what was planned before, what has arisen since.

`grown` draws one from a seed; `line_town` is small enough to check by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from territory_books import AS_OF, book_of, fill, make_book, standard_rules
from tuogu.core.plan import make_plan
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import HELD, Book, Plan


def without_policies(book: Book, numbers: Sequence[str]) -> Book:
    """The book before these policies became orphans."""
    gone = pl.col("policy_number").is_in(list(numbers))
    books = replace(book.books, policies=book.books.policies.filter(~gone))
    return replace(book, books=books, classified=book.classified.filter(~gone))


def with_columns(book: Book, table: str, key: str, changes: Mapping[str, Mapping[str, object]]) -> Book:
    """`book` with cells changed: row key → column → value. `table` is policies, customers, people or classified."""
    frame = book.classified if table == "classified" else getattr(book.books, table)
    for row, cells in changes.items():
        frame = frame.with_columns(
            pl.when(pl.col(key) == row)
            .then(pl.lit(value))
            .otherwise(pl.col(name))
            .cast(frame.schema[name])
            .alias(name)
            for name, value in cells.items()
        )
    if table == "classified":
        return replace(book, classified=frame)
    return replace(book, books=replace(book.books, **{table: frame}))


def held_by(book: Book, custody: Mapping[str, str], relation: str = "custody") -> Book:
    """The book with these policies in the ledger."""
    rows = [
        {"number": n, "kind": "policy", "relation": relation, "receiver": who} for n, who in custody.items()
    ]
    return replace(book, held=pl.concat([book.held, fill(rows, HELD)]))


def grown(seed: int, policies: int = 1_400, managers: int = 4, share: int = 12) -> tuple[Book, Plan]:
    """A random city in which one policy in `share` has newly arisen, and the plan of before."""
    book = make_book(communities=40, managers=managers, policies=policies, seed=seed)
    numbers = book.books.policies["policy_number"].to_list()
    new = numbers[seed % share :: share]
    return book, make_plan(without_policies(book, new), standard_rules(), AS_OF, 1, 50_000)


def line_town(
    places: Sequence[int | None],
    months: Sequence[int],
    new: Sequence[int],
    homes: Sequence[int],
    rules: Rulebook,
) -> tuple[Book, Plan]:
    """Communities on a line 2,000 m apart, policy j in places[j] due in months[j]; those numbered in `new` arise later."""
    points = [(2_000.0 * place, 0.0) for place in range(1 + max(p for p in places if p is not None))]
    listed = [(place, month, 1) for place, month in zip(places, months, strict=True)]
    book = book_of(points, homes, listed)
    earlier = make_plan(without_policies(book, [f"P{j + 1:05d}" for j in new]), rules, AS_OF, 1, 20_000)
    return book, earlier
