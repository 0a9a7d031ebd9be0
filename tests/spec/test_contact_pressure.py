"""May this customer be contacted now? Told as tables: what was done and said before, what is asked, what the answer is.

Days are of March 2026. Marketing: twice in seven days, four times in thirty, between 9 and 20 o'clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
import pytest

from territory_books import standard_rules
from tuogu.core.pressure import ASKED, COMPLAINTS, CONTACTS, STATEMENTS, PressureError, verdicts

RULES = standard_rules()

# 以前的营销联系（日.时），这次的目的、方式、时间 → 是否可以、规则、何时起可以
CAPS = """
以前                      | 目的      | 方式   | 时间  | 可以 | 规则 | 何时
-                         | marketing | phone  | 10.10 | 是   | -    | -
5.10                      | marketing | phone  | 10.10 | 是   | -    | -
5.10 9.10                 | marketing | phone  | 10.10 | 否   | week | 12.10
5.10 9.10                 | campaign  | phone  | 10.10 | 否   | week | 12.10
5.10 9.10                 | renewal   | sms    | 10.10 | 否   | week | 12.10
5.10 9.10                 | due       | phone  | 10.10 | 是   | -    | -
5.10 9.10                 | service   | phone  | 10.10 | 是   | -    | -
5.10 9.10                 | marketing | letter | 10.10 | 是   | -    | -
5.10 9.10                 | marketing | phone  | 12.09 | 否   | week | 12.10
5.10 9.10                 | marketing | phone  | 12.10 | 是   | -    | -
5.19 9.10                 | marketing | phone  | 10.10 | 否   | week | 12.19
1.10 1.11 9.10            | marketing | phone  | 10.10 | 是   | -    | -
1.10 1.11 2.10 9.10       | marketing | phone  | 10.10 | 否   | month | 31.10
1.10 1.11 2.10 9.10       | marketing | phone  | 31.09 | 否   | month | 31.10
1.10 1.11 2.10 9.10       | marketing | phone  | 31.10 | 是   | -    | -
2.10 3.10 9.10 10.09      | marketing | phone  | 10.10 | 否   | month,week | 32.10
11.10 12.10               | marketing | phone  | 10.10 | 是   | -    | -
"""

QUIET = """
目的      | 方式   | 时间  | 可以 | 何时  | 提示
marketing | phone  | 10.08 | 否   | 10.09 | 否
marketing | phone  | 10.09 | 是   | -     | 否
marketing | phone  | 10.19 | 是   | -     | 否
marketing | phone  | 10.20 | 否   | 11.09 | 否
marketing | letter | 10.23 | 是   | -     | 否
service   | phone  | 10.20 | 是   | -     | 是
due       | sms    | 10.08 | 是   | -     | 是
service   | letter | 10.23 | 是   | -     | 否
"""

# 客户说过的话依次：目的/方式/意愿@日
SAID = """
说过                                                      | 目的      | 方式  | 可以
marketing/any/refused@5                                   | marketing | phone | 否
marketing/any/refused@5                                   | campaign  | sms   | 否
marketing/any/refused@5                                   | renewal   | sms   | 否
marketing/any/refused@5                                   | event     | phone | 否
marketing/any/refused@5                                   | survey    | phone | 是
marketing/any/refused@5                                   | service   | phone | 是
marketing/any/refused@5                                   | due       | phone | 是
marketing/phone/refused@5                                 | marketing | phone | 否
marketing/phone/refused@5                                 | marketing | sms   | 是
event/any/refused@5                                       | event     | sms   | 否
event/any/refused@5                                       | marketing | sms   | 是
marketing/any/refused@5 marketing/any/given@6             | marketing | phone | 是
marketing/any/given@5 marketing/any/withdrawn@6           | marketing | phone | 否
marketing/any/refused@5 marketing/phone/given@6           | marketing | phone | 是
marketing/any/refused@5 marketing/phone/given@6           | marketing | sms   | 否
marketing/phone/refused@5 marketing/any/given@6           | marketing | phone | 是
marketing/any/refused@11                                  | marketing | phone | 是
"""

COMPLAINED = """
提出 | 办结 | 时间  | 可以 | 何时
5    | -    | 10.10 | 否   | -
11   | -    | 10.10 | 是   | -
1    | 2    | 10.10 | 否   | 32.09
1    | 2    | 31.19 | 否   | 32.09
1    | 2    | 32.09 | 是   | -
5    | 12   | 10.10 | 否   | -
"""


def table(text: str) -> list[list[str]]:
    """The cells of a text table without its heading."""
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()[1:]]


def moment(cell: str) -> datetime | None:
    """'5.10' → 5 March 10:00; '32.10' → 1 April 10:00; '5' → 5 March 0:00."""
    if cell == "-":
        return None
    day, _, hour = cell.partition(".")
    return datetime(2026, 3, 1) + timedelta(days=int(day) - 1, hours=int(hour or 0))  # noqa: DTZ001 - local by contract


def ask(purpose: str, channel: str, at: str, *more: tuple[object, ...]) -> pl.DataFrame:
    return pl.DataFrame([(1, "K1", purpose, channel, moment(at)), *more], schema=ASKED, orient="row")


def contacts(cell: str) -> pl.DataFrame:
    rows = [] if cell == "-" else [("K1", "campaign", "phone", moment(part)) for part in cell.split()]
    rows += [("K2", "campaign", "phone", moment("9.10"))] * 5
    rows += [("K1", "service", "phone", moment("9.10"))] * 5 + [("K1", "event", "letter", moment("9.10"))] * 5
    return pl.DataFrame(rows, schema=CONTACTS, orient="row")


NOTHING_SAID = pl.DataFrame(schema=STATEMENTS)
NO_CONTACTS = pl.DataFrame(schema=CONTACTS)


@pytest.mark.req("N-17")
@pytest.mark.parametrize(("before", "purpose", "channel", "at", "allowed", "rules", "until"), table(CAPS))
def test_marketing_is_capped_over_all_purposes_and_service_is_not(
    before: str, purpose: str, channel: str, at: str, allowed: str, rules: str, until: str
) -> None:
    (row,) = verdicts(ask(purpose, channel, at), contacts(before), NOTHING_SAID, RULES).to_dicts()
    assert (row["allowed"], row["rules"] or "-") == (allowed == "是", rules)
    assert row["until_at"] == moment(until)
    assert (row["rule"] is None) == (row["detail"] is None) == row["allowed"]
    if until != "-":
        assert moment(until).strftime("%Y-%m-%d %H:%M起可以联系") in row["detail"]
        (again,) = verdicts(ask(purpose, channel, until), contacts(before), NOTHING_SAID, RULES).to_dicts()
        assert again["allowed"]


@pytest.mark.req("N-17")
@pytest.mark.parametrize(("purpose", "channel", "at", "allowed", "until", "advised"), table(QUIET))
def test_quiet_hours_stop_marketing_and_advise_service(
    purpose: str, channel: str, at: str, allowed: str, until: str, advised: str
) -> None:
    (row,) = verdicts(ask(purpose, channel, at), NO_CONTACTS, NOTHING_SAID, RULES).to_dicts()
    assert (row["allowed"], row["until_at"], row["advice"] is not None) == (
        allowed == "是", moment(until), advised == "是",
    )  # fmt: skip


@pytest.mark.req("N-17", "L-03", "P-22")
@pytest.mark.parametrize(("said", "purpose", "channel", "allowed"), table(SAID))
def test_the_latest_word_on_a_channel_counts(said: str, purpose: str, channel: str, allowed: str) -> None:
    rows = []
    for word in said.split():
        what, _, day = word.partition("@")
        rows.append(("K1", *what.split("/"), moment(day)))
    words = pl.DataFrame(rows, schema=STATEMENTS, orient="row")
    (row,) = verdicts(ask(purpose, channel, "10.10"), NO_CONTACTS, words, RULES).to_dicts()
    assert row["allowed"] == (allowed == "是")
    assert row["rule"] == (None if allowed == "是" else "refused")
    assert row["until_at"] is None


@pytest.mark.req("N-17")
@pytest.mark.parametrize(("opened", "settled", "at", "allowed", "until"), table(COMPLAINED))
def test_no_marketing_while_a_complaint_is_open_or_fresh(
    opened: str, settled: str, at: str, allowed: str, until: str
) -> None:
    rows = pl.DataFrame([("K1", moment(opened), moment(settled))], schema=COMPLAINTS, orient="row")
    more = (2, "K1", "service", "phone", moment(at))
    answers = verdicts(ask("marketing", "phone", at, more), NO_CONTACTS, NOTHING_SAID, RULES, rows).to_dicts()
    assert answers[0]["allowed"] == (allowed == "是")
    assert answers[0]["until_at"] == moment(until)
    assert answers[1]["allowed"]


@pytest.mark.req("N-17")
def test_several_rules_are_all_named_and_the_last_to_end_counts() -> None:
    said = pl.DataFrame([("K1", "marketing", "any", "refused", moment("1"))], schema=STATEMENTS, orient="row")
    (row,) = verdicts(ask("marketing", "phone", "10.21"), contacts("5.10 9.10"), said, RULES).to_dicts()
    assert (row["rule"], row["rules"], row["until_at"]) == ("refused", "refused,week,quiet", None)
    (row,) = verdicts(
        ask("marketing", "phone", "12.08"), contacts("5.10 9.10"), NOTHING_SAID, RULES
    ).to_dicts()
    assert (row["rules"], row["until_at"]) == ("week,quiet", moment("12.10"))
    with pytest.raises(PressureError, match="chat"):
        verdicts(ask("chat", "phone", "10.10"), NO_CONTACTS, NOTHING_SAID, RULES)


@pytest.mark.req("N-17")
def test_answers_keep_the_order_of_the_asks_and_a_cap_of_nothing_never_opens() -> None:
    rows = [(n, f"K{n % 3}", "campaign", "phone", moment("10.10")) for n in (5, 3, 9, 1)]
    asked = pl.DataFrame(rows, schema=ASKED, orient="row")
    assert verdicts(asked, contacts("9.10"), NOTHING_SAID, RULES)["ask"].to_list() == [5, 3, 9, 1]
    closed = RULES.replace(pressure__week_max=0)
    answers = verdicts(asked, NO_CONTACTS, NOTHING_SAID, closed)
    assert answers["rule"].to_list() == ["week"] * 4
    assert answers["until_at"].null_count() == 4
