"""A plan and the inputs it was made from, as Parquet tables with digests; and back again.

In: Plan, Book. Out: named bytes; the same Plan and Book without personal columns. Never: a name, ID, phone, address
or employer of a customer or of staff in a stored table; a table whose digest does not fit read as if it did.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from math import isfinite
from typing import Any

import polars as pl

from tuogu.core.tables import (
    ADJUSTED,
    AWAY,
    FACTS,
    HELD,
    LOT_ORDER,
    REFUSED,
    UNPROVEN,
    Book,
    Books,
    Certificate,
    Plan,
    empty,
)

RESULTS = ("placements", "unplaced", "assignments", "units", "loads", "breaks", "candidates")
OWN = "own."  # a strategy's own tables are stored under this prefix
BY_HAND = "adjusted"  # only where a person moved something
INPUTS = ("located", "homes", "classified", "communities", "neighbours")
BOOKS = ("policies", "customers", "people", "institutions", "coordinates")
# of the book too; plans stored before they could be read have none
MEASURED = {
    "facts": FACTS,
    "held": HELD,
    "lots": LOT_ORDER,
    "refused": REFUSED,
    "away": AWAY,
    "unproven": UNPROVEN,
}
_PERSONAL = ("name", "id_number", "phone", "address", "employer", "birth_date")
_PRESENCE, PRESENT = (
    ("phone",),
    "*",
)  # of a customer's phone we keep that there is one: rankings read it (S1-03)


class ArchiveBroken(RuntimeError):
    """A stored table is missing or is not the one that was stored."""


def pack(plan: Plan, book: Book, violations: pl.DataFrame) -> dict[str, bytes]:
    """Parquet bytes by table name."""
    frames = {name: getattr(plan, name) for name in RESULTS} | {"violations": violations}
    frames |= {f"{OWN}{name}": frame for name, frame in plan.tables.items()}
    frames |= {BY_HAND: plan.adjusted} if plan.adjusted.height else {}
    frames |= {f"book.{name}": getattr(book, name) for name in (*INPUTS, *MEASURED)}
    frames |= {f"books.{name}": _without_personal(getattr(book.books, name)) for name in BOOKS}
    return {name: as_parquet(frame) for name, frame in frames.items()}


def _without_personal(frame: pl.DataFrame) -> pl.DataFrame:
    if "institution_code" in frame.columns and "parent_code" in frame.columns:
        return frame  # names of institutions are not personal
    kept = _PRESENCE if "customer_number" in frame.columns else ()
    return frame.with_columns(
        (pl.when(pl.col(name).is_not_null()).then(pl.lit(PRESENT)) if name in kept else pl.lit(None))
        .cast(frame.schema[name])
        .alias(name)
        for name in _PERSONAL
        if name in frame.columns
    )


def as_parquet(frame: pl.DataFrame) -> bytes:
    """The bytes under which a table is stored."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", statistics=False)
    return buffer.getvalue()


def digest_of(content: bytes) -> str:
    """SHA-256 of a stored table."""
    return hashlib.sha256(content).hexdigest()


def unpack_frame(name: str, content: bytes, digest: str) -> pl.DataFrame:
    """The frame of a stored table; ArchiveBroken when its bytes are not those that were stored."""
    if digest_of(content) != digest:
        raise ArchiveBroken(f"方案表 {name} 的内容与存档摘要不符")
    return pl.read_parquet(io.BytesIO(content))


def unpack(frames: Mapping[str, pl.DataFrame], head: Mapping[str, Any], data_date: date) -> tuple[Plan, Book]:
    """The plan and the book it was made from. `head` has the fields of Plan that are no tables."""
    missing = {*RESULTS, *(f"book.{n}" for n in INPUTS), *(f"books.{n}" for n in BOOKS)} - frames.keys()
    if missing:
        raise ArchiveBroken(f"方案存档缺少 {sorted(missing)}")
    books = Books(**{name: frames[f"books.{name}"] for name in BOOKS}, data_date=data_date)
    measured = {name: frames.get(f"book.{name}", empty(schema)) for name, schema in MEASURED.items()}
    inputs = {name: frames[f"book.{name}"] for name in INPUTS}
    return plan_from(frames, head), Book(books=books, **inputs, **measured)


def plan_from(frames: Mapping[str, pl.DataFrame], head: Mapping[str, Any]) -> Plan:
    """The plan alone; `head` as for `unpack`."""
    own = {name.removeprefix(OWN): frame for name, frame in frames.items() if name.startswith(OWN)}
    tables: dict[str, Any] = {name: frames[name] for name in RESULTS}
    tables[BY_HAND] = frames.get(BY_HAND, empty(ADJUSTED))
    return Plan(
        **tables,
        tables=own,
        **{**head, "certificate": certificate_from(head["certificate"])},
    )


def certificate_as_json(certificate: Certificate) -> dict[str, Any]:
    """The certificate as plain JSON values; JSON has no infinite number: such a gap is written as a word."""
    plain = asdict(certificate)
    return plain | {"gap": plain["gap"] if isfinite(plain["gap"]) else str(plain["gap"])}


def certificate_from(value: Mapping[str, Any]) -> Certificate:
    """The certificate from its JSON."""
    pairs = {name: tuple(tuple(p) for p in value[name]) for name in ("binding", "feasibility", "figures")}
    plain = {"limits_hit": tuple(value["limits_hit"]), "gap": float(value["gap"])}
    return Certificate(**{**value, **pairs, **plain})
