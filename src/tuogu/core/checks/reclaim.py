"""A reclaim under examination: who counts, the test at its boundary, and the lot drawn again (S2-09…S2-11).

In: Plan, Book, Rulebook. Out: frames of VIOLATIONS. Never: an import from `core.campaign` or `core.draw`: the order is
computed here with the standard library's HMAC alone, as any outsider would.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator
from hashlib import sha256

import polars as pl

from tuogu.core.checks import placed
from tuogu.core.checks.campaign_book import Breach, CampaignBook, breaches
from tuogu.core.checks.campaign_records import Tested, records_breaches, tested, tests_breaches
from tuogu.core.checks.case import rows
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book, Plan

_POOLS = {"市区": "pool:campaign-city", "县区": "pool:campaign-county"}


def check(plan: Plan, book: Book, rulebook: Rulebook) -> Iterator[pl.DataFrame]:
    """Everything that a reclaim may get wrong."""
    case = CampaignBook(plan, book, rulebook)
    records = plan.tables["records"]
    yield from placed.conservation(plan, records["number"], "S2-10")
    yield from placed.reasons(plan, "S2-10")
    yield from placed.bound(plan)
    yield breaches(records_breaches(case))
    results = tested(case)
    yield breaches(tests_breaches(case, results))
    yield from _drawn(plan, records)
    yield breaches(_lots(plan, records, results, book.lots))


def _drawn(plan: Plan, records: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """What is placed is what was drawn, still open, and goes to its own region's pool."""
    lots = plan.tables["lots"]
    drawn = lots.filter("drawn")["number"]
    alien = plan.placements.filter(~pl.col("number").is_in(drawn.implode()))
    yield rows(alien, "not_drawn", "S2-10", "number", "receiver", "抽中", pl.lit("未抽中而被回收"))
    lost = pl.DataFrame({"number": drawn}).join(plan.placements, on="number", how="anti")
    yield rows(lost, "drawn_kept", "S2-10", "number", "number", "回收", pl.lit("抽中而未回收"))
    there = plan.placements.join(records.select("number", "area", "converted", "where"), on="number")
    stolen = there.filter(pl.col("where") == "taken")
    yield rows(stolen, "taken", "S2-09", "number", "receiver", "不抽", pl.lit("已由其他分配取走的客户被回收"))
    own = pl.col("area").replace_strict(_POOLS, default=None, return_dtype=pl.String)
    yield rows(
        there.filter(own.ne_missing(pl.col("receiver"))),
        "pool",
        "S2-04",
        "number",
        "receiver",
        "本区域回收池",
        pl.lit("回收到别的池"),
    )
    yield rows(
        there.filter("converted"),
        "converted",
        "S2-10",
        "number",
        "receiver",
        "未二次投保",
        pl.lit("已二次投保的客户被回收"),
    )


def _lots(
    plan: Plan, records: pl.DataFrame, results: list[Tested], registered: pl.DataFrame
) -> Iterator[Breach]:
    """Each department's lists, digests, orders and cuts."""
    options = dict(plan.options)
    seed, draw_id = bytes.fromhex(options["seed_hex"]), options["draw_id"]
    ids = [part.strip() for part in re.split("[,，、;；\\s]+", draw_id) if part.strip()]
    drawn_before = registered.filter(pl.col("draw_id").is_in(ids))
    places = dict(drawn_before.select("number", "place").iter_rows())
    draw_of = dict(drawn_before.select("number", "draw_id").iter_rows())
    said = plan.tables["lots"].sort("department", "part", "position", "number")
    orders = dict(said.group_by("department", "part", maintain_order=True))
    digests = {
        (d, p): (its, digest)
        for d, p, its, digest in plan.tables["draws"]
        .select("department", "part", "draw_id", "list_digest")
        .iter_rows()
    }
    expected: dict[tuple[str, str], tuple[list[str], int]] = {}
    for result in results:
        if not result.reclaims:
            continue
        due = result.draw
        for part, numbers in _parts(records, result.department, options["first"]):
            taken = min(due, len(numbers))
            due -= taken
            drawing = _drawing(numbers, seed, draw_id, places)
            expected[result.department, part] = (drawing, taken if ids else 0)
    for department, part in sorted(orders.keys() - expected.keys(), key=str):
        yield ("lot", "S2-10", str(department), str(part), "不抽签", "不该抽签的部门或名单")
    for (department, part), (order, taken) in sorted(expected.items()):
        frame = orders.get((department, part))
        found = frame["number"].to_list() if frame is not None else []
        if found != order:
            yield ("lot_order", "N-05", department, part, "HMAC 次序", "抽签次序与种子不符")
        elif frame is not None and frame["drawn"].to_list() != [i < taken for i in range(len(order))]:
            yield (
                "lot_cut",
                "S2-10",
                department,
                str(frame["drawn"].sum()),
                str(taken),
                "抽出的不是次序最前的若干件",
            )
        its = next((draw_of[number] for number in order if number in draw_of), "" if draw_of else draw_id)
        listed = drawn_before.filter(pl.col("draw_id") == its)["pseudonym"].to_list() or order
        true = (its, sha256("".join(f"{name}\n" for name in sorted(listed)).encode()).hexdigest())
        if digests.get((department, part)) != true:
            yield (
                "lot_digest",
                "N-05",
                department,
                str(digests.get((department, part))),
                str(true),
                "名单摘要不符",
            )


def _drawing(numbers: list[str], seed: bytes, draw_id: str, places: dict[str, int]) -> list[str]:
    """In the order of the registered draws, of the seed, or by number while there is no draw."""
    if places:
        return sorted(numbers, key=lambda n: (places.get(n, len(places) + 1), n))
    return _order(numbers, seed, draw_id) if draw_id else sorted(numbers)


def _parts(records: pl.DataFrame, department: str, first: str) -> Iterator[tuple[str, list[str]]]:
    drawable = ~pl.col("converted") & (pl.col("where") != "taken")
    open_ = records.filter((pl.col("department") == department) & drawable)
    if first == "both":
        yield "全部", open_["number"].to_list()
    else:
        out = pl.col("receiver").is_not_null()
        yield "未下发", open_.filter(~out)["number"].to_list()
        yield "已下发", open_.filter(out)["number"].to_list()


def _order(numbers: list[str], seed: bytes, draw_id: str) -> list[str]:
    return sorted(numbers, key=lambda n: (hmac.new(seed, f"{draw_id}|{n}".encode(), sha256).hexdigest(), n))
