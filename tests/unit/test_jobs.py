"""The job room by itself: queueing, leases, cancelling, progress, what is written down about a failure."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tuogu import clock
from tuogu.jobs import actions, queries, running
from tuogu.jobs.failures import Interrupted
from tuogu.jobs.flow import FlowRefused
from tuogu.jobs.kinds import KINDS, Kind
from tuogu.jobs.models import JobRun

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = clock.now()


@pytest.fixture
def kind(monkeypatch):
    """A kind of job whose function the test sets."""
    acts = {}
    made = Kind("试验", lambda *given: acts["run"](*given), (("一", 1), ("二", 3)))
    monkeypatch.setitem(KINDS, "plan", made)
    return acts


def ask(**arguments) -> int:
    return actions.ask(kind="plan", title="试验", arguments=arguments, by=7, at=NOW)


def test_the_same_wish_that_still_waits_is_one_job_and_one_place_in_the_queue(kind):
    from django_tasks_db.models import DBTaskResult

    assert ask(n=1) == ask(n=1)
    assert ask(n=2) != ask(n=1)
    assert DBTaskResult.objects.count() == 2
    with pytest.raises(actions.JobRefused):
        actions.ask(kind="nothing", title="", arguments={}, by=7, at=NOW)


def test_a_job_runs_once_and_leaves_its_result_and_its_steps(kind):
    seen = []

    def work(asked, now, progress):
        with progress.step("一"):
            pass
        with progress.step("二") as inside:
            inside("半", 0.5)
            row = JobRun.objects.get()
            seen.append((row.state, row.done_percent, row.step, row.attempts))
        return {"answer": asked.arguments["n"] + asked.by}

    kind["run"] = work
    job = ask(n=1)
    assert running.run(job, clock=clock.now) == "done"
    assert running.run(job, clock=clock.now) is None
    found = queries.job(job)
    assert (found.state, found.result, found.done_percent) == ("done", {"answer": 8}, 100)
    assert [name for name, _ in found.steps] == ["一", "二"]
    assert seen == [("running", 25, "二", 1)], "a second write within half a second is spared"


def test_a_refusal_is_told_and_a_crash_says_nothing_of_what_was_read(kind, caplog):
    def refuse(*_):
        raise FlowRefused("机构表没有服务区划")

    def crash(*_):
        raise ValueError("13800138000 is no date")

    kind["run"] = refuse
    job = ask(n=1)
    assert running.run(job, clock=clock.now) == "refused"
    assert queries.job(job).failure == "机构表没有服务区划"
    kind["run"] = crash
    job = ask(n=2)
    assert running.run(job, clock=clock.now) == "failed"
    assert "13800138000" not in queries.job(job).failure
    assert "ValueError" in queries.job(job).failure


def test_cancelling_stops_at_the_next_step_and_only_ones_own(kind):
    job = ask(n=1)
    with pytest.raises(actions.JobRefused):
        actions.cancel(job, by=8, at=NOW)

    def work(asked, now, progress):
        with progress.step("一"):
            actions.cancel(job, by=7, at=NOW)
        with progress.step("二"):
            raise AssertionError("the job went on")

    kind["run"] = work
    assert running.run(job, clock=clock.now) == "cancelled"
    with pytest.raises(actions.JobRefused):
        actions.cancel(job, by=7, at=NOW)
    waiting = ask(n=2)
    actions.cancel(waiting, by=7, at=NOW)
    assert queries.job(waiting).state == "cancelled"
    assert running.run(waiting, clock=clock.now) is None


def test_a_dead_workers_job_is_taken_over_and_its_ghost_keeps_its_hands_off(kind):
    """The lease runs out, another worker claims the job; the first wakes up and may write nothing any more."""
    later = NOW + timedelta(minutes=5)

    def ghost(asked, now, progress):
        with progress.step("一"):
            pass
        assert actions.requeue_stale(at=later) == 1
        kind["run"] = lambda *_: {"by": "the second"}
        assert running.run(job, clock=lambda: later) == "done"
        with progress.step("二"):
            raise AssertionError("the ghost went on")

    kind["run"] = ghost
    job = ask(n=1)
    assert running.run(job, clock=lambda: NOW) is None
    assert queries.job(job).result == {"by": "the second"}
    assert JobRun.objects.get(pk=job).attempts == 2


def test_a_job_that_takes_three_workers_down_is_given_up(kind):
    job = ask(n=1)
    at = NOW
    for _ in range(3):
        JobRun.objects.filter(pk=job).update(state="queued")
        running._claim(job, at)
        at += timedelta(minutes=5)
        actions.requeue_stale(at=at)
    assert queries.job(job).state == "failed"
    assert "3 次" in queries.job(job).failure


def test_a_worker_that_is_told_to_stop_gives_the_job_back(kind):
    def work(*_):
        raise Interrupted

    kind["run"] = work
    job = ask(n=1)
    assert running.run(job, clock=clock.now) == "queued"
    row = JobRun.objects.get(pk=job)
    assert (row.state, row.attempts, row.lease_until) == ("queued", 0, None)
    kind["run"] = lambda *_: {}
    assert running.run(job, clock=clock.now) == "done"


def test_workers_show_themselves_and_old_ones_are_forgotten():
    actions.worker_seen("a", started_at=NOW, at=NOW)
    actions.worker_seen("b", started_at=NOW, at=NOW + timedelta(days=2))
    assert queries.worker_seen_at() == NOW + timedelta(days=2)
    actions.worker_gone("b")
    assert queries.worker_seen_at() is None


def test_a_round_that_fails_does_not_keep_the_others_from_their_turn(monkeypatch: pytest.MonkeyPatch):
    from tuogu.jobs import ticking

    def fails(_by: int, _at: object) -> int:
        raise ValueError("a fault of one room")

    rounds = (("first", lambda _by, _at: 2), ("broken", fails), ("last", lambda _by, _at: 3))
    monkeypatch.setattr(ticking, "_TICK", rounds)
    turn = ticking.tick(at=NOW)
    assert (turn.done, turn.failed) == ({"first": 2, "last": 3}, ("broken",))


def test_a_worker_lives_on_after_an_error_and_rolls_again_until_every_round_is_done(
    monkeypatch: pytest.MonkeyPatch,
):
    from threading import Event

    from tuogu.jobs import worker
    from tuogu.jobs.ticking import Turn

    ended, moments, seen, rolled = Event(), iter(range(100)), [], []

    def later() -> datetime:
        return NOW.replace(hour=3) + timedelta(minutes=3 * next(moments))

    def fails(*, at: datetime) -> Turn:
        raise ValueError("a fault outside every round")

    def rolls(*, at: datetime) -> Turn:
        rolled.append(at)
        if len(rolled) == 3:
            ended.set()
        return Turn({}, ("pools",) if len(rolled) < 3 else ())

    monkeypatch.setattr(worker, "BEAT_SECONDS", 0.0)
    monkeypatch.setattr(worker, "tick", fails)
    monkeypatch.setattr(worker, "roll", rolls)
    monkeypatch.setattr(worker.connections, "close_all", lambda: None)
    monkeypatch.setattr(worker.actions, "worker_seen", lambda name, **_: seen.append(name))
    worker._beside("w", later, ended)
    assert (len(seen), len(rolled)) == (3, 3)
