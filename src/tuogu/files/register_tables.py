"""The rows of each register, before anything is written.

In: a plan, its book, the rulebook, staff names. Out: frames whose columns the sheets name, sorted as they
print. Never: plain personal data where `masked` is asked for, a policy in two registers, a person's number
instead of a name where the name is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tuogu.core.basis import policy_communities
from tuogu.core.census import census, distribution, homes
from tuogu.core.changes import BUFFER
from tuogu.core.labels import (
    LEVERS,
    MANUAL_REASONS,
    PAYMENT_FREQUENCIES,
    POLICY_STATES,
    REGION_LEVELS,
    UNPLACED_REASONS,
)
from tuogu.core.masking import address_to_community, mask_rule, masked_address, masked_name, masked_phone
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import MONTH_COLUMNS, Book, Plan

BUFFER_NAME = "保全组"
_COMMUNITY_DIGITS = 12


NOT_IN_FORCE = "预分配，未生效"  # a plan that nobody has decided on


@dataclass(frozen=True)
class RegisterSource:
    """What every register is made from. `names` maps staff numbers to names."""

    plan: Plan
    book: Book
    rulebook: Rulebook
    names: Mapping[str, str]
    masked: bool
    regions: pl.DataFrame | None = (
        None  # the code book's regions: names for candidates the book does not touch
    )
    state: str = NOT_IN_FORCE  # of the plan, as a stored plan's owner says it

    def named(self, number: pl.Expr) -> pl.Expr:
        """A staff number (or 'buffer') as people read it: the name, or the number where no name is known."""
        known = dict(self.names) | {BUFFER: BUFFER_NAME}
        return number.replace_strict(
            list(known), list(known.values()), default=number, return_dtype=pl.String
        )

    def shown_name(self, column: str) -> pl.Expr:
        """A customer's name, masked by default."""
        name = pl.col(column)
        return masked_name(name, mask_rule(self.rulebook)) if self.masked else name


def policy_facts(source: RegisterSource) -> pl.DataFrame:
    """policy_number with holder, phone, community and contract columns as registers show them."""
    book, rule = source.book, mask_rule(source.rulebook)
    mains = book.books.policies.filter(pl.col("kind") == "main")
    phone = masked_phone(pl.col("phone"), rule) if source.masked else pl.col("phone")
    holders = book.books.customers.select(
        holder_number="customer_number", holder=source.shown_name("name"), phone=phone
    )
    places = policy_communities(mains, book.located, source.rulebook["territory.address_basis"])
    regions = book.communities.select(
        "community_code",
        place=pl.concat_str("street", "community", ignore_nulls=True),
        region=address_to_community(),
    )
    return (
        mains.select(
            "policy_number",
            "holder_number",
            "product_name",
            "premium_fen",
            "inception_date",
            frequency=pl.col("payments_per_year").replace_strict(
                PAYMENT_FREQUENCIES, default="其他", return_dtype=pl.String
            ),
            state=pl.col("state").replace_strict(POLICY_STATES, default=pl.col("state")),
        )
        .join(holders, on="holder_number", how="left", validate="m:1")
        .join(places, on="policy_number", how="left", validate="1:1")
        .join(regions, on="community_code", how="left", validate="m:1")
    )


def staff(source: RegisterSource) -> pl.DataFrame:
    """staff_number, manager (name), team_code, team (name), supervisor of everybody, left or in post."""
    people = source.book.books.people
    teams = source.book.books.institutions.select(team_code="institution_code", team="name")
    return people.join(teams, on="team_code", how="left", validate="m:1").select(
        "staff_number",
        manager=source.named(pl.col("staff_number")),
        team_code=pl.col("team_code").fill_null(""),
        team=pl.coalesce("team", "team_code", pl.lit("未分组")),
        supervisor="supervisor",
    )


def allocation(source: RegisterSource, facts: pl.DataFrame) -> pl.DataFrame:
    """分配登记表: one row an assigned policy, by team, manager, unit and policy number."""
    months = [pl.when(pl.col(name) > 0).then(pl.lit(str(n))) for n, name in enumerate(MONTH_COLUMNS, start=1)]
    due = pl.sum_horizontal(MONTH_COLUMNS)
    frame = source.plan.assignments.select(
        "policy_number",
        "unit_code",
        "staff_number",
        "instalment",
        due=due,
        lever=pl.col("lever").replace_strict(LEVERS, default=pl.col("lever")),
        months=pl.when(due == len(MONTH_COLUMNS))
        .then(pl.lit("每月"))
        .otherwise(pl.concat_str(*months, separator="、", ignore_nulls=True) + "月"),
    )
    frame = frame.join(facts, on="policy_number", how="left", validate="1:1")
    frame = frame.join(staff(source), on="staff_number", how="left", validate="m:1")
    return frame.sort("team_code", "staff_number", "unit_code", "policy_number")


def monthly(source: RegisterSource) -> pl.DataFrame:
    """每月应收清单: a row a manager with m01..m12, year, held; managers without a policy are there too."""
    book, series = source.book, source.rulebook["territory.planned_series"]
    due = source.plan.assignments.group_by("staff_number").agg(
        *[pl.col(month).sum() for month in MONTH_COLUMNS], held=pl.len().cast(pl.Int64)
    )
    in_post = book.books.people.filter(pl.col("series").is_in(series)).join(
        book.homes, left_on="staff_number", right_on="key", how="semi"
    )
    managers = pl.concat([due.select("staff_number"), in_post.select("staff_number")]).unique()
    frame = managers.join(due, on="staff_number", how="left").join(
        staff(source), on="staff_number", how="left"
    )
    frame = frame.with_columns(pl.col(*MONTH_COLUMNS, "held").fill_null(0))
    return frame.with_columns(
        year=pl.sum_horizontal(MONTH_COLUMNS),
        least=pl.min_horizontal(MONTH_COLUMNS),
        most=pl.max_horizontal(MONTH_COLUMNS),
    ).sort("team_code", "staff_number")


def stock_census(source: RegisterSource) -> pl.DataFrame:
    """存量统计: S0-01 for the plan's year, with an indented name for printing."""
    regions = census(source.book, source.rulebook, source.plan.as_of).regions
    indent = pl.when(pl.col("level") == "street").then(pl.lit("　　")).otherwise(pl.lit(""))
    return regions.with_columns(shown=indent + pl.col("name"))


def tree(source: RegisterSource) -> pl.DataFrame:
    """分布表: district → street → community → unit with indented names and each row's share of the stock."""
    frame = distribution(source.book, source.rulebook, source.plan.assignments)
    stock = frame.filter(level="total")["policies"].item()
    depths = {
        "district": "",
        "street": "　",
        "community": "　　",
        "unit": "　　　",
        "rest": "　　　",
        "total": "",
    }
    return frame.with_columns(
        shown=pl.col("level").replace_strict(depths) + pl.col("name"),
        level_name=pl.col("level").replace_strict(REGION_LEVELS | {"rest": "单元外"}),
        share=pl.col("policies") / max(stock, 1),
        manager=source.named(pl.col("staff_number")),
        depth=pl.col("level").replace_strict({level: len(text) for level, text in depths.items()}),
    )


def manual_queue(source: RegisterSource) -> pl.DataFrame:
    """待人工编码: customers of live orphan policies whose address a person must code, most policies first."""
    book = source.book
    owner = f"{source.rulebook['territory.address_basis']}_number"
    live = book.classified.filter(pl.col("orphan") & (pl.col("route") != "closed"))
    held = (
        book.books.policies.join(live.select("policy_number"), on="policy_number", how="semi")
        .group_by(customer_number=owner)
        .agg(policies=pl.len().cast(pl.Int64), policy_numbers=pl.col("policy_number").sort().str.join("  "))
    )
    waiting = book.located.filter(pl.col("community_code").is_null())
    frame = held.join(waiting, left_on="customer_number", right_on="key", how="inner", validate="1:1")
    address = masked_address(pl.col("address")) if source.masked else pl.col("address")
    written = book.books.customers.select(
        "customer_number", holder=source.shown_name("name"), written=address
    )
    frame = frame.join(written, on="customer_number", how="left", validate="1:1").with_columns(
        reason=pl.col("reason").replace_strict(MANUAL_REASONS, default=pl.col("reason")),
        candidate_names=_candidate_names(source),
    )
    return frame.sort("policies", "customer_number", descending=[True, False])


def _candidate_names(source: RegisterSource) -> pl.Expr:
    """Ranked candidates as '1 白云街道白沙社区；2 …'; a code whose name nobody gave stays a code."""
    names = _community_names(source)
    element = pl.element()
    known = element.replace_strict(names["code"], names["name"], default=element, return_dtype=pl.String)
    ranked = pl.concat_str(pl.int_range(1, pl.len() + 1).cast(pl.String), pl.lit(" "), known)
    listed = pl.col("candidates").fill_null("").str.split(",")
    return listed.list.eval(ranked.filter(element != "")).list.join("；")


def _community_names(source: RegisterSource) -> pl.DataFrame:
    """code, name (street and community) of the book's communities and of those that `regions` adds."""
    own = source.book.communities.select(
        code="community_code", name=pl.concat_str("street", "community", ignore_nulls=True)
    )
    if source.regions is None:
        return own
    parents = source.regions.select(parent_code="code", parent="name")
    every = source.regions.filter(pl.col("code").str.len_chars() == _COMMUNITY_DIGITS)
    named = every.join(parents, on="parent_code", how="left").select(
        "code", name=pl.concat_str("parent", "name", ignore_nulls=True)
    )
    return pl.concat([own, named.join(own, on="code", how="anti")])


def unplaced(source: RegisterSource, facts: pl.DataFrame) -> pl.DataFrame:
    """未分配及原因: a row a policy without a manager, by reason."""
    frame = source.plan.unplaced.with_columns(
        reason=pl.col("reason").replace_strict(UNPLACED_REASONS, default=pl.col("reason")),
        keeper=source.named(pl.col("custodian").fill_null(BUFFER)),
    )
    frame = frame.join(facts, on="policy_number", how="left", validate="1:1")
    return frame.sort("reason", "region", "policy_number", nulls_last=True)


def changed(source: RegisterSource, changes: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """更改对照: a row a policy that changes hands, by old and new custodian."""
    frame = changes.with_columns(
        old=source.named(pl.col("old_custodian")), new=source.named(pl.col("new_custodian"))
    ).join(facts, on="policy_number", how="left", validate="1:1")
    return frame.sort("old_custodian", "new_custodian", "policy_number")


def home_register(source: RegisterSource) -> pl.DataFrame:
    """客户经理住址登记: everybody in post of the planned series, homes down to the community."""
    frame = homes(source.book).filter(pl.col("series").is_in(source.rulebook["territory.planned_series"]))
    teams = staff(source).select("staff_number", "team", "manager")
    coded = pl.col("community_code").is_not_null()
    return frame.join(teams, on="staff_number", how="left", validate="1:1").with_columns(
        post=pl.when("supervisor").then(pl.lit("主管")).otherwise(pl.lit("客户经理")),
        status=pl.when(coded)
        .then(pl.lit("已编码"))
        .otherwise(
            pl.format("待编码：{}", pl.col("reason").replace_strict(MANUAL_REASONS, default=pl.col("reason")))
        ),
    )
