"""Who becomes responsible for a listed policy: named by its branch, claimed across the city, or dealt (S3-04, S3-06).

In: policies, a person, the moment. Out: `Naming` beside the entry of the ledger. Never: two winners of one case, a person
of another branch named by a branch, a case without a responsible person after the open round while anybody may receive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from tuogu.core.custody import business_date
from tuogu.ledger import queries as custody
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.pools.queries import PoolRules
from tuogu.renewals import listing, registers, second_round
from tuogu.renewals.failures import RenewalRefused, RenewalUnknown, refused
from tuogu.renewals.kinds import Round
from tuogu.renewals.models import ListedCase, MotorPolicy, Naming
from tuogu.renewals.renewed import ended_subjects
from tuogu.renewals.responsible import locked, make_responsible, taken
from tuogu.renewals.standing import visible
from tuogu.rules import queries as rules

RULE_BRANCH, RULE_CITY = "S3-04", "S3-06"


@dataclass(frozen=True)
class Claimed:
    """What became of one policy number. `why`: '' when it was claimed."""

    number: str
    done: bool
    why: str


@transaction.atomic
def confirm(subject: int, person: int, *, scope: Scope, note: str = "", by: int, at: datetime) -> None:
    """A branch says who is responsible for a listed policy of its own: who has it already, or somebody else of the branch.
    Said again, it changes the person: an amendment once the register is locked. `note`: how an unknown source was found.

    RenewalUnknown outside the scope; RenewalRefused: not listed, ended, a person of another branch or not in post, a
    change without a note.
    """
    case = _case(subject, scope)
    today, said = business_date(at), " ".join(note.split())
    if person not in people_of(case.institution_code, at):
        raise refused(_("责任人须是本机构在岗的人员"))
    named = Naming.objects.filter(subject=subject).order_by("-pk").first()
    if named is not None and named.person_id == person:
        return
    if named is not None and not said:
        raise refused(_("已有责任人；变更请写明原因"))
    _require_first_round(subject)
    entry = make_responsible(subject, person, by=by, at=at, rule=RULE_BRANCH, reason="confirmed")
    in_time = today <= case.claim_due_date
    Naming.objects.create(
        subject_id=subject, round=Round.BRANCH if in_time else Round.CITY, institution_code=case.institution_code,
        person_id=person, entry_id=entry, note=said, by_id=by, at=at,
    )  # fmt: skip
    registers.amend(subject, person, reason=said or "备案后确认", by=by, at=at)


def claim(numbers: Sequence[str], *, by: int, at: datetime) -> list[Claimed]:
    """In the open round anybody of the city claims for himself; each number stands or is refused by itself.

    RenewalRefused for no number, or too many at once.
    """
    rules_of_pools = PoolRules.of(rules.applicable(business_date(at)))
    asked = list(dict.fromkeys(numbers))
    if not asked:
        raise refused(_("没有选中任何一件"))
    if len(asked) > rules_of_pools.at_once_max:
        raise refused(
            _("一次最多认领 %(max)s 件，选了 %(asked)s 件")
            % {"max": rules_of_pools.at_once_max, "asked": len(asked)}
        )
    return [_claimed(number, rules_of_pools, by, at) for number in asked]


def _claimed(number: str, rule: PoolRules, by: int, at: datetime) -> Claimed:
    try:
        with transaction.atomic():
            _claim_one(number, rule, by, at)
    except RenewalRefused as why:
        return Claimed(number, done=False, why=str(why))
    return Claimed(number, done=True, why="")


def _claim_one(number: str, rule: PoolRules, by: int, at: datetime) -> None:
    today = business_date(at)
    row = MotorPolicy.objects.filter(number=number).values_list("subject_id", flat=True).first()
    case = None if row is None else locked(row)
    if case is None:
        raise refused(_("没有这一件，或尚未进入清单"))
    holder = custody.holders_of([case.pk]).get(case.pk)
    if ended_subjects().filter(subject=case.pk).exists() or holder is None or holder.custodian_id is None:
        raise refused(_("这件已结束，不能再认领"))
    if not org.is_pool(holder.custodian_id):
        raise refused(taken(holder.custodian_id))
    _require_first_round(case.pk)
    if today < listing.days_of(case.monthly_list).city_from:
        raise refused(
            _("还在基层认领期内，%(day)s 起可公开认领")
            % {"day": listing.days_of(case.monthly_list).city_from}
        )
    _within_caps(by, rule, at)
    entry = make_responsible(
        case.pk, by, by=by, at=at, rule=RULE_CITY, reason="claimed_in_city", only_from_pool=True
    )
    Naming.objects.create(
        subject_id=case.pk, round=Round.CITY, institution_code=case.institution_code, person_id=by, entry_id=entry,
        note="全辖公开认领", by_id=by, at=at,
    )  # fmt: skip
    registers.amend(case.pk, by, reason="全辖公开认领", by=by, at=at)


def _within_caps(person: int, rule: PoolRules, at: datetime) -> None:
    """A person in post and present, of a series that claims, below the claims of a day."""
    today = business_date(at)
    rows = org.people(Scope(custodian_ids=frozenset({person})), today).rows(named=True)
    own = next((row for row in rows if row["custodian_id"] == person), None)
    if own is None:
        raise refused(_("您已不在职，不能认领"))
    if person in org.absent(today):
        raise refused(_("您今天缺勤，不能认领"))
    if not rule.may_series(own["series"]):
        raise refused(_("您的系列不能认领"))
    cap = int(rules.applicable(today)["renewal.claim_per_day"])
    claimed = Naming.objects.filter(person=person, by=person, round__in=(Round.CITY, Round.SECOND_CITY))
    if (
        sum(
            business_date(moment) == today
            for moment in claimed.order_by("-pk").values_list("at", flat=True)[:cap]
        )
        >= cap
    ):
        raise refused(_("今天已认领 %(cap)s 件，到了每日上限") % {"cap": cap})


def _require_first_round(subject: int) -> None:
    """What a leader has given up goes to a new person by the second round's own claim, not past it (S3-13)."""
    if second_round.is_open(subject):
        raise refused(_("这件正在二次分配，请在二次认领中办理"))


def people_of(institution: str, at: datetime) -> frozenset[int]:
    """Who may be responsible for policies of a branch: in post, present, at or below it."""
    today, within = business_date(at), sorted(org.institutions_below(institution))
    rows = org.people(Scope.everything(), today)
    inside = rows.filter(rows["team_code"].is_in(within) | rows["institution_code"].is_in(within))
    return frozenset(inside["custodian_id"].to_list()) - org.absent(today)


def _case(subject: int, scope: Scope) -> ListedCase:
    if not MotorPolicy.objects.filter(visible(scope), subject=subject).exists():
        raise RenewalUnknown(subject)
    case = locked(subject)
    if case is None:
        raise refused(_("这件尚未进入月度清单"))
    if ended_subjects().filter(subject=subject).exists():
        raise refused(_("这件已结束，不能再认领"))
    return case
