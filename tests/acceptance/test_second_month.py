"""The second month: a partial file with changes, imported on top of the first; and what it does to custody."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from tuogu.core.intake_titles import SHEET_TITLES
from tuogu.core.tables import Books
from tuogu.files import write_books

pytestmark = pytest.mark.database
LATER = "2026-11-15"
PROBE = """
import sys, json, django; django.setup()
from tuogu.cli.database import held_by
wanted = set(json.loads(sys.argv[1]))
print(json.dumps({n: c for n, c in held_by().iter_rows() if n in wanted}))
"""


def holders(branch, numbers: list[str]) -> dict[str, str]:
    """policy number → staff number or 'buffer' of those that somebody holds."""
    environment = branch.command.environment | {"DJANGO_SETTINGS_MODULE": "tuogu.settings"}
    words = [sys.executable, "-c", PROBE, json.dumps(numbers)]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def signed(branch) -> tuple[str, str]:
    """The words that sign an import."""
    return "--token", branch.command.token(branch.staff("service"))


@pytest.fixture(scope="module")
def second_month(own_branch, tmp_path_factory):
    """An agent leaves, one policy ends, one is new; nothing else is in the file."""
    policies, people = own_branch.truth("policies"), own_branch.truth("people")
    live = policies.filter(kind="main", state="in_force").join(
        people.filter(pl.col("left_date").is_null(), pl.col("series") == "marketing").select("staff_number"),
        left_on="agent_number", right_on="staff_number", how="semi",
    ).filter(pl.col("source").is_null()).sort("policy_number")  # fmt: skip
    leaver = live["agent_number"][0]
    ended = live.filter(pl.col("agent_number") != leaver)[0]
    fresh = ended.with_columns(policy_number=pl.lit("NEW0000001"), agent_number=pl.lit(None, pl.String))
    file = Books(
        policies=pl.concat([ended.with_columns(state=pl.lit("surrendered")), fresh]),
        customers=own_branch.truth("customers").filter(customer_number=ended["holder_number"][0]),
        people=people.filter(staff_number=leaver).with_columns(left_date=pl.lit(date(2026, 11, 10))),
        institutions=own_branch.truth("institutions"),
        data_date=date.fromisoformat(LATER),
    )
    insured = set(file.policies["insured_number"]) - set(file.customers["customer_number"])
    more = own_branch.truth("customers").filter(pl.col("customer_number").is_in(sorted(insured)))
    file = replace(file, customers=pl.concat([file.customers, more]))
    folder = tmp_path_factory.mktemp("second") / "november"
    write_books(file, folder)
    of_leaver = live.filter(agent_number=leaver)["policy_number"].to_list()
    before = holders(own_branch, [*of_leaver, ended["policy_number"][0]])
    found = own_branch.command.json(
        "import", folder, "--data-date", LATER, "--coverage", "partial", *signed(own_branch)
    )
    return own_branch, leaver, of_leaver, ended["policy_number"][0], before, found


def test_the_file_was_accepted_whole(second_month):
    found = second_month[-1]
    assert sum(c["rejected"] for c in found["counts"]) == 0
    assert found["import"]["policies"] == 2


@pytest.mark.req("S0-25")
def test_a_leave_date_in_the_file_moves_the_whole_book_to_the_buffer_group(second_month):
    branch, leaver, numbers, _, before, found = second_month
    assert {before[n] for n in numbers} == {leaver}
    assert found["import"]["moved_by_leaving"] >= len(numbers)
    assert set(holders(branch, numbers).values()) == {"buffer"}


def test_an_ended_policy_is_closed_and_a_new_orphan_opens_with_the_buffer_group(second_month):
    branch, _, _, ended, before, found = second_month
    assert before[ended] != "buffer"
    assert holders(branch, [ended, "NEW0000001"]) == {"NEW0000001": "buffer"}
    assert found["import"]["closed"] == 1


def test_an_older_file_does_not_overwrite_a_newer_row(second_month, tmp_path):
    branch, _, _, ended, _, _ = second_month
    old = branch.truth("policies").filter(policy_number=ended)
    numbers = sorted({old["holder_number"][0], old["insured_number"][0]})
    customers = branch.truth("customers").filter(pl.col("customer_number").is_in(numbers))
    file = Books(
        policies=old, customers=customers, people=branch.truth("people").head(0),
        institutions=branch.truth("institutions").head(0), data_date=date(2026, 10, 1),
    )  # fmt: skip
    write_books(file, tmp_path / "old")
    found = branch.command.json(
        "import", tmp_path / "old", "--data-date", "2026-10-01", "--coverage", "partial", *signed(branch)
    )
    assert found["import"]["stale"] >= 1
    assert holders(branch, [ended]) == {}
    assert set(SHEET_TITLES) >= {"policies", "customers"}


def test_the_ledger_is_whole_afterwards(second_month):
    assert second_month[0].command.json("ledger", "verify", codes=(0,))["problems"] == []
