"""Who holds what now, in every relation that plans place, as a plan reads it.

In: the ledger. Out: HELD. Never: a custodian without a word that a plan can name again as a receiver, more queries for
more rows.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.changes import BUFFER
from tuogu.core.tables import HELD, conform
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org

DEPARTMENT, OTHER_POOL = "department:", "pool:"
RECEIVERS = {"custodian_id": pl.Int64, "receiver": pl.String}


def held_frame() -> pl.DataFrame:
    """HELD, by kind, number and relation. Closed holdings and erased numbers are absent."""
    held = ledger.circulation().join(
        receivers(), on="custodian_id", how="left", validate="m:1", maintain_order="left"
    )
    return conform(held.rename({"since_date": "since"}).select(*HELD), HELD)


def receivers() -> pl.DataFrame:
    """RECEIVERS: the word by which plans name each person and pool, by custodian.

    A staff number, 'buffer', 'department:<institution code>' of a department's pool, 'pool:<name>' of any other pool.
    """
    people = org.staff_ids().select("custodian_id", receiver="staff_number")
    pools = pl.DataFrame(
        [(pool, _word(key)) for pool, key, _name in org.pools()], schema=RECEIVERS, orient="row"
    )
    return pl.concat([people, pools]).sort("custodian_id")


def _word(key: str) -> str:
    return key if key == BUFFER or key.startswith((DEPARTMENT, OTHER_POOL)) else f"{OTHER_POOL}{key}"
