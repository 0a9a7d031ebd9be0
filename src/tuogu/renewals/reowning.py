"""The owner of record where a later file, or a person's word that came true, changes what it follows from (S3-16, S3-20).

In: policies whose seller was corrected; pairs of renewal that became known after the new policy. Out: entries of the
ledger, back to the buffer group and on to the right owner. Never: a right that is void handed out again, an inherited right
lost to a correction of the seller, a right given to somebody who has left (`unsettled` names those).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import polars as pl

from tuogu.bulk import in_parts
from tuogu.core.custody import business_date
from tuogu.core.motor.limits import Limits
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import Relation
from tuogu.org import queries as org
from tuogu.renewals import owning
from tuogu.renewals.kinds import Outcome
from tuogu.renewals.models import MotorChange, MotorPolicy
from tuogu.renewals.renewed import ended_subjects

RULE = "S3-16"
_INHERITED, _CORRECTED = "owner_inherited", "seller_corrected"
_AT_ONCE = 5000


def inherit(pairs: pl.DataFrame, limits: Limits, *, by: int, at: datetime) -> int:
    """renewed.PAIRS whose new policy was stored before the pair was known: its owner is now whoever owned the one before.
    Returns how many changed."""
    if not limits.owner_for_life or pairs.is_empty():
        return 0
    owned = _owners([*pairs["subject_id"], *pairs["successor_id"]])
    holders = dict(
        MotorPolicy.objects.filter(pk__in=pairs["successor_id"].to_list()).values_list("pk", "holder_number")
    )
    void = owning.untrue(holders.values()) if limits.owner_void_when_untrue else set[str]()
    done = 0
    for old, new in pairs.select("subject_id", "successor_id").iter_rows():
        owner = owned.get(old)
        if owner is None or org.is_pool(owner) or holders.get(new) in void or owner == owned.get(new):
            continue
        done += _give(new, owner, _INHERITED, by=by, at=at)
    return done


def follow_seller(corrected: pl.DataFrame, limits: Limits, *, by: int, at: datetime) -> int:
    """corrected[subject_id, policy_number, agent_number, agent_number_old]: who owned it as its seller owns it no longer,
    nor what was renewed from it since; the one whom the file names now does. Returns how many changed."""
    ids = dict(org.staff_ids().select("staff_number", "custodian_id").iter_rows())
    heirs = _renewing(corrected["policy_number"]) if limits.owner_for_life else set[str]()
    done = 0
    for subject, number, new, old in corrected.select(
        "subject_id", "policy_number", "agent_number", "agent_number_old"
    ).iter_rows():
        former, seller = ids.get(old or ""), ids.get(new or "")
        if former is None or seller in (None, former) or number in heirs:
            continue
        line = _line(subject) if limits.owner_for_life else [subject]
        owned = _owners(line)
        for one in line:
            if owned.get(one) != former:
                break  # from here on the right came from elsewhere, or is void
            done += _give(one, seller, _CORRECTED, by=by, at=at)
    return done


def unsettled(subject: int) -> int | None:
    """The seller whom the newest file names while somebody else owns the policy by the former seller's right; None = all is
    well. A person has to decide: the one named has left, or nobody was known before."""
    change = (
        MotorChange.objects.filter(policy=subject, field="agent_number", why="import").order_by("-pk").first()
    )
    if change is None or _renewing([change.policy.number]):
        return None
    ids = dict(
        org.staff_ids([change.before, change.after]).select("staff_number", "custodian_id").iter_rows()
    )
    owner, seller = _owners([subject]).get(subject), ids.get(change.after)
    return (
        seller if seller is not None and owner != seller and owner in (None, ids.get(change.before)) else None
    )


def _owners(subjects: Iterable[int]) -> dict[int, int | None]:
    wanted, found = sorted(set(subjects)), dict[int, int | None]()
    for part in in_parts(wanted, _AT_ONCE):
        held = custody.holders_of(part, relation=Relation.OWNERSHIP)
        found |= {subject: holder.custodian_id for subject, holder in held.items()}
    return found


def _renewing(numbers: Iterable[str]) -> set[str]:
    """Those of these policies that renew another."""
    wanted, found = sorted(set(numbers)), set[str]()
    for part in in_parts(wanted, _AT_ONCE):
        rows = ended_subjects().filter(outcome=Outcome.RENEWED, successor_number__in=part)
        found |= set(rows.values_list("successor_number", flat=True))
    return found


def _line(subject: int) -> list[int]:
    """The policy, and one after the other what renewed it."""
    found = [subject]
    while True:
        end = ended_subjects().filter(subject=found[-1], outcome=Outcome.RENEWED).first()
        new = MotorPolicy.objects.filter(number=end.successor_number).first() if end else None
        if new is None or new.pk in found:
            return found
        found.append(new.pk)


def _give(subject: int, owner: int, reason: str, *, by: int, at: datetime) -> bool:
    """Ownership by way of the buffer group, as every move between two people without a second one."""
    if not org.may_receive(owner, business_date(at)):
        return False
    back = ledger.return_to_pool(
        subject, relation=Relation.OWNERSHIP, by=by, recorded_at=at, rule=RULE, reason_code=reason
    )
    if not back.done:
        return False
    return ledger.claim(
        subject, owner, relation=Relation.OWNERSHIP, by=by, recorded_at=at, rule=RULE, reason_code=reason
    ).done
