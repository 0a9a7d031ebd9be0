"""Which rule reads which column of which sheet.

In: nothing. Out: for each kind of sheet its key and one `Column` (rule, required, personal) a column.
Never: a canonical column without a rule (a test compares with core.tables).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import polars as pl

from tuogu.core import standardise_dates as dates
from tuogu.core import standardise_money as money
from tuogu.core import standardise_text as texts
from tuogu.core import standardise_vehicles as vehicles
from tuogu.core.standardise_text import Parsed
from tuogu.core.standardise_words import words_of

_TERM_YEARS_MAX = 106  # longest plausible payment term: to an age of 106
_WEST, _EAST, _SOUTH, _NORTH = 73.0, 136.0, 3.0, 54.0  # degrees between which China lies
_ATTEMPTS_MAX = 1000  # above it the cell holds something else than a count


@dataclass(frozen=True)
class ColumnFacts:
    """What a rule must know about its column besides the cells."""

    header: str = ""  # as written: 保费(万元) counts in 万


Rule = Callable[[pl.Expr, ColumnFacts], Parsed]


@dataclass(frozen=True)
class Column:
    """One canonical column. `required`: an empty cell rejects its row. `personal`: masked in sentences."""

    name: str
    rule: Rule
    required: bool = False
    personal: bool = False
    as_written: bool = False  # the rule wants `printable` text, not its half-width form


@dataclass(frozen=True)
class SheetRules:
    """One kind of sheet. `key` tells rows that are data from others; `unique` are the columns of which no two rows
    agree in all (by default the key alone)."""

    kind: str
    key: str
    columns: tuple[Column, ...]
    also_unique: tuple[str, ...] = ()

    @property
    def unique(self) -> tuple[str, ...]:
        """The columns that together stand once."""
        return (self.key, *self.also_unique)

    @property
    def personal(self) -> frozenset[str]:
        """Names of the columns whose values are never shown whole."""
        return frozenset(c.name for c in self.columns if c.personal)


def _plain(rule: Callable[[pl.Expr], Parsed]) -> Rule:
    return lambda text, _facts: rule(text)


def _word(column: str) -> Rule:
    return lambda text, _facts: texts.word(text, words_of(column))


def _yes_no(column: str) -> Rule:
    return lambda text, _facts: texts.yes_no(text, words_of(column))


def _money(text: pl.Expr, facts: ColumnFacts) -> Parsed:
    return money.money(text, in_wan="万" in facts.header)


def _payments(text: pl.Expr, _facts: ColumnFacts) -> Parsed:
    parsed = texts.word(text, words_of("payments_per_year"))
    return Parsed(parsed.value.cast(pl.Int64, strict=False), parsed.problem)


def _region_code(text: pl.Expr, _facts: ColumnFacts) -> Parsed:
    value = texts.identifier(text)
    good = value.value.str.contains(r"^[0-9]{2}(?:[0-9]{2}(?:[0-9]{2}(?:[0-9]{3}(?:[0-9]{3})?)?)?)?$")
    problem = pl.coalesce(value.problem, pl.when(~good).then(pl.lit("bad_region_code")))
    return Parsed(pl.when(good).then(value.value), problem)


def _loose_number(text: pl.Expr, _facts: ColumnFacts) -> Parsed:
    """An ID number before its type is known: bare, upper case; only rounding is judged here."""
    bare = texts.bare_number(text)
    rounded = texts.is_rounded(bare)
    return Parsed(
        pl.when(~rounded).then(bare.str.to_uppercase()), pl.when(rounded).then(pl.lit("rounded_number"))
    )


def _coordinate_source(text: pl.Expr, _facts: ColumnFacts) -> Parsed:
    words = {"合成": "synthetic", "导入": "imported"}
    return Parsed(text.replace(words).fill_null("imported"))


_number, _name, _phone = _plain(texts.identifier), _plain(texts.name), _plain(texts.phone)
_day, _end_day, _month = _plain(dates.day), _plain(dates.end_day), _plain(dates.month)
_free, _label = _plain(texts.free_text), _plain(texts.label)
_term = _plain(partial(money.whole_number, maximum=_TERM_YEARS_MAX))
_attempts = _plain(partial(money.whole_number, maximum=_ATTEMPTS_MAX))
_longitude = _plain(partial(money.degrees, low=_WEST, high=_EAST))
_latitude = _plain(partial(money.degrees, low=_SOUTH, high=_NORTH))

_POLICIES = (
    Column("policy_number", _number, required=True),
    Column("main_policy_number", _number),
    Column("kind", _word("kind")),
    Column("product_name", _label),
    Column("product_type", _word("product_type")),
    Column("protection", _yes_no("protection"), as_written=True),
    Column("premium_mode", _word("premium_mode"), required=True),
    Column("payments_per_year", _payments),
    Column("premium_fen", _money, required=True),
    Column("sum_insured_fen", _money),
    Column("payment_term_years", _term),
    Column("inception_date", _day, required=True),
    Column("end_date", _end_day),
    Column("state", _word("state"), required=True),
    Column("lapse_date", _day),
    Column("holder_number", _number, required=True),
    Column("insured_number", _number),
    Column("agent_number", _number),
    Column("institution_code", _number),
    Column("source", _word("source")),
    Column("components", _word("components")),
)
_CUSTOMERS = (
    Column("customer_number", _number, required=True),
    Column("name", _name, required=True, personal=True),
    Column("sex", _word("sex")),
    Column("birth_date", _day, personal=True),
    Column("id_type", _word("id_type")),
    Column("id_number", _loose_number, personal=True),
    Column("phone", _phone, personal=True),
    Column("address", _free, personal=True, as_written=True),
    Column("employer", _label, personal=True),
    Column("info_accurate", _yes_no("info_accurate"), as_written=True),
    Column("complaint", _yes_no("complaint"), as_written=True),
    Column("misconduct", _yes_no("misconduct"), as_written=True),
    Column("contactable", _yes_no("contactable"), as_written=True),
    Column("contact_attempts", _attempts),
)
_PEOPLE = (
    Column("staff_number", _number, required=True),
    Column("name", _name, required=True, personal=True),
    Column("series", _word("series"), required=True),
    Column("rank", _label),
    Column("supervisor", _yes_no("supervisor"), as_written=True),
    Column("team_code", _number),
    Column("institution_code", _number),
    Column("phone", _phone, personal=True),
    Column("address", _free, personal=True, as_written=True),
    Column("trait", _label),
    Column("hired_date", _day),
    Column("left_date", _day),
    Column("recruiter_number", _number),
)
_INSTITUTIONS = (
    Column("institution_code", _number, required=True),
    Column("name", _name, required=True),
    Column("level", _word("level"), required=True),
    Column("parent_code", _number),
    Column("region_code", _region_code),
)
_COORDINATES = (
    Column("region_code", _region_code, required=True),
    Column("longitude", _longitude, required=True),
    Column("latitude", _latitude, required=True),
    Column("datum", _word("datum"), required=True),
    Column("source", _coordinate_source),
)
_FACTS = (
    Column("subject", _number, required=True),
    Column("month", _month, required=True),
    Column(
        "fact_key", _label, required=True
    ),  # which fact it is, and what its figure means: see intake_facts
    Column("figure", _free, required=True, as_written=True),
    Column("source_ref", _free, required=True, as_written=True),  # S1-22: every fact cites its record
    Column("author", _number),
)
_MOTOR = (
    Column("policy_number", _number, required=True),
    Column("plate_number", _plain(vehicles.plate), personal=True),
    Column("frame_number", _plain(vehicles.frame), personal=True),
    Column("holder_number", _number, required=True),
    Column("premium_fen", _money, required=True),
    Column("start_date", _day, required=True),
    Column("expiry_date", _day, required=True),
    Column("agent_number", _number),
    Column("entrant_number", _number),
    Column("institution_code", _number, required=True),
    Column("channel", _label),
    Column("fleet_number", _number),
    Column("important", _yes_no("important"), as_written=True),
    Column("previous_number", _number),
)
RULES: dict[str, SheetRules] = {
    rules.kind: rules
    for rules in (
        SheetRules("institutions", "institution_code", _INSTITUTIONS),
        SheetRules("people", "staff_number", _PEOPLE),
        SheetRules("customers", "customer_number", _CUSTOMERS),
        SheetRules("policies", "policy_number", _POLICIES),
        SheetRules("coordinates", "region_code", _COORDINATES),
        SheetRules("facts", "subject", _FACTS, ("month", "fact_key")),
        SheetRules("motor", "policy_number", _MOTOR),
    )
}
