"""What tables of lists are made of: cells that know whether their column is shown, links that carry the list along.

In: the page's context (`shown`: keys of the columns to show; `trail`: the list's address). Out: attributes. Never: a column
hidden by the browser alone: what is chosen is kept by the server.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag(takes_context=True)
def col(context: Any, key: str) -> SafeString:
    """`<td {% col "phone" %}>`: names the column of a cell; hidden unless it is among the columns to show."""
    shown = context.get("shown")
    hidden = mark_safe(" hidden") if shown is not None and key not in shown else ""
    return format_html('data-col="{}"{}', key, hidden)
