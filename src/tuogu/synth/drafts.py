"""Sheets as a branch would fill them in: good rows in many forms, bad rows, duplicates, blank and total
rows.

In: a `City` and a seed. Out: one `Draft` a sheet: rows of cells, and for each row what an import must
make of it. Never: a good row whose meaning the dirt changes. Bad rows concern extra customers and
policies only, so the counts of `truth.campaign` hold exactly on what is accepted.

Rows are looped over in Python here: a workbook takes one cell at a time, each with a type of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import numpy as np
import polars as pl

from tuogu.core.intake_facts import fact_rows
from tuogu.core.intake_tables import SHEETS
from tuogu.core.intake_titles import TITLES
from tuogu.files.books_folder import chinese_text
from tuogu.synth.city import City
from tuogu.synth.forms import FORMS, Form
from tuogu.synth.identities import id_numbers, id_serials
from tuogu.synth.planners import SERIES
from tuogu.synth.spoils import SPOILS, Row, choose, other_content
from tuogu.synth.vocabulary import CENTRE

BAD_SHARE = {"policies": 0.025, "customers": 0.025, "people": 0.01, "facts": 0.02}
DUPLICATE_SHARE = {"policies": 0.005, "customers": 0.005, "people": 0.005, "facts": 0.005}
BLANK_SHARE = 0.002
SUBTOTAL_EVERY = 4_000  # rows between 小计 rows
HEADER_AGAIN_EVERY = 9_000  # rows between page breaks that repeat the header
REJECTED_HOLDER_SHARE = 0.12  # of bad policies: whose holder's row is bad, while they are fine themselves
UNTOLD_SHARE = 0.02  # ID type or birth date left blank where the ID number tells it
STRANGE_REGION = 330_381  # region of the IDs of extra customers: no customer of the city has it
REFERENCE_SHEETS = ("institutions", "people", "customers", "policies", "coordinates")
# Rows that came to the city after it was first drawn: they are written with chance of their own, so that no other row,
# its form or its place depends on them.
LATER = {"people": pl.col("series") == SERIES, "institutions": pl.col("name").str.starts_with(CENTRE)}


@dataclass(frozen=True)
class Draft:
    """One sheet. A row is its cells by canonical column; None is a blank row, a str a total or header row."""

    kind: str
    rows: list[Row | str | None]
    expected: list[str]  # accepted | rejected | blank | total | header
    reason: list[str | None]


def draft_sheets(city: City) -> dict[str, Draft]:
    """Every sheet of the city, dirty. The same city gives the same drafts."""
    rng, own = _chance(city), _chance(city, "facts")
    bad_holders: list[str] = []
    drafts = {}
    for kind in REFERENCE_SHEETS:
        frame: pl.DataFrame = getattr(city.books, kind)
        later = LATER.get(kind, pl.lit(False))
        first = frame.filter(~later)
        good = clean_rows(kind, first)
        rng.shuffle(good)
        wanted = round(len(good) * BAD_SHARE.get(kind, 0))
        bad = clean_rows(kind, _extra(city, kind, first, wanted, rng)) if wanted else []
        for row in good:
            _write_otherwise(row, FORMS[kind], rng)
        plain = {c: form for c, form in FORMS[kind].items() if not c.endswith("_number")}
        for row in bad:  # identifiers stay plain: the spoils work on their digits
            _write_otherwise(row, plain, rng)
        if kind == "customers":
            _leave_out(good, rng)
        reasons = [_spoil(kind, row, bad_holders, rng) for row in bad]
        if kind == "customers":
            bad_holders = [str(row["customer_number"]) for row in bad if row["customer_number"] is not None]
        drafts[kind] = _mixed_in(_assemble(kind, good, bad, reasons, rng), frame.filter(later), own)
    drafts["facts"] = draft_facts(city, own)
    return drafts


def draft_facts(city: City, rng: Random) -> Draft:
    """The sheet of facts: every fact of the city, further rows that must come back, duplicates, blank rows."""
    kind = "facts"
    good = clean_rows(kind, fact_rows(city.facts))
    rng.shuffle(good)
    bad = [dict(rng.choice(good)) for _ in range(round(len(good) * BAD_SHARE[kind]))]
    for serial, row in enumerate(bad):  # a month of its own: a spoilt row never competes with a good one
        row["month"] = f"{2001 + serial // 12}-{serial % 12 + 1:02d}"
    for row in (*good, *bad):
        _write_otherwise(row, FORMS[kind], rng)
    reasons = [_spoil(kind, row, [], rng) for row in bad]
    return _assemble(kind, good, bad, reasons, rng)


def _chance(city: City, *of: str) -> Random:
    return Random(" ".join(["tuogu", city.city_code, str(city.sizes.customers), str(city.seed), *of]))


def _mixed_in(draft: Draft, later: pl.DataFrame, rng: Random) -> Draft:
    """The draft with further good rows at random places."""
    for row in clean_rows(draft.kind, later) if later.height else []:
        _write_otherwise(row, FORMS[draft.kind], rng)
        place = rng.randrange(len(draft.rows) + 1)
        draft.rows.insert(place, row)
        draft.expected.insert(place, "accepted")
        draft.reason.insert(place, None)
    return draft


def clean_rows(kind: str, frame: pl.DataFrame) -> list[Row]:
    """Rows of a canonical frame as clean cells (text) by canonical column."""
    names = {title: column for column, title in TITLES[kind].items()}
    return chinese_text(kind, frame).rename(names).to_dicts()


def _write_otherwise(row: Row, forms: dict[str, Form], rng: Random) -> None:
    for column, form in forms.items():
        cell = row[column]
        if isinstance(cell, str):
            row[column] = form(cell, rng)


def _leave_out(customers: list[Row], rng: Random) -> None:
    """Blank what the ID number tells: birth date, sex, type of document."""
    for row in customers:
        if row["id_type"] == "身份证" and rng.random() < UNTOLD_SHARE:
            row[rng.choice(("birth_date", "sex", "id_type"))] = None


# --- bad rows ---------------------------------------------------------------------------------------------


def _extra(city: City, kind: str, frame: pl.DataFrame, count: int, rng: Random) -> pl.DataFrame:
    """`count` further rows like those of `frame`, sound in themselves, with numbers that no good row has."""
    if kind == "customers":
        frame = frame.filter(pl.col("id_type") == "resident_id")
    if kind == "policies":
        frame = frame.filter(pl.col("kind") == "main")
    picked = frame[[rng.randrange(len(frame)) for _ in range(count)]]
    serial = pl.int_range(1, count + 1, dtype=pl.Int64, eager=True)
    if kind == "policies":
        fresh = pl.Series([f"{city.city_code[:4]}88{s:09d}" for s in serial])
        return picked.with_columns(policy_number=fresh)
    if kind == "customers":
        first = city.sizes.customers
        fresh = pl.Series([f"{city.city_code[:4]}{first + s:08d}" for s in serial])
        return picked.with_columns(customer_number=fresh, id_number=_fresh_ids(picked, rng))
    fresh = pl.Series([f"{city.city_code[:4]}9{s:05d}" for s in serial])
    return picked.with_columns(staff_number=fresh, supervisor=pl.lit(False))


def _fresh_ids(customers: pl.DataFrame, rng: Random) -> pl.Series:
    """ID numbers of a region that the city does not use, so that no good customer has one of them."""
    days = customers["birth_date"].cast(pl.Int32).cast(pl.Int64).to_numpy()
    male = (customers["sex"] == "M").to_numpy()
    region = np.full(len(days), STRANGE_REGION, np.int64)
    serials = id_serials(region, days, male, np.random.default_rng(rng.randrange(1 << 32)))
    return id_numbers(region, days, serials)


def _spoil(kind: str, row: Row, bad_holders: list[str], rng: Random) -> str:
    """Spoil `row`; returns the reason for which it must be rejected."""
    if kind == "policies" and bad_holders and rng.random() < REJECTED_HOLDER_SHARE:
        row["holder_number"] = rng.choice(bad_holders)
        return "holder_rejected"
    spoil = choose(kind, rng)
    spoil.apply(row, rng)
    return spoil.reason


# --- order ------------------------------------------------------------------------------------------------


def _assemble(kind: str, good: list[Row], bad: list[Row], reasons: list[str], rng: Random) -> Draft:
    """Mix the rows, put duplicates behind their originals, and add blank, total and header rows."""
    entries: list[tuple[float, Row | str | None, str, str | None]] = []
    for row in good:
        entries.append((rng.random(), row, "accepted", None))
    for row, reason in zip(bad, reasons, strict=True):
        entries.append((rng.random(), row, "rejected", reason))
    if kind in SPOILS:
        entries += _duplicates(kind, entries[: len(good)], rng)
    entries += [(rng.random(), None, "blank", None) for _ in range(round(len(good) * BLANK_SHARE))]
    entries.sort(key=lambda entry: entry[0])
    if kind in ("policies", "customers"):
        entries = _with_breaks(entries)
    return Draft(kind, [e[1] for e in entries], [e[2] for e in entries], [e[3] for e in entries])


def _duplicates(
    kind: str, originals: list[tuple[float, Row | str | None, str, str | None]], rng: Random
) -> list[tuple[float, Row | str | None, str, str | None]]:
    """Copies further down: half of them identical, half with the same key and other content."""
    copies: list[tuple[float, Row | str | None, str, str | None]] = []
    for place, row, _, _ in rng.sample(originals, round(len(originals) * DUPLICATE_SHARE[kind])):
        assert isinstance(row, dict)
        copy, reason = dict(row), "duplicate_row"
        again = "duplicate_fact" if kind == "facts" else "duplicate_key"
        if rng.random() < 0.5:
            other_content(kind, copy, rng)
            reason = again
        copies.append((rng.uniform(place, 1.0), copy, "rejected", reason))
    return copies


def _with_breaks(
    entries: list[tuple[float, Row | str | None, str, str | None]],
) -> list[tuple[float, Row | str | None, str, str | None]]:
    """小计 rows in between, the header again at page breaks, 合计 at the end."""
    result = []
    for i, entry in enumerate(entries, start=1):
        result.append(entry)
        if i % SUBTOTAL_EVERY == 0:
            result.append((0.0, "小计", "total", None))
        if i % HEADER_AGAIN_EVERY == 0:
            result.append((0.0, "header", "header", None))
    return [*result, (0.0, "合计", "total", None)]


def columns_of(kind: str) -> list[str]:
    """Canonical columns of a sheet in the order of the contract."""
    return list(SHEETS[kind])
