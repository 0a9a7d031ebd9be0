"""What a parameter may be, value by value, at the boundaries; and what a wrong one is told."""

from __future__ import annotations

from typing import Any

import pytest

from territory_books import standard_rules
from tuogu.core.rulebook import Parameter
from tuogu.core.rulebook_checks import NOT_ABOVE, check_parameter, check_rulebook, unknown_key
from tuogu.core.rulebook_forms import FormError, problems, read_form
from tuogu.core.rulebook_words import allowed, citation, shown, value_shown
from tuogu.data.rulebooks import part_titles, sections

FITS: list[tuple[str, list[Any], list[Any]]] = [  # form, values that fit, values that do not
    ("days 1..366", [1, 366], [0, 367, 1.5, "1", True, None, [1]]),
    ("bp", [0, 10_000], [-1, 10_001, 40.0]),
    ("percent", [0, 35.93, 100], [-0.1, 100.1, float("nan"), "35"]),
    ("number 0..1", [0, 0.75, 1], [1.01, -0.01]),
    ("number", [-7.5, 0], [float("inf"), True]),
    ("fen 0.. or unset", [0, 2_000_000, ""], [-1, None, "无"]),
    ("month", [1, 12], [0, 13]),
    ("monthday", [1, 28], [0, 29]),
    ("switch", [True, False], [1, 0, "true"]),
    ("text", ["甲"], ["", 1]),
    ("word holder=投保人|insured=被保险人", ["holder"], ["payer", "", 1]),
    ("list word a|b|c", [["c", "a"]], [["a", "a"], ["d"], [], "a"]),
    ("list month ascending", [[1, 4, 7, 10], [3]], [[4, 1], [1, 1], [0, 4], []]),
    ("list days descending", [[3, 2]], [[2, 3], [2, 2]]),
    ("shares bp", [[6000, 4000], {"a": 5000, "b": 5000}], [[6000, 4001], [6000, 3999], [10_001, -1], []]),
    ("shares percent", [[35.93, 25.52, 26.28, 3.60, 8.67]], [[35.93, 25.52, 26.28, 3.60, 8.66], [60, 41]]),
    ("table count 0..9 a=甲|b=乙", [{"a": 1, "b": 9}], [{"a": 1}, {"a": 1, "b": 10}, {"a": 1, "b": 1, "c": 1}, {}]),
    ("steps bp points ascending", [[[0, 5], [5000, 8]]], [[[5000, 8], [0, 5]], [[0, 5], [0, 8]], [[0]], [0], [[0, ""]]]),
    ("steps bp points ascending or unset", [[[0, 5], [5000, ""]]], [[["", 5]]]),
    ("labels", [{}, {"330203": "老城区"}], [{"330203": 1}, ["a"]]),
]  # fmt: skip


@pytest.mark.parametrize(("line", "value"), [(line, value) for line, good, _ in FITS for value in good])
def test_a_value_that_fits(line: str, value: Any) -> None:
    assert list(problems(read_form(line), value)) == []


@pytest.mark.req("N-09")
@pytest.mark.parametrize(("line", "value"), [(line, value) for line, _, bad in FITS for value in bad])
def test_a_value_that_does_not_fit_is_told_what_is_allowed(line: str, value: Any) -> None:
    found = list(check_parameter(Parameter("a.b", value, "S0-21", "here", form=line)))
    assert found
    assert all(problem.key == "a.b" and problem.allowed == allowed(line) for problem in found)


@pytest.mark.parametrize(
    "line", ["weeks", "list", "days 1..2 word", "steps bp", "days 1-3", "table", "labels count"]
)
def test_a_form_that_means_nothing_is_refused(line: str) -> None:
    with pytest.raises(FormError):
        read_form(line)


@pytest.mark.req("S1-02")
def test_shares_say_what_they_add_up_to() -> None:
    found = list(problems(read_form("shares bp"), [6000, 3900]))
    assert found == ["各份相加为 99%，应为 100%"]


def test_all_problems_of_a_value_come_at_once() -> None:
    assert list(problems(read_form("list days 1..366 ascending"), [400, 3, 0])) == [
        "第1个400 不可用", "第3个0 不可用", "须从小到大排列，不重复",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "value", "words"),
    [
        ("bp", 4000, "40%"),
        ("bp", 3593, "35.93%"),
        ("fen 0..", 2_000_000, "20,000元"),
        ("fen 0..", 5, "0.05元"),
        ("points", 1250, "12.5分"),
        ("thousandths", 5, "0.005"),
        ("percent", 1.5, "1.5%"),
        ("days", 5, "5天"),
        ("fen or unset", "", "未设定"),
        ("switch", False, "否"),
        ("word a=甲|b=乙", "b", "乙"),
        ("list month", [1, 4], "1月、4月"),
        ("steps bp thousandths", [[0, 200], [3000, 250], [5000, ""]], "0%起 0.2；30%起 0.25；50%起 未设定"),
        ("table points amount=金额", {"amount": 4000}, "金额 40分"),
        ("shares bp maturity=满期|old=老客户", {"maturity": 2000, "old": 8000}, "满期 20%、老客户 80%"),
        ("labels", {}, "未设定"),
    ],
)
def test_values_are_shown_as_people_say_them(line: str, value: Any, words: str) -> None:
    assert value_shown(read_form(line), value) == words


@pytest.mark.parametrize(
    ("source", "document", "lines", "readings", "why"),
    [
        ("客户资源管理办法 L12-34; A-08", "客户资源管理办法", "L12-34", ("A-08",), ""),
        ("区域规划运作办法 L33,L48-49", "区域规划运作办法", "L33,L48-49", (), ""),
        ("ours: 原文未给; A-33", "", "", ("A-33",), "原文未给"),
        ("JR/T 0171-2020 (位数为自定)", "JR/T 0171-2020", "", (), "位数为自定"),
        (
            "分公司〔2026〕3号（原 区域规划运作办法 L44; A-05）",
            "分公司〔2026〕3号",
            "",
            (),
            "原 区域规划运作办法 L44; A-05",
        ),
    ],
)
def test_a_source_line_is_read(
    source: str, document: str, lines: str, readings: tuple[str, ...], why: str
) -> None:
    assert vars(citation(source)) == {"document": document, "lines": lines, "readings": readings, "why": why}


def test_a_mistyped_key_gets_the_one_that_was_meant() -> None:
    known = standard_rules().parameters
    assert (
        "visits.per_policy_year（每保单年度面访次数）" in unknown_key("visits.per_policy_yaer", known).wrong
    )
    assert "visits.per_policy_year" in unknown_key("per_policy_year", known).wrong
    assert unknown_key("zzz", known).wrong == "没有这个参数"


@pytest.mark.req("N-09")
def test_the_shipped_book_is_sound() -> None:
    assert check_rulebook(standard_rules()) == []


@pytest.mark.req("N-09")
def test_every_shipped_parameter_has_a_name_a_form_and_a_source_that_exists() -> None:
    titles, parts = part_titles(), sections()
    for key, parameter in standard_rules().parameters.items():
        assert parameter.title, key
        assert parameter.form, key
        assert shown(parameter), key
        cited = citation(parameter.source)
        assert cited.document or cited.why, key
        if cited.lines:
            assert any(cited.document in title for title in titles.values()), f"{key}: {cited.document}"
            own = titles[parts[key.partition(".")[0]]]
            assert cited.document in own or parts[key.partition(".")[0]] in {"house", "orphan_service"}, key


def test_names_of_parameters_are_not_used_twice_in_a_group() -> None:
    seen: dict[tuple[str, str], str] = {}
    for key, parameter in standard_rules().parameters.items():
        group = (key.rpartition(".")[0], parameter.title)
        assert group not in seen, f"{key} and {seen.get(group)} are both called {parameter.title}"
        seen[group] = key


@pytest.mark.parametrize(("low", "high"), NOT_ABOVE)
def test_parameters_that_must_not_cross(low: str, high: str) -> None:
    rules = standard_rules()
    assert {low, high} <= rules.parameters.keys()
    name = low.replace(".", "__")
    assert check_rulebook(rules.replace(**{name: rules[high]})) == [] or rules[high] != rules[low]
    crossed = [problem.key for problem in check_rulebook(rules.replace(**{name: rules[high] + 1}))]
    assert low in crossed
