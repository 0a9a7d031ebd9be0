"""What the form of a record offers: kinds with their outcomes, five questions, the conduct at the door, the questionnaire.

In: the enumerations of `work`, the rulebook. Out: choices for the template. Never: a word of its own for what the room of
records names already.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from tuogu.core.calling import ANSWERS
from tuogu.core.rulebook import Rulebook
from tuogu.work.kinds import Attitude, Collection, Kind, NoVisit, Outcome, Reason, Service
from tuogu.work.said import outcomes_of

FIRST_KINDS = (Kind.VISIT, Kind.CALL, Kind.WECHAT, Kind.HANDED)  # those of most days; the others come after
CONDUCT = {  # S1-25
    "early": gettext_lazy("提前 %(minutes)s 分钟到"),
    "shoe_covers": gettext_lazy("进门前主动穿上鞋套"),
    "greeting": gettext_lazy("鞠躬问候，面带微笑"),
    "card_licence": gettext_lazy("递送名片，出示展业证"),
    "in_time": gettext_lazy("在预约时间内完成"),
    "farewell": gettext_lazy("告辞时一一道别"),
}
TOOLS = (  # what is carried to the door (S1-25)
    gettext_lazy("名片、工作证、身份证、展业证"),
    gettext_lazy("客户服务卡、客户资料册、活动日志"),
    gettext_lazy("签字笔、鞋套、保单封皮"),
    gettext_lazy("展业用书、宣传页、计划书"),
)
SATISFACTION = {  # S1-33: the source asks for the form, the questions are ours
    "manner": gettext_lazy("服务态度"),
    "knowledge": gettext_lazy("讲解清楚、专业"),
    "punctual": gettext_lazy("守时守约"),
    "accepted": gettext_lazy("愿意由这位专员继续服务"),
}
MARKS = {
    5: gettext_lazy("很满意"),
    4: gettext_lazy("满意"),
    3: gettext_lazy("一般"),
    2: gettext_lazy("不满意"),
    1: gettext_lazy("很不满意"),
}


@dataclass(frozen=True)
class Choice:
    """One thing to choose. `kinds`: the kinds of records with which it goes, '' = all."""

    code: str
    label: str
    kinds: str = ""
    chosen: bool = False


def record_words(
    rulebook: Rulebook, *, kind: str, reasons: Iterable[str], full: bool = True
) -> dict[str, Any]:
    """Everything that the form shows. `reasons`: suggested ones, the first is chosen."""
    suggested = list(dict.fromkeys(reasons))
    return {
        "kinds": _kinds(kind),
        "outcomes": _outcomes(kind),
        "reasons": _reasons(suggested),
        "suggested": bool(suggested),
        "services": _choices(Service),
        "attitudes": _choices(Attitude),
        "collections": _choices(Collection),
        "no_visits": _choices(NoVisit),
        "next_kinds": _choices(Kind, (Kind.VISIT, Kind.CALL, Kind.WECHAT)),
        "questions": {
            name: (gettext(question), [Choice(code, gettext(word)) for code, word in answers.items()])
            for name, (question, answers) in ANSWERS.items()
        },
        "conduct_list": list(conduct_words(rulebook).items()),
        "satisfaction": SATISFACTION,
        "marks": MARKS,
        "full": full,
        "text_max": rulebook["work.text_chars_max"],
        "backdated_days": rulebook["work.backdated_days"],
    }


def conduct_words(rulebook: Rulebook) -> dict[str, str]:
    """The checklist of conduct with the rulebook's minutes."""
    minutes = rulebook["review.visit_early_minutes"]
    return {
        code: str(words) % {"minutes": minutes} if "%" in str(words) else str(words)
        for code, words in CONDUCT.items()
    }


def _choices(words: Iterable[Any], some: Iterable[Any] | None = None) -> list[Choice]:
    return [Choice(str(one.value), gettext(one.label)) for one in some or words]


def _kinds(chosen: str) -> list[Choice]:
    order = [*FIRST_KINDS, *(kind for kind in Kind if kind not in FIRST_KINDS)]
    return [Choice(str(kind.value), gettext(kind.label), chosen=kind == chosen) for kind in order]


def _outcomes(kind: str) -> list[Choice]:
    fits = {outcome: [str(k.value) for k in Kind if outcome in outcomes_of(k)] for outcome in Outcome}
    first = next((outcome for outcome in Outcome if kind in fits[outcome]), None)
    return [
        Choice(str(outcome.value), gettext(outcome.label), " ".join(kinds), outcome == first)
        for outcome, kinds in fits.items()
    ]


def _reasons(suggested: list[str]) -> list[Choice]:
    order = [*(r for r in suggested if r in Reason.values), *(r for r in Reason.values if r not in suggested)]
    return [Choice(code, gettext(Reason(code).label), chosen=place == 0) for place, code in enumerate(order)]
