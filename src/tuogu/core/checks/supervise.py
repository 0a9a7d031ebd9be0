"""The rules of a supervision plan, recomputed from the book.

In: Plan, Book, Rulebook. Out: rows of VIOLATIONS. Never: an import of the planner, a kind of piece believed.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tuogu.core.checks import placed
from tuogu.core.checks.case import rows
from tuogu.core.dues import due_months
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import MONTH_COLUMNS, Book, Plan


def check(plan: Plan, book: Book, rulebook: Rulebook) -> Iterator[pl.DataFrame]:
    """Rows of VIOLATIONS, frame by frame."""
    people = book.books.people.filter(pl.col("left_date").is_null() | (pl.col("left_date") > plan.as_of))
    branch = _branches(book, rulebook["supervision.branch_level"])
    people = people.with_columns(
        branch=pl.col("institution_code").replace_strict(branch, default=None, return_dtype=pl.String)
    )
    calendar = book.away.filter(pl.col("from_date") <= plan.as_of, pl.col("until_date") > plan.as_of)
    fit = people.filter(pl.col("series").is_in(rulebook["supervision.specialist_series"]))
    fit = fit.join(calendar, on="staff_number", how="anti")
    facts = _facts(plan, book, rulebook, people, branch)
    yield from placed.conservation(plan, facts["number"], "P-27")
    yield from placed.receivers(plan, fit["staff_number"], "P-27")
    yield from placed.reasons(plan, "P-27")
    yield from placed.bound(plan)
    yield from _kinds(plan, facts)
    yield from _branch(plan, facts, fit)
    yield from _whole_customers(plan, facts)
    yield from _even(plan, facts, fit)


def _facts(
    plan: Plan, book: Book, rulebook: Rulebook, people: pl.DataFrame, branch: dict[str, str]
) -> pl.DataFrame:
    """number, holder, branch, server, supervised, keeper of every piece with instalments to come."""
    policies = book.books.policies.filter(
        (pl.col("kind") == "main") & (pl.col("state") == "in_force") & (pl.col("premium_mode") == "regular")
    )
    paying = due_months(policies, plan.as_of).filter(pl.sum_horizontal(MONTH_COLUMNS) > 0)["policy_number"]
    frame = policies.filter(pl.col("policy_number").is_in(paying.implode())).rename(
        {"policy_number": "number"}
    )
    orphans = book.classified.filter("orphan")["policy_number"]
    held = book.held.filter(pl.col("kind") == "policy")
    for relation in ("custody", "supervision"):
        each = held.filter(pl.col("relation") == relation).select(
            "number", pl.col("receiver").alias(relation)
        )
        frame = frame.join(each, on="number", how="left")
    mine = pl.col("custody").is_null() & ~pl.col("number").is_in(orphans.implode())
    frame = frame.with_columns(server=pl.when(mine).then("agent_number").otherwise("custody"))
    frame = frame.join(people.select(server="staff_number", series="series"), on="server", how="left")
    supervised = ~pl.col("series").is_in(rulebook["supervision.operations_series"])
    pool = pl.when(pl.col("custody").str.starts_with("department:")).then("custody")
    return frame.with_columns(
        branch=pl.col("institution_code").replace_strict(branch, default=None, return_dtype=pl.String),
        supervised=(supervised & pl.col("series").is_not_null()).fill_null(False),
        keeper=pl.coalesce(pl.when(pl.col("series").is_not_null()).then("server"), pool, pl.lit("buffer")),
    )


def _branches(book: Book, level: str) -> dict[str, str]:
    """Institution → its branch, by walking upwards."""
    house = book.books.institutions.select("institution_code", "level", "parent_code")
    known = {code: (own, parent) for code, own, parent in house.iter_rows()}
    named = pl.concat(
        [
            frame["institution_code"]
            for frame in (book.books.policies, book.books.people, book.books.institutions)
        ]
    )
    found = {}
    for code in named.drop_nulls().unique():  # a few hundred institutions
        at, seen = code, {code}
        while at in known and known[at][0] != level and known[at][1] and known[at][1] not in seen:
            at = known[at][1]
            seen.add(at)
        found[code] = at
    return found


def _kinds(plan: Plan, facts: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Only supervised pieces gain a specialist; the counts of both kinds are the book's; custody stays."""
    frame = plan.placements.join(facts, on="number", suffix="_true")
    wrong = frame.filter(~pl.col("supervised"))
    yield rows(wrong, "kind", "P-27", "number", "series", "督导件", pl.lit("收费件不配督导专员"))
    own = frame.filter(pl.col("receiver") == pl.col("server"))
    yield rows(own, "kind", "P-27", "number", "receiver", "他人", pl.lit("督导专员就是责任人"))
    other = frame.filter(pl.col("holder_number").ne_missing(pl.col("holder_number_true")))
    yield rows(other, "holder", "P-27", "number", "holder_number", "投保人", pl.lit("投保人与保单不一致"))
    left = plan.unplaced.join(facts, left_on="policy_number", right_on="number")
    moved = left.filter(pl.col("custodian") != pl.col("keeper"))
    yield rows(moved, "custodian", "P-27", "policy_number", "custodian", "不变", pl.lit("督导不改变责任人"))
    said = plan.tables["piece_kinds"].select(pl.col("collection", "supervised", "in_pool").sum()).row(0)
    pool = facts["series"].is_null()
    true = (
        int((~facts["supervised"] & ~pool).sum()),
        int(facts["supervised"].sum()),
        int(pool.sum()),
    )
    if said != true:
        odd = pl.DataFrame({"key": ["piece_kinds"], "value": [str(said)]})
        yield rows(odd, "piece_kinds", "P-27", "key", "value", str(true), pl.lit("收费件与督导件的计数不符"))


def _branch(plan: Plan, facts: pl.DataFrame, fit: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The specialist is of the piece's branch; nothing waits while the branch has one."""
    staff = fit.select(receiver="staff_number", staff_branch="branch")
    frame = plan.placements.join(facts.select("number", "branch"), on="number").join(staff, on="receiver")
    wrong = frame.filter(pl.col("branch").ne_missing(pl.col("staff_branch")))
    yield rows(wrong, "branch", "P-27", "number", "receiver", "同一分公司", pl.lit("督导专员不在本分公司"))
    waiting = plan.unplaced.filter(pl.col("reason") == "no_specialist").select(number="policy_number")
    served = facts.join(waiting, on="number").filter(
        pl.col("branch").is_in(fit["branch"].drop_nulls().implode())
    )
    yield rows(served, "branch", "P-27", "number", "branch", "已配", pl.lit("本分公司有督导专员，却未配"))
    kept = plan.unplaced.filter(pl.col("reason") == "supervised_already").select(number="policy_number")
    watching = facts.join(kept, on="number").join(
        staff, left_on="supervision", right_on="receiver", how="left"
    )
    false = watching.filter(
        pl.col("staff_branch").ne_missing(pl.col("branch"))
        | ~pl.col("supervised")
        | pl.col("supervision").is_null()
    )
    yield rows(
        false, "already", "P-27", "number", "supervision", "已有督导", pl.lit("并没有本分公司的督导专员")
    )


def _whole_customers(plan: Plan, facts: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The newly supervised pieces of a customer in one branch have one specialist."""
    frame = plan.placements.join(facts.select("number", "branch"), on="number")
    frame = frame.filter(pl.col("holder_number").is_not_null())
    split = (
        frame.group_by("holder_number", "branch").agg(n=pl.col("receiver").n_unique()).filter(pl.col("n") > 1)
    )
    yield rows(
        split, "split_customer", "P-27", "holder_number", "n", "1", pl.lit("同一客户分给了多名督导专员")
    )


def _even(plan: Plan, facts: pl.DataFrame, fit: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Fewest first: nobody who received is ahead of a colleague by more than his largest new customer."""
    branch = facts.select("number", "branch", "supervision", "supervised")
    before = branch.filter("supervised").group_by(staff_number="supervision").agg(before=pl.len())
    new = plan.placements.join(branch.select("number", "branch"), on="number")
    customers = new.group_by("receiver", pl.coalesce("holder_number", "number").alias("customer")).len()
    gained = customers.group_by(staff_number="receiver").agg(
        gained=pl.col("len").sum(), largest=pl.col("len").max()
    )
    load = fit.join(before, on="staff_number", how="left").join(gained, on="staff_number", how="left")
    load = load.with_columns(pl.col("before", "gained", "largest").fill_null(0))
    total = pl.col("before").cast(pl.Int64) + pl.col("gained").cast(pl.Int64)
    load = load.with_columns(total=total, fewest=total.min().over("branch"))
    ahead = load.filter((pl.col("gained") > 0) & (pl.col("total") - pl.col("largest") > pl.col("fewest")))
    yield rows(
        ahead, "fewest_first", "P-27", "staff_number", "total", "最少者优先", pl.lit("没有先配给件数最少的人")
    )
