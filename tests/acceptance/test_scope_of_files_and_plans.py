"""A clerk of one branch imports and plans what that branch manages, whatever else a file holds or the books do (P-12)."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import openpyxl
import polars as pl
import pytest

import uploads as sent
from cast import TREE, Cast
from listed_world import GONE, MANAGER, STRANGER, customer_rows, import_rows, policy_rows
from tuogu.books import queries as books
from tuogu.books.models import Customer, MissingFromFull, Policy
from tuogu.core.intake_titles import SHEET_TITLES, TITLES
from tuogu.core.tables import INSTITUTIONS
from tuogu.jobs import actions as work
from tuogu.jobs import queries as jobs
from tuogu.org import actions as org_actions
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.plans import actions as plan_actions
from tuogu.plans import queries as plans
from tuogu.plans.models import StoredPlan
from tuogu.renewals.models import MotorPolicy

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
ADDRESS = "浙江省宁波市海曙区南门街道澄浪社区12幢2单元304室"


@pytest.fixture
def two(cast: Cast) -> Cast:
    """Branches B and X, each with policies of its own; the clerk's post lies at B."""
    import_rows(cast, policy_rows(3, agent=MANAGER))
    import_rows(cast, policy_rows(3, agent=STRANGER, institution="X", first=10), leaver="9998")
    return cast


def workbook(**sheets: list[dict[str, Any]]) -> bytes:
    """A file as a branch sends it, by canonical columns."""
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]  # a new workbook has a sheet
    for kind, rows in sheets.items():
        page = book.create_sheet(SHEET_TITLES[kind])
        page.append(list(TITLES[kind].values()))
        for row in rows:
            page.append([row.get(name) for name in TITLES[kind]])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def policy(number: int, institution: str | None, *, holder: int | None = None, **more: Any) -> dict[str, Any]:
    who = f"C{number if holder is None else holder:06d}"
    return {
        "policy_number": f"P{number:08d}", "kind": "主险", "premium_mode": "年交", "payments_per_year": "1",
        "premium_fen": "1000", "inception_date": "2020-01-01", "state": "有效", "holder_number": who,
        "insured_number": who, "institution_code": institution,
    } | more  # fmt: skip


def customer(number: int) -> dict[str, Any]:
    return {"customer_number": f"C{number:06d}", "name": "李四", "address": ADDRESS}


def motor(number: str, institution: str, holder: int) -> dict[str, Any]:
    return {
        "policy_number": number, "start_date": "2025-12-01", "expiry_date": "2026-11-30", "plate_number": "浙B12345",
        "premium_fen": "3000", "holder_number": f"C{holder:06d}", "institution_code": institution,
    }  # fmt: skip


HOUSE = [
    {
        "institution_code": "B",
        "name": "宁波分公司",
        "level": "分公司",
        "parent_code": "H",
        "region_code": "330200",
    }
]
REPEATED = [{"institution_code": "X", "name": "外地分公司", "level": "分公司", "parent_code": "H"}]
MIXED: dict[str, list[dict[str, Any]]] = {
    "institutions": [*HOUSE, *REPEATED],
    "customers": [customer(n) for n in (100, 101, 102, 10, 0)],
    "policies": [
        policy(100, "B"),
        policy(101, "X"),  # new, of the other branch
        policy(10, "B"),  # stored there, brought over by a file
        policy(12, "X"),
        policy(103, "B", holder=11),  # a customer of the other branch alone
        policy(104, None, holder=100),  # of nobody's branch
        policy(105, None, holder=101, kind="附加险", main_policy_number="P00000101"),
        policy(106, None, holder=100, kind="附加险", main_policy_number="P00000100"),
    ],
    "motor": [motor("M1", "B", 100), motor("M2", "X", 102)],
}  # fmt: skip


def tried(cast: Cast, content: bytes, coverage: str = "partial") -> tuple[str, jobs.Job]:
    key = sent.send(
        cast.client(Role.RESOURCE_CLERK), ("混合.xlsx", content), coverage=coverage,
        data_date=cast.today,
    )  # fmt: skip
    trial = sent.preview(key)
    assert trial.state == "done", trial.failure
    return key, trial


@pytest.mark.req("P-12", "P-13")
def test_rows_of_another_branch_come_back_in_the_dry_run_and_in_the_import_alike(two: Cast):
    foreign = dict(Policy.objects.filter(number__gte="P00000010").values_list("number", "data_date"))
    key, trial = tried(two, workbook(**MIXED))
    lines, _total = jobs.rejected_cells(key, start=0, size=50)
    found = {(line.kind, line.row) for line in lines}
    assert found == {
        (line.kind, line.row) for line in lines if line.reason in ("out_of_scope", "main_rejected")
    }
    assert found == {
        ("customers", 3),  # 101: only a row of X names it
        ("customers", 4),  # 102: the same, by a motor row
        ("customers", 5),  # 10: stored with X
        ("policies", 3), ("policies", 4), ("policies", 5), ("policies", 6), ("policies", 7),
        ("policies", 8),  # a rider of row 3
        ("motor", 3),
    }  # fmt: skip
    page = two.client(Role.RESOURCE_CLERK).get(f"/imports/{key}/").content.decode()
    assert "不在你的范围内" in page
    run = books.import_run(sent.imported(two.client(Role.RESOURCE_CLERK), key))
    assert run.rejected == trial.result["rejected"] == len(found)
    assert run.counts == trial.result["counts"]
    assert set(Policy.objects.filter(import_run=run.id).values_list("number", flat=True)) == {"P00000100"}
    assert not Customer.objects.filter(number__in=["C000101", "C000102"]).exists()
    assert dict(Policy.objects.filter(number__in=list(foreign)).values_list("number", "data_date")) == foreign
    assert list(MotorPolicy.objects.values_list("number", flat=True)) == ["M1"]
    institutions = dict(org.institutions().select("institution_code", "name").iter_rows())
    assert institutions == {code: name for code, name, *_ in TREE}, "a repeated row changes nothing"


@pytest.mark.req("P-12")
def test_people_and_new_teams_come_in_below_the_own_branch_only(two: Cast):
    team = [
        {"institution_code": code, "name": name, "level": level, "parent_code": parent}
        for code, name, level, parent in (
            ("D9", "收展九部", "部", "B"), ("T9", "九组", "组", "D9"), ("TX", "外地组", "组", "X"),
            ("X", "改名分公司", "分公司", "H"),
        )
    ]  # fmt: skip
    people = [
        {
            "staff_number": number,
            "name": "王五",
            "series": "收展",
            "team_code": at,
            "institution_code": at_branch,
        }
        for number, at, at_branch in (("9801", "T9", "B"), ("9802", "TX", "X"), (STRANGER, "T9", "B"))
    ]
    key, _trial = tried(two, workbook(institutions=[*HOUSE, *team], people=people))
    sent.imported(two.client(Role.RESOURCE_CLERK), key)
    known = dict(org.institutions().select("institution_code", "name").iter_rows())
    assert {"D9", "T9"} <= set(known)
    assert "TX" not in known
    assert known["X"] == "外地分公司"
    staff = org.staff_ids()["staff_number"].to_list()
    assert "9801" in staff
    assert "9802" not in staff
    lines, _total = jobs.rejected_cells(key, start=0, size=50)
    assert {(line.kind, line.row) for line in lines if line.reason == "out_of_scope"} == {
        ("institutions", 5), ("institutions", 6), ("people", 3), ("people", 4),
    }  # fmt: skip


@pytest.mark.req("P-12", "P-13")
def test_a_full_file_of_one_branch_misses_nothing_of_another(two: Cast):
    content = workbook(institutions=HOUSE, customers=[customer(0)], policies=[policy(0, "B")])
    key, trial = tried(two, content, coverage="full")
    sent.imported(two.client(Role.RESOURCE_CLERK), key)
    missing = set(MissingFromFull.objects.values_list("number", flat=True))
    assert missing == {"P00000001", "P00000002", "C000001", "C000002"}
    assert trial.result["counts"]["missing_from_full"] == len(missing)


def planned(cast: Cast, role: Role = Role.RESOURCE_CLERK) -> StoredPlan:
    """What the page of plans makes of what is stored."""
    posted = {
        "as_of": cast.today.isoformat(),
        "seed": 7,
        "effort": 1,
        "strategy": "territory",
        "afresh": "on",
    }
    assert cast.client(role).post("/plans/new/", posted).status_code == 302
    assert sent.run_jobs() == ["done"], sent.endings()
    return StoredPlan.objects.order_by("-pk")[0]


@pytest.fixture
def orphans(cast: Cast) -> Cast:
    """Orphans of both branches, which an account manager would take over."""
    house = [
        dict(zip(("institution_code", "name", "level", "parent_code"), row, strict=True)) for row in TREE
    ]
    regions = {"B": "330200", "X": "330300"}
    rows = [row | {"region_code": regions.get(str(row["institution_code"]))} for row in house]
    org_actions.sync_institutions(
        pl.DataFrame(rows, schema=INSTITUTIONS), by=org.machine(), at=cast.now - timedelta(days=20)
    )
    for rows in (policy_rows(3, agent=GONE), policy_rows(4, agent="9998", institution="X", first=10)):
        told = [row | {"address": ADDRESS} for row in customer_rows(rows)]
        import_rows(cast, rows, told, leaver=str(rows[0]["agent_number"]))
    return cast


@pytest.mark.req("P-12")
def test_a_planner_plans_what_lies_in_scope_and_sees_it(orphans: Cast):
    stored = planned(orphans)
    assert stored.institution_codes == ["B"]
    book = plans.load_plan(stored.pk)[1]
    assert set(book.books.policies["policy_number"]) == {"P00000000", "P00000001", "P00000002"}
    assert stored.placed == 3, plans.load_plan(stored.pk)[0].unplaced.to_dicts()
    page = orphans.client(Role.RESOURCE_CLERK).get(f"/plans/{stored.pk}/")
    assert page.status_code == 200
    assert orphans.client(Role.BRANCH_MANAGER).get(f"/plans/{stored.pk}/").status_code == 200


@pytest.mark.req("P-12")
def test_whoever_sees_both_branches_plans_both(orphans: Cast):
    sent.for_the_whole_house(orphans)
    stored = planned(orphans)
    assert stored.institution_codes == ["B", "X"]
    assert stored.placed == 7


def planned_by(cast: Cast, person: int) -> StoredPlan:
    """What the job makes for somebody else's wish."""
    arguments = {"as_of": cast.today.isoformat(), "seed": 8, "effort": 1, "afresh": True}
    work.ask(kind="plan", title="方案", arguments=arguments, by=person, at=cast.now)
    assert sent.run_jobs() == ["done"], sent.endings()
    return StoredPlan.objects.order_by("-pk")[0]


def approve(cast: Cast, plan: StoredPlan, by: int) -> None:
    plan_actions.approve(plan.pk, by=by, at=cast.now, first_release_date=cast.today, note="同意")


@pytest.mark.req("P-12", "P-02")
def test_plans_of_two_branches_stand_side_by_side(orphans: Cast):
    machine, manager = org.machine(), orphans.people[Role.BRANCH_MANAGER]
    org_actions.appoint(
        orphans.stranger, Role.RESOURCE_CLERK, institution_code="X", from_date=orphans.today, by=machine, at=orphans.now
    )  # fmt: skip
    ours, theirs = planned(orphans), planned_by(orphans, orphans.stranger)
    assert (ours.institution_codes, theirs.institution_codes) == (["B"], ["X"])
    approve(orphans, ours, manager)
    approve(orphans, theirs, orphans.people[Role.INSPECTOR])
    ours.refresh_from_db()
    assert ours.state == StoredPlan.State.APPROVED, "approving the one leaves the other's releases alone"
    assert ours.scheduledrelease_set.filter(state="scheduled").exists()


@pytest.mark.req("P-12", "P-02")
def test_a_branch_does_not_cancel_what_a_wider_plan_still_releases_elsewhere(orphans: Cast):
    sent.for_the_whole_house(orphans)
    wide = planned(orphans)
    approve(orphans, wide, orphans.people[Role.INSPECTOR])
    narrow = planned_by(orphans, orphans.people[Role.RENEWAL_ADMINISTRATOR])
    assert narrow.institution_codes == ["B"]
    with pytest.raises(plan_actions.PlanRefused, match="范围之外的机构"):
        approve(orphans, narrow, orphans.people[Role.BRANCH_MANAGER])
    wide.refresh_from_db()
    assert wide.state == StoredPlan.State.APPROVED
    sent.for_the_whole_house(orphans, Role.INSPECTOR)
    approve(orphans, narrow, orphans.people[Role.INSPECTOR])
    wide.refresh_from_db()
    assert wide.state == StoredPlan.State.ARCHIVED
