"""The blocks of a board: each reads one thing, and the names of people are opened once for all of them.

In: what every block may need. Out: the context of the templates `home/_<name>.html`. Never: a person out of scope, a query
for each line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import polars as pl
from django.utils.translation import gettext

from tuogu.accesslog import queries as accesslog
from tuogu.books import queries as books
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org
from tuogu.plans import queries as plans
from tuogu.web.home.loads import chart, month_rows, spread, team_rows
from tuogu.web.viewer import Viewer
from tuogu.work import queries as work

LEAVERS_DAYS = 90
BATCHES = 5
WEEK_DAYS = 7
CARE_SHOWN = 8
Names = dict[int, str | None]


@dataclass(frozen=True)
class Ground:
    """What is known before any block reads. `gap`: live policies without a custodian; `duties`: every pool with who answers
    for it, the buffer group first; `plan`: the approved plan, where the viewer may open it."""

    viewer: Viewer
    loads: plans.MonthLoads | None
    gap: int
    duties: list[org.PoolDuty]
    plan: int | None

    @property
    def idle(self) -> list[org.PoolDuty]:
        """Pools for which nobody answers."""
        return [duty for duty in self.duties if duty.person is None]


@dataclass(frozen=True)
class Block:
    """`read` asks the rooms, `people` says whose names are shown, `show` makes the context with them."""

    read: Callable[[Ground], Any]
    people: Callable[[Any], Iterable[int]] = lambda read: ()
    show: Callable[[Any, Names], Any] = lambda read, names: read


def blocks(ground: Ground, wanted: Iterable[str]) -> dict[str, Any]:
    """The context of the wanted blocks."""
    read = {name: BLOCKS[name].read(ground) for name in wanted if name in BLOCKS}
    people = {person for name, value in read.items() for person in BLOCKS[name].people(value)}
    names = org.names(people) if people else {}
    shown = {name: BLOCKS[name].show(value, names) for name, value in read.items()}
    return shown | {"visible_batches": _visible_batches(ground.viewer, read)}


def _visible_batches(viewer: Viewer, read: dict[str, Any]) -> frozenset[int]:
    """The batches of all blocks whose page the viewer may open: all those posts see, but not each batch is within scope."""
    named = [batch.id for batch in read.get("batches", ())] + [
        row["leave"].batch for row in read.get("leavers", ())
    ]
    return books.visible_batches(viewer.scope, named) if named else frozenset()


# --- load by month ------------------------------------------------------------------------------------


def _loads(ground: Ground) -> dict[str, Any] | None:
    loads = ground.loads
    if loads is None or loads.frame.is_empty():
        return None
    people = loads.frame["custodian_id"].unique().to_list()
    return {
        "loads": loads, "plan": loads.plan, "open": ground.plan == loads.plan, "low": loads.low, "high": loads.high,
        "ids": people, "people": len(people), "rows": month_rows(loads), "spread": spread(loads),
    }  # fmt: skip


def _show_loads(read: dict[str, Any] | None, names: Names) -> dict[str, Any] | None:
    return None if read is None else read | {"chart": chart(read["loads"], names)}


def _team(ground: Ground) -> dict[str, Any]:
    people = [] if ground.loads is None else ground.loads.frame["custodian_id"].unique().to_list()
    held = ledger.held_counts([*people, ground.viewer.person])
    return {"rows": team_rows(ground.loads, held), "own": held.get(ground.viewer.person, 0)}


# --- custody --------------------------------------------------------------------------------------------


def _leavers(ground: Ground) -> list[dict[str, Any]]:
    """Who left within three months and what of theirs passed to the buffer group; people within scope only."""
    found = ledger.recent_leaves(ground.viewer.today - timedelta(days=LEAVERS_DAYS))
    if not found:
        return []
    numbers = dict(org.people(ground.viewer.scope).select("custodian_id", "staff_number").iter_rows())
    return [
        {"leave": leave, "person": leave.person, "number": numbers[leave.person]}
        for leave in found
        if leave.person in numbers
    ]


def _show_batches(found: list[ledger.RecentBatch], names: Names) -> list[dict[str, Any]]:
    return [
        {"batch": batch, "label": gettext(batch.label), "approved_by": names.get(batch.approved_by or 0)}
        for batch in found
    ]


def _chain(ground: Ground) -> dict[str, Any]:
    return {
        "seal": ledger.seal_state(), "guards": ledger.missing_triggers(), "gap": ground.gap,
        "idle": ground.idle,
    }  # fmt: skip


def _looks(ground: Ground) -> dict[str, Any]:
    today, week = accesslog.looks(ground.viewer.scope, ground.viewer.today, WEEK_DAYS)
    return {"today": today, "week": week}


def _care(ground: Ground) -> dict[str, Any]:
    """Whose tasks are late, the most first, and since when."""
    late = work.late(ground.viewer.scope, ground.viewer.today)
    people = late.group_by("person").agg(pl.col("count").sum(), pl.col("oldest").min())
    ordered = people.sort("count", "person", descending=[True, False])
    rows = ordered.head(CARE_SHOWN).to_dicts()
    return {"rows": rows, "persons": people.height, "total": int(late["count"].sum() or 0)}


BLOCKS = {
    "care": Block(
        _care,
        lambda care: [row["person"] for row in care["rows"]],
        lambda care, names: care | {"people": names},
    ),
    "loads": Block(_loads, lambda read: () if read is None else read["ids"], _show_loads),
    "team": Block(
        _team, lambda team: [row.person for row in team["rows"]], lambda team, names: team | {"names": names}
    ),
    "buffer": Block(
        lambda ground: ground.duties[0].person,
        lambda person: () if person is None else (person,),
        lambda person, names: {"person": person, "name": names.get(person)},
    ),
    "leavers": Block(
        _leavers,
        lambda found: [row["person"] for row in found],
        lambda found, names: [row | {"name": names.get(row["person"])} for row in found],
    ),
    "batches": Block(
        lambda ground: ledger.recent_batches(BATCHES),
        lambda found: [batch.approved_by for batch in found if batch.approved_by is not None],
        _show_batches,
    ),
    "chain": Block(_chain),
    "looks": Block(_looks),
}
