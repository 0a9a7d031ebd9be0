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
from typing import Any

import polars as pl

from tuogu.core.tables import Book, Books, Certificate, Plan

RESULTS = ("assignments", "unplaced", "units", "loads", "breaks", "candidates")
INPUTS = ("located", "homes", "classified", "communities", "neighbours")
BOOKS = ("policies", "customers", "people", "institutions", "coordinates")
_PERSONAL = ("name", "id_number", "phone", "address", "employer", "birth_date")


class ArchiveBroken(RuntimeError):
    """A stored table is missing or is not the one that was stored."""


def pack(plan: Plan, book: Book, violations: pl.DataFrame) -> dict[str, bytes]:
    """Parquet bytes by table name."""
    frames = {name: getattr(plan, name) for name in RESULTS} | {"violations": violations}
    frames |= {f"book.{name}": getattr(book, name) for name in INPUTS}
    frames |= {f"books.{name}": _without_personal(getattr(book.books, name)) for name in BOOKS}
    return {name: as_parquet(frame) for name, frame in frames.items()}


def _without_personal(frame: pl.DataFrame) -> pl.DataFrame:
    if "institution_code" in frame.columns and "parent_code" in frame.columns:
        return frame  # names of institutions are not personal
    return frame.with_columns(
        pl.lit(None, frame.schema[name]).alias(name) for name in _PERSONAL if name in frame.columns
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
    """The plan and the book it was made from. `head` has certificate, as_of, seed, effort, rulebook_version, book_digest."""
    missing = {*RESULTS, *(f"book.{n}" for n in INPUTS), *(f"books.{n}" for n in BOOKS)} - frames.keys()
    if missing:
        raise ArchiveBroken(f"方案存档缺少 {sorted(missing)}")
    plan = Plan(
        **{name: frames[name] for name in RESULTS},
        certificate=certificate_from(head["certificate"]),
        **{name: head[name] for name in ("as_of", "seed", "effort", "rulebook_version", "book_digest")},
    )
    books = Books(**{name: frames[f"books.{name}"] for name in BOOKS}, data_date=data_date)
    return plan, Book(books=books, **{name: frames[f"book.{name}"] for name in INPUTS})


def certificate_as_json(certificate: Certificate) -> dict[str, Any]:
    """The certificate as plain JSON values."""
    return asdict(certificate)


def certificate_from(value: Mapping[str, Any]) -> Certificate:
    """The certificate from its JSON."""
    pairs = {name: tuple(tuple(p) for p in value[name]) for name in ("binding", "feasibility", "figures")}
    return Certificate(**{**value, **pairs, "limits_hit": tuple(value["limits_hit"])})
