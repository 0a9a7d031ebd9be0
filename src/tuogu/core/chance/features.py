"""What was known on the day of each row, from dated history only (P-07).

In: tables of history; for each row the day before which something must have been recorded to be known. Out: rows of a
target, with what became of them where that is settled. Never: an event of that day or later among the features; a field
as it is now where it was corrected since; a row at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import polars as pl

from tuogu.core.chance import tables as t
from tuogu.core.chance.limits import ChanceLimits
from tuogu.core.tables import conform, empty

_C = pl.col
_WHOLE_BP = 10_000  # all fields filled
_YEAR_DAYS = 365  # a year of cover: ages in years are classes, a leap day moves none
_ROW = ("key", "day")


@dataclass(frozen=True, kw_only=True)
class History:
    """Everything that either target reads."""

    listed: pl.DataFrame = field(default_factory=lambda: empty(t.LISTED))
    motor: pl.DataFrame = field(default_factory=lambda: empty(t.MOTOR_THEN))
    changes: pl.DataFrame = field(default_factory=lambda: empty(t.CHANGES))
    ends: pl.DataFrame = field(default_factory=lambda: empty(t.ENDS))
    truths: pl.DataFrame = field(default_factory=lambda: empty(t.TRUTHS))
    heard: pl.DataFrame = field(default_factory=lambda: empty(t.HEARD))
    bought: pl.DataFrame = field(default_factory=lambda: empty(t.POLICIES_BOUGHT))
    released: pl.DataFrame = field(default_factory=lambda: empty(t.RELEASED))


def renewal_rows(history: History, on: date, limits: ChanceLimits) -> pl.DataFrame:
    """Rows of RENEWAL: every listed motor policy; scrapped ones are left out, nobody could renew them, and those that are
    renewed as somebody says: nobody knows yet."""
    listed = conform(history.listed, t.LISTED).select(
        "subject_id", "band", "expiry_date", key=_C("subject_id").cast(pl.String), day="listed_date",
        customer="holder_number", branch="institution_code",
    )  # fmt: skip
    motor = conform(history.motor, t.MOTOR_THEN)
    own = motor.select(
        "subject_id", "premium_fen", "channel", "fleet_number", "important", "previous_number", "start_date"
    )
    rows = _as_then(listed.join(own, on="subject_id"), history.changes)
    rows = _chained(rows, motor, limits.chain_max)
    vehicles = motor.select("subject_id", customer="holder_number", began="start_date")
    others = rows.select(*_ROW, "customer", own="subject_id").join(vehicles, on="customer")
    others = others.filter((_C("subject_id") != _C("own")) & (_C("began") < _C("day")))
    rows = _counted(rows, others, "vehicles")
    rows = _counted(rows, _bought_before(rows, history.bought), "policies")
    rows = _counted(rows, _heard_before(rows, history.heard, limits.look_back_days), "contacts")
    rows = _judged(rows, history.truths)
    rows = rows.join(history.ends.select(*t.ENDS), on="subject_id", how="left", maintain_order="left")
    settled = _C("expiry_date") + pl.duration(days=limits.settle_days)
    renewed = (_C("outcome") == "renewed") & (_C("ended_date") <= settled)
    counts = (settled < pl.lit(on)) & ~_C("outcome").fill_null("").is_in(["scrapped", "said"])
    rows = rows.with_columns(
        fleet=_word(_C("fleet_number").fill_null("") != ""), important=_word(_C("important")),
        channel=_C("channel").fill_null(""), years=(_C("day") - _C("began")).dt.total_days() // _YEAR_DAYS,
        settled_date=settled, label=pl.when(counts).then(renewed.fill_null(value=False)),
    )  # fmt: skip
    return conform(rows.select(*t.RENEWAL.schema), t.RENEWAL.schema).sort("key")


def repurchase_rows(history: History, on: date, limits: ChanceLimits) -> pl.DataFrame:
    """Rows of REPURCHASE: every customer that a campaign gave to a department, on the day of the release."""
    released = conform(history.released, t.RELEASED)
    rows = released.select(
        "filled_before", "fields", customer="customer_number", day="released_date", department="department_code",
        key=pl.concat_str("customer_number", _C("released_date").dt.to_string("%Y-%m-%d"), separator="@"),
    ).unique(["key"], keep="first", maintain_order=True)  # fmt: skip
    before = _bought_before(rows, history.bought)
    told = before.group_by(*_ROW).agg(
        policies=pl.len().cast(pl.Int64), first=_C("inception_date").min(), last=_C("inception_date").max(),
        lapsed=(_C("lapse_date") < _C("day")).fill_null(value=False).sum().cast(pl.Int64),
    )  # fmt: skip
    rows = rows.join(told, on=_ROW, how="left", maintain_order="left")
    rows = _counted(rows, _heard_before(rows, history.heard, limits.look_back_days), "contacts")
    motor = history.motor.select(customer="holder_number", began="start_date")
    owns = rows.select(*_ROW, "customer").join(motor, on="customer").filter(_C("began") < _C("day"))
    rows = _counted(rows, owns, "vehicles")
    until = _C("day") + pl.duration(days=limits.repurchase_days)
    later = rows.select(*_ROW, "customer").join(_policies(history.bought), on="customer")
    again = _counted(
        rows, later.filter((_C("inception_date") >= _C("day")) & (_C("inception_date") < until)), "again"
    )
    rows = again.with_columns(
        _C("policies", "lapsed").fill_null(0),
        filled_bp=pl.when(_C("fields") > 0).then(_C("filled_before") * _WHOLE_BP // _C("fields")),
        years_first=(_C("day") - _C("first")).dt.total_days() // _YEAR_DAYS,
        years_last=(_C("day") - _C("last")).dt.total_days() // _YEAR_DAYS,
        motor=_word(_C("vehicles") > 0), settled_date=until,
        label=pl.when(until < pl.lit(on)).then(_C("again") > 0),
    )  # fmt: skip
    return conform(rows.select(*t.REPURCHASE.schema), t.REPURCHASE.schema).sort("key")


def _as_then(rows: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Fields of a policy as they were before the day: the first correction since says what it took the place of."""
    since = rows.select("subject_id", "key", "day").join(conform(changes, t.CHANGES), on="subject_id")
    since = since.filter(_C("changed_date") >= _C("day")).sort("changed_date", maintain_order=True)
    for name in ("premium_fen", "channel", "fleet_number", "important", "previous_number", "start_date"):
        first = since.filter(_C("field") == name).unique(["key"], keep="first", maintain_order=True)
        before = _C("before")
        kind = rows.schema[name]
        was = before == "true" if kind == pl.Boolean else before.replace("", None).cast(kind, strict=False)
        told = first.select("key", was=was, corrected=pl.lit(value=True))
        rows = rows.join(told, on="key", how="left", maintain_order="left")
        rows = rows.with_columns(
            pl.when(_C("corrected").fill_null(value=False)).then(_C("was")).otherwise(_C(name)).alias(name)
        ).drop("was", "corrected")
    return rows


def _chained(rows: pl.DataFrame, motor: pl.DataFrame, longest: int) -> pl.DataFrame:
    """`renewals`: how many policies this one has followed; `began`: the first day of the oldest."""
    links = motor.select(at="policy_number", before="previous_number", since="start_date")
    links = links.unique("at", keep="first", maintain_order=True)
    rows = rows.with_columns(renewals=pl.lit(0, pl.Int64), began=_C("start_date"), link=_C("previous_number"))
    for _turn in range(longest):
        rows = rows.join(links, left_on="link", right_on="at", how="left", maintain_order="left")
        known = _C("since").is_not_null() & (_C("since") < _C("began"))
        rows = rows.with_columns(
            renewals=_C("renewals") + known.cast(pl.Int64),
            began=pl.when(known).then(_C("since")).otherwise(_C("began")),
            link=pl.when(known).then(_C("before")),
        ).drop("before", "since")
    return rows


def _policies(bought: pl.DataFrame) -> pl.DataFrame:
    return conform(bought, t.POLICIES_BOUGHT).rename({"customer_number": "customer"})


def _bought_before(rows: pl.DataFrame, bought: pl.DataFrame) -> pl.DataFrame:
    found = rows.select(*_ROW, "customer").join(_policies(bought), on="customer")
    return found.filter(_C("inception_date") < _C("day"))


def _heard_before(rows: pl.DataFrame, heard: pl.DataFrame, days: int) -> pl.DataFrame:
    told = conform(heard, t.HEARD).rename({"customer_number": "customer"})
    found = rows.select(*_ROW, "customer").join(told, on="customer")
    stood = _C("corrected_date").is_null() | (_C("corrected_date") >= _C("day"))
    return found.filter(
        (_C("happened_date") < _C("day"))
        & (_C("recorded_date") < _C("day"))
        & (_C("happened_date") >= _C("day") - pl.duration(days=days))
        & stood
    )


def _judged(rows: pl.DataFrame, truths: pl.DataFrame) -> pl.DataFrame:
    """`data_true` as the last mark before the day says."""
    marks = conform(truths, t.TRUTHS).rename({"customer_number": "customer"})
    before = rows.select(*_ROW, "customer").join(marks, on="customer", maintain_order="left_right")
    before = before.filter(_C("marked_date") < _C("day")).sort("marked_date", maintain_order=True)
    last = before.unique(["key"], keep="last", maintain_order=True)
    told = last.select("key", data_true=_word(_C("true")))
    return rows.join(told, on="key", how="left", maintain_order="left").with_columns(
        _C("data_true").fill_null(t.UNKNOWN)
    )


def _counted(rows: pl.DataFrame, found: pl.DataFrame, name: str) -> pl.DataFrame:
    numbers = found.group_by(*_ROW).agg(pl.len().cast(pl.Int64).alias(name))
    return rows.join(numbers, on=_ROW, how="left", maintain_order="left").with_columns(_C(name).fill_null(0))


def _word(true: pl.Expr) -> pl.Expr:
    return pl.when(true).then(pl.lit(t.YES)).otherwise(pl.lit(t.NO))
