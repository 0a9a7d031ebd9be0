"""Every figure's definition, in one table: what is counted over what, in which period, by which source (S4-14, S4-40).

In: a rulebook. Out: `Measure` by key, in the order in which people read them; the words of dimensions, units and filters.
Never: two definitions of one figure, a figure shown without one.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Final

from tuogu.core.rulebook import Rulebook

DIMENSIONS: Final = {
    "branch": "机构",
    "department": "部门",
    "team": "组",
    "person": "人员",
    "source": "来源",
    "district": "区县",
    "street": "街道",
}
GROUPS: Final = {
    "development": "开发",
    "service": "服务",
    "persistency": "继续率",
    "renewal": "续保",
    "campaign": "活动",
    "book": "客户与负荷",
}
UNITS: Final = {"percent": "%", "per_mille": "‰", "each": "件/人"}
FILTERS: Final = {"ten_years": "十年期及以上"}  # S2-19
_PRINTED = 3  # the window that the source prints with its example (S4-15); the others "the same way" (S4-16)
# how people say these windows; any other number of months is written as a number
_COUNT_WORDS: Final = {3: "三个月", 6: "六个月", 12: "一年"}


@dataclass(frozen=True)
class Measure:
    """One figure. `ground` names the function that counts it, `months` and `days` its window where it has one."""

    key: str
    title: str
    numerator: str  # the words of each side
    denominator: str
    unit: str  # a key of UNITS
    group: str
    ground: str
    req: str
    source: str
    note: str = ""
    better: str = "up"  # up | down | "" where neither
    weight: str = ""  # the column summed instead of counting rows
    counted: str = (
        "period"  # period: what happens in it | cohort: months before it | end: how it stands at its end
    )
    months: int = 0
    days: int = 0
    filters: tuple[str, ...] = ()
    ends_in: str = "客户"  # what a drill lists

    def digest(self) -> str:
        """Changes with every word and number of the definition."""
        text = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def definitions(book: Rulebook) -> dict[str, Measure]:
    """Every figure that this rulebook defines, by key."""
    found = (*_development(book), *_service(), *_persistency(book), *_renewal(), *_campaign(book), *_book())
    return {one.key: one for one in found}


def _development(book: Rulebook) -> list[Measure]:
    assigned = "分配的孤儿单客户数（同一客户多次分配的，按最后一次计）"
    by_months = [
        Measure(
            f"develop_{n}",
            f"{_COUNT_WORDS.get(n, f'{n}个月')}开发成功率",
            "其中截至上月末、在分配日及以后新投保的客户数",
            f"{n}个月前那个日历月{assigned}",
            "percent",
            "development",
            "development",
            "S4-15" if n == _PRINTED else "S4-16",
            "孤儿保单二次开拓 L187-188; A-33; A-52",
            note="例：4月份的三个月开发成功率，1月分配、3月末以前开发；按日历月计，不是90天",
            counted="cohort",
            months=n,
            filters=("ten_years",),
        )
        for n in book["service.development_months"]
    ]
    days = book["service.development_days"]
    by_days = Measure(
        f"develop_{days}d",
        f"{days}天开发成功率",
        f"其中自分配日起{days}天内新投保的客户数",
        f"{days}天期在上月内届满、{assigned}",
        "percent",
        "development",
        "development_days",
        "S4-15",
        "ours: 日历月口径长短不一，另给按天口径对照; A-33",
        counted="cohort",
        days=days,
        filters=("ten_years",),
    )
    return [*by_months, by_days]


def _service() -> list[Measure]:
    reading, kpi = "孤儿保单二次开拓 L554-570; A-50", "孤儿保单二次开拓 L157-165"
    assigned = "期内名下的客户数（期内换人的，按最后一位责任人计）"
    return [
        Measure("contact", "接触率", "其中期内至少有一次短信、微信送达或电话接通的客户数", assigned, "percent", "service",
                "contact", "S4-40", reading),
        Measure("visit", "面访率", "其中期内至少当面拜访一次的客户数", assigned, "percent", "service", "visit", "S4-40",
                reading, note="只计当面拜访，电话、短信不算 (A-30)"),
        Measure("in_time", "服务及时率", "其中在期限内完成的件数", "期内到期的服务事项数（作废、免办的不计）", "percent",
                "service", "in_time", "S4-40", "ours: 各项服务期限是否做到", ends_in="服务事项"),
        Measure("complaint", "投诉率", "期内有效投诉件数", assigned, "per_mille", "service", "complaint", "S4-40", kpi,
                better="down", ends_in="投诉与客户"),
    ]  # fmt: skip


def _persistency(book: Rulebook) -> list[Measure]:
    def of(n: int, key: str, title: str, what: str, weight: str) -> Measure:
        return Measure(
            f"persistency_{n}{key}", f"{n}个月继续率（{title}）", f"其中期末仍有效的{what}",
            f"{n}个月前那个日历月生效的期交保单{what}（已满期或已给付的两边都不计）", "percent", "persistency",
            "persistency", "S4-40", "孤儿保单二次开拓 L157-165", weight=weight, counted="cohort", months=n,
            filters=("ten_years",), ends_in="保单",
        )  # fmt: skip

    months = book["measures.persistency_months"]
    return [
        of(n, key, title, what, weight)
        for n in months
        for key, title, what, weight in (
            ("", "件数", "件数", ""),
            ("_premium", "保费", "年化保费", "yearly_premium_fen"),
        )
    ]


def _renewal() -> list[Measure]:
    source, left_out = "汽车保险续保的流程管理 L47", "（凭证明报废、过户的不计）"
    return [
        Measure("renewal", "续保率（件数）", "其中已续保的件数", f"期内终保的车险保单件数{left_out}", "percent", "renewal",
                "renewal", "S3-23", source, ends_in="保单"),
        Measure("renewal_premium", "续保率（保费）", "其中已续保保单的原保费", f"期内终保的车险保单保费{left_out}",
                "percent", "renewal", "renewal", "S3-23", source, weight="premium_fen", ends_in="保单"),
    ]  # fmt: skip


def _campaign(book: Rulebook) -> list[Measure]:
    years = book["campaign.follow_up.payment_years_min"]
    use = "二次投保活动通知 L33,L38"
    return [
        Measure("utilisation", "客户资源利用率", "其中期末以前已联系上或已拜访的客户数", "期末以前随活动下发的客户数",
                "percent", "campaign", "utilisation", "S2-20", use, counted="end"),
        Measure("enrichment", "资料丰富度提升", "期末比下发时多填的资料份量（少填的相减）", "随活动下发的客户全部资料份量",
                "percent", "campaign", "enrichment", "S2-20", use, counted="end"),
        Measure("ten_years", f"{years}年期及以上占比", f"其中缴费期{years}年及以上的件数", "期内新生效的主险件数", "percent",
                "campaign", "ten_years", "S2-19", "二次投保活动通知 L2", ends_in="保单"),
    ]  # fmt: skip


def _book() -> list[Measure]:
    return [
        Measure("completeness", "资料完整度", "其中已填的资料份量", "期末名下客户的全部资料份量", "percent", "book",
                "completeness", "S4-40", "区域规划运作办法 L33", note="各项份量见制度 completeness.weights", counted="end"),
        Measure("load", "人均件数", "期末由人员负责的有效保单件数", "期末在岗且名下有保单的人数", "each", "book", "load",
                "S4-40", "ours: 名下件数是每项分配的上限所看的数", better="", counted="end", ends_in="客户与人员"),
    ]  # fmt: skip
