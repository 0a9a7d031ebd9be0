"""The parser's main path: a frame of addresses in, six-part addresses out.

In: `id`, `text`, a gazetteer, an optional home city. Out: one row an input row (schema PARSED), in the
input's order. Never: an exception on a bad text, a part that the text does not carry and its parents do not
imply.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

from tuogu.core.address.confidence import Resolution
from tuogu.core.address.gazetteer import Gazetteer
from tuogu.core.address.normalise import clean_text, fold
from tuogu.core.address.resolve import resolve
from tuogu.core.address.tail import parse_tail
from tuogu.core.tables import ADDRESS_LEVELS, PARSED, conform

SIX_PARTS = ("city", "district", "street", "community", "building", "room")
# Up to the first digit that belongs to no community's name (21社区, 永定路26号院社区), and that digit.
_HEAD = r"^([^0-9]*(?:[0-9]+[^0-9]{0,3}(?:社区|村|居)[^0-9]*)*[0-9]?)"
_CHUNK_ROWS = 20_000  # bounds the objects alive at once
_TWO_ADDRESSES = r"[0-9].*\p{Han}{2,8}(?:省|市)\p{Han}{2,8}(?:区|县|市)"


def parse(frame: pl.DataFrame, gazetteer: Gazetteer, home_city: str | None = None) -> pl.DataFrame:
    """Parse `frame` (id, text) into PARSED rows. `home_city` (code of 4 or 6 digits) is context, never a
    claim.

    Raises ValueError when the gazetteer does not have `home_city`.
    """
    return conform(parse_with_candidates(frame, gazetteer, home_city), PARSED)


def parse_with_candidates(
    frame: pl.DataFrame, gazetteer: Gazetteer, home_city: str | None = None
) -> pl.DataFrame:
    """PARSED plus `candidates` (list of community codes, best first), `tie`, and `rest` (what stands after the last
    division); equal texts are parsed once.
    """
    home = _home(gazetteer, home_city)
    wanted = frame.select(pl.col("id").cast(pl.String), pl.col("text").cast(pl.String).fill_null(""))
    texts = wanted.select("text").unique().sort("text")
    chunks = [_parse_unique(chunk, gazetteer, home) for chunk in texts.iter_slices(_CHUNK_ROWS)]
    parsed = pl.concat(chunks) if chunks else _parse_unique(texts, gazetteer, home)
    return wanted.join(parsed, on="text", how="left", maintain_order="left").drop("text")


def _home(gazetteer: Gazetteer, home_city: str | None) -> int:
    if home_city is None:
        return -1
    if home_city[:4] not in gazetteer.node_of:
        raise ValueError(f"地址库中没有城市 {home_city}")
    return gazetteer.node_of[home_city[:4]]


def _parse_unique(texts: pl.DataFrame, gazetteer: Gazetteer, home: int) -> pl.DataFrame:
    """One row a distinct text: divisions from the head, building and room from the rest."""
    table = texts.with_columns(clean=clean_text(pl.col("text")))
    table = table.with_columns(folded=fold(pl.col("clean"), gazetteer.traditional))
    clean: list[str] = table["clean"].to_list()
    folded: list[str] = table["folded"].to_list()
    heads: list[str] = table.select(pl.col("folded").str.extract(_HEAD, 1))["folded"].to_list()
    with _collector_paused():
        resolutions = _resolve_all(heads, folded, gazetteer, home)
    after = [text[r.end :] for text, r in zip(folded, resolutions, strict=True)]
    rests = pl.Series("rest", after, pl.String)
    columns = _division_columns(clean, resolutions, gazetteer)
    table = pl.concat([table.select("text", "clean"), columns], how="horizontal").with_columns(rests)
    table = table.with_columns(**parse_tail(pl.col("rest")))
    return _finish(table).drop("clean", "road_number")


def _resolve_all(heads: list[str], folded: list[str], gazetteer: Gazetteer, home: int) -> list[Resolution]:
    """Resolve each distinct head once: neighbours share it. A head that names nothing is read to its end.

    This is the one row loop: each text walks its own path of names.
    """
    known: dict[str, Resolution] = {}
    resolutions = []
    for head, text in zip(heads, folded, strict=True):
        found = known.get(head)
        if found is None:
            known[head] = found = resolve(head, gazetteer, home)
        if found.node < 0 and head != text:
            found = resolve(text, gazetteer, home)
        resolutions.append(found)
    return resolutions


@contextmanager
def _collector_paused() -> Iterator[None]:
    """The loop makes no reference cycles, and walking the gazetteer again and again costs a fifth of its
    time.
    """
    active = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if active:
            gc.enable()


def _division_columns(clean: list[str], resolutions: list[Resolution], gazetteer: Gazetteer) -> pl.DataFrame:
    """Official names and written forms of the five levels, codes, confidence, evidence, candidates."""
    nodes = pl.Series("node", [r.node for r in resolutions], pl.Int64)
    communities = pl.Series("row", [r.community for r in resolutions], pl.Int64)
    frame = pl.DataFrame([nodes, communities]).with_columns(
        pl.when(pl.col("node") >= 0).then("node"), pl.when(pl.col("row") >= 0).then("row")
    )
    frame = frame.join(gazetteer.chains, on="node", how="left", maintain_order="left")
    names = gazetteer.communities.select(community="name", community_code="code").with_row_index("row")
    names = names.with_columns(pl.col("row").cast(pl.Int64))
    frame = frame.join(names, on="row", how="left", maintain_order="left")
    surfaces = {
        f"{name}_surface": [
            text[r.marks[level].start : r.marks[level].end] if level in r.marks else None
            for text, r in zip(clean, resolutions, strict=True)
        ]
        for level, name in enumerate(ADDRESS_LEVELS)
    }
    extra = pl.DataFrame(
        {
            **surfaces,
            "confidence": [r.confidence for r in resolutions],
            "evidence": [";".join(r.evidence) for r in resolutions],
            "candidates": [_candidate_codes(r, gazetteer) for r in resolutions],
            "tie": [r.tie for r in resolutions],
        },
        schema={
            **dict.fromkeys(surfaces, pl.String),
            "confidence": pl.Float64,
            "evidence": pl.String,
            "candidates": pl.List(pl.String),
            "tie": pl.String,
        },
    )
    code = pl.coalesce("community_code", "division_code")
    joined = pl.concat([frame, extra], how="horizontal").with_columns(code=code)
    return joined.drop("node", "row", "division_code")


def _candidate_codes(resolution: Resolution, gazetteer: Gazetteer) -> list[str]:
    if resolution.tie == "division":
        return []
    codes = (gazetteer.community_codes[row] for row in resolution.candidates)
    return [code for code in codes if code is not None]


def _finish(table: pl.DataFrame) -> pl.DataFrame:
    """Confidence of odd cells, evidence of road numbers, and the list of missing parts."""
    two = pl.col("clean").str.contains(_TWO_ADDRESSES)
    evidence = pl.concat_str(
        pl.col("evidence"),
        pl.when(pl.col("road_number").is_not_null()).then(pl.lit("road_number")),
        pl.when(two).then(pl.lit("two_addresses")),
        separator=";",
        ignore_nulls=True,
    )
    absent = {part: pl.col(part).is_null() for part in SIX_PARTS}
    absent["city"] &= pl.col("has_city").fill_null(True)
    absent["district"] &= pl.col("has_district").fill_null(True)
    missing = pl.concat_str(
        [pl.when(absent[part]).then(pl.lit(part)) for part in SIX_PARTS], separator=",", ignore_nulls=True
    )
    return table.with_columns(
        evidence=evidence.str.strip_chars(";"),
        confidence=pl.when(two).then(pl.col("confidence") * 0.5).otherwise("confidence"),
        missing=missing,
    ).drop("has_city", "has_district")
