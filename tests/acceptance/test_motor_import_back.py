"""A motor book through the import desk: tried, stored, counted, and taken back by two people."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import uploads
from intake_sheets import sheet, workbook
from tuogu import clock, synth
from tuogu.books import actions as books
from tuogu.books import queries as imports
from tuogu.books.models import Customer, ImportRun
from tuogu.data.codebook import load
from tuogu.jobs import storing
from tuogu.ledger import queries as custody
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.renewals import actions
from tuogu.renewals.models import Ended, MotorChange, MotorPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cast import Cast

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
SIZE = 120


class Silent:
    """Nobody listens."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[Any]:
        yield lambda _label, _share: None


@pytest.fixture
def branch(cast: Cast, tmp_path: Path) -> tuple[Cast, synth.City, bytes]:
    """The small branch is stored; the bytes are its motor book alone."""
    uploads.for_the_whole_house(cast)
    client = cast.client(Role.RESOURCE_CLERK)
    key = uploads.send(client, ("branch.xlsx", uploads.workbook()))
    uploads.preview(key)
    uploads.imported(client, key)
    city = synth.make_city("330200", 400, 3, load(["330200"]), data_date=uploads.DATA_DATE)
    return cast, city, synth.write_motor(city, SIZE, tmp_path, dirty=True, parquet=False).read_bytes()


def store(row: dict[str, str | None], day: date, by: int, at: datetime) -> storing.Imported:
    return storing.import_file(
        workbook(sheet("motor", row, template={"channel": "直销"})), name="续保.xlsx", coverage="partial", data_date=day,
        classified_on=day, city=None, by=by, clock=lambda: at, progress=Silent(),
    )  # fmt: skip


def holder(number: str) -> int | None:
    subject = int(MotorPolicy.objects.get(number=number).pk)
    return custody.holders_of([subject])[subject].custodian_id


@pytest.mark.req("P-13", "S3-20", "N-01")
def test_a_motor_book_is_forecast_counted_and_taken_back(branch: tuple[Cast, synth.City, bytes]) -> None:
    cast, _city, motor = branch
    clerk, client = cast.people[Role.RESOURCE_CLERK], cast.client(Role.RESOURCE_CLERK)
    key = uploads.send(client, ("motor.xlsx", motor), coverage="partial")
    tried = uploads.preview(key)
    assert tried.state == "done", tried
    run = uploads.imported(client, key)
    counts = ImportRun.objects.get(pk=run).counts
    assert counts["motor_new"] == SIZE
    assert tried.result["counts"] == counts  # also without a city given: the database has one
    assert counts["motor_buffer"] > 0
    assert counts["motor_renewed"] == Ended.objects.count() > 0

    first = (
        MotorPolicy.objects.exclude(pk__in=Ended.objects.values("subject")).order_by("-expiry_date").first()
    )
    assert first is not None
    before, at = holder(first.number), clock.now()
    day = uploads.DATA_DATE + timedelta(days=1)
    row: dict[str, str | None] = {
        "policy_number": "NEW1", "plate_number": None, "frame_number": "LSVAA4182E2100009", "premium_fen": "3000",
        "holder_number": first.holder_number, "start_date": f"{first.expiry_date + timedelta(days=1)}",
        "expiry_date": f"{first.expiry_date + timedelta(days=365)}", "agent_number": None,
        "institution_code": first.institution_code, "previous_number": first.number,
    }  # fmt: skip
    done = store(row, day, clerk, at)
    assert (done.motor["motor_new"], done.motor["motor_renewed"], done.motor["motor_buffer"]) == (1, 1, 1)
    assert holder(first.number) is None
    assert store(row, day, clerk, at).result.already

    seen = imports.preview_revert(done.result.import_run)
    assert (seen.policies, seen.rows, seen.beside) == (0, 1, {"motor": 1})
    page = client.get(f"/imports/runs/{done.result.import_run}/revert/").content.decode()
    assert "可移出的车险保单" in page
    assert (
        client.post(f"/imports/runs/{done.result.import_run}/revert/ask/", {"reason": "送错"}).status_code
        == 302
    )
    lead = cast.client(Role.BRANCH_MANAGER)
    assert lead.post(f"/imports/runs/{done.result.import_run}/revert/confirm/").status_code == 302
    assert not MotorPolicy.objects.filter(number="NEW1").exists()
    assert holder(first.number) == before
    last = Ended.objects.filter(subject=first.pk).order_by("-seq").first()
    assert last is not None
    assert last.withdrawn

    again = store(row, day, clerk, clock.now())  # the corrected file of the same day
    assert not again.result.already
    assert again.motor == done.motor
    assert (holder(first.number), holder("NEW1")) == (None, org.buffer_group())

    customers = Customer.objects.count()
    actions.run_list(cast.today, by=org.machine(), at=clock.now())
    whole = imports.preview_revert(run)
    words = dict(
        whole.conflicts.iter_rows()
    )  # what the list has taken up, and what a later file renewed, stays
    assert first.number in words
    assert "已列入续保清单" in words.values()
    assert whole.beside["motor"] == SIZE - len(words)
    back = books.revert_import(
        run, reason="试", by=clerk, approved_by=cast.people[Role.TEAM_LEAD], at=clock.now()
    )
    assert back.counts["motor"] == whole.beside["motor"]
    assert MotorPolicy.objects.count() == len(words) + 1
    assert Customer.objects.count() == customers
    gone = MotorChange.objects.exclude(policy__in=MotorPolicy.objects.values("pk"))
    assert not gone.exists()
