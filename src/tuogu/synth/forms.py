"""The many ways in which people and Excel write the same value.

In: one cell as clean text, a seeded generator. Out: the same value written otherwise: text, a number or
a date cell. Never: a form that a careful reader could take for another value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random

from tuogu.core.facts import FACT_KEYS


@dataclass(frozen=True)
class Share:
    """A number cell that Excel shows as a percentage: 0.855 in the format 0.00%."""

    fraction: float


Cell = str | int | float | date | Share | None
Form = Callable[[str, Random], Cell]

WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
SERIAL_ZERO = date(1899, 12, 30)  # Excel's day 0 in the 1900 system


def as_date(text: str, rng: Random) -> Cell:
    """A date cell, mostly; else one of the usual ways to write a day."""
    day = date.fromisoformat(text)
    kind = rng.random()
    if kind < 0.55:
        return day
    if kind < 0.63:
        return f"{day.year}-{day.month}-{day.day}"
    if kind < 0.72:
        return day.strftime("%Y/%m/%d")
    if kind < 0.80:
        return f"{day.year}年{day.month}月{day.day}日"
    if kind < 0.87:
        return day.strftime("%Y%m%d")
    if kind < 0.92:
        return (day - SERIAL_ZERO).days  # a date cell that has lost its format
    if kind < 0.96:
        return f"{day.year}.{day.month}.{day.day}"
    return text


def as_money(text: str, rng: Random) -> Cell:
    """A number cell, mostly; else with separators, a currency sign, a unit or full-width digits."""
    kind = rng.random()
    yuan = float(text)  # written for Excel, which keeps numbers as floats; truth keeps integer fen
    if kind < 0.6:
        return int(yuan) if yuan == int(yuan) else yuan
    if kind < 0.75:
        return f"{yuan:,.2f}"
    if kind < 0.82:
        return f"¥{text}"
    if kind < 0.88:
        return f"{text}元"
    return text.translate(WIDE) if kind < 0.92 else text


def as_number(text: str, rng: Random) -> Cell:
    """An identifier: text, or, up to 15 digits, a number cell; sometimes full width or padded."""
    kind = rng.random()
    if kind < 0.04 and text.isdigit() and len(text) <= 15 and not text.startswith("0"):
        return int(text)
    if kind < 0.06:
        return text.translate(WIDE)
    return f" {text} " if kind < 0.08 else text


def as_phone(text: str, rng: Random) -> Cell:
    """Mobiles with spaces, dashes, country code, as numbers; landlines with a dash after the area code."""
    kind = rng.random()
    if text.startswith("0"):
        return f"{text[:4]}-{text[4:]}" if kind < 0.7 else text
    if kind < 0.15:
        return int(text)
    if kind < 0.20:
        return f"{text[:3]} {text[3:7]} {text[7:]}"
    if kind < 0.24:
        return f"{text[:3]}-{text[3:7]}-{text[7:]}"
    if kind < 0.28:
        return f"+86 {text}"
    return text.translate(WIDE) if kind < 0.31 else text


def as_id_number(text: str, rng: Random) -> Cell:
    """Lower-case x, full width, spaces, a leading quote, old 15-digit numbers of those born before 2000."""
    kind = rng.random()
    resident = len(text) == 18
    if kind < 0.03:
        return text.translate(WIDE)
    if kind < 0.06 and resident:
        return f"{text[:6]} {text[6:14]} {text[14:]}"
    if kind < 0.08:
        return f"'{text}"
    if kind < 0.10 and resident and text[6:8] == "19":
        return text[:6] + text[8:17]
    return text.lower() if kind < 0.5 and resident else text


def as_name(text: str, rng: Random) -> Cell:
    """Names padded to equal width, as forms have them."""
    if len(text) == 2 and rng.random() < 0.06:
        return f"{text[0]}　{text[1]}"
    return f"{text} " if rng.random() < 0.03 else text


def synonym_of(words: dict[str, tuple[str, ...]], share: float) -> Form:
    """One of the other words for the same thing, sometimes."""

    def write(text: str, rng: Random) -> Cell:
        others = words.get(text)
        return rng.choice(others) if others and rng.random() < share else text

    return write


def as_month(text: str, rng: Random) -> Cell:
    """A month as text, mostly; else a day of it, or the month in words."""
    first = date.fromisoformat(f"{text[:7]}-01")
    kind = rng.random()
    if kind < 0.5:
        return text[:7]
    if kind < 0.75:
        return first
    return f"{first.year}年{first.month}月" if kind < 0.9 else f"{first:%Y%m}"


def as_figure(text: str, rng: Random) -> Cell:
    """A rate as text or in Excel's percentage format, money and counts as number cells or with their unit."""
    kind = rng.random()
    if text.endswith("%"):
        bare = text.removesuffix("%")
        return Share(float(bare) / 100) if kind < 0.6 else text.translate(WIDE) if kind < 0.7 else f"{bare} %"
    if text.endswith("元"):
        return as_money(text.removesuffix("元"), rng)
    for unit in ("分", "件", "个月"):
        if text.endswith(unit):
            bare = text.removesuffix(unit)
            number = float(bare)
            return (
                text
                if kind < 0.3
                else bare
                if kind < 0.5
                else int(number)
                if number == int(number)
                else number
            )
    return text


def as_attempts(text: str, rng: Random) -> Cell:
    """A number, a text, or with its counting word."""
    kind = rng.random()
    return int(text) if kind < 0.6 else f"{text}次" if kind < 0.8 else text


POLICY_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "kind": {"附加险": ("附加", "附约")},
    "product_type": {
        "分红险": ("分红型", "分红"),
        "万能险": ("万能型",),
        "年金险": ("年金",),
        "意外险": ("意外",),
    },
    "premium_mode": {"趸交": ("趸缴", "一次交清"), "期交": ("期缴", "分期")},
    "payments_per_year": {"年交": ("年缴", "按年"), "月交": ("月缴",), "趸交": ("趸缴",)},
    "state": {"有效": ("正常",), "退保": ("已退保",), "终止": ("已终止",), "失效": ("中止",)},
    "source": {"离司": ("离职",), "其他": ("其它",)},
}
CUSTOMER_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "sex": {"男": ("男性",), "女": ("女性",)},
    "id_type": {"身份证": ("居民身份证",)},
}
SYNONYM_SHARE = 0.08

FORMS: dict[str, dict[str, Form]] = {
    "policies": {
        "policy_number": as_number,
        "holder_number": as_number,
        "inception_date": as_date,
        "end_date": as_date,
        "lapse_date": as_date,
        "premium_fen": as_money,
        "sum_insured_fen": as_money,
        **{column: synonym_of(words, SYNONYM_SHARE) for column, words in POLICY_WORDS.items()},
    },
    "customers": {
        "customer_number": as_number,
        "name": as_name,
        "birth_date": as_date,
        "id_number": as_id_number,
        "phone": as_phone,
        "contact_attempts": as_attempts,
        **{column: synonym_of(words, SYNONYM_SHARE) for column, words in CUSTOMER_WORDS.items()},
    },
    "people": {"hired_date": as_date, "left_date": as_date, "phone": as_phone, "name": as_name},
    "institutions": {},
    "coordinates": {},
    "facts": {
        "month": as_month,
        "figure": as_figure,
        "fact_key": synonym_of({f.label: (f.key, *f.also) for f in FACT_KEYS.values()}, 0.15),
    },
}
