"""What lists filter and sort of every customer, derived from the listed policies; kept beside them, refreshed with them.

In: the listed policies, the stored customers, and the numbers concerned. Out: their rows of ListedCustomer. Never: a name,
phone, ID or address (nothing is decrypted); a row that `rebuild` would not derive alike.
"""

from __future__ import annotations

from tuogu.books.models import ListedCustomer
from tuogu.bulk import Cursor

_TABLE = ListedCustomer._meta.db_table
CONCERNED = "listing_customers"

# What one row says. Both sides are grouped first, so that each listed policy is read once.
_DERIVE = f"""
INSERT INTO {_TABLE} (number, policies_live, policies_all, insured_in, yearly_premium_fen, next_due_date, orphan, complaint,
                      community_code, street_code, district_code, institution_code)
SELECT n.number, COALESCE(h.live, 0), COALESCE(h.every, 0), COALESCE(i.live, 0), COALESCE(h.premium, 0),
       COALESCE(h.due, '9999-12-31'), COALESCE(h.orphans, 0) > 0, COALESCE(c.complaint, false),
       c.community_code, m.street_code, m.district_code, COALESCE(h.institution, '')
FROM ({{numbers}}) n
LEFT JOIN (SELECT l.holder_number AS number, COUNT(*) AS every, SUM(CASE WHEN l.live THEN 1 ELSE 0 END) AS live,
                  SUM(CASE WHEN l.live THEN l.yearly_premium_fen ELSE 0 END) AS premium,
                  MIN(CASE WHEN l.state = 'in_force' THEN l.next_due_date END) AS due,
                  SUM(CASE WHEN l.live AND l.orphan THEN 1 ELSE 0 END) AS orphans,
                  CASE WHEN COUNT(l.institution_code) = COUNT(*) AND MIN(l.institution_code) = MAX(l.institution_code)
                       THEN MIN(l.institution_code) END AS institution
           FROM books_listedpolicy l {{held}} GROUP BY l.holder_number) h ON h.number = n.number
LEFT JOIN (SELECT l.insured_number AS number, SUM(CASE WHEN l.live THEN 1 ELSE 0 END) AS live
           FROM books_listedpolicy l {{insured}} GROUP BY l.insured_number) i ON i.number = n.number
LEFT JOIN books_customer c ON c.number = n.number
LEFT JOIN books_listedcommunity m ON m.community_code = c.community_code
WHERE h.number IS NOT NULL OR i.number IS NOT NULL
"""
_EVERYBODY = """
SELECT holder_number AS number FROM books_listedpolicy
UNION SELECT insured_number FROM books_listedpolicy WHERE insured_number IS NOT NULL
"""


def note_before(cursor: Cursor, holders: str, touched: str) -> None:
    """Before the rows of `holders` are derived anew: who they are, whom they insured till now, who was touched."""
    cursor.execute(
        f"""CREATE TEMPORARY TABLE {CONCERNED} AS
            SELECT holder_number AS number FROM {holders}
            UNION SELECT l.insured_number FROM books_listedpolicy l
                  JOIN {holders} h ON h.holder_number = l.holder_number WHERE l.insured_number IS NOT NULL
            UNION SELECT t.number FROM {touched} t WHERE t.kind = 'customer'"""
    )


def refresh(cursor: Cursor, holders: str) -> None:
    """After it: the rows of everybody concerned, with whom the policies insure now."""
    cursor.execute(
        f"""INSERT INTO {CONCERNED} SELECT DISTINCT l.insured_number FROM books_listedpolicy l
            WHERE l.holder_number IN (SELECT holder_number FROM {holders})
              AND l.insured_number IS NOT NULL AND l.insured_number NOT IN (SELECT number FROM {CONCERNED})"""
    )
    cursor.execute(f"DELETE FROM {_TABLE} WHERE number IN (SELECT number FROM {CONCERNED})")
    among = f"WHERE l.{{column}} IN (SELECT number FROM {CONCERNED})"
    cursor.execute(
        _DERIVE.format(
            numbers=f"SELECT number FROM {CONCERNED}",
            held=among.format(column="holder_number"),
            insured=among.format(column="insured_number") + " AND l.insured_number <> l.holder_number",
        )
    )


def rebuild(cursor: Cursor) -> None:
    """Every row anew."""
    cursor.execute(f"DELETE FROM {_TABLE}")
    cursor.execute(derive_all())


def derive_all() -> str:
    """The statement that fills an empty table."""
    return _DERIVE.format(numbers=_EVERYBODY, held="", insured="WHERE l.insured_number <> l.holder_number")
