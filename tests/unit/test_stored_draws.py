"""A draw in the database: two people bind themselves, rows are only ever added, numbers stay apart from the record."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from django.db import DatabaseError, transaction

import ledger_world
import lots_record as example
from ledger_world import JANUARY, World, moment, open_policies
from tuogu.core.draw import combined, commitment, drawn, pseudonyms
from tuogu.core.lots.check import first_fault
from tuogu.core.lots.record import from_bytes
from tuogu.ledger.models import Subject
from tuogu.org import queries as org
from tuogu.org.models import Institution
from tuogu.org.scope import Scope
from tuogu.plans import actions, queries
from tuogu.plans.failures import PlanRefused, PlanUnknown
from tuogu.plans.models import Draw, DrawNumber, DrawStep

pytestmark = [pytest.mark.req("N-05"), pytest.mark.database, pytest.mark.django_db]
world = ledger_world.fresh_world
ALL = Scope.everything()
SALT, SEEDS = bytes(range(32)), {"clerk": b"c" * 32, "manager": b"m" * 32}


@pytest.fixture
def numbers(world: World) -> pl.Series:
    """Ten policies, with a draw of three among them opened by the clerk."""
    open_policies(world, 10, None)
    listed = pl.Series([f"P{i:08d}" for i in range(10)])
    opened(world, listed)
    return listed


def opened(world: World, listed: pl.Series, **other: Any) -> int:
    words = {
        "kind": "policy", "count": 3, "draw_id": "D1", "purpose": "收回", "key": example.KEY,
        "institution_codes": ["T1"], "by": world.clerk, "at": moment(JANUARY),
    } | other  # fmt: skip
    return actions.open_draw(listed, **words)


def bind(who: int, seed: bytes) -> None:
    actions.commit_draw("D1", commitment=commitment(SALT, seed), by=who, at=moment(JANUARY, 10))


def show(who: int, seed: bytes) -> None:
    actions.reveal_draw("D1", salt=SALT, seed=seed, by=who, at=moment(JANUARY, 11))


def finished(world: World) -> None:
    for act in (bind, show):
        act(world.clerk, SEEDS["clerk"])
        act(world.manager, SEEDS["manager"])


def test_two_people_draw_and_the_published_text_verifies(world, numbers):
    bind(world.clerk, SEEDS["clerk"])
    with pytest.raises(PlanRefused, match="至少 2 方作出承诺后才能公开种子，现有 1 方"):
        show(world.clerk, SEEDS["clerk"])
    with pytest.raises(PlanRefused, match="已作出承诺，不能更换"):
        bind(world.clerk, b"x" * 32)
    with pytest.raises(PlanRefused, match="不能照抄"):
        bind(world.manager, SEEDS["clerk"])
    bind(world.manager, SEEDS["manager"])
    before = queries.draw_state("D1")
    assert [(p.custodian, p.revealed_at) for p in before.parties] == [
        (world.clerk, None),
        (world.manager, None),
    ]
    assert (before.listed, before.count, before.seed_hex, before.fault) == (10, 3, None, None)
    show(world.manager, SEEDS["manager"])
    with pytest.raises(PlanRefused, match="不能再加入承诺"):
        bind(world.people[0], b"x" * 32)
    with pytest.raises(PlanRefused, match="尚未公开种子：T00000；还没有结果"):
        queries.drawn_numbers("D1", ALL)
    with pytest.raises(PlanRefused, match="与其承诺不符"):
        show(world.clerk, b"x" * 32)
    with pytest.raises(PlanRefused, match="没有作出承诺的人"):
        show(world.people[0], b"x" * 32)
    show(world.clerk, SEEDS["clerk"])

    seed = combined([SEEDS["clerk"], SEEDS["manager"]])
    names = pseudonyms(numbers, key=example.KEY, draw_id="D1")
    expected = drawn(list(names), 3, seed=seed, draw_id="D1")
    found = queries.drawn_numbers("D1", ALL)
    assert found["pseudonym"].to_list() == expected
    assert found["number"].to_list() == [names[pseudonym] for pseudonym in expected]
    assert found["place"].to_list() == [1, 2, 3]
    state = queries.draw_state("D1")
    assert (state.seed_hex, state.awaited, state.fault) == (seed.hex(), (), None)
    assert state.announced == before.announced
    published = queries.draw_record("D1")
    public = from_bytes(published.encode())
    assert first_fault(public) is None
    assert public.result is not None
    assert list(public.result.drawn) == expected
    assert not any(number in published for number in numbers)


def test_who_may_not_open_or_join(world, numbers):
    with pytest.raises(PlanRefused, match="抽取编号 D1 已用过"):
        opened(world, numbers)
    with pytest.raises(PlanRefused, match="2 个号码不在台账，例如 P99"):
        opened(world, pl.Series(["P00000001", "P98", "P99"]).reverse(), draw_id="D2")
    with pytest.raises(PlanRefused, match="重复号码"):
        opened(world, pl.Series(["P00000001"] * 2), draw_id="D2", count=1)
    with pytest.raises(PlanRefused, match="不能抽 11 个"):
        opened(world, numbers, draw_id="D2", count=11)
    for machine in (org.machine(), org.buffer_group()):
        with pytest.raises(PlanRefused, match="在册人员"):
            opened(world, numbers, draw_id="D2", by=machine)
        with pytest.raises(PlanRefused, match="在册人员"):
            bind(machine, b"x" * 32)
    for act in (
        lambda: actions.commit_draw("D9", commitment="0" * 64, by=world.clerk, at=moment(JANUARY)),
        lambda: actions.reveal_draw("D9", salt=SALT, seed=SALT, by=world.clerk, at=moment(JANUARY)),
        lambda: queries.draw_state("D9"),
        lambda: queries.drawn_numbers("D9", ALL),
    ):
        with pytest.raises(PlanUnknown):
            act()
    assert Draw.objects.count() == 1


def test_numbers_are_for_whose_scope_covers_the_institutions(world, numbers):
    finished(world)
    at = {"by_id": world.clerk, "recorded_at": moment(JANUARY)}
    team = Institution.objects.create(code="T1", name="一组", level="team", path="/T1/", **at)
    Institution.objects.create(code="T2", name="二组", level="team", path="/T2/", **at)
    assert queries.drawn_numbers("D1", Scope(frozenset({team.code}))).height == 3
    for narrow in (Scope.nothing(), Scope(frozenset({"T2"}))):
        with pytest.raises(PlanUnknown):
            queries.drawn_numbers("D1", narrow)


def test_an_erased_number_leaves_a_draw_that_still_verifies(world, numbers):
    finished(world)
    before, record = queries.drawn_numbers("D1", ALL), queries.draw_record("D1")
    Subject.objects.filter(pk=before["subject_id"][0]).update(number=None)
    after = queries.drawn_numbers("D1", ALL)
    assert after["number"].to_list() == [None, *before["number"][1:]]
    assert after.drop("number").equals(before.drop("number"))
    assert queries.draw_record("D1") == record
    assert queries.draw_state("D1").fault is None


def test_customers_are_drawn_before_anybody_holds_them(world):
    listed = pl.Series(["C1", "C2", "C3"])
    opened(world, listed, kind="customer", count=2)
    finished(world)
    assert set(queries.drawn_numbers("D1", ALL)["number"]) < set(listed)


@pytest.mark.parametrize("model", [Draw, DrawNumber, DrawStep])
def test_the_database_refuses_every_change(world, numbers, model):
    finished(world)
    row = model.objects.first()
    for act in (
        lambda: model.objects.filter(pk=row.pk).update(id=row.pk),
        lambda: model.objects.filter(pk=row.pk)._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            act()


def test_the_database_refuses_a_second_promise_and_half_a_step(world, numbers):
    bind(world.clerk, SEEDS["clerk"])
    draw = Draw.objects.get()
    said = {"draw": draw, "party_id": world.clerk, "party_name": "T00000", "at": moment(JANUARY)}
    for wrong in (
        {"number": 2, "step": "committed", "commitment": "0" * 64},
        {"number": 1, "step": "committed", "commitment": "0" * 64, "party_id": world.manager},
        {"number": 2, "step": "revealed", "salt": "00"},
        {"number": 2, "step": "revealed", "salt": "00", "seed": "00", "commitment": "0" * 64},
        {"number": 2, "step": "committed", "party_id": world.manager},
        {"number": 2, "step": "committed", "party_id": world.manager, "commitment": "0" * 64, "seed": "00"},
        {"number": 2, "step": "other", "party_id": world.manager, "commitment": "0" * 64},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            DrawStep.objects.create(**(said | wrong))
    assert DrawStep.objects.count() == 1
