"""The English catalogue holds every interface text, nothing else, and its compiled twin says the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from tools import messages
from tuogu.core.sheets import Column, Sheet
from tuogu.core.strategies import STRATEGIES, Option, Strategy
from tuogu.web.templatetags.sheets import cell_words, chart_words, chinese
from tuogu.web.templatetags.tuogu import own_title, word

HAN = re.compile(r"[\u3400-\u9fff]")


@pytest.fixture(scope="module")
def collected() -> set[messages.Key]:
    return messages.collected()


@pytest.fixture(scope="module")
def written() -> dict[messages.Key, str | tuple[str, ...]]:
    return messages.written()


def test_every_message_has_an_english_text():
    assert messages.missing() == []


def test_no_message_is_left_over(collected, written):
    assert sorted(str(key) for key in set(written) - collected) == []


def test_both_sides_are_filled_with_the_same_names(written):
    filled = {key: text for key, text in written.items() if any(text)}
    wrong = {
        key[1] for key, text in filled.items() if messages.placeholders(key[1]) != messages.placeholders(text)
    }
    assert wrong == set()


def test_the_english_side_holds_no_chinese(written):
    assert {str(text) for text in written.values() if HAN.search(str(text))} == set()


def test_the_compiled_catalogue_is_what_the_texts_compile_to(written):
    po, mo = messages.as_files(written)
    assert messages.PO.read_bytes() == po
    assert messages.MO.read_bytes() == mo


def test_messages_are_found_wherever_they_may_stand(tmp_path, monkeypatch):
    """Guards the tool itself: a kind of call that it overlooks would leave Chinese on an English page."""
    (tmp_path / "web/templates/room").mkdir(parents=True)
    (tmp_path / "web/templates/room/page.html").write_text(
        '    {% translate "标题" %}\n<b title="{% translate "提示" %}">{% note "info" _("说明") %}</b>\n'
        "{% blocktranslate with n=count %}共 {{ n }} 件{% endblocktranslate %}{% if x %}\n"
        '      {{ name|default:_("全公司") }}{% endif %}{# {% translate "注释" %} #}',
        encoding="utf-8",
    )
    (tmp_path / "web/views.py").write_text(
        'a = _("甲")\nb = gettext("乙" "丙") % {}\nc = "不译"\n', encoding="utf-8"
    )
    monkeypatch.setattr(messages, "SOURCE", tmp_path)
    monkeypatch.setattr(messages, "words_of_codes", set)
    assert {key[1] for key in messages.collected()} == {
        "标题", "提示", "说明", "共 %(n)s 件", "全公司", "甲", "乙丙",
    }  # fmt: skip


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_word_of_a_strategy_has_an_english_text(name: str, written):
    """What a page says of a way to allocate: a new strategy, option, table or column asks for its words here."""
    assert sorted(w for w in messages.words_of(STRATEGIES[name]) if not written.get((None, w))) == []


def test_the_words_of_a_strategy_are_all_it_says():
    made_up = Strategy(
        "x", "名称", "用意", "custody", "policy", "S0-23",
        (Option("o", "选项", (("a", "甲"), ("b", "乙")), note="注"), Option("free", "随意")),
        (Sheet("s", "表", (Column("c", "栏", "text", words={"k": "码"}),), "证明什么"), Sheet("t", "无注", ())),
    )  # fmt: skip
    assert messages.words_of(made_up) == {
        "名称", "用意", "选项", "甲", "乙", "注", "随意", "表", "栏", "码", "证明什么", "无注",
    }  # fmt: skip


def test_cells_and_charts_of_a_table_are_told_in_english_as_far_as_known():
    chart = {
        "kind": "bars",
        "labels": ["满期", "某部", None],
        "series": [{"name": "件数", "values": [1, 2, 3]}],
    }
    with translation.override("en"):
        cells = [
            cell_words(text)
            for text in ("18.00分", "-1,234.56元", "300米", "是", "满期", "增员1人", "12", "", "5分钟")
        ]
        told = chart_words(chart)
    assert cells == [
        "18.00 pt", "-1,234.56 yuan", "300 m", "yes", "matured", "增员1人", "12", "", "5分钟",
    ]  # fmt: skip
    assert told["labels"] == ["matured", "某部", ""]
    assert told["series"] == [{"name": "Pieces", "values": [1, 2, 3]}]
    assert (chinese(told["labels"]), chinese("matured"), chinese("增员1人")) == (True, False, True)
    assert chart["series"][0]["name"] == "件数"  # the plan's own chart stays as it is
    with translation.override("zh-hans"):
        assert [cell_words(text) for text in ("18.00分", "是", "")] == ["18.00分", "是", ""]


def test_pages_speak_the_chosen_language():
    with translation.override("en"):
        english = render_to_string("404.html")
    with translation.override("zh-hans"):
        chinese = render_to_string("404.html")
    assert '<html lang="en"' in english
    assert "没有写入任何数据" in chinese
    assert "没有写入任何数据" not in english
    assert "Nothing was written" in english


def test_the_catalogue_names_no_place_and_no_day():
    """Lines that change without a change of words would churn in every commit."""
    text = Path(messages.PO).read_text(encoding="utf-8")
    assert not re.search(
        r'^#:|^#,.*fuzzy|^"[\w-]*(Date|Bugs-To|Translator|Generated-By|Version)\b', text, re.MULTILINE
    )


def test_titles_and_advice_are_told_in_english_and_the_files_own_headers_stay():
    with translation.override("en"):
        assert own_title("保单号码") == "Policy number"
        assert own_title("手机号（本人）") == "手机号（本人）"
        assert word("必填项为空") == "Required value is empty"
        assert word("后来的导入更新过") == "Updated by a later import"
    with translation.override("zh-hans"):
        assert own_title("保单号码") == "保单号码"
