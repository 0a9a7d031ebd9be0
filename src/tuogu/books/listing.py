"""What lists filter, sort and show of every main policy, derived from the stored rows and kept for reading.

In: the stored policies, customers and people of the holders concerned, and the day. Out: their rows of ListedPolicy and
ListedCustomer, the names of communities in ListedCommunity, the counts of ListedSum. Never: a name, phone, ID or address
(nothing is decrypted), a custodian (lists join the ledger's holdings), a row that `rebuild` would not derive alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl
from django.db import connection

from tuogu.books import listing_customers as customers
from tuogu.books import listing_source as source
from tuogu.books import listing_sums as sums
from tuogu.books.models import ListedCommunity, ListedCustomer, ListedPolicy, ListedSum
from tuogu.bulk import Cursor, counted, drop, insert_rows, load
from tuogu.core.basis import policy_communities
from tuogu.core.classify import classify
from tuogu.core.dues import next_due_dates
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import LIVE_STATES

NEVER_DUE = date(9999, 12, 31)  # sorts after every day
_TAIL = 4  # characters by which people name a policy to each other
_TABLE = ListedPolicy._meta.db_table
_SUMMED = (ListedCustomer._meta.db_table, ListedSum._meta.db_table)
_TOUCHED = "listing_touched"
_HOLDERS = "listing_holders"

# The holders whose policies may look different now: those of the policies, customers and agents that were touched, as
# stored and as listed before (a policy may have changed hands between two holders).
_CONCERNED = f"""
CREATE TEMPORARY TABLE {_HOLDERS} AS
SELECT p.holder_number FROM books_policy p JOIN {_TOUCHED} t ON t.kind = 'policy' AND t.number = p.number
UNION SELECT l.holder_number FROM {_TABLE} l JOIN {_TOUCHED} t ON t.kind = 'policy' AND t.number = l.number
UNION SELECT p.holder_number FROM books_rider r JOIN {_TOUCHED} t ON t.kind = 'policy' AND t.number = r.number
      JOIN books_policy p ON p.number = r.main_policy_number
UNION SELECT t.number FROM {_TOUCHED} t WHERE t.kind = 'customer'
UNION SELECT p.holder_number FROM books_policy p JOIN {_TOUCHED} t ON t.kind = 'customer' AND t.number = p.insured_number
UNION SELECT p.holder_number FROM books_policy p JOIN {_TOUCHED} t ON t.kind = 'agent' AND t.number = p.agent_number
"""


def touched(
    *, policies: Iterable[str] = (), customers: Iterable[str] = (), agents: Iterable[str] = ()
) -> pl.DataFrame:
    """What `refresh` is told: the numbers of policies and riders, customers and agents about which something changed."""
    parts = [
        pl.DataFrame({"number": list(numbers)}, schema={"number": pl.String}).select(
            kind=pl.lit(kind), number="number"
        )
        for kind, numbers in (("policy", policies), ("customer", customers), ("agent", agents))
    ]
    return pl.concat(parts).drop_nulls().unique()


def refresh(changed: pl.DataFrame, rulebook: Rulebook, as_of: date) -> int:
    """Derive anew the rows of every holder concerned by `changed` (see `touched`); returns how many rows."""
    if changed.is_empty():
        return 0
    with connection.cursor() as cursor:
        load(cursor, _TOUCHED, changed)
        drop(cursor, _HOLDERS)
        cursor.execute(_CONCERNED)
        drop(cursor, customers.CONCERNED)
        customers.note_before(cursor, _HOLDERS, _TOUCHED)
        sums.note_before(cursor, _HOLDERS)
        cursor.execute(f"DELETE FROM {_TABLE} WHERE holder_number IN (SELECT holder_number FROM {_HOLDERS})")
        rows = _derive(cursor, rulebook, as_of, _HOLDERS)
        insert_rows(_TABLE, rows)
        customers.refresh(cursor, _HOLDERS)
        sums.refresh(cursor, _HOLDERS)
        drop(cursor, _TOUCHED, _HOLDERS, customers.CONCERNED)
        counted(cursor, rows.height, *_SUMMED)
    return rows.height


def rebuild(rulebook: Rulebook, as_of: date) -> int:
    """Derive every row anew from the stored books; returns how many there are."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {_TABLE}")
        rows = _derive(cursor, rulebook, as_of, None)
        insert_rows(_TABLE, rows)
        customers.rebuild(cursor)
        sums.rebuild(cursor)
        counted(cursor, rows.height, *_SUMMED)
    return rows.height


def name_communities(communities: pl.DataFrame) -> None:
    """Keep the names of COMMUNITIES rows; the newest names win."""
    named = communities.select(*(f.attname for f in ListedCommunity._meta.concrete_fields))
    ListedCommunity.objects.bulk_create(
        [ListedCommunity(**row) for row in named.iter_rows(named=True)],
        update_conflicts=True,
        unique_fields=["community_code"],
        update_fields=[name for name in named.columns if name != "community_code"],
    )


def _derive(cursor: Cursor, rulebook: Rulebook, as_of: date, holders: str | None) -> pl.DataFrame:
    """Rows of ListedPolicy for the holders in that temporary table; None = all."""
    stored = source.read(cursor, holders)
    mains = stored.books.policies.filter(pl.col("kind") == "main")
    classified = classify(stored.books, stored.located, rulebook, as_of)
    places = policy_communities(mains, stored.located, rulebook["territory.address_basis"])
    dues = next_due_dates(mains.filter(pl.col("state") == "in_force"), as_of.replace(day=1))
    frame = (
        stored.subjects.join(mains, left_on="number", right_on="policy_number", how="left")
        .join(classified, left_on="number", right_on="policy_number", how="left")
        .join(places, left_on="number", right_on="policy_number", how="left")
        .join(stored.places, on="community_code", how="left")
        .join(dues, left_on="number", right_on="policy_number", how="left")
    )
    return (
        frame.with_columns(
            tail=pl.col("number").str.tail(_TAIL),
            live=pl.col("state").is_in(LIVE_STATES),
            yearly_premium_fen=(pl.col("premium_fen") * pl.col("payments_per_year")).fill_null(0),
            next_due_date=pl.col("next_due_date").fill_null(NEVER_DUE),
            counts_holder=_first_live(),
        )
        .select(*(field.attname for field in ListedPolicy._meta.concrete_fields))
        .sort("subject_id")
    )


def _first_live() -> pl.Expr:
    """True for the first live policy of each holder; whoever has none is no household."""
    alive = pl.col("state").is_in(LIVE_STATES)
    first = pl.when(alive).then("subject_id").min().over("holder_number")
    return (alive & (pl.col("subject_id") == first)).fill_null(False)
