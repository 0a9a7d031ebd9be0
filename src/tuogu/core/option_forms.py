"""How an option of a strategy is written: numbers, days, codes, lines; judged before anybody waits for a plan.

In: the form's name and what was typed. Out: what is wrong with it (Chinese, with an example), '' when it can be read. Never:
a look into the books: whether a person or department exists is known only where they are at hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Final

from tuogu.core.written_lines import SHOWN, lines

_SHOWN_CHARACTERS = 30  # of a long text that a message repeats
_CODE = (
    r"[0-9A-Za-z_-]{1,32}"  # staff numbers, institution codes and unit codes, however the house forms them
)


def fault(form: str, text: str) -> str:
    """What is wrong with `text` as `form`; '' for a readable text and for the free form ''."""
    return FORMS[form](text) if form and text else ""


def _matching(pattern: str, should: str) -> Callable[[str], str]:
    """A form whose text matches `pattern` as a whole."""

    def judged(text: str) -> str:
        return "" if re.fullmatch(pattern, text) else _said(should, text)

    return judged


def _said(should: str, text: str) -> str:
    cut = text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
    return f"须为{should}，不能是“{cut}”"


def _day(text: str) -> str:
    should = "2026-06-30 这样的日期"
    try:
        date.fromisoformat(text)
    except ValueError:
        return _said(should, text)
    # Python also reads 20260630 and 2026-W27-2, the checkers' readers need not.
    return "" if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else _said(should, text)


def _codes(text: str) -> str:
    listed = [part.strip() for part in re.split("[,，\n]", text) if part.strip()]
    wrong = [part for part in listed if not re.fullmatch(_CODE, part)]
    if wrong or not listed:
        return _said("识别码单位的代码，例如 0100100101，几个用逗号分开", wrong[0] if wrong else text)
    return ""


def _draws(text: str) -> str:
    ids = [part for part in re.split(r"[,，、;；\s]+", text) if part]
    if not ids or "|" in text:
        return _said("抽取编号，例如 2026-Q2，几份用逗号分开，不含“|”", text)
    return ""


def _lines(example: str, *, both_sides: bool) -> Callable[[str], str]:
    """At least one line 'left=right' that can be read: single misspelt lines are listed by the plan itself."""

    def judged(text: str) -> str:
        written = lines(text)
        readable = written["key"].is_not_null() & (
            written["value"].fill_null("") != "" if both_sides else True
        )
        if readable.any():
            return ""
        first = "、".join(f"“{line}”" for line in written["written"].head(SHOWN))
        return f"没有一行能读懂：{first}；每行须写成 {example}"

    return judged


FORMS: Final[dict[str, Callable[[str], str]]] = {
    "count": _matching("[0-9]{1,9}", "不带符号的整数，例如 120"),
    "year": _matching("(19|20)[0-9]{2}", "四位阿拉伯数字的年份，例如 2025"),
    "day": _day,
    "hex": _matching("([0-9A-Fa-f]{2})+", "十六进制，由 0–9、a–f 成对组成，例如 0f9a27c4"),
    "staff": _matching(_CODE, "一个人的工号，例如 10023"),
    "department": _matching(_CODE, "一个部门的机构代码，例如 86330101"),
    "codes": _codes,
    "draws": _draws,
    "pairs": _lines("代码=工号，例如 330201001=10023", both_sides=True),
    "corrections": _lines("词=工号 或 词=，例如 锦绣花园=10023", both_sides=False),
}
"""Form → what it finds wrong."""
