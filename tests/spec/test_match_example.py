"""The worked example of the matching rules, as tables that are also the manual.

The figure of the service rules (its layout is lost, A-32): two agents, six customers. Agent A sold more last month, agent B
less. Both hold orphans already, so that A may take two more pieces and B four (the cap is 200). The customers are listed by
yearly premium.
"""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from match_books import AS_OF, agent, fact, holdings, leaver, match_book, orphan, qualified, sold
from territory_books import standard_rules
from tuogu.core.plan import make_plan
from tuogu.core.tables import Book, Plan

PEOPLE = """
agent | productivity | holds
A     | 9,000        | 198
B     | 5,000        | 196
"""

CUSTOMERS = """
customer | premium
1        | 6,000
2        | 5,000
3        | 4,000
4        | 3,000
5        | 2,000
6        | 1,000
"""

# Who gets whom, by order.
ORDERS = """
order       | A    | B
block       | 1 2  | 3 4 5 6
round_robin | 1 3  | 2 4 5 6
snake       | 1 4  | 2 3 5 6
"""

# The same customers where both have room for all of them.
WIDE = """
order       | A           | B
block       | 1 2 3 4 5 6 | -
round_robin | 1 3 5       | 2 4 6
snake       | 1 4 5       | 2 3 6
"""

# One leaver L of group T1; who is asked in which order, and who gets his customer in the end.
#   recruiter: state of the person who recruited L; head: state of the supervisor of T1
NAMED = """
leaver was  | recruiter    | head      | goes to   | as
agent       | qualified    | qualified | R         | recruiter
agent       | gone         | qualified | H         | group_supervisor
agent       | no recruit   | qualified | H         | group_supervisor
agent       | complaint    | qualified | H         | group_supervisor
agent       | full         | qualified | H         | group_supervisor
agent       | unknown      | qualified | H         | group_supervisor
agent       | gone         | full      | M         | own_team
supervisor  | qualified    | qualified | R         | developer
supervisor  | gone         | qualified | M         | own_team
"""

# A holder with orphans; which agents in post sold him a main policy, and when (as of 2025-12-02).
SELLERS = """
S1         | S2         | S1 is      | goes to | as
2024-12-02 | -          | qualified  | S1      | year_seller
2024-12-01 | -          | qualified  | S1      | latest_seller
2025-03-01 | 2025-05-01 | qualified  | S2      | year_seller
2025-03-01 | 2025-03-01 | qualified  | S1      | year_seller
2025-05-01 | 2020-01-01 | no recruit | S2      | latest_seller
2021-01-01 | 2020-01-01 | no recruit | M       | own_team
"""


def table(text: str) -> list[list[str]]:
    """The cells of a text table without its heading."""
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()[1:]]


def figure(spare: dict[str, int]) -> Book:
    """The book of the figure; `spare` is what each agent holds."""
    rows, held = [], []
    for number, count in spare.items():
        more, custody = holdings(number, count)
        rows += more
        held += custody
    facts = []
    for number, made, _ in table(PEOPLE):
        facts += qualified(number, productivity=[int(made.replace(",", "")) * 100])
    for number, premium in table(CUSTOMERS):
        rows.append(
            orphan(f"P{number}", holder=f"C{number}", premium_fen=int(premium.replace(",", "")) * 100)
        )
    return match_book([agent("A"), agent("B"), leaver("X1"), leaver("X0")], rows, facts, held)


def received(plan: Plan, number: str) -> str:
    """Customers of an agent as the tables write them."""
    mine = plan.placements.filter(pl.col("receiver") == number).sort("place")["holder_number"].to_list()
    return " ".join(customer.removeprefix("C") for customer in mine) or "-"


@pytest.mark.req("S4-13", "S4-12")
@pytest.mark.parametrize(("order", "first", "second"), table(ORDERS))
def test_the_figure_of_two_agents_and_six_customers(order: str, first: str, second: str) -> None:
    book = figure({number: int(held) for number, _, held in table(PEOPLE)})
    plan = make_plan(book, standard_rules(), AS_OF, 1, 1, strategy="match", options={"order": order})
    assert (received(plan, "A"), received(plan, "B")) == (first, second)
    assert plan.certificate.violations == 0
    assert set(plan.placements["lever"]) == {"own_team"}
    assert plan.tables["people"]["held_after"].to_list() == [200, 200]


@pytest.mark.req("S4-13")
@pytest.mark.parametrize(("order", "first", "second"), table(WIDE))
def test_the_three_orders_where_room_does_not_bind(order: str, first: str, second: str) -> None:
    plan = make_plan(figure({}), standard_rules(), AS_OF, 1, 1, strategy="match", options={"order": order})
    assert (received(plan, "A"), received(plan, "B")) == (first, second)
    shown = plan.tables["orders"]
    assert shown.select("order", "policies_max").rows() == [("整块", 6), ("轮流", 3), ("蛇形", 3)]
    assert shown.filter("chosen")["order"].to_list() == [
        {"block": "整块", "round_robin": "轮流", "snake": "蛇形"}[order]
    ]


@pytest.mark.req("S4-13")
def test_the_two_classes_of_people_are_dealt_to_one_after_the_other() -> None:
    """A reaches the productivity of the best class (10,000): with round robin A is filled before B has a turn."""
    book = figure({"A": 198, "B": 196})
    best = book.facts.with_columns(
        value=pl.when((pl.col("key") == "productivity") & (pl.col("subject") == "A"))
        .then(1_000_000)
        .otherwise("value")
    )
    book = Book(**{**book.__dict__, "facts": best})
    plan = make_plan(book, standard_rules(), AS_OF, 1, 1, strategy="match", options={"order": "round_robin"})
    assert (received(plan, "A"), received(plan, "B")) == ("1 2", "3 4 5 6")
    assert plan.tables["people"].select("staff_number", "people_class").rows() == [
        ("A", "绩优"),
        ("B", "其他"),
    ]
    limited = standard_rules().replace(match__best_quota=1)
    plan = make_plan(book, limited, AS_OF, 1, 1, strategy="match", options={"order": "round_robin"})
    assert (received(plan, "A"), received(plan, "B")) == ("1", "2 3 4 5")
    assert plan.unplaced["policy_number"].to_list() == ["P6"]


def person(number: str, state: str, supervisor: bool = False) -> tuple[dict[str, object], list, list, list]:
    """A marketing agent in one of the states of the tables: row, facts, orphans held, custody."""
    row = agent(number, "T1" if supervisor else "T2", supervisor=supervisor)
    facts = [fact(number, "effective_recruits", 0 if state == "no recruit" else 1)]
    facts += [fact(number, "effective_recruits", 0, date(2025, month, 1)) for month in (9, 10)]
    rows, held = holdings(number, 200) if state == "full" else ([], [])
    if state == "gone":
        row["left_date"] = AS_OF
    if state == "complaint":
        facts.append(fact(number, "valid_complaints", 1))
    return row, facts if state != "unknown" else [], rows, held


@pytest.mark.req("S4-06", "S4-09")
@pytest.mark.parametrize(("was", "recruiter", "head", "receiver", "ground"), table(NAMED))
def test_receivers_of_a_pure_orphan_in_their_order(
    was: str, recruiter: str, head: str, receiver: str, ground: str
) -> None:
    people = [
        agent("M", "T1"),
        leaver("L", "T1", supervisor=was == "supervisor", recruiter_number="R"),
        leaver("X0"),
    ]
    facts, rows, held = qualified("M"), [orphan("P1", "L")], []
    for made in (person("R", recruiter), person("H", head, supervisor=True)):
        people.append(made[0])
        facts, rows, held = facts + made[1], rows + made[2], held + made[3]
    rules = standard_rules()
    if was == "supervisor":  # two heads of one group: the one in post is not asked, but is no member either
        facts = [row for row in facts if row["subject"] != "H"]
    book = match_book(people, rows, facts, held)
    plan = make_plan(book, rules, AS_OF, 1, 1, strategy="match")
    assert plan.placements.select("number", "receiver", "lever").rows() == [("P1", receiver, ground)]
    asked = plan.candidates.sort("rank")["staff_number"].to_list()
    assert asked == {"R": ["R"], "H": ["R", "H"]}.get(receiver, asked)
    verdicts = dict(plan.candidates.select("staff_number", "verdict").iter_rows())
    words = {
        "gone": "not_in_post",
        "no recruit": "no_recruit",
        "complaint": "complaint",
        "full": "full",
        "unknown": "no_fact",
    }
    if receiver != "R":
        assert verdicts["R"] == words[recruiter]
    assert verdicts[receiver] == "chosen"
    assert plan.certificate.violations == 0


@pytest.mark.req("S4-08")
@pytest.mark.parametrize(("first", "second", "state", "receiver", "ground"), table(SELLERS))
def test_receivers_of_a_non_pure_orphan(
    first: str, second: str, state: str, receiver: str, ground: str
) -> None:
    made = person("S1", state)
    people = [agent("M", "T1"), leaver("L", "T1"), made[0], agent("S2", "T3")]
    rows = [orphan("P1", "L", "C1", type="non_pure")]
    for number, day in (("S1", first), ("S2", second)):
        if day != "-":
            rows.append(sold(f"V{number}", number, "C1", date.fromisoformat(day)))
    book = match_book(people, rows, qualified("M", "S2") + made[1])
    plan = make_plan(book, standard_rules(), AS_OF, 1, 1, strategy="match")
    taken = plan.placements.select("receiver", "lever").rows()
    if (
        receiver == "M"
    ):  # S2 is the latest but one: only the latest of the earlier sellers is asked, and he is not qualified
        assert taken == [("M", "own_team")]
    else:
        assert taken == [(receiver, ground)]
    assert plan.certificate.violations == 0
