"""Which customers are resources that may be handed out, and why the others may not (S1-01, S1-07).

In: a book, the plan's day, the rulebook. Out: the customers who are nobody's with their category and, where one bars
them, the reason; the funnel from all customers down to the stock. Never: a customer whom somebody in post develops
already, a problem or hard case in the stock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from tuogu.core import offering
from tuogu.core.centre.categories import categorised
from tuogu.core.centre.sheets import FUNNEL
from tuogu.core.classify import in_post
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book

RELATION, KIND = "development", "customer"


@dataclass(frozen=True)
class Resources:
    """`found`: RESOURCES with circulation (`times`), `custodian` (the pool that keeps the customer) and `barred` (reason
    or null); `funnel`: frame of the sheet FUNNEL."""

    found: pl.DataFrame
    funnel: pl.DataFrame

    @property
    def stock(self) -> pl.DataFrame:
        """What may be handed out."""
        return self.found.filter(pl.col("barred").is_null())


def resources(book: Book, as_of: date, rulebook: Rulebook) -> Resources:
    """All customers who are nobody's, by number."""
    mains = book.books.policies.filter((pl.col("kind") == "main") & pl.col("holder_number").is_not_null())
    every = categorised(mains, as_of, rulebook)
    natures = _natures(mains, book.classified)
    held = _held(book, as_of)
    frame = (
        every.join(_served(mains, book.classified, rulebook), on="number", how="left")
        .join(natures, on="number", how="left")
        .join(held, on="number", how="left")
        .with_columns(
            pl.col("times").fill_null(0),
            pl.col("developed", "served").fill_null(False),
            custodian=pl.when(pl.col("developed").fill_null(False)).then(None).otherwise("receiver"),
            barred=pl.when(offering.refused(book))  # L-03
            .then(pl.lit(offering.REASON))
            .otherwise(
                pl.col("nature").replace_strict(
                    {"problem": "problem", "hard": "hard"}, default=None, return_dtype=pl.String
                )
            ),
        )
    )
    served = pl.col("served") if rulebook["centre.nobody_by"] == "orphan" else pl.lit(False)
    nobodys = frame.filter(~served & ~pl.col("developed"))
    found = nobodys.with_columns(pl.col("custodian").fill_null("buffer")).sort("number")
    holders = mains["holder_number"].n_unique()
    steps = [
        ("有主险的客户", holders),
        ("其中：有资源类别", len(every)),
        ("其中：没有在职业务员", frame.filter(~served).height),
        ("其中：没有人正在开拓", len(found)),
        ("其中：不是问题件、困难件，也没有拒绝营销（可分配）", found["barred"].null_count()),
    ]
    return Resources(
        found.drop("served", "developed", "nature", "receiver"),
        pl.DataFrame(steps, schema=FUNNEL.schema, orient="row"),
    )


def _served(mains: pl.DataFrame, classified: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """number, served: whether an agent in post looks after one of the customer's policies."""
    counted = mains.filter(pl.col("state").is_in(rulebook["centre.other_states"]))
    flags = counted.join(classified.select("policy_number", "orphan"), on="policy_number", how="left")
    return flags.group_by(number="holder_number").agg(served=(~pl.col("orphan")).any())


def _natures(mains: pl.DataFrame, classified: pl.DataFrame) -> pl.DataFrame:
    """number, nature: the gravest of the customer's policies."""
    natures = mains.join(classified.select("policy_number", "nature"), on="policy_number")
    grave = pl.col("nature")
    return natures.group_by(number="holder_number").agg(
        nature=pl.when((grave == "problem").any())
        .then(pl.lit("problem"))
        .when((grave == "hard").any())
        .then(pl.lit("hard"))
    )


def _held(book: Book, as_of: date) -> pl.DataFrame:
    """number, receiver, times, developed: who has the right to develop the customer, and whether that one is in post."""
    staff = in_post(book.books.people, as_of)["staff_number"]
    rows = book.held.filter((pl.col("relation") == RELATION) & (pl.col("kind") == KIND))
    return rows.select(
        "number",
        "times",
        developed=pl.col("receiver").is_in(staff.implode()),
        # a person who has left keeps nothing: the customer waits in the buffer group
        receiver=pl.when(pl.col("receiver").str.contains(":", literal=True)).then("receiver"),
    )
