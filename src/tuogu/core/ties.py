"""Ties broken by a keyed hash: neither the order of the input nor the number, name or seniority of anyone decides.

In: the run's seed, a salt that names the place where a tie is broken, the numbers that are tied. Out: a rank of each.
Never: the same order in two places of one run, favour for a low staff number, an order that Python's own hashing or a
library's version could change.

The construction: key = BLAKE2b-256 of "tuogu ties|" + seed in decimal + "|" + salt; a number's value = BLAKE2b-64 of its
UTF-8 bytes under that key, read big-endian; ranks go up with the value and, should two values be equal, with the number.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import polars as pl


def tie_rank(seed: int, salt: str, numbers: pl.Series) -> pl.Series:
    """Int64 ranks 0..n-1, aligned with `numbers`; a number that stands there twice has one rank.

    Sort by what the rule says first and by this rank last. `salt` names the place: "campaign.last_piece".
    """
    if numbers.null_count():
        raise ValueError("a tie cannot be broken for a missing number")
    key = blake2b(f"tuogu ties|{seed}|{salt}".encode(), digest_size=32).digest()
    texts = numbers.cast(pl.String).to_list()
    digests = b"".join(blake2b(text.encode(), key=key, digest_size=8).digest() for text in texts)
    values = pl.Series("value", np.frombuffer(digests, dtype=">u8").astype(np.uint64))
    tied = pl.DataFrame({"number": pl.Series(texts, dtype=pl.String), "value": values})
    ranks = tied.unique("number").sort("value", "number").with_row_index("rank").select("number", "rank")
    joined = tied.join(ranks, on="number", how="left", maintain_order="left")
    return joined["rank"].cast(pl.Int64).rename("tie_rank")
