"""Who saw what: every page with people on it, every print, every clear look is in the log, and kept."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction
from django.test import Client

from cast import Cast
from listed_world import GONE, MANAGER, import_rows, policy_rows
from tuogu import clock
from tuogu.accesslog import actions, queries
from tuogu.accesslog.models import Retention, Sighting
from tuogu.accesslog.queries import LogFilter
from tuogu.accesslog.router import side_alias
from tuogu.jobs.ticking import roll
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.rules import queries as rules

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
EVERYTHING = Scope.everything()


@pytest.fixture
def site(cast: Cast) -> Cast:
    import_rows(cast, [*policy_rows(40, agent=MANAGER), *policy_rows(20, agent=GONE, first=100)])
    return cast


def looks(**wanted: Any) -> list[Sighting]:
    return list(Sighting.objects.filter(**wanted).order_by("pk"))


def said(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.mark.req("L-06")
def test_complaint_16_every_view_is_logged_once_with_how_many_and_what_filter(site: Cast) -> None:
    """product.md §2.16: who viewed a record; all operations, views and exports included."""
    clerk, person = site.client(Role.RESOURCE_CLERK), site.people[Role.RESOURCE_CLERK]
    clerk.get("/policies/?street=330203001&size=40")
    (row,) = looks(kind="list")
    assert (row.person_id, row.subject, row.subject_kind) == (person, "policies:list", "list")
    assert row.rows == len(
        re.findall(r"/policies/P\d{8}/", said(clerk.get("/policies/?street=330203001&size=40")))
    )
    assert row.digest
    clerk.get("/policies/?size=40")
    again, other = looks(kind="list")[1:]
    assert again.digest == row.digest, "the same filter has the same digest"
    assert other.digest != row.digest
    assert "330203001" not in row.digest
    clerk.get("/policies/totals/")
    assert len(looks(kind="list")) == 3, "figures name nobody"
    clerk.get("/policies/P00000001/")
    (opened,) = looks(kind="open")
    assert (opened.subject_kind, opened.subject) == ("policy", "P00000001")
    assert len(looks(kind="list")) == 3, "a record is a record, not a list"


@pytest.mark.req("L-06")
def test_search_phone_and_buffer_are_views_as_well(site: Cast) -> None:
    clerk, manager = site.client(Role.RESOURCE_CLERK), site.client(Role.ACCOUNT_MANAGER)
    clerk.post("/search/", {"q": "张三"})
    clerk.get("/buffer/")
    manager.get("/m/customers/")
    manager.get("/m/customers/C000001/")
    seen = {(row.kind, row.subject) for row in looks()}
    assert ("list", "phone:customers") in seen
    assert ("open", "C000001") in seen
    assert any(kind == "list" and subject.startswith("buffer") for kind, subject in seen), seen
    text = " ".join(f"{r.subject} {r.fields} {r.reason} {r.digest} {r.mark}" for r in looks())
    assert "张三" not in text


@pytest.mark.req("N-13")
def test_a_print_carries_a_mark_that_leads_to_the_page_view(site: Cast) -> None:
    clerk, person = site.client(Role.RESOURCE_CLERK), site.people[Role.RESOURCE_CLERK]
    page = said(clerk.get("/policies/"))
    mark = re.search(r'data-tg-mark="(V\d{8}-[A-Z2-7]{8})"', page)
    assert mark
    assert f"{site.numbers[person]} · " in page[page.index("tg-print-mark") :]
    assert clerk.post("/exports/printed/", {"mark": mark[1]}).status_code == 204
    (printed,) = looks(kind="print")
    assert (printed.person_id, printed.subject, printed.rows) == (person, "policies:list", 40)
    site.client(Role.TEAM_LEAD).post("/exports/printed/", {"mark": mark[1]})
    clerk.post("/exports/printed/", {"mark": "V20261122-AAAAAAAA"})
    assert len(looks(kind="print")) == 1, "only one's own page"
    traced = said(site.client(Role.AUDITOR).post("/exports/trace/", {"code": mark[1]}))
    assert "打印的页面" in traced
    assert site.numbers[person] in traced
    assert clerk.get("/policies/P00000001/").status_code == 200
    assert looks(kind="open")[0].mark, "a printed record leads back as well"


@pytest.mark.req("N-13")
def test_rows_of_lists_have_a_budget_and_the_next_page_is_not_shown(
    site: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = rules.applicable(site.today).replace(accesslog__list_rows_per_day=100)
    monkeypatch.setattr(rules, "applicable", lambda _day: few)
    clerk = site.client(Role.RESOURCE_CLERK)
    assert clerk.get("/policies/?size=40").status_code == 200
    assert clerk.get("/policies/?size=40").status_code == 200
    refused = clerk.get("/policies/?size=40")
    assert refused.status_code == 429
    assert "每人每天至多浏览 100 行" in said(refused)
    assert "P00000001" not in said(refused)
    assert "张**" not in said(refused)
    assert [row.kind for row in looks()] == ["list", "list", "refused"]
    assert clerk.get("/policies/P00000001/").status_code == 200, "one record by its number stays open"
    assert site.client(Role.TEAM_LEAD).get("/policies/").status_code == 200, "another person has their own"


@pytest.mark.req("N-13")
def test_reveal_number_limit_plus_one_is_refused(site: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    few = rules.applicable(site.today).replace(masking__reveals_per_day=2)
    monkeypatch.setattr(rules, "applicable", lambda _day: few)
    clerk = site.client(Role.RESOURCE_CLERK)
    asked = {"who": "C000001", "field": "phone", "reason": "上门前确认时间"}
    answers = [said(clerk.post("/policies/P00000001/reveal/", asked)) for _ in range(3)]
    assert ["13800000001" in answer for answer in answers] == [True, True, False]
    assert len(looks(kind="reveal")) == 2


def old(day: datetime, count: int) -> None:
    for _ in range(count):
        actions.record_open(by=1, subject_kind="policy", subject="P1", at=day)


@pytest.mark.req("L-06")
def test_the_log_is_kept_three_years_and_nobody_can_shorten_the_last_six_months(site: Cast) -> None:
    now = clock.now()
    kept = rules.applicable(site.today)["accesslog.kept_days"]
    assert kept >= 3 * 365
    old(now - timedelta(days=kept + 1), 3)
    old(now - timedelta(days=kept), 2)
    old(now - timedelta(days=100), 2)
    roll(at=now)
    assert [row.rows for row in Retention.objects.all()] == [3]
    assert Sighting.objects.count() == 4, "the day of the limit stays"
    roll(at=now)
    assert Retention.objects.count() == 1, "again removes nothing and writes no permit"
    page = said(site.client(Role.AUDITOR).get("/system/exposure/"))
    assert "3 条" in page
    with pytest.raises(DatabaseError), transaction.atomic(using=side_alias()):
        actions.remove_old(kept_days=30, by=org.machine(), at=now)
    assert Sighting.objects.filter(day__lt=site.today).count() == 4
    assert Retention.objects.count() == 1, "the refused permit is not there either"


@pytest.mark.req("L-06")
def test_rows_go_only_under_a_permit(site: Cast) -> None:
    now = clock.now()
    old(now - timedelta(days=2_000), 1)
    old(now - timedelta(days=400), 1)
    alias = side_alias()
    for attempt in (
        lambda: Sighting.objects.all().delete(),
        lambda: Sighting.objects.update(reason="x"),
        lambda: Sighting.objects.filter(day__lt=site.today - timedelta(days=1_500)).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic(using=alias):
            attempt()
    actions.remove_old(kept_days=1_096, by=org.machine(), at=now)
    assert Sighting.objects.count() == 1
    with pytest.raises(DatabaseError), transaction.atomic(using=alias):
        Sighting.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic(using=alias):
        Retention.objects.update(before_day=site.today)
    with pytest.raises(DatabaseError), transaction.atomic(using=alias):
        Retention.objects.all().delete()
    assert queries.missing_guards() == []
    name = (
        "accesslog_sighting_no_delete"
        if connections[alias].vendor == "sqlite"
        else "accesslog_sighting_retention"
    )
    with connections[alias].cursor() as cursor:
        on_table = "" if connections[alias].vendor == "sqlite" else " ON accesslog_sighting"
        cursor.execute(f"DROP TRIGGER {name}{on_table}")
    assert queries.missing_guards() == [name]


def test_the_board_shows_who_sees_most_and_when(site: Cast) -> None:
    clerk = site.client(Role.RESOURCE_CLERK)
    clerk.get("/policies/?size=40")
    clerk.post(
        "/policies/P00000001/reveal/", {"who": "C000001", "field": "phone", "reason": "上门前确认时间"}
    )
    local = clock.now().astimezone(clock.BUSINESS_ZONE)
    night = local.replace(hour=3 if local.hour != 3 else 4)
    actions.record_open(by=site.people[Role.TEAM_LEAD], subject_kind="policy", subject="P1", at=night)
    viewers = queries.top_viewers(EVERYTHING, site.today, site.today, day_hours=(7, 20), limit=9)
    found = {v.person: v for v in viewers}
    assert viewers[0].person == site.people[Role.RESOURCE_CLERK]
    assert (found[site.people[Role.RESOURCE_CLERK]].revealed, viewers[0].listed) == (1, 40)
    assert found[site.people[Role.TEAM_LEAD]].unusual == 1
    hours = queries.by_hour(EVERYTHING, site.today, site.today, day_hours=(7, 20))
    assert hours[night.hour].looks == 1
    assert hours[night.hour].unusual
    assert not hours[12].unusual
    page = said(site.client(Role.AUDITOR).get("/system/exposure/"))
    assert site.numbers[site.people[Role.RESOURCE_CLERK]] in page
    assert site.client(Role.RESOURCE_CLERK).get("/system/exposure/").status_code == 403
    log = said(site.client(Role.AUDITOR).get("/system/accesslog/?kind=list"))
    assert "policies:list" in log


def test_a_page_without_people_writes_nothing(site: Cast) -> None:
    client: Client = site.client(Role.RESOURCE_CLERK)
    client.get("/rules/")
    client.get("/imports/")
    assert queries.log_page(EVERYTHING, LogFilter()).rows == []
