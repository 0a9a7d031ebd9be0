"""A person says where a colleague lives, to the community: the decision and the stored home are one act.

In: a Scope, somebody in post within it whose home was imported, a community of the code book in force (or why there is
none), who and when. Out: the stored home, an append-only decision (regions). Never: a street number, a home of somebody
out of scope.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from tuogu.books.address_known import BY_HAND, NOT_CODABLE, address_hashes
from tuogu.books.coding_by_hand import REASON_MAX, codebook_with
from tuogu.books.failures import CodingRefused
from tuogu.books.homes import homes
from tuogu.books.models import StaffHome
from tuogu.books.placing import place
from tuogu.core.coding import CodeOverflow
from tuogu.core.custody import business_date
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.regions import actions as region_actions
from tuogu.regions import queries as regions

_CODES = ("community_code", "code_status", "code_reason", "code_confidence")
_NOTHING = "，没有写入任何内容"


@transaction.atomic
def code_home(scope: Scope, staff_number: str, community: str, *, by: int, at: datetime) -> int:
    """That colleague lives in this community; returns the decision."""
    home = _locked(scope, staff_number, business_date(at))
    codebook = codebook_with(community, business_date(at))
    try:
        place([community], codebook)
    except CodeOverflow as full:
        raise CodingRefused(f"{full}{_NOTHING}") from full
    decision = region_actions.record_home(
        home.person_id, home_hash=_hash_of(home.person_id), outcome=regions.Outcome.CODED, community_code=community,
        before=_codes_of(home), by=by, at=at,
    )  # fmt: skip
    _write(
        home,
        {"community_code": community, "code_status": "coded", "code_reason": BY_HAND, "code_confidence": 1.0},
    )
    return decision


@transaction.atomic
def home_not_codable(scope: Scope, staff_number: str, reason: str, *, by: int, at: datetime) -> int:
    """The home of that colleague cannot be coded, and why: it waits no longer until the address changes."""
    reason = reason.strip()
    if not 0 < len(reason) <= REASON_MAX:
        raise CodingRefused(f"请写明为什么无法编码（1 至 {REASON_MAX} 个字）{_NOTHING}")
    home = _locked(scope, staff_number, business_date(at))
    decision = region_actions.record_home(
        home.person_id, home_hash=_hash_of(home.person_id), outcome=regions.Outcome.NOT_CODABLE, reason=reason,
        before=_codes_of(home), by=by, at=at,
    )  # fmt: skip
    _write(
        home,
        {"community_code": None, "code_status": "manual", "code_reason": NOT_CODABLE, "code_confidence": 0.0},
    )
    return decision


@transaction.atomic
def undo_home(scope: Scope, staff_number: str, *, by: int, at: datetime) -> None:
    """Take one's own newest decision back: the home is coded as before it, where its address is still the same."""
    home = _locked(scope, staff_number, business_date(at))
    taken = region_actions.withdraw_home(home.person_id, by=by, at=at)
    if taken.home_hash == _hash_of(home.person_id):
        _write(home, {name: taken.before.get(name) for name in _CODES})


def _locked(scope: Scope, staff_number: str, on: date) -> StaffHome:
    """The stored home of somebody in post within scope, kept for us until the end."""
    found = next((home for home in homes(scope, on) if home.staff_number == staff_number), None)
    stored = StaffHome.objects.select_for_update().filter(person_id=found.person).first() if found else None
    if stored is None:
        raise CodingRefused(f"没有这位在职人员，或还没有导入过住址{_NOTHING}")
    return stored


def _hash_of(person: int) -> bytes:
    return address_hashes([org.staff_home(person)])[0]


def _codes_of(home: StaffHome) -> dict[str, object]:
    return {name: getattr(home, name) for name in _CODES}


def _write(home: StaffHome, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        setattr(home, name, value)
    home.save(update_fields=list(_CODES))
