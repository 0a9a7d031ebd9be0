"""The ways to allocate, as values: what each places, by which right, with which options and tables.

In: nothing. Out: STRATEGIES. Never: a planner or a checker (they are joined in `core.plan` and `core.check`, which share
no code), a business number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tuogu.core.arrivals.sheets import SHEETS as ARRIVALS_SHEETS
from tuogu.core.block.sheets import SHEETS as BLOCK_SHEETS
from tuogu.core.campaign import sheets as campaign
from tuogu.core.centre import sheets as centre
from tuogu.core.map.sheets import SHEETS as MAP_SHEETS
from tuogu.core.match.sheets import SHEETS as MATCH_SHEETS
from tuogu.core.option_forms import fault
from tuogu.core.principles import PRINCIPLES
from tuogu.core.sheets import Sheet
from tuogu.core.supervise.sheets import SHEETS as SUPERVISE_SHEETS


class StrategyError(ValueError):
    """The strategy cannot run on this book or with these options; the message (Chinese) says what is missing. `option`: the
    one that is to blame, '' when it is none."""

    def __init__(self, message: str, option: str = "") -> None:
        super().__init__(message)
        self.option = option


@dataclass(frozen=True)
class Option:
    """A choice of the planner that is no rule. `choices` empty = a text in `form` (a key of `option_forms.FORMS`, '' = any);
    `default` '' = must be given when required."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...] = ()  # (value, label)
    default: str = ""
    required: bool = False
    note: str = ""
    lines: bool = False  # one entry a line
    form: str = ""


@dataclass(frozen=True)
class Strategy:
    """`relation` custody | development | supervision; `subject` policy | customer; `req`: the row that its releases cite.

    `quarterly`: instalments follow the release quarters of the territory rules; otherwise the first goes out on the day
    that the approver names and the next ones on the first day of the months under the rulebook key `months`.
    `starts_from`: the strategy whose approved plan it respects. `returns`: what it releases goes back to a pool.
    `moves_visits`: what it releases must be visited (N-20). `marketing`: what it places is offered something, so customers
    who refused that are left out (L-03); giving back what was offered, and every duty of service, is not marketing.
    `require`: raises StrategyError for options that do not fit each other.
    """

    name: str
    label: str
    purpose: str
    relation: str
    subject: str
    req: str
    options: tuple[Option, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    quarterly: bool = False
    months: str = ""
    starts_from: str = "territory"
    returns: bool = False
    draw_option: str = ""
    files_only: tuple[str, ...] = ()
    filings_first: bool = False
    moves_visits: bool = False
    marketing: bool = False
    require: Callable[[Mapping[str, str]], None] | None = None

    def settled(self, given: Mapping[str, str]) -> dict[str, str]:
        """`given` with defaults; StrategyError for an unknown option, a missing one, a value that is no choice or cannot be
        read, choices that contradict each other."""
        known = {option.name: option for option in self.options}
        unknown = sorted(given.keys() - known.keys())
        if unknown:
            raise StrategyError(f"{self.label}没有选项 {'、'.join(unknown)}")
        chosen = {name: given.get(name) or option.default for name, option in known.items()}
        for name, value in chosen.items():
            self._judge(known[name], value)
        if self.require is not None:
            self.require(chosen)
        return chosen

    def _judge(self, option: Option, value: str) -> None:
        name = option.label  # the terminal adds the option's own name
        if not value and option.required:
            raise StrategyError(f"{self.label}须给出{name}", option.name)
        if value and option.choices and value not in dict(option.choices):
            words = "、".join(f"{label}（{choice}）" for choice, label in option.choices)
            raise StrategyError(f"{name}只能是 {words}，不能是 {value}", option.name)
        wrong = fault(option.form, value)
        if wrong:
            raise StrategyError(f"{name}{wrong}", option.name)


def _seed_needs_its_draw(chosen: Mapping[str, str]) -> None:
    if chosen["seed_hex"] and not chosen["draw_id"]:
        raise StrategyError("给出抽签种子时，也要给出抽取编号", "draw_id")


def _leaver_or_units(chosen: Mapping[str, str]) -> None:
    if bool(chosen["from"]) == bool(chosen["units"]):
        raise StrategyError("整块调整须给出移出人或单元，二者只给一个", "from")


TERRITORY = Strategy(
    "territory", "区域规划", "孤儿保单按地址划区，挂靠客户经理", "custody", "policy", "S0-23",
    sheets=(PRINCIPLES,), quarterly=True, moves_visits=True,
)  # fmt: skip

_STAGE = Option("stage", "考核阶段", (("q2", "第二季度"), ("q3", "第三季度")), required=True)
_COMPLETED = (
    Option("completions", "完成数来源", (("book", "账内保单推算"), ("facts", "部门上报")), "book"),
    Option("first_release", "第一批下发日", note="空＝现持有客户中最早的下发日", form="day"),
    Option("until", "考核截止日", note="空＝方案日", form="day"),
    Option("early", "提前考核", (("no", "不提前"), ("yes", "提前")), "no", note="考核期不足制度规定的天数时"),
)
CAMPAIGN = Strategy(
    "campaign", "二次投保活动", "筛选单件非保障客户，在职归原销售人员，孤儿按部门保费占比分两批", "development", "customer",
    "S2-05", (Option("premium_year", "保费年度", note="空＝方案日的上一年", form="year"),), campaign.CAMPAIGN_SHEETS,
    months="campaign.wave_months", filings_first=True, marketing=True,
)  # fmt: skip
DEPARTMENT = Strategy(
    "department", "部门内分配", "部门池中的客户按上月产能分给业务精英", "development", "customer", "S2-07",
    (Option("department", "部门", note="机构代码；空＝全部部门", form="department"),), campaign.DEPARTMENT_SHEETS,
    starts_from="campaign", marketing=True,
)  # fmt: skip
RECLAIM = Strategy(
    "reclaim", "考核回收", "低于回收线的部门按公开抽签交回一部分客户", "development", "customer", "S2-10",
    (
        _STAGE,
        Option("draw_id", "抽取编号", note="已公开种子的抽签，几份用逗号分开；空＝只列待抽名单，供登记抽签", form="draws"),
        Option("seed_hex", "抽签种子", note="十六进制；只在没有登记抽签、直接用文件时给出", form="hex"),
        Option("first", "抽签范围", (("both", "全部剩余客户"), ("unreleased", "先抽未下发的")), "both"),
        *_COMPLETED,
    ),
    campaign.RECLAIM_SHEETS, starts_from="campaign", returns=True, draw_option="draw_id", files_only=("seed_hex",),
    require=_seed_needs_its_draw,
)  # fmt: skip
REDISTRIBUTE = Strategy(
    "redistribute", "再次分配", "回收池中的客户按完成量分给本区域达标的部门", "development", "customer", "S2-12",
    (_STAGE, *_COMPLETED), campaign.REDISTRIBUTION_SHEETS, starts_from="campaign", marketing=True,
)  # fmt: skip

ARRIVALS = Strategy(
    "arrivals", "新增孤儿保单", "新增孤儿保单按同一客户、区域、关键字、单件、整块五级安置，再用两种方式逐月微调", "custody",
    "policy", "P-23",
    (
        Option("singles", "单件调整清单", note="每行 保单号=工号；用于前三级没有定下的保单", lines=True, form="pairs"),
        Option("keywords", "关键字更正", note="每行 词=工号 改写或增加，词= 删去", lines=True, form="corrections"),
        Option("smooth", "逐月微调", (("yes", "微调"), ("no", "不微调")), "yes"),
    ),
    ARRIVALS_SHEETS, moves_visits=True,
)  # fmt: skip
CENTRE = Strategy(
    "centre", "客户资源分配", "理财中心每月把满期、续期、老客户、未到期和其他资源按得分分给保险规划师", "development",
    "customer",
    "S1-17", (Option("pieces", "本月分配件数", note="空＝全部可分配资源", form="count"),), centre.SHEETS,
    marketing=True,
)  # fmt: skip

BLOCK = Strategy(
    "block", "整块调整", "即将离司或新到人员的整个单元一次移交", "custody", "policy", "P-24",
    (
        Option("from", "移出人", note="工号；其全部单元", form="staff"),
        Option("units", "单元", note="识别码单位，用逗号分隔；与移出人二选一", form="codes"),
        Option("to", "接收人", note="工号；空＝由相邻客户经理按余量分接", form="staff"),
    ),
    BLOCK_SHEETS, moves_visits=True, require=_leaver_or_units,
)  # fmt: skip

MATCH = Strategy(
    "match", "孤儿单匹配", "孤儿保单按指定接收人、原营业组、他组富余的先后分给合格的营销员，或就近分给收展员", "custody",
    "policy",
    "S4-12",
    (
        Option("to", "分给", (("agents", "营销员"), ("collection", "收展员")), "agents"),
        Option("order", "组内分法", (("block", "整块"), ("round_robin", "轮流"), ("snake", "蛇形")), "block"),
        Option("surplus", "原营业组不足时", (("other_teams", "调配他组富余"), ("own_team", "转保全或收展")), "other_teams"),
        Option("groups", "复杂度分组", (("none", "不分"), ("complexity", "按复杂度与司龄")), "none"),
        Option("polling", "轮询", (("none", "不轮询"), ("under_loaded", "负荷低者先得")), "none"),
    ),
    MATCH_SHEETS, quarterly=True, moves_visits=True,
)  # fmt: skip

MAP = Strategy(
    "map", "对应关系", "按营业单位、邮政编码或区划代码与人员的对应关系分配", "custody", "policy", "P-26",
    (
        Option(
            "map", "对应关系", required=True, note="每行 代码=工号；邮政编码前写“邮编”；代码长的优先", lines=True,
            form="pairs",
        ),
        Option("scope", "范围", (("waiting", "无人服务的"), ("all", "全部孤儿保单")), "waiting"),
    ),
    MAP_SHEETS, moves_visits=True,
)  # fmt: skip

SUPERVISE = Strategy(
    "supervise", "督导件", "服务人员不属运营系列的保单，责任人不变，另配督导专员", "supervision", "policy", "P-27",
    (), SUPERVISE_SHEETS,
)  # fmt: skip

STRATEGIES: dict[str, Strategy] = {
    strategy.name: strategy
    for strategy in (
        TERRITORY,
        MATCH,
        CENTRE,
        CAMPAIGN,
        DEPARTMENT,
        RECLAIM,
        REDISTRIBUTE,
        ARRIVALS,
        BLOCK,
        MAP,
        SUPERVISE,
    )
}


def strategy(name: str) -> Strategy:
    """One strategy; StrategyError when there is none of that name."""
    if name not in STRATEGIES:
        raise StrategyError(f"没有分配方式 {name}；可用：{'、'.join(STRATEGIES)}")
    return STRATEGIES[name]
