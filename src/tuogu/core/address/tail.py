"""Building, unit and room from the rest of an address. Whole-column expressions only.

In: the text after the last division. Out: columns `building`, `unit`, `room` (digits or letters, null when
absent) and `road_number`. Never: a road number (446-8号) read as building and room, a floor (5楼) read as a
building.
"""

from __future__ import annotations

import polars as pl

_NUMBER = r"[0-9]{1,5}[A-Z]?|[A-Z][0-9]{0,3}"
_CHINESE = r"[一二三四五六七八九十百零〇两]{1,4}|[甲乙丙丁]"
_ANY = rf"(?:{_NUMBER}|{_CHINESE})"
_BUILDING = rf"((?:[0-9]{{1,3}}-)?{_ANY})-?(?:号楼|#楼|幢楼?|栋楼?|座|#)"
_UNIT = rf"({_ANY})-?单元"
_LANE = rf"[0-9]+弄[^0-9]{{0,12}}?({_NUMBER})(?:-[0-9]+)?号"
_ROOM_MARKED = rf"({_NUMBER})(?:-[0-9]+)?(?:室|房间?|户)"
_ROOM_LAST = r"(?:^|[^0-9A-Z])([0-9]{1,5}[A-Z]?|[A-Z][0-9]{1,4})号?$"
_DASH3 = rf"(?:^|[^0-9A-Z-])({_NUMBER})-({_NUMBER})-([0-9]{{1,5}}[A-Z]?)(?:室|房|户|号)?$"
_DASH2 = rf"(?:^|[^0-9A-Z-])({_NUMBER})-([0-9]{{2,5}}[A-Z]?)(?:室|房|户)?$"
_AFTER_BUILDING = rf"^(?:([0-9]{{1,2}}|[A-Z])-)?({_NUMBER})(?:室|房|户|号)?$"
_ROOMS = rf"^((?:{_NUMBER})(?:-(?:{_NUMBER}))?)(?:室|房|户|号)?$"  # 1601-1605室, 402-1
_ROAD_NUMBER = r"(?:路|街|大道|道|巷|弄|胡同)([0-9]+(?:-[0-9]+)?)号"
_HOUSE = r"(?:组|队|村|社|屯|湾|^)([0-9]+(?:-[0-9]+)?)号$"


def parse_tail(rest: pl.Expr) -> dict[str, pl.Expr]:
    """Expressions for `building`, `unit`, `room` and `road_number` over the column of rests."""
    marked = rest.str.extract(_BUILDING)
    unit = rest.str.extract(_UNIT)
    dash3 = rest.str.extract(_DASH3, 1)
    dash2 = pl.when(marked.is_null() & unit.is_null() & dash3.is_null()).then(rest.str.extract(_DASH2, 1))
    after = rest.str.replace(rf"^.*?{_BUILDING}-?(?:.*?单元)?(?:[0-9]+层|[0-9]+楼)?", "")
    lane = rest.str.extract(_LANE)
    building = pl.coalesce(marked, dash3, dash2, lane)
    inner_unit = pl.when(marked.is_not_null() & unit.is_null()).then(after.str.extract(_AFTER_BUILDING, 1))
    split = pl.when(unit.is_null()).then(after.str.extract(_AFTER_BUILDING, 2))  # 2-401 without 单元
    inner_room = pl.when(marked.is_not_null()).then(pl.coalesce(split, after.str.extract(_ROOMS)))
    last = pl.when(building.is_not_null() | unit.is_not_null()).then(rest.str.extract(_ROOM_LAST))
    dash2_room = pl.when(dash2.is_not_null()).then(rest.str.extract(_DASH2, 2))
    house = pl.when(building.is_null()).then(rest.str.extract(_HOUSE))
    marked_room = rest.str.extract(_ROOM_MARKED)
    room = pl.coalesce(inner_room, rest.str.extract(_DASH3, 3), dash2_room, marked_room, last, house)
    return {
        "building": numeral(building),
        "unit": numeral(pl.coalesce(unit, rest.str.extract(_DASH3, 2), inner_unit)),
        "room": room,
        "road_number": rest.str.extract(_ROAD_NUMBER),
    }


def numeral(text: pl.Expr) -> pl.Expr:
    """Chinese numerals below a thousand as digits; anything else unchanged."""
    return text.replace(_NUMERALS)


def _numerals() -> dict[str, str]:
    digits = "零一二三四五六七八九"
    table: dict[str, str] = {"两": "2"}
    for value in range(1, 1000):
        hundreds, tens, ones = value // 100, value // 10 % 10, value % 10
        text = f"{digits[hundreds]}百" if hundreds else ""
        text += f"{digits[tens]}十" if tens else "零" if hundreds and ones else ""
        text += digits[ones] if ones else ""
        table[text] = str(value)
        if 10 <= value < 20:
            table[text[1:]] = str(value)  # 十八, not 一十八
        if value >= 10:
            table["".join(digits[int(d)] for d in str(value))] = str(value)  # 一〇三 after folding 〇
            table["".join(digits[int(d)] for d in str(value)).replace("零", "〇")] = str(value)
    return table | {digits[n]: str(n) for n in range(1, 10)}


_NUMERALS = _numerals()
