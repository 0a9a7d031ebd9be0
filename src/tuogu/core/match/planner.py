"""The matching strategy: a Request in, a Proposal of receivers out (S4-06 to S4-13, P-16).

In: a book with facts, the rulebook, the as-of date, a seed, options. Out: placements of policies, eligibility, candidates
with reasons, certificate. Never: another result for shuffled rows, a customer split, an unqualified receiver, a policy lost.

Read `propose` downwards: setting (visits, subjects, eligibility, agents, named receivers) → stages → tables, certificate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from tuogu.core.match import collectors, outcome, rejections, sheets
from tuogu.core.match.certificate import certificate
from tuogu.core.match.dealing import ORDERS, Manner
from tuogu.core.match.eligibility import OK, marketing_agents, window_words
from tuogu.core.match.field import UNKNOWN_ORIGIN, Agents, build
from tuogu.core.match.placing import Customers, Placed, place
from tuogu.core.match.receivers import named_receivers
from tuogu.core.match.releases import Allowance, instalments
from tuogu.core.match.subjects import Subjects, survey
from tuogu.core.match.transport import Prices
from tuogu.core.proposal import Proposal, Request
from tuogu.core.tables import Book

ORDER_WORDS = {"block": "整块", "round_robin": "轮流", "snake": "蛇形"}


@dataclass(frozen=True)
class Setting:
    """Everything that the stages work on. `named` has each named receiver's place among the agents (-1 = not qualified);
    `reach`: other groups may help out."""

    subjects: Subjects
    judged: pl.DataFrame
    agents: Agents
    named: pl.DataFrame
    customers: Customers
    prices: Prices
    allowance: Allowance
    reach: bool

    def placed(self, manner: Manner) -> Placed:
        """All stages in one manner of dealing."""
        return place(self.customers, self.named, self.agents, manner, self.prices, reach=self.reach)


def propose(request: Request) -> Proposal:
    """Match the orphans that no person in post holds. Raises StrategyError for missing recruit counts."""
    if request.options["to"] == "collection":
        return collectors.propose(request)
    request.told("select", 0.0)
    ground = setting(request)
    request.told("match", 0.3)
    order = request.options["order"]
    manners = {name: manner_of(name, request, ground.agents) for name in ORDERS}
    results = {name: ground.placed(manner) for name, manner in manners.items()}
    request.told("tables", 0.7)
    return _proposal(request, ground, results, manners[order])


def setting(request: Request) -> Setting:
    """Visits, subjects, eligibility, agents, named receivers."""
    book, rulebook, as_of = request.book, request.rulebook, request.as_of
    levels = request.options["groups"] == "complexity"
    allowance = Allowance.of(as_of, rulebook)
    subjects = survey(book, rulebook, as_of, request.seed, levels=levels, largest=allowance.per_release)
    judged = marketing_agents(book, rulebook, as_of)
    largest = int(subjects.customers["pieces"].to_numpy().max(initial=1))
    agents = build(
        judged.filter(pl.col("verdict") == OK),
        subjects.customers["team_code"],
        book,
        rulebook,
        as_of,
        request.seed,
        quota=allowance.most(largest),
        levels=levels,
    )
    named = named_receivers(subjects.customers, book, rulebook, as_of)
    named = named.join(agents.frame.select("staff_number", "agent"), on="staff_number", how="left")
    named = named.with_columns(pl.col("agent").fill_null(-1)).sort("row", "rank")
    reach = request.options["surplus"] == "other_teams"
    customers, prices = _arrays(subjects, agents), Prices.of(rulebook)
    return Setting(subjects, judged, agents, named, customers, prices, allowance, reach)


def manner_of(order: str, request: Request, agents: Agents) -> Manner:
    """How is dealt under the request's options, in one of the ORDERS."""
    poll = request.rulebook["match.poll_below"] if request.options["polling"] == "under_loaded" else 0
    return Manner(ORDERS[order], poll, request.rulebook["match.cap_counts"] == "before", agents.levels)


def _proposal(request: Request, ground: Setting, results: dict[str, Placed], manner: Manner) -> Proposal:
    """The tables of the chosen order, and its certificate."""
    book, rulebook, as_of = request.book, request.rulebook, request.as_of
    subjects, judged, agents, named, customers = (
        ground.subjects,
        ground.judged,
        ground.agents,
        ground.named,
        ground.customers,
    )
    order = request.options["order"]
    placed = results[order]
    dates = instalments(placed.agent, customers.size, len(agents.frame), ground.allowance)
    found = outcome.outcome(subjects, placed, named, agents, dates)
    left = rejections.unplaced(found, named, judged, rulebook, reach=ground.reach)
    facts = _facts(subjects, judged, agents, book, request)
    return Proposal(
        placements=outcome.placements(found),
        unplaced=pl.concat([subjects.aside, left]).sort("policy_number"),
        candidates=rejections.candidates(found, named, judged, agents, book, rulebook, as_of),
        certificate=certificate(
            customers, placed, agents, manner, ground.prices, reach=ground.reach, facts=facts
        ),
        tables={
            "funnel": outcome.funnel(subjects, found),
            "tiers": outcome.tiers(found),
            "eligibility": _eligibility(judged, agents),
            "teams": outcome.teams(found, agents, placed),
            "people": outcome.people(found, outcome.with_class_words(agents)),
            "orders": _orders(results, customers, subjects, order),
        },
    )


def _arrays(subjects: Subjects, agents: Agents) -> Customers:
    numbers = pl.DataFrame({"team_code": agents.teams}, schema={"team_code": pl.String}).with_row_index(
        "team"
    )
    frame = subjects.customers.with_columns(pl.col("team_code").fill_null(UNKNOWN_ORIGIN))
    frame = frame.join(numbers, on="team_code", how="left", maintain_order="left")
    columns = (frame[name].to_numpy().astype(np.int64) for name in ("team", "level", "pieces", "type_rank"))
    return Customers(*columns)


def _eligibility(judged: pl.DataFrame, agents: Agents) -> pl.DataFrame:
    """All judged people with the level of those who may receive."""
    levels = agents.frame.select("staff_number", "level")
    words = {level: f"第{level + 1}组" for level in range(agents.levels)} if agents.levels > 1 else {}
    return outcome.eligibility(judged.join(levels, on="staff_number", how="left").sort("staff_number"), words)


def _orders(
    results: dict[str, Placed], customers: Customers, subjects: Subjects, chosen: str
) -> pl.DataFrame:
    """The three orders side by side (S4-13)."""
    value = subjects.customers["value_fen"].to_numpy()
    rows = [
        outcome.order_row(ORDER_WORDS[name], placed.agent, customers.size, value, name == chosen)
        for name, placed in results.items()
    ]
    return pl.DataFrame(rows, schema=sheets.ORDERS.schema, orient="row")


def _facts(
    subjects: Subjects, judged: pl.DataFrame, agents: Agents, book: Book, request: Request
) -> tuple[tuple[str, str], ...]:
    """Arithmetic that a reader checks first, and what was assumed."""
    facts = [
        ("本次分配", f"{subjects.customers['pieces'].sum():,}件，{len(subjects.customers):,}位客户"),
        ("合格接收人", f"{len(agents.frame):,}人，在岗{len(judged):,}人"),
        ("合格接收人可接收", f"{int(agents.room_by_team.sum()):,}件"),
        ("接收条件的期间", window_words(request.as_of, request.rulebook)),
    ]
    if not len(book.held):
        facts.append(("已持有件数", "没有责任台账，全部按0件计"))
    if not len(book.facts.filter(pl.col("key") == "valid_complaints")):
        facts.append(("有效投诉", "没有任何投诉记录，按无投诉计，请核对"))
    unknown = judged.filter(pl.col("productivity_fen").is_null())
    if len(unknown):
        facts.append(("上月产能缺失", f"{len(unknown):,}人，排在同组最后"))
    return tuple(facts)
