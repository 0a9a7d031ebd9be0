"""The two kinds of piece: who serves each one, in which branch, and whether somebody supervises it already (P-27).

In: a Book, the rulebook, the as-of date. Out: one row a piece with its kind. Never: a piece without instalments to come, a
policy whose server is unknown called supervised.

Who serves: whom the ledger names as custodian, if in post; else, for a policy that is no orphan, its agent in post.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.classify import in_post
from tuogu.core.dues import due_months
from tuogu.core.presence import away_on
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import MONTH_COLUMNS, Book

LEVELS_MAX = 6  # head, branch, central, sub, department, team


def pieces(book: Book, rulebook: Rulebook, as_of: date) -> pl.DataFrame:
    """number, holder_number, branch_code, server (null = in a pool), series, supervisor (null = none), custodian, kind
    (collection | supervised | in_pool), sorted by number: in-force regular main policies with an instalment to come.
    """
    policies = book.books.policies.filter(
        (pl.col("kind") == "main") & (pl.col("state") == "in_force") & (pl.col("premium_mode") == "regular")
    )
    due = due_months(policies, as_of).filter(pl.sum_horizontal(MONTH_COLUMNS) > 0).select("policy_number")
    frame = policies.join(due, on="policy_number", how="semi")
    orphans = book.classified.filter("orphan").select("policy_number", orphan=pl.lit(True))
    people = in_post(book.books.people, as_of).select(server="staff_number", series="series")
    here = people["server"].implode()
    frame = frame.join(orphans, on="policy_number", how="left").rename({"policy_number": "number"})
    for relation, name in (("custody", "holder"), ("supervision", "watching")):
        frame = frame.join(_held(book, relation, name), on="number", how="left")
    agent = pl.when(pl.col("orphan").is_null() & pl.col("holder").is_null()).then("agent_number")
    server = pl.coalesce("holder", agent)
    frame = frame.with_columns(server=pl.when(server.is_in(here)).then(server)).join(
        people, on="server", how="left"
    )
    operations = pl.col("series").is_in(rulebook["supervision.operations_series"])
    kind = (
        pl.when(pl.col("server").is_null())
        .then(pl.lit("in_pool"))
        .when(operations.fill_null(False))
        .then(pl.lit("collection"))
        .otherwise(pl.lit("supervised"))
    )
    branches = branch_of(book, rulebook["supervision.branch_level"])
    frame = frame.join(branches, on="institution_code", how="left")
    fit = specialists(book, rulebook, as_of).select(watching="staff_number", fit_branch="branch_code")
    frame = frame.join(fit, on="watching", how="left")
    stays = pl.col("fit_branch").eq_missing(pl.col("branch_code")) & pl.col("watching").is_in(
        fit["watching"].implode()
    )
    return frame.select(
        "number",
        "holder_number",
        "branch_code",
        "server",
        "series",
        supervisor=pl.when(stays.fill_null(False)).then("watching"),
        custodian=pl.coalesce(
            "server",
            pl.when(pl.col("holder").str.starts_with("department:")).then("holder"),
            pl.lit("buffer"),
        ),
        kind=kind,
    ).sort("number")


def _held(book: Book, relation: str, name: str) -> pl.DataFrame:
    rows = book.held.filter((pl.col("relation") == relation) & (pl.col("kind") == "policy"))
    return rows.select(number="number", **{name: pl.col("receiver")})


def specialists(book: Book, rulebook: Rulebook, as_of: date) -> pl.DataFrame:
    """staff_number, branch_code of those in post who may supervise, by staff number."""
    people = in_post(book.books.people, as_of).filter(
        pl.col("series").is_in(rulebook["supervision.specialist_series"]),
        ~pl.col("staff_number").is_in(away_on(book, as_of)["staff_number"].implode()),  # P-06
    )
    branches = branch_of(book, rulebook["supervision.branch_level"])
    return (
        people.join(branches, on="institution_code", how="left")
        .select("staff_number", "branch_code")
        .sort("staff_number")
    )


def branch_of(book: Book, level: str) -> pl.DataFrame:
    """institution_code, branch_code: the nearest institution of `level` upwards; without one, the topmost that is known."""
    named = [
        frame["institution_code"]
        for frame in (book.books.policies, book.books.people, book.books.institutions)
    ]
    every = pl.concat(named).drop_nulls().unique().sort().to_frame("institution_code")
    house = book.books.institutions.select(at="institution_code", level="level", parent="parent_code")
    frame = every.with_columns(at="institution_code").join(house, on="at", how="left")
    for _ in range(LEVELS_MAX):
        climbs = pl.col("parent").is_not_null() & pl.col("level").ne_missing(pl.lit(level))
        at = pl.when(climbs).then("parent").otherwise("at")
        frame = frame.select("institution_code", at=at).join(house, on="at", how="left")
    return frame.select("institution_code", branch_code="at").sort("institution_code")
