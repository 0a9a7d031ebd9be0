"""Bad rows: everything that a branch's file gets wrong, each with the reason for which it must come back.

In: a row of clean cells, a seeded generator. Out: the row spoilt in one way. Never: a spoilt row that
carries a real policy or customer of the city; bad rows are extra rows.

Reasons are the codes of `core.reasons`. A spoilt row may be rejected for further reasons; the one named
here must be among them.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from tuogu.synth.forms import Cell
from tuogu.synth.identities import ID_CHECKS, ID_WEIGHTS

Row = dict[str, Cell]


class Spoil(NamedTuple):
    """One way to spoil a row."""

    reason: str
    weight: int
    apply: Callable[[Row, Random], None]


def _set(column: str, *values: Cell) -> Callable[[Row, Random], None]:
    def apply(row: Row, rng: Random) -> None:
        row[column] = rng.choice(values)

    return apply


def _wrong_check_digit(row: Row, rng: Random) -> None:
    number = str(row["id_number"])
    row["id_number"] = number[:17] + rng.choice([c for c in ID_CHECKS if c != number[17]])


def _impossible_birth(row: Row, _rng: Random) -> None:
    body = str(row["id_number"])[:6] + "19850230" + str(row["id_number"])[14:17]
    total = sum(int(d) * w for d, w in zip(body, ID_WEIGHTS, strict=True))
    row["id_number"] = body + ID_CHECKS[total % len(ID_CHECKS)]


def _other_birthday(row: Row, rng: Random) -> None:
    year = int(str(row["id_number"])[6:10])
    row["birth_date"] = f"{year + rng.choice((-1, 1, 10))}-{str(row['id_number'])[10:12]}-15"


def _as_float(column: str) -> Callable[[Row, Random], None]:
    """Excel has made a number of it: the digits after the fifteenth are gone."""

    def apply(row: Row, rng: Random) -> None:
        digits = str(row[column]).upper().replace("X", str(rng.randrange(10)))
        row[column] = float(digits.ljust(18, "0"))

    return apply


def _cut(column: str, length: int) -> Callable[[Row, Random], None]:
    def apply(row: Row, _rng: Random) -> None:
        row[column] = str(row[column] or "13800000000")[:length]

    return apply


def _lonely_rider(row: Row, rng: Random) -> None:
    row["kind"] = "附加险"
    row["main_policy_number"] = f"99{rng.randrange(10**12):013d}"


def _contradiction(row: Row, _rng: Random) -> None:
    row["premium_mode"], row["payments_per_year"] = "趸交", "年交"


def _stranger(row: Row, rng: Random) -> None:
    row["holder_number"] = f"9999{rng.randrange(10**8):08d}"


def _rate(*figures: str) -> Callable[[Row, Random], None]:
    """An attendance that is none."""

    def apply(row: Row, rng: Random) -> None:
        row["fact_key"], row["figure"] = "参会率", rng.choice(figures)

    return apply


def _discretion(*figures: str) -> Callable[[Row, Random], None]:
    """A discretion beyond its bounds."""

    def apply(row: Row, rng: Random) -> None:
        row["fact_key"], row["figure"] = "部门灵活调配分", rng.choice(figures)

    return apply


CUSTOMER_SPOILS = (
    Spoil("bad_id_check_digit", 16, _wrong_check_digit),
    Spoil("birth_id_mismatch", 14, _other_birthday),
    Spoil("rounded_number", 14, _as_float("id_number")),
    Spoil("bad_phone", 14, _cut("phone", 8)),
    Spoil("bad_id_number", 8, _cut("id_number", 17)),
    Spoil("impossible_date", 6, _set("birth_date", "1985年2月30日", "1990-02-30", "19790631")),
    Spoil("bad_id_birth_date", 5, _impossible_birth),
    Spoil("missing_value", 5, _set("customer_number", None)),
    Spoil("missing_value", 4, _set("name", None)),
    Spoil("bad_name", 3, _set("name", "12345", "———1")),
    Spoil("bad_date", 4, _set("birth_date", "85-3-5", "3/5/1985")),
    Spoil("unknown_value", 4, _set("sex", "双", "X")),
    Spoil("garbled_text", 3, _set("name", "锟斤拷")),
)
POLICY_SPOILS = (
    Spoil("bad_money", 12, _set("premium_fen", "一千二百元", "1.2.3", "约3000")),
    Spoil("negative_money", 5, _set("premium_fen", "-1200.00")),
    Spoil("impossible_date", 10, _set("inception_date", "2015年2月30日", "2011-02-30", "20130431")),
    Spoil("bad_date", 7, _set("inception_date", "11-3-5", "3/5/2011", "去年三月")),
    Spoil("date_order", 5, _set("end_date", "1990-01-01")),
    Spoil("missing_value", 9, _set("policy_number", None)),
    Spoil("missing_value", 6, _set("premium_fen", None)),
    Spoil("missing_value", 5, _set("holder_number", None)),
    Spoil("unknown_holder", 12, _stranger),
    Spoil("unknown_main", 8, _lonely_rider),
    Spoil("unknown_institution", 6, _set("institution_code", "86999999")),
    Spoil("unknown_value", 6, _set("state", "待核实", "？？")),
    Spoil("mode_mismatch", 5, _contradiction),
    Spoil("rounded_number", 8, _as_float("policy_number")),
    Spoil("excel_error", 4, _set("premium_fen", "#N/A", "#REF!")),
    Spoil("bad_number", 3, _set("payment_term_years", "二十", "999")),
)
PEOPLE_SPOILS = (
    Spoil("unknown_value", 1, _set("series", "顾问")),
    Spoil("missing_value", 1, _set("staff_number", None)),
    Spoil("date_order", 1, _set("left_date", "1970-01-01")),
)
FACT_SPOILS = (
    Spoil("unknown_fact", 6, _set("fact_key", "参会次数", "续收率", "客户满意度")),
    Spoil("bad_figure", 6, _rate("85.5", "八成", "0.9")),
    Spoil("figure_out_of_range", 5, _rate("-5%", "1200%", "10000.5%")),
    Spoil("figure_out_of_range", 3, _discretion("12", "10.5分", "-1")),
    Spoil("missing_value", 4, _set("source_ref", None)),
    Spoil("missing_value", 3, _set("figure", None)),
    Spoil("unknown_subject", 5, _set("subject", "X99999", "86999999")),
    Spoil("future_month", 4, _set("month", "2099-01", "2088年3月")),
    Spoil("bad_month", 4, _set("month", "2026.1", "上月", "10月")),
)
SPOILS = {
    "customers": CUSTOMER_SPOILS,
    "policies": POLICY_SPOILS,
    "people": PEOPLE_SPOILS,
    "facts": FACT_SPOILS,
}


def choose(kind: str, rng: Random) -> Spoil:
    """A way to spoil a row of `kind`, by weight."""
    spoils = SPOILS[kind]
    return rng.choices(spoils, [s.weight for s in spoils])[0]


def other_content(kind: str, row: Row, rng: Random) -> None:
    """The same key with different content."""
    if kind == "policies":
        row["premium_fen"] = f"{rng.randrange(1000, 9000)}.37"
    elif kind == "customers":
        row["phone"] = f"139{rng.randrange(10**8):08d}"
    elif kind == "facts":
        row["source_ref"] = f"更正单第{rng.randrange(1000):03d}号"
    else:
        row["phone"] = f"138{rng.randrange(10**8):08d}"
