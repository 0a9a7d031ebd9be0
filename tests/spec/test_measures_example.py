"""The figures of the source documents on plain tables: who counts, on which day, exactly at the edges."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from measure_books import book, inputs
from tuogu.core.measures.allowances import WORK, AllowanceError, allowances, open_bands, outside_range
from tuogu.core.measures.definitions import DIMENSIONS, definitions
from tuogu.core.measures.figures import Seen, figures, packs, rate, rows_behind, written
from tuogu.core.measures.periods import Period, month_after

D = date
APRIL = Period(D(2026, 4, 1))


def figure(key: str, given: Any, period: Period = APRIL, **more: Any) -> tuple[int, int]:
    told = figures(given, [definitions(book())[key]], period, book=book(), **more)
    return told["numerator"][0], told["denominator"][0]


# customer, allocated, new policy begins (None = never), counts as developed for April
JANUARY = [
    ("C1", D(2026, 1, 1), D(2026, 1, 1), 1),  # on the day of the allocation
    ("C2", D(2026, 1, 31), D(2026, 3, 31), 1),  # the last day of March
    ("C3", D(2026, 1, 31), D(2026, 4, 1), 0),  # a day late
    ("C4", D(2026, 1, 15), D(2026, 1, 14), 0),  # bought before
    ("C5", D(2026, 1, 15), None, 0),
    ("C6", D(2026, 1, 20), D(2026, 2, 28), 1),
    ("C7", D(2026, 1, 2), None, 0),
    ("C8", D(2026, 1, 3), None, 0),
]
OUTSIDE = [("X1", D(2025, 12, 31), D(2026, 1, 5)), ("X2", D(2026, 2, 1), D(2026, 2, 2))]


def january(**of_all: Any) -> Any:
    rows = [(c, given, new) for c, given, new, _ in JANUARY] + OUTSIDE
    return inputs(
        D(2026, 4, 30),
        allocations=[{"customer_number": c, "allocated_date": given, **of_all} for c, given, _ in rows],
        new_policies=[
            {"policy_number": f"N{c}", "customer_number": c, "inception_date": new}
            for c, _, new in rows
            if new
        ],
    )


@pytest.mark.req("S4-15")
def test_three_months_for_april_are_those_given_in_january_and_developed_by_the_end_of_march():
    assert figure("develop_3", january()) == (3, 8)
    assert written(3, 8, "percent") == "37.50%"
    behind = rows_behind(january(), definitions(book())["develop_3"], APRIL, book=book())
    assert dict(behind.select("key", "numerator").rows()) == {c: hit for c, _, _, hit in JANUARY}
    for month, expected in ((3, (1, 1)), (5, (1, 1)), (6, (0, 0))):  # December's, February's, nobody's
        assert figure("develop_3", january(), Period(D(2026, month, 1))) == expected


@pytest.mark.req("S4-15")
def test_the_known_days_end_with_the_last_known_day():
    early = january()
    cut = type(early)(
        on=D(2026, 2, 27), allocations=early.allocations, new_policies=early.new_policies, institutions=early.institutions
    )  # fmt: skip
    assert figure("develop_3", cut) == (1, 8)


@pytest.mark.req("S4-15")
@pytest.mark.parametrize(("day", "hit"), [(D(2026, 3, 31), 1), (D(2026, 4, 1), 0)])
def test_ninety_days_count_from_the_day_of_each_customer(day: date, hit: int):
    """Given on 31 December: the ninetieth day after it is 31 March, so April counts the window as over."""
    given = inputs(
        D(2026, 4, 30), allocations=[{"customer_number": "C1", "allocated_date": D(2025, 12, 31)}],
        new_policies=[{"policy_number": "N1", "customer_number": "C1", "inception_date": day}],
    )  # fmt: skip
    assert figure("develop_90d", given) == (hit, 1)
    assert figure("develop_90d", given, Period(D(2026, 5, 1))) == (0, 0)


@pytest.mark.req("S4-16")
@pytest.mark.parametrize(("key", "month"), [("develop_6", D(2026, 7, 1)), ("develop_12", D(2027, 1, 1))])
def test_six_and_twelve_months_the_same_way(key: str, month: date):
    last = month_after(month, -1).replace(day=28)
    given = inputs(
        D(2027, 12, 31),
        allocations=[{"customer_number": f"C{n}", "allocated_date": D(2026, 1, n)} for n in range(1, 5)],
        new_policies=[
            {"policy_number": "N1", "customer_number": "C1", "inception_date": last},
            {"policy_number": "N2", "customer_number": "C2", "inception_date": month},
        ],
    )
    assert figure(key, given, Period(month)) == (1, 4)


@pytest.mark.req("S4-15")
def test_a_customer_given_twice_counts_once_for_who_got_it_last():
    given = inputs(
        D(2026, 4, 30),
        allocations=[
            {"customer_number": "C1", "allocated_date": D(2026, 1, 5), "person_id": 1},
            {"customer_number": "C1", "allocated_date": D(2026, 1, 20), "person_id": 2},
        ],
    )
    told = figures(given, [definitions(book())["develop_3"]], APRIL, book=book(), by=["person"])
    assert told.select("person", "denominator").rows() == [(2, 1)]


@pytest.mark.req("S2-19")
@pytest.mark.parametrize(("years", "hit"), [(9, 0), (10, 1), (20, 1), (None, 0)])
def test_ten_years_and_more_can_be_asked_for(years: int | None, hit: int):
    given = inputs(
        D(2026, 4, 30), allocations=[{"customer_number": "C1", "allocated_date": D(2026, 1, 5)}],
        new_policies=[
            {"policy_number": "N1", "customer_number": "C1", "inception_date": D(2026, 2, 1), "payment_term_years": years}
        ],
    )  # fmt: skip
    assert figure("develop_3", given, ten_years=True) == (hit, 1)
    assert figure("develop_3", given) == (1, 1)
    assert figure("ten_years", given, Period(D(2026, 2, 1))) == (hit, 1)


HELD = [
    {"customer_number": "C1", "from_date": D(2026, 1, 1)},
    {"customer_number": "C2", "from_date": D(2026, 4, 30)},  # came on the last day
    {
        "customer_number": "C3",
        "from_date": D(2026, 1, 1),
        "until_date": D(2026, 4, 1),
    },  # gone before the month
    {"customer_number": "C4", "from_date": D(2026, 1, 1), "until_date": D(2026, 4, 2)},  # there for a day
    {"customer_number": "C5", "from_date": D(2026, 1, 1), "until_date": D(2026, 4, 15), "person_id": 1},
    {"customer_number": "C5", "from_date": D(2026, 4, 15), "person_id": 2},
    {"customer_number": "C6", "from_date": D(2026, 5, 1)},  # not yet
]


@pytest.mark.req("S4-40")
def test_contact_and_visit_rates_count_customers_not_acts():
    told = [
        ("C1", "message", D(2026, 4, 1)), ("C1", "call", D(2026, 4, 2)), ("C2", "visit", D(2026, 4, 30)),
        ("C4", "call", D(2026, 3, 31)), ("C5", "call", D(2026, 4, 30)), ("C6", "call", D(2026, 4, 3)),
    ]  # fmt: skip
    given = inputs(
        D(2026, 4, 30), held=HELD,
        contacts=[{"customer_number": c, "kind": kind, "happened_date": day} for c, kind, day in told],
    )  # fmt: skip
    assert figure("contact", given) == (2, 4)  # C1, C5 of C1, C2, C4, C5
    assert figure("visit", given) == (1, 4)
    by = figures(given, [definitions(book())["contact"]], APRIL, book=book(), by=["person"])
    assert by.select("person", "numerator", "denominator").rows() == [(1, 1, 3), (2, 1, 1)]


@pytest.mark.req("S4-40")
def test_persistency_of_thirteen_months_by_pieces_and_by_premium():
    """For April 2026: what began in March 2025; alive at the end of April."""
    rows = [
        ("P1", D(2025, 3, 1), None, True, 1), ("P2", D(2025, 3, 31), D(2026, 4, 30), False, 0),
        ("P3", D(2025, 3, 15), D(2026, 5, 1), False, 1), ("P4", D(2025, 3, 15), None, False, 0),
        ("P5", D(2025, 4, 1), None, True, None), ("P6", D(2025, 2, 28), None, True, None),
    ]  # fmt: skip
    cohort = [
        {"policy_number": number, "inception_date": began, "ended_date": ended, "kept": kept,
         "yearly_premium_fen": 100 * place}
        for place, (number, began, ended, kept, _) in enumerate(rows, 1)
    ]  # fmt: skip
    cohort.append(
        {"policy_number": "P7", "inception_date": D(2025, 3, 9), "kept": False, "left_by_contract": True}
    )
    given = inputs(D(2026, 6, 30), cohort=cohort)
    assert figure("persistency_13", given) == (2, 4)
    assert figure("persistency_13_premium", given) == (100 + 300, 100 + 200 + 300 + 400)
    assert figure("persistency_25", given, Period(D(2027, 4, 1))) == (
        1,
        4,
    )  # P3 has lapsed by the last known day


@pytest.mark.req("S3-23")
def test_renewal_rate_by_count_and_by_premium():
    rows = [
        ("M1", D(2026, 4, 1), "renewed", 1000), ("M2", D(2026, 4, 30), "elsewhere", 2000),
        ("M3", D(2026, 4, 10), None, 3000), ("M4", D(2026, 4, 10), "scrapped", 4000),
        ("M5", D(2026, 3, 31), "renewed", 5000), ("M6", D(2026, 5, 1), "renewed", 6000),
    ]  # fmt: skip
    motor = [
        {"policy_number": n, "expiry_date": day, "outcome": outcome, "premium_fen": fen,
         "ended_date": outcome and D(2026, 4, 2)}
        for n, day, outcome, fen in rows
    ]  # fmt: skip
    given = inputs(D(2026, 6, 30), motor=motor)
    assert figure("renewal", given) == (1, 3)
    assert figure("renewal_premium", given) == (1000, 6000)
    early = type(given)(on=D(2026, 4, 9), motor=given.motor, institutions=given.institutions)
    assert figure("renewal", early) == (1, 3)  # over the whole month's, also what has not expired yet


@pytest.mark.req("S4-40")
def test_complaints_are_told_per_thousand_customers_and_load_per_person():
    given = inputs(
        D(2026, 4, 30), held=[*HELD, {"customer_number": "C7", "from_date": D(2026, 1, 1), "pieces": 3, "person_id": 2}],
        complaints=[{"number": "A/1", "month": D(2026, 4, 1), "pieces": 2}, {"number": "A/2", "month": D(2026, 3, 1)}],
        people=[{"staff_number": "S1"}, {"staff_number": "S2", "person_id": 2}, {"staff_number": "S3", "person_id": 3}],
    )  # fmt: skip
    assert figure("complaint", given) == (2, 5)
    assert written(2, 5, "per_mille") == "400.00‰"
    assert figure("load", given) == (1 + 1 + 1 + 3, 2)


@pytest.mark.req("S2-20")
def test_the_use_of_a_campaigns_resource_and_how_much_more_is_known():
    given = inputs(
        D(2026, 4, 30),
        resources=[
            {"customer_number": customer, "released_date": given, "used_date": used, "filled_before": before, "filled": now}
            for customer, given, used, before, now in (
                ("C1", D(2026, 4, 1), D(2026, 4, 30), 2, 5),
                ("C2", D(2026, 4, 1), D(2026, 5, 1), 3, 2),
                ("C3", D(2026, 5, 1), None, 0, 6),
            )
        ],
    )  # fmt: skip
    assert figure("utilisation", given) == (1, 2)
    assert figure("enrichment", given) == (2, 12)


@pytest.mark.req("S4-40")
def test_in_time_means_by_the_last_day():
    rows = [
        (D(2026, 4, 30), D(2026, 4, 30)),
        (D(2026, 4, 30), D(2026, 5, 1)),
        (D(2026, 4, 1), None),
        (D(2026, 5, 1), None),
    ]
    given = inputs(
        D(2026, 6, 30), duties=[{"task": str(n), "due_date": due, "done_date": done} for n, (due, done) in enumerate(rows)]
    )  # fmt: skip
    assert figure("in_time", given) == (1, 3)


@pytest.mark.req("S4-14")
def test_one_figure_by_every_dimension_and_period_sums_to_itself():
    places = [
        (1, "T1", "leaver", "330102001001"),
        (2, "T2", "leaver", "330102002001"),
        (3, "D1", None, "330103001001"),
    ]
    held = [
        {"customer_number": f"C{n}", "from_date": D(2026, 1, 1), "person_id": person, "institution_code": code,
         "source": source, "region_code": region}
        for n, (person, code, source, region) in enumerate(places * 2)
    ]  # fmt: skip
    given = inputs(
        D(2026, 6, 30), held=held, contacts=[{"customer_number": "C0", "kind": "call", "happened_date": D(2026, 4, 2)}]
    )  # fmt: skip
    contact = [definitions(book())["contact"]]
    told = packs(given, contact, APRIL, book=book())
    for dimension in ("", *DIMENSIONS):
        part = told.filter(pl.col("dimension") == dimension)
        assert (part["numerator"].sum(), part["denominator"].sum()) == (1, 6), dimension
    values = dict(told.filter(pl.col("dimension") == "team").select("value", "denominator").rows())
    assert values == {"T1": 2, "T2": 2, None: 2}
    assert set(told.filter(pl.col("dimension") == "street")["value"]) == {
        "330102001",
        "330102002",
        "330103001",
    }
    for kind, hit in (("quarter", 1), ("year", 1)):
        assert figure("contact", given, Period.of(D(2026, 4, 2), kind)) == (hit, 6)
    assert figure("contact", given, Period.of(D(2026, 1, 2), "quarter")) == (0, 6)
    crossed = figures(given, contact, APRIL, book=book(), by=["department", "source"])
    assert crossed.select("department", "source", "denominator").rows() == [
        ("D1", None, 2),
        ("D1", "leaver", 4),
    ]


@pytest.mark.req("S4-14")
def test_who_sees_a_part_gets_the_figures_of_that_part():
    held = [
        {"customer_number": f"C{n}", "from_date": D(2026, 1, 1), "person_id": 1 + n % 3} for n in range(9)
    ]
    given = inputs(D(2026, 6, 30), held=held)
    assert figure("contact", given, seen=Seen(frozenset({1, 2}), frozenset())) == (0, 6)
    assert figure("contact", given, seen=Seen(frozenset(), frozenset({"T1"}))) == (0, 0)


@pytest.mark.req("S4-40")
def test_every_figure_says_what_is_counted_over_what():
    for one in definitions(book()).values():
        assert all((one.title, one.numerator, one.denominator, one.req, one.source)), one.key
    assert len({one.title for one in definitions(book()).values()}) == len(definitions(book()))


@pytest.mark.parametrize(
    ("sides", "said"),
    [((1, 3), "33.33%"), ((2, 3), "66.67%"), ((1, 800), "0.13%"), ((0, 5), "0.00%"), ((5, 0), "—"), ((-1, 8), "-12.50%")],
)  # fmt: skip
def test_a_rate_is_made_once_and_rounded_half_up(sides: tuple[int, int], said: str):
    assert written(*sides, "percent") == said
    assert rate(5, 0, "each") is None


# --- allowances ----------------------------------------------------------------------------------------------


def worked(
    reached: int, customers: int, *, messages: int = 100, met: int = 0, visited: int = 0
) -> pl.DataFrame:
    return pl.DataFrame([(1, messages, visited, reached, met, customers)], schema=WORK, orient="row")


@pytest.mark.req("S4-27")
@pytest.mark.parametrize(
    ("reached", "customers", "thousandths", "fen", "restored"),
    [
        (0, 100, 5, 500, True), (4999, 10000, 5, 500, True), (50, 100, 8, 800, False), (7999, 10000, 8, 800, False),
        (80, 100, 10, 1000, False), (100, 100, 10, 1000, False), (1, 3, 5, 500, True), (0, 0, None, 0, False),
    ],
)  # fmt: skip
def test_messages_are_paid_by_the_band_of_the_contact_rate(
    reached: int, customers: int, thousandths: int | None, fen: int, restored: bool
):
    sms = allowances(worked(reached, customers), book()).row(0, named=True)
    assert (sms["kind"], sms["thousandths"], sms["fen"], sms["restored"]) == (
        "sms",
        thousandths,
        fen,
        restored,
    )


@pytest.mark.req("S4-28")
@pytest.mark.parametrize(
    ("met", "thousandths", "fen"), [(0, 200, 400), (2999, 200, 400), (3000, 250, 500), (4999, 250, 500)]
)
def test_visits_are_paid_by_the_band_of_the_visit_rate(met: int, thousandths: int, fen: int):
    visit = allowances(worked(0, 10000, met=met, visited=2), book()).row(1, named=True)
    assert (visit["kind"], visit["thousandths"], visit["fen"]) == ("visit", thousandths, fen)


@pytest.mark.req("S4-28")
def test_visits_above_half_are_not_paid_until_somebody_says_how_much():
    done = worked(0, 100, met=50, visited=50)
    with pytest.raises(AllowanceError, match=r"50%以上.*allowance\.visit_steps"):
        allowances(done, book())
    assert [(kind.key, start) for kind, start in open_bands(book())] == [("visit", 5000)]
    configured = book().replace(allowance__visit_steps=[[0, 200], [3000, 250], [5000, 400], [8000, 600]])
    assert allowances(done, configured).row(1, named=True)["fen"] == 50 * 400
    assert not open_bands(configured)
    assert not outside_range(configured)
    assert outside_range(book().replace(allowance__visit_steps=[[0, 700]]))[0][2] == 700
