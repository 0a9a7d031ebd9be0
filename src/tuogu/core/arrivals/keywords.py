"""Words of an address that say whose it is: estate, building range, employer, road, learnt from who serves what today.

In: pieces with the holder's (or insured's) written address and employer, and who serves them. Out: one row a word with
its evidence; for new pieces the best word that fits. Never: a word from too few pieces or of mixed hands, a word that
names a person no longer in post, a house number or a room in the table.

Administrative parts (…市…区…街道…社区) are cut off first: they are the region's business, not the keyword's.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from tuogu.core.address.normalise import clean_text
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book

KINDS: Final = {"building": "楼幢段", "estate": "小区", "employer": "单位", "road": "道路"}
"""Kind → its Chinese word, the most telling first: of several words that fit, the first kind decides."""

_DIVISION = r"\p{Han}{1,8}?(?:自治区|省|市|县|街道|镇|乡|社区|村委会|居委会|[^小]区)"
_ROAD = r"(\p{Han}{1,6}?(?:大道|路|街|巷|弄|胡同))"
_ROAD_PLACE = _ROAD + r"(?:[0-9]+(?:-[0-9]+)?号?)?"
_ESTATE = r"(\p{Han}{2,8}?(?:小区|花园|花苑|家园|公寓|新城|新村|名邸|雅苑|苑|公馆|山庄|广场|大厦|小筑|府))"
_BUILDING = r"([0-9]{1,4})(?:号楼|幢|栋|座|#)"


def words(pieces: pl.DataFrame, book: Book, rulebook: Rulebook) -> pl.DataFrame:
    """policy_number, kind, word for `pieces` (policy_number); nothing for an address or employer that is missing."""
    basis = f"{rulebook['territory.address_basis']}_number"
    texts = (
        book.books.policies.select("policy_number", customer_number=basis)
        .join(pieces.select("policy_number"), on="policy_number", how="semi")
        .join(book.books.customers.select("customer_number", "address", "employer"), on="customer_number")
    )
    rest = clean_text(pl.col("address")).str.replace_all(_DIVISION, "")
    frame = texts.with_columns(rest=rest).with_columns(
        road=pl.col("rest").str.extract(_ROAD, 1),
        estate=pl.col("rest").str.replace_all(_ROAD_PLACE, "").str.extract(_ESTATE, 1),
        employer=clean_text(pl.col("employer")),
    )
    number = pl.col("rest").str.extract(_BUILDING, 1).cast(pl.Int64)
    span = rulebook["arrivals.building_range"]
    low = (number - 1) // span * span + 1
    frame = frame.with_columns(building=pl.format("{}{}–{}幢", "estate", low, low + span - 1))
    parts = [frame.select("policy_number", kind=pl.lit(kind), word=kind) for kind in KINDS]
    return pl.concat(parts).filter(pl.col("word").is_not_null() & (pl.col("word") != ""))


def learnt(pieces: pl.DataFrame, book: Book, rulebook: Rulebook) -> pl.DataFrame:
    """kind, word, receiver, support, hits, evidence from served `pieces` (policy_number, receiver).

    `support` pieces show the word, `hits` of them are the receiver's; kept when support and purity reach the rulebook's.
    """
    held = words(pieces, book, rulebook).join(pieces.select("policy_number", "receiver"), on="policy_number")
    each = held.group_by("kind", "word", "receiver").agg(hits=pl.len().cast(pl.Int64))
    each = each.with_columns(support=pl.col("hits").sum().over("kind", "word"))
    enough = pl.col("support") >= rulebook["arrivals.keyword_support_min"]
    pure = pl.col("hits") * 10_000 >= rulebook["arrivals.keyword_purity_bp"] * pl.col("support")
    evidence = pl.format("‘{}’ {} 件中 {} 件归{}", "word", "support", "hits", "receiver")
    kept = each.filter(enough & pure).with_columns(evidence=evidence)
    return kept.select("kind", "word", "receiver", "support", "hits", "evidence").sort("kind", "word")


def matched(arriving: pl.DataFrame, table: pl.DataFrame, book: Book, rulebook: Rulebook) -> pl.DataFrame:
    """policy_number, receiver, kind, word, evidence: for each arriving piece the most telling word of `table`.

    Written words come first, then the kinds in the order of KINDS, then the word with more pieces behind it.
    """
    order = {kind: place for place, kind in enumerate(KINDS)}
    found = words(arriving, book, rulebook).join(table.rename({"kind": "table_kind"}), on="word")
    fits = (pl.col("source") == "written") | (pl.col("kind") == pl.col("table_kind"))
    ranked = found.filter(fits).sort(
        "policy_number",
        pl.col("source") != "written",
        pl.col("kind").replace_strict(order, return_dtype=pl.Int64),
        -pl.col("support"),
        "word",
    )
    first = ranked.unique("policy_number", keep="first", maintain_order=True)
    return first.select("policy_number", "receiver", "kind", "word", "evidence")
