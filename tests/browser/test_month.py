"""A month at the branch through the pages, by four people: import → addresses → plan → approve → release → phone → leaver →
undo → audit pack.
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

pytestmark = pytest.mark.timeout(300)


@pytest.mark.req("P-02", "P-03", "P-13", "S0-23", "S0-25", "N-06", "N-15")
def test_a_month_from_the_workbook_to_the_audit_pack(site: Site, enter: Enter, tmp_path: Path):
    month = monthly_file.write(site.folder / "city/truth", tmp_path / "十一月.xlsx")
    manager = site.people["account_manager"]
    clerk, head, auditor = enter("resource_clerk"), enter("branch_manager"), enter("auditor")
    phone = enter("account_manager", phone=True)
    before = desk.policies_on_phone(phone)

    desk.upload_with_mapping(clerk, month)
    waiting, left = desk.code_addresses(clerk, 3)
    assert left == waiting - 2, "three decided, one taken back"
    plan, placed = desk.make_plan(clerk)
    assert desk.policies_on_phone(phone) == before, "a plan moves nothing"
    desk.approve(head, plan)
    assert desk.policies_on_phone(phone) == before, "nor does its approval"
    posted = desk.release(clerk, plan)
    assert 0 < posted <= placed
    mine = desk.entries_of(clerk, manager)
    assert desk.policies_on_phone(phone) == before + mine
    assert mine > 0

    moved = desk.record_leaving(clerk, stay={person.staff_number for person in site.people.values()})
    conflicts = desk.ask_undo(clerk, plan, posted)
    assert 0 < conflicts <= moved
    desk.confirm_undo(head, plan, posted - conflicts, conflicts)
    assert desk.policies_on_phone(phone) == before
    assert json.loads(site.tuogu("ledger", "verify", "--json"))["problems"] == []

    pack = tmp_path / "pack.zip"
    pack.write_bytes(desk.audit_pack(auditor))
    assert verify_pack.faults(pack, verify_pack.sha(pack.read_bytes())) == []
