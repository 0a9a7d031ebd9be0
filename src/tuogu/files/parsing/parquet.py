"""Parquet becomes columns of text, a batch at a time, without leaving Arrow.

In: a path. Out: an Arrow file and facts. Never: a float identifier shown with digits it does not have.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tuogu.files.parsing.numbers import EXACT_MAX, shown_number
from tuogu.files.refusal import FileRefused, Limits

_BATCH_ROWS = 65_536
_EXPANSION_MAX = 1000  # unpacked / file size; dictionary-coded columns of a large branch reach about 60
_BROKEN = "Parquet 文件已损坏或不完整，请重新导出"


def parse_parquet(path: Path, out: Path, stem: str, limits: Limits) -> list[dict[str, Any]]:
    """Write one Arrow file; returns its fact dict."""
    try:
        with pq.ParquetFile(path, memory_map=False, thrift_string_size_limit=1 << 24) as file:
            _check(file, path.stat().st_size, limits)
            names = file.schema_arrow.names
            target = out / f"{stem}-0.arrow"
            rows = _write(file, names, target, limits)
    except MemoryError:  # Arrow's memory error is an ArrowException too
        raise
    except (pa.ArrowException, OSError, UnicodeDecodeError) as problem:
        if isinstance(problem, OSError) and problem.errno == errno.EFBIG:
            raise
        raise FileRefused(_BROKEN, "broken_parquet") from None
    fact = {"name": path.stem, "format": "parquet", "date1904": False, "hidden": False, "header": names}
    return [fact | {"path": target.name, "rows": rows, "columns": len(names)}]


def _check(file: pq.ParquetFile, size: int, limits: Limits) -> None:
    meta = file.metadata
    if not 0 <= meta.num_rows <= limits.text_rows_max:
        raise FileRefused(f"有 {meta.num_rows:,} 行，超过上限 {limits.text_rows_max:,} 行", "too_many_rows")
    if meta.num_columns > limits.columns_max:
        raise FileRefused(f"有 {meta.num_columns:,} 列，超过上限 {limits.columns_max} 列", "too_many_columns")
    unpacked = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
    if unpacked > limits.output_bytes or unpacked > _EXPANSION_MAX * size:
        raise FileRefused("解压后过大，疑似压缩炸弹，不予读取", "zip_bomb")
    for field in file.schema_arrow:
        if (
            pa.types.is_nested(field.type)
            or pa.types.is_binary(field.type)
            or pa.types.is_large_binary(field.type)
        ):
            raise FileRefused(f"列“{field.name[:40]}”不是普通的一列值（嵌套或二进制）", "nested_column")


def _write(file: pq.ParquetFile, names: list[str], target: Path, limits: Limits) -> int:
    fields = [
        ("_row", pa.int64()),
        *((f"c{i}", pa.string()) for i in range(len(names))),
        ("extra", pa.string()),
    ]
    schema = pa.schema(fields)
    count = 0
    with pa.OSFile(str(target), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in file.iter_batches(_BATCH_ROWS, use_threads=False):
            numbers = pa.array(range(count + 1, count + 1 + batch.num_rows), pa.int64())
            columns = [_text(column) for column in batch.columns]
            if any(
                (pc.max(pc.utf8_length(column)).as_py() or 0) > limits.cell_chars_max for column in columns
            ):
                raise FileRefused(f"有超过 {limits.cell_chars_max:,} 字的单元格", "cell_too_long")
            columns.append(pa.nulls(batch.num_rows, pa.string()))
            writer.write_batch(pa.record_batch([numbers, *columns], schema=schema))
            count += batch.num_rows
    return count


def _text(column: pa.Array) -> pa.Array:
    """A column as text."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_floating(kind):
        return _floats(column)
    if pa.types.is_timestamp(kind):
        seconds = pc.strftime(column.cast(pa.timestamp("s", kind.tz), safe=False), "%Y-%m-%d %H:%M:%S")
        return pc.replace_substring_regex(seconds, pattern=" 00:00:00$", replacement="").cast(pa.string())
    return column.cast(pa.string())


def _floats(column: pa.Array) -> pa.Array:
    """Whole numbers below 10^15 as their digits; the others as Excel shows them (looped over)."""
    column = column.cast(pa.float64())
    whole = pc.and_(pc.equal(column, pc.trunc(column)), pc.less(pc.abs(column), EXACT_MAX))
    digits = pc.if_else(whole, column, None).cast(pa.int64(), safe=False).cast(pa.string())
    odd = pc.if_else(whole, None, column)
    if odd.null_count == len(odd):
        return digits
    shown = pa.array([None if v is None else shown_number(v) for v in odd.to_pylist()], pa.string())
    return pc.coalesce(digits, shown)
