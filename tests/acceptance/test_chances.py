"""Chances as advice through the product's own faces: learned on request, shown with reasons on the case, the call list, the
customer's page and the command line, with the plot of months held out; refused where there is too little (P-07)."""

from __future__ import annotations

import json
import re
from contextlib import AbstractContextManager, nullcontext
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from django.db import DatabaseError, transaction
from typer.testing import CliRunner

from cast import Cast
from motor_world import START, MotorWorld, make_motor
from tuogu import clock
from tuogu.cli import app
from tuogu.jobs import running
from tuogu.jobs.asked import Asked
from tuogu.jobs.kinds import KINDS
from tuogu.jobs.models import JobRun
from tuogu.org import actions as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.renewals.models import Ended, ListedCase, MonthlyList, MotorPolicy
from tuogu.reports import chances
from tuogu.reports import queries as reports
from tuogu.reports.models import ChanceModel

pytestmark = [pytest.mark.req("P-07"), pytest.mark.database, pytest.mark.django_db(databases="__all__")]
MONTHS, A_MONTH, COVER = 12, 200, timedelta(days=70)
NARROW = Scope(institution_codes=frozenset({"X"}))
RUNNING, OTHER = "V-RUN", "V-OTHER"


@pytest.fixture
def world(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> MotorWorld:
    """A year of lists: those of the channel 直销 renew four times in five, those of 电销 once in five. And two that run."""
    made = make_motor(cast)
    luck = np.random.default_rng(11)
    days = [date(2030, month, 1) for month in range(1, MONTHS + 1)]
    direct = luck.random(MONTHS * A_MONTH) < 0.5
    renewed = luck.random(MONTHS * A_MONTH) < np.where(direct, 0.8, 0.2)
    made.import_motor(*(
        {
            "policy_number": f"H{n:05d}", "holder_number": f"P{n:05d}", "expiry_date": days[n // A_MONTH] + COVER,
            "channel": "直销" if direct[n] else "电销", "agent_number": None,
        }
        for n in range(MONTHS * A_MONTH)
    ))  # fmt: skip
    subjects = dict(MotorPolicy.objects.values_list("number", "subject_id"))
    lists = {
        day: MonthlyList.objects.create(run_date=day, rulebook="x", by_id=made.city, at=START) for day in days
    }
    ListedCase.objects.bulk_create(
        ListedCase(
            subject_id=subjects[f"H{n:05d}"], monthly_list=lists[days[n // A_MONTH]], band="d61_90", days_left=70,
            late=False, institution_code="T1", expiry_date=days[n // A_MONTH] + COVER,
            claim_due_date=days[n // A_MONTH], source_known=True,
        )
        for n in range(MONTHS * A_MONTH)
    )  # fmt: skip
    Ended.objects.bulk_create(
        Ended(
            subject_id=subjects[f"H{n:05d}"], seq=1, outcome="renewed" if renewed[n] else "elsewhere", proof="x",
            ended_date=days[n // A_MONTH] + COVER, by_id=made.city, at=START,
        )
        for n in range(MONTHS * A_MONTH)
    )  # fmt: skip
    expiry = START.date() + timedelta(days=14)
    made.import_motor(
        {"policy_number": RUNNING, "holder_number": "C000000", "expiry_date": expiry, "channel": "直销"},
        {"policy_number": OTHER, "holder_number": "C000001", "expiry_date": expiry, "channel": "电销"},
    )
    made.roll()
    monkeypatch.setattr(clock, "now", lambda: made.at)
    monkeypatch.setattr(clock, "business_today", lambda: made.today)
    return made


def page(world: MotorWorld, role: Role, path: str, **form: Any) -> tuple[int, str]:
    client = world.cast.client(role)
    answer = client.post(path, form, follow=True) if form else client.get(path)
    return answer.status_code, answer.content.decode()


def work_off() -> list[str | None]:
    """Run the waiting jobs, each twice: the second time as after a crash."""
    done = [running.run(job.pk, clock=clock.now) for job in JobRun.objects.filter(state=JobRun.State.QUEUED)]
    for job in JobRun.objects.filter(kind="chances", state=JobRun.State.DONE):
        again = KINDS["chances"].run(Asked(job.arguments, job.asked_by, job.asked_at), clock.now, Silent())
        assert again == job.result
    return done


class Silent:
    """A listener that says nothing."""

    seconds: dict[str, float] = {}

    def step(self, _name: str) -> AbstractContextManager[Any]:
        return nullcontext()


def test_a_chance_is_learned_on_request_shown_with_its_reasons_and_kept_for_good(
    world: MotorWorld, monkeypatch: pytest.MonkeyPatch
):
    subject, other = world.subject(RUNNING), world.subject(OTHER)
    assert "续保的机会" not in page(world, Role.RENEWAL_ADMINISTRATOR, f"/renewals/cases/{subject}/")[1]
    status, shown = page(world, Role.RESOURCE_CLERK, "/chances/train/", target="renewal")
    assert status == 200
    assert "正在后台学习" in shown
    assert "学习机会模型：车险续保" in shown  # the bar of the job
    assert not reports.chance_models("renewal")
    assert work_off() == ["done"]
    head = reports.chance_models("renewal")[0]
    status, shown = page(world, Role.RESOURCE_CLERK, f"/chances/{head.id}/")
    assert head.better
    assert [month["month"] for month in head.figures["months"]] == ["2030-10", "2030-11", "2030-12"]
    assert head.figures["learned"]["last"] == "2030-06"  # later ones were not settled when these months began
    assert f"{head.figures['brier']:.4f}" in shown
    curve = json.loads(re.search(r'id="curve"[^>]*>(.*?)</script>', shown, re.S)[1])  # type: ignore[index]
    assert all(abs(said - happened) < 12 for said, happened, _rows in curve["points"])
    assert "×" in shown

    told = reports.renewal_advice([subject, other], world.today)
    assert 0.70 < told[subject].chance < 0.90
    assert 0.10 < told[other].chance < 0.30
    assert told[subject].reasons[0].title == "渠道"
    _status, case = page(world, Role.RENEWAL_ADMINISTRATOR, f"/renewals/cases/{subject}/")
    assert "仅供参考" in case
    assert f"车险续保约 {told[subject].chance:.0%}" in case
    assert "渠道：直销" in case
    _status, calls = page(world, Role.RENEWAL_ADMINISTRATOR, "/renewals/calls/")
    assert "机会（仅供参考）" in calls
    assert calls.index(OTHER) < calls.index(RUNNING), "as they fell due: a chance orders nothing by itself"
    assert "车险续保" in page(world, Role.RENEWAL_ADMINISTRATOR, "/customers/C000000/")[1]

    token = org.issue_token(world.city, by=world.city, at=world.cast.now)
    with monkeypatch.context() as patched:
        patched.setattr("tuogu.cli.chance.open_database", lambda _url: None)
        patched.setattr("tuogu.cli.chance.business_today", lambda: world.today)
        words = ["chance", "score", "C000000", "--db", "sqlite:///x", "--token", token, "--json"]
        said = json.loads(CliRunner().invoke(app, words).stdout)["advice"][0]
        assert (said["number"], said["chance"]) == (RUNNING, told[subject].chance)
        assert said["prior"] + sum(one["adds"] for one in said["reasons"]) == pytest.approx(said["log_odds"])
        words = ["chance", "show", str(head.id), "--db", "sqlite:///x", "--token", token, "--json"]
        plain = json.loads(CliRunner().invoke(app, words).stdout)
        assert plain["model"] == ChanceModel.objects.get(pk=head.id).content
        assert plain["digest"] == chances._digest(plain["model"], plain["figures"])

    bins = dict(reports.counts_seen(NARROW, reports.chance_model(head.id)[1]))  # type: ignore[index]
    told_of = {learned.feature.key: [b.name for b, _adds in seen] for learned, seen in bins.items()}
    assert told_of["branch"] == ["other"]  # of an institution out of scope nothing
    assert "直销" in told_of["channel"]

    with pytest.raises(DatabaseError), transaction.atomic():
        ChanceModel.objects.filter(pk=head.id).update(better=False)
    again = chances.train_chances("renewal", by=world.city, at=world.at)
    assert (again.digest, again.id) == (head.digest, head.id + 1)

    ChanceModel.objects.create(
        target="renewal", trained_on=world.today, rulebook="x", rulebook_digest="", rows_digest="", content=plain["model"],
        figures=plain["figures"], better=False, digest="x", by_id=world.city, at=world.at,
    )  # fmt: skip
    assert (
        reports.renewal_advice([subject], world.today) == {}
    )  # the newest is no better than the share of all


def test_the_call_list_is_ordered_by_it_only_where_the_rulebook_says_so(
    world: MotorWorld, monkeypatch: pytest.MonkeyPatch
):
    chances.train_chances("renewal", by=world.city, at=world.at)
    subjects = [world.subject(OTHER), world.subject(RUNNING)]
    assert reports.renewal_order(subjects, world.today) is None
    allowing = chances.rules.applicable(world.today).replace(advice__may_rank=True)
    monkeypatch.setattr(chances.rules, "applicable", lambda _on: allowing)
    assert reports.renewal_order(subjects, world.today) == subjects[::-1]
    _status, calls = page(world, Role.RENEWAL_ADMINISTRATOR, "/renewals/calls/")
    assert calls.index(RUNNING) < calls.index(OTHER)


@pytest.mark.parametrize("target", ["repurchase", "weather", ""])
def test_too_little_or_an_unknown_target_is_refused_and_nothing_is_written(cast: Cast, target: str):
    clerk = cast.client(Role.RESOURCE_CLERK)
    answer = clerk.post("/chances/train/", {"target": target}, follow=True)
    assert answer.status_code == 200
    assert work_off() == (["refused"] if target == "repurchase" else [])
    shown = answer if target != "repurchase" else clerk.get("/chances/")
    assert "没有写入任何数据" in shown.content.decode()
    assert not ChanceModel.objects.exists()
    assert cast.client(Role.AUDITOR).post("/chances/train/", {"target": target}).status_code == 403
