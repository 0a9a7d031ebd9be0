"""Who may receive orphan policies, and why not (S4-07).

In: a book, the rulebook, the as-of date. Out: one row a person in post of the receiving series. Never: a missing recruit
count read as zero or as enough, a condition without its figure in the reason.

The window is the whole months before the as-of date's month (`match.months`); a valid complaint of the running month counts
as well while `match.running_month_complaints` holds. Who appears in no complaint register has none.

A-38: by default what is held after receiving must not exceed the cap; as printed, who does not exceed it before may receive
one more customer.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.facts import month_before
from tuogu.core.match.subjects import entrusted
from tuogu.core.rulebook import Rulebook
from tuogu.core.strategies import StrategyError
from tuogu.core.tables import Book

OK, NO_RECRUIT, COMPLAINT, FULL, UNKNOWN = "ok", "no_recruit", "complaint", "full", "no_fact"


def window(as_of: date, months: int) -> tuple[date, date]:
    """First days of the first and last of the `months` whole months before `as_of`'s month."""
    last = first = month_before(as_of)
    for _ in range(months - 1):
        first = month_before(first)
    return first, last


def window_words(as_of: date, rulebook: Rulebook) -> str:
    """'2025年9月至11月'."""
    first, last = window(as_of, rulebook["match.months"])
    end = f"{last.month}月" if last.year == first.year else f"{last.year}年{last.month}月"
    return f"{first.year}年{first.month}月" + (f"至{end}" if first != last else "")


def in_post(book: Book, as_of: date, series: list[str]) -> pl.DataFrame:
    """PEOPLE in post of these series, by staff number."""
    people = book.books.people
    serves = pl.col("left_date").is_null() | (pl.col("left_date") > as_of)
    return people.filter(serves & pl.col("series").is_in(series)).sort("staff_number")


def held_orphans(book: Book, as_of: date) -> pl.DataFrame:
    """staff_number, held: live orphan policies in each person's custody."""
    orphans = book.classified.filter(pl.col("orphan") & (pl.col("route").fill_null("") != "closed"))
    held = entrusted(book, as_of).join(orphans, on="policy_number", how="semi")
    return held.group_by("staff_number").agg(held=pl.len().cast(pl.Int64))


def marketing_agents(book: Book, rulebook: Rulebook, as_of: date) -> pl.DataFrame:
    """staff_number, team_code, hired_date, productivity_fen, recruits, complaints, held, room, verdict, reason.

    Raises StrategyError when no recruit count of the window is known of anybody.
    """
    people = in_post(book, as_of, rulebook["match.series"])
    frame = (
        people.select("staff_number", "team_code", "hired_date")
        .join(_recruits(book, rulebook, as_of), on="staff_number", how="left")
        .join(_complaints(book, rulebook, as_of), on="staff_number", how="left")
        .join(held_orphans(book, as_of), on="staff_number", how="left")
        .join(_productivity(book, as_of), on="staff_number", how="left")
        .with_columns(
            pl.col("recruit_months").fill_null(0),
            pl.col("complaints").fill_null(0),
            pl.col("held").fill_null(0),
        )
    )
    if len(frame) and not frame["recruits"].count():
        raise StrategyError(
            f"没有{window_words(as_of, rulebook)}的有效增员人数，无法判断接收条件；"
            "请在人员业绩中补充有效增员人数"
        )
    return _judged(frame, rulebook, as_of).sort("staff_number")


def _judged(frame: pl.DataFrame, rulebook: Rulebook, as_of: date) -> pl.DataFrame:
    cap, needed = rulebook["holding.marketing_orphans_max"], rulebook["match.recruits_min"]
    allowed, months = rulebook["match.complaints_max"], rulebook["match.months"]
    words = window_words(as_of, rulebook)
    most = cap if rulebook["match.cap_counts"] == "after" else cap + 1
    room = (most - pl.col("held")).clip(lower_bound=0)
    enough = (pl.col("recruits") >= needed).fill_null(False)
    unknown = ~enough & (
        pl.col("recruit_months") < months
    )  # the months that are missing could hold the recruit
    faults = {
        UNKNOWN: (
            unknown,
            pl.format(f"{words}的有效增员数据不全（{{}}个月有数据，须{months}个月）", "recruit_months"),
        ),
        NO_RECRUIT: (~enough & ~unknown, pl.format(f"{words}有效增员{{}}人，须{needed}人以上", "recruits")),
        COMPLAINT: (
            pl.col("complaints") > allowed,
            pl.format(f"最近{months}个月有客户有效投诉{{}}件", "complaints"),
        ),
        FULL: (room < 1, pl.format(f"名下孤儿保单{{}}件，上限{cap}件", "held")),
    }
    verdict = pl.coalesce(
        *(pl.when(test).then(pl.lit(code)) for code, (test, _) in faults.items()), pl.lit(OK)
    )
    fault = pl.concat_str(
        [pl.when(test).then(said) for test, said in faults.values()], separator="；", ignore_nulls=True
    )
    fine = pl.format("增员{}人，投诉{}件，持有{}件，可再接收{}件", "recruits", "complaints", "held", room)
    return frame.with_columns(room=room, verdict=verdict).with_columns(
        reason=pl.when(pl.col("verdict") == OK).then(fine).otherwise(fault)
    )


def _recruits(book: Book, rulebook: Rulebook, as_of: date) -> pl.DataFrame:
    """staff_number, recruits, recruit_months (how many months of the window are known)."""
    rows = _latest(book.facts, "effective_recruits", *window(as_of, rulebook["match.months"]))
    return rows.group_by(staff_number="subject").agg(
        recruits=pl.col("value").sum(), recruit_months=pl.len().cast(pl.Int64)
    )


def _complaints(book: Book, rulebook: Rulebook, as_of: date) -> pl.DataFrame:
    """staff_number, complaints."""
    first, last = window(as_of, rulebook["match.months"])
    if rulebook["match.running_month_complaints"]:
        last = as_of.replace(day=1)
    rows = _latest(book.facts, "valid_complaints", first, last)
    return rows.group_by(staff_number="subject").agg(complaints=pl.col("value").sum())


def _productivity(book: Book, as_of: date) -> pl.DataFrame:
    """staff_number, productivity_fen of the month before (S4-13)."""
    month = month_before(as_of)
    rows = _latest(book.facts, "productivity", month, month)
    return rows.select(staff_number="subject", productivity_fen="value")


def _latest(facts: pl.DataFrame, key: str, first: date, last: date) -> pl.DataFrame:
    """The last row of each subject and month with a number, over the months `first`..`last`."""
    rows = facts.filter((pl.col("key") == key) & pl.col("month").is_between(first, last))
    return rows.unique(["subject", "month"], keep="last", maintain_order=True).filter(
        pl.col("value").is_not_null()
    )
