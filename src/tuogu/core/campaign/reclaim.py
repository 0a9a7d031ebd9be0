"""The lot: departments below the reclaim line give back a part of what they have left, drawn in the open (S2-09…S2-11).

In: a book with holdings, the stage, the draws (or a revealed seed), `earlier` = the campaign plan. Out: placements of the
drawn customers into their region's pool, the evaluation, the order of every list; without a draw the lists alone, to be
announced before one is held (N-05). Never: a record drawn that has bought
again, an order that somebody could have chosen (core.draw), a customer lost: whoever is not drawn stays where he is, listed.

Certificate: metric 'lot'; objective = records drawn, lower bound = the records that the rule demands. They coincide.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tuogu.core.campaign.evaluation import RECLAIM, VERDICTS, Result, Stage, evaluate, evaluation, facts
from tuogu.core.campaign.lot import Lot, lot_of
from tuogu.core.campaign.regions import DEPARTMENT, POOLS
from tuogu.core.campaign.sheets import DRAWS, LOTS
from tuogu.core.campaign.standing import Standing, records, standing
from tuogu.core.proposal import Proposal, Request
from tuogu.core.strategies import StrategyError
from tuogu.core.tables import PLACEMENTS, UNPLACED, Certificate, conform

ALL, UNRELEASED, RELEASED = "全部", "未下发", "已下发"


def propose(request: Request) -> Proposal:
    """Evaluate the stage and draw."""
    request.told("evaluate", 0.0)
    stand, stage = standing(request), Stage.of(request.options["stage"], request.rulebook)
    results = evaluate(request, stand, stage)
    _areas_known(results)
    request.told("draw", 0.4)
    lot = lot_of(request)
    draws, lots = _draw(request, stand, results, lot)
    request.told("tables", 0.8)
    drawn = lots.filter("drawn").join(stand.records.select("number", "area"), on="number")
    return Proposal(
        placements=_placements(drawn),
        unplaced=_unplaced(stand, results, drawn, lot.pending),
        certificate=_certificate(request, stand, results, len(drawn), lot.pending),
        tables={
            "evaluation": evaluation(results, stage),
            "draws": draws,
            "lots": lots,
            "records": records(stand),
            "duplicates": stand.duplicates,
        },
    )


def _areas_known(results: list[Result]) -> None:
    nowhere = [r.department for r in results if r.draw and r.area not in POOLS]
    if nowhere:
        raise StrategyError(f"部门 {'、'.join(nowhere)} 属市区还是县区无从判断，不知回收到哪个池")


def _draw(
    request: Request, stand: Standing, results: list[Result], lot: Lot
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The frames of DRAWS and LOTS."""
    reclaiming = [r.department for r in results if r.verdict == RECLAIM]
    lists = {code: dict(_lists(stand, code, request.options["first"])) for code in reclaiming}
    lot.require(_named(request, lists))
    draws, lots = [], [pl.DataFrame(schema=LOTS.schema)]
    for result in results:
        if result.verdict != RECLAIM:
            continue
        due, department = result.draw, f"{DEPARTMENT}{result.department}"
        for part, listed in lists[result.department].items():
            drawing, (draw_id, digest) = lot.ordered(listed), lot.binding(listed)
            taken = min(due, len(drawing))
            due -= taken
            draws.append((department, part, draw_id, len(drawing), taken, digest))
            place = pl.int_range(1, pl.len() + 1).cast(pl.Int64)
            ranked = drawing.with_columns(
                department=pl.lit(department),
                part=pl.lit(part),
                position=pl.lit(None, pl.Int64) if lot.pending else place,
                drawn=pl.lit(False) if lot.pending else place <= taken,
            )
            lots.append(ranked.select(*LOTS.schema))
        if due:  # only where reported completions exceed what the book shows are fewer open than remaining
            raise StrategyError(f"部门 {result.department} 可抽客户不足，尚缺 {due} 位")
    return pl.DataFrame(draws, schema=DRAWS.schema, orient="row"), pl.concat(lots)


def _named(request: Request, lists: dict[str, dict[str, pl.Series]]) -> dict[str, pl.Series]:
    """The lists by the words in which people know them: 营销一部（全部）."""
    names = dict(request.book.books.institutions.select("institution_code", "name").iter_rows())
    return {
        f"{names.get(code) or code}（{part}）": numbers
        for code, parts in lists.items()
        for part, numbers in parts.items()
    }


def _lists(stand: Standing, department: str, first: str) -> Iterator[tuple[str, pl.Series]]:
    """The lists of a department in the order in which they are drawn from: (its word, numbers)."""
    mine, drawable = pl.col("department") == department, ~pl.col("converted") & ~pl.col("taken")
    own = stand.records.filter(mine & drawable)
    if first == "both":
        yield ALL, own["number"]
        return
    yield UNRELEASED, own.filter(pl.col("receiver").is_null())["number"]
    yield RELEASED, own.filter(pl.col("receiver").is_not_null())["number"]


def _placements(drawn: pl.DataFrame) -> pl.DataFrame:
    rows = drawn.select(
        "number",
        holder_number="number",
        receiver=pl.col("area").replace_strict(POOLS, return_dtype=pl.String),
        instalment=pl.lit(1, pl.Int64),
        unit_code=pl.lit(None, pl.String),
        lever=pl.lit("reclaim"),
        place=pl.lit(None, pl.Int64),
    )
    return conform(rows.sort("number"), PLACEMENTS)


def _unplaced(stand: Standing, results: list[Result], drawn: pl.DataFrame, pending: bool) -> pl.DataFrame:
    """Everybody else of the departments' records: stays, and why."""
    rest = stand.records.join(drawn, on="number", how="anti")
    verdicts = {r.department: VERDICTS[r.verdict] for r in results}
    drawing = [r.department for r in results if r.verdict == RECLAIM]
    done, taken, listed = pl.col("converted"), pl.col("taken"), pl.col("department").is_in(drawing)
    word = pl.col("department").replace_strict(verdicts, return_dtype=pl.String)
    rows = rest.select(
        policy_number="number",
        reason=pl.when(done).then(pl.lit("converted")).when(taken).then(pl.lit("taken_elsewhere")).when(listed).then(pl.lit("not_drawn"))
        .otherwise(pl.lit("department_passed")),
        detail=pl.when(done).then(pl.lit("考核期内已二次投保，不再抽回"))
        .when(taken).then(pl.format("已由其他分配取走，现由 {} 负责，不再抽签", "receiver"))
        .when(listed).then(pl.lit("在抽签名单内，等待抽签" if pending else "在抽签名单内，未抽中"))
        .otherwise(pl.format("部门考核：{}", word)),
        custodian=pl.coalesce("receiver", pl.lit(DEPARTMENT) + pl.col("department")),
    )  # fmt: skip
    return conform(rows.sort("policy_number"), UNPLACED)


def _certificate(
    request: Request, stand: Standing, results: list[Result], drawn: int, pending: bool
) -> Certificate:
    said = facts(request, stand)
    said += [
        ("抽取编号", request.options["draw_id"] or "尚未抽签：本方案只列名单，不回收任何客户"),
        ("取整方式", _ROUNDINGS[request.rulebook["campaign.draw_rounding"]]),
    ]
    return Certificate(
        metric="lot",
        objective=drawn,
        lower_bound=0 if pending else sum(result.draw for result in results),
        gap=0.0,
        feasibility=tuple(said),
        contiguity="not_judged: 抽签回收，不划片",
    )


_ROUNDINGS = {"half_up": "四舍五入", "down": "舍去尾数", "up": "进一"}
