"""Findings of return visits and samples in the penalty ledger (S3-22), error rates of whoever types policies in (S3-01), and
what becomes of a lifetime right that was void (S3-16)."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from cast import Cast, staff_number
from motor_world import EVERYTHING, MotorWorld, make_motor
from territory_books import fill, standard_rules
from tuogu.core.inspection import InspectionFacts, penalties
from tuogu.core.inspection.tables import FOUND, FOUND_KINDS
from tuogu.core.motor.entries import ENTERED, entry_findings
from tuogu.ledger.kinds import Relation
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.renewals import actions, entrants, queries
from tuogu.renewals.models import Sampled
from tuogu.review import actions as review
from tuogu.review import queries as ledger
from tuogu.review.models import OutsideFinding, Penalty

EXPIRY = 10
CLERK = staff_number(Role.RESOURCE_CLERK)


@pytest.fixture
def world(cast: Cast) -> MotorWorld:
    return make_motor(cast)


def sampled(world: MotorWorld, number: str) -> int:
    """A policy that the lot drew."""
    month = world.today.replace(day=1)
    return int(
        Sampled.objects.create(month=month, subject_id=world.subject(number), draw="x", at=world.at).pk
    )


def answer(world: MotorWorld, number: str, *, true: bool, good: bool) -> None:
    actions.file_answers(
        sampled(world, number), data_true=true, service_done=good, procedure_kept=True, satisfied=good,
        by=world.city, at=world.at,
    )  # fmt: skip


@pytest.mark.django_db(databases="__all__")
@pytest.mark.database
@pytest.mark.req("S3-22", "S3-01", "N-14")
def test_what_the_sample_finds_is_told_appealed_and_reversed_in_the_ledger(world: MotorWorld) -> None:
    bad, good = world.book(EXPIRY, {"entrant_number": CLERK}, {})
    world.day = EXPIRY + 30
    answer(world, bad, true=False, good=False)
    answer(world, good, true=True, good=True)
    machine, clerk = org.machine(), world.person(Role.RESOURCE_CLERK)
    assert review.judge(by=machine, at=world.at).added == 5
    lines = ledger.penalty_page(EVERYTHING)
    told = {(line.person, line.req, line.effect, line.detail.split("（")[0]) for line in lines}
    assert told == {
        (world.manager, "S3-22", "fine", "抽查：客户信息不真实"), (world.manager, "S3-22", "fine", "抽查：续保服务未落实"),
        (world.manager, "S3-22", "fine", "抽查：客户不满意"), (world.manager, "S3-22", "reward", "抽查：四项均合格"),
        (clerk, "S3-01", "fine", "录入的客户信息不真实"),
    }  # fmt: skip
    assert all(line.amount_unset and not line.amount_fen for line in lines), "the source names no sum"
    inspector = world.cast.client(Role.INSPECTOR)
    page = inspector.get("/review/penalties/").content.decode()
    assert "未设定" in page
    assert "按制度奖励" in page

    mine = next(line for line in lines if line.detail.startswith("抽查：客户不满意"))
    assert inspector.get(f"/review/penalties/{mine.id}/").status_code == 200
    review.notify([mine.id], by=world.leader, at=world.at)
    review.appeal(mine.id, reason="客户当时不便接听", by=world.manager, at=world.at)
    with pytest.raises(review.ReviewRefused, match="另一人"):
        review.decide(mine.id, "reverse", reason="已向客户核实，当时确实不便接听", by=world.city, at=world.at)
    review.decide(
        mine.id,
        "reverse",
        reason="已向客户核实，当时确实不便接听",
        by=world.person(Role.BRANCH_MANAGER),
        at=world.at,
    )  # not who found it
    assert review.judge(by=machine, at=world.at).added == 0
    assert ledger.recomputed(world.today).is_empty()
    with pytest.raises(review.ReviewRefused, match="没有这种"):
        review.file_findings(
            "x", [review.FoundRow("1", world.manager, "whim", world.today, "")], by=machine, at=world.at
        )


@pytest.mark.django_db(databases="__all__")
@pytest.mark.database
@pytest.mark.req("S3-01")
def test_an_untrue_entry_counts_once_and_only_when_a_return_visit_proves_it(world: MotorWorld) -> None:
    world.book(EXPIRY, {"entrant_number": CLERK}, {"entrant_number": CLERK})
    actions.mark_truth("C000000", true=False, found_by="contact", by=world.city, at=world.at)
    assert not OutsideFinding.objects.exists()
    for _ in range(2):
        actions.mark_truth("C000000", true=False, found_by="return_visit", by=world.city, at=world.at)
    assert list(OutsideFinding.objects.values_list("source", "ref", "kind")) == [
        ("renewal_entry", "V1", "entry_untrue")
    ]
    seen = queries.entries(EVERYTHING)
    (rate,) = seen.rates
    assert (rate.who, rate.customers, rate.wrong, rate.untrue) == (
        CLERK,
        2,
        2,
        1,
    )  # two cars without a frame number
    assert seen.kinds == [("没有车架号", 2)]
    page = world.cast.client(Role.BRANCH_MANAGER).get("/corrections/truth/").content.decode()
    assert "车险录入人" in page
    assert "没有车架号 2" in page
    assert f"person={CLERK}" in page
    assert review.judge(by=org.machine(), at=world.at).added == 1
    assert Penalty.objects.get().person_id == world.person(Role.RESOURCE_CLERK)


@pytest.mark.django_db(databases="__all__")
@pytest.mark.database
@pytest.mark.req("S3-01")
def test_only_entries_with_something_about_them_are_read(
    world: MotorWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two holders name one frame at the same time, two more one plate; a car sold between two covers is no finding, nor is a
    renewal, and neither is read."""
    good = {"entrant_number": CLERK}
    frames = [f"LSVAA4182E210000{n}" for n in range(8)]
    cars = [{"frame_number": one, "plate_number": f"浙B9000{n}", **good} for n, one in enumerate(frames)]
    world.book(
        EXPIRY, cars[0], cars[1] | {"frame_number": frames[0]}, cars[2], cars[3] | {"plate_number": "浙B90002"},
        cars[4], cars[5],
    )  # fmt: skip
    start = world.today + timedelta(days=EXPIRY + 1)
    year = {"start_date": start, "expiry_date": start + timedelta(days=364)}
    world.import_motor(
        {"policy_number": "N5", "holder_number": "C000004", **cars[4], **year},
        {"policy_number": "N6", "holder_number": "C000007", **cars[5], **year},
    )
    read: list[int] = []
    judged = entrants.entry_findings

    def noted(entered: pl.DataFrame, holders: pl.DataFrame) -> pl.DataFrame:
        read.append(entered.height)
        return judged(entered, holders)

    monkeypatch.setattr(entrants, "entry_findings", noted)
    seen = queries.entries(EVERYTHING)
    assert read == [4]
    assert seen.kinds == [("同一车架号同期属于不同客户", 2), ("同一车牌同期属于不同客户或车辆", 2)]
    assert [(rate.who, rate.customers, rate.wrong) for rate in seen.rates] == [(CLERK, 8, 4)]


@pytest.mark.django_db(databases="__all__")
@pytest.mark.database
@pytest.mark.req("S3-16", "S3-22")
def test_after_a_void_right_the_next_renewal_belongs_to_its_seller(world: MotorWorld) -> None:
    (number,) = world.book(EXPIRY, {})
    answer(world, number, true=False, good=True)
    assert world.holder(number, Relation.OWNERSHIP) == org.buffer_group()
    world.day = 1
    actions.mark_truth("C000000", true=True, found_by="sample", by=world.city, at=world.at)  # corrected since
    expiry = world.today + timedelta(days=EXPIRY - 1)
    world.import_motor({
        "policy_number": "N1", "holder_number": "C000000", "start_date": expiry + timedelta(days=1),
        "expiry_date": expiry + timedelta(days=365), "agent_number": CLERK, "previous_number": number,
    })  # fmt: skip
    assert world.holder("N1", Relation.OWNERSHIP) == world.person(Role.RESOURCE_CLERK)


# 依据：每一种发现的条款、后果和制度中的数额（空为未设定）。
SUMS = """
情形             | 数额 | 条款  | 后果   | 金额
data_untrue      | 5000 | S3-22 | fine   | 5000
service_missing  |      | S3-22 | fine   | 0
procedure_broken | 1    | S3-22 | fine   | 1
unsatisfied      | 200  | S3-22 | fine   | 200
all_good         | 3000 | S3-22 | reward | 3000
entry_untrue     | 100  | S3-01 | fine   | 100
"""


@pytest.mark.req("S3-22", "N-14")
@pytest.mark.parametrize("line", SUMS.strip().splitlines()[1:])
def test_the_sum_is_the_rulebooks_or_none(line: str) -> None:
    kind, worth, req, effect, fen = (cell.strip() for cell in line.split("|"))
    rules = standard_rules().replace(**{FOUND_KINDS[kind].amount: int(worth) if worth else ""})
    rows = fill(
        [{"finding": "7", "staff_number": "A1", "kind": kind, "found_date": date(2026, 3, 9), "detail": "d"}],
        FOUND,
    )
    found = penalties(InspectionFacts(found=rows), rules, date(2026, 4, 1)).row(0, named=True)
    assert found["penalty"] == f"{req}:{effect}:finding:7:A1"
    assert (found["amount_fen"], found["from_date"], found["until_date"]) == (
        int(fen),
        date(2026, 3, 1),
        date(2026, 4, 1),
    )


# 两张保单的车：客户、车架号、车牌、起止（天），各有何疑点。
CARS = """
客户 | 车架 | 车牌 | 起 | 止 | 疑点
A B  | f f  | p p  | 1 100 | 99 199 |
A B  | f f  | p q  | 1 99  | 99 199 | frame_shared
A A  | f f  | p p  | 1 50  | 99 199 |
A A  | f g  | p p  | 1 50  | 99 199 | plate_shared
A B  | f g  | p p  | 1 99  | 99 199 | plate_shared
A B  | - g  | p q  | 1 1   | 99 99  | frame_missing
"""


@pytest.mark.req("S3-01")
@pytest.mark.parametrize("line", CARS.strip().splitlines()[1:])
def test_a_car_is_suspect_only_where_two_covers_run_together(line: str) -> None:
    cells = [cell.split() for cell in line.split("|")]
    holders, frames, plates, starts, ends, wanted = cells
    day = date(2026, 1, 1)
    rows = [
        {
            "policy_number": f"P{i}", "holder_number": holders[i], "entrant": "E", "plate": plates[i].encode(),
            "frame": None if frames[i] == "-" else frames[i].encode(), "start_date": day + timedelta(days=int(starts[i])),
            "expiry_date": day + timedelta(days=int(ends[i])),
        }
        for i in range(2)
    ]  # fmt: skip
    none = pl.DataFrame(schema={"customer_number": pl.String, "kind": pl.String})
    found = entry_findings(pl.DataFrame(rows, schema=ENTERED), none)
    assert set(found["kind"]) == set(wanted)
