"""A month at the branch through the pages, by four people: import → addresses → plan → compare → by hand → approve →
release → phone → leaver → notice → claim → undo → audit pack.
"""

from __future__ import annotations

import json
from pathlib import Path

import desk_steps as desk
import monthly_file
import pytest

from conftest import Enter
from tools.serving import Site
from tuogu.audit import verify_pack

pytestmark = pytest.mark.timeout(900)


CLAIMS = """[rulebook]
base = "standard"
version = "2026.1-claims"
effective_date = 2026-01-02

[pools]
claimable = ["buffer"]
"""  # a house where people take pieces out of the buffer group


@pytest.mark.req("P-02", "P-03", "P-09", "L-01", "N-04", "P-13", "S0-23", "S0-25", "N-06", "N-15")
def test_a_month_from_the_workbook_to_the_audit_pack(site: Site, enter: Enter, tmp_path: Path):
    month = monthly_file.write(site.folder / "city/truth", tmp_path / "十一月.xlsx")
    manager = site.people["account_manager"]
    clerk, head, auditor = enter("resource_clerk"), enter("branch_manager"), enter("auditor")
    phone = enter("account_manager", phone=True)
    before = desk.policies_on_phone(phone)
    rules = tmp_path / "rules.toml"
    rules.write_text(CLAIMS, encoding="utf-8")
    site.tuogu("rules", "adopt", rules, "--token", site.people["branch_manager"].token)

    desk.upload_with_mapping(clerk, month)
    waiting, left = desk.code_addresses(clerk, 3)
    assert left == waiting - 2, "three decided, one taken back"
    draft, placed = desk.make_plan(clerk)
    assert desk.compare(clerk, draft), "today beside the plan"
    plan, _taker = desk.adjust_by_hand(clerk, draft, 3)
    assert plan != draft
    assert desk.policies_on_phone(phone) == before, "a plan moves nothing"
    desk.approve(head, plan)
    assert desk.policies_on_phone(phone) == before, "nor does its approval"
    posted = desk.release(clerk, plan)
    assert 0 < posted <= placed
    mine = desk.entries_of(clerk, manager)
    assert desk.policies_on_phone(phone) == before + mine
    assert mine > 0

    moved = desk.record_leaving(clerk, stay={person.staff_number for person in site.people.values()})
    waiting, prepared = desk.notify(clerk)
    assert 0 < prepared <= waiting <= moved
    assert desk.claim(phone) == 1
    assert desk.policies_on_phone(phone) == before + mine + 1
    conflicts = desk.ask_undo(clerk, plan, posted)
    assert 0 < conflicts <= moved
    desk.confirm_undo(head, plan, posted - conflicts, conflicts)
    assert desk.policies_on_phone(phone) == before + 1, "what was claimed stays"
    assert json.loads(site.tuogu("ledger", "verify", "--json"))["problems"] == []

    pack = tmp_path / "pack.zip"
    pack.write_bytes(desk.audit_pack(auditor))
    assert verify_pack.faults(pack, verify_pack.sha(pack.read_bytes())) == []
