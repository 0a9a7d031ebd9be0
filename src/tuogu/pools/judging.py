"""Whether a person may take a piece out of a pool: every reason that speaks against it, in words.

In: a claimant, a piece, its pool, the rules, what the customer said. Out: a sentence, '' = nothing speaks against it. Never:
a claim let through because a fact is missing.
"""

from __future__ import annotations

from collections.abc import Mapping

from tuogu.books import queries as books
from tuogu.ledger.kinds import Relation
from tuogu.org import queries as org
from tuogu.pools.claimants import Claimant
from tuogu.pools.ruling import Pool, PoolRules
from tuogu.privacy import queries as privacy
from tuogu.privacy.kinds import Channel, Purpose

LEDGER_WORDS = {
    "unknown_subject": "台账里没有这件", "not_in_pool": "已不在公共池", "claimant_left": "您已不在职，不能认领",
    "cap_reached": "在手件数已满", "closed": "已终止", "already_in_pool": "已在公共池",
    "head_moved": "刚刚被别人领走",
}  # fmt: skip


def refusal(who: Claimant, piece: books.Piece | None, pools: Mapping[int, Pool], rules: PoolRules) -> str:
    """Why this person may not claim this piece now."""
    if piece is None:
        return "没有这件，或已终止"
    pool = pools.get(piece.custodian_id or 0)
    if pool is None:
        return "已不在公共池，可能刚被别人领走"
    if not rules.claimable(pool.kind):
        return f"{pool.name}的件不能认领，由分配方案下发"
    return (
        _of_person(who, pool, rules)
        or _of_ground(who, piece, pool)
        or _of_level(who, piece, rules)
        or _of_counts(who, pool, rules)
        or _of_customer(piece)
    )


def _of_person(who: Claimant, pool: Pool, rules: PoolRules) -> str:
    if who.away:
        return "您今天缺勤，缺勤期间不接收新件"  # P-06
    if not rules.may_series(who.series):
        return f"您的系列不能从{pool.name}认领"
    return "" if rules.may_rank(who.rank) else f"您的职级（{who.rank or '未登记'}）不能认领"


def _of_ground(who: Claimant, piece: books.Piece, pool: Pool) -> str:
    if not who.may_enter(dict(org.placed_pools()).get(pool.id)):
        return f"不在您的地界内，{pool.name}的公共池只对本机构的人员开放"
    several = piece.relation != Relation.CUSTODY and not piece.institution_code
    return "" if several or piece.institution_code in who.ground else "不在您的地界内，由管理机构的人员认领"


def _of_level(who: Claimant, piece: books.Piece, rules: PoolRules) -> str:
    level = rules.level(piece.yearly_premium_fen)
    needed = rules.level_months(level)
    if not needed or (who.months is not None and who.months >= needed):
        return ""
    return f"{level}级客户须在岗满 {needed} 个月才能认领"


def _of_counts(who: Claimant, pool: Pool, rules: PoolRules) -> str:
    kind = pool.kind
    if who.today.get(kind, 0) >= rules.per_day(kind):
        return f"今天已从这类公共池认领 {who.today.get(kind, 0)} 件，达到每日上限"
    if who.standing.get(kind, 0) >= rules.hold_max(kind):
        return f"在手认领件已有 {who.standing[kind]} 件，达到上限；退回或跟进完成后再领"
    return "" if who.room > 0 else "三十天接收上限已满，今天没有余量"  # P-06


def _of_customer(piece: books.Piece) -> str:
    """A refusal of marketing ends what may be developed; service of a contract goes on (L-03)."""
    if piece.relation != Relation.DEVELOPMENT:
        return ""
    if privacy.ground_of(piece.customer_number):
        return "客户资料已停止处理，不能认领开发"
    said = privacy.may_contact(piece.customer_number, Purpose.MARKETING, Channel.ANY)
    return "" if said.allowed else "客户已拒绝营销，不能认领开发"
