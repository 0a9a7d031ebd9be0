"""From codes to the canonical tables: any slice of a city's policies and customers as text.

In: the integer frames of a city (`CityCodes`) and a slice. Out: frames in the schemas of core.tables.
Never: chance: the same slice is the same text every time, so a city too large for memory is written
piece by piece.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.tables import CUSTOMERS, ORPHAN_SOURCES, PEOPLE, POLICIES, conform
from tuogu.synth.addresses import Scribe
from tuogu.synth.calendar import NO_DAY
from tuogu.synth.codes import CityCodes
from tuogu.synth.contracts import COMPONENTS
from tuogu.synth.geography import Geography
from tuogu.synth.identities import id_numbers, spell_names, spell_phones
from tuogu.synth.institutions import sub_code
from tuogu.synth.portfolio import Coding, Nature, Stage
from tuogu.synth.vocabulary import EMPLOYERS, SHELF

STATES = {
    Stage.PAYING: "in_force",
    Stage.SINGLE: "in_force",
    Stage.PAID_UP: "in_force",
    Stage.LAPSED: "lapsed",
    Stage.MATURED: "matured",
    Stage.SURRENDERED: "surrendered",
    Stage.TERMINATED: "terminated",
    Stage.PAID_OUT: "paid_out",
    Stage.TRANSFERRED: "transferred",
}
ID_TYPES = ("resident_id", "passport", "other")
GONE_AGENT = "9"  # staff numbers that the branch has struck from its roster begin like this


def render_policies(city: CityCodes, start: int = 0, length: int | None = None) -> pl.DataFrame:
    """POLICIES of a slice of the integer frame (main policies first, then riders)."""
    codes = city.policy_codes.slice(start, length)
    product, main = codes["product"].cast(pl.Int64), pl.Series(codes["main"])
    mains = city.policy_codes.select("inception", "serial")[main.clip(0).cast(pl.Int64)]
    holder_serial = _customers_at(city, codes["holder"])
    frame = pl.DataFrame(
        {
            "policy_number": policy_numbers(city, codes["inception"], codes["serial"]),
            "main_policy_number": policy_numbers(city, mains["inception"], mains["serial"]),
            "rider": main >= 0,
            "product_name": pl.Series([p.name for p in SHELF]).gather(product),
            "product_type": pl.Series([p.type for p in SHELF]).gather(product),
            "protection": pl.Series([p.protection for p in SHELF]).gather(product),
            "payments_per_year": codes["frequency"].cast(pl.Int64),
            "premium_fen": codes["premium_fen"],
            "sum_insured_fen": codes["sum_insured_fen"],
            "payment_term_years": codes["term"].cast(pl.Int64),
            "inception_date": _dates(codes["inception"]),
            "end_date": _dates(codes["end"]),
            "state": pl.Series([STATES[s] for s in Stage]).gather(codes["stage"].cast(pl.Int64)),
            "lapse_date": _dates(codes["lapse"]),
            "holder_number": holder_serial,
            "insured_number": _customers_at(city, codes["insured"]),
            "agent_number": _agent_numbers(city, codes["agent"]),
            "institution_code": _institutions(city.geography, city.customer_codes, codes["holder"]),
            "source": _optional([*ORPHAN_SOURCES], codes["source"]),
            "components": pl.Series(COMPONENTS).gather(codes["components"].cast(pl.Int64)),
        }
    )
    rider = pl.col("rider")
    single = pl.col("payments_per_year") == 0
    frame = frame.with_columns(
        kind=pl.when(rider).then(pl.lit("rider")).otherwise(pl.lit("main")),
        main_policy_number=pl.when(rider).then("main_policy_number"),
        premium_mode=pl.when(single).then(pl.lit("single")).otherwise(pl.lit("regular")),
    )
    return conform(frame.select(*POLICIES), POLICIES)


def render_customers(city: CityCodes, start: int = 0, length: int | None = None) -> pl.DataFrame:
    """CUSTOMERS of a slice of the integer frame."""
    codes = city.customer_codes.slice(start, length)
    resident = id_numbers(
        codes["id_region"].cast(pl.Int64).to_numpy(),
        codes["birth"].cast(pl.Int64).to_numpy(),
        codes["id_serial"].cast(pl.Int64).to_numpy(),
    )
    frame = codes.with_columns(
        customer_number=customer_numbers(city, codes["serial"]),
        name=spell_names(codes["surname"], codes["first"], codes["second"]),
        sex=pl.when("male").then(pl.lit("M")).otherwise(pl.lit("F")),
        birth_date=_dates(codes["birth"]),
        id_type=pl.Series(ID_TYPES).gather(codes["papers"].cast(pl.Int64)),
        resident=resident,
        phone=spell_phones(codes["phone"]),
        address=city.scribe.write(codes["community"], codes["coding"], codes.select(_DRAWN)),
        employer=_optional([*EMPLOYERS], codes["employer"]),
    )
    foreign = pl.lit("E") + pl.col("serial").cast(pl.String).str.zfill(8)
    id_number = pl.when(pl.col("papers") == 0).then("resident").otherwise(foreign)
    frame = frame.with_columns(id_number=id_number, **_answers())
    return conform(frame.select(*CUSTOMERS), CUSTOMERS)


_DRAWN = ("form", "building", "staircase", "floor", "door", "number", "style", "word")


def render_people(people: pl.DataFrame, scribe: Scribe, drawn: pl.DataFrame) -> pl.DataFrame:
    """PEOPLE with home addresses, all of them codable."""
    coded = pl.repeat(int(Coding.CODED), len(people), dtype=pl.Int64, eager=True)
    written = people.with_columns(address=scribe.write(people["community"], coded, drawn))
    return conform(written.select(*PEOPLE), PEOPLE)


def _answers() -> dict[str, pl.Expr]:
    """What intake knows: the nature decides what must be known, `answered` (0..9) what else was asked."""
    nature, answered = pl.col("nature"), pl.col("answered")
    unreachable = nature.is_in([Nature.UNREACHABLE, Nature.DIFFICULT])
    return {
        "info_accurate": pl.when(answered < 4).then(True).when(answered == 4).then(False),
        "complaint": pl.when(nature == Nature.COMPLAINT).then(True).when(answered < 6).then(False),
        "misconduct": pl.when(nature == Nature.MISCONDUCT).then(True).when(answered < 6).then(False),
        "contactable": pl.when(unreachable).then(False).when(answered < 8).then(True),
        "contact_attempts": pl.when(nature == Nature.DIFFICULT)
        .then(6)
        .when(nature == Nature.UNREACHABLE)
        .then(1 + answered.cast(pl.Int64) % 5)
        .when(answered < 8)
        .then(answered.cast(pl.Int64) % 3),
    }


# --- codes to text ----------------------------------------------------------------------------------------


def _dates(days: pl.Series) -> pl.Series:
    known = pl.when(pl.col("d") != NO_DAY).then("d")
    return pl.DataFrame({"d": days.cast(pl.Int32)}).select(known.cast(pl.Date)).to_series()


def customer_numbers(city: CityCodes, serial: pl.Series) -> pl.Series:
    """City (4), running number (8)."""
    text = pl.lit(city.geography.city_code) + pl.col("s").cast(pl.String).str.zfill(8)
    return pl.DataFrame({"s": serial}).select(text).to_series()


def _customers_at(city: CityCodes, index: pl.Series) -> pl.Series:
    return customer_numbers(city, city.customer_codes["serial"].gather(index.cast(pl.Int64)))


def policy_numbers(city: CityCodes, inception: pl.Series, serial: pl.Series) -> pl.Series:
    """City (4), year (2), running number (9): 15 digits, which Excel can hold without rounding."""
    year = _dates(inception).dt.to_string("%y")
    text = pl.lit(city.geography.city_code) + pl.col("y") + pl.col("s").cast(pl.String).str.zfill(9)
    return pl.DataFrame({"y": year, "s": serial}).select(text).to_series()


def _agent_numbers(city: CityCodes, agent: pl.Series) -> pl.Series:
    """Staff number; -1 = not written down; below that, somebody who is no longer in the roster."""
    known = city.staff.people["staff_number"].gather(agent.cast(pl.Int64).clip(0))
    frame = pl.DataFrame({"a": agent.cast(pl.Int64), "known": known})
    gone = pl.lit(GONE_AGENT) + (-pl.col("a")).cast(pl.String).str.zfill(9)
    return frame.select(pl.when(pl.col("a") >= 0).then("known").when(pl.col("a") < -1).then(gone)).to_series()


def _institutions(geography: Geography, customers: pl.DataFrame, holder: pl.Series) -> pl.Series:
    """The sub-branch of the district in which the holder lives."""
    codes = pl.Series([sub_code(c) for c in geography.communities["district_code"]])
    return codes.gather(customers["community"].gather(holder.cast(pl.Int64)).cast(pl.Int64))


def _optional(words: list[str], index: pl.Series) -> pl.Series:
    """words[index], null where the index is -1 (the word after the last is null)."""
    position = index.cast(pl.Int64)
    table = pl.Series([*words, None], dtype=pl.String)
    return table.gather(pl.select(pl.when(position < 0).then(len(words)).otherwise(position)).to_series())
