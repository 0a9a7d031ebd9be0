"""What is paid for messages and visits by bands of a rate (S4-27, S4-28), exactly at the edges (A-48).

In: persons with their rate's two sides and what was done, a rulebook. Out: ALLOWANCES in fen with the band that was used.
Never: a float, a rate rounded before it is compared, money for a band that the source leaves open (A-35); a restored number
that does not say so (A-34).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import B, I, S, Schema, conform
from tuogu.core.worded import Worded

_C = pl.col
WORK: Final[Schema] = {  # what a person did in the period
    "person_id": I,
    "messages": I,  # sent
    "visited": I,  # customers visited
    "reached": I,  # numerator of the contact rate
    "met": I,  # numerator of the visit rate
    "customers": I,  # denominator of both
}
ALLOWANCES: Final[Schema] = {
    "person_id": I,
    "kind": S,  # sms | visit
    "numerator": I,
    "denominator": I,
    "band": I,  # where the band begins, hundredths of a percent; null over nothing
    "thousandths": I,  # the coefficient
    "pieces": I,
    "fen": I,
    "restored": B,  # the coefficient was restored from a damaged source and awaits the original
}
_WHOLE_BP, _THOUSAND = 10_000, 1_000  # hundredths of a percent of one; thousandths of one
_FEN_OF_YUAN = 100  # the unit itself


class AllowanceError(Worded):
    """An allowance that cannot be paid as the rulebook stands; the message names the parameter to set."""

    spoken = frozenset({"what", "title"})


@dataclass(frozen=True)
class Kind:
    """One allowance: its steps in the rulebook, the rate it hangs on, what it is paid for."""

    key: str
    steps: str
    title: str
    rate: str
    pieces: str
    restored: str = ""  # the parameter that lists bands which were restored


KINDS: Final = (
    Kind("sms", "allowance.sms_steps", "短信津贴", "reached", "messages", "allowance.sms_restored"),
    Kind("visit", "allowance.visit_steps", "面访津贴", "met", "visited"),
)


def allowances(done: pl.DataFrame, book: Rulebook) -> pl.DataFrame:
    """ALLOWANCES by person and kind. AllowanceError when somebody's rate lies in a band without a coefficient and there is
    something to pay for."""
    rows = conform(done, WORK)
    return pl.concat([_paid(rows, kind, book) for kind in KINDS]).sort("person_id", "kind")


def open_bands(book: Rulebook) -> list[tuple[Kind, int]]:
    """Bands whose coefficient nobody has set, with where each begins: what a page warns of before the month ends."""
    return [(kind, start) for kind in KINDS for start, worth in _steps(book, kind) if worth is None]


def outside_range(book: Rulebook) -> list[tuple[Kind, int, int]]:
    """(kind, band, fen a piece) of coefficients that give less or more than the source's own range."""
    found = []
    for kind in KINDS:
        least, most = book[f"allowance.{kind.key}_range_fen"]
        for start, worth in _steps(book, kind):
            if worth is not None and not least <= _fen(worth, book) <= most:
                found.append((kind, start, _fen(worth, book)))
    return found


def _paid(rows: pl.DataFrame, kind: Kind, book: Rulebook) -> pl.DataFrame:
    steps = _steps(book, kind)
    told = rows.select(
        "person_id", numerator=kind.rate, denominator="customers", pieces=kind.pieces, kind=pl.lit(kind.key)
    )
    band = pl.lit(None, pl.Int64)
    for (
        start,
        _worth,
    ) in steps:  # ascending: the last band whose beginning is reached (A-48: 以上 includes it)
        reached = (_C("numerator") * _WHOLE_BP >= start * _C("denominator")) & (_C("denominator") > 0)
        band = pl.when(reached).then(pl.lit(start, pl.Int64)).otherwise(band)
    worths = {start: worth for start, worth in steps if worth is not None}
    placed = told.with_columns(band=band).with_columns(
        thousandths=_C("band").replace_strict(worths, default=None, return_dtype=pl.Int64)
    )
    _require_set(placed, kind, book)
    restored = book[kind.restored] if kind.restored else []
    fen = _C("pieces") * _C("thousandths").fill_null(0) * book["allowance.factor"] * _FEN_OF_YUAN // _THOUSAND
    return placed.with_columns(fen=fen, restored=_C("band").is_in(restored).fill_null(False)).select(
        *ALLOWANCES
    )


def _require_set(placed: pl.DataFrame, kind: Kind, book: Rulebook) -> None:
    unpaid = placed.filter(_C("band").is_not_null() & _C("thousandths").is_null() & (_C("pieces") > 0))
    if unpaid.is_empty():
        return
    start = unpaid["band"][0]
    raise AllowanceError(
        "%(what)s在%(band)s%%以上的调整系数尚未设定（参数 %(key)s：%(title)s），有%(n)s人的比率落在这一档；"
        "原文此处缺失，设定并启用后才能发放，没有计算任何金额",
        what=kind.title, band=f"{start / 100:g}", key=kind.steps, title=book.parameters[kind.steps].title,
        n=unpaid.height,
    )  # fmt: skip


def _steps(book: Rulebook, kind: Kind) -> list[tuple[int, int | None]]:
    """(where a band begins, its coefficient in thousandths); null = not set."""
    steps: list[list[Any]] = book[kind.steps]
    return [(int(start), None if worth == "" else int(worth)) for start, worth in steps]


def _fen(thousandths: int, book: Rulebook) -> int:
    return int(thousandths * book["allowance.factor"] * _FEN_OF_YUAN // _THOUSAND)
