"""The address basis of a plan (S0-02): whose address says where a policy lies, the holder's or the insured's.

In: policies, LOCATED customers, the rulebook's one basis. Out: each policy's community. Never: two bases in
one frame, a policy dropped because its customer has no coded address (its community is null).
"""

from __future__ import annotations

import polars as pl

BASES = ("holder", "insured")


class BasisError(ValueError):
    """The basis is not one of BASES: a whole plan uses one of them (S0-02)."""


def policy_communities(policies: pl.DataFrame, located: pl.DataFrame, basis: str) -> pl.DataFrame:
    """policy_number, community_code of every row of `policies`, in its order. Raises BasisError."""
    if basis not in BASES:
        raise BasisError(f"地址口径只能是投保人（holder）或被保险人（insured），不能是 {basis!r}")
    places = located.select(pl.col("key").alias(f"{basis}_number"), "community_code")
    joined = policies.join(
        places, on=f"{basis}_number", how="left", validate="m:1", maintain_order="left", nulls_equal=False
    )
    return joined.select("policy_number", "community_code")
