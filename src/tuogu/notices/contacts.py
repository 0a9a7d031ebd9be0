"""WeCom contacts of customers: imported from a sheet, changed by hand-overs. Apart from custody and ownership (N-08).

In: a sheet of customer, staff number, WeCom's id, day. Out: links; each change a row that stays. Never: a contact that
moves custody, a link changed while a hand-over of it is open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.db import transaction

from tuogu import vault
from tuogu.core.custody import business_date
from tuogu.notices.models import OPEN_TRANSFERS, ContactChange, ContactLink, ContactTransfer
from tuogu.notices.sheet_reading import day_in, read_rows
from tuogu.org import queries as org

_COLUMNS = {
    "customer": ("客户号",),
    "staff": ("企微员工工号", "员工工号", "工号"),
    "external": ("外部联系人ID", "外部联系人id", "external_userid"),
    "since": ("添加日期", "添加时间"),
}
_HASH = "wecom_external"


@dataclass(frozen=True)
class Linked:
    """What a sheet did. `left`: Excel rows that were not taken, with why."""

    added: int
    changed: int
    same: int
    left: tuple[tuple[int, str], ...]


def import_links(path: Path, *, by: int, at: datetime) -> Linked:
    """Store the contacts of a sheet; once again changes nothing."""
    rows = read_rows(path, _COLUMNS, demanded=("customer", "staff", "external"))
    days = {number: day_in(row.get("since"), number) for number, row in rows}
    return _store(rows, days, by=by, at=at)


@transaction.atomic
def _store(
    rows: list[tuple[int, dict[str, str]]], days: dict[int, date | None], *, by: int, at: datetime
) -> Linked:
    people = dict(
        org.staff_ids([row["staff"] for _, row in rows]).select("staff_number", "custodian_id").iter_rows()
    )
    hashes = vault.keyed_hashes([row["external"] for _, row in rows], _HASH)
    known = {link.customer_number: link for link in ContactLink.objects.select_for_update()}
    stored = dict(zip(known, vault.newest_hashes(link.external_hash for link in known.values()), strict=True))
    taken = {digest: customer for customer, digest in stored.items()}
    busy = set(
        ContactTransfer.objects.filter(state__in=OPEN_TRANSFERS).values_list("customer_number", flat=True)
    )
    left: list[tuple[int, str]] = []
    new: dict[str, ContactLink] = {}
    changed: dict[str, ContactLink] = {}
    changes, same = [], 0
    for (number, row), digest in zip(rows, hashes, strict=True):
        customer, person = row["customer"], people.get(row["staff"])
        before = new.get(customer) or known.get(customer)
        if person is None:
            left.append((number, f"没有工号 {row['staff']}"))
        elif taken.get(digest, customer) != customer:
            left.append((number, "这个外部联系人已属于另一位客户"))
        elif customer in busy:
            left.append((number, "该客户正在转接，先等结果"))
        elif before is not None and before.person_id == person and stored.get(customer) == digest:
            same += 1
        else:
            link = before or ContactLink(customer_number=customer)
            changes.append(
                ContactChange(
                    customer_number=customer,
                    before_id=link.person_id,
                    after_id=person,
                    why="import",
                    by_id=by,
                    at=at,
                )
            )
            link.person_id, link.external_hash, link.state = person, digest, "active"
            link.external_sealed = vault.seal_text(row["external"])
            link.since_date, link.recorded_at = days[number] or business_date(at), at
            taken[digest], stored[customer] = customer, digest
            (changed if link.pk else new)[customer] = link
    ContactLink.objects.bulk_create(new.values())
    ContactLink.objects.bulk_update(
        list(changed.values()),
        ["person", "external_hash", "external_sealed", "state", "since_date", "recorded_at"],
    )
    ContactChange.objects.bulk_create(changes)
    return Linked(len(new), len(changed), same, tuple(left))
