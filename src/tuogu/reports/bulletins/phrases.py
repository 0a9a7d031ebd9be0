"""Sentences and titles of reports that are filled with numbers and names, each once.

In: nothing. Out: templates (`%(name)s`) for the bulletins; all of them for `reports.telling`, which reads them back in
another language. A name that begins with `n` stands for a number or a day. Never: a filled sentence, two that read alike.
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

# periods, as core.measures.periods and asked write them
MONTH: Final = _("%(n_year)s年%(n_month)s月")
QUARTER: Final = _("%(n_year)s年第%(n_quarter)s季度")
YEAR: Final = _("%(n_year)s年")
SPAN: Final = _("%(n_first)s 至 %(n_last)s")

# what figures are made from
AS_OF: Final = _("数字截至 %(n_day)s，本期尚未冻结")
FROZEN: Final = _("%(period)s已冻结（%(n_day)s），制度 %(rules)s，摘要 %(digest)s")

# tables and pictures of figures
SUMMARY: Final = _("汇总（%(unit)s）")
SUMMARY_MONEY: Final = _("汇总（%(unit)s，按保费）")
NUMERATOR_OF: Final = _("%(measure)s：分子")
BY: Final = _("按%(dimension)s")
BY_PART: Final = _("按%(dimension)s（%(n)s）")
SPREAD: Final = _("%(measure)s：排名与离散")
COHORT: Final = _("%(n_month)s分配")
MONTHS: Final = _("%(n)s个月")

# motor renewal
ENDED: Final = _(
    "终保 %(n_ended)s 件，续保 %(n_kept)s 件；续保率按件数 %(n_rate)s，按保费 %(n_premium_rate)s"
)
ENDED_AHEAD: Final = _(
    "终保 %(n_ended)s 件（其中 %(n_ahead)s 件尚未到期），续保 %(n_kept)s 件；"
    "续保率按件数 %(n_rate)s，按保费 %(n_premium_rate)s"
)
WEEK: Final = _(
    "本周终保 %(n_ended)s 件，已续保 %(n_kept)s 件；"
    "本周办成续保 %(n_renewed)s 件，流失 %(n_lost)s 件；联系客户 %(n_touched)s 位"
)
WEEK_AHEAD: Final = _(
    "本周终保 %(n_ended)s 件（其中 %(n_ahead)s 件尚未到期），已续保 %(n_kept)s 件；"
    "本周办成续保 %(n_renewed)s 件，流失 %(n_lost)s 件；联系客户 %(n_touched)s 位"
)
RUNNING: Final = _("截至 %(n_day)s 在手 %(n_held)s 件，待明确责任人 %(n_nobody)s 件，逾期 %(n_late)s 件")
HELD: Final = _("在手 %(n_held)s 件，逾期 %(n_late)s 件")
POLICY: Final = _("按 %(n_year)s 年考核奖励政策第 %(n_version)s 版")
NO_POLICY: Final = _("%(n_year)s 年的考核奖励政策尚未审批，本表只列数字，不计奖罚")
LAPSED: Final = _("共 %(n)s 件；持续追踪，直至客户车辆已经投保")
CONTACTED: Final = _("联系满%(n)s次")

# allowances and campaign
BAND: Final = _("%(n)s以上")
BAND_OPEN: Final = _("%(kind)s%(n_start)s以上的系数尚未设定")
BAND_DOUBTFUL: Final = _("%(kind)s%(n_start)s以上每件 %(n_yuan)s 元，超出原文的幅度")
RESTORED: Final = _("%(n)s（修复值）")
ATTAINED: Final = _("%(campaign)s：目标达成率")
RANKED: Final = _("%(campaign)s：%(stage)s，制度 %(rules)s，摘要 %(digest)s")
NAMED: Final = _("予以通报：%(departments)s")
SEMINAR: Final = _("专场产品说明会：%(department)s")

# definitions whose numbers stand in the rulebook (core.measures.definitions)
_DEVELOP: Final = (
    _("%(n)s个月开发成功率"),
    _("%(n)s天开发成功率"),
    _("%(n)s个月前那个日历月分配的孤儿单客户数（同一客户多次分配的，按最后一次计）"),
    _("其中自分配日起%(n)s天内新投保的客户数"),
    _("%(n)s天期在上月内届满、分配的孤儿单客户数（同一客户多次分配的，按最后一次计）"),
)
_PERSISTENCY: Final = (
    _("%(n)s个月继续率（件数）"),
    _("%(n)s个月继续率（保费）"),
    _("%(n)s个月前那个日历月生效的期交保单件数（已满期或已给付的两边都不计）"),
    _("%(n)s个月前那个日历月生效的期交保单年化保费（已满期或已给付的两边都不计）"),
)
_LONG: Final = (_("%(n)s年期及以上占比"), _("其中缴费期%(n)s年及以上的件数"))

ALL: Final = (
    MONTH, QUARTER, YEAR, SPAN, AS_OF, FROZEN, SUMMARY_MONEY, SUMMARY, ENDED_AHEAD, ENDED, WEEK_AHEAD, WEEK, RUNNING, HELD,
    POLICY, NO_POLICY, LAPSED, CONTACTED, BAND_OPEN, BAND_DOUBTFUL, BAND, RESTORED, *_DEVELOP, *_PERSISTENCY, *_LONG,
    COHORT, MONTHS, SPREAD, NUMERATOR_OF, ATTAINED, RANKED, NAMED, SEMINAR, BY_PART, BY,
)  # fmt: skip  # of two that could both be read, the narrower one first
