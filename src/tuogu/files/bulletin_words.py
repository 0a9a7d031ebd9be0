"""What a report's workbook and paper say of themselves: sheets, heads of the definitions, who signs, pages, units.

In: nothing. Out: `Words`, in Chinese unless somebody who knows the reader's language gives others. Never: a word of the
report's content, which has its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Words:
    """Each with the name by which it is used; `page` is filled with page and pages, `measured` with title and unit."""

    charts: str = "图表"
    chart_data: str = "图表数据"
    definitions: str = "口径"
    definitions_title: str = "指标口径"
    measure: str = "指标"
    numerator: str = "分子"
    denominator: str = "分母"
    note: str = "说明"
    source: str = "出处"
    table: str = "表"
    made: str = "制表："
    checked: str = "复核："
    approved: str = "审批："
    dated: str = "日期："
    page: str = "第 %(page)s 页，共 %(pages)s 页"
    measured: str = "%(title)s（%(unit)s）"
    yuan: str = "元"
    points: str = "个百分点"

    @property
    def signers(self) -> tuple[str, ...]:
        """Who signs, in the order of a paper."""
        return (self.made, self.checked, self.approved, self.dated)

    def unit(self, kind: str) -> str:
        """The unit of a kind of number; '' where it has none."""
        return {"money": self.yuan, "percent": "%", "per_mille": "‰", "points": self.points}.get(kind, "")

    def with_unit(self, title: str, kind: str) -> str:
        """A title with the unit of its numbers behind it."""
        unit = self.unit(kind)
        return self.measured % {"title": title, "unit": unit} if unit else title


CHINESE: Final = Words()
