"""What each figure counts: inputs and a period → GROUND, one row for each thing, with what it adds to either side.

In: Inputs, a Measure, a Period, the least payment term asked for (0 = all). Out: GROUND. Never: a customer twice in one
cohort, something that happened after the last known day, a rate.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import polars as pl

from tuogu.core.measures.definitions import Measure
from tuogu.core.measures.periods import Period, month_after
from tuogu.core.measures.tables import GROUND, Inputs
from tuogu.core.tables import conform

_C = pl.col
_ONE = pl.lit(1, pl.Int64)
Ground = Callable[[Inputs, Measure, Period, int], pl.DataFrame]
REACHED: Final = ("call", "message")  # at least one message or call; a visit has its own rate


def ground(inputs: Inputs, measure: Measure, period: Period, term_min: int = 0) -> pl.DataFrame:
    """GROUND of one figure in one period; `term_min`: only policies paid over so many years (S2-19)."""
    return conform(GROUNDS[measure.ground](inputs, measure, period, term_min), GROUND)


def _rows(frame: pl.DataFrame, key: str, numerator: pl.Expr, denominator: pl.Expr = _ONE) -> pl.DataFrame:
    return frame.select(
        _C(key).alias("key"), "person_id", "institution_code", "source", "region_code",
        numerator=numerator.fill_null(0).cast(pl.Int64), denominator=denominator.fill_null(0).cast(pl.Int64),
    )  # fmt: skip


def _within(column: str, period: Period, inputs: Inputs) -> pl.Expr:
    """The day lies in the period and is known."""
    return _C(column).is_between(period.first, min(period.last, inputs.on))


def _last_of(frame: pl.DataFrame, keys: list[str], by: str) -> pl.DataFrame:
    """One row for each of `keys`: the last by day, and of one day the one with the highest custodian."""
    return frame.sort(by, "person_id").unique(keys, keep="last", maintain_order=True)


# --- development (S4-15, S4-16, A-33) ------------------------------------------------------------------------


def _development(inputs: Inputs, measure: Measure, period: Period, term_min: int) -> pl.DataFrame:
    """January's customers are judged in April by what was bought up to the end of March."""
    cohorts = [month_after(month, -measure.months) for month in period.months()]
    started = inputs.allocations.with_columns(cohort=_C("allocated_date").dt.month_start())
    given = _last_of(
        started.filter(_C("cohort").is_in(cohorts)), ["customer_number", "cohort"], "allocated_date"
    )
    judged = given.with_columns(until=_C("cohort").dt.offset_by(f"{measure.months}mo"))
    return _developed(inputs, judged, term_min)


def _development_days(inputs: Inputs, measure: Measure, period: Period, term_min: int) -> pl.DataFrame:
    """Customers whose last day fell in the month before: everybody has had the same number of days."""
    months = [month_after(month, -1) for month in period.months()]
    ended = inputs.allocations.with_columns(last=_C("allocated_date") + timedelta(days=measure.days))
    ended = ended.with_columns(cohort=_C("last").dt.month_start(), until=_C("last") + timedelta(days=1))
    given = ended.filter(_C("cohort").is_in(months))
    return _developed(inputs, _last_of(given, ["customer_number", "cohort"], "allocated_date"), term_min)


def _developed(inputs: Inputs, given: pl.DataFrame, term_min: int) -> pl.DataFrame:
    """`given` with allocated_date and until (half open): who bought in between."""
    bought = inputs.new_policies.filter(_C("inception_date") <= inputs.on)
    if term_min:
        bought = bought.filter(_C("payment_term_years") >= term_min)
    asked = given.select("customer_number", "cohort", "allocated_date", "until")
    in_time = asked.join(bought.select("customer_number", "inception_date"), on="customer_number").filter(
        _C("inception_date").is_between("allocated_date", "until", closed="left")
    )
    hit = in_time.select("customer_number", "cohort").unique().with_columns(developed=_ONE)
    joined = given.join(hit, on=["customer_number", "cohort"], how="left", maintain_order="left")
    return _rows(joined, "customer_number", _C("developed"))


# --- service (A-50) ------------------------------------------------------------------------------------------


def _assigned(inputs: Inputs, period: Period) -> pl.DataFrame:
    """One row a customer that somebody had in the period, with the last who had it."""
    touches = (_C("from_date") < period.end) & (
        _C("until_date").is_null() | (_C("until_date") > period.first)
    )
    return _last_of(
        inputs.held.filter(touches & (_C("from_date") <= inputs.on)), ["customer_number"], "from_date"
    )


def _reached(kinds: tuple[str, ...]) -> Ground:
    def count(inputs: Inputs, _measure: Measure, period: Period, _term_min: int) -> pl.DataFrame:
        told = inputs.contacts.filter(_C("kind").is_in(kinds) & _within("happened_date", period, inputs))
        hit = told.select("customer_number").unique().with_columns(reached=_ONE)
        assigned = _assigned(inputs, period).join(
            hit, on="customer_number", how="left", maintain_order="left"
        )
        return _rows(assigned, "customer_number", _C("reached"))

    return count


def _in_time(inputs: Inputs, _measure: Measure, period: Period, _term_min: int) -> pl.DataFrame:
    owed = inputs.duties.filter(_within("due_date", period, inputs))
    return _rows(owed, "task", _C("done_date") <= _C("due_date"))


def _complaint(inputs: Inputs, _measure: Measure, period: Period, _term_min: int) -> pl.DataFrame:
    complained = inputs.complaints.filter(_within("month", period, inputs))
    return pl.concat(
        [
            _rows(complained, "number", _C("pieces"), pl.lit(0)),
            _rows(_assigned(inputs, period), "customer_number", pl.lit(0)),
        ]
    )


# --- persistency, renewal, products --------------------------------------------------------------------------


def _weight(measure: Measure) -> pl.Expr:
    return _C(measure.weight) if measure.weight else _ONE


def _persistency(inputs: Inputs, measure: Measure, period: Period, term_min: int) -> pl.DataFrame:
    """Policies that began `months` before each month of the period: which are alive at that month's end."""
    began = inputs.cohort.with_columns(month=_C("inception_date").dt.month_start())
    began = began.filter(
        _C("month").is_in([month_after(month, -measure.months) for month in period.months()]),
        ~_C("left_by_contract"), _C("payment_term_years").fill_null(0) >= term_min,
    )  # fmt: skip
    month_ends = _C("month").dt.offset_by(f"{measure.months + 1}mo")  # half open
    judged_until = pl.min_horizontal(month_ends, pl.lit(inputs.on + timedelta(days=1)))
    alive = pl.when(_C("ended_date").is_null()).then(_C("kept")).otherwise(_C("ended_date") >= judged_until)
    weight = _weight(measure)
    return _rows(began, "policy_number", pl.when(alive).then(weight), weight)


def _renewal(inputs: Inputs, measure: Measure, period: Period, _term_min: int) -> pl.DataFrame:
    """Over everything whose cover ends in the period, also where that day is yet to come: over what has ended so far, a
    running month would say how well the easy ones went."""
    ended = inputs.motor.filter(
        _C("expiry_date").is_between(period.first, period.last),
        ~_C("outcome").eq("scrapped").fill_null(False),
    )
    renewed = (_C("outcome") == "renewed") & (_C("ended_date") <= inputs.on)
    weight = _weight(measure)
    return _rows(ended, "policy_number", pl.when(renewed).then(weight), weight)


# --- campaign (S2-19, S2-20) ---------------------------------------------------------------------------------


def _utilisation(inputs: Inputs, _measure: Measure, period: Period, _term_min: int) -> pl.DataFrame:
    given = _given(inputs, period)
    return _rows(given, "customer_number", _C("used_date") <= min(period.last, inputs.on))


def _enrichment(inputs: Inputs, _measure: Measure, period: Period, _term_min: int) -> pl.DataFrame:
    given = _given(inputs, period)
    return _rows(given, "customer_number", _C("filled") - _C("filled_before"), _C("fields"))


def _given(inputs: Inputs, period: Period) -> pl.DataFrame:
    return inputs.resources.filter(_C("released_date") <= min(period.last, inputs.on))


def _ten_years(inputs: Inputs, _measure: Measure, period: Period, term_min: int) -> pl.DataFrame:
    new = inputs.new_policies.filter(_within("inception_date", period, inputs))
    return _rows(new, "policy_number", _C("payment_term_years") >= term_min)


# --- the book ------------------------------------------------------------------------------------------------


def _held_at_end(inputs: Inputs, period: Period) -> pl.DataFrame:
    day = min(period.last, inputs.on)
    return inputs.held.filter(_C("from_date") <= day, _C("until_date").is_null() | (_C("until_date") > day))


def _completeness(inputs: Inputs, _measure: Measure, period: Period, _term_min: int) -> pl.DataFrame:
    held = _last_of(_held_at_end(inputs, period), ["customer_number"], "from_date")
    return _rows(held, "customer_number", _C("filled"), _C("fields"))


def _load(inputs: Inputs, _measure: Measure, period: Period, _term_min: int) -> pl.DataFrame:
    held = _held_at_end(inputs, period)
    busy = inputs.people.join(held.select("person_id").unique(), on="person_id", how="semi")
    return pl.concat(
        [
            _rows(held, "customer_number", _C("pieces"), pl.lit(0)),
            _rows(busy, "staff_number", pl.lit(0)),
        ]
    )


NEEDS: Final[dict[str, tuple[str, ...]]] = {  # ground → the tables of Inputs that it reads
    "development": ("allocations", "new_policies"),
    "development_days": ("allocations", "new_policies"),
    "contact": ("held", "contacts"),
    "visit": ("held", "contacts"),
    "in_time": ("duties",),
    "complaint": ("held", "complaints"),
    "persistency": ("cohort",),
    "renewal": ("motor",),
    "utilisation": ("resources",),
    "enrichment": ("resources",),
    "ten_years": ("new_policies",),
    "completeness": ("held",),
    "load": ("held", "people"),
}
GROUNDS: Final[dict[str, Ground]] = {
    "development": _development,
    "development_days": _development_days,
    "contact": _reached(REACHED),
    "visit": _reached(("visit",)),
    "in_time": _in_time,
    "complaint": _complaint,
    "persistency": _persistency,
    "renewal": _renewal,
    "utilisation": _utilisation,
    "enrichment": _enrichment,
    "ten_years": _ten_years,
    "completeness": _completeness,
    "load": _load,
}
