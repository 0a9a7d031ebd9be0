"""A plan as one HTML file that opens offline: what was decided, how good it is, and what was left out.

In: a plan, its book, the rulebook, staff names. Out: one self-contained file in Simplified Chinese, light
and dark, for screen and paper. Never: personal data of a customer, a home more exact than its community, a
request to anywhere, a script.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book, Plan
from tuogu.files import report_sections as sections
from tuogu.files.report_page import Raw, joined, page, stack
from tuogu.files.report_source import ReportSource
from tuogu.files.report_territory import map_cards


def write_report(
    plan: Plan, book: Book, rulebook: Rulebook, path: str | Path, *, names: Mapping[str, str]
) -> Path:
    """Write the report of `plan` to `path` and return it. `names` maps staff numbers to names."""
    target = Path(path)
    source = ReportSource(plan, book, rulebook, names)
    target.write_text(page(f"孤儿保单分配方案 {plan.as_of}", _body(source)), encoding="utf-8")
    return target


def _body(source: ReportSource) -> Raw:
    left = (sections.unplaced_card, sections.breaks_card, sections.stock_card)
    right = (sections.manual_card, sections.hand_over_card, sections.distribution_card)
    cards = joined(
        [
            map_cards(source),
            sections.load_cards(source),
            sections.certificate_card(source),
            stack([section(source) for section in left], span=6),
            stack([section(source) for section in right], span=6),
        ]
    )
    return Raw(
        f'<main class="page">{sections.head(source).html}{sections.strip(source).html}'
        f'<div class="grid">{cards.html}</div></main>'
    )
