"""Options that cannot be read are refused before a job is queued, with what is wrong and an example."""

from __future__ import annotations

import pytest

from tuogu.core.option_forms import FORMS
from tuogu.core.strategies import STRATEGIES, StrategyError

BLOCK = {"units": "0100100101"}
SEED = "00" * 32


@pytest.mark.req("P-25")
@pytest.mark.parametrize(
    ("name", "option", "text", "wrong"),
    [
        ("centre", "pieces", "abc", "本月分配件数须为不带符号的整数，例如 120，不能是“abc”"),
        ("centre", "pieces", "-5", "不带符号的整数"),
        ("centre", "pieces", "9" * 5_000, "不带符号的整数"),
        (
            "campaign",
            "premium_year",
            "二〇二五",
            "保费年度须为四位阿拉伯数字的年份，例如 2025，不能是“二〇二五”",
        ),
        ("campaign", "premium_year", "２０２５", "四位阿拉伯数字"),
        ("reclaim", "until", "昨天", "考核截止日须为2026-06-30 这样的日期，不能是“昨天”"),
        ("reclaim", "until", "2026-02-30", "这样的日期"),
        ("reclaim", "first_release", "20260630", "这样的日期"),
        ("reclaim", "seed_hex", "zz", "抽签种子须为十六进制"),
        ("reclaim", "seed_hex", "abc", "十六进制"),
        ("reclaim", "draw_id", "，、", "抽取编号"),
        ("department", "department", "市区一部", "部门须为一个部门的机构代码"),
        ("block", "from", "张三", "移出人须为一个人的工号"),
        ("block", "to", "10023 10024", "接收人须为一个人的工号"),
        ("block", "units", "0100100101,全部", "不能是“全部”"),
        ("map", "map", "乱写一行", "没有一行能读懂：“乱写一行”；每行须写成 代码=工号"),
        ("map", "map", "330201=", "没有一行能读懂"),
        ("arrivals", "singles", "foo", "单件调整清单没有一行能读懂：“foo”"),
        ("arrivals", "keywords", "bar", "关键字更正没有一行能读懂：“bar”"),
    ],
)
def test_a_text_that_cannot_be_read_is_refused(name: str, option: str, text: str, wrong: str) -> None:
    given = {"stage": "q2", "draw_id": "D1"} if name == "reclaim" else {}
    with pytest.raises(StrategyError) as refused:
        STRATEGIES[name].settled(given | {option: text})
    assert wrong in str(refused.value)
    assert refused.value.option == option
    assert len(str(refused.value)) < 150


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("centre", {"pieces": "0"}),
        ("campaign", {"premium_year": "2025"}),
        ("reclaim", {"stage": "q2", "until": "2026-06-30", "draw_id": "2026-Q2，2026-Q3", "seed_hex": SEED}),
        ("department", {"department": "86330101"}),
        ("block", {"from": "M01", "to": "M02"}),
        ("block", {"units": "0100100101，0100100102"}),
        ("map", {"map": "乱写\n330201=M01"}),
        ("arrivals", {"keywords": "欣欣小区="}),
    ],
)
def test_a_text_that_can_be_read_is_taken_as_it_is(name: str, options: dict[str, str]) -> None:
    settled = STRATEGIES[name].settled(options)
    assert {key: settled[key] for key in options} == options


@pytest.mark.parametrize(
    ("name", "options", "blamed"),
    [
        ("reclaim", {"stage": "q2", "seed_hex": SEED}, "draw_id"),
        ("block", {}, "from"),
        ("block", BLOCK | {"from": "M01"}, "from"),
    ],
)
def test_options_that_do_not_fit_each_other_are_refused(
    name: str, options: dict[str, str], blamed: str
) -> None:
    with pytest.raises(StrategyError) as refused:
        STRATEGIES[name].settled(options)
    assert refused.value.option == blamed


def test_every_form_that_an_option_names_exists() -> None:
    named = {option.form for strategy in STRATEGIES.values() for option in strategy.options}
    assert named - {""} == set(FORMS)
