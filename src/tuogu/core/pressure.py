"""May this customer be contacted now? One answer across service, campaign and renewal (N-17, A-37, L-03).

In: ASKED contacts, CONTACTS made, STATEMENTS of consent and refusal, COMPLAINTS, the rulebook. Out: VERDICTS, one row
an ask, in the order asked. Never: a duty of service refused (quiet hours only advise), a refusal without its rule and
until when, a statement that was made later than the moment asked for.

Marketing stops at: a refusal of the purpose on that channel (the latest word counts; "any" is every channel), an open
complaint and the days after it, the cap of the week or month over all marketing purposes together, the quiet hours.
`until_at` is the first moment at which none of them stands any more; null = until the customer or the complaint's
settlement changes it.

Moments are local times of China without a zone (the caller converts). Asks do not count against each other: whoever plans
several gives the ones decided before among `contacts`.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import B, I, S, Schema, conform, empty

MOMENT = pl.Datetime("us")
ASKED: Schema = {"ask": I, "customer_number": S, "purpose": S, "channel": S, "at": MOMENT}
CONTACTS: Schema = {"customer_number": S, "purpose": S, "channel": S, "at": MOMENT}
STATEMENTS: Schema = {  # every word a customer said, old ones too
    "customer_number": S,
    "purpose": S,  # marketing | event | survey
    "channel": S,  # of this channel, or 'any'
    "said": S,  # given | refused | withdrawn
    "said_at": MOMENT,
}
COMPLAINTS: Schema = {"customer_number": S, "opened_at": MOMENT, "settled_at": MOMENT}
VERDICTS: Schema = {
    "ask": I,
    "allowed": B,
    "rule": S,  # the first of RULES that forbids it; null = allowed
    "rules": S,  # all that forbid it, joined by ','
    "until_at": MOMENT,  # first moment at which it is allowed; null = allowed, or no end known
    "advice": S,  # Chinese; a duty in quiet hours
    "detail": S,  # Chinese: why not, and until when; null = allowed
}
RULES = {
    "refused": "客户已拒绝这种方式的营销联系",
    "complaint": "客户有投诉未办结，或办结不久",
    "month": "一个月内营销联系已到上限",
    "week": "一周内营销联系已到上限",
    "quiet": "现在是免打扰时段",
}
# whose refusal stops a purpose besides its own: an invitation, a campaign and a renewal offer are marketing
ADVICE = {"quiet": "免打扰时段，请尽量改在白天"}
_COVERED_BY = {"event": ("event", "marketing"), "campaign": ("marketing",), "renewal": ("marketing",)}


class PressureError(ValueError):
    """A purpose that the rulebook knows neither as a duty nor as marketing; the message (Chinese) names it."""


def verdicts(
    asked: pl.DataFrame,
    contacts: pl.DataFrame,
    consents: pl.DataFrame,
    rulebook: Rulebook,
    complaints: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """VERDICTS of `asked`, in its order. PressureError for a purpose that the rulebook does not know."""
    asks = conform(asked, ASKED).with_row_index("row")
    duties, marketing = rulebook["pressure.duties"], rulebook["pressure.marketing"]
    unknown = sorted(set(asks["purpose"].unique()) - {*duties, *marketing})
    if unknown:
        raise PressureError(f"不认识联系目的 {'、'.join(map(str, unknown))}")
    asks = asks.with_columns(
        marketing=pl.col("purpose").is_in(marketing), duty=pl.col("purpose").is_in(duties)
    )
    asks = asks.with_columns(marketing=pl.col("marketing") & ~pl.col("duty"))
    found = _quiet(asks, rulebook)
    found = _refused(found, conform(consents, STATEMENTS))
    found = _complained(
        found, conform(empty(COMPLAINTS) if complaints is None else complaints, COMPLAINTS), rulebook
    )
    made = conform(contacts, CONTACTS).filter(
        pl.col("purpose").is_in([each for each in marketing if each not in duties])
        & pl.col("channel").is_in(rulebook["pressure.counted_channels"])
    )
    for window in ("week", "month"):
        found = _capped(found, made, window, rulebook)
    return _told(found.sort("row"), rulebook)


def _quiet(asks: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """`quiet` and `quiet_until`: hours in which this channel disturbs."""
    disturbs = pl.col("channel").is_in(rulebook["pressure.quiet_channels"])
    return asks.with_columns(
        quiet=disturbs & _is_quiet(pl.col("at"), rulebook),
        quiet_until=pl.when(disturbs).then(_out_of_quiet(pl.col("at"), rulebook)),
    )


def _is_quiet(at: pl.Expr, rulebook: Rulebook) -> pl.Expr:
    first, last = rulebook["pressure.open_hours"]
    return (at.dt.hour() < int(first)) | (at.dt.hour() >= int(last))


def _out_of_quiet(at: pl.Expr, rulebook: Rulebook) -> pl.Expr:
    """The moment itself, or the first one after it at which contacts are open again."""
    first, last = rulebook["pressure.open_hours"]
    opening = at.dt.truncate("1d") + pl.duration(hours=first)
    return (
        pl.when(at.dt.hour() < first)
        .then(opening)
        .when(at.dt.hour() >= last)
        .then(opening.dt.offset_by("1d"))
        .otherwise(at)
    )


def _refused(asks: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """`refused`: the latest word by then about one of the purposes that cover it, on this channel or any, is no."""
    purposes = asks["purpose"].unique().to_list()
    covers = pl.DataFrame(
        [(purpose, cover) for purpose in purposes for cover in _COVERED_BY.get(purpose, (purpose,))],
        schema={"purpose": S, "cover": S},
        orient="row",
    )
    words = (
        asks.filter("marketing")
        .select("row", "customer_number", "purpose", "channel", "at")
        .join(covers, on="purpose")
        .join(
            said.rename({"purpose": "cover", "channel": "said_channel"}).with_row_index("said_row"),
            on=["customer_number", "cover"],
        )
        .filter(
            (pl.col("said_at") <= pl.col("at"))
            & ((pl.col("said_channel") == pl.col("channel")) | (pl.col("said_channel") == "any"))
        )
        .sort("said_at", "said_row")
    )
    latest = words.group_by("row", "cover").agg(pl.col("said").last())
    no = latest.filter(pl.col("said") != "given").select("row").unique().with_columns(refused=pl.lit(True))
    return asks.join(no, on="row", how="left").with_columns(pl.col("refused").fill_null(False))


def _complained(asks: pl.DataFrame, complaints: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """`complaint`, `complaint_until`: a complaint open by then, or settled so short a time ago."""
    calm = pl.duration(days=int(rulebook["pressure.complaint_days"]))
    open_by = (
        asks.filter("marketing")
        .join(complaints, on="customer_number")
        .filter(pl.col("opened_at") <= pl.col("at"))
        .with_columns(end=pl.when(pl.col("settled_at") <= pl.col("at")).then(pl.col("settled_at") + calm))
        .filter(pl.col("end").is_null() | (pl.col("end") > pl.col("at")))
    )
    last = open_by.group_by("row").agg(
        complaint=pl.lit(True),
        complaint_until=pl.when(pl.col("end").null_count() == 0).then(pl.col("end").max()),
    )
    return asks.join(last, on="row", how="left").with_columns(pl.col("complaint").fill_null(False))


def _capped(asks: pl.DataFrame, made: pl.DataFrame, window: str, rulebook: Rulebook) -> pl.DataFrame:
    """`week`/`month` and its `_until`: as many contacts in the running window as are allowed.

    The window is open until the contact that fills it is as old as the window is long.
    """
    days = pl.duration(days=int(rulebook[f"pressure.{window}_days"]))
    most = int(rulebook[f"pressure.{window}_max"])
    counted = pl.col("channel").is_in(rulebook["pressure.counted_channels"])
    within = (
        asks.filter(pl.col("marketing") & counted)
        .select("row", "customer_number", "at")
        .join(made.select("customer_number", made_at="at"), on="customer_number")
        .filter((pl.col("made_at") <= pl.col("at")) & (pl.col("made_at") + days > pl.col("at")))
    )
    newest = within.group_by("row").agg(
        made=pl.len(), filling=pl.col("made_at").sort(descending=True).get(max(most - 1, 0), null_on_oob=True)
    )
    full = asks.join(newest, on="row", how="left").with_columns(
        pl.col("made").fill_null(0).ge(most).alias(window)
    )
    closed = pl.col("marketing") & counted & pl.col(window)
    until = pl.when(closed).then(pl.col("filling") + days).alias(f"{window}_until")
    return full.with_columns(closed.alias(window), until).drop("made", "filling")


def _told(found: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    forbids = {name: pl.col("marketing") & pl.col(name) for name in RULES}
    rules = pl.concat_str(
        (pl.when(forbidden).then(pl.lit(name)) for name, forbidden in forbids.items()),
        separator=",",
        ignore_nulls=True,
    )
    endless = forbids["refused"] | (forbids["complaint"] & pl.col("complaint_until").is_null())
    endless = endless | (forbids["week"] & pl.col("week_until").is_null())
    endless = endless | (forbids["month"] & pl.col("month_until").is_null())
    latest = pl.max_horizontal(
        pl.when(forbids[name]).then(pl.col(f"{name}_until")) for name in RULES if name != "refused"
    )
    frame = found.with_columns(rules=rules, until_at=pl.when(~endless).then(latest)).with_columns(
        rule=pl.when(pl.col("rules") != "").then(pl.col("rules").str.split(",").list.first()),
        until_at=pl.when(pl.col("channel").is_in(rulebook["pressure.quiet_channels"]))
        .then(_out_of_quiet(pl.col("until_at"), rulebook))
        .otherwise("until_at"),
    )
    words = pl.col("rule").replace_strict(RULES, default=None, return_dtype=S)
    until = pl.when(pl.col("until_at").is_not_null()).then(
        pl.format("；{}起可以联系", pl.col("until_at").dt.to_string("%Y-%m-%d %H:%M"))
    )
    advice = pl.when(pl.col("duty") & pl.col("quiet")).then(pl.lit(ADVICE["quiet"]))
    out = frame.select(
        "ask",
        "rule",
        "rules",
        "until_at",
        allowed=pl.col("rule").is_null(),
        advice=advice,
        detail=pl.when(pl.col("rule").is_not_null()).then(words + until.fill_null("；服务照常")),
    )
    return conform(out, VERDICTS)
