"""The chance of a renewal: calibrated where the truth is known, without lift where there is none, recomputed by hand, blind
to the future, and read by no plan (P-07)."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import grimp
import numpy as np
import polars as pl
import pytest

import chance_world as world
from territory_books import fill
from tuogu.core.chance import tables as t
from tuogu.core.chance.features import History, renewal_rows, repurchase_rows
from tuogu.core.chance.model import model_of
from tuogu.core.chance.training import TooLittle, Trained, split, train
from tuogu.core.reference import chance as slow

pytestmark = pytest.mark.req("P-07")
ROWS = 12_000
WAYS = ("sigmoid", "isotonic")
DAY = date(2026, 3, 1)
SETTLED = date(2027, 6, 1)


@pytest.fixture(scope="module")
def learned() -> dict[str, tuple[pl.DataFrame, pl.Series, Trained]]:
    rows, chance = world.renewals(7, ROWS)
    return {way: (rows, chance, train(rows, t.RENEWAL, world.limits(calibration=way))) for way in WAYS}


@pytest.mark.parametrize("way", WAYS)
def test_on_months_held_out_the_share_that_happened_is_the_chance_that_was_said(learned: Any, way: str):
    rows, chance, trained = learned[way]
    figures = trained.figures
    assert trained.better
    assert figures["brier"] < figures["brier_base"] - 0.01
    assert figures["log_loss"] < figures["log_loss_base"] - 0.03
    assert figures["calibration_error"] < 0.04
    assert all(abs(point["share"] - point["chance"]) < 0.10 for point in figures["curve"])
    held = rows["day"].is_in(split(rows, world.limits()).held_out["day"].unique().to_list())
    said = trained.model.scored(rows.filter(held))["chance"].to_numpy()
    assert np.abs(said - chance.filter(held).to_numpy()).mean() < 0.05  # beside the truth itself
    assert [month["rows"] for month in figures["months"]] == [
        rows.filter(rows["day"].dt.month_start() == first).height
        for first in sorted(rows["day"].dt.month_start().unique())[-3:]
    ]


def test_shuffled_outcomes_give_no_lift_and_are_not_shown():
    rows, _chance = world.renewals(8, ROWS)
    trained = train(rows.with_columns(pl.col("label").shuffle(seed=5)), t.RENEWAL, world.limits())
    assert not trained.better
    assert abs(trained.figures["gain"]) < 0.002


@pytest.mark.parametrize("way", WAYS)
def test_an_outsider_recomputes_a_chance_from_the_plain_data(learned: Any, way: str):
    rows, _chance, trained = learned[way]
    plain = json.loads(json.dumps(trained.model.plain()))
    some = rows.head(60).to_dicts() + [
        {**rows.row(0, named=True), "channel": "新渠道", "premium_fen": None, "key": "x"}
    ]
    told = model_of(plain).scored(pl.DataFrame(some, schema=rows.schema))
    for row, (odds, chance) in zip(some, told.select("log_odds", "chance").rows(), strict=True):
        assert odds == pytest.approx(slow.log_odds(plain, row))
        assert chance == pytest.approx(slow.chance(plain, row))
    parts = split(rows.sort("day", "key"), world.limits())
    counted = [[(b["yes"], b["no"]) for b in one["bins"]] for one in plain["features"]]
    assert slow.counts(plain, parts.counted.to_dicts()) == counted


def test_reasons_add_up_and_the_strongest_comes_first(learned: Any):
    rows, _chance, trained = learned["sigmoid"]
    model, some = trained.model, rows.head(50)
    odds = dict(model.scored(some).select("key", "log_odds").rows())
    for key, reasons in model.reasons(some).items():
        assert model.prior + sum(one.adds for one in reasons) == pytest.approx(odds[key])
        assert [abs(one.adds) for one in reasons] == sorted((abs(one.adds) for one in reasons), reverse=True)
    adds = {one.feature.key: [b.name for b in one.bins] for one in model.features}
    channel = dict(
        zip(
            adds["channel"],
            model.adds(next(f for f in model.features if f.feature.key == "channel")),
            strict=True,
        )
    )
    assert channel["直销"] > channel["电销"] > channel["代理"]


def test_a_word_that_nobody_has_seen_neither_raises_nor_lowers_a_chance(learned: Any):
    rows, _chance, trained = learned["sigmoid"]
    row = rows.head(1).with_columns(channel=pl.lit("新渠道"))
    reason = next(one for one in trained.model.reasons(row)[row["key"][0]] if one.key == "channel")
    assert (reason.bin, reason.adds) == ("other", 0.0)


def test_the_same_rows_in_any_order_give_the_same_model(learned: Any):
    rows, _chance, trained = learned["sigmoid"]
    again = train(rows.sample(fraction=1, shuffle=True, seed=3), t.RENEWAL, world.limits())
    assert again.model.plain() == trained.model.plain()
    assert again.figures == trained.figures


def test_nothing_is_learned_from_what_was_settled_after_the_first_month_held_out():
    rows, _chance = world.renewals(9, 3000)
    parts = split(rows, world.limits())
    first = parts.held_out["day"].min()
    assert isinstance(first, date)
    assert parts.held_out["day"].dt.month_start().n_unique() == 3
    assert max(parts.counted["settled_date"].max(), parts.calibrated["settled_date"].max()) < first.replace(
        day=1
    )  # type: ignore[type-var]
    assert parts.counted["day"].max() < parts.calibrated["day"].min()  # type: ignore[operator]


@pytest.mark.parametrize(("rows", "happened", "refused"), [
    (1000, 100, False), (999, 100, True), (1000, 99, True), (1000, 900, False), (1000, 901, True),
])  # fmt: skip
def test_too_little_is_refused_at_the_limits_of_the_rulebook(rows: int, happened: int, refused: bool):
    """`rows`, `happened`: of those to learn from; the months held out come on top."""
    whole, _chance = world.renewals(10, 6000)
    whole = whole.sort("day", "key")
    old = whole.filter(pl.col("settled_date") < date(2025, 4, 1)).gather_every(2).head(rows)
    label = (pl.int_range(pl.len()) * happened // rows).diff().fill_null(1) > 0
    old = old.with_columns(label=label)
    assert (old.height, old["label"].sum()) == (rows, happened)
    new = whole.filter(pl.col("day") >= date(2025, 4, 1))
    if refused:
        with pytest.raises(TooLittle):
            train(pl.concat([old, new]), t.RENEWAL, world.limits())
    else:
        train(pl.concat([old, new]), t.RENEWAL, world.limits())


LISTED = {
    "subject_id": 1, "holder_number": "C1", "listed_date": DAY, "band": "d61_90", "late": False,
    "institution_code": "B", "expiry_date": DAY + timedelta(days=70),
}  # fmt: skip
OWN = {
    "subject_id": 1, "policy_number": "V3", "holder_number": "C1", "premium_fen": 300_000, "channel": "直销",
    "fleet_number": "", "important": False, "previous_number": "V2", "start_date": date(2025, 5, 11),
}  # fmt: skip
OLDER = [
    {**OWN, "subject_id": 2, "policy_number": "V2", "previous_number": "V1", "start_date": date(2024, 5, 11)},
    {**OWN, "subject_id": 3, "policy_number": "V1", "previous_number": "", "start_date": date(2023, 5, 11)},
]
PAST = {
    "customer_number": "C1",
    "happened_date": DAY - timedelta(days=1),
    "recorded_date": DAY - timedelta(days=1),
}


def history(**more: list[dict[str, Any]]) -> History:
    schemas = {
        "listed": t.LISTED, "motor": t.MOTOR_THEN, "changes": t.CHANGES, "ends": t.ENDS, "truths": t.TRUTHS,
        "heard": t.HEARD, "bought": t.POLICIES_BOUGHT, "released": t.RELEASED,
    }  # fmt: skip
    rows: dict[str, list[dict[str, Any]]] = {
        "listed": [LISTED],
        "motor": [OWN, *OLDER],
        "heard": [PAST],
        **more,
    }
    return History(**{name: fill(rows.get(name, []), schema) for name, schema in schemas.items()})


def features(past: History) -> dict[str, Any]:
    row = renewal_rows(past, SETTLED, world.limits()).row(0, named=True)
    return {name: value for name, value in row.items() if name not in t.EXAMPLE}


def test_features_of_a_renewal_are_those_of_its_day():
    assert features(history()) == {
        "band": "d61_90", "premium_fen": 300_000, "channel": "直销", "branch": "B", "fleet": "no", "important": "no",
        "years": 2, "renewals": 2, "contacts": 1, "vehicles": 2, "policies": 0, "data_true": "unknown",
    }  # fmt: skip


def _later(name: str) -> dict[str, list[dict[str, Any]]]:
    """An event of the day itself or after it, or recorded then."""
    change = {"subject_id": 1, "changed_date": DAY}
    begins = DAY + timedelta(days=71)
    successor = {**OWN, "subject_id": 9, "policy_number": "V4", "previous_number": "V3", "start_date": begins}
    return {
        "contact on the day": {"heard": [PAST, {**PAST, "happened_date": DAY, "recorded_date": DAY}]},
        "contact recorded on the day": {"heard": [PAST, {**PAST, "recorded_date": DAY}]},
        "corrected afterwards": {"heard": [{**PAST, "corrected_date": DAY}]},
        "too long ago": {"heard": [PAST, {**PAST, "happened_date": DAY - timedelta(days=366)}]},
        "successor": {"motor": [OWN, *OLDER, successor]},
        "bought on the day": {"bought": [{"customer_number": "C1", "inception_date": DAY}]},
        "marked on the day": {"truths": [{"customer_number": "C1", "true": True, "marked_date": DAY}]},
        "premium corrected since": {
            "motor": [{**OWN, "premium_fen": 999_999}, *OLDER],
            "changes": [
                {**change, "field": "premium_fen", "before": "300000"},
                {**change, "changed_date": DAY + timedelta(days=9), "field": "premium_fen", "before": "400000"},
            ],
        },
        "made important since": {
            "motor": [{**OWN, "important": True}, *OLDER],
            "changes": [{**change, "field": "important", "before": "false"}],
        },
        "fleet since": {
            "motor": [{**OWN, "fleet_number": "F1"}, *OLDER], "changes": [{**change, "field": "fleet_number", "before": ""}],
        },
        "ended": {"ends": [{"subject_id": 1, "outcome": "renewed", "ended_date": DAY}]},
    }[name]  # fmt: skip


@pytest.mark.parametrize("name", [
    "contact on the day", "contact recorded on the day", "corrected afterwards", "too long ago", "successor",
    "bought on the day", "marked on the day", "premium corrected since", "made important since", "fleet since", "ended",
])  # fmt: skip
def test_what_happened_or_became_known_later_leaks_into_no_feature(name: str):
    assert features(history(**_later(name))) == features(history())


@pytest.mark.parametrize(("outcome", "days_after_expiry", "looked_at", "label"), [
    ("renewed", 0, 31, True), ("renewed", 30, 31, True), ("renewed", 31, 400, False), ("elsewhere", 0, 31, False),
    (None, 0, 31, False), (None, 0, 30, None), ("renewed", 0, 30, None), ("scrapped", 0, 31, None),
    ("said", 0, 31, None),
])  # fmt: skip
def test_a_renewal_is_settled_thirty_days_after_the_end_of_cover(
    outcome: str | None, days_after_expiry: int, looked_at: int, label: bool | None
):
    expiry = LISTED["expiry_date"]
    assert isinstance(expiry, date)
    ends = [{"subject_id": 1, "outcome": outcome, "ended_date": expiry + timedelta(days=days_after_expiry)}]
    rows = renewal_rows(
        history(ends=ends if outcome else []), expiry + timedelta(days=looked_at), world.limits()
    )
    assert rows["label"].to_list() == [label]


@pytest.mark.parametrize(("bought_after", "label"), [(-1, False), (0, True), (179, True), (180, False)])
def test_a_repurchase_is_a_policy_within_half_a_year_of_the_release(bought_after: int, label: bool):
    bought = [
        {"customer_number": "C1", "inception_date": date(2019, 5, 1), "lapse_date": date(2020, 1, 1)},
        {"customer_number": "C1", "inception_date": DAY + timedelta(days=bought_after)},
    ]
    released = [
        {
            "customer_number": "C1",
            "department_code": "D",
            "released_date": DAY,
            "filled_before": 3,
            "fields": 4,
        }
    ]
    past = history(bought=bought, released=released)
    row = repurchase_rows(past, DAY + timedelta(days=181), world.limits()).row(0, named=True)
    own = {"policies": 2, "years_last": 0} if bought_after < 0 else {"policies": 1, "years_last": 6}
    assert row == {
        "key": f"C1@{DAY}", "day": DAY, "settled_date": DAY + timedelta(days=180), "label": label, "department": "D",
        "filled_bp": 7500, "years_first": 6, "lapsed": 1, "contacts": 1, "motor": "yes", **own,
    }  # fmt: skip
    assert repurchase_rows(past, DAY + timedelta(days=180), world.limits())["label"].to_list() == [None]


def test_no_plan_strategy_or_clock_reads_a_chance():
    graph = grimp.build_graph("tuogu", cache_dir=None)
    readers = graph.find_downstream_modules("tuogu.core.chance", as_package=True)
    forbidden = [
        m
        for m in readers
        if m.startswith(("tuogu.core.", "tuogu.plans", "tuogu.renewals", "tuogu.campaigns", "tuogu.pools"))
    ]
    assert [m for m in forbidden if not m.startswith("tuogu.core.chance")] == []
    assert "tuogu.reports.chances" in readers  # the graph knows the package
