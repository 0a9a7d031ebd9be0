"""On the command line, what lies outside the signer's scope reads as if it were not there, and exits with 2 (P-12)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

import databases
from cast import Cast, make_cast, staff_number
from listed_world import MANAGER, STRANGER, import_rows, policy_rows
from tuogu import clock
from tuogu.books import actions as books
from tuogu.books.models import Customer, ImportRun, Policy
from tuogu.core.intake_titles import SHEET_TITLES, TITLES
from tuogu.notices import actions as notices
from tuogu.notices.models import NoticeCase, Proof
from tuogu.org import actions as staff
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.plans.models import EligibilityFact, StoredPlan

pytestmark = pytest.mark.database
FACTS = tuple(TITLES["facts"][name] for name in ("subject", "fact_key", "month", "figure", "source_ref"))


@dataclass(frozen=True)
class Two:
    """Branch B and branch X, each with a leaver, cases and an import of its own; a clerk and a manager of B sign."""

    url: str
    cast: Cast
    own: str  # code of B's case
    foreign: str
    token: str
    second: str
    folder: Path

    def run(self, *words: object, token: str = "") -> Any:
        from tuogu.cli import app

        signed = ("--db", self.url, "--token", token or self.token)
        return CliRunner().invoke(app, [*map(str, words), *signed])


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Two]:
    folder = tmp_path_factory.mktemp("two")
    with (
        databases.copied(folder) as database,
        django_db_blocker.unblock(),
        databases.connected(database),
        pytest.MonkeyPatch.context() as patched,
    ):
        from tuogu.vault import create_key_file

        create_key_file(folder / "keys")
        patched.setenv("TUOGU_DATABASE_URL", database.url)
        cast, machine = make_cast(), org.machine()
        import_rows(cast, policy_rows(2, agent=MANAGER))
        import_rows(cast, policy_rows(2, agent=STRANGER, institution="X", first=10), leaver="9998")
        for person in (cast.people[Role.ACCOUNT_MANAGER], cast.stranger):
            books.leave(person, leave_date=cast.today, recorded_at=cast.now, by=machine)
        notices.open_cases(by=machine, at=cast.now)
        codes = [f"LZ{NoticeCase.objects.get(policy_number=n).pk:06d}" for n in ("P00000000", "P00000010")]
        clerk, manager = (
            staff.issue_token(cast.people[role], by=machine, at=clock.now())
            for role in (Role.RESOURCE_CLERK, Role.BRANCH_MANAGER)
        )
        yield Two(database.url, cast, codes[0], codes[1], clerk, manager, folder)


@pytest.mark.req("P-12")
def test_notices_show_and_take_what_is_within_scope_only(two: Two):
    listed = json.loads(two.run("notices", "list", "--view", "all", "--json").stdout)
    assert {row["policy_number"] for row in listed} == {"P00000000", "P00000001"}
    red = json.loads(two.run("notices", "red", "--json").stdout)
    assert {line["institution_code"] for line in red} <= {"B"}
    counted = json.loads(two.run("notices", "reconcile", "--json").stdout)
    assert sum(line["policies"] for line in counted) == 2
    for words in (
        ("notices", "proof", two.foreign, "--script", "LZ-1"),
        ("notices", "proof", "LZ999999", "--script", "LZ-1"),
        ("notices", "send", "--case", two.foreign, "--channel", "letter"),
        ("notices", "list", "--leaver", STRANGER),
    ):
        done = two.run(*words)
        assert done.exit_code == 2, (words, done.output)
        assert "没有这些案件" in done.output or f"没有工号 {STRANGER}" in done.output
    assert not Proof.objects.exists()
    assert two.run("notices", "proof", two.own, "--script", "LZ-1").exit_code == 0
    moved = two.run("notices", "wecom", "--giver", STRANGER, "--receiver", staff_number(Role.TEAM_LEAD))
    assert moved.exit_code == 2


@pytest.mark.req("P-12", "L-10")
@pytest.mark.parametrize("words", [("list",), ("red",), ("reconcile",)])
def test_reading_notices_asks_for_a_right_too(two: Two, words: tuple[str, ...]):
    from tuogu.cli import app

    unsigned = CliRunner().invoke(app, ["notices", *words, "--db", two.url])
    assert unsigned.exit_code == 2
    machine = org.machine()
    administrator = staff.issue_token(two.cast.people[Role.ADMINISTRATOR], by=machine, at=clock.now())
    assert "没有这项权限" in two.run("notices", *words, token=administrator).output


@pytest.mark.req("P-12", "P-13")
def test_an_import_of_another_branch_is_no_import_of_the_signer(two: Two):
    own, foreign = ImportRun.objects.order_by("pk").values_list("pk", flat=True)
    assert [row["import"] for row in json.loads(two.run("imports", "--json").stdout)] == [own]
    for run in (foreign, 999_999):
        for more in (("--dry-run",), ("--second", two.second)):
            done = two.run("revert-import", run, "--reason", "填错", *more)
            assert (done.exit_code, f"没有导入 {run}" in done.output) == (2, True), done.output
    assert ImportRun.objects.get(pk=foreign).reverted_at is None
    assert two.run("revert-import", own, "--reason", "填错", "--dry-run").exit_code == 0


@pytest.mark.req("P-12")
def test_rows_of_another_branch_in_a_file_come_back_and_are_not_stored(two: Two):
    before = dict(Policy.objects.values_list("number", "import_run_id"))
    for institution, policy in (("X", "P00000010"), ("X", "P90000000"), ("B", "P00000010")):
        done = two.run("import", _workbook(two.folder, institution, policy), "--city", "330200", "--json")
        assert done.exit_code == 1, done.output
        assert ImportRun.objects.latest("pk").counts["rejected"] == 2, (
            "the row and the customer whom only it names"
        )
        assert dict(Policy.objects.values_list("number", "import_run_id")) == before
        assert not Customer.objects.filter(number="C900000").exists()


@pytest.mark.req("P-12")
def test_facts_about_somebody_out_of_scope_are_facts_about_nobody(two: Two):
    sheet = openpyxl.Workbook()
    page = sheet.active
    page.title = "考核指标"
    page.append(FACTS)
    for number in (STRANGER, "9101", "0000"):
        page.append((number, "参会率", "2026-09", "90%", "考勤1号"))
    path = two.folder / "facts.xlsx"
    sheet.save(path)
    done = two.run("facts", path, "--json")
    told = json.loads(done.stdout)
    reasons = {row["row"]: row["reason"] for row in told["rejects"]}
    assert reasons[2] == reasons[4], "the stranger reads like nobody"
    assert set(EligibilityFact.objects.values_list("custodian_id", flat=True)) <= {two.cast.other}
    listed = two.run("facts", "--list", "--json")
    assert listed.exit_code == 0, listed.output


@pytest.mark.req("P-12")
def test_a_plan_is_made_of_what_lies_in_the_signer_s_scope(two: Two):
    done = two.run("plan", "--as-of", two.cast.today, "--city", "330200", "--json")
    assert done.exit_code in {0, 1}, done.output
    assert StoredPlan.objects.get().institution_codes == ["B"]


def _workbook(folder: Path, institution: str, policy: str) -> Path:
    """One policy of one customer."""
    given = {
        "policies": {
            "policy_number": policy, "kind": "主险", "premium_mode": "年交", "payments_per_year": "1",
            "premium_fen": "1000", "inception_date": "2020-01-01", "state": "有效", "holder_number": "C900000",
            "institution_code": institution,
        },
        "customers": {"customer_number": "C900000", "name": "张三"},
    }  # fmt: skip
    sheet = openpyxl.Workbook()
    sheet.remove(sheet.active)
    for kind, row in given.items():
        page = sheet.create_sheet(SHEET_TITLES[kind])
        page.append(list(TITLES[kind].values()))
        page.append([row.get(name) for name in TITLES[kind]])
    path = folder / f"{institution}-{policy}.xlsx"
    sheet.save(path)
    return path
