"""What the access log is narrowed to, read from the address and shown as chips."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from tuogu.accesslog import queries as log
from tuogu.accesslog.queries import LogFilter
from tuogu.org import queries as org
from tuogu.web.paging import day_of, filter_chips
from tuogu.web.parts import Chip

NOBODY = -1  # a staff number that nobody has: the list is empty, not unfiltered


def log_filter(query: Mapping[str, str]) -> LogFilter:
    """`who` is a staff number; days are both included."""
    number = query.get("who", "").strip()
    person = None
    if number:
        found = org.staff_ids([number])
        person = int(found["custodian_id"][0]) if found.height else NOBODY
    return LogFilter(
        person=person,
        kind=query.get("kind", ""),
        subject_kind=query.get("about", ""),
        subject=query.get("subject", "").strip(),
        first_day=day_of(query.get("from", "")),
        last_day=day_of(query.get("to", "")),
        mark=query.get("mark", "").strip(),
    )


def kinds() -> list[tuple[str, str]]:
    """(code, word) of the ways to look."""
    return [(code, _(word)) for code, word in log.kinds()]


def subject_kinds() -> list[tuple[str, str]]:
    """(code, word) of what may be looked at."""
    return [
        ("policy", _("保单")),
        ("customer", _("客户")),
        ("person", _("人员")),
        ("list", _("清单")),
        ("export", _("导出")),
    ]


def chips_of(query: Mapping[str, str]) -> list[Chip]:
    """The filters in force."""
    names = {
        "who": _("工号"), "kind": _("方式"), "about": _("对象"), "subject": _("号码"), "from": _("自"), "to": _("至"),
        "mark": _("打印号"),
    }  # fmt: skip
    words = {"kind": dict(kinds()), "about": dict(subject_kinds())}
    return filter_chips(query, names, words)
