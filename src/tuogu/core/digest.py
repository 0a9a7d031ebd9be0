"""Fingerprints: the same content gives the same SHA-256, whatever order or memory layout it comes in.

In: frames and the words of a certificate. Out: hex digests over canonical Arrow IPC: rows sorted by all
columns, nulls as a column of their own, one chunk. Never: a digest that depends on row order, chunks or
what lies under a null.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict

import polars as pl
import pyarrow as pa

from tuogu.core.tables import Book, Plan

_ZERO = {pl.String: "", pl.Int64: 0, pl.Float64: 0.0}


def plan_digest(plan: Plan) -> str:
    """SHA-256 of a plan: all its tables, certificate, strategy and options, dates, seed, effort, what it was made from."""
    tables = (
        plan.placements,
        plan.unplaced,
        plan.assignments,
        plan.units,
        plan.loads,
        plan.breaks,
        plan.candidates,
    )
    own = [plan.tables[name] for name in sorted(plan.tables)]
    if plan.adjusted.height:  # a plan that nobody moved keeps the digest that it had before hands could
        own.append(plan.adjusted)
    words = [
        asdict(plan.certificate),
        plan.strategy,
        plan.options,
        sorted(plan.tables),
        plan.as_of.isoformat(),
        plan.seed,
        plan.effort,
        plan.rulebook_version,
        plan.book_digest,
    ]
    return _digest((*tables, *own), words)


def book_digest(book: Book) -> str:
    """SHA-256 of everything in a book that a plan may read. Facts, holdings and lots count where there are any: a book
    without them keeps the digest that it had before plans could read them."""
    books = book.books
    tables = (
        books.policies,
        books.customers.select("customer_number"),
        books.people,
        book.located,
        book.homes,
        book.classified,
        book.communities,
        book.neighbours,
    )
    measured = {
        "facts": book.facts,
        "held": book.held,
        "lots": book.lots,
        "refused": book.refused,
        "away": book.away,
        "unproven": book.unproven,
    }
    later = {name: frame for name, frame in measured.items() if frame.height}
    return _digest((*tables, *later.values()), [books.data_date.isoformat(), *later])


def _digest(tables: Iterable[pl.DataFrame], words: object) -> str:
    total = hashlib.sha256()
    for table in tables:
        total.update(canonical_bytes(table))
    total.update(json.dumps(words, ensure_ascii=False, sort_keys=True).encode())
    return total.hexdigest()


def canonical_bytes(table: pl.DataFrame) -> memoryview:
    """Arrow IPC of the sorted table with nulls made explicit, and no bitmap: what stands in its last byte is chance."""
    columns = []
    for name, kind in table.schema.items():
        column = pl.col(name)
        if kind == pl.Date:
            column = column.cast(pl.Int32).cast(pl.Int64)
        elif kind == pl.Null:
            column = column.cast(pl.String)
        elif kind == pl.Boolean:
            column = column.cast(pl.UInt8)
        zero = _ZERO.get(kind.base_type(), 0 if kind in (pl.Date, pl.Boolean) or kind.is_integer() else "")
        columns += [
            column.fill_null(zero).alias(name),
            pl.col(name).is_null().cast(pl.UInt8).alias(f"{name}?"),
        ]
    ordered = table.select(columns)
    ordered = ordered.sort(ordered.columns) if ordered.width else ordered
    arrow = ordered.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest()).combine_chunks()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, arrow.schema) as writer:
        writer.write_table(arrow)
    return memoryview(sink.getvalue())
