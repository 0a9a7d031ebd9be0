"""The words of a plan by its way to allocate, for templates; see web/plans/words.py."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext

from tuogu.core.strategies import STRATEGIES
from tuogu.web.plans import words

register = template.Library()


@register.filter
def counted(n: int | None, strategy: str) -> str:
    """12 件, 12 位客户."""
    return words.counted(n or 0, strategy or "")


@register.filter
def holder_word(strategy: str) -> str:
    """责任人, 开发权人 or 督导专员."""
    return words.words_of(strategy or "").holder


@register.filter
def number_word(strategy: str) -> str:
    """保单号 or 客户号."""
    return words.words_of(strategy or "").number


@register.filter
def strategy_word(strategy: str) -> str:
    """区域规划, 孤儿单匹配 …"""
    return gettext(STRATEGIES[strategy].label)


@register.filter
def staff_no(receiver: str | None) -> str:
    """The staff number of a receiver who is a person; '' for a pool."""
    return "" if not receiver or receiver == "buffer" or ":" in receiver else receiver
