"""The pages of supervision as tabs, and the words that all of them use.

In: a viewer, a rulebook. Out: tabs, titles of duties. Never: a tab that leads to a refusal.
"""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from tuogu.core.rulebook import Rulebook
from tuogu.core.timeline.obligations import obligations_of
from tuogu.web.parts import View
from tuogu.web.viewer import Viewer
from tuogu.work.kinds import Asked


def rooms(viewer: Viewer, here: str) -> list[View]:
    """The pages that this viewer may open."""
    pages = {
        "board": _("总览"), "late": _("逾期明细"), "escalations": _("升级"), "conflicts": _("待定记录"),
        "week_plans": _("周计划"), "coverage": _("拜访与整理"), "counts": _("服务统计"), "greetings": _("生日与活动"),
    }  # fmt: skip
    return [
        View(title, reverse(f"work:{name}"), None, name == here)
        for name, title in pages.items()
        if viewer.may(f"work:{name}")
    ]


def titles(rulebook: Rulebook) -> dict[str, str]:
    """Duty → what it is called: those of the rulebook, then those that people ask for."""
    known = {duty.key: _(duty.title) for duty in obligations_of(rulebook)}
    return known | {str(asked.value): _(asked.label) for asked in Asked}
