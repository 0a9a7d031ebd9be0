"""The rule desk: a new version is drafted beside its sources, tried, approved by a second person, in force from its day."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from cast import Cast
from tuogu.org.roles import Role
from tuogu.rules import queries as rules
from tuogu.rules.models import RulebookDraft, RulebookVersion

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
CLAIM = "renewal.claim_days"
FLOOR, CEILING = "territory.month_load_min", "territory.month_load_max"


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.status_code
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def begun(cast: Cast, version: str = "2027.1", days: int = 30) -> int:
    """A draft begun on the page by the clerk."""
    clerk = cast.client(Role.RESOURCE_CLERK)
    day = cast.today + timedelta(days=days)
    answer = clerk.post(
        reverse("rules:begin"),
        {
            "version": version,
            "effective_date": day.isoformat(),
            "source": "分公司〔2026〕3号",
            "reason": "试点",
        },
    )
    assert answer.status_code == 302, text(answer, answer.status_code)
    return int(answer.headers["Location"].rstrip("/").rpartition("/")[2])


def changed(cast: Cast, draft: int, key: str, value: str) -> Any:
    return cast.client(Role.RESOURCE_CLERK).post(reverse("rules:change", args=[draft, key]), {"value": value})


@pytest.mark.req("S3-07", "N-09")
def test_a_changed_limit_is_in_force_from_its_day_and_not_a_day_earlier(cast: Cast):
    draft = begun(cast)
    clerk, manager = cast.client(Role.RESOURCE_CLERK), cast.client(Role.BRANCH_MANAGER)
    beside = text(clerk.get(reverse("rules:change", args=[draft, CLAIM])))
    assert "汽车保险续保的流程管理 L17" in beside
    assert changed(cast, draft, CLAIM, "3").status_code == 302
    day = cast.today + timedelta(days=30)
    assert rules.applicable(day)[CLAIM] == 5, "a draft changes nothing"
    assert "5天 3天" in text(clerk.get(reverse("rules:draft", args=[draft])))
    clerk.post(reverse("rules:submit", args=[draft]))
    assert manager.post(reverse("rules:decide", args=[draft]), {"decision": "approve"}).status_code == 302
    assert rules.applicable(day - timedelta(days=1))[CLAIM] == 5
    assert rules.applicable(day)[CLAIM] == 3
    row = RulebookVersion.objects.get(version="2027.1")
    assert row.by_id == cast.people[Role.RESOURCE_CLERK]
    assert row.approved_by_id == cast.people[Role.BRANCH_MANAGER]
    assert "分公司〔2026〕3号" in rules.applicable(day).parameters[CLAIM].source
    assert "将生效" in text(clerk.get(reverse("rules:versions")))


def test_nobody_approves_the_own_draft_and_who_may_not_approve_is_refused(cast: Cast):
    draft = begun(cast)
    changed(cast, draft, CLAIM, "3")
    clerk = cast.client(Role.RESOURCE_CLERK)
    clerk.post(reverse("rules:submit", args=[draft]))
    assert clerk.post(reverse("rules:decide", args=[draft]), {"decision": "approve"}).status_code == 403
    from tuogu.org import actions as org
    from tuogu.org import queries

    person = cast.people[Role.RESOURCE_CLERK]
    org.appoint(
        person,
        Role.BRANCH_MANAGER,
        institution_code="B",
        from_date=cast.today,
        by=queries.machine(),
        at=cast.now,
    )
    answer = clerk.post(reverse("rules:decide", args=[draft]), {"decision": "approve"}, follow=True)
    assert "不能审批自己起草的制度" in text(answer)
    assert RulebookDraft.objects.get().state == "submitted"
    assert not RulebookVersion.objects.filter(version="2027.1").exists()


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        (CLAIM, "三天", "请填"),
        (CLAIM, "2.5", "最细只能到"),
        (CLAIM, "5", "新值与现值相同"),
        (CLAIM, "-1", "不可用"),
        ("campaign.wave_shares", "[60, 30]", "应为 100%"),
        ("campaign.wave_shares", "[60, 40", "看不懂这个写法"),
    ],
)
def test_a_value_that_cannot_be_is_refused_where_it_is_typed(cast: Cast, key: str, value: str, said: str):
    draft = begun(cast)
    assert said in text(changed(cast, draft, key, value), 409)
    assert RulebookDraft.objects.get().changes == {}


def test_numbers_that_contradict_each_other_cannot_be_submitted(cast: Cast):
    draft = begun(cast)
    assert changed(cast, draft, FLOOR, "61").status_code == 302, "the other number may follow"
    clerk = cast.client(Role.RESOURCE_CLERK)
    assert "草案还不能提交" in text(clerk.get(reverse("rules:draft", args=[draft])))
    clerk.post(reverse("rules:submit", args=[draft]))
    assert RulebookDraft.objects.get().state == "open"
    changed(cast, draft, CEILING, "70")
    clerk.post(reverse("rules:submit", args=[draft]))
    assert RulebookDraft.objects.get().state == "submitted"


def test_a_draft_may_be_sent_back_with_a_reason_taken_back_and_never_changed_once_submitted(cast: Cast):
    draft = begun(cast)
    changed(cast, draft, CLAIM, "3")
    clerk, manager = cast.client(Role.RESOURCE_CLERK), cast.client(Role.BRANCH_MANAGER)
    clerk.post(reverse("rules:submit", args=[draft]))
    assert "不能再改" in text(changed(cast, draft, CLAIM, "4"), 409)
    silent = manager.post(reverse("rules:decide", args=[draft]), {"decision": "decline"}, follow=True)
    assert "请写明不批准的原因" in text(silent)
    manager.post(reverse("rules:decide", args=[draft]), {"decision": "decline", "note": "先试一个月"})
    assert "先试一个月" in text(clerk.get(reverse("rules:draft", args=[draft])))
    again = begun(cast, "2027.2")
    clerk.post(reverse("rules:withdraw", args=[again]))
    assert {d.state for d in RulebookDraft.objects.all()} == {"declined", "withdrawn"}
    used = clerk.post(
        reverse("rules:begin"),
        {"version": "2027.1", "effective_date": "2030-01-01", "source": "x", "reason": "y"},
    )
    assert "已经用过" in text(used, 409)


def test_the_day_must_lie_ahead(cast: Cast):
    clerk = cast.client(Role.RESOURCE_CLERK)
    given = {
        "version": "2027.1",
        "effective_date": cast.today.isoformat(),
        "source": "文件",
        "reason": "原因",
    }
    assert "生效日须晚于今天" in text(clerk.post(reverse("rules:begin"), given), 409)


def test_of_two_drafts_on_one_base_the_second_cannot_silently_take_back_the_first(cast: Cast):
    first, second = begun(cast, "2027.1", 30), begun(cast, "2027.2", 40)
    changed(cast, first, CLAIM, "3")
    changed(cast, second, CEILING, "70")
    clerk, manager = cast.client(Role.RESOURCE_CLERK), cast.client(Role.BRANCH_MANAGER)
    for draft in (first, second):
        clerk.post(reverse("rules:submit", args=[draft]))
    manager.post(reverse("rules:decide", args=[first]), {"decision": "approve"})
    answer = manager.post(reverse("rules:decide", args=[second]), {"decision": "approve"}, follow=True)
    assert "会撤回" in text(answer)
    assert RulebookDraft.objects.get(pk=second).state == "submitted"


@pytest.mark.req("N-04")
def test_a_draft_is_tried_on_the_stored_books_and_nothing_is_written(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
):
    from branch_site import BranchSite, appoint_desks, opened_branch
    from tuogu import clock
    from tuogu.jobs import queries as jobs
    from tuogu.jobs import running
    from tuogu.plans.models import StoredPlan
    from tuogu.rules import actions

    with opened_branch(tmp_path_factory.mktemp("rehearsal"), django_db_blocker) as branch:
        site = BranchSite(branch, 0, appoint_desks(lead_of_one_team=False))
        clerk, now, today = site.people[Role.RESOURCE_CLERK], clock.now(), clock.business_today()
        day = today + timedelta(days=5)
        draft = actions.begin(
            version="2027.9", effective_date=day, source="文件", reason="试", by=clerk, at=now
        )
        for key, value in ((FLOOR, 8), (CEILING, 15)):
            actions.change(draft, key=key, value=value, by=clerk)
        plans, versions = StoredPlan.objects.count(), RulebookVersion.objects.count()
        wish = {"strategy": "territory", "as_of": "2026-11-01"}
        site.client(clerk).post(f"/rules/drafts/{draft}/rehearse/", wish)
        job = jobs.jobs(clerk, kind="rehearsal", limit=1)[0]
        assert running.run(job.id, clock=clock.now) == "done"
        page = text(site.client(clerk).get(f"/rules/drafts/{draft}/"))
        lines = {line[0]: line[1:] for line in jobs.jobs(clerk, kind="rehearsal", limit=1)[0].result["lines"]}
        most = [int(figure.replace(",", "")) for figure in lines["每人最多"]]
        assert most[1] < most[0], "a quarter of the monthly load, fewer policies each"
        assert "两次都安排的" in page
        assert (StoredPlan.objects.count(), RulebookVersion.objects.count()) == (plans, versions)
