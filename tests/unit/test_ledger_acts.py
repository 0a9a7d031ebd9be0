"""The acts of the ledger, one by one, on named people: what moves, what is listed, what is refused."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from django.db import IntegrityError

import ledger_world
from ledger_world import JANUARY, RULE, World, asked, later, moment, open_policies, policies
from tuogu.ledger import actions, queries
from tuogu.ledger.kinds import Relation
from tuogu.ledger.models import Batch, Entry, Seal, Subject
from tuogu.org import queries as org
from tuogu.org.scope import Scope

pytestmark = [pytest.mark.database, pytest.mark.django_db]
world = ledger_world.fresh_world
MARCH = date(2026, 3, 1)
APRIL = date(2026, 4, 1)
EVERYTHING = Scope.everything()


def holder(subject: int, relation: str = Relation.CUSTODY) -> int | None:
    """Who holds it now, by the derived table."""
    held = queries.holdings(EVERYTHING, relation=relation).filter(pl.col("subject_id") == subject)
    return held["custodian_id"][0] if held.height else None


def release(
    world: World, subjects: list[int], to: int | list[int], key: str = "plan-1/1/1", day: date = MARCH
):
    """Release these subjects on that day."""
    return actions.post_batch(asked(subjects, to), key=key, effective_date=day, **world.signed(day))


# --- open ---------------------------------------------------------------------------------------------------


def test_opening_gives_custody_and_ownership(world: World) -> None:
    ann = world.people[0]
    subjects = open_policies(world, 3, ann, owner=ann)
    assert [holder(s) for s in subjects] == [ann, ann, ann]
    assert [holder(s, Relation.OWNERSHIP) for s in subjects] == [ann, ann, ann]


@pytest.mark.req("S0-24", "N-01")
def test_opening_without_a_custodian_who_may_receive_goes_to_the_buffer_group(world: World) -> None:
    ann, bob = world.people[:2]
    actions.leave(bob, leave_date=JANUARY, **world.alone(JANUARY, 7))
    frame = policies(3, None).with_columns(pl.Series("custodian_id", [ann, bob, None], dtype=pl.Int64))
    result = actions.open_custody(frame, by=world.clerk, recorded_at=moment(JANUARY, 8), rule=RULE)
    assert (result.opened, result.existing, result.to_buffer) == (3, 0, 2)
    assert queries.holdings(EVERYTHING)["custodian_id"].to_list() == [ann, world.buffer, world.buffer]


def test_opening_again_changes_nothing_and_new_rows_are_added(world: World) -> None:
    ann = world.people[0]
    open_policies(world, 3, ann)
    again = actions.open_custody(policies(5, ann), by=world.clerk, recorded_at=moment(MARCH), rule=RULE)
    assert (again.opened, again.existing) == (2, 3)
    shuffled = policies(5, ann).reverse()
    third = actions.open_custody(shuffled, by=world.clerk, recorded_at=moment(MARCH), rule=RULE)
    assert (third.batch_id, third.opened, third.existing) == (None, 0, 5)
    assert Entry.objects.count() == 5


def test_an_effective_date_to_come_counts_from_the_day_of_recording(world: World) -> None:
    frame = policies(1, world.people[0], day=date(2030, 1, 1))
    actions.open_custody(frame, by=world.clerk, recorded_at=moment(MARCH), rule=RULE)
    assert queries.holdings(EVERYTHING)["since_date"].to_list() == [MARCH]


def test_ids_do_not_depend_on_input_order(world: World) -> None:
    actions.open_custody(
        policies(4, world.people[0]).reverse(), by=world.clerk, recorded_at=moment(JANUARY), rule=RULE
    )
    subjects = queries.subject_ids("core")
    assert subjects["subject_id"].is_sorted()
    assert subjects["number"].is_sorted()


# --- release
# --------------------------------------------------------------------------------------------------


@pytest.mark.req("S0-19")
def test_a_release_posted_twice_changes_nothing_the_second_time(world: World) -> None:
    ann, bob = world.people[:2]
    subjects = open_policies(world, 4, ann)
    rows = asked(subjects, bob)
    act = {"key": "plan-1/1/1", "effective_date": MARCH, **world.signed(MARCH)}
    first = actions.post_batch(rows, **act)
    before = Entry.objects.count(), Seal.objects.count()
    second = actions.post_batch(rows.reverse(), **act)
    assert (first.posted, first.already, first.stale.height) == (4, False, 0)
    assert (second.batch_id, second.posted, second.already) == (first.batch_id, 4, True)
    assert (Entry.objects.count(), Seal.objects.count()) == before
    assert {holder(s) for s in subjects} == {bob}


def test_the_same_key_for_other_content_is_refused(world: World) -> None:
    ann, bob, cat, _ = world.people
    subjects = open_policies(world, 2, ann)
    release(world, subjects, bob)
    with pytest.raises(actions.KeyReusedError, match="plan-1/1/1"):
        release(world, subjects, cat)


@pytest.mark.req("S0-19")
def test_rows_that_cannot_move_are_listed_each_with_its_reason(world: World) -> None:
    ann, bob, cat, dan = world.people
    subjects = open_policies(world, 6, ann)
    rows = asked([*subjects, 999_999], bob)
    actions.transfer(
        subjects[0],
        cat,
        expected_head=rows["expected_head"][0],
        key="t",
        effective_date=MARCH,
        **world.signed(MARCH, 8),
    )
    closing = pl.DataFrame({"subject_id": [subjects[1]], "effective_date": [MARCH]})
    actions.close(closing, reason_code="surrendered", **world.alone(MARCH, 8))
    actions.leave(dan, leave_date=JANUARY, **world.alone(MARCH, 8))
    rows = rows.with_columns(
        custodian_id=pl.when(pl.col("subject_id") == subjects[2]).then(dan).otherwise(pl.col("custodian_id"))
    )
    result = actions.post_batch(rows, key="k", effective_date=MARCH, **world.signed(MARCH))
    reasons = dict(result.stale.select("subject_id", "reason").iter_rows())
    assert reasons == {
        subjects[0]: "head_moved",
        subjects[1]: "closed",
        subjects[2]: "cannot_receive",
        999_999: "unknown_subject",
    }
    assert result.posted == 3
    moved = result.stale.filter(pl.col("subject_id") == subjects[0]).row(0, named=True)
    assert moved["current_custodian_id"] == cat
    again = actions.post_batch(rows, key="k", effective_date=MARCH, **world.signed(MARCH))
    assert again.stale["subject_id"].to_list() == [*subjects[:3], 999_999]
    assert set(again.stale["reason"]) == {"left_out"}


def test_a_release_may_not_begin_before_the_present_custodian_did(world: World) -> None:
    ann, bob, cat, _ = world.people
    subjects = open_policies(world, 1, ann)
    release(world, subjects, bob)
    result = actions.post_batch(
        asked(subjects, cat), key="late", effective_date=date(2026, 2, 1), **world.signed(APRIL)
    )
    assert result.stale["reason"].to_list() == ["predates_head"]
    assert holder(subjects[0]) == bob


@pytest.mark.parametrize("approver", ["nobody", "the clerk", "the machine"])
def test_a_release_needs_a_second_person(world: World, approver: str) -> None:
    subjects = open_policies(world, 1, world.people[0])
    second = {"nobody": None, "the clerk": world.clerk, "the machine": org.machine()}[approver]
    act = world.signed(MARCH) | {"approved_by": second}
    with pytest.raises(actions.LedgerError, match="复核"):
        actions.post_batch(asked(subjects, world.people[1]), key="k", effective_date=MARCH, **act)
    assert not Batch.objects.filter(kind="release").exists()


def test_a_release_is_never_dated_ahead_and_never_names_a_subject_twice(world: World) -> None:
    subjects = open_policies(world, 1, world.people[0])
    rows = asked(subjects, world.people[1])
    with pytest.raises(actions.LedgerError, match="不得晚于"):
        actions.post_batch(rows, key="k", effective_date=later(MARCH, 1), **world.signed(MARCH))
    with pytest.raises(actions.LedgerError, match="两次"):
        actions.post_batch(pl.concat([rows, rows]), key="k", effective_date=MARCH, **world.signed(MARCH))


@pytest.mark.req("S0-19")
def test_a_release_that_fails_half_way_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    subjects = open_policies(world, 5, world.people[0])
    rows = asked(subjects, world.people[1])

    def broken(**_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("tuogu.ledger.batches.seal_within", broken)
    with pytest.raises(OSError, match="disk full"):
        actions.post_batch(rows, key="k", effective_date=MARCH, **world.signed(MARCH))
    monkeypatch.undo()
    assert Entry.objects.filter(kind="release").count() == 0
    assert {holder(s) for s in subjects} == {world.people[0]}
    result = actions.post_batch(rows, key="k", effective_date=MARCH, **world.signed(MARCH))
    assert (result.posted, result.already) == (5, False)


@pytest.mark.req("P-04")
def test_custody_and_ownership_have_independent_histories(world: World) -> None:
    ann, bob, cat, _ = world.people
    subjects = open_policies(world, 2, ann, owner=ann)
    release(world, subjects, bob)
    assert {holder(s) for s in subjects} == {bob}
    assert {holder(s, Relation.OWNERSHIP) for s in subjects} == {ann}
    owned = queries.holdings(EVERYTHING, relation=Relation.OWNERSHIP)
    rows = owned.select(
        "subject_id", pl.lit(cat).alias("custodian_id"), pl.col("head").alias("expected_head")
    )
    actions.post_batch(
        rows.head(1), relation=Relation.OWNERSHIP, key="own", effective_date=APRIL, **world.signed(APRIL)
    )
    assert [holder(s, Relation.OWNERSHIP) for s in subjects] == [cat, ann]
    assert {holder(s) for s in subjects} == {bob}
    number = queries.holdings(EVERYTHING)["number"][0]
    history = queries.history(number)
    kinds = {r: history.filter(pl.col("relation") == r)["kind"].to_list() for r in ("custody", "ownership")}
    assert kinds == {"custody": ["open", "release"], "ownership": ["open", "release"]}


def test_development_rights_may_begin_with_a_release_and_end_with_its_undo(world: World) -> None:
    ann, bob = world.people[:2]
    subjects = open_policies(world, 1, ann)
    rows = pl.DataFrame(
        {"subject_id": subjects, "custodian_id": [bob], "expected_head": [None]},
        schema_overrides={"expected_head": pl.Int64},
    )
    result = actions.post_batch(
        rows, relation=Relation.DEVELOPMENT, key="d", effective_date=MARCH, **world.signed(MARCH)
    )
    assert holder(subjects[0], Relation.DEVELOPMENT) == bob
    actions.undo_batch(result.batch_id, key="u", **world.signed(APRIL))
    assert holder(subjects[0], Relation.DEVELOPMENT) is None
    assert holder(subjects[0]) == ann


# --- undo
# -----------------------------------------------------------------------------------------------------


@pytest.mark.req("N-06", "S0-23")
def test_undo_reverts_untouched_rows_and_lists_the_rest_with_what_happened(world: World) -> None:
    ann, bob, cat, _ = world.people
    subjects = open_policies(world, 4, ann)
    batch = release(world, subjects, bob)
    heads = dict(queries.holdings(EVERYTHING).select("subject_id", "head").iter_rows())
    actions.transfer(
        subjects[0],
        cat,
        expected_head=heads[subjects[0]],
        key="t",
        effective_date=APRIL,
        **world.signed(APRIL),
    )
    closing = pl.DataFrame({"subject_id": [subjects[1]], "effective_date": [APRIL]})
    actions.close(closing, reason_code="surrendered", **world.alone(APRIL))
    undone = actions.undo_batch(batch.batch_id, key="undo-1", **world.signed(later(APRIL, 1)))
    assert undone.posted == 2
    assert undone.conflicts.select("subject_id", "kind", "custodian_id").rows() == [
        (subjects[0], "transfer", cat),
        (subjects[1], "close", None),
    ]
    assert [holder(s) for s in subjects] == [cat, None, ann, ann]
    assert undone.redirected.height == 0
    assert queries.custodian_on(subjects[2], Relation.CUSTODY, later(MARCH, 3)) == bob, (
        "the past is not rewritten"
    )
    again = actions.undo_batch(batch.batch_id, key="undo-1", **world.signed(later(APRIL, 1)))
    assert (again.already, again.posted, again.batch_id) == (True, 2, undone.batch_id)


@pytest.mark.req("N-06", "S0-24")
def test_undo_hands_nothing_back_to_somebody_who_has_left(world: World) -> None:
    ann, bob = world.people[:2]
    subjects = open_policies(world, 2, ann)
    batch = release(world, subjects, bob)
    actions.leave(ann, leave_date=date(2026, 3, 15), **world.alone(APRIL))
    undone = actions.undo_batch(batch.batch_id, key="u", **world.signed(APRIL, 10))
    assert undone.redirected.rows() == [(s, "custody", ann) for s in subjects]
    assert {holder(s) for s in subjects} == {world.buffer}


@pytest.mark.req("N-06")
def test_a_release_can_be_made_again_after_its_undo(world: World) -> None:
    ann, bob = world.people[:2]
    subjects = open_policies(world, 2, ann)
    batch = release(world, subjects, bob, key="plan-1/1/1")
    actions.undo_batch(batch.batch_id, key="undo", **world.signed(APRIL))
    again = release(world, subjects, bob, key="plan-1/1/2", day=later(APRIL, 1))
    assert (again.posted, again.already) == (2, False)
    assert {holder(s) for s in subjects} == {bob}


def test_only_releases_and_transfers_can_be_undone(world: World) -> None:
    open_policies(world, 1, world.people[0])
    opening = Batch.objects.get(kind="open")
    for batch in (opening.pk, 12_345):
        with pytest.raises(actions.LedgerError, match="只能撤销"):
            actions.undo_batch(batch, key="u", **world.signed(MARCH))


# --- leave
# ----------------------------------------------------------------------------------------------------


@pytest.mark.req("S0-25", "S0-24")
def test_a_leaver_holds_nothing_from_the_very_moment_on(world: World) -> None:
    ann, bob = world.people[:2]
    hers = open_policies(world, 5, ann, owner=ann)
    his = open_policies(world, 2, bob, first=100)
    result = actions.leave(ann, leave_date=MARCH, **world.alone(MARCH))
    assert (result.moved, result.past_slices) == (5, 0)
    assert queries.holdings(EVERYTHING, custodian_id=ann).height == 0
    assert {holder(s) for s in hers} == {world.buffer}
    assert {holder(s) for s in his} == {bob}
    assert {holder(s, Relation.OWNERSHIP) for s in hers} == {ann}, "whose business it was stays"
    assert org.may_receive(ann, MARCH) is False
    assert org.may_receive(ann, later(MARCH, -1)) is True
    again = actions.leave(ann, leave_date=MARCH, **world.alone(APRIL))
    assert (again.batch_id, again.moved) == (None, 0)


@pytest.mark.req("N-01", "S0-25")
def test_a_leave_reported_late_covers_only_what_the_leaver_held(world: World) -> None:
    ann, bob = world.people[:2]
    kept, moved = open_policies(world, 2, ann)
    release(world, [moved], bob)
    result = actions.leave(ann, leave_date=date(2026, 2, 1), **world.alone(APRIL))
    assert (result.moved, result.past_slices) == (1, 1)
    days = [date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28), MARCH, APRIL]
    assert [queries.custodian_on(moved, "custody", d) for d in days] == [
        ann,
        world.buffer,
        world.buffer,
        bob,
        bob,
    ]
    assert [queries.custodian_on(kept, "custody", d) for d in days] == [ann] + [world.buffer] * 4
    as_then = moment(date(2026, 3, 31))
    assert [queries.custodian_on(moved, "custody", d, as_then) for d in days] == [ann, ann, ann, bob, bob]
    assert holder(moved) == bob


def test_an_earlier_leave_date_corrects_the_first_one(world: World) -> None:
    ann = world.people[0]
    (subject,) = open_policies(world, 1, ann)
    actions.leave(ann, leave_date=MARCH, **world.alone(MARCH))
    result = actions.leave(ann, leave_date=date(2026, 2, 1), **world.alone(APRIL))
    assert (result.moved, result.past_slices) == (0, 1)
    days = [date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28), MARCH]
    assert [queries.custodian_on(subject, "custody", d) for d in days] == [ann] + [world.buffer] * 3


def test_leaving_is_refused_for_pools_and_days_to_come(world: World) -> None:
    with pytest.raises(actions.LedgerError, match="只有人员"):
        actions.leave(world.buffer, leave_date=MARCH, **world.alone(MARCH))
    with pytest.raises(actions.LedgerError, match="不得晚于"):
        actions.leave(world.people[0], leave_date=later(MARCH, 1), **world.alone(MARCH))


# --- claim and return
# ----------------------------------------------------------------------------------------


def test_a_claim_takes_from_a_pool_once(world: World) -> None:
    ann, bob = world.people[:2]
    (subject,) = open_policies(world, 1, None)
    first = actions.claim(subject, ann, by=ann, recorded_at=moment(MARCH), rule=RULE)
    second = actions.claim(subject, bob, by=bob, recorded_at=moment(MARCH), rule=RULE)
    assert (first.done, first.custodian_id) == (True, ann)
    assert (second.done, second.reason, second.custodian_id) == (False, "not_in_pool", ann)


def test_a_claim_respects_the_cap_and_counts_only_what_was_entrusted(world: World) -> None:
    ann = world.people[0]
    open_policies(world, 3, ann)
    pool = open_policies(world, 3, None, first=100)
    results = [
        actions.claim(s, ann, cap=2, by=ann, recorded_at=moment(MARCH), rule=RULE).reason for s in pool
    ]
    assert results == [None, None, "cap_reached"]
    assert queries.entrusted(ann) == 2
    assert queries.loads(EVERYTHING).filter(pl.col("custodian_id") == ann).row(0) == (ann, 5, 2)


def test_what_an_undo_gives_back_to_its_owner_is_not_entrusted(world: World) -> None:
    ann, bob = world.people[:2]
    subjects = open_policies(world, 2, ann, owner=ann)
    batch = release(world, subjects, bob)
    assert (queries.entrusted(ann), queries.entrusted(bob)) == (0, 2)
    actions.undo_batch(batch.batch_id, key="u", **world.signed(APRIL))
    assert (queries.entrusted(ann), queries.entrusted(bob)) == (0, 0)
    assert queries.loads(EVERYTHING).rows() == [(ann, 2, 0)]


def test_a_refusal_that_is_no_lost_race_is_raised(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (subject,) = open_policies(world, 1, None)

    def refuse(*_: object) -> int:
        raise IntegrityError("another constraint")

    monkeypatch.setattr("tuogu.ledger.single._move", refuse)
    with pytest.raises(IntegrityError, match="another constraint"):
        actions.claim(subject, world.people[0], by=world.clerk, recorded_at=moment(MARCH), rule=RULE)


def test_a_claim_by_somebody_who_left_or_of_something_unknown_is_refused(world: World) -> None:
    ann = world.people[0]
    (subject,) = open_policies(world, 1, None)
    actions.leave(ann, leave_date=MARCH, **world.alone(MARCH))
    left = actions.claim(subject, ann, by=ann, recorded_at=moment(MARCH), rule=RULE)
    unknown = actions.claim(777, world.people[1], by=ann, recorded_at=moment(MARCH), rule=RULE)
    assert (left.reason, unknown.reason) == ("claimant_left", "unknown_subject")


def test_returning_to_the_pool(world: World) -> None:
    ann = world.people[0]
    (subject,) = open_policies(world, 1, ann)
    act = {"by": ann, "recorded_at": moment(MARCH), "rule": RULE, "reason_code": "difficult"}
    assert actions.return_to_pool(subject, **act).custodian_id == world.buffer
    assert actions.return_to_pool(subject, **act).reason == "already_in_pool"
    with pytest.raises(actions.LedgerError, match="公共池"):
        actions.return_to_pool(subject, pool_id=ann, **act)


# --- close and reopen
# -----------------------------------------------------------------------------------------


def test_closing_ends_custody_and_reopening_gives_it_back(world: World) -> None:
    ann, bob = world.people[:2]
    subjects = open_policies(world, 2, ann, owner=ann)
    frame = pl.DataFrame({"subject_id": subjects, "effective_date": [MARCH, MARCH]})
    closed = actions.close(frame, reason_code="terminated", **world.alone(MARCH))
    assert closed is not None
    assert closed.posted == 2
    assert queries.holdings(EVERYTHING).height == 0
    assert queries.holdings(EVERYTHING, relation=Relation.OWNERSHIP).height == 2
    assert actions.close(frame, reason_code="terminated", **world.alone(APRIL)) is None
    back = pl.DataFrame(
        {"subject_id": subjects, "custodian_id": [bob, None], "effective_date": [APRIL, APRIL]}
    )
    reopened = actions.reopen(back, reason_code="reinstated", **world.alone(APRIL))
    assert reopened is not None
    assert [holder(s) for s in subjects] == [bob, world.buffer]
    days = [later(MARCH, -1), MARCH, APRIL]
    assert [queries.custodian_on(subjects[0], "custody", d) for d in days] == [ann, None, bob]


def test_a_close_never_reaches_back_behind_the_present_custodian(world: World) -> None:
    ann, bob = world.people[:2]
    (subject,) = open_policies(world, 1, ann)
    release(world, [subject], bob)
    frame = pl.DataFrame({"subject_id": [subject], "effective_date": [date(2026, 2, 1)]})
    actions.close(frame, reason_code="terminated", **world.alone(APRIL))
    days = [date(2026, 2, 15), MARCH]
    assert [queries.custodian_on(subject, "custody", d) for d in days] == [ann, None]


# --- reading
# --------------------------------------------------------------------------------------------------


@pytest.mark.req("P-18")
def test_history_lists_every_assignment_with_trigger_old_new_time_rule_and_batch(world: World) -> None:
    ann, bob, cat, _ = world.people
    (subject,) = open_policies(world, 1, ann)
    batch = release(world, [subject], bob)
    actions.leave(bob, leave_date=APRIL, **world.alone(APRIL))
    actions.claim(subject, cat, by=cat, recorded_at=moment(APRIL, 10), rule="claim 2026.1")
    rows = queries.history("P00000000").select(
        "kind", "old_custodian_id", "new_custodian_id", "effective_date", "rule", "batch_key", "approved_by"
    )
    assert rows.rows() == [
        ("open", None, ann, JANUARY, RULE, None, None),
        ("release", ann, bob, MARCH, RULE, "plan-1/1/1", world.manager),
        ("leave", bob, world.buffer, APRIL, RULE, None, None),
        ("claim", world.buffer, cat, APRIL, "claim 2026.1", None, None),
    ]
    times = queries.history("P00000000")["recorded_at"]
    assert times.to_list() == [moment(JANUARY, 8), moment(MARCH), moment(APRIL), moment(APRIL, 10)]
    assert queries.history("P00000000")["batch_id"][1] == batch.batch_id
    assert queries.history("no such number").height == 0


def test_lists_show_only_what_lies_in_scope(world: World) -> None:
    ann, bob = world.people[:2]
    open_policies(world, 2, ann)
    open_policies(world, 3, bob, first=100)
    own = Scope(custodian_ids=frozenset({ann}))
    assert queries.holdings(own).height == 2
    assert queries.loads(own)["custodian_id"].to_list() == [ann]
    assert queries.holdings(Scope.nothing()).height == 0


def test_a_clock_that_runs_behind_never_reorders_a_history(world: World) -> None:
    ann, bob = world.people[:2]
    (subject,) = open_policies(world, 1, None)
    actions.claim(subject, ann, by=ann, recorded_at=moment(MARCH, 12), rule=RULE)
    actions.return_to_pool(subject, by=ann, recorded_at=moment(MARCH, 11), rule=RULE, reason_code="mistake")
    release(world, [subject], bob, day=MARCH)
    recorded = list(Entry.objects.order_by("seq").values_list("recorded_at", flat=True))
    assert recorded == [moment(JANUARY, 8)] + [moment(MARCH, 12)] * 3
    assert queries.verify().problems == ()


def test_nothing_personal_and_no_number_is_in_what_is_sealed(world: World) -> None:
    from tuogu.ledger.canonical import FROM, line_sql

    open_policies(world, 1, world.people[0])
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {line_sql()} FROM {FROM}", [])
        (line,) = cursor.fetchone()
    fields = line.split("\x1f")
    assert "P00000000" not in line
    assert fields[5:10] == ["open", "2026-01-01", "", "2026-01-01 00:00:00", "2026-01-01"]
    subject = Subject.objects.get()
    assert queries.verify().problems == ()
    Subject.objects.filter(pk=subject.pk).update(number=None)  # erasure
    actions.seal_pending(by=world.clerk, recorded_at=moment(MARCH))
    assert queries.verify().problems == ()
