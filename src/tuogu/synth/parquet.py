"""A city as Parquet: the sheets of a branch as text columns with Chinese headers, and the truth beside
them.

In: a `City`, a folder. Out: DIR/保单.parquet … and DIR/truth/. Never: the whole city as text in memory:
policies and customers are spelt out and written in pieces.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pyarrow.parquet

from tuogu.core.intake_facts import fact_rows
from tuogu.core.intake_titles import SHEET_TITLES
from tuogu.files.books_folder import chinese_text
from tuogu.synth.city import City, Progress
from tuogu.synth.render import render_customers, render_policies
from tuogu.synth.truth import campaign, planted_territories, truth_of_customers, truth_of_policies

PIECE_ROWS = 500_000
Pieces = Iterator[pl.DataFrame]


def write_parquet(city: City, out: str | Path, *, progress: Progress | None = None) -> list[Path]:
    """Write every sheet clean, and the truth; returns the paths. Row order is the order of drawing."""
    out = Path(out)
    (out / "truth").mkdir(parents=True, exist_ok=True)
    told = progress or (lambda _name, _share: None)
    paths = []
    spell: tuple[tuple[str, int, Callable[[int, int], pl.DataFrame]], ...] = (
        ("policies", len(city.codes.policy_codes), lambda i, n: render_policies(city.codes, i, n)),
        ("customers", len(city.codes.customer_codes), lambda i, n: render_customers(city.codes, i, n)),
    )
    for kind, rows, piece in spell:
        title = SHEET_TITLES[kind]
        canonical = out / "truth" / f"{kind}.parquet"
        sheet = out / f"{title}.parquet"
        told(title, 0.0)
        with _Appender(canonical) as truth_file, _Appender(sheet) as sheet_file:
            for start in range(0, max(rows, 1), PIECE_ROWS):
                frame = piece(start, PIECE_ROWS)
                truth_file.append(frame)
                sheet_file.append(chinese_text(kind, frame))
                told(title, min(1.0, (start + PIECE_ROWS) / max(rows, 1)))
        paths += [sheet, canonical]
    for kind, small in _small(city).items():
        sheet = out / f"{SHEET_TITLES[kind]}.parquet"
        chinese_text(kind, fact_rows(small) if kind == "facts" else small).write_parquet(sheet)
        paths.append(sheet)
    return paths + write_truth(city, out / "truth", books=False)


def write_truth(city: City, folder: Path, *, books: bool = True) -> list[Path]:
    """Write the truth tables and campaign.json; `books` adds policies and customers as canonical tables."""
    folder.mkdir(parents=True, exist_ok=True)
    frames = dict(_small(city))
    if books:
        frames |= {"policies": city.books.policies, "customers": city.books.customers}
    frames["planted"] = planted_territories(city)
    paths = []
    for name, frame in frames.items():
        paths.append(folder / f"{name}.parquet")
        frame.write_parquet(paths[-1])
    for name, known, rows in (
        ("known_policies", truth_of_policies, len(city.codes.policy_codes)),
        ("known_customers", truth_of_customers, len(city.codes.customer_codes)),
    ):
        paths.append(folder / f"{name}.parquet")
        with _Appender(paths[-1]) as file:
            for start in range(0, max(rows, 1), PIECE_ROWS):
                file.append(known(city, start, PIECE_ROWS))
    paths.append(folder / "campaign.json")
    paths[-1].write_text(json.dumps(campaign(city), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return paths


def _small(city: City) -> dict[str, pl.DataFrame]:
    return {
        "people": city.people.sort("staff_number"),
        "institutions": city.codes.staff.institutions.sort("institution_code"),
        "coordinates": city.coordinates,
        "facts": city.facts,
    }


class _Appender:
    """Writes frames of one schema into one Parquet file, one row group a frame."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pyarrow.parquet.ParquetWriter | None = None

    def __enter__(self) -> _Appender:
        return self

    def append(self, frame: pl.DataFrame) -> None:
        table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        if self._writer is None:
            self._writer = pyarrow.parquet.ParquetWriter(self._path, table.schema, compression="zstd")
        self._writer.write_table(table)

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()
