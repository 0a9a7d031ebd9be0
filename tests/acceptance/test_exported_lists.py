"""Customers, people and entries as files: the rows of the asker's scope, the columns of the page, nobody in clear."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from cast import Cast
from exported import taken
from listed_world import GONE, MANAGER, OTHER, STRANGER, import_rows, policy_rows
from tuogu.accesslog import queries as accesslog
from tuogu.books import queries as books
from tuogu.exports import actions as exports_actions
from tuogu.exports.models import Export
from tuogu.exports.queries import Limits
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.privacy import actions as privacy
from tuogu.rules import queries as rules
from tuogu.web.customers.columns import COLUMNS
from tuogu.web.customers.exporting import CELLS

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
CLERK, LEAD = Role.RESOURCE_CLERK, Role.TEAM_LEAD


@pytest.fixture
def site(cast: Cast) -> Cast:
    """6 customers of team 1, 4 orphans, 3 of team 2, 2 of another branch."""
    import_rows(
        cast,
        [
            *policy_rows(6, agent=MANAGER), *policy_rows(4, agent=GONE, first=100), *policy_rows(3, agent=OTHER, first=200),
            *policy_rows(2, agent=STRANGER, institution="X", first=300),
        ],
    )  # fmt: skip
    return cast


def rows_of(content: bytes) -> list[dict[str, Any]]:
    """The sheet below its heads."""
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    heads = next(place for place, row in enumerate(rows) if sum(cell is not None for cell in row) > 3)
    named = [dict(zip(rows[heads], row, strict=True)) for row in rows[heads + 1 :]]
    return [row for row in named if sum(value is not None for value in row.values()) > 2]


def scope(site: Cast, role: Role) -> Scope:
    return org.scope_of(site.people[role], site.today)


@pytest.mark.req("P-12", "L-07")
@pytest.mark.parametrize("role", [CLERK, LEAD])
def test_customers_leave_as_the_page_lists_them(site: Cast, role: Role) -> None:
    found = books.customer_totals(scope(site, role), books.CustomerFilter(), as_of=site.today).customers
    rows = rows_of(taken(site.client(role), "/customers/export/", query="?view=all", all="1"))
    assert len(rows) == found > 0
    assert Export.objects.get().rows == found
    shown = books.customer_page(scope(site, role), books.CustomerFilter(), as_of=site.today, size=100).rows
    assert {row["客户号"] for row in rows} == {row.number for row in shown}
    assert "C000300" not in {row["客户号"] for row in rows}
    assert {row["客户"] for row in rows} == {"张**"}
    assert not [row for row in rows if row["手机"] and "*" not in row["手机"] and row["手机"] != "领取后可见"]
    assert "证件号" not in rows[0], "hidden on the page, hidden in the file"
    assert rows[0]["年缴保费"] == pytest.approx(1000, abs=5)
    log = accesslog.log_page(Scope.everything(), accesslog.LogFilter(kind="export")).rows[0]
    assert (log.rows, log.fields) == (found, "name,phone")


def test_the_selection_and_the_chosen_columns(site: Cast) -> None:
    clerk = site.client(CLERK)
    rows = rows_of(taken(clerk, "/customers/export/", query="?view=all", pick=["C000001", "C000300"]))
    assert [row["客户号"] for row in rows] == ["C000001"], "the other is another branch's"
    clerk.post("/lists/columns/", {"list": "customers", "col": ["name", "number", "id", "live"]})
    nothing = clerk.post("/customers/export/", {"query": "?view=all", "reason": "核对名单用"}, follow=True)
    assert "没有选中任何客户" in nothing.content.decode()
    assert clerk.post("/customers/export/", {"all": "1", "reason": ""}).status_code == 302
    assert Export.objects.count() == 1, "without a reason nothing is written down"
    assert set(CELLS) == {column.key for column in COLUMNS}


@pytest.mark.req("L-07")
def test_whose_data_may_only_be_kept_leaves_in_no_list(site: Cast) -> None:
    privacy_by = {"by": site.people[Role.PRIVACY_OFFICER], "at": site.now}
    request = privacy.receive("C000001", kind="deletion", **privacy_by)
    privacy.check_identity(request, how="document", **privacy_by)
    privacy.block_instead(request, ground="保险法第八十七条", **privacy_by)
    rows = rows_of(taken(site.client(CLERK), "/customers/export/", query="?view=all", all="1"))
    assert "C000001" not in {row["客户号"] for row in rows}
    assert len(rows) == 12


@pytest.mark.req("P-12")
def test_people_and_entries_leave_within_scope(site: Cast) -> None:
    for role in (CLERK, LEAD):
        client = site.client(role)
        people = rows_of(taken(client, "/staff/export/", query=""))
        told = org.staff_totals(scope(site, role), org.StaffFilter(), site.today)["all"]
        assert len(people) == told > 0
        assert "电话" not in people[0]
        entries = rows_of(taken(client, "/ledger/export/", query=""))
        assert len(entries) == books.assignment_count(scope(site, role), books.AssignmentFilter()) > 0
        assert not [row for row in entries if row["对象"] == "P00000300"]
    assert "9201" not in {row["工号"] for row in people}
    narrowed = rows_of(taken(site.client(CLERK), "/staff/export/", query="?number=9101"))
    assert [row["工号"] for row in narrowed] == ["9101"]
    one = rows_of(taken(site.client(CLERK), "/ledger/export/", query="?number=P00000001"))
    assert {row["对象"] for row in one} == {"P00000001"}


@pytest.mark.parametrize("url", ["/customers/", "/staff/", "/ledger/"])
def test_every_page_asks_for_the_reason_before_it_hands_out(site: Cast, url: str) -> None:
    page = site.client(CLERK).get(url).content.decode()
    assert 'data-tg-dialog="export-ask"' in page
    assert f'action="{url}export/"' in page
    assert 'name="reason"' in page
    assert "export/" not in site.client(Role.AUDITOR).get(url).content.decode()


@pytest.mark.req("N-13", "L-07")
def test_home_tells_who_may_decide_what_waits(site: Cast) -> None:
    officer = {"by": site.people[Role.PRIVACY_OFFICER], "at": site.now}
    privacy.receive("C000001", kind="copy", **officer)
    exports_actions.ask(
        kind="customers", title="客户", query={"query": "", "sort": "due", "columns": ["number"]}, rows=3, fields="",
        reason="给省公司核对", clear=True, limits=exports_limits(site), by=site.people[CLERK], at=site.now,
    )  # fmt: skip
    home = {
        role: site.client(role).get("/").content.decode()
        for role in (Role.PRIVACY_OFFICER, LEAD, CLERK, Role.BRANCH_MANAGER)
    }
    assert "个人信息请求 1 件待办" in home[Role.PRIVACY_OFFICER]
    assert "个人信息请求" not in home[LEAD]
    assert "1 份导出等你审批" in home[Role.BRANCH_MANAGER]
    assert "1 份导出等你审批" in home[Role.PRIVACY_OFFICER]
    assert "份导出等你审批" not in home[CLERK], "nobody decides on the own wish"


def exports_limits(site: Cast) -> Any:
    return Limits.of(rules.applicable(site.today))
