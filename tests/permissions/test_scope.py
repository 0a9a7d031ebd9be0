"""Which rows a post shows: the subtree of an institution, everything in a region, nothing without a place (P-12, L-10)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

import branch as tiny
from cast import PASSWORD, Cast
from listed_world import OTHER, STRANGER, import_rows, policy_rows
from tuogu.accounts import actions as accounts
from tuogu.books import actions as books
from tuogu.org import actions
from tuogu.org import queries as org
from tuogu.org.failures import OrgError
from tuogu.org.models import Post
from tuogu.org.rights import Right, posts_with
from tuogu.org.roles import Role

pytestmark = [pytest.mark.database, pytest.mark.django_db(databases="__all__")]
POLICY = re.compile(r'href="/policies/(P\d{8})/')
BY_PLACE = [role for role in Role if role not in actions.WITHOUT_PLACE]


def text(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def listed(cast: Cast) -> Cast:
    """Eight policies of the branch and four of another one, where nobody of the branch works."""
    rows = policy_rows(8, agent=OTHER) + policy_rows(4, agent=STRANGER, institution="X", first=20)
    import_rows(cast, rows)
    return cast


def client_with(cast: Cast, role: Role, **place: Any) -> Any:
    """Somebody without another post, appointed there."""
    machine = org.machine()
    actions.appoint(cast.stranger, role, from_date=cast.today, by=machine, at=cast.now, **place)
    accounts.make_account(
        person=cast.stranger, login=STRANGER, password=PASSWORD, by=machine, at=cast.now, must_change=False
    )
    return cast.client_of(cast.stranger)


def shown(client: Any, **query: str) -> set[str]:
    return set(POLICY.findall(text(client.get(reverse("policies:list"), query))))


@pytest.mark.req("P-12")
@pytest.mark.parametrize("role", sorted(posts_with(Right.READ_BOOKS)))
def test_lists_counts_and_records_show_the_subtree_and_nothing_beside_it(listed: Cast, role: Role):
    client = listed.client(role)
    own = {f"P{i:08d}" for i in range(8)} if listed_for(role) else set()
    assert shown(client) == own
    totals = text(client.get(reverse("policies:totals")))
    assert f"{len(own)} 件" in totals if own else " 8 件" not in totals
    for number in ("P00000020", "P00000023"):
        assert client.get(reverse("policies:record", args=[number])).status_code == 404, number
        for name in ("policies:why", "policies:held"):
            assert client.get(reverse(name, args=[number])).status_code == 404, name
    if Right.READ_STAFF in rights(role):
        assert client.get(reverse("staff:record", args=[STRANGER])).status_code == 404
        assert client.get(reverse("staff:institution", args=["X"])).status_code == 404


def listed_for(role: Role) -> bool:
    """Whether the cast's post looks at the branch; the lead's team and the buffer group hold none of these."""
    return role not in {Role.TEAM_LEAD, Role.BUFFER_MEMBER}


def rights(role: Role) -> frozenset[Right]:
    from tuogu.org.rights import rights_of

    return rights_of([role])


@pytest.mark.req("P-12")
def test_a_region_shows_what_lies_in_it_and_a_parent_everything_below(listed: Cast):
    client = client_with(listed, Role.PROVINCE_OFFICER, region_code="330203")
    found = shown(client)
    lies = {tiny.BAISHA, tiny.BAIHE, tiny.JIANGXIA}
    assert {code[:6] for code in lies} == {"330203"}
    mine = {f"P{i:08d}" for i in range(20, 24)}  # what the person holds, wherever it lies
    inside = {f"P{i:08d}" for i in range(8) if i % 7 != 6}  # every seventh waits for an address
    assert found == inside | mine, "of whichever branch"
    street = sorted({code[:9] for code in lies})[0]
    Post.objects.filter(person_id=listed.stranger).update(region_code=street)
    within = shown(client) - mine
    assert within
    assert within < inside
    Post.objects.filter(person_id=listed.stranger).update(region_code="33")
    assert shown(client) == inside | mine, "a province lists all its cities, districts and streets"
    assert f"{len(inside | mine)} 件" in text(client.get(reverse("policies:totals")))
    Post.objects.filter(person_id=listed.stranger).update(region_code="44")
    assert shown(client) == mine
    assert client.get(reverse("policies:record", args=["P00000000"])).status_code == 404


@pytest.mark.req("P-12")
@pytest.mark.parametrize("role", BY_PLACE)
def test_no_place_is_no_access(listed: Cast, role: Role):
    with pytest.raises(OrgError, match="请写明机构、区域或全公司"):
        actions.appoint(listed.stranger, role, from_date=listed.today, by=org.machine(), at=listed.now)
    client = client_with(listed, role, institution_code="B")
    Post.objects.filter(person_id=listed.stranger).update(
        institution=None
    )  # as a database of before could hold it
    assert org.institutions_within(org.scope_of(listed.stranger, listed.today)) == frozenset()
    if role in posts_with(Right.READ_BOOKS):
        assert shown(client) <= {f"P{i:08d}" for i in range(20, 24)}, "what the person holds, and no more"
    if role in posts_with(Right.READ_STAFF):
        numbers = re.findall(r'class="tg-id" href="/staff/(\d+)/', text(client.get(reverse("staff:list"))))
        assert set(numbers) <= {STRANGER}
        assert client.get(reverse("staff:record", args=[OTHER])).status_code == 404
        assert "你的范围内没有机构" in text(client.get(reverse("staff:institutions")))


@pytest.mark.req("P-12")
def test_everywhere_is_said_outright(listed: Cast):
    client = client_with(listed, Role.AUDITOR, everywhere=True)
    assert len(shown(client)) == 12
    with pytest.raises(OrgError, match="只能选一"):
        actions.appoint(
            listed.other, Role.AUDITOR, everywhere=True, institution_code="B", from_date=listed.today,
            by=org.machine(), at=listed.now,
        )  # fmt: skip


@pytest.mark.req("P-12")
def test_a_move_or_a_leave_takes_effect_at_the_next_request(listed: Cast):
    client = client_with(listed, Role.AUDITOR, institution_code="B")
    record = reverse("policies:record", args=["P00000000"])
    assert client.get(record).status_code == 200
    (post,) = org.posts_of([listed.stranger], listed.today)
    by, other = listed.people[Role.SECURITY_ADMINISTRATOR], listed.people[Role.RESOURCE_CLERK]
    actions.end_post(post.id, until_date=listed.today, by=by, at=listed.now)
    actions.appoint(
        listed.stranger, Role.AUDITOR, institution_code="X", from_date=listed.today, by=by, at=listed.now
    )
    assert client.get(record).status_code == 404
    assert client.get(reverse("policies:record", args=["P00000020"])).status_code == 200
    books.leave(listed.stranger, leave_date=listed.today, recorded_at=listed.now, by=other)
    assert client.get(record)["Location"].startswith(reverse("account_login"))


@pytest.mark.req("L-10")
@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR])
def test_neither_administrator_opens_a_customer(listed: Cast, role: Role):
    client = client_with(listed, role, everywhere=True)
    for name in ("policies:record", "policies:why", "policies:held", "ledger:history"):
        assert client.get(reverse(name, args=["P00000000"])).status_code == 403, name
    for name in ("policies:list", "policies:totals", "phone:today", "ledger:entries", "plans:list"):
        assert client.get(reverse(name)).status_code == 403, name
    assert (
        client.post(reverse("policies:reveal", args=["P00000000"]), {"reason": "看一看"}).status_code == 403
    )
    board = text(client.get("/"))
    assert "tg-figs" not in board, "no figures of the books"
    assert "P00000000" not in board


@pytest.mark.req("L-10")
def test_the_three_administrators_share_no_right_to_act(listed: Cast):
    held = {role: rights(role) for role in (Role.ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDITOR)}
    acts = {role: {r for r in found if not r.startswith("read_")} for role, found in held.items()}
    assert acts[Role.AUDITOR] == set(), "the auditor only reads"
    assert not acts[Role.ADMINISTRATOR] & acts[Role.SECURITY_ADMINISTRATOR]
    assert posts_with(Right.APPOINT) == {Role.SECURITY_ADMINISTRATOR}
    assert posts_with(Right.KEEP_ACCOUNTS) == {Role.ADMINISTRATOR}


def test_every_post_begins_the_day_on_a_page_of_its_own(listed: Cast):
    for role in Role:
        answer = listed.client(role).get("/", follow=True)
        assert answer.status_code == 200, role
        assert "{%" not in text(answer)


def test_the_tree_of_institutions_counts_what_lies_below(listed: Cast):
    page = text(listed.client(Role.AUDITOR).get(reverse("staff:institutions")))
    row = re.search(r'/staff/institutions/B/">宁波分公司</a>.*?</tr>', page, re.DOTALL)
    assert row
    people = int(re.search(r"state=in_post\">(\d+)<", row[0])[1])
    assert people == len(Role) + 1, "everybody of both teams"
    assert ">8</a>" in row[0], "policies, those below included"
    assert "外地分公司" not in page
    record = text(listed.client(Role.AUDITOR).get(reverse("staff:institution", args=["D"])))
    assert "收展一组" in record
    assert "收展部" in record


def test_no_page_leads_where_its_reader_may_not_go(listed: Cast):
    administrator = listed.client(Role.ADMINISTRATOR)
    for of in ("", "live"):
        answer = administrator.get(reverse("territory:distribution"), {"of": of})
        assert answer.status_code == 200
        assert 'href="/policies/' not in text(answer), "counts only (L-10)"
        assert "/policies/" not in text(administrator.get(reverse("territory:map"), {"of": of}))
    assert 'href="/policies/' in text(listed.client(Role.BRANCH_MANAGER).get("/territory/", {"of": "live"}))
    officer = listed.client(Role.PRIVACY_OFFICER)
    assert 'href="/policies/"' not in text(officer.get(reverse("exports:list")))
    assert 'href="/system/"' not in text(officer.get(reverse("system:accesslog")))
