"""How values are written on every page, and the small components. Loaded everywhere as a builtin.

In: plain values. Out: text or a small piece of markup, escaped. Never: personal data unmasked (it arrives masked).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from tuogu.core import labels
from tuogu.core.calling import ATTITUDES
from tuogu.core.check_words import CHECK_RULES
from tuogu.core.intake_titles import TITLES
from tuogu.ledger.kinds import EntryKind, Relation
from tuogu.web.assets import icon_body
from tuogu.work.kinds import Kind, Outcome

register = template.Library()
_LABELS = {
    "orphan_type": labels.ORPHAN_TYPES,
    "orphan_source": labels.ORPHAN_SOURCES,
    "nature": labels.NATURES,
    "service_class": labels.SERVICE_CLASSES,
    "policy_state": labels.POLICY_STATES,
    "frequency": labels.PAYMENT_FREQUENCIES,
    "lever": labels.LEVERS,
    "unplaced": labels.UNPLACED_REASONS,
    "manual": labels.MANUAL_REASONS,
    "break_level": labels.BREAK_LEVELS,
    "region_level": labels.REGION_LEVELS,
    "verdict": labels.VERDICTS,
    "entry_reason": labels.ENTRY_REASONS,
    "rule": labels.RULES,
    "attitude": ATTITUDES,
    "visit_reason": labels.VISIT_REASONS,
    "record_kind": dict(Kind.choices),
    "record_outcome": dict(Outcome.choices),
    "check": CHECK_RULES,
    "entry_kind": {kind.value: str(kind.label) for kind in EntryKind},
    "relation": {relation.value: str(relation.label) for relation in Relation},
}
NOTHING = "—"
OPTIONS_AT_ONCE = 50  # that an eye takes in; more are searched
_COLUMN_TITLES = frozenset(title for columns in TITLES.values() for title in columns.values())


@register.simple_tag
def icon(name: str) -> SafeString:
    """An outline icon as inline SVG, for the eye only: a word always stands beside it."""
    body = mark_safe(icon_body(name))  # from the package, never from a user
    return format_html('<svg class="ti" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', body)


@register.filter
def num(value: float | str | None) -> str:
    """1234 → 1,234; nothing → —; a minus is a minus sign."""
    if value is None or value == "":
        return NOTHING
    return (
        f"{value:,}".replace("-", "−") if isinstance(value, int) else f"{float(value):,.2f}".replace("-", "−")
    )


@register.filter
def fixed(value: float | None, digits: int) -> str:
    """A number with so many decimals."""
    return NOTHING if value is None else f"{value:,.{digits}f}".replace("-", "−")


@register.filter
def kilo(value: float | None) -> float | None:
    """Metres → kilometres."""
    return None if value is None else value / 1_000


@register.filter
def signed(value: int | None) -> str:
    """+153, −52, 0."""
    return NOTHING if value is None else f"{value:+,}".replace("-", "−") if value else "0"


@register.filter
def yuan(fen: int | None) -> str:
    """Fen → 6,820.00."""
    return NOTHING if fen is None else f"{fen // 100:,}.{fen % 100:02d}"


@register.filter
def percent(share: float | None, digits: int = 1) -> str:
    """0.0170 → 1.7 (the sign stands beside it in the template)."""
    return NOTHING if share is None or share == float("inf") else f"{share * 100:.{digits}f}"


@register.filter
def rate(bp: int | None) -> str:
    """Hundredths of a percent: 9981 → 99.81%."""
    return NOTHING if bp is None else f"{bp // 100}.{bp % 100:02d}%"


@register.filter
def off(bp: int | None) -> str:
    """A deviation in hundredths of a percent: 1230 → +12.3%, −412 → −4.1%."""
    if bp is None:
        return NOTHING
    tenths = (2 * abs(bp) + 10) // 20
    sign = "" if not tenths else "−" if bp < 0 else "+"
    return f"{sign}{tenths // 10:,}.{tenths % 10}%"


@register.filter
def points(hundredths: int | None) -> str:
    """Hundredths of a point: 1850 → 18.5."""
    return NOTHING if hundredths is None else f"{hundredths / 100:,.2f}".rstrip("0").rstrip(".")


@register.filter
def day(value: date | None) -> str:
    """2026-11-22; a moment is shown as its day in Asia/Shanghai."""
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return NOTHING if not value else value.strftime("%Y-%m-%d")


@register.filter
def short_day(value: date | None) -> str:
    """11-22."""
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return NOTHING if not value else value.strftime("%m-%d")


@register.filter
def near_day(value: date | None) -> str:
    """11-22 of this year, else with the year: 2027-11-22."""
    if not value:
        return NOTHING
    return value.strftime("%m-%d" if value.year == timezone.localtime().year else "%Y-%m-%d")


@register.filter
def moment(value: datetime | None) -> str:
    """11-22 09:12 of this year, else with the year; Asia/Shanghai."""
    if not value:
        return NOTHING
    local = timezone.localtime(value)
    return local.strftime("%m-%d %H:%M" if local.year == timezone.localtime().year else "%Y-%m-%d %H:%M")


@register.filter
def clock(value: datetime | None) -> str:
    """09:12; Asia/Shanghai."""
    return NOTHING if not value else timezone.localtime(value).strftime("%H:%M")


@register.filter
def weekday(value: date) -> str:
    """周一 … 周日."""
    names = [
        gettext("周一"), gettext("周二"), gettext("周三"), gettext("周四"), gettext("周五"), gettext("周六"),
        gettext("周日"),
    ]  # fmt: skip
    return names[value.weekday()]


@register.filter
def label(code: Any, table: str) -> str:
    """The word for a code of core.labels: `{{ row.orphan_type|label:"orphan_type" }}`; an unknown code as it is."""
    if code is None or code == "":
        return NOTHING
    words: Any = _LABELS[table]
    word = words.get(code)
    return gettext(word) if word else str(code)


@register.filter
def own_title(header: str | None) -> str:
    """A header of a file in the chosen language where it is one of our titles; any other as the file has it."""
    return gettext(header) if header and header in _COLUMN_TITLES else header or ""


@register.filter
def chosen(given: Any, code: str) -> bool:
    """Whether a form that comes back had this choice: `given` is a text or a list of texts."""
    return code in given if isinstance(given, (list, tuple)) else bool(given) and given == code


@register.filter
def word(value: str | None) -> str:
    """A word that a room below gives in Chinese, such as the label of a post, in the chosen language."""
    return gettext(value) if value else NOTHING


@register.simple_tag
def days_left(due: date, today: date, dated: bool = False) -> SafeString:
    """A deadline in words: 迟 2 天, 今天, 明天, 还剩 4 天, 11-27 前; the class says how pressing. `dated`: the day stands
    beside it, so that a far one says nothing more."""
    left = (due - today).days
    if left < 0:
        return format_html('<span class="due bad">{}</span>', gettext("迟 %(n)s 天") % {"n": -left})
    if left <= 1:
        word = gettext("今天") if left == 0 else gettext("明天")
        return format_html('<span class="due {}">{}</span>', "bad" if left == 0 else "warn", word)
    if left <= 7:
        return format_html('<span class="due">{}</span>', gettext("还剩 %(n)s 天") % {"n": left})
    if dated:
        return mark_safe("")  # nothing of a user
    return format_html('<span class="due">{}</span>', gettext("%(day)s 前") % {"day": due.strftime("%m-%d")})


@register.simple_tag(takes_context=True)
def query(context: Any, **changes: Any) -> str:
    """The page's own query string with some values changed; None removes one. Keyset marks never survive a change."""
    values = context["request"].GET.copy()
    for name in ("after", "before", "first"):
        values.pop(name, None)
    for name, value in changes.items():
        values.pop(name, None)
        if isinstance(value, (list, tuple)):
            values.setlist(name, [str(v) for v in value])
        elif value is not None and value != "":
            values[name] = str(value)
    return f"?{values.urlencode()}"


@register.inclusion_tag("parts/sort_head.html", takes_context=True)
def sort_head(context: Any, title: str, key: str, css: str = "", col: str = "") -> dict[str, Any]:
    """A column head that sorts. The page's context holds `sort`: 'due' or '-due'. `col`: its name in a column chooser."""
    now = context.get("sort", "")
    direction = {key: "ascending", f"-{key}": "descending"}.get(now)
    target = f"-{key}" if now == key else key
    return {
        "title": title,
        "direction": direction,
        "url": query(context, sort=target),
        "css": css,
        "col": col,
        "hidden": bool(col) and "shown" in context and col not in context["shown"],
    }


@register.inclusion_tag("parts/note.html")
def note(tone: str, text: str, link: str = "", link_text: str = "") -> dict[str, Any]:
    """One line about an outcome. tone: good | warn | bad | info."""
    icons = {"good": "check", "warn": "clock", "bad": "alert-circle", "info": "info-circle", "lock": "lock"}
    css = {"lock": "bad", "info": ""}.get(tone, tone)
    return {"css": css, "icon_name": icons[tone], "text": text, "link": link, "link_text": link_text}


@register.inclusion_tag("parts/empty.html")
def empty(icon_name: str, title: str, text: str = "", link: str = "", link_text: str = "") -> dict[str, Any]:
    """Nothing to show, why, and what to do next."""
    return {"icon_name": icon_name, "title": title, "text": text, "link": link, "link_text": link_text}


@register.inclusion_tag("parts/figure.html")
def figure(item: Any) -> dict[str, Any]:
    """One of the figures of a board: a `tuogu.web.parts.Figure`."""
    return {"item": item}


@register.inclusion_tag("parts/timeline.html")
def timeline(items: Any) -> dict[str, Any]:
    """Newest first: a list of `tuogu.web.parts.Moment`."""
    return {"items": items}


@register.inclusion_tag("parts/pager.html", takes_context=True)
def pager(context: Any, page: Any) -> dict[str, Any]:
    """Before and next of a keyset page: `tuogu.web.parts.Pager`."""
    return {"page": page, "request": context["request"]}


@register.inclusion_tag("parts/masked.html")
def masked(value: str | None) -> dict[str, Any]:
    """A masked phone, ID or policy number: fixed width, never broken."""
    return {"value": value}


@register.inclusion_tag("parts/chips.html")
def chips(items: Any, clear_url: str = "") -> dict[str, Any]:
    """The filters in force: a list of `tuogu.web.parts.Chip`."""
    return {"items": items, "clear_url": clear_url}


@register.inclusion_tag("parts/views.html")
def views(items: Any, label: str = "") -> dict[str, Any]:
    """Saved views of a list: a list of `tuogu.web.parts.View`. `label` tells two of them on one page apart."""
    return {"items": items, "label": label}


@register.inclusion_tag("parts/filter_select.html")
def filter_select(name: str, title: str, options: Any, chosen: Any = "") -> dict[str, Any]:
    """One <select> of a filter bar: options = list of (value, word); the first line says 全部."""
    return {"name": name, "title": title, "options": options, "chosen": str(chosen or "")}


@register.inclusion_tag("parts/find.html")
def find(name: str, title: str, options: Any, chosen: Any = "", field_id: str = "") -> dict[str, Any]:
    """One of many: a <select>; beyond what an eye takes in, a field that searches as one types. options = list of (value,
    word). `field_id`: of a form, whose label stands in the page; without it, of a filter bar."""
    lines = list(options)
    return {
        "name": name, "title": title, "options": lines, "chosen": str(chosen or ""), "field_id": field_id,
        "list_id": f"{field_id or name}-all", "long": len(lines) > OPTIONS_AT_ONCE,
    }  # fmt: skip


@register.filter
def may(viewer: Any, url_name: str) -> bool:
    """Whether the viewer may open a page: a link is only shown to who may follow it. `"name POST"` asks for the act."""
    name, _, method = url_name.partition(" ")
    return viewer is not None and viewer.may(name, method or "GET")


@register.filter
def at(mapping: Any, key: Any) -> Any:
    """`{{ names|at:row.person }}`: the value of a key, nothing when there is none."""
    return (mapping or {}).get(key)


@register.filter
def frame(page: str, viewer: Any) -> str:
    """`{% extends "page.html"|frame:viewer %}`: the phone's twin of the page for whoever works at doors only."""
    return f"phone_{page}" if viewer is not None and viewer.only_phone else page


@register.filter
def groups_of(text: str, size: int) -> list[str]:
    """A long key in groups that can be read aloud."""
    return [text[i : i + size] for i in range(0, len(text), size)]


@register.filter
def field_words(fields: str) -> str:
    """'phone,home' → 手机、住址: the fields of a row of the access log."""
    words = {
        "name": gettext("姓名"), "phone": gettext("手机"), "id_number": gettext("证件号"), "id": gettext("证件号"),
        "address": gettext("地址"), "home": gettext("住址"), "employer": gettext("单位"),
        "masked": gettext("已脱敏"), "as_sent": gettext("原表内容"), "approved": gettext("同意导出"),
        "declined": gettext("不同意"),
    }  # fmt: skip
    return gettext("、").join(words.get(field, field) for field in fields.split(",") if field) or NOTHING


@register.filter
def export_words(subject: str) -> str:
    """'plan 1 register' → 方案 1 的登记表: the subject of an export in the access log."""
    kind, _space, rest = subject.partition(" ")
    if kind == "policies":
        return gettext("保单清单")
    if kind == "rejects":
        return gettext("拒收行")
    if kind == "draw":
        return gettext("抽签 %(draw)s 抽中的号码") % {"draw": rest}
    plan, _space, sheet = rest.partition(" ")
    words = {"register": gettext("方案 %(plan)s 的登记表"), "changes": gettext("方案 %(plan)s 的更改对照")}
    return words[sheet] % {"plan": plan} if kind == "plan" and sheet in words else subject


@register.inclusion_tag("parts/rule.html")
def rule(code: str) -> dict[str, Any]:
    """A rule by its word, its number small beside it; one without a word by its number."""
    return {"code": code, "word": gettext(labels.RULES[code]) if code in labels.RULES else ""}
