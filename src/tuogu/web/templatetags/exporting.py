"""The dialog that stands before every download: why, and for whom. One part, so that no page asks otherwise.

In: an id, the address that hands the file out, a title. Out: the dialog. Never: a download by a link.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext

from tuogu.exports.queries import Limits
from tuogu.web.shell import NAVIGATION

register = template.Library()


@register.inclusion_tag("parts/export_dialog.html", takes_context=True)
def export_dialog(
    context: Any,
    key: str,
    action: str,
    title: str,
    name: str = "",
    value: str = "",
    *,
    signed: bool = False,
    pdf: bool = False,
) -> dict[str, Any]:
    """`{% export_dialog "register" url _("分配登记表") %}`; opened by a button with `data-tg-dialog="register"`. `name` and
    `value`: one more field of the form; `signed`: a signed paper in clear, which a second person grants; `pdf`: the
    paper comes as a PDF too, chosen as the field `form`."""
    asked = {
        "key": key,
        "action": action,
        "title": title,
        "name": name,
        "value": value,
        "signed": signed,
        "pdf": pdf,
    }
    return fields(context) | asked


@register.inclusion_tag("parts/export_fields.html", takes_context=True)
def export_fields(context: Any, key: str) -> dict[str, Any]:
    """The fields alone, for a page whose form carries more (a selection)."""
    return fields(context) | {"key": key}


def fields(context: Any) -> dict[str, Any]:
    """What the fields need of the page."""
    return {
        "limits": Limits.of(context["viewer"].rulebook),
        "csrf_token": context.get("csrf_token"),
        "viewer": context["viewer"],
    }


@register.filter
def page_words(url_name: str) -> str:
    """policies:list → 保单: the part of the navigation that a page belongs to; '' where it belongs to none."""
    if url_name.startswith("phone:"):
        return gettext("手机页面")
    items = (item for group in NAVIGATION for item in group)
    return next((str(item.label) for item in items if url_name.startswith(item.under)), "")
