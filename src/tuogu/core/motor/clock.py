"""The clock of a motor policy: on which day each step is due, and what is to be done on a day (S3-08…S3-18).

In: CASES with `rulebook` (the version whose limits a case keeps, S3-07), what has fired, limits by version, holidays, a day.
Out: STEPS. Never: a step after the end of a case, a step twice, a message to who refuses them, a day moved later.

Days are counted back from the last day of cover; where that falls into a long holiday, from the last working day before
it, and a step that itself falls into one is done on the working day before (S3-18, A-49). A step that was missed is
caught up as long as it makes sense (`_LAST`); a courtesy message is not sent once the personal contact is due.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from tuogu.core.motor.holidays import chosen, earlier
from tuogu.core.motor.limits import Limits
from tuogu.core.motor.tables import CASES, FIRED, STEPS
from tuogu.core.tables import S, Schema, conform

CLOCKED: Schema = {**CASES, "rulebook": S}
BEFORE = {  # step → the limit that says how many days before the end of cover
    "sms": "sms_before_days",
    "own_contact": "own_contact_before_days",
    "call_all": "call_all_before_days",
    "urge": "urge_before_days",
    "final": "second_round_before_days",
}
ORDER = ("claim_late", *BEFORE, "to_leaders", "lapsed", "next_year")
BIG = (
    "important",
    "premium",
    "fleet",
)  # reasons for which the city company helps, not only the branch (S3-14)
_KEY = ("subject_id", "step", "round")


def step_days(cases: pl.DataFrame, limits: Mapping[str, Limits], holidays: pl.DataFrame) -> pl.DataFrame:
    """STEPS of every case, whatever has become of it: the calendar. The monthly rescue is given by its first round."""
    parts = [_calendar(part, limits[version], holidays) for version, part in _versions(cases)]
    return _sorted(pl.concat([pl.DataFrame(schema=STEPS), *parts]))


def due(
    cases: pl.DataFrame, fired: pl.DataFrame, limits: Mapping[str, Limits], holidays: pl.DataFrame, day: date
) -> pl.DataFrame:
    """STEPS that fall on the day, or fell before it and were missed; those in FIRED are left out.

    Of the monthly rounds of rescue only the newest is caught up.
    """
    conform(fired, FIRED)
    parts = [_due(part, limits[version], holidays, day) for version, part in _versions(cases)]
    found = pl.concat([pl.DataFrame(schema=STEPS), *parts])
    return _sorted(found.join(fired, on=_KEY, how="anti"))


def dated(cases: pl.DataFrame, limits: Limits, holidays: pl.DataFrame) -> pl.DataFrame:
    """The cases with a column `<step>_day` for each step that is counted back, and `anchor`."""
    early = chosen(holidays, limits.early_holidays)
    frame = cases.with_columns(anchor=earlier(cases["expiry_date"], early))
    return frame.with_columns(
        earlier(frame["anchor"].dt.offset_by(f"-{getattr(limits, name)}d"), early).alias(f"{step}_day")
        for step, name in BEFORE.items()
    )


def big(limits: Limits) -> pl.Expr:
    """Why the city company is asked for help: a reason of BIG, or null (S3-14). Limits that are not set say nothing."""
    premium, fleet = limits.important_premium_fen, limits.fleet_vehicles
    return (
        pl.when("important")
        .then(pl.lit("important"))
        .when(pl.lit(premium is not None) & (pl.col("premium_fen") >= (premium or 0)))
        .then(pl.lit("premium"))
        .when(pl.lit(fleet is not None) & (pl.col("fleet_vehicles") >= (fleet or 0)))
        .then(pl.lit("fleet"))
    )


def _due(cases: pl.DataFrame, limits: Limits, holidays: pl.DataFrame, day: date) -> pl.DataFrame:
    running = dated(cases.filter(~pl.col("ended") & (pl.col("expiry_date") >= day)), limits, holidays)
    parts = [
        _taken(running, step, pl.col(f"{step}_day"), (pl.col(f"{step}_day") <= day) & _wanted(step, day))
        for step in BEFORE
    ]
    parts.append(_late_claims(running, day))
    parts.append(_leaders(running, limits, day))
    parts.append(_lapsed(cases, limits, day))
    return pl.concat(parts)


def _wanted(step: str, day: date) -> pl.Expr:
    if step == "sms":  # S3-09: none to who refuses; no longer of use once the person is to call
        return ~pl.col("opted_out") & (pl.col("own_contact_day") > day)
    return pl.lit(True)


def _late_claims(running: pl.DataFrame, day: date) -> pl.DataFrame:
    """Not claimed by the last day of the claim period (S3-04)."""
    late = (pl.col("claim_due_date") < day) & ~pl.col("named")
    return _taken(running, "claim_late", pl.col("claim_due_date").dt.offset_by("1d"), late.fill_null(False))


def _leaders(running: pl.DataFrame, limits: Limits, day: date) -> pl.DataFrame:
    """To the leaders (S3-14): at once when the customer will not renew; big ones when the person is urged."""
    wont = (pl.col("intention") == "wont").fill_null(False)
    because, urged = big(limits), pl.col("urge_day") <= day
    when = pl.when(urged & because.is_not_null()).then("urge_day").otherwise(pl.lit(day))
    return _taken(
        running,
        "to_leaders",
        when,
        wont | (because.is_not_null() & urged),
        pl.coalesce(because, pl.lit("wont")),
    )


def _lapsed(cases: pl.DataFrame, limits: Limits, day: date) -> pl.DataFrame:
    """Cover is over and nobody insured the car with us: rescue every month (S3-17), next year's contact once (S3-21)."""
    over = cases.filter(
        (pl.col("expiry_date") < day)
        & (~pl.col("ended") | (pl.col("outcome") == "elsewhere").fill_null(False))
    ).with_columns(first=pl.col("expiry_date").dt.offset_by("1d"))
    every = limits.lapsed_list_every_months
    months = (pl.lit(day).dt.year() - pl.col("first").dt.year()).cast(pl.Int64) * 12 + (
        pl.lit(day).dt.month().cast(pl.Int64) - pl.col("first").dt.month().cast(pl.Int64)
    )
    begun = over.with_columns(turn=months // every).with_columns(turn_day=_turn_day(every))
    newest = begun.with_columns(turn=pl.col("turn") - (pl.col("turn_day") > day).cast(pl.Int64)).with_columns(
        turn_day=_turn_day(every)
    )
    untrue = pl.when(pl.col("data_true").not_()).then(pl.lit("untrue")).otherwise(pl.lit(""))
    return pl.concat([
        _taken(newest, "lapsed", pl.col("turn_day"), ~pl.col("ended"), turn=pl.col("turn") + 1),
        _taken(over, "next_year", pl.col("first"), pl.lit(True), untrue),
    ])  # fmt: skip


def _turn_day(every: int) -> pl.Expr:
    return pl.col("first").dt.offset_by(pl.format("{}mo", pl.col("turn") * every))


def _calendar(cases: pl.DataFrame, limits: Limits, holidays: pl.DataFrame) -> pl.DataFrame:
    frame = dated(cases, limits, holidays)
    after = pl.col("expiry_date").dt.offset_by("1d")
    days = {
        "claim_late": pl.col("claim_due_date").dt.offset_by("1d"),
        **{step: pl.col(f"{step}_day") for step in BEFORE},
        "lapsed": after,
        "next_year": after,
    }
    parts = [_taken(frame, step, when, when.is_not_null()) for step, when in days.items()]
    because = big(limits)
    parts.append(_taken(frame, "to_leaders", pl.col("urge_day"), because.is_not_null(), because))
    return pl.concat(parts)


def _taken(
    frame: pl.DataFrame, step: str, when: pl.Expr, condition: pl.Expr, reason: pl.Expr | None = None,
    turn: pl.Expr | None = None,
) -> pl.DataFrame:  # fmt: skip
    return frame.filter(condition).select(
        "subject_id",
        step=pl.lit(step),
        round=(pl.lit(1) if turn is None else turn).cast(pl.Int64),
        due_date=when.cast(pl.Date),
        reason=pl.lit("") if reason is None else reason,
    )


def _versions(cases: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    whole = conform(cases, CLOCKED)
    return [(str(key[0]), part) for key, part in whole.partition_by("rulebook", as_dict=True).items()]


def _sorted(found: pl.DataFrame) -> pl.DataFrame:
    place = {step: i for i, step in enumerate(ORDER)}
    return found.sort(
        "subject_id", pl.col("step").replace_strict(place, return_dtype=pl.Int64), "round"
    ).select(*STEPS)


def contact_due(cases: pl.DataFrame, limits: Mapping[str, Limits], holidays: pl.DataFrame) -> pl.DataFrame:
    """subject_id, contact_date: until when the responsible person has talked to the customer (S3-10)."""
    parts = [pl.DataFrame(schema={"subject_id": pl.Int64, "contact_date": pl.Date})]
    for version, part in _versions(cases):
        one = limits[version]
        early = chosen(holidays, one.early_holidays)
        anchor = earlier(part["expiry_date"], early)
        last = earlier(anchor.dt.offset_by(f"-{one.own_contact_due_before_days}d"), early)
        parts.append(part.select("subject_id").with_columns(last.alias("contact_date")))
    return pl.concat(parts)
