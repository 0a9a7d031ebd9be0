"""A paper as plain values: what stands on it, in which order, without a word on how it is drawn.

In: texts that are ready to be read (masked or not by who made them), numbers for charts, bytes of pictures. Out: frozen
values that `pdf.pdf_of` draws. Never: a look-up, a format of a number, a rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Side = Literal["left", "right", "centre"]
Weight = Literal["heading", "body", "small"]


@dataclass(frozen=True)
class Head:
    """The head of a column. `side`: where its cells stand."""

    text: str
    side: Side = "left"


@dataclass(frozen=True)
class Grid:
    """A table: heads repeat on every page, columns find their widths by what they hold, long texts wrap. `foot`: the sums
    below the last row; `least_mm`: row → how high it is at least (room to write in); `empty`: said where there is no row."""

    heads: tuple[Head, ...]
    rows: tuple[tuple[str, ...], ...]
    foot: tuple[str, ...] = ()
    title: str = ""
    empty: str = "（无）"
    least_mm: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Text:
    """A paragraph; line breaks are kept."""

    text: str
    weight: Weight = "body"


@dataclass(frozen=True)
class Picture:
    """A PNG or JPEG; no wider than the page."""

    content: bytes
    width_mm: float
    caption: str = ""


@dataclass(frozen=True)
class Series:
    """One line, or the bars of one colour. None: no figure, no mark."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Chart:
    """Bars or lines over labels, from zero. `unit` stands beside the title; `decimals` are those of the figures."""

    kind: Literal["bars", "lines"]
    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str = ""
    decimals: int = 0


Part = Grid | Text | Picture | Chart


@dataclass(frozen=True)
class PageMark:
    """What finds a signed page again: the code that stands in its QR mark too, and the digest of its content (N-18)."""

    code: str
    digest: str


@dataclass(frozen=True)
class Sheet:
    """What begins on a new page. `facts`: lines below the title; `signatures`: who signs, at the foot of every page;
    `landscape`: None = as its tables need. A sheet with a mark stays on one page as long as it can be read."""

    parts: tuple[Part, ...]
    title: str = ""  # '' = the paper's
    facts: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    mark: PageMark | None = None
    landscape: bool | None = None


@dataclass(frozen=True)
class Paper:
    """A document. `digest`: of its whole content, kept in the file so that a copy is found by it; `page`: how a page says
    which of how many it is."""

    title: str
    sheets: tuple[Sheet, ...]
    digest: str = ""
    page: str = "第 %(page)s 页，共 %(pages)s 页"
