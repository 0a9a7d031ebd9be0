"""A clerk's changes laid over a book: what is refused, all at once, and what the whole book then says."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territory_books import standard_rules
from tuogu.core.rulebook import Problem, RulebookProblems, parse_rulebook
from tuogu.core.rulebook_changes import changes, since
from tuogu.core.rulebook_checks import check_against, check_rulebook
from tuogu.core.rulebook_overlay import base_of, overlaid
from tuogu.core.rulebook_words import citation, shown
from tuogu.data.rulebooks import read_shipped

HEAD = '[rulebook]\nbase = "standard"\nversion = "2026.4"\neffective_date = 2026-04-01\n'


def laid(text: str, head: str = HEAD) -> Any:
    return overlaid(standard_rules(), tomllib.loads(head + text))


def wrong(text: str, head: str = HEAD) -> dict[str, str]:
    """Key → sentence of everything that the overlay is refused for."""
    with pytest.raises(RulebookProblems) as refused:
        laid(text, head)
    found: dict[str, str] = {}
    for problem in refused.value.problems:
        found[problem.key] = "；".join(filter(None, (found.get(problem.key), problem.wrong)))
    return found


@pytest.mark.req("N-09")
def test_an_overlay_changes_what_it_names_and_nothing_else() -> None:
    book = laid(
        "[territory]\nmonth_load_max = 55\n[visits]\nper_policy_year = { value = 5, note = '多一次' }\n"
    )
    assert (book.name, book.version, book.effective_date) == ("standard", "2026.4", date(2026, 4, 1))
    found = {change.key: (change.old.value, change.new.value) for change in changes(standard_rules(), book)}
    assert found == {"territory.month_load_max": (60, 55), "visits.per_policy_year": (4, 5)}
    assert book.parameters["visits.per_policy_year"].note == "多一次"
    assert book.digest() != standard_rules().digest()


def test_a_changed_number_cites_the_order_and_what_it_departs_from() -> None:
    head = HEAD + 'source = "分公司〔2026〕3号"\n'
    text = '[territory]\nmonth_load_max = 55\nmonth_load_min = { value = 20, source = "会议纪要 7" }\n'
    once = laid(text, head)
    assert (
        once.parameters["territory.month_load_max"].source
        == "分公司〔2026〕3号（原 区域规划运作办法 L44; A-05）"
    )
    assert citation(once.parameters["territory.month_load_min"].source).document == "会议纪要 7"
    again = tomllib.loads(
        '[rulebook]\nbase = "standard 2026.4"\nversion = "2026.7"\neffective_date = 2026-07-01\n'
        "[territory]\nmonth_load_max = 50\n"
    )
    twice = overlaid(once, again).parameters["territory.month_load_max"]
    assert twice.source == "制度 2026.7 修改（原 区域规划运作办法 L44; A-05）"
    assert overlaid(once, again)["territory.month_load_min"] == 20, "changes of the base stay"


@pytest.mark.req("N-09")
def test_all_that_is_wrong_comes_at_once_with_its_key() -> None:
    text = "[visits]\nper_policy_yaer = 5\nper_working_day = 0\n[renewal]\nband_days = [60, 30]\n[nowhere]\nx = 1\n"
    found = wrong(text)
    assert found.keys() == {
        "visits.per_policy_yaer",
        "visits.per_working_day",
        "renewal.band_days",
        "nowhere.x",
    }
    assert (
        found["visits.per_policy_yaer"] == "没有这个参数，是否指 visits.per_policy_year（每保单年度面访次数）"
    )
    assert found["renewal.band_days"] == "须从小到大排列，不重复"


@pytest.mark.req("S1-02")
@pytest.mark.parametrize(
    ("head", "key", "sentence"),
    [
        (HEAD.replace("2026.4", "2026.1"), "rulebook.version", "2026.1 是底本的版本号；改动须用新的版本号"),
        (HEAD.replace('version = "2026.4"\n', ""), "rulebook.version", "缺少版本号"),
        (
            HEAD.replace("2026-04-01", "2026-01-01"),
            "rulebook.effective_date",
            "不晚于底本的生效日 2026-01-01",
        ),
        (HEAD.replace("effective_date = 2026-04-01\n", ""), "rulebook.effective_date", "缺少生效日"),
        (HEAD.replace("2026-04-01", '"2026-04-01"'), "rulebook.effective_date", "缺少生效日"),
        (HEAD.replace("2026-04-01", "2026-04-01T08:00:00"), "rulebook.effective_date", "缺少生效日"),
        (HEAD + "author = 'x'\n", "rulebook.author", "不认识"),
    ],
)
def test_a_change_needs_a_new_version_and_a_later_day(head: str, key: str, sentence: str) -> None:
    assert sentence in wrong("[visits]\nper_policy_year = 5\n", head)[key]


@pytest.mark.req("S1-02")
def test_shares_that_do_not_add_up_are_refused_by_name() -> None:
    shares = "maturity = 1000, renewal = 3000, old = 5000, not_yet_due = 500, other = 600"
    assert wrong(f"[centre]\nshares_bp = {{ {shares} }}\n") == {
        "centre.shares_bp": "各份相加为 101%，应为 100%"
    }
    book = laid(
        f"[centre]\nshares_bp = {{ {shares.replace('600', '500')} }}\n[visits]\nper_policy_year = 5\n"
    )
    assert book["centre.shares_bp"]["other"] == 500


def test_parameters_must_not_cross() -> None:
    found = wrong("[territory]\nmonth_load_min = 61\n")
    assert found == {"territory.month_load_min": "61 大于 territory.month_load_max（月度服务件上限）的 60"}


def test_a_table_keeps_its_rows_and_an_entry_its_fields() -> None:
    found = wrong(
        "[completeness]\nweights = { name = 1, fax = 1 }\n[visits]\nper_policy_year = { value = 5, unit = 'x' }\n"
    )
    assert found["completeness.weights"] == "缺少 sex、birth_date、phone、address、employer；不认识 fax"
    assert wrong("[centre.rank_points]\nother = { amount = 7000, fax = 3000 }\n") == {
        "centre.rank_points.other": "缺少 address、phone；不认识 fax"
    }
    assert found["visits.per_policy_year"] == "不认识 unit"


def test_an_overlay_without_a_base_or_without_a_change_is_refused() -> None:
    with pytest.raises(RulebookProblems, match=r"rulebook\.base"):
        base_of(tomllib.loads('[rulebook]\nversion = "1"\n'))
    assert wrong("") == {"rulebook": "没有改动任何参数"}


@pytest.mark.req("S1-02")
def test_a_whole_book_of_ones_own_is_held_against_the_standard_one() -> None:
    document = read_shipped()
    assert check_against(parse_rulebook(document), standard_rules()) == []
    document["visits"]["per_policy_year"]["value"] = 5
    del document["visits"]["count_by"]
    document["visits"]["counted_by"] = {"value": "policy", "req": "N-20", "source": "ours: x"}
    found = {
        problem.key: problem.wrong for problem in check_against(parse_rulebook(document), standard_rules())
    }
    assert found.keys() == {
        "rulebook.version",
        "rulebook.effective_date",
        "visits.count_by",
        "visits.counted_by",
    }
    assert "是否指 visits.count_by" in found["visits.counted_by"]


def test_a_malformed_book_names_every_entry() -> None:
    document = read_shipped()
    del document["rulebook"]["effective_date"]
    document["visits"]["count_by"] = "policy"
    document["visits"]["per_policy_year"] = {"value": 4, "req": "x", "colour": "red"}
    with pytest.raises(RulebookProblems) as refused:
        parse_rulebook(document)
    assert [problem.key for problem in refused.value.problems] == [
        "rulebook.effective_date", "visits.per_policy_year", "visits.per_policy_year", "visits.per_policy_year",
        "visits.count_by",
    ]  # fmt: skip


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-10_001, 10_001) | st.floats() | st.text(max_size=3) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


@given(key=st.sampled_from(sorted(standard_rules().parameters)), value=VALUES)
@settings(max_examples=300, deadline=None)
def test_whatever_stands_in_a_file_is_taken_or_refused_with_its_key(key: str, value: Any) -> None:
    section, _, rest = key.partition(".")
    table: dict[str, Any] = {rest.split(".")[-1]: value}
    for name in reversed(rest.split(".")[:-1]):
        table = {name: table}
    problems: tuple[Problem, ...] = ()
    book = standard_rules()
    try:
        book = overlaid(book, tomllib.loads(HEAD) | {section: table})
    except RulebookProblems as refused:
        problems = refused.problems
    assert all(problem.key and problem.wrong for problem in problems)
    assert bool(problems) == (book is standard_rules()), "refused with a reason, or taken"
    assert check_rulebook(book) == []
    assert all(shown(parameter) for parameter in book.parameters.values())


def test_since_when_a_number_holds() -> None:
    first = standard_rules()
    second = laid("[territory]\nmonth_load_max = 55\n")
    head = (
        HEAD.replace("standard", "standard 2026.4")
        .replace('2026.4"\neff', '2026.7"\neff')
        .replace("-04-", "-07-")
    )
    third = overlaid(second, tomllib.loads(head + "[visits]\nper_policy_year = 5\n"))
    days = since([first, second, third])
    assert days["territory.month_load_max"] == date(2026, 4, 1)
    assert days["visits.per_policy_year"] == date(2026, 7, 1)
    assert days["territory.month_load_min"] == date(2026, 1, 1)
