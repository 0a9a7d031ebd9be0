"""Rows of text leave the parsing process as Arrow files, a chunk at a time.

In: rows (lists of text or None). Out: an Arrow IPC file with columns c0, c1 … and `_row`.
Never: more than one chunk in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa

CHUNK_ROWS = 20_000
Row = Sequence[str | None]


def write_rows(path: Path, width: int, rows: Iterable[tuple[int, Row]]) -> int:
    """Write numbered rows and return their count; cells beyond `width` go, joined, into a column `extra`."""
    names = [f"c{i}" for i in range(width)]
    schema = pa.schema([("_row", pa.int64()), *((n, pa.string()) for n in names), ("extra", pa.string())])
    count = 0
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        chunk: list[tuple[int, Row]] = []
        for numbered in rows:
            chunk.append(numbered)
            if len(chunk) == CHUNK_ROWS:
                count += _write_chunk(writer, schema, chunk, width)
                chunk = []
        return count + _write_chunk(writer, schema, chunk, width)


def _write_chunk(
    writer: pa.RecordBatchWriter, schema: pa.Schema, chunk: list[tuple[int, Row]], width: int
) -> int:
    """Rows to columns. A row loop: the cells arrive as Python objects, row by row."""
    if not chunk:
        return 0
    pad = (None,) * width
    cells = [tuple(row[:width]) + pad[len(row) :] for _, row in chunk]
    columns = [pa.array([number for number, _ in chunk], pa.int64())]
    columns += [pa.array(column, pa.string()) for column in zip(*cells, strict=True)]
    columns.append(pa.array([_extra(row, width) for _, row in chunk], pa.string()))
    writer.write_batch(pa.record_batch(columns, schema=schema))
    return len(chunk)


def _extra(row: Row, width: int) -> str | None:
    if len(row) <= width:
        return None
    return " | ".join(cell for cell in row[width:] if cell and cell.strip()) or None
