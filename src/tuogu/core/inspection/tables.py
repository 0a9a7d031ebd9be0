"""The tables of inspection: facts that people file, penalties that follow.

In: nothing. Out: schemas and the words of their codes. Never: a column that only a page needs.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from tuogu.core.tables import B, D, I, S, Schema, empty

LOG_PARTS = {
    "work": "当日工作内容",
    "collection": "收费服务情况",
    "development": "业务拓展情况",
    "achievement": "计划达成情况",
    "next_plan": "明日工作计划",
}
LOGS: Schema = {  # one row a person and day on which a log is owed
    "staff_number": S,
    "log_date": D,
    "filed": B,
    **dict.fromkeys(LOG_PARTS, B),  # the part is filled in
    "marked_points": I,  # the supervisor's mark; null = not marked yet
}
OWNERS: Schema = {  # who owes a log, and who stands above; null = nobody
    "staff_number": S,
    "series": S,  # sales | management
    "department_code": S,
    "supervisor_number": S,
    "head_number": S,  # team head (大主管)
    "manager_number": S,  # department or manpower manager
}
LEVELS = {
    "supervisor": "直接主管检查",
    "head": "大主管抽查",
    "department": "部门随机抽查",
    "management": "管理日志检查",
}
OUTCOMES = {"seen": "已查看", "absent": "当下不能接受抽查", "lost": "遗失"}
CHECKS: Schema = {
    "check": S,  # its number
    "level": S,  # a key of LEVELS
    "staff_number": S,  # whose log
    "log_date": D,
    "checked_date": D,
    "by": S,  # who checked
    "outcome": S,  # a key of OUTCOMES
    "marked_points": I,  # the supervisor's mark when it was checked; null = none, or not seen
    "marker_number": S,  # who gave that mark
    "found_points": I,  # what the log is worth by this check; null = not judged
    "noted": B,  # the check noted that the mark is wrong (of a team head's check)
    "recheck_of": S,  # the check that this one makes good; null = a check of its own
}
RECEIPT_STEPS = {
    "signed": "签收",
    "bound": "装订清单",
    "carded": "建卡",
    "registered": "缮制保单资料册",
    "visited": "回访",
}
RECEIPTS: Schema = {  # one row a handing out of policies to a person
    "receipt": S,
    "staff_number": S,
    "given_date": D,
    **dict.fromkeys(RECEIPT_STEPS, B),
    "feedback_date": D,  # null = not yet
    "refused_date": D,  # null = not refused
    "with_cause": B,  # of a refusal, as confirmed; null = not decided
}
FALSIFIED: Schema = {  # confirmed events, falsified or irregular
    "event": S,
    "staff_number": S,
    "log_date": D,
    "confirmed_date": D,
}


@dataclass(frozen=True)
class FoundKind:
    """What a finding of a room above means: the words, what follows, and the rulebook's key of how much."""

    words: str
    effect: str  # a key of EFFECTS
    req: str
    amount: str


FOUND_KINDS = {
    "data_untrue": FoundKind("抽查：客户信息不真实", "fine", "S3-22", "renewal.fine_untrue_fen"),
    "service_missing": FoundKind("抽查：续保服务未落实", "fine", "S3-22", "renewal.fine_service_fen"),
    "procedure_broken": FoundKind("抽查：流程不规范", "fine", "S3-22", "renewal.fine_procedure_fen"),
    "unsatisfied": FoundKind("抽查：客户不满意", "fine", "S3-22", "renewal.fine_unsatisfied_fen"),
    "all_good": FoundKind("抽查：四项均合格", "reward", "S3-22", "renewal.reward_sample_fen"),
    "entry_untrue": FoundKind("录入的客户信息不真实", "fine", "S3-01", "renewal.fine_entry_fen"),
}
FOUND: Schema = {  # one row a finding about a person, filed by a room above
    "finding": S,
    "staff_number": S,
    "kind": S,  # a key of FOUND_KINDS
    "found_date": D,
    "detail": S,
}
REVERSALS: Schema = {"penalty": S, "reversed_date": D}
EFFECTS = {
    "points": "扣日志评分",
    "zero": "日志评分为零",
    "bar": "取消今后所有资源配发资格",
    "withhold": "停发客户资源",
    "pay": "降低委托报酬",
    "no_piece_allowance": "不计发计件津贴",
    "no_persistency": "不计持续率得分",
    "disqualify": "取消保险规划师资格",
    "fine": "按制度处罚",
    "reward": "按制度奖励",
}
BY_AMOUNT = ("pay", "fine", "reward")  # effects that are a sum of money; 0 = the rulebook leaves it open
NO_RESOURCES = ("bar", "withhold", "disqualify")  # effects under which nothing is handed out
PENALTIES: Schema = {
    "penalty": S,  # requirement:effect:source:person, the same for ever
    "staff_number": S,
    "req": S,
    "effect": S,  # a key of EFFECTS
    "role": S,  # as what: owner | supervisor | head
    "points": I,  # hundredths of a point taken; 0 where the effect is none of points
    "amount_fen": I,  # taken from the pay, of a reward given; 0 …
    "from_date": D,  # the period that it is about, half open
    "until_date": D,  # null = for good
    "source_kind": S,  # check | receipt | event | finding
    "source_ref": S,
    "fact_date": D,  # the day on which it became a fact
    "detail": S,  # sentence in Chinese with the figures
}


@dataclass(frozen=True)
class InspectionFacts:
    """Everything that penalties are computed from."""

    checks: pl.DataFrame = field(default_factory=lambda: empty(CHECKS))
    receipts: pl.DataFrame = field(default_factory=lambda: empty(RECEIPTS))
    falsified: pl.DataFrame = field(default_factory=lambda: empty(FALSIFIED))
    reversals: pl.DataFrame = field(default_factory=lambda: empty(REVERSALS))
    found: pl.DataFrame = field(default_factory=lambda: empty(FOUND))
