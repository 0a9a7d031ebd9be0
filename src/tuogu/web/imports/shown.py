"""What several import pages show alike: sheets with their counts, the bar, what storing does, a stretch of rejected rows.

In: plain values of jobs and books. Out: values for templates. Never: a count that the job or the import did not make.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tuogu.core.intake_titles import SHEET_TITLES
from tuogu.jobs import queries as jobs
from tuogu.jobs.queries import UploadRecord
from tuogu.rules import queries as rules

REJECTED_PAGE = 40
_EFFECTS = (  # name of a count, what it means, which tone
    ("customers", gettext_lazy("客户写入")),
    ("policies", gettext_lazy("主险保单写入")),
    ("riders", gettext_lazy("附加险写入")),
    ("policies_updated", gettext_lazy("其中更新在库主险保单")),
    ("riders_updated", gettext_lazy("其中更新在库附加险")),
    ("customers_updated", gettext_lazy("其中更新在库客户")),
    ("people_updated", gettext_lazy("更新在库人员")),
    ("stale", gettext_lazy("库中同日或更新，不覆盖")),
    ("erased", gettext_lazy("已按本人请求删除，没有写入")),
    ("opened", gettext_lazy("新建责任")),
    ("opened_buffer", gettext_lazy("其中归保全组")),
    ("already_open", gettext_lazy("已有责任，不变")),
    ("closed", gettext_lazy("终止责任")),
    ("reopened", gettext_lazy("恢复责任")),
    ("people_new", gettext_lazy("新增人员")),
    ("people_left", gettext_lazy("离司人员")),
    ("moved_by_leaving", gettext_lazy("随离司转保全组")),
    ("institutions", gettext_lazy("机构变动")),
    ("motor_new", gettext_lazy("新增车险保单")),
    ("motor_updated", gettext_lazy("更新在库车险保单")),
    ("motor_same", gettext_lazy("车险与在库相同，不变")),
    ("motor_stale", gettext_lazy("车险库中同日或更新，不覆盖")),
    ("motor_renewed", gettext_lazy("由新保单确认已续保")),
    ("motor_buffer", gettext_lazy("车险来源不明，归保全组")),
    ("coordinates", gettext_lazy("社区坐标")),
    ("missing_from_full", gettext_lazy("全量文件里没有，待核")),
)


@dataclass(frozen=True)
class SheetCount:
    """One sheet: read = accepted + rejected + skipped."""

    title: str
    name: str
    read: int
    accepted: int
    rejected: int
    skipped: int


@dataclass(frozen=True)
class Intake:
    """The counts of a file, and the widths of its bar in percent."""

    sheets: tuple[SheetCount, ...]
    read: int
    accepted: int
    rejected: int
    skipped: int

    @property
    def accepted_percent(self) -> float:
        return (
            round(100 * self.accepted / (self.accepted + self.rejected), 2)
            if self.accepted + self.rejected
            else 0
        )

    @property
    def rejected_percent(self) -> float:
        return round(100 - self.accepted_percent, 2) if self.rejected else 0


def intake_of(sheets: Sequence[Mapping[str, Any]]) -> Intake:
    """From rows of COUNTS."""
    shown = tuple(
        SheetCount(
            _(SHEET_TITLES.get(s["kind"], s["kind"])), s["sheet"], s["read"], s["accepted"], s["rejected"],
            s["skipped_blank"] + s["skipped_total"] + s["skipped_header"],
        )
        for s in sheets
    )  # fmt: skip
    return Intake(
        shown, sum(s.read for s in shown), sum(s.accepted for s in shown), sum(s.rejected for s in shown),
        sum(s.skipped for s in shown),
    )  # fmt: skip


def effects_of(counts: Mapping[str, int], sheets: Sequence[Mapping[str, Any]]) -> list[tuple[Any, int]]:
    """What storing does, in words; the counts that are not zero. Coordinates are stored anew by every import: they are
    told only where the file brought some."""
    kinds = {sheet["kind"] for sheet in sheets}
    told = {name: n for name, n in counts.items() if name != "coordinates" or name in kinds}
    return [(words, told[name]) for name, words in _EFFECTS if told.get(name)]


def updated_of(counts: Mapping[str, int]) -> int:
    """How many stored rows the import changes: policies and riders, customers, people."""
    return sum(
        counts.get(f"{kind}_updated", 0) for kind in ("policies", "riders", "customers", "people", "motor")
    )


@dataclass(frozen=True)
class Stretch:
    """Where a page of numbered rows stands. Links are '' where there is no more."""

    first: int
    last: int
    total: int
    before_url: str
    next_url: str


def stretch(query: Mapping[str, str], total: int, size: int = REJECTED_PAGE) -> tuple[int, Stretch]:
    """The first row asked for (from 0) and the links around it; out of range means the last page."""
    asked = query.get("row", "")
    wanted = int(asked) - 1 if asked.isdecimal() and len(asked) < 10 else 0
    start = min(max(0, wanted), max(0, total - 1)) // size * size

    def url(row: int) -> str:
        return "?" + urlencode({"row": row + 1}) + "#rejected"

    before = url(start - size) if start else ""
    after = url(start + size) if start + size < total else ""
    return start, Stretch(start + 1 if total else 0, min(start + size, total), total, before, after)


def kept_days(today: date) -> int:
    """How long an upload stays."""
    return int(rules.applicable(today)["uploads.kept_days"])


def upload_or_404(key: str) -> UploadRecord:
    """An upload whose files are still kept."""
    found = jobs.upload(key)
    if found is None or found.purged_at is not None:
        raise Http404
    return found
