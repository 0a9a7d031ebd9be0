"""The matching as tables: placements, funnel, tiers, groups, people, the three orders side by side.

In: subjects, customers, the placed ones. Out: PLACEMENTS and the tables of `sheets`. Never: a figure that is no sum over the
placements.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from tuogu.core.match import sheets
from tuogu.core.match.eligibility import OK
from tuogu.core.match.field import CLASSES, Agents, Ints
from tuogu.core.match.placing import AWAY, NAMED, NEAR, NOBODY, OWN, Placed
from tuogu.core.match.subjects import Subjects
from tuogu.core.tables import PLACEMENTS, conform

TIER_NAMES = {
    NAMED: "指定接收人",
    OWN: "原营业组",
    NEAR: "同区他组",
    AWAY: "其他组",
    NOBODY: "无合格接收人（转保全或收展）",
}
LEVERS = {OWN: "own_team", NEAR: "near_team", AWAY: "other_team"}
_TYPES = ("combination", "non_pure", "pure")


def outcome(
    subjects: Subjects, placed: Placed, named: pl.DataFrame, agents: Agents, instalment: Ints
) -> pl.DataFrame:
    """One row a matched policy: row, policy_number, holder_number, type, value_fen, team_code, pieces, tier, receiver,
    receiver_team, instalment, lever, rank (of the named receiver)."""
    rows = pl.DataFrame(
        {
            "row": np.arange(len(placed.agent)),
            "agent": placed.agent,
            "tier": placed.tier,
            "named": placed.named,
            "instalment": instalment,
        }
    )
    by_name = named.with_row_index("named").select(pl.col("named").cast(pl.Int64), "ground", "rank")
    who = agents.frame.select("agent", receiver="staff_number", receiver_team="team_code")
    rows = rows.join(by_name, on="named", how="left").join(who, on="agent", how="left")
    lever = pl.col("tier").replace_strict(LEVERS, default=None, return_dtype=pl.String)
    rows = rows.with_columns(lever=pl.when(pl.col("tier") == NAMED).then("ground").otherwise(lever))
    customers = subjects.customers.select("row", "team_code", "pieces")
    return subjects.policies.select("row", "policy_number", "holder_number", "type", "value_fen").join(
        rows.join(customers, on="row").drop("agent", "named", "ground"), on="row", maintain_order="left"
    )


def placements(found: pl.DataFrame) -> pl.DataFrame:
    """PLACEMENTS by policy number; `place` counts in handling order, in which `found` comes."""
    taken = found.filter(pl.col("tier") != NOBODY)
    place = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("receiver")
    rows = taken.select(
        "holder_number", "receiver", "instalment", "lever",
        number="policy_number", unit_code=pl.lit(None, pl.String), place=place,
    )  # fmt: skip
    return conform(rows.sort("number"), PLACEMENTS)


def funnel(subjects: Subjects, found: pl.DataFrame) -> pl.DataFrame:
    """Counts by type at each step."""
    live = subjects.live
    steps = [
        ("有效孤儿保单", live),
        ("已有在职责任人，本次不动", live.filter(pl.col("step") == "entrusted")),
        ("按规定留在保全组", live.filter(pl.col("step") == "aside")),
        ("本次分配", found),
        *((name, found.filter(pl.col("tier") == tier)) for tier, name in TIER_NAMES.items()),
    ]
    rows = [(name, *((part["type"] == kind).sum() for kind in _TYPES), len(part)) for name, part in steps]
    return pl.DataFrame(rows, schema=sheets.FUNNEL.schema, orient="row")


def tiers(found: pl.DataFrame) -> pl.DataFrame:
    """Customers and policies of each tier, shares to a hundredth of a percent (rounded down)."""
    total = max(len(found), 1)
    rows = []
    for tier, name in TIER_NAMES.items():
        part = found.filter(pl.col("tier") == tier)
        rows.append((name, part["row"].n_unique(), len(part), len(part) * 10_000 // total))
    return pl.DataFrame(rows, schema=sheets.TIERS.schema, orient="row")


def eligibility(judged: pl.DataFrame, groups: Mapping[int, str]) -> pl.DataFrame:
    """The eligibility sheet; `judged` has level where groups are used."""
    frame = judged.with_columns(
        eligible=pl.col("verdict") == OK,
        group=pl.col("level").replace_strict(groups, default="", return_dtype=pl.String),
    )
    return conform(frame.select(*sheets.ELIGIBILITY.schema), sheets.ELIGIBILITY.schema)


def teams(found: pl.DataFrame, agents: Agents, placed: Placed) -> pl.DataFrame:
    """Stock, room, kept, sent and received of each group."""
    room = agents.room_by_team.sum(axis=1)
    left = agents.room_of(placed.field).sum(axis=1)
    kinds = {"team_code": pl.String, "room": pl.Int64, "room_left": pl.Int64}
    base = pl.DataFrame({"team_code": agents.teams, "room": room, "room_left": left}, schema=kinds)
    tier = pl.col("tier")
    origin = found.group_by(pl.col("team_code").fill_null("")).agg(
        stock=pl.len(),
        named=(tier == NAMED).sum(),
        kept=(tier == OWN).sum(),
        sent=tier.is_in([NEAR, AWAY]).sum(),
        unplaced=(tier == NOBODY).sum(),
    )
    guests = found.filter(tier.is_in([NEAR, AWAY])).group_by(team_code="receiver_team").agg(received=pl.len())
    people = agents.frame.group_by("team_code").agg(eligible=pl.len())
    frame = base
    for part in (origin, guests, people):
        frame = frame.join(part, on="team_code", how="left")
    numbers = [name for name in sheets.TEAMS.schema if name != "team_code"]
    return conform(
        frame.with_columns(pl.col(numbers).fill_null(0).cast(pl.Int64))
        .sort("team_code")
        .select(*sheets.TEAMS.schema),
        sheets.TEAMS.schema,
    )


def people(found: pl.DataFrame, receivers: pl.DataFrame) -> pl.DataFrame:
    """What each of `receivers` got: rows with staff_number, team_code, people_class (in words), productivity_fen, held."""
    got = (
        found.filter(pl.col("receiver").is_not_null())
        .group_by(staff_number="receiver")
        .agg(
            customers=pl.col("row").n_unique().cast(pl.Int64),
            policies=pl.len().cast(pl.Int64),
            premium_fen=pl.col("value_fen").sum(),
        )
    )
    frame = receivers.join(got, on="staff_number", how="left")
    frame = frame.with_columns(pl.col("customers", "policies", "premium_fen").fill_null(0))
    frame = frame.with_columns(held_after=pl.col("held") + pl.col("policies")).sort("staff_number")
    return conform(frame.select(*sheets.PEOPLE.schema), sheets.PEOPLE.schema)


def with_class_words(agents: Agents) -> pl.DataFrame:
    """The agents with their class of people in words."""
    words = pl.col("people_class").replace_strict(dict(enumerate(CLASSES)), return_dtype=pl.String)
    return agents.frame.with_columns(people_class=words)


def order_row(name: str, agent: Ints, size: Ints, value_fen: Ints, chosen: bool) -> tuple[object, ...]:
    """One line of the ORDERS sheet: how one order shares pieces and premium among those who receive."""
    taken = agent >= 0
    pieces = np.bincount(agent[taken], size[taken]).astype(np.int64)
    value = np.zeros(len(pieces), dtype=np.int64)
    np.add.at(value, agent[taken], value_fen[taken])
    got = pieces > 0
    if not got.any():
        return (name, chosen, 0, 0, 0.0, 0, 0)
    return (
        name,
        chosen,
        int(got.sum()),
        int(pieces.max()),
        round(float(pieces[got].mean()), 2),
        int(value.max()),
        int(np.sort(value[got])[(got.sum() - 1) // 2]),
    )
