"""How fast the lists and records are on a large branch: p95 of each page for one user of each post, and their queries.

    python -m benchmarks.pages [POLICIES]                                      SQLite in a temporary folder; 100000
    python tests/run_on_postgres.py python -m benchmarks.pages 1000000         PostgreSQL of its own (fsync off)

In: how many policies. Out: a table of pages × posts with median and p95 in milliseconds and the number of queries; exit
code 1 when a promise is broken: first page ≤ 300 ms, totals ≤ 1 s, ≤ 30 queries a page. The demo branch is made by the
product's own flow and then grown by set-based SQL: each policy again under new numbers, with its customer, its people,
custody, ownership and the holdings of both.
"""

from __future__ import annotations

import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

SIZES = {"sqlite": 100_000, "postgresql": 1_000_000}
CUSTOMERS = 9_000  # of the branch that is grown
ROUNDS = 20
PAGE_LIMIT_MS, TOTALS_LIMIT_MS, QUERIES_LIMIT = 300, 1_000, 30
POSTS = ("resource_clerk", "team_lead", "account_manager")
LISTS = {
    "home": "/",
    "buffer group, rows": "/buffer/?why=planned",
    "phone, today": "/m/",
    "phone, customers": "/m/customers/",
    "phone, months": "/m/months/",
    "policies, first page": "/policies/",
    "policies, second page": "/policies/?{after}",
    "policies, filtered": "/policies/?view=orphans&orphan_type=pure&sort=-premium",
    "policies, one street": "/policies/?street={street}&service_class=lapsed",
    "policies, buffer group": "/policies/?view=buffer",
    "policies, last four": "/policies/?q={tail}",
    "ledger, first page": "/ledger/",
    "ledger, one kind": "/ledger/?kind=release",
    "ledger, rare kind": "/ledger/?kind=undo",
    "ledger, last four": "/ledger/?number={tail}",
    "batches": "/ledger/batches/",
    "batch": "/ledger/batches/{batch}/",
    "record": "/policies/{number}/",
    "record, why": "/policies/{number}/why/",
    "record, history": "/ledger/policies/{number}/",
}
TOTALS = {
    "home, buffer group by why": "/buffer/lines/",
    "policies, totals": "/policies/totals/",
    "policies, totals filtered": "/policies/totals/?view=orphans&orphan_type=pure",
    "policies, view counts": "/policies/views/",
    "ledger, count": "/ledger/count/",
}


@dataclass(frozen=True)
class Measured:
    """One page for one post. status: of the answer; 403 pages are not for that post."""

    page: str
    post: str
    status: int
    median_ms: float
    p95_ms: float
    queries: int


@contextmanager
def _branch() -> Iterator[str]:
    """A demo branch after its first release, in a database of its own to which this process is connected."""
    from branches import make_branch
    from databases import connected, copied

    with tempfile.TemporaryDirectory(prefix="tuogu-pages-") as folder, copied(Path(folder)) as database:
        branch = make_branch(Path(folder), customers=CUSTOMERS, url=database.url)
        with connected(database):
            _release(branch.result["plan"])
            yield database.vendor


def _release(plan: int) -> None:
    """Two people in post approve and release the first instalment; accounts for the posts that are measured."""
    from tuogu import clock
    from tuogu.accounts import actions as accounts
    from tuogu.org import actions as org_actions
    from tuogu.org import queries as org
    from tuogu.org.scope import Scope
    from tuogu.plans import actions as plans

    today, at = clock.business_today(), clock.now()
    staff = org.people(Scope.everything(), today).sort("staff_number")
    service = staff.filter(series="service")["custodian_id"]
    clerk, lead = int(service[0]), int(service[1])
    plans.approve(plan, by=lead, at=at, first_release_date=today)
    plans.release_due(by=clerk, at=at, plan_id=plan)
    seller = staff.filter(series="collection").row(0, named=True)
    whole = min(org.institutions().filter(level="central")["institution_code"])
    for person, role, place in (
        (clerk, "resource_clerk", whole),
        (lead, "team_lead", seller["team_code"]),
        (int(seller["custodian_id"]), "account_manager", seller["team_code"]),
    ):
        org_actions.appoint(person, role, institution_code=place, from_date=today, by=org.machine(), at=at)
        accounts.make_account(
            person=person, login=role, password="correct-horse-7", by=org.machine(), at=at, must_change=False
        )


# --- growing -----------------------------------------------------------------------------------------------------

_POLICY_DIGITS, _CUSTOMER_DIGITS = (
    15,
    12,
)  # of the numbers that the synthetic branch gives; a copy's are longer


def grow(policies: int) -> int:
    """Copy every policy, and everybody who holds one, until there are that many; returns how many there are."""
    import polars as pl
    from django.db import connection, transaction

    from tuogu.bulk import load
    from tuogu.org.models import Custodian

    people = Custodian.objects.filter(kind="person").order_by("pk").values_list("pk", flat=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM books_policy")
        (stored,) = cursor.fetchone()
        suffixes = [f"9{copy:05d}" for copy in range(1, -(-policies // stored))]
        copies = pl.DataFrame({"suffix": suffixes}, schema={"suffix": pl.String})
        persons = copies.join(pl.DataFrame({"old_id": list(people)}), how="cross")
        first = max(people) + 1_000
        persons = persons.with_columns(new_id=pl.int_range(first, first + persons.height, dtype=pl.Int64))
        with transaction.atomic():
            load(cursor, "page_copies", copies)
            load(cursor, "page_people", persons)
            for statement in _statements():
                cursor.execute(statement)
                cursor.execute("ANALYZE")
    _list_again()
    return int(stored) * (len(suffixes) + 1)


def _statements() -> list[str]:
    """Inserts: everybody and every subject once more for each suffix, then what hangs on them."""
    columns = _columns()
    old = f"JOIN ledger_subject s ON LENGTH(s.number) <= {_POLICY_DIGITS} AND s.id ="
    new = """CROSS JOIN page_copies c
        JOIN ledger_subject n ON n.number = s.number || c.suffix AND n.source_system = s.source_system"""
    who = "LEFT JOIN page_people w ON w.suffix = c.suffix AND w.old_id ="
    holder = {"custodian_id": "COALESCE(w.new_id, {}.custodian_id)"}
    fresh = {
        name: f"p.{name} || c.suffix"
        for name in ("number", "holder_number", "insured_number", "agent_number")
    }
    staff = {"person_id": "w.new_id", "staff_number": "r.staff_number || w.suffix", "team_id": "NULL"}
    return [
        """INSERT INTO org_custodian (id, kind, name) SELECT new_id, 'person', '' FROM page_people""",
        f"""INSERT INTO org_staffrecord ({columns["org_staffrecord"]})
            SELECT {_with(columns["org_staffrecord"], "r", **staff)}
            FROM org_staffrecord r JOIN page_people w ON w.old_id = r.person_id WHERE r.until_date IS NULL""",
        """INSERT INTO ledger_subject (kind, source_system, number)
            SELECT s.kind, s.source_system, s.number || c.suffix FROM ledger_subject s CROSS JOIN page_copies c""",
        f"""INSERT INTO ledger_entry ({columns["ledger_entry"]})
            SELECT {_with(columns["ledger_entry"], "e", subject_id="n.id", custodian_id=holder["custodian_id"].format("e"))}
            FROM ledger_entry e {old} e.subject_id {new} {who} e.custodian_id ORDER BY e.id""",
        f"""INSERT INTO ledger_holding ({columns["ledger_holding"]})
            SELECT {_with(columns["ledger_holding"], "h", subject_id="n.id", entry_id="x.id",
                          custodian_id=holder["custodian_id"].format("h"))}
            FROM ledger_holding h {old} h.subject_id {new} {who} h.custodian_id
            JOIN ledger_entry e ON e.id = h.entry_id
            JOIN ledger_entry x ON x.subject_id = n.id AND x.relation = e.relation AND x.seq = e.seq""",
        f"""INSERT INTO books_policy ({columns["books_policy"]})
            SELECT {_with(columns["books_policy"], "p", subject_id="n.id", **fresh)}
            FROM books_policy p {old} p.subject_id {new}""",
        f"""INSERT INTO books_customer ({columns["books_customer"]})
            SELECT {_with(columns["books_customer"], "k", number="k.number || c.suffix")}
            FROM books_customer k CROSS JOIN page_copies c WHERE LENGTH(k.number) <= {_CUSTOMER_DIGITS}""",
    ]  # fmt: skip


def _columns() -> dict[str, str]:
    """The columns of the copied tables, without ids that the database gives."""
    from django.apps import apps

    models = {m._meta.db_table: m for m in apps.get_models()}
    given = ("id",)
    return {
        table: ", ".join(
            f.column for f in models[table]._meta.concrete_fields if f.column and f.column not in given
        )
        for table in ("org_staffrecord", "ledger_entry", "ledger_holding", "books_policy", "books_customer")
    }


def _with(columns: str, table: str, **other: str) -> str:
    """The columns of `table`, some replaced by other expressions."""
    return ", ".join(other.get(name, f"{table}.{name}") for name in columns.split(", "))


def _list_again() -> None:
    from tuogu import clock
    from tuogu.books import actions
    from tuogu.ledger import actions as ledger
    from tuogu.org import queries as org

    ledger.seal_pending(by=org.machine(), recorded_at=clock.now())
    started = time.perf_counter()
    rows = actions.rebuild_listing(as_of=clock.business_today())
    print(f"listing of {rows:,} policies rebuilt in {time.perf_counter() - started:.1f} s", flush=True)


# --- measuring ---------------------------------------------------------------------------------------------------


def measure() -> list[Measured]:
    """Every page for every post, after one round that warms."""
    from django.test import Client, override_settings

    found = []
    with override_settings(TUOGU_DEMO=True, ALLOWED_HOSTS=["*"], SECURE_SSL_REDIRECT=False):
        for post in POSTS:
            client = Client()
            client.force_login(_account(post))
            places = _places(post)
            for page, url in (LISTS | TOTALS).items():
                if (filled := _filled(url, places)) is not None:
                    found.append(_page(client, page, post, filled))
            found.extend(_same_at_any_size(client, post))
    return found


def _account(login: str) -> Any:
    from django.contrib.auth import get_user_model

    return get_user_model().objects.get(login=login)


def _places(post: str) -> dict[str, str]:
    """What stands in the URLs: a policy of the viewer's own, a street, a mark of the second page."""
    from tuogu import clock
    from tuogu.books import queries as books
    from tuogu.org import queries as org

    today = clock.business_today()
    scope = org.scope_of(_account(post).person_id, today)
    page = books.policy_page(scope, books.PolicyFilter(), as_of=today)
    released = books.assignment_page(scope, books.AssignmentFilter(kind="release"), size=1).rows
    streets = [row.street_code for row in page.rows if row.street_code]
    number = released[0].number if released else page.rows[0].number
    batches = books.batch_page(scope, size=1).rows
    return {
        "number": str(number), "tail": str(number)[-4:], "street": str(streets[0]), "after": f"after={page.after}",
        "batch": str(batches[0].id) if batches else "",
    }  # fmt: skip


def _filled(url: str, places: dict[str, str]) -> str | None:
    wanted = re.findall(r"{(\w+)}", url)
    return url.format(**places) if all(places[name] for name in wanted) else None


def _page(client: Any, page: str, post: str, url: str) -> Measured:
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    response = client.get(url)  # warms
    times = []
    for _ in range(ROUNDS if response.status_code == 200 else 1):
        started = time.perf_counter()
        client.get(url)
        times.append((time.perf_counter() - started) * 1_000)
    queries = 0
    for alias in connections.settings:
        with CaptureQueriesContext(connections[alias]) as captured:
            client.get(url)
        queries += len(captured)
    times.sort()
    p95 = times[max(int(len(times) * 0.95) - 1, 0)]
    return Measured(page, post, response.status_code, statistics.median(times), p95, queries)


def _same_at_any_size(client: Any, post: str) -> list[Measured]:
    """The largest page that the lists offer, to be compared with the smallest."""
    return [
        _page(client, f"{name}, 200 rows", post, f"{url}?size=200")
        for name, url in (("policies", "/policies/"), ("ledger", "/ledger/"))
    ]


def main(policies: int | None) -> int:
    """Print the table; 1 when a promise is broken."""
    import logging

    import django

    django.setup()
    logging.disable(logging.CRITICAL)
    with _branch() as vendor:
        size = grow(policies or SIZES[vendor])
        print(f"pages on {vendor}, {size:,} policies, median / p95 of {ROUNDS} in ms (queries)", flush=True)
        found = measure()
    print(f"{'page':<30}" + "".join(f"{post:>24}" for post in POSTS))
    for page in dict.fromkeys(m.page for m in found):
        cells = {m.post: m for m in found if m.page == page}
        print(f"{page:<30}" + "".join(f"{_cell(cells.get(post)):>24}" for post in POSTS))
    late = [m for m in found if m.status == 200 and not _kept(m)]
    for m in late:
        print(f"BROKEN: {m.page} for {m.post}: {m.p95_ms:.0f} ms, {m.queries} queries")
    return 1 if late else 0


def _cell(m: Measured | None) -> str:
    if m is None:
        return "-"
    return f"{m.median_ms:.0f} / {m.p95_ms:.0f} ({m.queries})" if m.status == 200 else f"[{m.status}]"


def _kept(m: Measured) -> bool:
    limit = TOTALS_LIMIT_MS if m.page in TOTALS else PAGE_LIMIT_MS
    quick = m.p95_ms <= limit or m.page not in LISTS | TOTALS  # the largest pages are measured, not promised
    return quick and m.queries <= QUERIES_LIMIT


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuogu.settings")
    os.environ.setdefault("TUOGU_SECRET_KEY", "benchmark")
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else None))
