"""Why this policy went to this person: the stored candidates, and the same answer derived from them again.

In: Plan, Book, Rulebook, a policy number. Out: `Explanation`. Never: an answer from anything but stored
rows; a person who differs from the plan's (that raises: the plan's explanation would be false).

The rule: of the candidates whom no limit excludes, the one with the smallest weighted distance; equal
distances are decided by the keyed hash that gave the ranks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from tuogu.core.by_hand import HAND
from tuogu.core.labels import (
    LEVER_REQUIREMENTS,
    LEVERS,
    NATURES,
    ORPHAN_SOURCES,
    ORPHAN_TYPES,
    ROUTES,
    SERVICE_CLASSES,
)
from tuogu.core.rulebook import Rulebook
from tuogu.core.sheets import shown
from tuogu.core.strategies import STRATEGIES, TERRITORY
from tuogu.core.tables import MONTH_COLUMNS, Book, Plan

OPEN_VERDICTS = ("chosen", "dearer")


class UnknownPolicyError(LookupError):
    """The plan does not speak of this policy number."""


class ExplanationError(RuntimeError):
    """The stored candidates do not give the person whom the plan names: a broken invariant."""


@dataclass(frozen=True)
class Candidate:
    """One ranked person. `cost_m` is policy-metres that choosing this person adds."""

    rank: int
    staff_number: str
    cost_m: int
    verdict: str
    detail: str


@dataclass(frozen=True)
class Explanation:
    """`staff_number` is null and `custodian` 'buffer' for a policy left aside. `inputs` are (name, value)
    in Chinese.
    """

    policy_number: str
    staff_number: str | None
    custodian: str
    unit_code: str | None
    rule: str
    inputs: tuple[tuple[str, str], ...]
    candidates: tuple[Candidate, ...]
    rulebook_version: str
    book_digest: str

    @property
    def by_distance(self) -> bool:
        """Whether distance ranked the candidates: a way to allocate without one writes 0 for everybody."""
        return any(c.cost_m for c in self.candidates)

    @property
    def rejected(self) -> tuple[Candidate, ...]:
        """Everybody listed but the chosen one."""
        return tuple(c for c in self.candidates if c.verdict != "chosen")


def explain(plan: Plan, book: Book, rulebook: Rulebook, policy_number: str) -> Explanation:
    """Explain one policy, or one customer where the strategy places customers. Raises UnknownPolicyError,
    ExplanationError."""
    if plan.strategy != TERRITORY.name:
        return _placed(plan, book, policy_number)
    row = plan.assignments.filter(pl.col("policy_number") == policy_number)
    if row.is_empty():
        return _left_aside(plan, book, policy_number)
    found, hand = row.row(0, named=True), by_hand_of(plan, policy_number)
    unit = (hand["former_unit"] if hand else None) or found["unit_code"]
    ranked = _ranked(plan, pl.col("policy_number") == policy_number) or _ranked(
        plan, (pl.col("unit_code") == unit) & pl.col("policy_number").is_null()
    )
    if hand:
        return _by_hand(plan, hand, found["unit_code"], _inputs(found, book), ranked)
    person = derive(ranked)
    if person is None or person != found["staff_number"]:
        raise ExplanationError(
            f"{policy_number}: candidates give {person}, the plan says {found['staff_number']}"
        )
    return Explanation(
        policy_number=policy_number,
        staff_number=person,
        custodian=person,
        unit_code=found["unit_code"],
        rule=_rule(found["lever"], rulebook),
        inputs=_inputs(found, book),
        candidates=ranked,
        rulebook_version=plan.rulebook_version,
        book_digest=plan.book_digest,
    )


def by_hand_of(plan: Plan, number: str) -> dict[str, Any] | None:
    """The row of ADJUSTED of a subject that a person moved; None for one that the program placed."""
    return next(plan.adjusted.filter(pl.col("number") == number).iter_rows(named=True), None)


def _by_hand(
    plan: Plan,
    hand: Mapping[str, Any],
    unit_code: str | None,
    inputs: tuple[tuple[str, str], ...],
    ranked: tuple[Candidate, ...],
) -> Explanation:
    """A person's choice: who, when and why, beside the candidates as the program had ranked them (N-04)."""
    program = derive(ranked)
    if program is not None and program != hand["former"]:
        raise ExplanationError(
            f"{hand['number']}: candidates give {program}, the program gave {hand['former']}"
        )
    turn = f"从 {hand['former']} 改给 {hand['receiver']}，理由：{hand['reason']}"
    rule = f"{LEVERS[HAND]}（N-04）：{hand['day']} 由工号 {hand['by']} {turn}"
    chosen = Candidate(0, hand["receiver"], 0, "chosen", f"{LEVERS[HAND]}：{hand['reason']}")
    others = tuple(
        replace(c, verdict="by_program") if c.verdict == "chosen" else c
        for c in ranked
        if c.staff_number != hand["receiver"]
    )
    return Explanation(
        policy_number=hand["number"],
        staff_number=hand["receiver"],
        custodian=hand["receiver"],
        unit_code=unit_code,
        rule=rule,
        inputs=inputs,
        candidates=(chosen, *others),
        rulebook_version=plan.rulebook_version,
        book_digest=plan.book_digest,
    )


def _placed(plan: Plan, book: Book, number: str) -> Explanation:
    """A placement of a strategy without territories: its rule, what its tables say of the subject, who was rejected."""
    found = plan.placements.filter(pl.col("number") == number)
    if found.is_empty():
        return _left_aside(plan, book, number)
    row = found.row(0, named=True)
    ranked, hand = _ranked(plan, pl.col("policy_number") == number), by_hand_of(plan, number)
    if hand:
        return _by_hand(plan, hand, row["unit_code"], _said_of(plan, number), ranked)
    if ranked and derive(ranked) != row["receiver"]:
        raise ExplanationError(f"{number}: candidates give {derive(ranked)}, the plan says {row['receiver']}")
    chosen = STRATEGIES[plan.strategy]
    requirement = LEVER_REQUIREMENTS.get(row["lever"], chosen.req)
    return Explanation(
        policy_number=number,
        staff_number=row["receiver"],
        custodian=row["receiver"],
        unit_code=row["unit_code"],
        rule=f"{chosen.label}：{LEVERS.get(row['lever'], row['lever'])}（{requirement}）",
        inputs=(
            ("期次", f"第{row['instalment']}期"),
            *((("名单位次", f"第{row['place']}位"),) if row["place"] is not None else ()),
            *_said_of(plan, number),
        ),
        candidates=ranked,
        rulebook_version=plan.rulebook_version,
        book_digest=plan.book_digest,
    )


def _ranked(plan: Plan, rows: pl.Expr) -> tuple[Candidate, ...]:
    listed = plan.candidates.filter(rows).sort("rank").select(Candidate.__dataclass_fields__.keys())
    return tuple(Candidate(**c) for c in listed.to_dicts())


def _said_of(plan: Plan, number: str) -> tuple[tuple[str, str], ...]:
    """What the strategy's own tables say of a subject: every column of its row, under the sheet's headings."""
    said: list[tuple[str, str]] = []
    for sheet in STRATEGIES[plan.strategy].sheets:
        subject = next((column.name for column in sheet.columns if column.kind == "subject"), None)
        if subject is None:
            continue
        for row in plan.tables[sheet.name].filter(pl.col(subject) == number).head(1).to_dicts():
            said += [(c.heading, shown(row[c.name], c, {})) for c in sheet.columns if c.name != subject]
    return tuple((name, value) for name, value in said if value)


def derive(ranked: tuple[Candidate, ...]) -> str | None:
    """The person whom the rule gives: the first by rank whom nothing excludes."""
    allowed = [c for c in ranked if c.verdict in OPEN_VERDICTS]
    return min(allowed, key=lambda c: (c.cost_m, c.rank)).staff_number if allowed else None


def derive_all(candidates: pl.DataFrame) -> pl.DataFrame:
    """The rule for a whole plan: unit_code, policy_number, staff_number derived from CANDIDATES."""
    allowed = candidates.filter(pl.col("verdict").is_in(OPEN_VERDICTS)).sort("cost_m", "rank")
    first = allowed.group_by("unit_code", "policy_number", maintain_order=True).first()
    return first.select("unit_code", "policy_number", "staff_number").sort("unit_code", "policy_number")


def _left_aside(plan: Plan, book: Book, policy_number: str) -> Explanation:
    row = plan.unplaced.filter(pl.col("policy_number") == policy_number)
    if row.is_empty():
        raise UnknownPolicyError(f"计划中没有保单 {policy_number}：它不是有效的孤儿主险保单，或业务员在职")
    found = row.row(0, named=True)
    classes = book.classified.filter(pl.col("policy_number") == policy_number)
    inputs = _classes(classes.row(0, named=True)) if len(classes) else ()
    return Explanation(
        policy_number,
        None,
        found["custodian"],
        None,
        found["detail"],
        inputs,
        _ranked(plan, pl.col("policy_number") == policy_number),
        plan.rulebook_version,
        plan.book_digest,
    )


_CLASSES = (  # title, column of CLASSIFIED, its words; the reason stands in the column of the same name with _reason
    ("孤儿类型", "orphan_type", ORPHAN_TYPES),
    ("孤儿来源", "orphan_source", ORPHAN_SOURCES),
    ("件的性质", "nature", NATURES),
    ("服务类型", "service_class", SERVICE_CLASSES),
    ("去向", "route", ROUTES),
)


def _classes(row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """How the policy was classified, each with its reason; a policy whose agent is in post is no orphan."""
    said = [] if row["orphan"] else [("孤儿保单", "否")]
    for title, column, words in _CLASSES:
        if row[column] is not None:
            why = row.get(f"{column}_reason")
            said.append((title, words.get(row[column], row[column]) + (f"（{why}）" if why else "")))
    return tuple(said)


def _rule(lever: str, rulebook: Rulebook) -> str:
    low, high = rulebook["territory.month_load_min"], rulebook["territory.month_load_max"]
    limits = f"每月{low}–{high}件、年度上限、均衡、服务区与团队完整"
    rule = f"在不违反{limits}的人选中，取加权距离最小者（S0-16、S0-17、S0-21）"
    if lever == "adjacent":
        return f"逐月调整：由相邻片区的客户经理承接（S0-22）；{rule}"
    return rule


def _inputs(row: dict[str, object], book: Book) -> tuple[tuple[str, str], ...]:
    place = book.communities.filter(pl.col("community_code") == row["community_code"])
    name = (
        "".join(place.select("district", "street", "community").row(0))
        if len(place)
        else str(row["community_code"])
    )
    due = "、".join(f"{i}月" for i, m in enumerate(MONTH_COLUMNS, 1) if row[m])
    return (
        ("社区", name),
        ("识别码单位", str(row["unit_code"])),
        ("应收月份", due or "今后一年无应收"),
        ("期次", f"第{row['instalment']}期"),
    )
