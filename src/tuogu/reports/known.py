"""What figures read that rooms below overwrite, as it is known now: policies, customers, staff, the tree, motor policies.

In: a rulebook, a period. Out: tables by name; Parquet bytes and back. Never: a name, document, phone, address or plate.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Any, Final

import polars as pl
from django.utils.translation import gettext as _

from tuogu.books import queries as books
from tuogu.core.digest import canonical_bytes
from tuogu.core.measures.periods import Period
from tuogu.core.measures.tables import INSTITUTIONS_THERE
from tuogu.core.rulebook import Parameter, Rulebook
from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import SubjectKind
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.renewals import queries as renewals
from tuogu.reports.failures import ReportsRefused
from tuogu.rules import queries as rules

Known = Mapping[str, pl.DataFrame]
STAFF: Final[dict[str, Any]] = {
    "person_id": pl.Int64,
    "staff_number": pl.String,  # null = a pool
    "institution_code": pl.String,  # team, else institution
    "hired_date": pl.Date,
    "left_date": pl.Date,
}


def known_now(period: Period, book: Rulebook) -> dict[str, pl.DataFrame]:
    """Every such table, by name."""
    return dict(KnownNow(period, book))


class KnownNow(Mapping[str, pl.DataFrame]):
    """The same for a figure that reads some of them: each is read when it is first asked for. `persons`: only what may
    count for these: whatever they ever had or sold, and everything else of the same customers, so that who had a customer
    last is told as among all."""

    def __init__(self, period: Period, book: Rulebook, persons: frozenset[int] | None = None) -> None:
        weights = book["completeness.weights"]
        self._persons = persons
        self._reads: dict[str, Callable[[], pl.DataFrame]] = {
            "policies": lambda: books.policies_measured(self._around()),
            "customers": lambda: books.customers_measured(weights, self._customers()),
            "staff": _staff,
            "institutions": _institutions,
            "motor": lambda: renewals.expiring(period.first, period.end),
        }
        self._read = dict[str, pl.DataFrame]()

    @cached_property
    def _touched(self) -> pl.DataFrame:
        return ledger.touched(self._persons or ())

    @property
    def subjects(self) -> pl.Series | None:
        """Subjects whose holders may count; None = all."""
        if self._persons is None:
            return None
        return pl.concat([self._touched["subject_id"], self["policies"]["subject_id"]]).unique()

    def _around(self) -> books.Around | None:
        if self._persons is None:
            return None
        theirs = self["staff"].filter(pl.col("person_id").is_in(sorted(self._persons)))
        held = self._touched.filter(pl.col("kind") == SubjectKind.CUSTOMER)["number"]
        return books.Around(self._touched["subject_id"], held, theirs["staff_number"])

    def _customers(self) -> pl.Series | None:
        around = self._around()
        if around is None:
            return None
        cars = self["motor"].join(self._touched, on="subject_id", how="semi")["holder_number"]
        return pl.concat([self["policies"]["customer_number"], around.holders, cars])

    def __getitem__(self, name: str) -> pl.DataFrame:
        if name not in self._read:
            self._read[name] = self._reads[name]()
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._reads)

    def __len__(self) -> int:
        return len(self._reads)


def rulebook_table(book: Rulebook) -> pl.DataFrame:
    """The numbers of a rulebook as a table to keep: a later release of the product may no longer ship that version."""
    rows = [
        (key, json.dumps(one.value, ensure_ascii=False, default=str)) for key, one in book.parameters.items()
    ]
    return pl.DataFrame(rows, schema={"key": pl.String, "value": pl.String}, orient="row")


def rulebook_from(table: pl.DataFrame, version: str, effective: date) -> Rulebook:
    """The rulebook of a kept table; its digest tells whether it is the one of then."""
    values = {
        key: Parameter(key, json.loads(value), req="N-16", source="冻结时的制度")
        for key, value in table.rows()
    }
    return Rulebook(rules.STANDARD, version, effective, values)


def _staff() -> pl.DataFrame:
    people = org.people(Scope.everything()).select(
        "staff_number", "hired_date", "left_date", person_id="custodian_id",
        institution_code=pl.coalesce("team_code", "institution_code"),
    )  # fmt: skip
    pools = pl.DataFrame(
        org.placed_pools(), schema={name: STAFF[name] for name in ("person_id", "institution_code")}, orient="row"
    )  # fmt: skip
    return pl.concat([people.select(*STAFF), pools], how="diagonal").select(*STAFF).sort("person_id")


def _institutions() -> pl.DataFrame:
    found = org.institutions()
    return found.select(*INSTITUTIONS_THERE).sort("institution_code")


def as_parquet(frame: pl.DataFrame) -> bytes:
    """The bytes under which a table is stored."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", statistics=False)
    return buffer.getvalue()


def from_parquet(name: str, content: bytes, digest: str) -> pl.DataFrame:
    """The stored table; ReportsRefused when its bytes are not those that were stored."""
    if hashlib.sha256(content).hexdigest() != digest:
        raise ReportsRefused(_("冻结时存下的表 %(name)s 与存档摘要不符，不能据以重算") % {"name": name})
    return pl.read_parquet(io.BytesIO(content))


def digest_of(tables: Known) -> str:
    """SHA-256 of tables, whatever the order of their rows."""
    total = hashlib.sha256()
    for name in sorted(tables):
        total.update(name.encode())
        total.update(canonical_bytes(tables[name]))
    return total.hexdigest()
