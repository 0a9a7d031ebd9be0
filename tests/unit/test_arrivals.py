"""New orphans: thresholds of the keywords, the two levers, the single list, the exceptions, and the second opinion."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest

import tuogu.core.checks.arrivals
import tuogu.core.checks.block
import tuogu.core.checks.map
import tuogu.core.checks.standing
import tuogu.core.checks.supervise
from arrivals_books import grown, held_by, line_town, with_columns
from territory_books import AS_OF, shuffled, standard_rules
from tuogu.core.check import check_plan
from tuogu.core.plan import make_plan, plan_digest
from tuogu.core.strategies import STRATEGIES, StrategyError
from tuogu.core.tables import Book, Plan, conform

LOOSE = standard_rules().replace(territory__month_load_min=0)


def arrivals(book: Book, earlier: Plan | None, rules=LOOSE, **options: str) -> Plan:
    return make_plan(book, rules, AS_OF, 1, 0, strategy="arrivals", options=options, earlier=earlier)


def test_without_an_earlier_plan_it_says_what_is_missing() -> None:
    book, _ = line_town([0] * 4, [1] * 4, [3], [0], LOOSE)
    with pytest.raises(StrategyError, match="须有前一区域规划方案"):
        arrivals(book, None)


@cache
def estate_town(pieces: int, elsewhere: int) -> tuple[Book, Plan]:
    """`pieces` of M01's and `elsewhere` of M02's policies lie in 欣欣小区; the last policy is new, uncoded, and says so."""
    places = [0] * 12 + [1] * 12
    book, earlier = line_town([*places, None], [1 + j % 12 for j in range(25)], [24], [0, 1], LOOSE)
    numbers = [*range(1, pieces + 1), *range(13, 13 + elsewhere), 25]
    return with_columns(
        book, "customers", "customer_number", {f"CP{j:05d}": {"address": f"欣欣小区{j}幢"} for j in numbers}
    ), earlier


@pytest.mark.req("P-23")
@pytest.mark.parametrize(
    ("pieces", "elsewhere", "placed"),
    [
        (5, 0, True),  # the least support there may be
        (4, 0, False),
        (9, 1, True),  # nine of ten: exactly the purity asked for
        (8, 1, False),  # eight of nine: 88.9 %
    ],
)
def test_a_keyword_counts_from_its_support_and_purity_on(pieces: int, elsewhere: int, placed: bool) -> None:
    plan = arrivals(*estate_town(pieces, elsewhere))
    words = plan.tables["keywords"].filter(pl.col("word") == "欣欣小区")
    assert (words.height == 1) is placed
    assert (plan.placements["number"].to_list() == ["P00025"]) is placed
    if placed:
        assert plan.placements.row(0, named=True)["receiver"] == "M01"
        assert words["evidence"][0] == f"‘欣欣小区’ {pieces + elsewhere} 件中 {pieces} 件归M01"
        assert words["placed"][0] == 1
    else:
        assert plan.unplaced["reason"].to_list() == ["no_address_code"]


@pytest.mark.req("P-23")
def test_the_keyword_table_can_be_corrected() -> None:
    book, earlier = estate_town(5, 0)
    struck = arrivals(book, earlier, keywords="欣欣小区=")
    assert struck.placements.is_empty()
    other = arrivals(book, earlier, keywords="欣欣小区=M02")
    assert other.placements["receiver"].to_list() == ["M02"]
    assert other.tables["keywords"].filter(pl.col("word") == "欣欣小区")["source"].to_list() == ["人工"]
    nobody = arrivals(book, earlier, keywords="欣欣小区=M99，乱写")
    assert nobody.placements.is_empty()
    said = dict(nobody.certificate.feasibility)["关键字更正"]
    assert said.startswith("共 2 行，2 行没有采用：第 1 行“欣欣小区=M99”（工号不是在职客户经理")
    assert "关键字更正" not in dict(other.certificate.feasibility)
    with pytest.raises(StrategyError, match="关键字更正没有一行能用：第 1 行“foo=bar”"):
        arrivals(book, earlier, keywords="foo=bar")
    with pytest.raises(StrategyError, match="单件调整清单没有一行能用：第 1 行“foo=bar”"):
        arrivals(book, earlier, singles="foo=bar")


@pytest.mark.req("P-23")
def test_the_words_of_an_address() -> None:
    book, _earlier = estate_town(5, 0)
    texts = {
        "CP00001": "浙江省宁波市江东区白鹤街道白沙社区迎宾路38号锦绣花园12幢301室",
        "CP00002": "宁波市鄞州区东柳新村3号楼",
        "CP00003": "白沙社区滨江大道８号",
    }
    from tuogu.core.arrivals.keywords import words

    changed = with_columns(
        book, "customers", "customer_number", {k: {"address": v} for k, v in texts.items()}
    )
    found = words(book.books.policies.filter(pl.col("policy_number") <= "P00003"), changed, LOOSE)
    assert set(found.sort("policy_number", "kind").rows()) == {
        ("P00001", "road", "迎宾路"),
        ("P00001", "estate", "锦绣花园"),
        ("P00001", "building", "锦绣花园11–20幢"),
        ("P00002", "estate", "东柳新村"),
        ("P00002", "building", "东柳新村1–10幢"),
        ("P00003", "road", "滨江大道"),
    }


@pytest.mark.req("P-23")
def test_a_served_customer_goes_to_the_same_person_unless_that_person_may_not_receive() -> None:
    book, earlier = line_town([0] * 6 + [1] * 6 + [0], [1 + j % 12 for j in range(13)], [12], [0, 1], LOOSE)
    same = with_columns(book, "policies", "policy_number", {"P00013": {"holder_number": "CP00007"}})
    # P00013's holder is now the one of P00007, whom M02 serves and who lives in 社区2.
    assert arrivals(same, earlier).tables["evidence"].row(0, named=True)["level"] == 1
    marketing = with_columns(same, "people", "staff_number", {"M02": {"series": "marketing"}})
    marketing = held_by(marketing, {f"P{j:05d}": "M02" for j in range(7, 13)})
    row = arrivals(marketing, earlier).tables["evidence"].row(0, named=True)
    assert (row["level"], row["receiver"]) == (5, "M01")  # 社区2 has no manager any more; M01 touches it


@cache
def full_march(new: int) -> tuple[Book, Plan]:
    """M01 has 59 pieces in March, M02 has 30, both 30 in each other month; `new` March pieces arise in M01's community."""
    places, months = [], []
    for place, march in ((0, 59), (1, 30)):
        for month in range(1, 13):
            count = march if month == 3 else 30
            places += [place] * count
            months += [month] * count
    old = len(places)
    rules = standard_rules().replace(visits__per_working_day=20, territory__balance_band_pct=60)
    return line_town(places + [0] * new, months + [3] * new, list(range(old, old + new)), [0, 1], rules)


@pytest.mark.req("S0-22", "S0-21", "P-23")
@pytest.mark.parametrize(("new", "directed"), [(1, 0), (2, 1), (5, 4)])
def test_the_sixty_first_piece_of_a_month_is_directed_to_the_touching_manager(
    new: int, directed: int
) -> None:
    book, earlier = full_march(new)
    assert earlier.loads.filter(pl.col("month") == 3)["due"].to_list() == [59, 30]
    plan = arrivals(book, earlier, standard_rules())
    moves = plan.tables["moves"]
    assert moves["lever"].to_list() == ["new"] * directed  # new orphans before pieces that somebody serves
    assert moves["receiver"].to_list() == ["M02"] * directed
    march = plan.tables["room"].filter(pl.col("month") == 3)
    assert march["before"].to_list() == [59, 30]
    assert march["placed"].to_list() == [59 + new, 30]
    assert march["after"].to_list() == [min(59 + new, 60), 30 + directed]
    assert (plan.certificate.objective, plan.certificate.lower_bound) == (0, 0)
    assert plan.certificate.violations == 0
    figures = dict(plan.certificate.figures)
    assert (figures["move_price"], figures["move_price_bound"]) == (directed, directed)
    assert figures["outside_before_smoothing"] == directed


@pytest.mark.req("S0-22")
def test_where_the_new_ones_are_tied_to_a_person_served_pieces_are_handed_to_the_neighbour() -> None:
    book, earlier = full_march(2)
    # Both new orphans belong to customers whom M01 serves already: they stay with him, two of his pieces go.
    new = book.books.policies["policy_number"].sort().to_list()[-2:]
    old = [f"CP{j:05d}" for j in (1, 2)]
    tied = with_columns(
        book, "policies", "policy_number", {n: {"holder_number": h} for n, h in zip(new, old, strict=True)}
    )
    plan = arrivals(tied, earlier, standard_rules())
    assert plan.tables["moves"].select("lever", "giver", "receiver").rows() == [("adjacent", "M01", "M02")]
    assert plan.certificate.moved_adjacent == 1
    assert plan.certificate.violations == 0
    kept = arrivals(tied, earlier, standard_rules(), smooth="no")
    assert kept.tables["moves"].is_empty()
    assert check_plan(kept, tied, standard_rules())["rule"].to_list() == ["month_band"]


@pytest.mark.req("P-23")
def test_every_line_of_the_single_list_has_a_verdict() -> None:
    book, earlier = line_town([0] * 6 + [None] * 3, [1 + j % 12 for j in range(9)], [6, 7, 8], [0], LOOSE)
    text = "P00007=M01\nP00001=M01;P00008=M77；乱写，P00009=M01,P00009=M01"
    plan = arrivals(book, earlier, singles=text)
    assert plan.tables["singles"]["verdict"].to_list() == [
        "采用",
        "不是待安置的新增孤儿保单",
        "工号不是在职客户经理",
        "格式不对",
        "同一保单写了两次",
        "同一保单写了两次",
    ]
    assert plan.placements.select("number", "lever").rows() == [("P00007", "single")]
    assert plan.tables["evidence"]["ascription"].to_list() == ["手工归属"]


@pytest.mark.req("P-15")
def test_the_five_causes_and_the_four_kinds_of_ascription() -> None:
    book, earlier = line_town(
        [0] * 6 + [1] * 6 + [0] * 5, [1 + j % 12 for j in range(17)], range(12, 17), [0, 1], LOOSE
    )
    book = with_columns(
        book,
        "policies",
        "policy_number",
        {
            "P00013": {"agent_number": None},
            "P00014": {"holder_number": "C-unknown"},
            "P00015": {"inception_date": None},
        },
    )
    book = with_columns(book, "classified", "policy_number", {"P00016": {"orphan_source": "moved_in"}})
    book = with_columns(book, "classified", "policy_number", {"P00015": {"route": "buffer"}})
    book = with_columns(book, "people", "staff_number", {"M02": {"left_date": date(2025, 12, 1)}})
    plan = arrivals(book, earlier)
    found = plan.tables["exceptions"].select("number", "cause", "placed").rows()
    left = [(f"P{j:05d}", 5, True) for j in range(7, 13)]  # M02's six pieces are placed anew
    assert found == [*left, ("P00013", 1, True), ("P00014", 2, False), ("P00015", 4, False)]
    assert dict(plan.unplaced.select("policy_number", "reason").rows()) == {
        "P00014": "no_holder",
        "P00015": "data_fault",
    }
    kinds = dict(plan.tables["evidence"].select("number", "ascription").rows())
    assert (kinds["P00013"], kinds["P00016"], kinds["P00007"]) == ("首次归属", "迁移归属", "离司归属")
    nobody = with_columns(book, "people", "staff_number", {"M01": {"left_date": date(2025, 12, 1)}})
    alone = arrivals(nobody, earlier)
    assert alone.placements.is_empty()
    assert set(alone.tables["exceptions"]["cause"]) == {1, 2, 3, 4, 5}


def test_a_piece_that_waits_for_its_quarter_is_not_new() -> None:
    book, earlier = grown(3)
    waiting = held_by(book, dict.fromkeys(book.books.policies["policy_number"], "buffer"))
    first, second = arrivals(book, earlier), arrivals(waiting, earlier)
    assert first.placements.equals(second.placements)
    moved = held_by(book, {earlier.assignments["policy_number"][0]: "M01"})
    basis = arrivals(moved, earlier).tables["standing"].row(0, named=True)
    assert (basis["receiver"], basis["basis"]) == ("M01", "held")


@cache
def sound() -> tuple[Plan, Book]:
    book, earlier = full_march(5)
    return arrivals(book, earlier, standard_rules()), book


def _moves(plan: Plan, **cells: object) -> Plan:
    return _table(plan, "moves", **cells)


def _table(plan: Plan, name: str, **cells: object) -> Plan:
    """`plan` with the first row of a table changed."""
    frame = plan.tables[name]
    head = frame.head(1).with_columns(
        pl.lit(value).cast(frame.schema[key]).alias(key) for key, value in cells.items()
    )
    return replace(plan, tables={**plan.tables, name: pl.concat([head, frame.slice(1)])})


def _placed(plan: Plan, **cells: object) -> Plan:
    frame = plan.placements
    head = frame.head(1).with_columns(
        pl.lit(value).cast(frame.schema[key]).alias(key) for key, value in cells.items()
    )
    return replace(plan, placements=pl.concat([head, frame.slice(1)]))


TAMPERED: dict[str, tuple[str, Callable[[Plan], Plan]]] = {
    "a placement is lost": ("conservation", lambda p: replace(p, placements=p.placements.slice(1))),
    "a stranger receives": ("receiver", lambda p: _placed(p, receiver="M99")),
    "a third lever": ("lever", lambda p: _moves(p, lever="elsewhere")),
    "another level": ("level", lambda p: _table(p, "evidence", receiver="M99")),
    "another holder": ("holder", lambda p: _placed(p, holder_number="C1")),
    "a move that nobody logged": (
        "moves",
        lambda p: replace(p, tables={**p.tables, "moves": p.tables["moves"].slice(1)}),
    ),
    "a load that does not add up": ("room", lambda p: _table(p, "room", after=0)),
    "a region that is not his": ("region", lambda p: _table(p, "evidence", home="M02")),
    "served by somebody who is gone": ("standing", lambda p: _table(p, "standing", receiver="M99")),
    "a bound above the value": (
        "bound",
        lambda p: replace(p, certificate=replace(p.certificate, lower_bound=p.certificate.objective + 1)),
    ),
    "fewer outside than there are": (
        "objective",
        lambda p: replace(p, certificate=replace(p.certificate, objective=p.certificate.objective + 3)),
    ),
}


@pytest.mark.req("P-23", "S0-22")
@pytest.mark.parametrize("name", TAMPERED)
def test_a_planted_violation_is_found(name: str) -> None:
    rule, tamper = TAMPERED[name]
    plan, book = sound()
    assert check_plan(plan, book, standard_rules()).is_empty()
    found = check_plan(tamper(plan), book, standard_rules())
    assert rule in found["rule"].to_list(), found["rule"].unique().to_list()


def test_the_tables_are_those_of_the_sheets_and_row_order_does_not_matter() -> None:
    book, earlier = grown(5)
    plan = arrivals(book, earlier, standard_rules())
    assert list(plan.tables) == [sheet.name for sheet in STRATEGIES["arrivals"].sheets]
    for sheet in STRATEGIES["arrivals"].sheets:
        conform(plan.tables[sheet.name], sheet.schema)
    assert plan_digest(plan) == plan_digest(arrivals(shuffled(book, 9), earlier, standard_rules()))
    chosen = plan.candidates.filter(pl.col("verdict") == "chosen").select("policy_number", "staff_number")
    new = plan.placements.filter(pl.col("lever") != "adjacent").select(
        policy_number="number", staff_number="receiver"
    )
    assert chosen.sort("policy_number").equals(new.sort("policy_number"))


def test_the_checkers_import_nothing_of_the_planners() -> None:
    for module in (
        tuogu.core.checks.arrivals, tuogu.core.checks.block, tuogu.core.checks.map, tuogu.core.checks.supervise,
        tuogu.core.checks.standing,
    ):  # fmt: skip
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        names = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
        planners = tuple(
            f"tuogu.core.{name}" for name in ("plan", "arrivals", "block", "map", "supervise", "territory")
        )
        assert not [n for n in names if n.startswith(planners)]
