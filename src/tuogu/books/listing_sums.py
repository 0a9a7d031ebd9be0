"""How many policies of each kind are listed, kept beside the rows: a refresh adds and takes off only what it changed.

In: the listed policies, and the holders whose rows are derived anew. Out: the rows of ListedSum. Never: a line of nothing, a
line twice, a count that `rebuild` would not make alike.
"""

from __future__ import annotations

from tuogu.books.models import ListedPolicy, ListedSum
from tuogu.bulk import Cursor, drop

_TABLE = ListedPolicy._meta.db_table
_SUMS = ListedSum._meta.db_table
_BEFORE = "listing_before"
_KEYS = "institution_code, state, live, orphan, orphan_type, service_class, route, street_code"
_FIGURES = "policies, yearly_premium_fen, households"

# A kind as ListedSum writes it ('' = none), and its figures times {sign}.
_COUNTED = f"""
SELECT COALESCE(institution_code, '') AS institution_code, state, live, orphan,
       COALESCE(orphan_type, '') AS orphan_type, service_class, route, COALESCE(street_code, '') AS street_code,
       {{sign}} * COUNT(*) AS policies, {{sign}} * SUM(yearly_premium_fen) AS yearly_premium_fen,
       {{sign}} * SUM(CASE WHEN counts_holder THEN 1 ELSE 0 END) AS households
FROM {_TABLE} {{where}}
GROUP BY COALESCE(institution_code, ''), state, live, orphan, COALESCE(orphan_type, ''), service_class, route,
         COALESCE(street_code, '')
"""
# One statement in one order: two refreshes at the same time wait for each other and never lock crosswise.
_ADD = f"""
INSERT INTO {_SUMS} ({_KEYS}, {_FIGURES})
SELECT {_KEYS}, SUM(policies), SUM(yearly_premium_fen), SUM(households)
FROM (SELECT {_KEYS}, {_FIGURES} FROM {_BEFORE} UNION ALL SELECT {_KEYS}, {_FIGURES} FROM ({{after}}) a) changed
GROUP BY {_KEYS}
HAVING SUM(policies) <> 0 OR SUM(yearly_premium_fen) <> 0 OR SUM(households) <> 0
ORDER BY {_KEYS}
ON CONFLICT ({_KEYS}) DO UPDATE SET
    policies = {_SUMS}.policies + excluded.policies,
    yearly_premium_fen = {_SUMS}.yearly_premium_fen + excluded.yearly_premium_fen,
    households = {_SUMS}.households + excluded.households
"""


def note_before(cursor: Cursor, holders: str) -> None:
    """Before the rows of `holders` are derived anew: what they counted for till now, to be taken off."""
    drop(cursor, _BEFORE)
    cursor.execute(f"CREATE TEMPORARY TABLE {_BEFORE} AS {_counted(-1, holders)}")


def refresh(cursor: Cursor, holders: str) -> None:
    """After it: what they count for now comes on top."""
    cursor.execute(_ADD.format(after=_counted(1, holders)))
    cursor.execute(f"DELETE FROM {_SUMS} WHERE policies = 0")
    drop(cursor, _BEFORE)


def rebuild(cursor: Cursor) -> None:
    """Every line anew."""
    cursor.execute(f"DELETE FROM {_SUMS}")
    cursor.execute(f"INSERT INTO {_SUMS} ({_KEYS}, {_FIGURES}) {_COUNTED.format(sign=1, where='')}")


def _counted(sign: int, holders: str) -> str:
    among = f"WHERE holder_number IN (SELECT holder_number FROM {holders})"
    return _COUNTED.format(sign=sign, where=among)
