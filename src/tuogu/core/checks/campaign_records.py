"""The records of an evaluation and its test, recomputed: used by the checkers of reclaim and redistribution.

In: a campaign book with the plan's table `records`. Out: results of each department, breaches. Never: an import from
`core.campaign`. Which records an earlier plan named cannot be seen here; that each lies where the ledger has it, and that
none is missing where no earlier plan was given, can.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from tuogu.core.checks.campaign_book import POOL_AREAS, Breach, CampaignBook
from tuogu.core.labels import CAMPAIGN_AREAS

_WHOLE = 10_000  # hundredths of a percent in a whole: a unit
_PREFIX = "department:"
_TAKEN = "taken"
_WORDS = {"met": "达标", "short": "未达标，未到回收线", "reclaim": "低于回收线，回收", "no_quota": "没有配额"}


@dataclass(frozen=True)
class Tested:
    """One department's test as this module finds it; `department` is the receiver's word."""

    department: str
    quota: int
    released: int
    completions: int
    verdict: str
    taken: int
    remaining: int
    draw: int

    @property
    def reclaims(self) -> bool:
        return self.verdict == "reclaim"


def period(case: CampaignBook) -> tuple[date, date]:
    """First and last day that count."""
    options = dict(case.plan.options)
    last = date.fromisoformat(options["until"]) if options["until"] else case.plan.as_of
    if options["first_release"]:
        return date.fromisoformat(options["first_release"]), last
    records = case.plan.tables["records"]
    known = case.held.join(records.filter(pl.col("where") != _TAKEN), on="number", how="semi")
    if not records["planned"].any():
        known = case.held.filter(_departments(case).is_not_null())
    return min(known["since"], default=last), last


def _departments(case: CampaignBook) -> pl.Expr:
    known = {r: case.department_of_receiver(r) for r in case.held["receiver"].unique()}
    return pl.col("receiver").replace_strict(known or {"": None}, default=None, return_dtype=pl.String)


def _sold_before(case: CampaignBook, first: date) -> pl.DataFrame:
    sold = case.mains.filter(pl.col("inception_date") < first)
    return sold.select(number="holder_number", receiver="agent_number").unique()


def _buyers(case: CampaignBook, first: date, last: date) -> list[str]:
    bought = case.mains.filter((pl.col("inception_date") >= first) & (pl.col("inception_date") <= last))
    return bought["person"].unique().sort().to_list()


def records_breaches(case: CampaignBook) -> Iterator[Breach]:
    """One department a record, the ledger's own; converted as the policies say."""
    records = case.plan.tables["records"]
    first, last = period(case)
    for number, times in records.group_by("number").agg(n=pl.len()).filter(pl.col("n") > 1).iter_rows():
        yield ("two_departments", "S2-09", number, str(times), "1", "同一客户计入多个部门")
    held = case.held.with_columns(holder=_departments(case)).rename({"receiver": "now"})
    seen = records.join(held, on="number", how="left")
    place = pl.lit(_PREFIX) + pl.col("holder")
    home, taken = place.eq_missing(pl.col("department")), pl.col("where") == _TAKEN
    astray = seen.filter(
        pl.col("now").ne_missing(pl.col("receiver")) | (pl.col("now").is_not_null() & ~taken & ~home)
    )
    for number, now, department in astray.select("number", "now", "department").iter_rows():
        yield ("holder", "S2-09", number, str(now), str(department), "名单所列部门不是现持有人所在部门")
    pooled = pl.col("now").str.starts_with(_PREFIX) | pl.col("now").is_in(list(POOL_AREAS))
    kept = seen.filter(taken & (pl.col("now").is_null() | home | pooled | ~pl.col("planned")))
    for number, now in kept.select("number", "now").iter_rows():
        yield ("taken", "S2-09", number, str(now), "其他分配的接收人", "仍在本活动手中的客户算作已被取走")
    sold = _sold_before(case, first)
    own = records.filter(~pl.col("planned")).join(sold, on=["number", "receiver"], how="semi")
    for number, receiver in own.select("number", "receiver").iter_rows():
        yield (
            "own_agent",
            "S2-03",
            number,
            str(receiver),
            "不计入配额",
            "原销售人员自己的客户计入了部门配额",
        )
    bought = case.person("number").is_in(_buyers(case, first, last))
    wrong = records.filter(bought != pl.col("converted"))
    for number, converted in wrong.select("number", "converted").iter_rows():
        yield ("converted", "S2-10", number, str(converted), str(not converted), "是否二次投保与账内保单不符")
    if not records["planned"].any():
        due = held.filter(pl.col("holder").is_not_null()).rename({"now": "receiver"})
        missing = due.join(sold, on=["number", "receiver"], how="anti").join(records, on="number", how="anti")
        for number, receiver in missing.select("number", "receiver").iter_rows():
            yield ("missing", "S2-10", number, str(receiver), "计入配额", "部门持有的客户没有计入")


def tested(case: CampaignBook) -> list[Tested]:
    """The test of every department, by its receiver word."""
    options, rulebook = dict(case.plan.options), case.rulebook
    stage = f"campaign.{options['stage']}"
    target, part, share = (rulebook[f"{stage}.{name}_bp"] for name in ("target", "threshold", "reclaim"))
    first, last = period(case)
    filed = case.filed("completions", first, last)
    records = case.plan.tables["records"]
    counted = records.group_by("department").agg(
        quota=pl.len(),
        out=pl.col("receiver").is_not_null().sum(),
        done=pl.col("converted").sum(),
        taken=((pl.col("where") == _TAKEN) & ~pl.col("converted")).sum(),
    )
    results = []
    for department, quota, out, done, taken in counted.sort("department").iter_rows():
        code = department.removeprefix(_PREFIX)
        completions = filed.get(code, -1) if options["completions"] == "facts" else done
        if completions * _WHOLE >= quota * target:
            verdict = "met"
        elif completions * _WHOLE**2 < quota * target * part:
            verdict = "reclaim"
        else:
            verdict = "short"
        left = max(0, quota - completions - taken)
        draw = _cut(left * share, rulebook["campaign.draw_rounding"]) if verdict == "reclaim" else 0
        results.append(Tested(department, quota, out, completions, verdict, taken, left, draw))
    return results


def _cut(scaled: int, how: str) -> int:
    """Ten-thousandths of records as whole records."""
    return {
        "half_up": (2 * scaled + _WHOLE) // (2 * _WHOLE),
        "down": scaled // _WHOLE,
        "up": -(-scaled // _WHOLE),
    }[how]


def tests_breaches(case: CampaignBook, results: list[Tested]) -> Iterator[Breach]:
    """The plan's evaluation says what the book says, of a period that may be judged."""
    first, last = period(case)
    options, days = dict(case.plan.options), (last - first).days + 1
    least = case.rulebook[f"campaign.{options['stage']}.days_min"]
    if days < least and options["early"] != "yes":
        yield ("too_early", "S2-10", options["stage"], str(days), str(least), "考核期不足而没有写明提前考核")
    said = {row["department"]: row for row in case.plan.tables["evaluation"].iter_rows(named=True)}
    for key in sorted(said.keys() ^ {r.department for r in results}):
        yield ("evaluation", "S2-10", key, str(key in said), str(key not in said), "考核表部门不全或多余")
    for r in results:
        row = said.get(r.department)
        if row is None:
            continue
        true = (r.quota, r.released, r.completions, _WORDS[r.verdict], r.taken, r.remaining, r.draw)
        names = ("quota", "released", "completions", "verdict", "taken", "remaining", "draw")
        shown = tuple(row[name] for name in names)
        if shown != true:
            yield ("evaluation", "S2-10", r.department, str(shown), str(true), "考核结果与重新计算不符")
        area = case.departments.get(r.department.removeprefix(_PREFIX))
        if row["area"] != CAMPAIGN_AREAS.get(area or "", "不明"):
            yield ("evaluation_area", "S2-04", r.department, row["area"], str(area), "部门区域不符")
