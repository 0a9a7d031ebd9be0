"""Customers whose data was found untrue wait, until it is corrected, where they are (L-09): no strategy of custody or
development allots them.

In: a book with `unproven`. Out: the book as the strategies read it; rows of UNPLACED. Never: a change of who holds them;
supervision withheld (whoever is served is also watched over); one of them left out without being named.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from tuogu.core.strategies import STRATEGIES
from tuogu.core.tables import UNPLACED, Book, conform

REASON = "data_unproven"
_DETAIL = "客户资料经核查不实或待更正，更正之前留在原处，不参加分配"


def for_allotting(book: Book, strategy: str) -> Book:
    """The book without these customers and what they hold policies of."""
    if not _waits(book, strategy):
        return book
    wait = book.unproven["customer_number"].implode()
    books = book.books
    mains = books.policies.filter(pl.col("holder_number").is_in(wait).fill_null(False))[
        "policy_number"
    ].implode()
    gone = pl.col("policy_number").is_in(mains) | pl.col("main_policy_number").is_in(mains)
    policies = books.policies.filter(~gone.fill_null(False))
    insured = (
        policies["insured_number"].drop_nulls().implode()
    )  # of somebody else's policy: the address may be asked for
    number = pl.col("customer_number")
    customers = books.customers.filter(~number.is_in(wait) | number.is_in(insured))
    return replace(
        book,
        books=replace(books, policies=policies, customers=customers),
        located=book.located.join(customers, left_on="key", right_on="customer_number", how="semi"),
        classified=book.classified.filter(~pl.col("policy_number").is_in(mains)),
        held=book.held.filter(~(pl.col("number").is_in(mains) | pl.col("number").is_in(wait))),
    )


def waiting(book: Book, strategy: str) -> pl.DataFrame:
    """UNPLACED: each of them, or each of their orphan policies, with whoever keeps it meanwhile."""
    if not _waits(book, strategy):
        return pl.DataFrame(schema=UNPLACED)
    kind = STRATEGIES[strategy]
    wait = book.unproven["customer_number"].implode()
    if kind.subject == "customer":
        numbers = book.books.customers.filter(pl.col("customer_number").is_in(wait)).select(
            number="customer_number"
        )
    else:
        orphans = book.classified.filter("orphan").select(number="policy_number")
        theirs = book.books.policies.filter(pl.col("holder_number").is_in(wait).fill_null(False))
        numbers = orphans.join(theirs, left_on="number", right_on="policy_number", how="semi")
    held = book.held.filter(pl.col("relation") == kind.relation).select("number", "receiver")
    kept = numbers.unique().join(held.unique("number"), on="number", how="left").sort("number")
    return conform(
        kept.select(
            policy_number="number",
            reason=pl.lit(REASON),
            detail=pl.lit(_DETAIL),
            custodian=pl.col("receiver").fill_null("buffer"),
        ),
        UNPLACED,
    )


def _waits(book: Book, strategy: str) -> bool:
    return book.unproven.height > 0 and STRATEGIES[strategy].relation != "supervision"
