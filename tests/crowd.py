"""A branch whose customers nobody can mistake: wherever one of them stands in clear, `Secrets.found` says so.

In: how many customers. Out: the branch's workbook, and what of it must never be seen unmasked. Never: a value that also
stands somewhere innocent (names are of a kind that no generator makes, house numbers too).
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import openpyxl

from tuogu import synth
from tuogu.data.codebook import load
from uploads import DATA_DATE

_SYLLABLES = "琅琊珩璟瑄璩瓒璠琮琬琰琇璆璐瑷瑗瑛瑾瑜璞"
_NAMES, _HOUSES, _WORKS = re.compile(r"禤[一-鿿]{3}"), re.compile(r"麒麟\d+号"), re.compile(r"玄武\d+厂")
_PHONES = re.compile(r"(?<![\d])1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_IDS = re.compile(r"(?<!\d)\d{17}[\dXx](?![\dXx])")


@dataclass(frozen=True)
class Secrets:
    """Phones and IDs as digits; names, houses and employers are known by their kind."""

    phones: frozenset[str]
    ids: frozenset[str]

    def found(self, text: str) -> list[str]:
        """What stands in clear in a text."""
        clear = {*_NAMES.findall(text), *_HOUSES.findall(text), *_WORKS.findall(text)}
        clear |= {p for p in _PHONES.findall(text) if _digits(p) in self.phones}
        clear |= {i for i in _IDS.findall(text) if i.upper() in self.ids}
        return sorted(clear)


def make_crowd(customers: int) -> tuple[bytes, Secrets]:
    """The workbook of a branch with spoilt rows among the others, and its secrets."""
    folder = Path(mkdtemp(prefix="tuogu-crowd-"))
    city = synth.make_city("330200", customers, 7, load(["330200"]), data_date=DATA_DATE)
    book = openpyxl.load_workbook(synth.write_workbook(city, folder, dirty=True))
    sheet = book["客户"]
    head = next(r for r in range(1, 12) if any(c.value == "姓名" for c in sheet[r]))
    place = {str(cell.value): cell.column for cell in sheet[head] if cell.value}
    phones, ids = set(), set()
    for i, row in enumerate(range(head + 1, sheet.max_row + 1)):
        cells = {name: sheet.cell(row, column) for name, column in place.items()}
        if cells["姓名"].value and cells["姓名"].value != "姓名":
            cells["姓名"].value = _name(i)
        if cells["通讯地址"].value:
            cells["通讯地址"].value = f"{cells['通讯地址'].value}麒麟{i}号"
        if cells["工作单位"].value:
            cells["工作单位"].value = f"玄武{i}厂"
        phones.add(_digits(str(cells["手机"].value)))
        ids.add(str(cells["身份证号"].value).strip().upper())
    content = io.BytesIO()
    book.save(content)
    return content.getvalue(), Secrets(frozenset(phones), frozenset(ids))


def _name(i: int) -> str:
    base = len(_SYLLABLES)
    return "禤" + _SYLLABLES[i % base] + _SYLLABLES[i // base % base] + _SYLLABLES[i // base**2 % base]


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
