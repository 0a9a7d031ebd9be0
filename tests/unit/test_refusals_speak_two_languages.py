"""What rooms refuse is said in the language of whoever asked: every refusal's words go through gettext, none stands in
Chinese alone. (That each has an English text is checked by test_translations.)"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from tuogu.core.draw import DrawError
from tuogu.core.machines import PENALTY
from tuogu.core.steps import StepError

SRC = Path(__file__).parents[2] / "src/tuogu"
ROOMS = ("campaigns", "cases", "kit", "renewals", "reports", "review", "work")
HAN = re.compile(r"[\u3400-\u9fff]")
REFUSAL = re.compile(r"(Refused|refused|said)$")  # `review.reasons.said` refuses with its second argument
CALLS = {"_", "gettext", "gettext_noop"}


def chinese_refusals(text: str) -> Iterator[tuple[int, str]]:
    """(line, words) of Chinese that a refusal says outside a translation call."""
    for call in ast.walk(ast.parse(text)):
        if isinstance(call, ast.Call) and REFUSAL.search(_name(call.func)):
            for part in (*call.args, *(named.value for named in call.keywords)):
                yield from _untranslated(part)


def _untranslated(node: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Call) and _name(node.func) in CALLS:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and HAN.search(node.value):
        yield node.lineno, node.value
    for child in ast.iter_child_nodes(node):
        yield from _untranslated(child)


def _name(func: ast.expr) -> str:
    return getattr(func, "id", getattr(func, "attr", ""))


@pytest.mark.parametrize("room", ROOMS)
def test_no_refusal_of_a_room_stands_in_chinese_alone(room: str) -> None:
    found = [
        f"{path.relative_to(SRC)}:{line} {words}"
        for path in sorted((SRC / room).rglob("*.py"))
        if "migrations" not in path.parts
        for line, words in chinese_refusals(path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_the_check_sees_what_it_should() -> None:
    bad = 'raise KitRefused(f"坏{n}")\nraise refused("坏")\nsaid(text, "坏")\nraise X.ReviewRefused(_("好") + "坏")'
    good = 'raise KitRefused(_("好 %(n)s") % {"n": _(WORDS[n])})\nraise refused(_("好"))\nsaid(text, _("好"))\nf("坏")'
    assert [line for line, _words in chinese_refusals(bad)] == [1, 2, 3, 4]
    assert list(chinese_refusals(good)) == []


def test_what_core_refuses_is_told_word_by_word() -> None:
    """The penalty's machine and the lots refuse in Chinese; a room says the same through gettext."""
    with pytest.raises(StepError) as step:
        PENALTY.after("computed", "appeal", set())
    assert step.value.told(lambda word: word) == str(step.value)
    assert not HAN.search(step.value.told(lambda word: HAN.sub("x", word)))
    refused = DrawError("名单共 %(n)s 个号码，不能抽 %(count)s 个", n=3, count=5)
    assert str(refused) == "名单共 3 个号码，不能抽 5 个"
    assert refused.told(lambda word: HAN.sub("", word)).split() == ["3", "，", "5"]
    assert str(DrawError("100% 不是编号")) == "100% 不是编号"  # without parts the words stand as they are


def test_a_refusal_follows_the_language_of_the_page() -> None:
    from tuogu.cases.failures import refused

    with translation.override("en"):
        assert not HAN.search(str(refused("why")))
    with translation.override("zh-hans"):
        assert str(refused("原因")) == "原因；没有写入任何数据"
