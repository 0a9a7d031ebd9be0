"""Parquet files that are broken, foreign or grow when they are read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hostile import hostile


def _customers(folder: Path, rows: int = 10) -> Path:
    numbers = [f"C{i}" for i in range(rows)]
    pq.write_table(pa.table({"客户号": numbers, "姓名": ["张三"] * rows}), folder / "客户.parquet")
    return folder / "客户.parquet"


@hostile("broken_parquet")
def parquet_cut(folder: Path) -> Path:
    path = _customers(folder, 1000)
    path.write_bytes(path.read_bytes()[:-100])
    return path


@hostile("broken_parquet")
def parquet_magic_only(folder: Path) -> Path:
    (folder / "客户.parquet").write_bytes(b"PAR1PAR1")
    return folder / "客户.parquet"


@hostile("broken_parquet")
def parquet_footer_length_lies(folder: Path) -> Path:
    path = _customers(folder)
    data = bytearray(path.read_bytes())
    data[-8:-4] = b"\xff\xff\xff\x7f"
    path.write_bytes(data)
    return path


@hostile("broken_parquet")
def parquet_of_flipped_bytes(folder: Path) -> Path:
    path = _customers(folder, 1000)
    data = bytearray(path.read_bytes())
    for at in range(50, len(data) - 8, 97):
        data[at] ^= 0xFF
    path.write_bytes(data)
    return path


@hostile("password")
def parquet_encrypted(folder: Path) -> Path:
    (folder / "客户.parquet").write_bytes(b"PARE" + b"\x00" * 100 + b"PARE")
    return folder / "客户.parquet"


@hostile("nested_column")
def parquet_of_lists(folder: Path) -> Path:
    pq.write_table(pa.table({"客户号": [["C1"], ["C2"]]}), folder / "客户.parquet")
    return folder / "客户.parquet"


@hostile("nested_column")
def parquet_of_bytes(folder: Path) -> Path:
    pq.write_table(pa.table({"客户号": [b"C1", b"C2"]}), folder / "客户.parquet")
    return folder / "客户.parquet"


@hostile("too_many_rows")
def parquet_of_30_million_equal_rows(folder: Path) -> Path:
    column = pa.DictionaryArray.from_arrays(pa.array(np.zeros(30_000_000, np.int8)), pa.array(["C1"]))
    pq.write_table(pa.table({"客户号": column}), folder / "客户.parquet", row_group_size=30_000_000)
    return folder / "客户.parquet"


@hostile("out_of_memory")
def parquet_of_one_long_text_repeated(folder: Path) -> Path:
    """One megabyte in the dictionary, 100 GB when spelt out."""
    column = pa.DictionaryArray.from_arrays(pa.array(np.zeros(100_000, np.int8)), pa.array(["长" * 350_000]))
    pq.write_table(pa.table({"客户号": column}), folder / "客户.parquet")
    return folder / "客户.parquet"


@hostile("too_many_columns")
def parquet_of_600_columns(folder: Path) -> Path:
    pq.write_table(pa.table({f"c{i}": ["x"] for i in range(600)}), folder / "客户.parquet")
    return folder / "客户.parquet"


@hostile("missing_columns")
def parquet_without_names(folder: Path) -> Path:
    pq.write_table(pa.table({"客户号": ["C1"], "电话": ["1"], "性别": ["男"]}), folder / "客户.parquet")
    return folder / "客户.parquet"
