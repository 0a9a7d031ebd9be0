"""What the address of a list of pieces asks for, within what the viewer may see; the same for desk and phone.

In: a viewer, the query string. Out: `Asked` with one page of pieces. Never: a page beyond the day's looks (N-13), a piece
out of the claimant's ground.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from tuogu.accesslog import queries as seen
from tuogu.books import queries as books
from tuogu.books.people import ShownCustomer
from tuogu.ledger.kinds import Relation
from tuogu.org.rights import Right
from tuogu.pools import queries as pools
from tuogu.web import personal
from tuogu.web.paging import id_of
from tuogu.web.parts import View
from tuogu.web.viewer import Viewer

ROUTES = ("pools:pieces", "phone:pool")  # what the day's looks are counted on
DUE = {"30": 30, "60": 60, "90": 90}  # choices of the filter, in days
RELATIONS = (Relation.CUSTODY, Relation.DEVELOPMENT)


@dataclass(frozen=True)
class Asked:
    """One page. `looks_left`: None for those whose looks are not counted here; 0 = nothing more is shown today."""

    reach: pools.Reach
    rules: pools.PoolRules
    relation: str
    pool: pools.Pool | None
    wanted: books.PieceFilter
    page: books.PiecePage
    shown: dict[str, ShownCustomer]
    looks_left: int | None

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Rows with their pool, level and masked customer."""
        return [
            {
                "piece": piece, "pool": self.reach.pools.get(piece.custodian_id or 0),
                "level": self.rules.level(piece.yearly_premium_fen), "person": self.shown.get(piece.customer_number),
            }
            for piece in self.page.rows
        ]  # fmt: skip


def reach_of(viewer: Viewer) -> tuple[pools.Reach, pools.PoolRules]:
    """Which pools and pieces the viewer sees, under today's rules."""
    rules = pools.PoolRules.of(viewer.rulebook)
    claims = viewer.can(Right.CLAIM)
    return pools.reach(viewer.scope, viewer.person, rules, viewer.today, claims=claims), rules


def asked(viewer: Viewer, query: Mapping[str, str], *, size: int) -> Asked:
    """The page that an address names; unknown values narrow nothing."""
    reach, rules = reach_of(viewer)
    relation = query.get("relation", "")
    relation = relation if relation in RELATIONS else str(Relation.CUSTODY)
    pool = reach.pools.get(id_of(query.get("pool", "")) or 0)
    low, below = rules.bands().get(query.get("level", ""), (None, None))
    days = DUE.get(query.get("due", ""))
    wanted = replace(
        reach.wanted(relation, pool.id if pool else None),
        street=query.get("street", ""),
        product=query.get("product", "").strip(),
        low_fen=low,
        below_fen=below,
        due_until=viewer.today + timedelta(days=days) if days else None,
    )
    left = _looks_left(viewer, rules)
    rows = size if left is None else min(size, left)
    page = (
        books.piece_page(wanted, after=query.get("after", ""), size=rows)
        if rows
        else books.PiecePage((), None)
    )
    shown = personal.masked(piece.customer_number for piece in page.rows)
    return Asked(reach, rules, relation, pool, wanted, page, shown, left)


def _looks_left(viewer: Viewer, rules: pools.PoolRules) -> int | None:
    if not viewer.can(Right.CLAIM):
        return None
    return max(0, rules.views_per_day - seen.rows_seen(viewer.person, viewer.today, ROUTES))


def rooms(viewer: Viewer, here: str) -> list[View]:
    """The pages of the pools, as tabs."""
    mine = _("我的认领") if viewer.can(Right.CLAIM) else _("将退回的件")
    pages = {"board": _("公共池"), "pieces": _("池里的件"), "claims": mine, "log": _("领取与退回")}
    return [View(title, reverse(f"pools:{name}"), None, name == here) for name, title in pages.items()]


def relation_words() -> dict[str, str]:
    """What the two kinds of pieces are called."""
    return {Relation.CUSTODY: _("保单（责任）"), Relation.DEVELOPMENT: _("客户（开发权）")}
