"""A paper as a PDF: A4, the font inside, the same bytes for the same paper.

In: a Paper. Out: the bytes of a PDF whose pages bear the mark in force (watermark.py). Never: a moment or a chance in the
bytes, a character shown as an empty box, a page of a table without its heads.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial
from typing import Any

from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    Image,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Spacer,
)

from tuogu.files.paper import Chart, Grid, Paper, Part, Picture, Sheet, Text
from tuogu.files.pdf_charts import drawing
from tuogu.files.pdf_foot import BOTTOM, SIDE, TOP, draw_foot, draw_number, foot_height
from tuogu.files.pdf_grid import SIZES, layout, table
from tuogu.files.pdf_letters import RARE, readable
from tuogu.files.pdf_text import Lines
from tuogu.files.watermark import mark_in_force

_RARE_SAID = "方括号里的 U+ 编号是字库没有的字，请照证件手写补上"
_GAP = 3 * mm  # between parts
_WITH_TITLE = 30 * mm  # what must follow a title on its page
_ANY = 1_000_000.0  # a height that nothing exceeds


def pdf_of(paper: Paper) -> bytes:
    """The document. ValueError for a paper without sheets."""
    if not paper.sheets:
        raise ValueError("a paper needs a sheet")
    file, mark = io.BytesIO(), mark_in_force()
    document = BaseDocTemplate(
        file, title=paper.title, author="tuogu", creator="tuogu", subject="", lang="zh-CN", invariant=1,
        keywords=" ".join(filter(None, (mark.code if mark else "", paper.digest))),  # plain letters: a copy is found by them
        allowSplitting=1,
    )  # fmt: skip
    templates = [_template(paper, place) for place in range(len(paper.sheets))]
    document.addPageTemplates(templates)
    story: list[Flowable] = []
    for place, (sheet, template) in enumerate(zip(paper.sheets, templates, strict=True)):
        if place:
            story += [NextPageTemplate(template.id), PageBreak()]
        frame = template.frames[0]
        story += _story(sheet, sheet.title or paper.title, frame._width, frame._height)
    document.build(story, canvasmaker=partial(_Numbered, words=paper.page))
    return file.getvalue()


def _template(paper: Paper, place: int) -> PageTemplate:
    sheet = paper.sheets[place]
    wide, high = landscape(A4) if _lies(sheet) else A4
    low = BOTTOM + foot_height(sheet)
    frame = Frame(SIDE, low, wide - 2 * SIDE, high - TOP - low, 0, 0, 0, 0)

    def draw(canvas: Canvas, _document: Any) -> None:
        draw_foot(canvas, sheet, wide, sheet.title or paper.title)

    return PageTemplate(id=f"sheet{place}", frames=[frame], onPage=draw, pagesize=(wide, high))


def _lies(sheet: Sheet) -> bool:
    """Whether the page lies: as it says, or because a table would need small letters upright."""
    if sheet.landscape is not None:
        return sheet.landscape
    room = A4[0] - 2 * SIDE
    return any(layout(part, room).size < SIZES[0] for part in sheet.parts if isinstance(part, Grid))


def _story(sheet: Sheet, title: str, room: float, high: float) -> list[Flowable]:
    """The sheet's content; of a marked sheet in letters so small that it stays on its page, while they can be read."""
    first = _laid(sheet, title, room, SIZES[0])
    if sheet.mark is None or _height(first, room) <= high:
        return first
    for size in SIZES[1:]:
        found = _laid(sheet, title, room, size)
        if _height(found, room) <= high:
            return _laid(sheet, title, room, size)
    return _laid(sheet, title, room, SIZES[0])


def _laid(sheet: Sheet, title: str, room: float, most: float) -> list[Flowable]:
    story: list[Flowable] = [Lines(title, "title")]
    story += [Lines(fact, "facts") for fact in sheet.facts]
    if any(readable(text) != text and RARE.search(readable(text)) for text in _texts(sheet, title)):
        story.append(Lines(_RARE_SAID, "facts"))
    for part in sheet.parts:
        story += [Spacer(1, _GAP), *_flowables(part, room, most)]
    return story


def _texts(sheet: Sheet, title: str) -> Iterator[str]:
    """What a name may stand in."""
    yield from (title, *sheet.facts)
    for part in sheet.parts:
        if isinstance(part, Grid):
            yield from (text for row in (*part.rows, part.foot) for text in row)
        elif isinstance(part, Text):
            yield part.text


def _height(story: list[Flowable], room: float) -> float:
    return sum(float(one.wrap(room, _ANY)[1]) for one in story)


def _flowables(part: Part, room: float, most: float) -> list[Flowable]:
    if isinstance(part, Grid):
        named = [CondPageBreak(_WITH_TITLE), Lines(part.title, "heading")] if part.title else []
        return [*named, table(part, room, most=most)]
    if isinstance(part, Text):
        ahead = [CondPageBreak(_WITH_TITLE)] if part.weight == "heading" else []
        return [*ahead, Lines(part.text, part.weight)]
    if isinstance(part, Chart):
        return [drawing(part, room)]
    return _picture(part, room)


def _picture(part: Picture, room: float) -> list[Flowable]:
    image = Image(io.BytesIO(part.content))
    wide = min(part.width_mm * mm, room)
    image.drawWidth, image.drawHeight = wide, wide * image.imageHeight / image.imageWidth
    image.hAlign = "LEFT"
    return [image, Lines(readable(part.caption), "small")] if part.caption else [image]


class _Numbered(Canvas):  # type: ignore[misc]  # the library has no types
    """Keeps its pages until the last is done, then writes on each how many there are."""

    def __init__(self, *args: Any, words: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self._words = words
        self._done: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802  # the library's name
        self._done.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for page, state in enumerate(self._done, 1):
            self.__dict__.update(state)
            draw_number(self, self._words % {"page": page, "pages": len(self._done)}, self._pagesize[0])
            super().showPage()
        super().save()
